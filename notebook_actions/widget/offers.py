"""Offers: the files that a result or data has for who looks at it in the notebook, sent in pieces.

A link in the notebook leads nowhere: its click asks the kernel for the file. So a table becomes a
file only when somebody wants it, and no file is saved with the notebook.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

from ..download import Download
from .uploads import CHUNK

__all__ = ["Offers"]


class Offers:
    """The files of what is shown of one value; they are let go of together with it."""

    def __init__(self) -> None:
        self._makers: dict[str, Callable[[], Download]] = {}
        self._made: dict[str, Download] = {}

    def __contains__(self, token: str) -> bool:
        return token in self._makers

    def offer(self, make: Callable[[], Download]) -> str:
        """Return the address of a file; made as in an app, so that the HTML is the same."""
        token = secrets.token_urlsafe(24)
        self._makers[token] = make
        return f"?_download={token}"

    def piece(self, token: str, n: int) -> tuple[Download, bytes]:
        """Return a file that is offered, and a piece of its content.

        Parameters
        ----------
        token : str
            Of the address.
        n : int
            Number of the piece, from 0.
        """
        if n == 0 or token not in self._made:
            self._made[token] = self._makers[token]()
        download = self._made[token]
        return download, download.read(max(n, 0) * CHUNK, CHUNK)
