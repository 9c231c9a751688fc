"""The example notebooks run from top to bottom in a kernel, and do what they say."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"


def execute(path: Path, *more: str) -> nbformat.NotebookNode:
    """Run a notebook, and then some cells of the test, in the folder where it stands."""
    notebook = nbformat.read(path, as_version=4)
    notebook.cells += [nbformat.v4.new_code_cell(source) for source in more]
    resources = {"metadata": {"path": str(path.parent)}}
    NotebookClient(notebook, timeout=120, resources=resources).execute()
    return notebook


def texts(notebook: nbformat.NotebookNode) -> str:
    """Return all that the cells have printed."""
    outputs = [one for cell in notebook.cells for one in cell.get("outputs", [])]
    return "".join(one["text"] for one in outputs if one["output_type"] == "stream")


@pytest.mark.parametrize("name", sorted(path.name for path in NOTEBOOKS.glob("*.ipynb")))
def test_a_notebook_runs_without_a_word(name, tmp_path):
    """No cell raises, warns or prints anything that the reader does not expect."""
    path = Path(shutil.copy(NOTEBOOKS / name, tmp_path))
    assert texts(execute(path)) == ""


@pytest.mark.parametrize("name", sorted(path.name for path in NOTEBOOKS.glob("*.ipynb")))
def test_a_notebook_is_committed_without_outputs(name):
    """What is committed is the source: no output, no count, no saved widget."""
    notebook = nbformat.read(NOTEBOOKS / name, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.outputs for cell in code] == [[] for _ in code]
    assert {cell.execution_count for cell in code} == {None}
    assert "widgets" not in notebook.metadata


def test_the_page_of_the_example_is_shown_as_a_widget(tmp_path):
    """The last result is a widget, with a summary in HTML for where there is no kernel."""
    path = Path(shutil.copy(NOTEBOOKS / "enrollment.ipynb", tmp_path))
    outputs = [
        one.data
        for cell in execute(path).cells
        for one in cell.get("outputs", [])
        if one.output_type == "execute_result"
    ]
    assert "application/vnd.jupyter.widget-view+json" in outputs[-1]
    assert "Waiting list" in outputs[-1]["text/html"]


def test_the_forms_of_the_example_do_what_they_say(tmp_path):
    """Enrolling writes a row and refreshes the list; Potions is refused beside its field."""
    path = Path(shutil.copy(NOTEBOOKS / "enrollment.ipynb", tmp_path))
    executed = execute(
        path,
        'print(await enrolling.submit(subject="Charms"))',
        "await page.refresh()\nprint('Charms' in page._html)",
        "import contextlib\nwith contextlib.suppress(FormError):\n"
        "    await waiting.submit(subject='Potions')\nprint(waiting.error.fields)",
        "print(await waiting.submit(subject='Runes', seats=2))",
    )
    assert texts(executed).splitlines() == [
        "Redirect(location='/enrollment', external=False)",
        "True",
        "{'subject': 'Potions is full this year'}",
        "You are on the list for Runes, with 2 seats.",
    ]
    with closing(sqlite3.connect(tmp_path / "enrollment.db")) as db:
        rows = db.execute("SELECT student, subject FROM enrollments").fetchall()
    assert rows == [("luna", "Charms")]
