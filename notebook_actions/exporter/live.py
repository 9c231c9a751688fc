"""The live notebook: the names that objects of the kernel have, for the slice to start from."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from notebook_actions.action import Action
from notebook_actions.errors import ExportError
from notebook_actions.exporter.analysis.notebook import (
    Cell,
    NotebookUnreadable,
    read_notebook,
)
from notebook_actions.exporter.analysis.problems import Problem, problem
from notebook_actions.page import ActionForm, Page

__all__ = ["names_of", "notebook_file", "running_shell", "saved_cells", "titled"]


def running_shell() -> Any:
    """Return the IPython shell that this code runs in.

    Raises
    ------
    ExportError
        When there is none.
    """
    # Nobody is in a notebook before IPython is loaded.
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if shell is None:
        raise ExportError([problem("E301")])
    return shell


def notebook_file(shell: Any) -> Path | None:
    """Return the path that a shell's notebook had when its kernel began; None where nobody says."""
    # Set by VS Code, and by Jupyter's server.
    told = shell.user_ns.get("__vsc_ipynb_file__") or os.environ.get("JPY_SESSION_NAME", "")
    path = Path(str(told))
    return path if path.suffix == ".ipynb" else None


def saved_cells(path: Path | None) -> list[Cell]:
    """Return the cells of a notebook's file; none where it is not to be had."""
    if path is None:
        return []
    try:
        return read_notebook(path)
    except NotebookUnreadable:
        return []


def titled(cells: Sequence[Cell], document: Sequence[Cell]) -> list[Cell]:
    """Return the cells that have run, with the headings that they stand under in the document."""
    titles = {cell.original.strip(): cell.title for cell in document}
    titles.update((cell.id, cell.title) for cell in document if cell.id)
    return [
        replace(cell, title=titles.get(cell.id or "") or titles.get(cell.original.strip(), ""))
        for cell in cells
    ]


def names_of(shown: object, namespace: Mapping[str, object]) -> list[str]:
    """Return the names that pages have in a notebook.

    Parameters
    ----------
    shown
        A Page, ActionForm or Action, or several in a list or dict.
    namespace
        The notebook's variables.

    Raises
    ------
    ExportError
        When one has no name, or is something else.
    """
    if isinstance(shown, Page | ActionForm | Action | str):
        several: list[object] = [shown]
    else:
        try:
            several = list(shown.values() if isinstance(shown, Mapping) else shown)  # type: ignore[call-overload]
        except TypeError:
            several = [shown]
        own = _name(shown, namespace)
        if own is not None and several:
            return [own]
    names: list[str] = []
    problems: list[Problem] = []
    for one in several:
        name = _name(one, namespace)
        if not isinstance(one, Page | ActionForm | Action):
            problems.append(problem("E303", detail=f"{one!r:.60} (a {type(one).__name__})"))
        elif name is None:
            problems.append(problem("E302", detail=f"{one!r:.60}"))
        else:
            names.append(name)
    if not several:
        problems.append(problem("E303", detail="nothing"))
    if problems:
        raise ExportError(problems)
    return list(dict.fromkeys(names))


def _name(one: object, namespace: Mapping[str, object]) -> str | None:
    # "_" and "_12" are IPython's names for what a cell has shown.
    return next(
        (name for name, value in namespace.items() if value is one and not name.startswith("_")),
        None,
    )
