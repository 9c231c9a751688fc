"""Exporting from a running notebook: names in the kernel, cells that have run."""

from types import SimpleNamespace

import nbformat
import pytest
from nbclient import NotebookClient

from notebook_actions import ActionForm, ExportError, Page, action, export
from notebook_actions.exporter.analysis.problems import problem
from notebook_actions.exporter.live import names_of, notebook_file
from notebook_actions.exporter.result import Export
from tests.exporter.apps import IMPORT, content_of, export_notebook, write_notebook


@action
def go(): ...


form = ActionForm(go)
page = Page("/a", form)
other = Page("/b")


def problems_of(shown, namespace):
    """Return the codes for which something has no name."""
    with pytest.raises(ExportError) as caught:
        names_of(shown, namespace)
    return [one.code for one in caught.value.problems]


# --- names ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shown", "names"),
    [
        (page, ["page"]),
        (form, ["form"]),
        (go, ["go"]),
        ([page, other], ["page", "other"]),
        ((page, page), ["page"]),
        ({"x": other}, ["other"]),
        (iter([page]), ["page"]),
    ],
)
def test_objects_are_found_by_their_names(shown, names):
    """A page, a form, an action, or several of them, under the names that the notebook gave."""
    namespace = {"_": page, "__": other, "go": go, "form": form, "page": page, "other": other}
    assert names_of(shown, namespace) == names


def test_a_list_with_a_name_is_exported_as_it_is():
    """Its pages need no names of their own."""
    pages = [Page("/x"), Page("/y")]
    assert names_of(pages, {"pages": pages}) == ["pages"]


def test_what_has_no_name_is_told_for_each(tmp_path):
    """IPython's own names for earlier output do not count."""
    assert problems_of([page, other], {"_": page, "_3": other}) == ["E302", "E302"]


@pytest.mark.parametrize("shown", [None, 3, "page", [], [3], go.function])
def test_what_is_no_page_is_refused(shown):
    """The message names what was given."""
    assert "E303" in problems_of(shown, {"go": go})


def test_outside_of_a_notebook_the_way_is_shown(tmp_path):
    """A script is told of the command line."""
    with pytest.raises(ExportError, match=r"notebook-actions export NOTEBOOK -o DIR"):
        export(page, tmp_path / "app")
    assert not (tmp_path / "app").exists()


@pytest.mark.parametrize(
    ("namespace", "session", "name"),
    [
        ({}, "", None),
        ({}, "work/party.ipynb", "party.ipynb"),
        ({}, "b2c4a8f0-uuid", None),
        ({"__vsc_ipynb_file__": "/home/luna/party.ipynb"}, "", "party.ipynb"),
    ],
)
def test_the_notebook_is_known_by_its_file_name_only(monkeypatch, namespace, session, name):
    """Jupyter and VS Code say what it is called; its folder is nobody's business."""
    monkeypatch.setenv("JPY_SESSION_NAME", session)
    path = notebook_file(SimpleNamespace(user_ns=namespace))
    assert (path and path.name) == name


# --- in a kernel ----------------------------------------------------------------------------------


def run_cells(folder, *cells):
    """Run cells in a kernel and return the text that each printed or showed."""
    notebook = nbformat.read(write_notebook(folder, *cells), 4)
    NotebookClient(notebook, resources={"metadata": {"path": str(folder)}}).execute()
    shown = [
        "".join(one.get("text", "") or one["data"].get("text/html", "") for one in cell.outputs)
        for cell in notebook.cells
    ]
    return notebook, shown


def test_a_page_exports_itself(tmp_path):
    """What the kernel writes is what the command line writes for the same cells."""
    cells = [
        f"{IMPORT}\nfrom pathlib import Path",
        "LIMIT = 1",
        "@action\nasync def come():\n    return LIMIT",
        "page = Page('/come', ActionForm(come))\npage",
        "page.export('live')",
        "print(page.export(Path('live')))",
    ]
    _, shown = run_cells(tmp_path, *cells)
    assert "cd live" in shown[4]
    assert shown[4].startswith("<p>")
    assert "python app.py" in shown[5]
    export_notebook(write_notebook(tmp_path, *cells), tmp_path / "file")
    live, file = content_of(tmp_path / "live"), content_of(tmp_path / "file")
    assert live.keys() == file.keys()
    for path in live:
        if path not in ("README.md", "actions.py", ".notebook-actions.json"):
            assert live[path] == file[path], path
    assert live["actions.py"].splitlines()[1:] == file["actions.py"].splitlines()[1:]
    assert b"export" not in live["actions.py"]


def test_the_page_may_be_made_in_the_cell_that_exports_it(tmp_path):
    """The cell that runs counts as one that has run."""
    _, shown = run_cells(
        tmp_path,
        IMPORT,
        "@action\ndef come(): ...",
        "mine = Page('/come', ActionForm(come)); print(mine.export('live'))",
    )
    assert "http://127.0.0.1:8000/come" in shown[2]
    assert "[actions.mine]" in (tmp_path / "live" / "app.py").read_text()


# --- the result -----------------------------------------------------------------------------------


def test_the_result_says_how_to_run_the_app(tmp_path):
    """As text and as HTML, with folders and messages as they are, escaped."""
    result = Export(tmp_path / "my <app>", ("app.py",), url="http://127.0.0.1:8000/x")
    assert "Wrote 1 file to" in str(result)
    assert f"cd '{tmp_path}/my <app>'" in str(result)
    assert "http://127.0.0.1:8000/x" in str(result)
    assert "my &lt;app&gt;" in result._repr_html_()
    assert "<app>" not in result._repr_html_()


def test_warnings_are_shown_with_place_and_remedy(tmp_path):
    """As a list in a notebook, with what the author wrote escaped."""
    one = problem("W210", cell=2, line=3, name="<x>", why=("go", "<x>"))
    html = Export(tmp_path, ("app.py",), (one,), removed=("old.txt",))._repr_html_()
    assert "<li><b>W210</b> cell 2, line 3: <code>&lt;x&gt;</code> is module-level state" in html
    assert "<br>needed by go → &lt;x&gt;<br>Keep it in a database.</li>" in html
    assert "<li>Removed, as no longer part of the app: old.txt</li>" in html


def test_a_refusal_in_a_cell_shows_the_problems_and_no_traceback(tmp_path):
    """In the output of the cell stand the problems, and nothing of the exporter's code."""
    notebook = nbformat.read(
        write_notebook(
            tmp_path,
            IMPORT,
            "LIMITS = 3",
            "@action\ndef come():\n    return LIMIT",
            "page = Page('/come', ActionForm(come))",
            "page.export('live')",
        ),
        4,
    )
    resources = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(notebook, resources=resources, allow_errors=True).execute()
    (shown,) = notebook.cells[-1].outputs
    assert shown.ename == "ExportError"
    assert "\n".join(shown.traceback).splitlines() == [
        "Nothing was exported.",
        "",
        "E101  cell 3, line 3: `LIMIT` is not defined",
        "      needed by page → come → LIMIT",
        "      Did you mean `LIMITS`?",
        "",
        "What a code means: notebook-actions explain E101",
    ]
