"""What the top-level names of a notebook stand for, as far as their statements tell."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from notebook_actions.exporter.analysis.caches import (
    gives_an_object,
    gives_its_own,
    is_cached,
    unsteady,
)
from notebook_actions.exporter.analysis.expressions import (
    assignments,
    called,
    fields,
    is_partial,
    parts,
    root_name,
)
from notebook_actions.exporter.analysis.imports import Imported, Imports
from notebook_actions.exporter.analysis.inner_imports import inner_imports
from notebook_actions.exporter.analysis.scopes import (
    FunctionNode,
    imported_name,
    local_names,
    own_nodes,
)
from notebook_actions.exporter.analysis.statements import Statement
from notebook_actions.exporter.analysis.vocabulary import (
    FRESH_BUILTINS,
    MOVES,
    PLOTS,
    is_fresh_call,
    is_fresh_method,
    is_plain_call,
)

__all__ = ["Symbols"]


class Symbols(Imports):
    """The functions, classes, imports and values of a notebook by name.

    A name may stand for several things, one after the other; all are kept.
    """

    def __init__(self, statements: Sequence[Statement]) -> None:
        super().__init__()
        # The class of each method; the methods that are properties, by name; special methods.
        self.owners: dict[int, ast.ClassDef] = {}
        self.properties: defaultdict[str, list[FunctionNode]] = defaultdict(list)
        self.special: set[str] = set()
        for statement in statements:
            self._add(statement.node)
        # All nodes, walked once.
        self.nodes = [part for statement in statements for part in ast.walk(statement.node)]
        for name, value in _set_by_global(self.nodes):
            self.values[name].append(value)
        self.uses_subclasses = any(
            isinstance(part, ast.Attribute) and part.attr == "__subclasses__" for part in self.nodes
        )
        # The full names of what is asked of modules.
        self.spelled = {self.dotted(part) for part in self.nodes if isinstance(part, ast.Attribute)}
        self.uses_overloads = "typing.get_overloads" in self.spelled or any(
            one.attribute == "get_overloads" for several in self.imports.values() for one in several
        )
        # All names that statements bind.
        self.bound = frozenset(name for one in statements for name in one.names.binds)
        # Iterators and the like, which any use moves on.
        self.moving = {name for name, values in self.values.items() if self._any_moves(values)}
        # What stands within functions, classes and objects, by the name of the part.
        self.attributes: defaultdict[str, list[ast.expr]] = defaultdict(list)
        for statement in statements:
            for name, value in parts(statement.node):
                self.attributes[name].append(value)
        # Names of parts that are only declared: ``on_click: Callable`` in a dataclass.
        self.fields = set(fields(self.nodes))
        self.moving_parts = {
            name for name, values in self.attributes.items() if self._any_moves(values)
        }
        # What is, or holds, an object to which looking an item up may add it.
        self._filling = _filling(self.values)
        self._filling_parts = _filling(self.attributes)
        for part in self.nodes:
            match part:  # C.area = property(area)
                case ast.Assign(
                    targets=[ast.Attribute(attr=name) | ast.Name(id=name)],
                    value=ast.Call(func=ast.Name(id="property"), args=args),
                ):
                    for one in args:
                        self.properties[name] += self.functions.get(root_name(one) or "", [])
        # Functions that keep the objects that they gave.
        self.caches = {
            name
            for name, functions in self.functions.items()
            if any(
                (is_cached(one) and gives_an_object(one)) or gives_its_own(one) for one in functions
            )
        }
        self.unsteady = unsteady(statements, self.functions, self.nodes)
        # Whether the notebook asks how often its functions were called.
        self.counts_calls = any(
            isinstance(part, ast.Attribute) and part.attr == "cache_info" for part in self.nodes
        )
        # Figures and axes, on which `plt.plot(...)` draws.
        self.drawings = {
            name for name in self.values if self.origin(ast.Name(name, ast.Load())) in PLOTS
        }
        # Attributes of classes that are objects with methods of their own for getting and setting.
        self.descriptors: defaultdict[str, list[ast.ClassDef]] = defaultdict(list)
        if self.special & {"__get__", "__set__", "__delete__"}:
            for cls in (one for classes in self.classes.values() for one in classes):
                for name, value in assignments(cls.body):
                    self.descriptors[name] += self.classes_of(value)
        # Classes that decide themselves what a call of them gives, such as the one instance.
        self.single = {
            name
            for name, classes in self.classes.items()
            if any(self.methods(cls, "__new__") or self._has_own_call(cls) for cls in classes)
        }
        # Actions and loaders; a call of one at the top level is a trial.
        self.handlers = {
            name
            for name, functions in self.functions.items()
            if any(self._is_handler(function) for function in functions)
        } | {
            name
            for name, values in self.values.items()
            if any(self.makes(value, "action") or self.makes(value, "loader") for value in values)
        }

    def _add(self, node: ast.stmt) -> None:
        for part in own_nodes([node]):
            match part:
                case ast.FunctionDef() | ast.AsyncFunctionDef():
                    self.functions[part.name].append(part)
                case ast.ClassDef():
                    self.classes[part.name].append(part)
                    for method in part.body:
                        if isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef):
                            self._add_method(method, part)
                case ast.Import():
                    for alias in part.names:
                        self.imports[imported_name(alias)].append(Imported(alias.name, None))
                case ast.ImportFrom():
                    module = "." * part.level + (part.module or "")
                    for alias in part.names:
                        self.imports[imported_name(alias)].append(Imported(module, alias.name))
        for part in ast.walk(node):
            for _, name, module, attribute in (
                inner_imports(part) if isinstance(part, FunctionNode) else ()
            ):
                self.imports[name].append(Imported(module, attribute))
        for name, value in assignments([node]):
            self.values[name].append(value)

    def _add_method(
        self, method: ast.FunctionDef | ast.AsyncFunctionDef, cls: ast.ClassDef
    ) -> None:
        self.owners[id(method)] = cls
        if method.name.startswith("__"):
            self.special.add(method.name)
        if any(_is_property(decorator) for decorator in method.decorator_list):
            self.properties[method.name].append(method)

    def _has_own_call(self, cls: ast.ClassDef) -> bool:
        return any(
            self.methods(meta, "__call__")
            for one in (cls, *self.ancestors(cls))
            for keyword in one.keywords
            if keyword.arg == "metaclass"
            for meta in self.classes.get(root_name(keyword.value) or "", ())
        )

    def fills_itself(self, node: ast.expr) -> list[ast.Call]:
        """Return the calls that made an object to which looking an item up may add it."""
        match node:
            case ast.Name(id=name):
                return self._filling.get(name, [])
            case ast.Attribute(attr=name):
                return self._filling_parts.get(name, [])
            case ast.Subscript(value=part):
                return self.fills_itself(part)
        return []

    def makes(self, node: ast.AST, name: str) -> bool:
        """Tell whether an expression is a call that gives what ``name`` makes: ``action(f)``."""
        match node:
            case ast.Call(func=func):
                if isinstance(func, ast.Call):  # action(name="y")(f)
                    return self.stands_for(func, name)
                return not is_partial(node) and self.stands_for(node, name)
        return False

    def _is_handler(self, function: FunctionNode) -> bool:
        decorators = getattr(function, "decorator_list", [])
        return any(
            self.stands_for(decorator, "action") or self.stands_for(decorator, "loader")
            for decorator in decorators
        )

    def _any_moves(self, values: Sequence[ast.expr]) -> bool:
        return any(self.moves(value) for value in values) or any(
            self.methods(cls, "__next__") for value in values for cls in self.classes_of(value)
        )

    def moves(self, value: ast.expr) -> bool:
        """Tell whether an expression gives, or holds, what any use moves on."""
        match value:
            case ast.ListComp(elt=one):
                return self.moves(one)
            case ast.List(elts=several) | ast.Tuple(elts=several) | ast.Dict(values=several):
                return any(map(self.moves, several))
            case ast.Call():
                pass
            case _:
                return isinstance(value, ast.GeneratorExp)
        name = called(value)
        if (
            isinstance(value.func, ast.Attribute)
            and self.module_of(value.func.value) is None
            and not name[:1].isupper()
        ):
            return name in {"open", "create_task"}  # not df.filter(...)
        return name in MOVES or any(
            isinstance(function, ast.AsyncFunctionDef)
            or isinstance(part, ast.Yield | ast.YieldFrom)
            for function in self.functions.get(name, ())
            if not isinstance(function, ast.Lambda) and not function.decorator_list
            for part in own_nodes(function.body)
        )

    def stands_for(self, node: ast.expr, name: str, _seen: frozenset[str] = frozenset()) -> bool:
        """Tell whether an expression is, or calls, ``notebook_actions.<name>``.

        It may be known by another name, be bound by ``partial``, or be a subclass.
        """
        if isinstance(node, ast.Call):
            bound = node.args[0] if is_partial(node) and node.args else None
            node = bound or node.func
        match node:
            case ast.Name(id=local) if local in self.imports:
                return any(
                    imported.root == "notebook_actions" and imported.attribute == name
                    for imported in self.imports[local]
                )
            case ast.Name(id=local) if local not in _seen:
                bases = [base for cls in self.classes.get(local, ()) for base in cls.bases]
                others = [
                    value
                    for value in self.values.get(local, ())
                    if isinstance(value, ast.Name | ast.Attribute)
                    or (isinstance(value, ast.Call) and is_partial(value))
                ]
                return any(self.stands_for(one, name, _seen | {local}) for one in [*bases, *others])
            case ast.Attribute(value=ast.Name(id=local), attr=attribute):
                return attribute == name and any(
                    imported.root == "notebook_actions" and imported.attribute is None
                    for imported in self.imports.get(local, ())
                )
        return False

    def is_variable(self, name: str) -> bool:
        """Tell whether a name stands for an object that can be changed in place."""
        if name in self.single or name in self.caches:
            return True
        if name in self.functions or name in self.classes or name in self.imports:
            return False
        return not self.is_immutable(name)

    def is_immutable(self, name: str) -> bool:
        """Tell whether a name only ever stands for numbers, text and the like."""
        if name in self.functions or name in self.classes or name in self.imports:
            return False
        values = self.values.get(name)
        return bool(values) and all(self._is_constant(value) for value in values or ())

    def _is_constant(self, node: ast.expr) -> bool:
        match node:
            case ast.Constant() | ast.JoinedStr() | ast.Compare():
                return True
            case ast.UnaryOp(operand=operand):
                return self._is_constant(operand)
            case ast.BinOp(left=left, right=right):
                return self._is_constant(left) and self._is_constant(right)
            case ast.Call():
                return self.is_fresh(node) and self._is_plain(node)
        return False

    def _is_plain(self, call: ast.Call) -> bool:
        """Tell whether a call gives a number, a text and the like."""
        match call.func:
            case ast.Name(id=name) if name in self.imports:
                return is_plain_call(self.imports[name][-1].module, name)
            case ast.Name(id=name):
                return is_plain_call(None, name, builtin=True)
            case ast.Attribute(value=receiver, attr=method):
                return is_plain_call(self.module_of(receiver), method)
        return False

    def is_fresh(self, call: ast.Call) -> bool:
        """Tell whether the value of a call shares nothing with other objects."""
        match call.func:
            case ast.Name(id=name) if name in self.imports:
                return any(
                    is_fresh_call(imported.module, imported.attribute or "")
                    for imported in self.imports[name]
                )
            case ast.Name(id=name):
                if name in {"type", "sum"} and len(call.args) > 1:
                    return False
                return name in FRESH_BUILTINS and name not in self.functions
            case ast.Attribute(value=receiver, attr=method):
                module = self.module_of(receiver)
                if module is not None:
                    return is_fresh_call(module, method)
                return is_fresh_method(method)
        return False

    def holders(self, cls: ast.ClassDef, attribute: str) -> set[str]:
        """Return the classes that hold an attribute for all their instances."""
        line = [cls, *self.ancestors(cls)]
        own = {
            part.attr
            for one in line
            for part in ast.walk(one)
            if isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store)
        }
        if attribute in own:
            return set()
        return {
            one.name
            for one in line
            for name, value in assignments(one.body)
            if name == attribute and not self._is_constant(value)
        }


def _set_by_global(nodes: Iterable[ast.AST]) -> Iterator[tuple[str, ast.expr]]:
    """Yield what functions bind at the top level by ``global``."""
    for part in nodes:
        if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef):
            declared = local_names(part)[1]
            yield from (
                one for one in assignments(part.body if declared else ()) if one[0] in declared
            )


def _is_property(decorator: ast.expr) -> bool:
    match decorator:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name in {"property", "cached_property", "setter", "deleter"}
    return False


def _filling(values: Mapping[str, Sequence[ast.expr]]) -> dict[str, list[ast.Call]]:
    """Return by name the calls that make an object to which looking an item up may add it."""
    found = {
        name: [
            part
            for value in several
            for part in ast.walk(value)
            if isinstance(part, ast.Call) and called(part) == "defaultdict"
        ]
        for name, several in values.items()
    }
    return {name: calls for name, calls in found.items() if calls}
