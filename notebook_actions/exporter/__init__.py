"""From a notebook to an app: its own statements that the pages need, with a runtime beside them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from ..action import Action
from ..errors import ExportError
from ..page import ActionForm, Page

if TYPE_CHECKING:
    from .prepared import Prepared
    from .result import Export

__all__ = ["export", "export_notebook", "prepare", "prepare_notebook"]

Shown: TypeAlias = Page | ActionForm | Action[..., Any]


def export(
    pages: Shown | Iterable[Shown] | None,
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
    return prepare(pages, path, force=force).write()


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
    return prepare_notebook(notebook, path, force=force).write()


def prepare(
    pages: Shown | Iterable[Shown] | None,
    path: str | os.PathLike[str],
    *,
    force: bool = False,
) -> Prepared:
    """Do all of :func:`export` but the writing, to see what it would change.

    The parameters and the exception are those of :func:`export`.

    Returns
    -------
    Prepared
        ``preview()`` shows what would change, ``write()`` writes it.
    """
    from .analysis.history import executed_cells
    from .analysis.slice import slice_statements
    from .live import names_of, notebook_file, running_shell, saved_cells, titled
    from .live_checks import document_problems, value_problems
    from .prepared import Prepared

    shell = running_shell()
    names = None if pages is None else names_of(pages, shell.user_ns)
    values = {name: value for name, value in shell.user_ns.items() if not name.startswith("_")}
    file = notebook_file(shell)
    document = saved_cells(file)
    cells = titled(executed_cells(shell), document)
    folder = Path.cwd()
    if any("os.chdir(" in cell.source for cell in cells):
        folder = Path(shell.user_ns["_dh"][0])  # where the kernel was started
    found = slice_statements(cells, names, folder=folder, values=values)
    ready = Prepared.of(found, folder, file.name if file else None, Path(path), force)
    return ready.told(
        *document_problems(ready.plan.part, cells, document),
        *value_problems(ready.plan.part, ready.plan.pages.values, values),
    )


def prepare_notebook(
    notebook: str | os.PathLike[str], path: str | os.PathLike[str], *, force: bool = False
) -> Prepared:
    """Do all of :func:`export_notebook` but the writing, to see what it would change.

    The parameters and the exception are those of :func:`export_notebook`.

    Returns
    -------
    Prepared
        ``preview()`` shows what would change, ``write()`` writes it.
    """
    from .analysis.notebook import NotebookUnreadable, read_notebook
    from .analysis.slice import slice_statements
    from .prepared import Prepared

    file = Path(notebook)
    try:
        cells = read_notebook(file)
    except NotebookUnreadable as error:
        raise ExportError([error.problem]) from None
    folder = file.resolve().parent
    found = slice_statements(cells, folder=folder)
    return Prepared.of(found, folder, file.name, Path(path), force)
