"""The notebook's own classes: what inherits from what, and which methods they have."""

from __future__ import annotations

import ast
from collections import defaultdict

from notebook_actions.exporter.analysis.scopes import FunctionNode

__all__ = ["Classes"]


# Bases that call no methods of their own accord.
_IDLE = frozenset({"object", "ABC", "Protocol", "Generic", "NamedTuple", "TypedDict"})


class Classes:
    """The classes by name, and the values that names are bound to, which may be instances."""

    def __init__(self) -> None:
        self.classes: defaultdict[str, list[ast.ClassDef]] = defaultdict(list)
        self.values: defaultdict[str, list[ast.expr]] = defaultdict(list)

    def classes_of(self, node: ast.expr, _seen: frozenset[str] = frozenset()) -> list[ast.ClassDef]:
        """Return the notebook's classes that an expression may be an instance of."""
        match node:
            case ast.Call(func=ast.Name(id=name)) if name in self.classes:
                return self.classes[name]
            case ast.Call(func=ast.Attribute(value=receiver, attr=method)):
                return [
                    cls
                    for cls in self.classes_of(receiver, _seen)
                    if any(_returns_self(function) for function in self.methods(cls, method))
                ]
            case ast.Name(id=name) if name not in _seen:
                return [
                    cls
                    for value in self.values.get(name, ())
                    for cls in self.classes_of(value, _seen | {name})
                ]
        return []

    def methods(self, cls: ast.ClassDef, name: str) -> list[FunctionNode]:
        """Return the definitions of a method in a class or, failing that, in its ancestors."""
        own: list[FunctionNode] = [
            node
            for node in cls.body
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name
        ]
        if own:
            return own
        return [
            node
            for ancestor in self.ancestors(cls)
            for node in ancestor.body
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name
        ]

    def with_method(self, name: str) -> list[ast.ClassDef]:
        """Return the classes of the notebook that define a method of this name."""
        return [
            cls
            for classes in self.classes.values()
            for cls in classes
            if any(
                isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name
                for node in cls.body
            )
        ]

    def bases(self, cls: ast.ClassDef) -> list[ast.ClassDef]:
        """Return the bases of a class that the notebook defines."""
        return [
            found
            for base in cls.bases
            if isinstance(base, ast.Name)
            for found in self.classes.get(base.id, ())
            if found is not cls
        ]

    def inherits(self, cls: ast.ClassDef) -> bool:
        """Tell whether a class has a base that the notebook does not define, and that does things.

        The methods of the class may then be called by those of that base.
        """
        return any(
            isinstance(base, ast.Name | ast.Attribute)
            and (isinstance(base, ast.Attribute) or base.id not in self.classes)
            and (base.attr if isinstance(base, ast.Attribute) else base.id) not in _IDLE
            for one in [cls, *self.ancestors(cls)]
            for base in one.bases
        )

    def ancestors(self, cls: ast.ClassDef) -> list[ast.ClassDef]:
        """Return all classes of the notebook that a class inherits from."""
        found: list[ast.ClassDef] = []
        waiting = self.bases(cls)
        while waiting:
            one = waiting.pop(0)
            if one not in found:  # a class that is defined again may seem to inherit from itself
                found.append(one)
                waiting += self.bases(one)
        return found


def _returns_self(function: FunctionNode) -> bool:
    match function:
        case ast.FunctionDef(args=ast.arguments(args=[ast.arg(arg=own), *_])):
            return any(
                isinstance(part, ast.Return)
                and isinstance(part.value, ast.Name)
                and part.value.id == own
                for part in ast.walk(function)
            )
    return False
