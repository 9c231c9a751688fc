"""Writing an app: all or nothing, and never over what its user has changed."""

import json
from pathlib import Path

import pytest

from notebook_actions import ExportError
from notebook_actions.exporter import write
from notebook_actions.exporter.changes import decide
from notebook_actions.exporter.manifest import MANIFEST
from tests.exporter.apps import content_of, make_database

FIRST = {
    "app.py": b'"""App."""\n\nprint("one")  # said\n',
    "sub/deep/old.txt": b"old\n",
    "README.md": b"# One\n\ntext\n",
}
SECOND = {"app.py": b'"""App."""\n\nprint("two")  # said\n', "README.md": b"# Two\n\ntext\n"}


def write_app(files, target, **options):
    """Write these files and return what was decided."""
    changes = decide(files, target, **options)
    write.write(changes)
    return changes


def codes(done):
    """Return the codes of what the result says."""
    return [one.code for one in done.problems]


def without_manifest(folder):
    """Return every file but the manifest."""
    return {path: content for path, content in content_of(folder).items() if path != MANIFEST}


def refused(files, target, **options):
    """Return the code of the one problem for which nothing is written."""
    with pytest.raises(ExportError) as caught:
        write_app(files, target, **options)
    (problem,) = caught.value.problems
    return problem.code


@pytest.fixture
def app(tmp_path):
    """An app that was exported once."""
    write_app(FIRST, tmp_path / "app")
    return tmp_path / "app"


# --- the first time -------------------------------------------------------------------------------


def test_a_new_folder_is_made_with_the_folders_above_it(tmp_path):
    """All files are written, with a manifest, and nothing is left beside them."""
    target = tmp_path / "out" / "app"
    done = write_app(FIRST, target)
    assert without_manifest(target) == FIRST
    assert list(done.files) == list(FIRST)
    assert [path.name for path in target.parent.iterdir()] == ["app"]


def test_an_empty_folder_is_taken(tmp_path):
    """A folder that was made for the app is as good as none."""
    (tmp_path / "app").mkdir()
    write_app(FIRST, tmp_path / "app")
    assert without_manifest(tmp_path / "app") == FIRST


def test_a_folder_with_other_things_in_it_is_refused(tmp_path):
    """Somebody's folder is never written into, forced or not."""
    (tmp_path / "mine.txt").write_text("mine")
    assert refused(FIRST, tmp_path) == "E320"
    assert refused(FIRST, tmp_path, force=True) == "E320"
    assert content_of(tmp_path) == {"mine.txt": b"mine"}


def test_a_file_is_refused(tmp_path):
    """A file is no folder."""
    (tmp_path / "app").write_text("mine")
    assert refused(FIRST, tmp_path / "app") == "E321"


def test_a_place_below_a_file_is_refused(tmp_path):
    """What the system says is told, without a traceback."""
    (tmp_path / "file").write_text("")
    assert refused(FIRST, tmp_path / "file" / "app") == "E322"


def test_a_failure_half_way_leaves_nothing_behind(tmp_path, monkeypatch):
    """A disk that fills up while the app is written leaves no half of an app."""

    def fill_up(folder, files):
        (folder / "app.py").parent.mkdir(parents=True, exist_ok=True)
        (folder / "app.py").write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(write, "write_files", fill_up)
    with pytest.raises(ExportError, match="No space left on device"):
        write_app(FIRST, tmp_path / "app")
    assert list(tmp_path.iterdir()) == []


# --- again ----------------------------------------------------------------------------------------


def test_what_nobody_edited_is_replaced_or_removed(app):
    """A second export of an untouched app gives what a first one would."""
    done = write_app(SECOND, app)
    assert without_manifest(app) == SECOND
    assert (done.removed, done.kept) == (("sub/deep/old.txt",), ())
    assert not (app / "sub").exists()


def test_the_same_export_again_changes_nothing(app):
    """An export can be repeated."""
    before = content_of(app)
    done = write_app(FIRST, app)
    assert content_of(app) == before
    assert done.problems == ()


def test_an_edited_file_is_kept_and_the_new_version_lies_beside_it(app):
    """The user's work is never lost, and the new version is there to be compared."""
    (app / "app.py").write_text("mine")
    done = write_app(SECOND, app)
    assert (app / "app.py").read_text() == "mine"
    assert (app / "app.py.new").read_bytes() == SECOND["app.py"]
    assert (app / "README.md").read_bytes() == SECOND["README.md"]
    assert done.kept == ("app.py",)
    assert codes(done) == ["W310"]
    assert "app.py.new" in str(done.problems[0])


def test_an_edited_file_stays_kept_however_often_one_exports(app):
    """The second export after an edit knows of it as the first did."""
    (app / "app.py").write_text("mine")
    write_app(SECOND, app)
    done = write_app(SECOND, app)
    assert (app / "app.py").read_text() == "mine"
    assert codes(done) == ["W311"]
    assert (app / "app.py.new").read_bytes() == SECOND["app.py"]


def test_no_new_version_is_written_where_there_is_none(app):
    """An edited file whose generated version has not changed needs no comparison."""
    (app / "app.py").write_text("mine")
    done = write_app(FIRST, app)
    assert codes(done) == ["W311"]
    assert not (app / "app.py.new").exists()


def test_a_merged_file_is_ours_again_and_its_new_version_goes(app):
    """Once the user has taken over the new version, nothing is said any more."""
    (app / "app.py").write_text("mine")
    write_app(SECOND, app)
    (app / "app.py").write_bytes(SECOND["app.py"])
    done = write_app(SECOND, app)
    assert done.problems == ()
    assert done.removed == ("app.py.new",)
    assert without_manifest(app) == SECOND


def test_force_overwrites_what_was_edited(app):
    """Who asks for it gets the generated files."""
    (app / "app.py").write_text("mine")
    done = write_app(SECOND, app, force=True)
    assert (app / "app.py").read_bytes() == SECOND["app.py"]
    assert done.kept == ()
    assert not (app / "app.py.new").exists()


@pytest.mark.parametrize("force", [False, True])
def test_an_edited_file_that_is_no_longer_generated_is_kept(app, force):
    """Nothing of the user's is deleted, forced or not."""
    (app / "sub" / "deep" / "old.txt").write_text("mine")
    done = write_app(SECOND, app, force=force)
    assert (app / "sub" / "deep" / "old.txt").read_text() == "mine"
    assert codes(done) == ["W312"]


@pytest.mark.parametrize("force", [False, True])
def test_files_of_the_user_are_not_touched(app, force):
    """What the export did not write, it does not know."""
    (app / "mine").mkdir()
    (app / "mine" / "notes.txt").write_text("mine")
    make_database(app / "store.sqlite3", "kept", "row")
    before = content_of(app)
    write_app(SECOND, app, force=force)
    after = content_of(app)
    assert after["mine/notes.txt"] == b"mine"
    assert after["store.sqlite3"] == before["store.sqlite3"]


def test_a_file_of_the_user_under_a_name_that_becomes_ours_is_kept(app):
    """A new version of the package may write files that it did not write before."""
    (app / "Dockerfile").write_text("mine")
    done = write_app({**FIRST, "Dockerfile": b"ours"}, app)
    assert (app / "Dockerfile").read_text() == "mine"
    assert (app / "Dockerfile.new").read_bytes() == b"ours"
    assert codes(done) == ["W310"]


@pytest.mark.parametrize("force", [False, True])
def test_a_database_that_the_app_has_written_to_is_kept(tmp_path, force):
    """The app's own rows are worth more than a new copy, whatever is asked for."""
    make_database(tmp_path / "old.db", "songs", "one")
    make_database(tmp_path / "new.db", "songs", "one", "two")
    files = {"songs.db": (tmp_path / "old.db").read_bytes()}
    app = tmp_path / "app"
    write_app(files, app)
    make_database(app / "songs.db", "played", "three")
    before = content_of(app)["songs.db"]
    done = write_app({"songs.db": (tmp_path / "new.db").read_bytes()}, app, force=force)
    assert content_of(app)["songs.db"] == before
    assert done.kept == ("songs.db",)
    assert not (app / "songs.db.new").exists()


def test_a_deleted_file_comes_back(app):
    """An app without its files would not run."""
    (app / "app.py").unlink()
    write_app(SECOND, app)
    assert (app / "app.py").read_bytes() == SECOND["app.py"]


# --- what is no edit ------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["app.py", "README.md"])
def test_line_endings_are_no_edit(app, path):
    """A checkout on Windows changes every file, and nothing in it."""
    (app / path).write_bytes(FIRST[path].replace(b"\n", b"\r\n"))
    assert write_app(SECOND, app).problems == ()
    assert (app / path).read_bytes() == SECOND[path]


def test_a_formatter_is_no_edit(app):
    """Quotes, blank lines and wrapped calls do not change a program."""
    (app / "app.py").write_text("'''App.'''\nprint(\n    'one',\n)  # said\n")
    assert write_app(SECOND, app).problems == ()
    assert (app / "app.py").read_bytes() == SECOND["app.py"]


@pytest.mark.parametrize(("old", "new"), [(b"# said", b"# heard"), (b"one", b"other")])
def test_a_comment_and_a_value_are_edits(app, old, new):
    """What a person wrote counts, also where the program stays the same."""
    (app / "app.py").write_bytes(FIRST["app.py"].replace(old, new))
    assert codes(write_app(SECOND, app)) == ["W310"]


# --- trouble --------------------------------------------------------------------------------------


@pytest.mark.parametrize("failing", range(1, 6))
def test_a_failure_half_way_puts_everything_back(app, monkeypatch, failing):
    """Whichever file cannot be put in place, the earlier export is as it was."""
    before = content_of(app)
    replace, calls = Path.replace, []

    def fail(self, target):
        if "export-" in str(self) and "/new/" in str(self):
            calls.append(self)
            if len(calls) == failing:
                raise PermissionError(13, "Permission denied")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", fail)
    files = {**SECOND, "a.txt": b"a", "z/z.txt": b"z"}
    assert refused(files, app) == "E322"
    assert len(calls) == failing
    assert content_of(app) == before


@pytest.mark.parametrize(
    "text",
    ["{", "[]", '{"files": []}', '{"files": {"x": 1}}', '{"files": {"../x": {"sha256": "0"}}}'],
)
def test_a_manifest_that_cannot_be_trusted_is_refused(app, text):
    """Without it nobody knows what may be replaced; and it cannot name files elsewhere."""
    outside = app.parent / "x"
    outside.write_text("mine")
    (app / MANIFEST).write_text(text)
    assert refused(SECOND, app) == "E323"
    assert outside.read_text() == "mine"


def test_the_manifest_names_every_file_and_nothing_else(app):
    """It can be read by a person, and lists what the export wrote."""
    assert sorted(json.loads((app / MANIFEST).read_text())["files"]) == sorted(FIRST)
