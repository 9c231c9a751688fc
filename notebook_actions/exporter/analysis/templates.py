"""The texts that an expression may give, as far as they are written down: ``f"price_{n}"``.

What is not known of a text is a ``WILD`` in it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from notebook_actions.exporter.analysis.expressions import called

__all__ = ["WILD", "matching", "templates_in", "texts_of"]

WILD = "\0"
_MOST = 50
_SAME = frozenset({"compile", "dedent", "strip", "lstrip", "rstrip", "str"})
_FIELD = re.compile(r"\{[^{}]*\}|%\(\w+\)[sdr]|%[sdr]")


def texts_of(
    node: ast.expr,
    values: Mapping[str, Sequence[ast.expr]],
    seen: frozenset[str] = frozenset(),
) -> list[str]:
    """Return the texts that an expression may give.

    Parameters
    ----------
    node
        The expression.
    values
        What the names in it may stand for.
    seen
        Names that were followed already.
    """
    return list(dict.fromkeys(_texts(node, values, seen)))[:_MOST] or [WILD]


def _texts(
    node: ast.expr, values: Mapping[str, Sequence[ast.expr]], seen: frozenset[str]
) -> Iterator[str]:
    match node:
        case ast.Constant(value=value):
            yield str(value)
        case ast.Name(id=name) if name in values and name not in seen:
            for one in values[name]:
                yield from texts_of(one, values, seen | {name})
        case ast.FormattedValue(value=part) | ast.NamedExpr(value=part):
            yield from texts_of(part, values, seen)
        case ast.JoinedStr(values=parts):
            yield from _joined([texts_of(part, values, seen) for part in parts])
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            yield from _joined([texts_of(left, values, seen), texts_of(right, values, seen)])
        case ast.BinOp(left=part, op=ast.Mod()):
            yield from (_FIELD.sub(WILD, text) for text in texts_of(part, values, seen))
        case ast.Call(func=ast.Attribute(value=part, attr="format")):
            yield from (_FIELD.sub(WILD, text) for text in texts_of(part, values, seen))
        case ast.Call(args=[part, *_]) if called(node) in _SAME:
            yield from texts_of(part, values, seen)
        case ast.Call(func=ast.Attribute(value=part)) if called(node) in _SAME:
            yield from texts_of(part, values, seen)
        case ast.Subscript(value=ast.List(elts=parts) | ast.Tuple(elts=parts)):
            for part in parts:
                yield from texts_of(part, values, seen)
        case ast.IfExp(body=body, orelse=orelse):
            yield from texts_of(body, values, seen)
            yield from texts_of(orelse, values, seen)
        case _:
            yield WILD


def _joined(parts: Iterable[Sequence[str]]) -> Iterator[str]:
    found = [""]
    for several in parts:
        found = [text + one for text in found for one in several][:_MOST]
    return iter(found)


def templates_in(node: ast.AST) -> set[str]:
    """Return the texts with unknown parts that are put together within a statement."""
    return {
        text
        for part in ast.walk(node)
        if isinstance(part, ast.JoinedStr | ast.BinOp | ast.Call)
        for text in texts_of(part, {})
        if WILD in text
    }


def matching(text: str, names: Iterable[str]) -> set[str]:
    """Return those of the names that a text may be; none where nothing of it is known."""
    if not re.search(r"\w", text):
        return set()
    pattern = re.compile(r"\w*".join(map(re.escape, text.split(WILD))))
    return {name for name in names if pattern.fullmatch(name)}
