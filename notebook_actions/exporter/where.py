"""From a line of ``actions.py`` back to the cell and line of the notebook that it came from."""

from __future__ import annotations

from notebook_actions.exporter.analysis.layout import indent
from notebook_actions.exporter.analysis.slice import Slice
from notebook_actions.exporter.analysis.statements import Statement

__all__ = ["origin"]


def origin(part: Slice, module: str, line: int) -> tuple[int, int] | None:
    """Return the cell and the line in it that a line of the exported module came from.

    Parameters
    ----------
    part
        The slice.
    module
        The text of ``actions.py``.
    line
        A line of it, counted from 1.

    Returns
    -------
    (int, int) or None
        None where the line is not the notebook's own.
    """
    text = "\n" + module
    begin = 0
    for number, statement in enumerate(part.statements):
        written = indent(statement.text) if statement.index in part.startup else statement.text
        # The same text may stand there twice: they are in the order of the statements.
        same = sum(one.text == statement.text for one in part.statements[:number])
        begin = -1
        for _ in range(same + 1):
            begin = text.find(f"\n{written.rstrip()}\n", begin + 1)
            if begin == -1:
                break
        if begin == -1:
            continue
        first = text.count("\n", 0, begin) + 1
        if first <= line <= first + written.rstrip().count("\n"):
            return statement.cell.number, _first_line(statement) + line - first
    return None


def _first_line(statement: Statement) -> int:
    """Return the line of the cell at which the statement's text begins."""
    decorators = getattr(statement.node, "decorator_list", [])
    start: int = min([statement.line, *(decorator.lineno for decorator in decorators)])
    lines = statement.text.split("\n")
    above = next((n for n, one in enumerate(lines) if not one.lstrip().startswith("#")), 0)
    return start - above
