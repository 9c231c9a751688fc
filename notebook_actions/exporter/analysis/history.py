"""The cells that a live IPython shell has run, in the order in which they ran.

The shell's own history has the text of every run, but neither the cell it came from nor whether it
failed. ``record`` listens for both from the moment it is called; what ran earlier is known by its
text only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from notebook_actions.exporter.analysis.notebook import Cell, make_cell

__all__ = ["executed_cells", "record"]


@dataclass(frozen=True, slots=True)
class _Run:
    count: int
    text: str
    cell_id: str | None = None
    failed: int | None = None


# What clears the notebook's names; `%reset in` and the like clear something else.
_RESET = re.compile(r"^\s*%?reset(?:[ \t]+-[fs]+)*[ \t]*$", re.MULTILINE)

_recorded: WeakKeyDictionary[Any, dict[int, _Run]] = WeakKeyDictionary()


def record(shell: Any) -> None:
    """Begin to note the cell ids and errors of what an IPython shell runs.

    Parameters
    ----------
    shell
        The ``InteractiveShell``. Calling this again for the same shell does nothing.
    """
    if shell in _recorded:
        return
    runs: dict[int, _Run] = {}
    _recorded[shell] = runs

    def after_run(result: Any) -> None:
        if result.execution_count is not None and result.info.store_history:
            count = result.execution_count
            cell_id = getattr(result.info, "cell_id", None)
            text = result.info.raw_cell
            runs[count] = _Run(count, text, cell_id, _failed_line(result, shell.user_ns))

    shell.events.register("post_run_cell", after_run)


def _failed_line(result: Any, namespace: object) -> int | None:
    """Return the line at which a run stopped: 0 where nobody knows, None where it did not."""
    error = result.error_in_exec
    if error is None:
        return None
    text: str = result.info.raw_cell
    if text.lstrip().startswith("%%"):
        return 0
    leading = text[: len(text) - len(text.lstrip())].count("\n")  # IPython drops blank first lines
    traceback = error.__traceback__
    while traceback is not None:
        if traceback.tb_frame.f_globals is namespace:
            return int(traceback.tb_lineno) + leading
        traceback = traceback.tb_next
    return 0


def executed_cells(shell: Any) -> list[Cell]:
    """Return the cells that a live shell has run, in the order in which they ran.

    A cell that ran several times is there several times, with the same ``key``: runs are of the
    same cell where the front end sent the same cell id or, where it sent none, where the text is
    the same. ``number`` is the number that Jupyter shows beside the cell. What ran before
    ``%reset`` is gone.

    Parameters
    ----------
    shell
        The ``InteractiveShell``.
    """
    cells: list[Cell] = []
    for run in _runs(shell):
        if _RESET.search(run.text):
            cells.clear()
        cells.append(
            make_cell(
                run.count,
                run.text,
                id=run.cell_id,
                execution_count=run.count,
                failed=run.failed,
                key=run.cell_id or run.text.strip(),
            )
        )
    return cells


def _runs(shell: Any) -> Iterator[_Run]:
    recorded = _recorded.get(shell, {})
    for count, text in enumerate(shell.history_manager.input_hist_raw):
        if text.strip():
            run = recorded.get(count)
            # After %reset, counts begin again.
            yield run if run is not None and run.text == text else _Run(count, text)
