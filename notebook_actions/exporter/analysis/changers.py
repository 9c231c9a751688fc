"""Which expressions stand for a function that changes what it is given, or what it is bound to.

``next``, ``heapq.heappush`` and ``methodcaller("append")`` change their argument, and ``xs.append``
changes ``xs``, by whomever they are called: ``map(next, its)``, ``partial(xs.append, 1)``.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

from notebook_actions.exporter.analysis.callables import put_into_objects
from notebook_actions.exporter.analysis.expressions import called, is_partial
from notebook_actions.exporter.analysis.statements import Statement
from notebook_actions.exporter.analysis.symbols import Symbols
from notebook_actions.exporter.analysis.vocabulary import CHANGES_FIRST, changes_receiver, is_noise

__all__ = ["Changers"]

_TYPES = frozenset({"list", "dict", "set", "bytearray", "object", "deque", "Counter", "type"})


class Changers:
    """The functions that change something and are passed on as values."""

    def __init__(self, symbols: Symbols, statements: Sequence[Statement]) -> None:
        self.symbols = symbols
        # Names any use of which may change what they are bound to: add = xs.append.
        self.bound = {
            name
            for name, values in symbols.values.items()
            if any(self._is_bound(value) for value in values)
        }

        # What the methods that were put away somewhere are bound to: button.on_click = xs.append.
        self.put_away = [
            value.value
            for statement in statements
            for node in ast.walk(statement.node)
            for value in put_into_objects(node, symbols)
            if isinstance(value, ast.Attribute) and self.is_bound(value)
        ]

    def takes(
        self,
        node: ast.expr,
        local: Mapping[str, Sequence[ast.expr]],
        seen: frozenset[str] = frozenset(),
    ) -> bool:
        """Tell whether an expression may stand for a function that changes its arguments.

        Parameters
        ----------
        node
            The expression.
        local
            The values of local names, which hide those of the top level.
        seen
            Names that were followed already.
        """
        symbols = self.symbols
        match node:
            case ast.Name(id=name) if name in seen:
                return False
            case ast.Name(id=name) if name in local:
                return any(self.takes(one, local, seen | {name}) for one in local[name])
            case ast.Name(id=name) if name in symbols.imports:
                return any(
                    imported.attribute in CHANGES_FIRST and not is_noise(imported.root)
                    for imported in symbols.imports[name]
                )
            case ast.Name(id=name) if name in symbols.values:
                return any(self.takes(one, {}, seen | {name}) for one in symbols.values[name])
            case ast.Name(id=name):
                known = name in symbols.functions or name in symbols.classes
                return name in CHANGES_FIRST and not known
            case ast.Attribute(value=receiver, attr=name):
                if symbols.module_of(receiver) is not None:
                    return name in CHANGES_FIRST and not is_noise(symbols.origin(receiver))
                return self._is_type(receiver) and (
                    name in CHANGES_FIRST or changes_receiver(name, None)
                )
            case ast.Call(args=[ast.Constant(value=str(name)), *_]):
                return called(node) == "methodcaller" and (
                    changes_receiver(name, None) or name == "__next__"
                )
            case ast.Call(args=[function, *_]):
                return self._is_partial(node) and self.takes(function, local, seen)
        return any(self.takes(one, local, seen) for one in _held(node))

    def is_bound(self, node: ast.Attribute) -> bool:
        """Tell whether an attribute that is not called here is a method that changes its object."""
        symbols = self.symbols
        if symbols.module_of(node.value) is not None or self._is_type(node.value):
            return False
        origin = symbols.origin(node.value)
        return not is_noise(origin) and (
            node.attr == "__next__" or changes_receiver(node.attr, origin)
        )

    def _is_bound(self, node: ast.expr) -> bool:
        match node:
            case ast.Attribute():
                return self.is_bound(node)
            case ast.Call(args=[function, *others]) if self._is_partial(node):
                if self.takes(function, {}):
                    return bool(others or node.keywords)
                return self._is_bound(function)
        return any(map(self._is_bound, _held(node)))

    def _is_partial(self, node: ast.Call) -> bool:
        named = self.symbols.imports.get(called(node), ())
        return is_partial(node) or any(one.attribute == "partial" for one in named)

    def _is_type(self, node: ast.expr) -> bool:
        """Tell whether an expression is a builtin class: ``list.append`` is bound to nothing."""
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name):
                return name in _TYPES and name not in self.symbols.values
        return False


def _held(node: ast.expr) -> Sequence[ast.expr]:
    """Return the expressions of which one may be the value, or a part of it."""
    match node:
        case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
            return parts
        case ast.Dict(values=parts) | ast.BoolOp(values=parts):
            return parts
        case ast.IfExp(body=one, orelse=other):
            return [one, other]
        case ast.Subscript(value=part) | ast.Starred(value=part) | ast.NamedExpr(value=part):
            return [part]
    return []
