"""The code cells of a notebook, as plain Python, from the file on disk."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from notebook_actions.exporter.analysis.headings import last_heading
from notebook_actions.exporter.analysis.magics import Run, make_plain
from notebook_actions.exporter.analysis.problems import Problem, problem

__all__ = ["Cell", "NotebookUnreadable", "make_cell", "read_notebook"]


class NotebookUnreadable(Exception):
    """The notebook cannot be read at all; ``problem`` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Cell:
    """One code cell.

    Attributes
    ----------
    number
        The place among the code cells, counted from 1.
    source
        The text as plain Python, with the line numbers of ``original``.
    original
        The text as the author wrote it.
    id
        The cell's id, where the notebook or the front end gave one.
    execution_count
        The number beside the cell (``In [3]``), or None where it was not run.
    writes
        Files that the cell writes by ``%%writefile``: (path, text); ``+`` before the path means
        appended.
    runs
        Files that the cell runs by ``%run``.
    failed
        The line at which the cell stopped with an error; 0 where the line is not known; None
        where it did not fail.
    key
        What is the same for all runs of one cell.
    title
        The nearest Markdown heading above it, as plain text; empty where there is none.
    """

    number: int
    source: str
    original: str
    id: str | None = None
    execution_count: int | None = None
    writes: tuple[tuple[str, str], ...] = ()
    runs: tuple[Run, ...] = ()
    failed: int | None = None
    key: str = ""
    title: str = ""


def make_cell(
    number: int,
    original: str,
    *,
    id: str | None = None,  # noqa: A002 (the notebook format's own word)
    execution_count: int | None = None,
    failed: int | None = None,
    key: str | None = None,
    title: str = "",
) -> Cell:
    """Return the cell of this text, made plain; without a key it is a cell of its own."""
    plain = make_plain(original)
    return Cell(
        number,
        plain.source,
        original,
        id,
        execution_count,
        plain.writes,
        plain.runs,
        failed,
        f"cell {number}" if key is None else key,
        title,
    )


def read_notebook(path: str | Path) -> list[Cell]:
    """Return the code cells of a notebook file, in document order.

    Parameters
    ----------
    path
        The ``.ipynb`` file.

    Raises
    ------
    NotebookUnreadable
        With the problem: no such file (E001), not a notebook (E002), not Python (E003), no code
        cells (E004).
    """
    path = Path(path)
    if not path.is_file():
        raise NotebookUnreadable(problem("E002" if path.exists() else "E001", detail=path))
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
        if not isinstance(document, dict) or "nbformat" not in document:
            raise ValueError("no nbformat")
        notebook: Any = document if document["nbformat"] == 4 else _converted(document)
        headed = list(_under_headings(notebook["cells"]))
        code = [cell for cell, _ in headed]
        texts = [_text(cell.get("source", "")) for cell in code]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotebookUnreadable(problem("E002", detail=path)) from error
    language = _language(notebook)
    if language is not None and not language.lower().startswith(("python", "ipython")):
        raise NotebookUnreadable(problem("E003", detail=language))
    if not any(text.strip() for text in texts):
        raise NotebookUnreadable(problem("E004"))
    return [
        make_cell(
            number,
            text,
            id=cell.get("id"),
            execution_count=cell.get("execution_count"),
            failed=0 if _failed(cell) else None,
            title=title,
        )
        for number, ((cell, title), text) in enumerate(zip(headed, texts, strict=True), 1)
    ]


def _converted(document: dict[str, Any]) -> Any:
    """Return a notebook of an old version of the format in the present one."""
    import nbformat  # takes seconds in Jupyter's environment, where an export should be quick

    old = nbformat.versions[document["nbformat"]].to_notebook_json(document)
    try:
        return nbformat.convert(old, 4)  # type: ignore[no-untyped-call]
    except nbformat.ValidationError as error:
        raise ValueError("not a valid notebook") from error


def _text(source: object) -> str:
    return "".join(source) if isinstance(source, list) else str(source)


def _under_headings(cells: Iterable[Any]) -> Iterator[tuple[Any, str]]:
    """Yield the code cells, each with the nearest heading above it."""
    title = ""
    for cell in cells:
        if cell["cell_type"] == "code":
            yield cell, title
        elif cell["cell_type"] == "markdown":
            title = last_heading(_text(cell.get("source", ""))) or title


def _language(notebook: Any) -> str | None:
    metadata = notebook.get("metadata", {})
    for part, key in (("language_info", "name"), ("kernelspec", "language")):
        value = metadata.get(part, {}).get(key)
        if value:
            return str(value)
    return None


def _failed(cell: Any) -> bool:
    return any(output.get("output_type") == "error" for output in cell.get("outputs", []))
