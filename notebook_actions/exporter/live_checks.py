"""What a kernel knows and its cells do not tell: checks of a slice, which it never changes."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence

from notebook_actions.exporter.analysis.notebook import Cell
from notebook_actions.exporter.analysis.problems import Problem, problem
from notebook_actions.exporter.analysis.slice import Slice
from notebook_actions.exporter.analysis.statements import Statement
from notebook_actions.exporter.analysis.vocabulary import varies
from notebook_actions.exporter.snapshot import snapshots

__all__ = ["document_problems", "value_problems"]

#: Characters of a value that a message shows.
_SHOWN = 40


def value_problems(
    part: Slice, values: Mapping[str, str], namespace: Mapping[str, object]
) -> Iterator[Problem]:
    """Yield a problem for each name whose value differs between the kernel and the app.

    Parameters
    ----------
    part
        The slice, with the secrets that were taken out of it.
    values
        The app's values when it starts, as :func:`snapshots` gives them.
    namespace
        The kernel's names.
    """
    kernel = snapshots({name: namespace[name] for name in values if name in namespace})
    makers: dict[str, Statement] = {}
    for one in part.statements:
        if isinstance(one.node, ast.Import | ast.ImportFrom):
            continue
        for name in one.names.binds:
            makers.setdefault(name, one)
            if varies(one.node):
                kernel.pop(name, None)
    for name, one in makers.items():
        there, here = kernel.get(name), values.get(name)
        if there is None or here is None or there == here:
            continue
        secret = any(text in there or text in here for text in part.secrets.values())
        short = not secret and max(len(there), len(here)) <= _SHOWN
        yield problem(
            "W226",
            cell=one.cell.number,
            line=one.line,
            name=name,
            why=part.why.get(one.index, ()),
            detail=f"is {there} in the kernel, but {here} when the app starts"
            if short
            else "has another value in the kernel than when the app starts",
        )


def document_problems(
    part: Slice, cells: Sequence[Cell], document: Sequence[Cell]
) -> Iterator[Problem]:
    """Yield a problem for each cell of the slice that the saved notebook does not have like this.

    Parameters
    ----------
    part
        The slice of a live notebook.
    cells
        The cells that have run.
    document
        The cells of the notebook's file; none where it is not to be had, and then nothing is told.
    """
    if not document:
        return
    newest = {cell.key: cell for cell in cells}
    by_id = {cell.id: cell.original.strip() for cell in document if cell.id}
    texts = {cell.original.strip() for cell in document}
    for key in dict.fromkeys(one.cell.key for one in part.statements):
        cell = newest[key]
        text = cell.original.strip()
        if text in texts:
            continue
        first = next(one for one in part.statements if one.cell.key == key)
        known = cell.id is not None  # else nobody can tell an edited cell from a deleted one
        code = "W228" if known and cell.id not in by_id else "W227"
        yield problem(
            code,
            cell=cell.number,
            name=first.title,
            why=part.why.get(first.index, ()),
            detail="edited and not run again" if known else "edited or deleted since it ran",
        )
