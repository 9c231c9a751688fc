"""Uploaded files: what an action may do with one."""

from __future__ import annotations

import asyncio
import pickle
from tempfile import SpooledTemporaryFile
from typing import Any

import pytest

from notebook_actions import UploadedFile
from notebook_actions.files import SPOOL, spool


def test_read_again() -> None:
    """The whole content is read each time, also by ``aread``, wherever ``file`` stands."""
    paper = UploadedFile("a.txt", "text/plain", b"one\r\ntwo")
    assert paper.file.read(3) == b"one"
    assert paper.read() == paper.read() == asyncio.run(paper.aread()) == b"one\r\ntwo"
    assert paper.file.read() == b"one\r\ntwo"


def test_size() -> None:
    """The size is that of the content, given as bytes or as a file that stands anywhere."""
    file = spool()
    file.write(b"123")
    assert UploadedFile("a", file=file).size == UploadedFile("a", data=b"123").size == 3


@pytest.mark.parametrize(("size", "on_disk"), [(SPOOL, False), (SPOOL + 1, True)])
def test_on_disk(size: int, on_disk: bool) -> None:
    """A file of more than 1 MB is on disk, and not in memory."""
    paper = UploadedFile("a", data=bytes(size))
    file: Any = paper.file
    assert isinstance(file, SpooledTemporaryFile)
    assert file._rolled is on_disk
    assert paper.size == size


def test_gone() -> None:
    """Reading a file whose submission is over says so, and names the file."""
    paper = UploadedFile("owl.png", data=b"x")
    paper.close()
    with pytest.raises(ValueError, match=r"content of 'owl.png' is gone.*copy what you need"):
        paper.read()


def test_equal() -> None:
    """Files are equal when name, type and content are, and then hash alike."""
    one, same = UploadedFile("a", "b/c", b"d"), UploadedFile("a", "b/c", b"d")
    assert one == same
    assert hash(one) == hash(same)
    assert one != UploadedFile("x", "b/c", b"d")
    assert one != UploadedFile("a", "x/c", b"d")
    assert one != UploadedFile("a", "b/c", b"x")
    assert one != "a"


def test_pickled() -> None:
    """A file can be sent to another process, with its content."""
    paper = UploadedFile("a", "b/c", b"d")
    assert pickle.loads(pickle.dumps(paper)) == paper


def test_repr() -> None:
    """The representation shows no content."""
    assert repr(UploadedFile("a", "b/c", b"secret")) == "UploadedFile('a', 'b/c', size=6)"
