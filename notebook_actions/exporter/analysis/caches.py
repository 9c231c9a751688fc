"""Functions and properties that keep what they gave: when a later call would give another value.

A cache is a matter of speed, unless what it gave is changed in place, or what it was made of is.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence

from notebook_actions.exporter.analysis import vocabulary
from notebook_actions.exporter.analysis.expressions import root_name
from notebook_actions.exporter.analysis.scopes import FunctionNode, own_nodes
from notebook_actions.exporter.analysis.statements import Statement

__all__ = ["gives_an_object", "gives_its_own", "goes_stale", "is_cached", "unsteady"]

_CACHES = frozenset({"cache", "lru_cache", "cached", "memoize", "ttl_cache"})
_MADE = (ast.List, ast.Dict, ast.Set, ast.Call)
_FIRST = frozenset({"__init__", "__new__", "__post_init__", "__set_name__"})


def is_cached(function: FunctionNode, *names: str) -> bool:
    """Tell whether a function has a decorator that makes it keep what it gave.

    Parameters
    ----------
    function
        The function.
    names
        The names of such decorators; those of functions where none are given.
    """
    wanted = names or _CACHES
    return any(_name(one) in wanted for one in getattr(function, "decorator_list", []))


def _name(decorator: ast.expr) -> str | None:
    match decorator:
        case ast.Call(func=function):
            return _name(function)
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return None


def gives_an_object(function: FunctionNode) -> bool:
    """Tell whether a function may give something that can be changed in place."""
    return any(
        isinstance(part, ast.Return) and part.value is not None and _may_change(part.value)
        for part in own_nodes(getattr(function, "body", []))
    )


def gives_its_own(function: FunctionNode) -> bool:
    """Tell whether a function gives, or puts into an object, one that it holds itself.

    ``def add(x, into=[])`` gives the same list each time where it returns ``into``; so does a
    function that returns an attribute of its own.
    """
    args = function.args
    positional = [*args.posonlyargs, *args.args]
    pairs = [
        *zip(positional[::-1], args.defaults[::-1], strict=False),
        *zip(args.kwonlyargs, args.kw_defaults, strict=True),
    ]
    kept = {arg.arg for arg, default in pairs if isinstance(default, _MADE)}
    name = getattr(function, "name", None)
    for part in own_nodes(getattr(function, "body", [])):
        match part:
            case ast.Return(value=ast.expr() as value) if _may_change(value):
                inner = list(ast.walk(value))
                if any(isinstance(one, ast.Name) and one.id in kept for one in inner):
                    return True
                if isinstance(value, ast.Attribute) and root_name(value) == name:
                    return True
            case ast.Assign(targets=[ast.Attribute() | ast.Subscript()], value=ast.Name(id=one)):
                if one in kept:
                    return True
    return False


def _may_change(node: ast.expr) -> bool:
    match node:
        case ast.Constant() | ast.JoinedStr() | ast.Compare() | ast.UnaryOp():
            return False
        case ast.BinOp(left=left, right=right):
            return any(isinstance(one, ast.List | ast.Dict | ast.Set) for one in (left, right))
        case ast.Call(func=ast.Name(id=name)):
            return not vocabulary.is_plain_call(None, name, builtin=True)
        case ast.Tuple(elts=several):
            return any(map(_may_change, several))
    return True


def goes_stale(function: FunctionNode, unsteady_names: frozenset[str]) -> bool:
    """Tell whether a function may give another value later than it gave before.

    Parameters
    ----------
    function
        The function.
    unsteady_names
        The top-level names, and names of attributes, that do not keep their first value.
    """
    return any(
        (isinstance(part, ast.Name) and part.id in unsteady_names)
        or (isinstance(part, ast.Attribute) and part.attr in unsteady_names)
        for part in ast.walk(function)
    )


def unsteady(
    statements: Sequence[Statement],
    functions: Mapping[str, Sequence[FunctionNode]],
    nodes: Sequence[ast.AST],
) -> frozenset[str]:
    """Return the top-level names, and names of attributes, that do not keep their first value.

    Parameters
    ----------
    statements
        The notebook's statements.
    functions
        Its functions by name; what calls one that may give another value later may do so too.
    nodes
        All nodes of the statements.
    """
    kinds = (*_CACHES, "cached_property")
    if not any(isinstance(one, FunctionNode) and is_cached(one, *kinds) for one in nodes):
        return frozenset()
    bound: set[str] = set()
    found: set[str] = set()
    for statement in statements:
        if not isinstance(statement.node, ast.Import | ast.ImportFrom):
            found |= bound & statement.names.binds
            bound |= statement.names.binds
        found.update(_changed(statement.node))
    while more := {
        name
        for name, several in functions.items()
        if name not in found and any(goes_stale(one, frozenset(found)) for one in several)
    }:
        found |= more
    return frozenset(found)


def _changed(node: ast.AST) -> Iterator[str]:
    """Yield the names and attributes that a node changes, but for those of a new object."""
    for part in ast.iter_child_nodes(node):
        if isinstance(part, ast.FunctionDef) and part.name in _FIRST:
            continue
        match part:
            case ast.Attribute(attr=name, ctx=ast.Store()):
                yield name
            case ast.Subscript(value=owner, ctx=ast.Store() | ast.Del()):
                yield from _names(owner)
            case ast.AugAssign(target=target):
                yield from _names(target)
            case ast.Call(func=ast.Attribute(value=owner, attr=method)):
                if vocabulary.changes_receiver(method, None):
                    yield from _names(owner)
            case ast.Global(names=names):
                yield from names
        yield from _changed(part)


def _names(owner: ast.expr) -> Iterator[str]:
    if isinstance(owner, ast.Attribute):
        yield owner.attr
    elif (name := root_name(owner)) is not None:
        yield name
