"""The body of a POST as form data: one parser for what a browser sends, script or not."""

from __future__ import annotations

from urllib.parse import parse_qsl

from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

from ..files import UploadedFile
from ..formdata import FormData, Value

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
        400 (malformed), 413 (too large) or 415 (another kind of content).
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
    """

    def __init__(self, content_type: str, limit: int) -> None:
        self._content_type = content_type
        self._limit = limit
        self._size = 0
        self._chunks: list[bytes] = []

    def feed(self, chunk: bytes) -> None:
        """Take in the next chunk; what is over the limit is counted and thrown away."""
        self._size += len(chunk)
        if self._size > self._limit:
            self._chunks.clear()
        else:
            self._chunks.append(chunk)

    @property
    def endless(self) -> bool:
        """Whether this is so far over the limit that nobody waits for the end."""
        return self._size > DISCARD * self._limit

    def form(self) -> FormData:
        """Return the form data.

        Raises
        ------
        BadBody
            With the status and the words for the answer.
        """
        if self._size > self._limit:
            megabytes = self._limit / 1_000_000
            raise BadBody(413, f"That is too large: this page takes {megabytes:g} MB at most.")
        body = b"".join(self._chunks)
        kind, options = parse_options_header(self._content_type)
        try:
            match kind:
                case "application/x-www-form-urlencoded":
                    return FormData(
                        parse_qsl(
                            body.decode(),
                            keep_blank_values=True,
                            errors="strict",
                            max_num_fields=MAX_FIELDS,
                        )
                    )
                case "multipart/form-data":
                    return FormData(_parts(body, options.get("boundary", "")))
                case "" if not body:
                    return FormData()
        except (MultipartError, ValueError):
            raise BadBody(400, "What your browser sent is not a form that can be read.") from None
        raise BadBody(415, f"A form is expected here, not {kind or 'data of an unknown kind'}.")


def _parts(body: bytes, boundary: str) -> list[tuple[str, Value]]:
    pairs: list[tuple[str, Value]] = []
    segment: MultipartSegment | None = None
    content = bytearray()
    with PushMultipartParser(
        boundary, content_length=len(body), max_segment_count=MAX_FIELDS
    ) as parser:
        for event in parser.parse(body):
            if isinstance(event, MultipartSegment):
                segment, content = event, bytearray()
            elif event:
                content += event
            elif segment is not None:
                if segment.filename is None:
                    pairs.append((segment.name, content.decode()))
                elif segment.filename or content:
                    kind = segment.content_type or "application/octet-stream"
                    pairs.append(
                        (segment.name, UploadedFile(segment.filename, kind, bytes(content)))
                    )
                # A file input in which nothing was chosen sends an empty name and no content.
                segment = None
    return pairs
