"""The address of a page, as whoever visits it sees it: what leads away from it, and what stays."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from tornado.httputil import HTTPServerRequest

__all__ = ["BOARD", "Address"]

#: Name in a query that stands for a list of submissions; it stays with the page.
BOARD = "_submissions"
#: Names in a query that are good for one request; the rest is the page's and is kept.
_ONCE = frozenset({"_action", "_data", "_download", "_outcome", "_part"})


@dataclass(frozen=True, slots=True)
class Address:
    """The address of a page.

    Attributes
    ----------
    origin : str
        Scheme and host, as the browser sent them.
    trusted : frozenset of str
        Other origins that are the app's own.
    path : str
        Percent-encoded.
    query : tuple of (str, str)
        The page's own, which its forms keep.
    """

    origin: str
    trusted: frozenset[str]
    path: str
    query: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, request: HTTPServerRequest, trusted: Iterable[str]) -> Address:
        """Return the address that a request came to."""
        pairs = parse_qsl(request.query, keep_blank_values=True)
        kept = tuple((name, value) for name, value in pairs if name not in _ONCE)
        origin = f"{request.protocol}://{request.host}"
        return cls(origin, frozenset(trusted), request.path, kept)

    def url(self, *more: tuple[str, str]) -> str:
        """Return the path and the query, with more in it."""
        query = urlencode([*self.query, *more])
        return f"{self.path}?{query}" if query else self.path

    def with_board(self, token: str) -> Address:
        """Return the address at which a list of submissions is shown."""
        query = [pair for pair in self.query if pair[0] != BOARD]
        return Address(self.origin, self.trusted, self.path, (*query, (BOARD, token)))

    @property
    def board(self) -> str:
        """What stands for the list of submissions; empty where none is shown."""
        return dict(self.query).get(BOARD, "")

    def leaves(self, location: str) -> bool:
        """Whether a redirect leads to another origin."""
        target = urlsplit(location)
        own = {self.origin, *self.trusted}
        return bool(target.netloc) and f"{target.scheme}://{target.netloc}".lower() not in own

    def stays(self, location: str) -> bool:
        """Whether a redirect leads to this page."""
        query = tuple(pair for pair in self.query if pair[0] != BOARD)
        bare = Address(self.origin, self.trusted, self.path, query)
        here = f"{self.origin}{bare.url()}"
        return urlsplit(urljoin(here, location))._replace(fragment="") == urlsplit(here)
