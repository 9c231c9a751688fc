"""Files on their way from a browser into the kernel, in numbered chunks.

A message of a notebook's connection may hold 10 MiB; a larger one is lost without a word, and the
connection with it. So a file comes in chunks of a fixed size, each with its number, in whatever
order, more than once where an answer was lost, on whatever thread. What a browser says of a file
is checked before anything is kept of it.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO

from ..errors import FormError
from ..files import MAX_BODY, SPOOL, UploadedFile, size_text, spool
from ..formdata import unnumbered
from ..messages import say
from .loop import on_owner_loop

__all__ = ["CHUNK", "Announced", "Uploads"]

#: Bytes of each chunk of a file save the last; the front end has the same number.
CHUNK = 512 * 1024
#: Files of one upload.
MAX_FILES = 1000
#: Seconds without a chunk after which an upload is given up.
IDLE_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Announced:
    """A file that is to come, as the browser describes it.

    Attributes
    ----------
    field : str
        Name of the field.
    filename, content_type : str
        What the browser says of the file.
    size : int
        Its length in bytes.
    """

    field: str
    filename: str
    content_type: str
    size: int


class Uploads:
    """The upload of one form: one at a time, so a newer one ends an older one.

    Parameters
    ----------
    limits : mapping of str to int
        Name of a field → bytes that a file of it may have.
    total : int
        Bytes that all files together may have, and a file of another field.
    """

    def __init__(self, limits: Mapping[str, int], total: int = MAX_BODY) -> None:
        self._limits = {unnumbered(field): limit for field, limit in limits.items()}
        self._total = total
        self._lock = threading.Lock()
        self._upload: _Upload | None = None
        self._timer: asyncio.TimerHandle | None = None

    @property
    def key(self) -> str | None:
        """What the browser calls the upload that runs; None without one."""
        return None if self._upload is None else self._upload.key

    def begin(self, key: str, files: Sequence[Announced], owner: object) -> None:
        """Get ready for files. Saying it again changes nothing.

        Parameters
        ----------
        key : str
            What the browser calls this upload.
        files : sequence of Announced
            The files; a chunk names one by its place in here.
        owner : object
            The view that it comes through.

        Raises
        ------
        FormError
            When a file, or all of them, are too large.
        """
        with self._lock:
            if self._upload is not None and self._upload.key == key:
                return
            self._check(files)
            self._end()
            self._upload = _Upload(key, files, owner)
        on_owner_loop(self._remind)

    def _check(self, files: Sequence[Announced]) -> None:
        too_large: dict[str, str] = {}
        for file in files:
            limit = self._limits.get(unnumbered(file.field), self._total)
            if file.size > limit:
                told = {"filename": file.filename, "limit": size_text(limit)}
                too_large[file.field] = say("file_too_large", **told)
        if too_large:
            raise FormError(fields=too_large)
        if sum(file.size for file in files) > self._total:
            raise FormError(say("body_too_large", limit=size_text(self._total)))
        if len(files) > MAX_FILES:
            raise FormError(say("too_many_files", most=MAX_FILES))

    def write(self, key: str, file: int, n: int, content: bytes | memoryview) -> bool:
        """Take in a chunk.

        Parameters
        ----------
        key : str
            The upload.
        file : int
            Which of its files.
        n : int
            Number of the chunk, from 0.
        content : bytes or memoryview
            The chunk: ``CHUNK`` bytes, or what is left of the file.

        Returns
        -------
        bool
            Whether the file has such a chunk; one that is there already does no harm.

        Raises
        ------
        FormError
            When the upload is over, or the disk is full.
        """
        with self._lock:
            upload = self._known(key)
            upload.heard = time.monotonic()
            try:
                return upload.write(file, n, content)
            except OSError as error:
                self._end()
                raise FormError(say("not_stored", reason=error.strerror)) from error

    def take(self, key: str) -> list[tuple[str, UploadedFile]]:
        """Hand over the files of an upload, each with the name of its field, and forget it.

        Raises
        ------
        FormError
            When it is over already, or something of it has not arrived.
        """
        with self._lock:
            upload = self._known(key)
            taken = upload.files() if upload.is_complete() else None
            if taken is None:
                self._end()
            self._upload = None
        on_owner_loop(self._remind)
        if taken is None:
            raise FormError(say("upload_gone"))
        return taken

    def drop(self, *, key: str | None = None, owner: object = None) -> None:
        """Give up the upload that runs; with arguments only this one, or one of this view."""
        with self._lock:
            upload = self._upload
            if upload is None:
                return
            if key not in (None, upload.key) or owner not in (None, upload.owner):
                return
            self._end()
        on_owner_loop(self._remind)

    def _known(self, key: str) -> _Upload:
        if self._upload is None or self._upload.key != key:
            raise FormError(say("upload_gone"))
        return self._upload

    def _end(self) -> None:
        if self._upload is not None:
            self._upload.close()
            self._upload = None

    def _remind(self) -> None:
        """Give up an upload of which nothing was heard for long, and look again until then."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        with self._lock:
            if self._upload is None:
                return
            left = self._upload.heard + IDLE_SECONDS - time.monotonic()
            if left <= 0:
                self._end()
                return
        with contextlib.suppress(RuntimeError):  # Without a loop the next upload ends this one.
            self._timer = asyncio.get_running_loop().call_later(left, self._remind)


class _Upload:
    """The files of one upload, as far as they have arrived."""

    def __init__(self, key: str, files: Sequence[Announced], owner: object) -> None:
        self.key = key
        self.owner = owner
        self.heard = time.monotonic()
        self._files = files
        self._contents: dict[int, IO[bytes]] = {}
        self._missing = [set(range(-(-file.size // CHUNK))) for file in files]

    def write(self, file: int, n: int, content: bytes | memoryview) -> bool:
        if not (0 <= file < len(self._files) and 0 <= n * CHUNK < self._files[file].size):
            return False
        size = self._files[file].size
        if memoryview(content).nbytes != min(CHUNK, size - n * CHUNK):
            return False
        if n in self._missing[file]:
            target = self._content(file)
            target.seek(n * CHUNK)
            target.write(content)
            self._missing[file].discard(n)
        return True

    def _content(self, file: int) -> IO[bytes]:
        if file not in self._contents:
            self._contents[file] = spool()
            if self._files[file].size > SPOOL:
                # Asked for its descriptor it goes to disk, where a gap takes no room: the last
                # chunk may come first.
                self._contents[file].fileno()
        return self._contents[file]

    def is_complete(self) -> bool:
        return not any(self._missing)

    def files(self) -> list[tuple[str, UploadedFile]]:
        return [
            (
                file.field,
                UploadedFile(
                    file.filename,
                    file.content_type or "application/octet-stream",
                    file=self._content(number),
                ),
            )
            for number, file in enumerate(self._files)
        ]

    def close(self) -> None:
        for content in self._contents.values():
            content.close()
