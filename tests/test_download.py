"""Downloads: what an action can give as a file, and the name that it gets."""

import io
import pickle
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notebook_actions import Download
from notebook_actions.download import MAX_NAME

CONTENT = "größe\n".encode()


def of_a_path(folder):
    """Return a download of a file that is deleted at once."""
    path = folder / "owls.csv"
    path.write_bytes(CONTENT)
    download = Download(path)
    path.unlink()
    return download


def of_a_file(folder):
    """Return a download of a file that was read to its end, and is closed at once."""
    with (folder / "owls.csv").open("w+b") as file:
        file.write(CONTENT)
        return Download(file)


@pytest.mark.parametrize(
    "make",
    [
        of_a_path,
        of_a_file,
        lambda _: Download(CONTENT, "owls.csv"),
        lambda _: Download(bytearray(CONTENT), "owls.csv"),
        lambda _: Download(memoryview(CONTENT), "owls.csv"),
        lambda _: Download(CONTENT.decode(), "owls.csv"),
        lambda _: Download(io.BytesIO(CONTENT), "owls.csv", "text/csv"),
        lambda _: pickle.loads(pickle.dumps(Download(CONTENT, "owls.csv"))),
    ],
)
def test_content_is_taken_in_whatever_holds_it(make, tmp_path):
    """Bytes, text, a path and a file give the same; what held them may be gone afterwards."""
    download = make(tmp_path)
    assert (download.filename, download.content_type) == ("owls.csv", "text/csv")
    assert (download.read(), download.size) == (CONTENT, len(CONTENT))
    assert download.read(2, 3) == CONTENT[2:5]


def test_a_file_of_a_temporary_folder_outlives_it():
    """The usual way to make a file: in a folder that is gone when the action has ended."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "big.bin")
        path.write_bytes(b"x" * 3_000_000)
        download = Download(path)
    assert download.read() == b"x" * 3_000_000


@pytest.mark.parametrize(
    ("given_name", "name"),
    [
        ("report.csv", "report.csv"),
        ("/etc/passwd", "passwd"),
        ("..\\..\\evil.exe", "evil.exe"),
        ("../", "download"),
        ("", "download"),
        ("..", "download"),
        (".bashrc", "bashrc"),
        ("a\r\nSet-Cookie: x\x00.txt", "aSet-Cookie: x.txt"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("größe 円.txt", "größe 円.txt"),
        ("owl\udcff.png", "owl?.png"),
        ("円" * 200 + ".csv", "円" * ((MAX_NAME - 4) // 3) + ".csv"),
    ],
)
def test_a_name_is_only_a_name(given_name, name):
    """Folders, control characters and marks that turn text around are left out."""
    assert Download(b"", given_name).filename == name


@given(st.text())
def test_any_name_becomes_one_that_can_be_saved(text):
    """For any text: a name without folders and controls, that fits and can be encoded."""
    name = Download(b"", text).filename
    assert 0 < len(name.encode()) <= MAX_NAME
    assert not set(name) & {"/", "\\", "\r", "\n", "\0"}
    assert name not in (".", "..")


@pytest.mark.parametrize("content_type", ["text", "text/html\r\nX: y", "a b/c", "text/html;"])
def test_what_is_no_media_type_is_refused(content_type):
    """A header is never made of it."""
    with pytest.raises(ValueError, match="is no media type"):
        Download(b"", "a.txt", content_type)
    assert Download(b"", "a", "text/csv; charset=utf-8").content_type == "text/csv; charset=utf-8"


@pytest.mark.parametrize(
    ("data", "name", "error"),
    [
        (b"", None, "needs a name"),
        (7, "a.txt", "takes bytes, text, a path or a binary file, not int"),
        (io.StringIO("a"), "a.txt", "opened for bytes"),
    ],
)
def test_what_cannot_be_a_download_is_refused(data, name, error):
    """The error says what was given and what is taken."""
    with pytest.raises(TypeError, match=error):
        Download(data, name)


def test_a_file_that_is_not_there_is_an_error_where_it_is_named():
    """The author sees the line that named it."""
    with pytest.raises(FileNotFoundError):
        Download(Path("not-there.csv"))
