"""Looking before writing: what ``--diff`` shows is what an export does, and nothing is written."""

import json
import shutil
import subprocess

import pytest

from notebook_actions import cli
from notebook_actions.exporter import export_notebook, prepare_notebook, write
from notebook_actions.exporter.changes import decide
from notebook_actions.exporter.diff import diff
from tests.exporter.apps import IMPORT, SMALL, content_of, make_database, write_notebook

FIRST = {
    "app.py": b"one\ntwo\nthree\n",
    "sub/old.txt": b"old\n",
    "the notes.txt": b"no end",
    "logo.png": b"\x89PNG\0\1",
    "empty.txt": b"",
}
SECOND = {
    "app.py": b"one\n2\nthree\n",
    "the notes.txt": b"no end\nat all",
    "logo.png": b"\x89PNG\0\2",
    "new.txt": "ünd\x0cso\u2028weiter\n".encode(),
}


@pytest.fixture
def app(tmp_path, monkeypatch):
    """An app that was exported once, in the current folder."""
    monkeypatch.chdir(tmp_path)
    write.write(decide(FIRST, tmp_path / "app"))
    return tmp_path / "app"


def preview(app, files=SECOND, **options):
    """Return the diff of an export into ``app``; it must leave everything as it was."""
    before = content_of(app)
    told = diff(decide(files, app.relative_to(app.parent), **options))
    assert content_of(app) == before
    return told


def test_each_change_is_shown(app):
    """Changed, new and removed files, with the folder's name, and a line where they are no text."""
    told = preview(app)
    assert "--- app/app.py\n+++ app/app.py\n@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n" in told
    assert "Binary files app/logo.png and app/logo.png differ\n" in told
    assert "--- /dev/null\n+++ app/new.txt\n@@ -0,0 +1 @@\n+ünd" in told
    assert "--- app/sub/old.txt\n+++ /dev/null\n@@ -1 +0,0 @@\n-old\n" in told
    assert "--- app/empty.txt\n+++ /dev/null\n" in told
    assert "-no end\n\\ No newline at end of file\n+no end\n+at all\n\\ No newline" in told
    assert ".notebook-actions.json" not in told


def test_nothing_is_shown_where_nothing_changes(app):
    """Also where a checkout has changed the line endings."""
    (app / "app.py").write_bytes(FIRST["app.py"].replace(b"\n", b"\r\n"))
    assert preview(app, FIRST) == ""


@pytest.mark.skipif(shutil.which("patch") is None, reason="needs patch(1)")
def test_the_diff_is_one_that_patch_can_apply(app):
    """What is shown is what an export writes, to the byte."""
    files = {path: text for path, text in SECOND.items() if path != "logo.png"}
    told = preview(app, {**files, "logo.png": FIRST["logo.png"]})
    subprocess.run(["patch", "-p0", "-s"], cwd=app.parent, input=told.encode(), check=True)
    for path, content in files.items():
        assert (app / path).read_bytes() == content


def test_an_edited_file_is_compared_with_its_new_version(app):
    """What would be written beside it is shown as the difference to what the user has made."""
    (app / "app.py").write_text("one\nmine\nthree\n")
    told = preview(app)
    assert "--- app/app.py\n+++ app/app.py.new\n@@ -1,3 +1,3 @@\n one\n-mine\n+2\n" in told
    assert "+++ app/app.py\n" not in told


def test_with_force_the_edited_file_is_what_changes(app):
    """The diff follows the option."""
    (app / "app.py").write_text("one\nmine\nthree\n")
    assert "--- app/app.py\n+++ app/app.py\n" in preview(app, force=True)


def test_a_new_version_that_lies_there_already_is_not_shown_again(app):
    """A second export after an edit changes nothing."""
    (app / "app.py").write_text("one\nmine\nthree\n")
    write.write(decide(SECOND, app))
    assert preview(app) == ""


@pytest.mark.parametrize("force", [False, True])
def test_a_database_of_the_app_is_not_shown(app, force):
    """It would be left alone, whatever is asked for."""
    make_database(app / "songs.db", "songs", "one")
    assert preview(app, {**FIRST, "songs.db": b"other"}, force=force) == ""


# --- on the command line --------------------------------------------------------------------------


@pytest.fixture
def notebook(tmp_path, monkeypatch):
    """A notebook in the current folder, exported to ``app``, and changed since."""
    monkeypatch.chdir(tmp_path)
    export_notebook(write_notebook(tmp_path, *SMALL), "app")
    return write_notebook(
        tmp_path, *(cell.replace("GUESTS = ['luna']", "GUESTS = ['neville']") for cell in SMALL)
    ).name


def run(capsys, *argv):
    """Run the command line and return the exit code and both outputs."""
    code = cli.main([str(one) for one in argv])
    told = capsys.readouterr()
    return code, told.out, told.err


def test_diff_prints_the_diff_alone_and_notes_beside_it(notebook, capsys):
    """Standard output can be piped into a viewer; what to know stands on the other one."""
    before = content_of(prepare_notebook(notebook, "app", force=False).path)
    code, out, err = run(capsys, "export", notebook, "-o", "app", "--diff")
    assert code == 0
    assert out.startswith("--- app/actions.py\n+++ app/actions.py\n@@")
    assert "\n-GUESTS = ['luna']\n+GUESTS = ['neville']\n" in out
    assert out.count("\n--- ") == 0
    assert err.endswith("Nothing was written.\n")
    assert content_of(prepare_notebook(notebook, "app", force=False).path) == before


def test_diff_says_when_nothing_would_change(notebook, capsys):
    """An empty diff is no riddle."""
    run(capsys, "export", notebook, "-o", "app")
    assert run(capsys, "export", notebook, "-o", "app", "--diff")[1] == ""
    assert "Nothing would change." in run(capsys, "export", notebook, "-o", "app", "--diff")[2]


def test_diff_of_a_new_app_makes_no_folder(notebook, capsys, tmp_path):
    """Everything is new, and nothing is there afterwards."""
    code, out, _ = run(capsys, "export", notebook, "-o", "other", "--diff")
    assert code == 0
    assert "--- /dev/null\n+++ other/app.py\n" in out
    assert not (tmp_path / "other").exists()


def test_what_cannot_be_exported_has_no_diff(notebook, capsys, tmp_path):
    """An error is an error, whether or not something would be written."""
    code, out, err = run(capsys, "export", notebook, "-o", tmp_path, "--diff")
    assert (code, out) == (1, "")
    assert "E320" in err


# --- for tools ------------------------------------------------------------------------------------

KEYS = ["written", "path", "files", "kept", "removed", "url", "diff", "problems"]


def report(capsys, *argv):
    """Return the exit code and the document that ``--json`` prints; it prints nothing else."""
    code, out, err = run(capsys, "export", *argv, "--json")
    assert err == ""
    told = json.loads(out)
    assert list(told) == KEYS
    return code, told


def test_the_report_of_an_export(notebook, capsys, tmp_path):
    """All that the result says to a person, as data."""
    (tmp_path / "app" / "README.md").write_text("mine")
    code, told = report(capsys, notebook, "-o", "app")
    assert code == 0
    assert told["written"] is True
    assert told["path"] == "app"
    assert "actions.py" in told["files"]
    assert (told["kept"], told["removed"]) == (["README.md"], [])
    assert told["url"] == "http://127.0.0.1:8000/party"
    assert told["diff"] is None
    assert told["problems"][-1] == {
        "code": "W311",
        "severity": "warning",
        "cell": None,
        "line": None,
        "name": None,
        "why": [],
        "message": "you have edited README.md: your version is kept",
        "remedy": "Nothing to do: this export would not have changed it.",
    }


def test_the_report_of_a_refusal(tmp_path, capsys):
    """The same keys, and each problem with all that is known of it."""
    notebook = write_notebook(
        tmp_path, IMPORT, "LIMITS = 3", "@action\ndef go():\n    return LIMIT"
    )
    code, told = report(capsys, notebook, "-o", tmp_path / "app")
    assert code == 1
    assert told["written"] is False
    assert (told["files"], told["kept"], told["removed"], told["url"]) == ([], [], [], None)
    assert told["problems"] == [
        {
            "code": "E101",
            "severity": "error",
            "cell": 3,
            "line": 3,
            "name": "LIMIT",
            "why": ["go", "LIMIT"],
            "message": "`LIMIT` is not defined",
            "remedy": "Did you mean `LIMITS`?",
        }
    ]


def test_the_report_of_a_notebook_that_is_not_there(tmp_path, capsys):
    """Also what is found before anything is read is told as data."""
    code, told = report(capsys, tmp_path / "missing.ipynb")
    assert code == 1
    assert [one["code"] for one in told["problems"]] == ["E001"]


def test_the_report_of_a_preview(notebook, capsys, tmp_path):
    """With ``--diff`` the document holds the diff, and says that nothing was written."""
    before = content_of(tmp_path)
    code, told = report(capsys, notebook, "-o", "app", "--diff")
    assert (code, told["written"]) == (0, False)
    assert "+GUESTS = ['neville']\n" in told["diff"]
    assert "actions.py" in told["files"]
    assert content_of(tmp_path) == before
