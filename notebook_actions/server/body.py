"""The body of a POST as form data: one parser for what a browser sends, script or not.

It is taken in chunk by chunk. Files go to disk when they are more than small, so that a body of any
size needs little memory; what is too large is read and thrown away, and the rest of the form kept.
"""

from __future__ import annotations

import re
from binascii import a2b_qp
from collections.abc import Iterator, Mapping
from typing import IO

from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

from ..files import MAX_BODY, UploadedFile, spool
from ..formdata import FormData, Value, unnumbered
from ..messages import say

__all__ = ["BadBody", "Body"]

MAX_FIELDS = 10_000

#: A body over the limit is read and thrown away up to this many times the limit, since a browser
#: shows an answer only when it could send all.
DISCARD = 4


class BadBody(Exception):
    """A body that is no form data.

    Parameters
    ----------
    status : int
        400 (malformed) or 415 (another kind of content).
    text : str
        What the person is told.
    """

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


class Body:
    """Takes in a body, chunk by chunk.

    Parameters
    ----------
    content_type : str
        The ``Content-Type`` header.
    limit : int
        Bytes that are taken in; exactly this many pass.
    limits : mapping of str to int, optional
        Name of a file input → bytes that a file of it may have; ``items[#].photo`` stands for every
        row.

    Attributes
    ----------
    limit : int
        As given.
    too_large : dict of str to (str, int)
        Name of a field → name of a file that passed its limit, and that limit.
    """

    def __init__(
        self, content_type: str, limit: int, limits: Mapping[str, int] | None = None
    ) -> None:
        self.limit = limit
        self.too_large: dict[str, tuple[str, int]] = {}
        self._limits = dict(limits or {})
        self._size = 0
        self._text = 0
        self._chunks: list[bytes] = []
        self._pairs: list[tuple[str, Value]] = []
        self._segment: MultipartSegment | None = None
        self._content = bytearray()
        self._file: IO[bytes] | None = None
        self._dropped = False
        self._failure: Exception | None = None
        self._kind, options = parse_options_header(content_type)
        self._parser: PushMultipartParser | None = None
        if self._kind == "multipart/form-data":
            try:
                self._parser = PushMultipartParser(
                    options.get("boundary", ""), max_segment_count=MAX_FIELDS
                )
            except (MultipartError, ValueError) as error:
                self._failure = error

    def feed(self, chunk: bytes) -> None:
        """Take in the next chunk; what is over a limit is counted and thrown away."""
        self._size += len(chunk)
        if self._parser is not None:
            self._parse(self._parser, chunk)
        elif self.over:
            self._chunks.clear()
        else:
            self._chunks.append(chunk)

    @property
    def size(self) -> int:
        """How many bytes have come."""
        return self._size

    @property
    def over(self) -> bool:
        """Whether this is over the limit."""
        return self._size > self.limit or self._text > MAX_BODY

    @property
    def endless(self) -> bool:
        """Whether this is so far over the limit that nobody waits for the end."""
        return self._size > DISCARD * self.limit

    def form(self) -> FormData:
        """Return the form data; of a body that is ``over``, what could be read of it.

        Raises
        ------
        BadBody
            With the status and the words for the answer.
        """
        try:
            if self._parser is not None:
                if not self.over:
                    self._parser.close()
                if self._failure is not None:
                    raise self._failure
                return FormData(self._pairs)
            if self._failure is not None:
                raise self._failure
            match self._kind:
                case "application/x-www-form-urlencoded" if self.over:
                    return FormData()
                case "application/x-www-form-urlencoded":
                    return FormData(_urlencoded(b"".join(self._chunks)))
                case "" if not self._size:
                    return FormData()
        except (MultipartError, ValueError):
            raise BadBody(400, say("unreadable")) from None
        raise BadBody(415, say("no_form", kind=self._kind or say("unknown_kind")))

    def close(self) -> None:
        """Let go of all files."""
        for _, value in self._pairs:
            if isinstance(value, UploadedFile):
                value.close()
        if self._file is not None:
            self._file.close()

    # --- multipart ------------------------------------------------------------------------------

    def _parse(self, parser: PushMultipartParser, chunk: bytes) -> None:
        if self._failure is not None:
            return
        try:
            for event in parser.parse(chunk):
                if isinstance(event, MultipartSegment):
                    self._begin(event)
                elif event:
                    self._write(event)
                elif self._segment is not None:
                    self._end(self._segment)
        except (MultipartError, ValueError, OSError) as error:
            self._failure = error

    def _begin(self, segment: MultipartSegment) -> None:
        self._segment, self._content, self._dropped = segment, bytearray(), False
        self._file = None if segment.filename is None else spool()

    def _write(self, part: bytes | bytearray) -> None:
        if self._file is None:
            self._text += len(part)
            # Held in memory: it has no more room where the files of a form have.
            if self._text > min(self.limit, MAX_BODY):
                self._dropped = True
            else:
                self._content += part
            return
        segment = self._segment
        limit = self._limits.get(unnumbered(segment.name)) if segment is not None else None
        if segment is not None and limit is not None and self._file.tell() + len(part) > limit:
            self.too_large.setdefault(segment.name, (segment.filename or "", limit))
            self._dropped = True
        if self._dropped or self.over:
            self._dropped = True
            self._file.seek(0)
            self._file.truncate()
        else:
            self._file.write(part)

    def _end(self, segment: MultipartSegment) -> None:
        file, self._file, self._segment = self._file, None, None
        if file is None:
            if not self._dropped:
                self._pairs.append((segment.name, self._content.decode()))
        elif not self._dropped and (segment.filename or file.tell()):
            kind = segment.content_type or "application/octet-stream"
            filename = segment.filename or ""
            self._pairs.append((segment.name, UploadedFile(filename, kind, file=file)))
        else:
            # Too large, or a file input in which nothing was chosen, which sends an empty name.
            file.close()


#: A "%" that encodes nothing, and stands for itself.
_PERCENT = re.compile(rb"%(?![0-9A-Fa-f]{2})")


def _urlencoded(body: bytes) -> Iterator[tuple[str, str]]:
    """Yield the pairs of a urlencoded body (URL, "application/x-www-form-urlencoded parsing").

    ``urllib.parse`` splits at each "%", which takes ten seconds for 25 MB of another alphabet.
    """
    if body.count(b"&") >= MAX_FIELDS:
        raise ValueError("too many fields")
    for pair in body.split(b"&"):
        if pair:
            name, _, value = pair.partition(b"=")
            yield _decoded(name), _decoded(value)


def _decoded(part: bytes) -> str:
    # What mail calls quoted-printable is the same with another sign, and is decoded in C.
    part = part.replace(b"+", b" ")
    if b"%" in part:
        part = _PERCENT.sub(b"%25", part).replace(b"=", b"%3D").replace(b"%", b"=")
        part = a2b_qp(part)
    return part.decode()
