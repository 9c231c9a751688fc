"""What expressions are taken from, and which names and parts are bound to them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from itertools import pairwise

from notebook_actions.exporter.analysis.scopes import own_nodes

__all__ = [
    "arguments",
    "assignments",
    "called",
    "fields",
    "is_partial",
    "looked_for",
    "makes_object",
    "parts",
    "root_name",
]


def assignments(nodes: Iterable[ast.AST]) -> Iterator[tuple[str, ast.expr]]:
    """Yield the names that these nodes bind to values, each with an expression for the value.

    The expression is the value itself or, for loops and unpacking, what it is taken from.
    """
    for part in own_nodes(nodes):
        match part:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    yield from _unpack(target, value)
                for target, other in pairwise(targets):  # x = y = []
                    if isinstance(other, ast.Name):
                        yield from _unpack(target, other)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                yield from _unpack(target, value)
            case ast.AugAssign(target=ast.Name(id=name), value=value):
                yield name, value
            case ast.NamedExpr(target=ast.Name(id=name), value=value):
                yield name, value
            case ast.For(target=target, iter=value) | ast.AsyncFor(target=target, iter=value):
                yield from _unpack(target, ast.Subscript(value, ast.Constant(0), ast.Load()))
            case ast.comprehension(target=target, iter=value):
                yield from _unpack(target, ast.Subscript(value, ast.Constant(0), ast.Load()))
            case ast.withitem(context_expr=value, optional_vars=ast.expr() as target):
                yield from _unpack(target, value)
            case ast.Match(subject=value, cases=cases):
                for pattern in (node for case in cases for node in ast.walk(case.pattern)):
                    captured = getattr(pattern, "name", None) or getattr(pattern, "rest", None)
                    if captured:
                        yield captured, ast.Subscript(value, ast.Constant(0), ast.Load())


def parts(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Yield what stands within functions, classes and objects: ``self.rng = ...``."""
    for part in ast.walk(node):
        match part:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    if isinstance(target, ast.Attribute):
                        yield target.attr, value
            case ast.Call(
                func=ast.Name(id="setattr"), args=[_, ast.Constant(value=str(name)), value]
            ):
                yield name, value
            case ast.Call(keywords=keywords) if makes_object(part):
                for keyword in keywords:  # SimpleNamespace(on_click=f)
                    if keyword.arg is not None:
                        yield keyword.arg, keyword.value
            case ast.FunctionDef(body=body) | ast.AsyncFunctionDef(body=body):
                yield from assignments(body)
            case ast.ClassDef(body=body):
                yield from assignments(body)


def fields(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """Yield the parts of objects that are only declared: of dataclasses and named tuples."""
    for part in nodes:
        match part:
            case ast.ClassDef(body=body):
                for one in body:
                    if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name):
                        yield one.target.id
            case ast.Call(args=[_, given, *_]) if called(part) in {"namedtuple", "make_dataclass"}:
                for text in ast.walk(given):
                    if isinstance(text, ast.Constant) and isinstance(text.value, str):
                        yield from text.value.replace(",", " ").split()


def _unpack(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    match target, value:
        case ast.Name(id=name), _:
            yield name, value
        case ast.Starred(value=inner), _:
            yield from _unpack(inner, value)
        case (
            (ast.Tuple(elts=targets) | ast.List(elts=targets)),
            (ast.Tuple(elts=values) | ast.List(elts=values)),
        ) if len(targets) == len(values) and not any(
            isinstance(part, ast.Starred) for part in [*targets, *values]
        ):
            for one, its_value in zip(targets, values, strict=True):
                yield from _unpack(one, its_value)
        case ((ast.Tuple(elts=targets) | ast.List(elts=targets)), _):
            part = ast.Subscript(value, ast.Constant(0), ast.Load())
            for one in targets:
                yield from _unpack(one, part)
            for one, other in pairwise(targets):  # fig, ax = plt.subplots(): ax draws on fig
                if isinstance(value, ast.Call) and isinstance(other, ast.Name):
                    yield from _unpack(one, other)


def root_name(node: ast.expr) -> str | None:
    """Return ``a`` for ``a.b[0].c()``, or None where there is no name at the root."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=part) | ast.Subscript(value=part) | ast.Call(func=part):
            return root_name(part)
        case ast.Await(value=part) | ast.Starred(value=part):
            return root_name(part)
    return None


def is_partial(call: ast.Call) -> bool:
    """Tell whether a call binds arguments to a function: ``partial(add, 5)``."""
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name in {"partial", "partialmethod"}
    return False


def looked_for(call: ast.Call) -> list[str]:
    """Return the attributes that ``attrgetter("a.b")`` or ``methodcaller("f")`` looks for."""
    if called(call) not in {"attrgetter", "methodcaller"}:
        return []
    given = call.args if called(call) == "attrgetter" else call.args[:1]
    return [
        name
        for one in given
        if isinstance(one, ast.Constant) and isinstance(one.value, str)
        for name in one.value.split(".")
    ]


def makes_object(call: ast.Call) -> bool:
    """Tell whether a call makes an object, by the name of what it calls: ``Button(f)``."""
    return called(call)[:1].isupper()


def arguments(call: ast.Call) -> list[ast.expr]:
    """Return all that a call gives, by place and by name."""
    return [*call.args, *(keyword.value for keyword in call.keywords)]


def called(call: ast.Call) -> str:
    """Return the last name of what a call calls: ``c`` for ``a.b.c()``."""
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""
