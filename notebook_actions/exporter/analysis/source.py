"""The text of the exported module: the kept statements, verbatim, in an order that works."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import Literal

from notebook_actions.exporter.analysis.layout import indent
from notebook_actions.exporter.analysis.slice import Slice
from notebook_actions.exporter.analysis.statements import Statement

__all__ = ["module_source"]

Kind = Literal["import", "definition", "other"]


def module_source(part: Slice) -> str:
    """Return the text of ``actions.py``.

    ``from __future__`` imports come first, statements that must wait for an await stand in
    ``async def startup()``, and everything else keeps its order.
    """
    at_import = [one for one in part.statements if one.index not in part.startup]
    at_startup = [one for one in part.statements if one.index in part.startup]
    future = [one for one in at_import if _is_future(one)]
    blocks = list(_blocks(future))
    blocks += [(line, "import" if line.startswith("import ") else "other") for line in part.prelude]
    blocks += _blocks([one for one in at_import if not _is_future(one)])
    if at_startup:
        blocks.append((_startup(at_startup), "definition"))
    return _join(blocks)


def _is_future(statement: Statement) -> bool:
    return isinstance(statement.node, ast.ImportFrom) and statement.node.module == "__future__"


def _blocks(statements: Sequence[Statement]) -> Iterator[tuple[str, Kind]]:
    """Yield the texts, each with its kind; parts of an import are joined."""
    done: set[tuple[int, int, int]] = set()
    for statement in statements:
        if statement.part is not None or statement.is_star:
            key = (statement.cell.number, statement.line, statement.node.col_offset)
            if key in done:
                continue
            done.add(key)
            parts = [
                one for one in statements if (one.cell.number, one.line, one.node.col_offset) == key
            ]
            yield _import(parts), "import"
        else:
            yield statement.text, _kind(statement.node)


def _kind(node: ast.stmt) -> Kind:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return "definition"
        case ast.Import() | ast.ImportFrom():
            return "import"
        case _:
            return "other"


def _import(parts: Sequence[Statement]) -> str:
    first = parts[0]
    if len(parts) == first.parts:
        return first.text
    aliases = [alias for one in parts for alias in one.node.names]  # type: ignore[attr-defined]
    if isinstance(first.node, ast.ImportFrom):
        node: ast.stmt = ast.ImportFrom(first.node.module, aliases, first.node.level)
    else:
        node = ast.Import(aliases)
    comments = [line for line in first.text.split("\n") if line.startswith("#")]
    return "\n".join([*comments, ast.unparse(node)])


def _startup(statements: Sequence[Statement]) -> str:
    names = sorted({name for one in statements for name in one.names.binds | one.names.deletes})
    lines = ["async def startup():", '    """Run what the notebook awaited at its top level."""']
    if names:
        lines.append(f"    global {', '.join(names)}")
    texts = [
        (_without_annotations(text, statement), kind)
        for statement in statements
        for text, kind in _blocks([statement])
    ]
    return "\n".join([*lines, indent(_join(texts).rstrip("\n"))])


def _without_annotations(text: str, statement: Statement) -> str:
    """Drop the annotations of variables: Python forbids them for ``global`` names."""
    if not isinstance(statement.node, ast.AnnAssign):
        return text
    if statement.node.value is None:
        return "pass"
    return ast.unparse(ast.Assign([statement.node.target], statement.node.value, lineno=1))


def _join(blocks: Sequence[tuple[str, Kind]]) -> str:
    text = ""
    before: Kind = "other"
    for block, kind in blocks:
        if text:
            if "definition" in (kind, before):
                text += "\n\n\n"
            else:
                text += "\n" if kind == before else "\n\n"
        text += block.rstrip()
        before = kind
    return text + "\n" if text else ""
