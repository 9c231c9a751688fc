"""Pieces: files of any size in the store, which need not hold one as a whole."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

from ..kept import KEPT_SECONDS
from .store import Store

__all__ = ["PIECE", "Pieces"]

#: Bytes of a piece.
PIECE = 512 * 1024


class Pieces:
    """Files of one kind and page, each under an unguessable token, for an hour.

    Parameters
    ----------
    store : Store
        Where they are.
    kind : str
        What the keys of this kind begin with.
    page : str
        Path of the page; a token is good for no other.
    """

    def __init__(self, store: Store, kind: str, page: str) -> None:
        self._store = store
        self._kind = kind
        self._page = page

    async def put(
        self, token: str, read: Callable[[int, int], bytes], told: Mapping[str, Any]
    ) -> None:
        """Keep a file.

        Parameters
        ----------
        token : str
            As `secrets.token_urlsafe(24)` makes it.
        read : callable
            Gets where to read from and how many bytes, in order; returns none at the end.
        told : mapping
            What is to be known of the file, to be written as JSON.
        """
        number = 0
        while piece := await asyncio.to_thread(read, number * PIECE, PIECE):
            await self._store.put(f"{self._kind}:{token}:{number}", piece, KEPT_SECONDS)
            number += 1
        # Last: what cannot be found is as good as not kept.
        kept = json.dumps({**told, "page": self._page, "pieces": number}).encode()
        await self._store.put(f"{self._kind}:{token}", kept, KEPT_SECONDS)

    async def told(self, token: str) -> dict[str, Any] | None:
        """Return what is known of a file of this page; None where there is none."""
        # Not a key of something else: a token is what ``secrets.token_urlsafe`` makes.
        if not re.fullmatch(r"[A-Za-z0-9_-]{32}", token):
            return None
        kept = await self._store.get(f"{self._kind}:{token}")
        told: dict[str, Any] = {} if kept is None else json.loads(kept)
        return told if told.get("page") == self._page else None

    async def content(self, token: str, told: Mapping[str, Any]) -> AsyncIterator[bytes]:
        """Yield the content.

        Raises
        ------
        LookupError
            When a piece is kept no longer.
        """
        for number in range(told["pieces"]):
            piece = await self._store.get(f"{self._kind}:{token}:{number}")
            if piece is None:
                raise LookupError(token)
            yield piece

    async def forget(self, token: str, told: Mapping[str, Any]) -> None:
        """Let go of a file."""
        await self._store.take(f"{self._kind}:{token}")
        for number in range(told["pieces"]):
            await self._store.take(f"{self._kind}:{token}:{number}")
