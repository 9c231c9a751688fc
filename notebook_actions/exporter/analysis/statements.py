"""A notebook's cells as a list of top-level statements, each with its names and verbatim text.

A statement is the smallest thing that is exported or not: one of several on a line, one of the
names of an import, one within an ``if __name__ == "__main__"`` block.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from notebook_actions.exporter.analysis.inner_imports import name_inner_imports
from notebook_actions.exporter.analysis.layout import string_lines
from notebook_actions.exporter.analysis.magics import dropped_magics, magic_call
from notebook_actions.exporter.analysis.names import Names, names_of
from notebook_actions.exporter.analysis.notebook import Cell

__all__ = ["Statement", "Statements", "compares_name", "split_cells"]

_MARK = re.compile(r"#\s*export:\s*(keep|skip)\b", re.IGNORECASE)

StarNames = Callable[[str], Sequence[str] | None]


@dataclass(frozen=True, slots=True)
class Statement:
    """One top-level statement.

    Attributes
    ----------
    index
        The place in working order, from 0.
    cell, line
        Where it stands; the line is counted from 1 within the cell.
    node
        Its syntax tree; for an import of several names, the import of one of them.
    text
        The author's text, with the comments directly above.
    names
        What it binds and needs.
    mark
        ``"keep"`` or ``"skip"`` where the author says so in a comment (``# export: keep``).
    part
        Which of the names of an import it is, or None where it is a whole statement.
    parts
        How many names the import has.
    magic
        The magic that gives it its value, such as ``"!ls"``, or None.
    in_main
        Whether it stands in an ``if __name__ == "__main__"`` block.
    """

    index: int
    cell: Cell
    line: int
    node: ast.stmt
    text: str
    names: Names
    mark: Literal["keep", "skip"] | None = None
    part: int | None = None
    parts: int = 1
    magic: str | None = None
    in_main: bool = False

    @property
    def title(self) -> str:
        """The name by which messages speak of it."""
        bound = sorted(self.names.binds)
        return bound[0] if len(bound) == 1 else self.summary

    @property
    def summary(self) -> str:
        """Its first line of code, shortened."""
        line = ast.unparse(self.node).partition("\n")[0]
        return line if len(line) <= 60 else line[:57] + "..."

    @property
    def is_star(self) -> bool:
        """Whether it comes from ``from module import *``."""
        return isinstance(self.node, ast.ImportFrom) and self.parts == 0


@dataclass(frozen=True, slots=True)
class Statements:
    """The statements in working order, and what could not be read.

    Attributes
    ----------
    all
        The statements.
    broken
        Cells that are not valid Python, each with the line and the parser's message.
    stars
        Modules of ``from module import *`` whose names cannot be found out.
    magics
        Magics that were dropped and may bind names: the cell, the magic, and what it is given.
    unreached
        Names that would be bound after the line at which a cell stopped, with the cell.
    halted
        Those within which a cell stopped, each with the index of the statement that follows it.
    """

    all: list[Statement]
    broken: list[tuple[Cell, int, str]]
    stars: list[tuple[Cell, str]]
    unreached: dict[str, Cell]
    magics: list[tuple[Cell, str, str]] = field(default_factory=list)
    halted: list[Statement] = field(default_factory=list)


def split_cells(cells: Iterable[Cell], star_names: StarNames = lambda module: None) -> Statements:
    """Return the statements of the cells.

    Parameters
    ----------
    cells
        The cells in working order.
    star_names
        Gives the names that ``from module import *`` binds, or None where they are not known.
    """
    found = Statements([], [], [], {})
    postponed = False
    for cell in cells:
        found.magics.extend((cell, *one) for one in dropped_magics(cell.original))
        try:
            tree = ast.parse(cell.source)
        except (SyntaxError, ValueError) as error:
            line = getattr(error, "lineno", None) or 1
            found.broken.append((cell, line, getattr(error, "msg", None) or str(error)))
            continue
        name_inner_imports(tree)
        text = _CellText(cell)
        for node, in_main in _top_level(tree.body):
            # In IPython the future import stays in force for all later cells.
            postponed = postponed or _is_future_annotations(node)
            for statement in _statements(text, node, star_names, postponed, found.stars):
                index = len(found.all)
                if cell.failed and (node.end_lineno or 0) >= cell.failed:
                    found.unreached.update(dict.fromkeys(statement.names.binds, cell))
                    if node.lineno <= cell.failed:
                        found.halted.append(replace(statement, index=index))
                    continue
                found.all.append(replace(statement, index=index, in_main=in_main))
    return found


def _top_level(body: Iterable[ast.stmt], in_main: bool = False) -> Iterator[tuple[ast.stmt, bool]]:
    """Yield the statements, those of ``if __name__ == "__main__"`` in its place."""
    for node in body:
        is_main = _is_main(node.test) if isinstance(node, ast.If) else None
        if isinstance(node, ast.If) and is_main is not None:
            yield from _top_level(node.body if is_main else node.orelse, True)
        else:
            yield node, in_main


def _is_main(test: ast.expr) -> bool | None:
    """Return what a test of nothing but ``__name__`` gives in a notebook; None for other tests."""
    match test:
        case ast.Compare(ops=[ast.Eq() | ast.NotEq() as op]) if compares_name(test):
            return isinstance(op, ast.Eq)
    return None


def compares_name(node: ast.AST) -> bool:
    """Tell whether an expression compares ``__name__`` with ``"__main__"``."""
    match node:
        case (
            ast.Compare(left=ast.Name(id="__name__"), comparators=[ast.Constant(value="__main__")])
            | ast.Compare(
                left=ast.Constant(value="__main__"), comparators=[ast.Name(id="__name__")]
            )
        ):
            return True
    return False


def _is_future_annotations(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.ImportFrom)
        and node.module == "__future__"
        and any(alias.name == "annotations" for alias in node.names)
    )


def _statements(
    text: _CellText,
    node: ast.stmt,
    star_names: StarNames,
    postponed: bool,
    stars: list[tuple[Cell, str]],
) -> Iterator[Statement]:
    verbatim = text.of(node)
    whole = Statement(
        0,
        text.cell,
        node.lineno,
        node,
        verbatim,
        names_of(node, postponed=postponed),
        text.mark(verbatim),
        magic=_magic_value(node),
    )
    if not isinstance(node, ast.Import | ast.ImportFrom):
        yield whole
        return
    aliases = node.names
    parts = len(aliases)
    if isinstance(node, ast.ImportFrom) and aliases[0].name == "*":
        module = "." * node.level + (node.module or "")
        names = star_names(module)
        if names is None:
            stars.append((text.cell, module))
            yield whole
            return
        aliases, parts = [ast.alias(name) for name in names], 0
    for part, alias in enumerate(aliases):
        one = _with_alias(node, alias)
        yield replace(
            whole, node=one, names=names_of(one), part=None if parts == 1 else part, parts=parts
        )


def _with_alias(node: ast.Import | ast.ImportFrom, alias: ast.alias) -> ast.stmt:
    one: ast.stmt
    if isinstance(node, ast.Import):
        one = ast.Import([alias])
    else:
        one = ast.ImportFrom(node.module, [alias], node.level)
    return ast.copy_location(one, node)


def _magic_value(node: ast.stmt) -> str | None:
    if not isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign) or node.value is None:
        return None
    return next(filter(None, (magic_call(part) for part in ast.walk(node.value))), None)


class _CellText:
    """Cuts the author's text of single statements out of a cell."""

    def __init__(self, cell: Cell) -> None:
        self.cell = cell
        self.lines = cell.source.split("\n")
        self.in_string = string_lines(cell.source)
        first = next((line for line in self.lines if line.strip()), "")
        self.whole_cell = _MARK.match(first.strip())

    def mark(self, verbatim: str) -> Literal["keep", "skip"] | None:
        found = _MARK.search(verbatim) or self.whole_cell
        if found is None:
            return None
        return "keep" if found[1].lower() == "keep" else "skip"

    def of(self, node: ast.stmt) -> str:
        decorators = getattr(node, "decorator_list", [])
        start = min([node.lineno, *(decorator.lineno for decorator in decorators)])
        end = node.end_lineno or node.lineno
        head = self._characters(start, node.col_offset)
        before = self.lines[start - 1][:head]
        lines = self.lines[start - 1 : end]
        tail = self._characters(end, node.end_col_offset or 0)
        rest = lines[-1][tail:].strip()
        lines[-1] = lines[-1][:tail] + (f"  {rest}" if rest.startswith("#") else "")
        if before.strip():  # it follows another statement on its line
            lines[0] = lines[0][head:]
            return "\n".join(lines)
        lines = [*self._comments_above(start), *lines]
        first = start - (len(lines) - (end - start + 1))
        return "\n".join(
            line if number in self.in_string else line.removeprefix(before)
            for number, line in enumerate(lines, first)
        )

    def _comments_above(self, start: int) -> list[str]:
        above = start
        while above > 1 and self.lines[above - 2].lstrip().startswith("#"):
            above -= 1
        return self.lines[above - 1 : start - 1]

    def _characters(self, line: int, byte_offset: int) -> int:
        """Translate an offset of the syntax tree, counted in UTF-8 bytes."""
        return len(self.lines[line - 1].encode()[:byte_offset].decode())
