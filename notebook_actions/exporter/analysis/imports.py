"""Where names come from: the package that was imported, or that made their values."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from notebook_actions.exporter.analysis.classes import Classes
from notebook_actions.exporter.analysis.expressions import root_name
from notebook_actions.exporter.analysis.scopes import FunctionNode

__all__ = ["Imported", "Imports"]


@dataclass(frozen=True, slots=True)
class Imported:
    """Where an imported name comes from: ``from module import attribute``."""

    module: str
    attribute: str | None

    @property
    def root(self) -> str:
        """The top-level package."""
        return self.module.partition(".")[0]


class Imports(Classes):
    """The functions and imports of a notebook by name, and the packages of its values."""

    def __init__(self) -> None:
        super().__init__()
        self.functions: defaultdict[str, list[FunctionNode]] = defaultdict(list)
        self.imports: defaultdict[str, list[Imported]] = defaultdict(list)
        self._origins: dict[str, str | None] = {}

    def module_of(self, node: ast.expr) -> str | None:
        """Return the module that ``np`` or ``np.random`` stands for, or None."""
        match node:
            case ast.Name(id=name):
                for imported in self.imports.get(name, ()):
                    if imported.attribute is None:
                        return imported.root
            case ast.Attribute(value=value):
                return self.module_of(value)
        return None

    def dotted(self, node: ast.expr) -> str | None:
        """Return the full name of something imported, such as ``os.environ``, or None."""
        match node:
            case ast.Name(id=name):
                for imported in self.imports.get(name, ()):
                    if imported.attribute is not None:
                        return f"{imported.module}.{imported.attribute}"
                    return imported.root if name == imported.root else imported.module
                for value in self.values.get(name, ()):  # rnd = np.random
                    if _is_path(value) and root_name(value) in self.imports:
                        return self.dotted(value)
            case ast.Attribute(value=value, attr=attribute):
                before = self.dotted(value)
                return None if before is None else f"{before}.{attribute}"
            case ast.Subscript(value=value) | ast.Call(func=value):
                return self.dotted(value)
        return None

    def origin(self, node: ast.expr) -> str | None:
        """Return the package that an expression's value comes from, or None."""
        match node:
            case ast.Name(id=name):
                if name not in self._origins:
                    self._origins[name] = None  # for names that are made from each other
                    self._origins[name] = self._origin_of_name(name)
                return self._origins[name]
            case ast.Call(func=part) | ast.Attribute(value=part) | ast.Subscript(value=part):
                return self.origin(part)
            case ast.Await(value=part) | ast.BinOp(left=part):
                return self.origin(part)
        return None

    def _origin_of_name(self, name: str) -> str | None:
        if name in self.imports:
            return self.imports[name][-1].root
        if name in self.functions or name in self.classes:
            return None
        return next(filter(None, map(self.origin, self.values.get(name, ()))), None)

    def from_module(self, root: str) -> set[str]:
        """Return the names that are imported from a package."""
        return {
            name
            for name, imports in self.imports.items()
            if any(imported.root == root for imported in imports)
        }

    def packages_of(self, module: str) -> set[str]:
        """Return the names that stand for the packages in which a module is."""
        named = ((name, self.dotted(ast.Name(name))) for name in self.imports)
        return {name for name, found in named if found and module.startswith(f"{found}.")}

    def made_modules(self) -> Iterator[frozenset[str]]:
        """Yield the names of each module made by hand: ``m = types.ModuleType("m")``, imports."""
        for name, values in self.values.items():
            for part in (part for value in values for part in ast.walk(value)):
                match part:
                    case ast.Call(args=[ast.Constant(value=str(module)), *_]) if (
                        self.dotted(part.func) == "types.ModuleType"
                    ):
                        yield frozenset({name, *self.from_module(module.partition(".")[0])})


def _is_path(node: ast.expr) -> bool:
    """Tell whether an expression is ``a.b.c``."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name)
