"""Download: a file as the result of an action, for the person to keep."""

from __future__ import annotations

import mimetypes
import os
import re
import shutil
import unicodedata
from pathlib import Path, PurePath
from threading import Lock
from typing import IO

from .files import spool

__all__ = ["Download"]

#: Bytes of a file's name, which most file systems limit to 255; browsers append to it.
MAX_NAME = 200

#: A media type and its parameters (RFC 9110, 8.3.1), of what may stand in a header.
_MEDIA_TYPE = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+(?:; ?[\w-]+=[\w!#$&^.+-]+)*", re.ASCII)

#: Marks that turn the direction of text: with them "gpj.exe" reads as "exe.jpg".
_TURNING = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class Download:
    """A file for the person who submitted the form: the value that an action returns.

    It is shown as a link. In an app the address is unguessable, is good for an hour, and is always
    answered with an attachment, so that nothing in it can act as a page of the app.

    Parameters
    ----------
    data : bytes, str, path or binary file
        The content; a ``str`` is text and becomes UTF-8. The content of a file is taken in at once,
        from the beginning where that can be sought: it may be deleted or closed afterwards.
    filename : str, optional
        The name to save it under; that of the file by default. Folders and control characters in it
        are left out.
    content_type : str, optional
        The media type; guessed from the name by default.

    Attributes
    ----------
    filename : str
        The cleaned name.
    content_type : str
        The media type.
    size : int
        Length of the content in bytes.

    Raises
    ------
    TypeError
        When ``data`` is of another kind, or a name is missing.
    ValueError
        When ``content_type`` is no media type.
    OSError
        When the file cannot be read.

    Examples
    --------
    >>> report = Download("name,seats", "reports/class.csv")
    >>> report
    Download('class.csv', 'text/csv', size=10)
    >>> report.read()
    b'name,seats'
    """

    __slots__ = ("_file", "_lock", "content_type", "filename", "size")

    def __init__(
        self,
        data: bytes | bytearray | memoryview | str | os.PathLike[str] | IO[bytes],
        filename: str | None = None,
        content_type: str | None = None,
    ) -> None:
        if filename is None:
            named = data if isinstance(data, os.PathLike) else getattr(data, "name", None)
            if not isinstance(named, str | os.PathLike):
                raise TypeError(
                    'a Download of data needs a name: Download(data, "report.csv"); for a file on '
                    'disk write Download(Path("report.csv"))'
                )
            filename = PurePath(named).name
        self.filename = _cleaned(filename)
        if content_type is None:
            content_type = mimetypes.guess_type(self.filename)[0] or "application/octet-stream"
        elif not _MEDIA_TYPE.fullmatch(content_type):
            raise ValueError(f"{content_type!r} is no media type; write one like 'text/csv'")
        self.content_type = content_type
        self._file = _taken(data)
        self.size = self._file.seek(0, os.SEEK_END)
        self._lock = Lock()

    def read(self, start: int = 0, size: int = -1) -> bytes:
        """Return the content, or a part of it.

        Parameters
        ----------
        start : int
            The first byte, from 0.
        size : int
            How many bytes; all that follow when it is negative.
        """
        with self._lock:
            self._file.seek(start)
            return self._file.read(size)

    def __reduce__(self) -> tuple[object, ...]:
        return (Download, (self.read(), self.filename, self.content_type))

    def __repr__(self) -> str:
        return f"Download({self.filename!r}, {self.content_type!r}, size={self.size})"


def _taken(data: object) -> IO[bytes]:
    """Return a file of our own with the content."""
    taken = spool()
    if isinstance(data, str):
        taken.write(data.encode())
    elif isinstance(data, bytes | bytearray | memoryview):
        taken.write(data)
    elif isinstance(data, os.PathLike):
        with Path(data).open("rb") as file:
            shutil.copyfileobj(file, taken)
    elif hasattr(data, "read"):
        if hasattr(data, "seekable") and data.seekable():
            data.seek(0)  # type: ignore[attr-defined]
        try:
            shutil.copyfileobj(data, taken)
        except TypeError:
            raise TypeError(
                "a Download takes a file that is opened for bytes: open(path, 'rb')"
            ) from None
    else:
        kind = type(data).__name__
        raise TypeError(f"a Download takes bytes, text, a path or a binary file, not {kind}")
    return taken


def _cleaned(filename: str) -> str:
    """Return the name without folders, and without what no name should have."""
    name = re.split(r"[\\/]", filename)[-1]
    name = _TURNING.sub("", name).encode(errors="replace").decode()
    name = "".join(char for char in name if unicodedata.category(char) != "Cc").strip(" .")
    if len(name.encode()) > MAX_NAME:
        stem, dot, ending = name.rpartition(".")
        ending = dot + ending if stem and len(ending) < 20 else ""
        room = MAX_NAME - len(ending.encode())
        name = name.removesuffix(ending).encode()[:room].decode(errors="ignore") + ending
    return name or "download"
