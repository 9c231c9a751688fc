"""The text of the exported module: the kept statements, verbatim, in an order that works."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from notebook_actions.exporter.analysis.layout import indent
from notebook_actions.exporter.analysis.secret_forms import looks_secret
from notebook_actions.exporter.analysis.slice import Slice
from notebook_actions.exporter.analysis.statements import Statement

__all__ = ["module_source"]

Kind = Literal["import", "definition", "other"]


class _Block(NamedTuple):
    """A statement's text; the heading that it is the first to stand under, or nothing."""

    text: str
    kind: Kind
    title: str = ""


def module_source(part: Slice) -> str:
    """Return the text of ``actions.py``.

    ``from __future__`` imports come first, statements that must wait for an await stand in
    ``async def startup()``, and everything else keeps its order. The Markdown headings above the
    cells are comments above their first statements.
    """
    at_import = [one for one in part.statements if one.index not in part.startup]
    at_startup = [one for one in part.statements if one.index in part.startup]
    future = [one for one in at_import if _is_future(one)]
    others = [one for one in at_import if not _is_future(one)]
    titles = _titles([*future, *others, *at_startup], part.secrets.values())
    blocks = list(_blocks(future, titles))
    for line in part.prelude:
        blocks.append(_Block(line, "import" if line.startswith("import ") else "other"))
    blocks += _blocks(others, titles)
    if at_startup:
        blocks.append(_Block(_startup(at_startup, titles), "definition"))
    return _join(blocks)


def _titles(statements: Iterable[Statement], secrets: Iterable[str]) -> dict[int, str]:
    """Return the headings of the cells, each by the index of the first statement under it."""
    first: dict[str, Statement] = {}
    for one in statements:
        first.setdefault(one.cell.title, one)
    known = tuple(secrets)
    return {
        one.index: title
        for title, one in first.items()
        if title
        and not looks_secret(None, title)
        and not any(secret in title for secret in known)
        and _first_comment(one.cell.source).casefold() != title.casefold()
    }


def _first_comment(source: str) -> str:
    first = source.lstrip().partition("\n")[0]
    return first.strip("#%= -") if first.startswith("#") else ""


def _is_future(statement: Statement) -> bool:
    return isinstance(statement.node, ast.ImportFrom) and statement.node.module == "__future__"


def _blocks(statements: Sequence[Statement], titles: Mapping[int, str]) -> Iterator[_Block]:
    """Yield the texts, each with its kind; parts of an import are joined."""
    done: set[tuple[int, int, int]] = set()
    for statement in statements:
        title = titles.get(statement.index, "")
        if statement.part is not None or statement.is_star:
            key = (statement.cell.number, statement.line, statement.node.col_offset)
            if key in done:
                continue
            done.add(key)
            parts = [
                one for one in statements if (one.cell.number, one.line, one.node.col_offset) == key
            ]
            yield _Block(_import(parts), "import", title)
        else:
            yield _Block(statement.text, _kind(statement.node), title)


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


def _startup(statements: Sequence[Statement], titles: Mapping[int, str]) -> str:
    names = sorted({name for one in statements for name in one.names.binds | one.names.deletes})
    lines = ["async def startup():", '    """Run what the notebook awaited at its top level."""']
    if names:
        lines.append(f"    global {', '.join(names)}")
    blocks = [
        block._replace(text=_without_annotations(block.text, statement))
        for statement in statements
        for block in _blocks([statement], titles)
    ]
    return "\n".join([*lines, indent(_join(blocks).rstrip("\n"))])


def _without_annotations(text: str, statement: Statement) -> str:
    """Drop the annotations of variables: Python forbids them for ``global`` names."""
    if not isinstance(statement.node, ast.AnnAssign):
        return text
    if statement.node.value is None:
        return "pass"
    return ast.unparse(ast.Assign([statement.node.target], statement.node.value, lineno=1))


def _join(blocks: Sequence[_Block]) -> str:
    text = ""
    before: Kind = "other"
    for block in blocks:
        if text:
            if "definition" in (block.kind, before):
                text += "\n\n\n"
            else:
                text += "\n" if block.kind == before and not block.title else "\n\n"
        if block.title:
            text += f"# {block.title}\n"
        text += block.text.rstrip()
        before = block.kind
    return text + "\n" if text else ""
