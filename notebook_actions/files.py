"""Files that were chosen in a form: small ones in memory, others on disk."""

from __future__ import annotations

import asyncio
from tempfile import SpooledTemporaryFile
from threading import Lock
from typing import IO

from .messages import say

__all__ = ["MAX_BODY", "UploadedFile", "size_text", "spool"]

#: Bytes that one submission may have, where nothing else is said.
MAX_BODY = 25_000_000

#: Bytes of a file that are held in memory; a larger one is on disk.
SPOOL = 1_000_000


class _Spool(SpooledTemporaryFile[bytes]):
    def __del__(self) -> None:
        # Being let go of is a way to end here, and no mistake that Python should warn of.
        self.close()


def spool() -> IO[bytes]:
    """Return a new file to write an upload to: in memory up to 1 MB, then on disk.

    It has no name that could be left behind: it is gone when it is closed, or let go of.
    """
    return _Spool(max_size=SPOOL)


def size_text(size: int) -> str:
    """Return a number of bytes in words, never more than it is.

    Examples
    --------
    >>> [size_text(size) for size in (1, 999, 12_345, 5_000_000, 25_999_999)]
    ['1 byte', '999 bytes', '12 KB', '5 MB', '25.9 MB']
    """
    if size < 1000:
        return say("byte" if size == 1 else "bytes", size=size)
    if size < 1_000_000:
        return say("kilobytes", size=size // 1000)
    return say("megabytes", size=f"{size // 100_000 / 10:g}")


class UploadedFile:
    """A file that was chosen in a file input.

    Its content is there while the submission is: in an app until the action has ended, in a
    notebook as long as ``form.input`` keeps it. What must stay longer, the action copies.

    Parameters
    ----------
    filename : str
        The name that the browser gave; may hold any character, so never use it as a path.
    content_type : str
        The media type that the browser gave; a claim, not a fact.
    data : bytes
        The content.
    file : binary file, optional
        The content, in place of ``data``; can be read, written and sought. It belongs to the
        UploadedFile from then on.

    Attributes
    ----------
    file : binary file
        To read the content piece by piece: ``shutil.copyfileobj(photo.file, target)``,
        ``pandas.read_csv(table.file)``. It stands at its beginning when the action is called.
    size : int
        Length of the content in bytes.

    Examples
    --------
    >>> photo = UploadedFile("owl.png", "image/png", b"PIXELS")
    >>> photo.size, photo.read(), photo.file.read(3)
    (6, b'PIXELS', b'PIX')
    """

    __slots__ = ("_lock", "content_type", "file", "filename", "size")

    def __init__(
        self,
        filename: str,
        content_type: str = "application/octet-stream",
        data: bytes = b"",
        *,
        file: IO[bytes] | None = None,
    ) -> None:
        self.filename = filename
        self.content_type = content_type
        if file is None:
            if not isinstance(data, bytes | bytearray | memoryview):
                raise TypeError(
                    f"the data of UploadedFile({filename!r}) is {type(data).__name__}; give bytes"
                )
            file = spool()
            file.write(data)
        self.file = file
        self.size = file.seek(0, 2)
        self._lock = Lock()
        self.rewind()

    def read(self) -> bytes:
        """Return the whole content, however often it is asked for.

        Raises
        ------
        ValueError
            When the submission is over and the content gone.
        """
        with self._lock:
            self.rewind()
            content = self.file.read()
            self.rewind()
        return content

    async def aread(self) -> bytes:
        """Return the whole content; reading from disk holds up nobody else."""
        return await asyncio.to_thread(self.read)

    def rewind(self) -> None:
        """Put ``file`` at its beginning.

        Raises
        ------
        ValueError
            When the submission is over and the content gone.
        """
        if self.file.closed:
            raise ValueError(
                f"the content of {self.filename!r} is gone, because its submission is over; copy "
                "what you need while the action runs"
            )
        self.file.seek(0)

    def close(self) -> None:
        """Let go of the content, in memory and on disk."""
        self.file.close()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, UploadedFile):
            return NotImplemented
        if self._claims() != other._claims():
            return False
        return self is other or self.read() == other.read()

    def __hash__(self) -> int:
        return hash(self._claims())

    def _claims(self) -> tuple[str, str, int]:
        return self.filename, self.content_type, self.size

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: object) -> dict[str, object]:
        # So that a model can have a file; a core schema is plain data.
        return {"type": "is-instance", "cls": cls}

    def __reduce__(self) -> tuple[object, ...]:
        return (UploadedFile, (self.filename, self.content_type, self.read()))

    def __repr__(self) -> str:
        kind, size = self.content_type, self.size
        return f"UploadedFile({self.filename!r}, {kind!r}, size={size})"
