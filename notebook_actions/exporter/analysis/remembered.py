"""What a module keeps between two calls besides its variables: caches, and classes' attributes."""

from __future__ import annotations

import ast

from notebook_actions.exporter.analysis import vocabulary
from notebook_actions.exporter.analysis.caches import goes_stale, is_cached
from notebook_actions.exporter.analysis.expressions import called
from notebook_actions.exporter.analysis.scopes import FunctionNode, own_nodes
from notebook_actions.exporter.analysis.symbols import Symbols

__all__ = ["holds_state", "remembers"]

_MADE = frozenset({"list", "dict", "set", "defaultdict", "deque", "Counter", "object", "bytearray"})


def remembers(function: FunctionNode, symbols: Symbols) -> bool:
    """Tell whether the cache of a function is more than a matter of speed.

    It is where a second call would give another value: a new list to fill, a random number, or
    what a variable has become since.
    """
    if not is_cached(function):
        return False
    if symbols.counts_calls or goes_stale(function, symbols.unsteady):
        return True
    return vocabulary.varies(function) or any(
        isinstance(part, ast.Return) and _is_made(part.value, symbols)
        for part in own_nodes(getattr(function, "body", []))
    )


def holds_state(name: str, symbols: Symbols) -> bool:
    """Tell whether a name stands for a variable, a class or a function that may keep state.

    The classes of a library's models stand for rows of a database, which keep it elsewhere.
    """
    if name in symbols.values or name in symbols.functions:
        return name not in symbols.handlers
    return any(
        all(isinstance(base, ast.Name) and base.id not in symbols.imports for base in cls.bases)
        for cls in symbols.classes.get(name, ())
    )


def _is_made(node: ast.expr | None, symbols: Symbols) -> bool:
    match node:
        case ast.List() | ast.Dict() | ast.Set():
            return True
        case ast.Call():
            return called(node) in _MADE or bool(symbols.classes_of(node))
    return False
