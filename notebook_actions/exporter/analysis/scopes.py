"""Which names a function or a block binds in its own scope."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence

__all__ = [
    "FunctionNode",
    "arguments_for",
    "bound_names",
    "imported_name",
    "local_names",
    "own_nodes",
    "parameters",
    "returns_value",
]

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


def imported_name(alias: ast.alias) -> str:
    """Return the name that ``import a.b`` or ``from a import b as c`` binds."""
    return alias.asname or alias.name.partition(".")[0]


def parameters(node: FunctionNode) -> list[str]:
    """Return the names of a function's parameters, positional ones first."""
    args = node.args
    named = [*args.posonlyargs, *args.args, *args.kwonlyargs]
    return [arg.arg for arg in [*named, *filter(None, (args.vararg, args.kwarg))]]


def arguments_for(
    function: FunctionNode,
    parameter: str,
    node: ast.Call | None,
    receiver: ast.expr | None,
    shift: int,
) -> list[ast.expr]:
    """Return the expressions that a call gives for a parameter.

    Parameters
    ----------
    function
        What is called.
    parameter
        The parameter's name.
    node
        The call; None where only the defaults are known.
    receiver
        The object that the method is called on.
    shift
        1 where the receiver is the first parameter, else 0.
    """
    names = parameters(function)
    place = names.index(parameter) if parameter in names else 0
    if shift and place == 0:
        return [receiver] if receiver is not None else []
    args = function.args
    positional = [*args.posonlyargs, *args.args]
    defaults: dict[str, ast.expr | None] = dict(
        zip([arg.arg for arg in positional[::-1]], args.defaults[::-1], strict=False)
    )
    defaults.update(zip([arg.arg for arg in args.kwonlyargs], args.kw_defaults, strict=True))
    default = defaults.get(parameter)
    if node is None:
        return [] if default is None else [default]
    for gathering in (args.vararg, args.kwarg):
        if gathering is not None and gathering.arg == parameter:
            return [*node.args, *(keyword.value for keyword in node.keywords)]
    given = [keyword.value for keyword in node.keywords if keyword.arg in {parameter, None}]
    given += [part for part in node.args if isinstance(part, ast.Starred)]
    if place < len(positional) and place - shift < len(node.args):
        given.append(node.args[place - shift])
    if not given and default is not None:
        given.append(default)
    return given


def bound_names(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """Yield the names that these nodes bind in their own scope, not those of nested scopes."""
    for node in nodes:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name
                continue
            case ast.Lambda():
                continue
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                for part in ast.walk(node):
                    if isinstance(part, ast.NamedExpr):
                        yield part.target.id
                continue
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                yield name
            case ast.Import() | ast.ImportFrom():
                yield from (imported_name(alias) for alias in node.names if alias.name != "*")
            case ast.ExceptHandler(name=str(name)):
                yield name
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                yield name
            case ast.MatchMapping(rest=str(name)):
                yield name
        yield from bound_names(ast.iter_child_nodes(node))


def local_names(node: FunctionNode) -> tuple[set[str], set[str]]:
    """Return a function's local names, and those that it declares ``global``."""
    body: Sequence[ast.AST] = [node.body] if isinstance(node, ast.Lambda) else node.body
    names = set(parameters(node)) | set(bound_names(body))
    declared: set[str] = set()
    outer: set[str] = set()
    for part in own_nodes(body):
        if isinstance(part, ast.Global):
            declared.update(part.names)
        elif isinstance(part, ast.Nonlocal):
            outer.update(part.names)
    return names - declared - outer, declared


def returns_value(node: FunctionNode) -> bool:
    """Tell whether a function gives something back, and is not only called for what it does."""
    if isinstance(node, ast.Lambda):
        return True
    return any(
        isinstance(part, ast.Return | ast.Yield | ast.YieldFrom) and part.value is not None
        for part in own_nodes(node.body)
    )


def own_nodes(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Yield these nodes and all below them, but nothing inside functions and classes."""
    for node in nodes:
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            yield from own_nodes(ast.iter_child_nodes(node))
