"""From a notebook to an app: its own statements that the pages need, with a runtime beside them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from ..action import Action
from ..errors import ExportError
from ..page import ActionForm, Page

if TYPE_CHECKING:
    from .analysis.problems import Problem
    from .analysis.slice import Slice
    from .plan import Plan
    from .result import Export

__all__ = ["export", "export_notebook"]

Shown: TypeAlias = Page | ActionForm | Action[..., Any]


def export(
    pages: Page
    | ActionForm
    | Action[..., Any]
    | Iterable[Page | ActionForm | Action[..., Any]]
    | None,
    path: str | os.PathLike[str],
    *,
    force: bool = False,
) -> Export:
    """Write pages of this notebook as a standalone Tornado app.

    The app is made of the cells that have run: the statements that the pages need, in the order in
    which they ran.

    Parameters
    ----------
    pages : Page, ActionForm or Action, several of them, or None
        What to export; each must have a name in the notebook (``page = Page(...)``). None for the
        notebook's pages or, where it has none, its forms, else its actions.
    path : path-like
        The app's folder: new, empty, or an earlier export. Of an earlier one, files that you have
        edited are kept, and their new version is written beside them (``app.py.new``).
    force : bool
        Whether to overwrite edited files. Databases and files of your own are never touched.

    Returns
    -------
    Export
        What was written, with warnings and how to run it.

    Raises
    ------
    ExportError
        With every problem that was found, when one of them stops the export. Nothing is written.
    """
    from .analysis.history import executed_cells
    from .analysis.slice import slice_statements
    from .live import names_of, notebook_file, running_shell, saved_cells
    from .live_checks import document_problems, value_problems

    shell = running_shell()
    names = None if pages is None else names_of(pages, shell.user_ns)
    values = {name: value for name, value in shell.user_ns.items() if not name.startswith("_")}
    folder = Path.cwd()
    cells = executed_cells(shell)
    file = notebook_file(shell)
    found = slice_statements(cells, names, folder=folder, values=values)

    def check(plan: Plan) -> Iterator[Problem]:
        if document := saved_cells(file):
            yield from document_problems(plan.part, cells, document)
        yield from value_problems(plan.part, plan.pages.values, values)

    return _write(found, folder, file.name if file else None, Path(path), force, check)


def export_notebook(
    notebook: str | os.PathLike[str], path: str | os.PathLike[str], *, force: bool = False
) -> Export:
    """Write the pages of a notebook file as a standalone Tornado app; no kernel is needed.

    The cells are taken in the order in which they stand.

    Parameters
    ----------
    notebook : path-like
        The ``.ipynb`` file.
    path, force
        As for :func:`export`.

    Returns
    -------
    Export
        What was written, with warnings and how to run it.

    Raises
    ------
    ExportError
        With every problem that was found, when one of them stops the export. Nothing is written.
    """
    from .analysis.notebook import NotebookUnreadable, read_notebook
    from .analysis.slice import slice_statements

    file = Path(notebook)
    try:
        cells = read_notebook(file)
    except NotebookUnreadable as error:
        raise ExportError([error.problem]) from None
    folder = file.resolve().parent
    found = slice_statements(cells, folder=folder)
    return _write(found, folder, file.name, Path(path), force)


def _write(
    found: Slice,
    folder: Path,
    notebook: str | None,
    target: Path,
    force: bool,
    check: Callable[[Plan], Iterable[Problem]] = lambda plan: (),
) -> Export:
    from .plan import plan_app
    from .result import Export
    from .write import check_target, write_app

    problems: list[object] = []
    try:
        check_target(target)
    except ExportError as error:
        problems += error.problems
    try:
        plan = plan_app(found, folder, notebook)
    except ExportError as error:
        problems += error.problems
    if problems:
        raise ExportError(problems)
    done = write_app(plan.files, target, force=force)
    return Export(
        target,
        tuple(done.files),
        (*plan.problems, *check(plan), *done.problems),
        tuple(done.kept),
        tuple(done.removed),
        f"http://127.0.0.1:8000{plan.pages.shown[0].path}",
    )
