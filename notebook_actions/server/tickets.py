"""Tickets: files of a form that failed, kept in the store for its next submission."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
from collections.abc import Mapping
from typing import Any

from ..files import UploadedFile, spool
from ..formdata import FormData
from ..kept import Kept
from .store import Store

__all__ = ["Tickets"]

#: How long a file is kept, in seconds.
SECONDS = 3600

#: Bytes of each piece in which a file is kept, so that no store has to hold it as one.
PIECE = 512 * 1024


class Tickets:
    """The kept files of one page.

    Parameters
    ----------
    store : Store
        Where they are.
    page : str
        Path of the page; a ticket is good for no other.
    """

    def __init__(self, store: Store, page: str) -> None:
        self._store = store
        self._page = page

    async def keep(self, form: FormData, tokens: Mapping[str, UploadedFile]) -> list[Kept]:
        """Keep the files of a form for an hour.

        Parameters
        ----------
        form : FormData
            What was submitted.
        tokens : mapping of str to UploadedFile
            The files that were kept before: each keeps its token.
        """
        known = {id(file): token for token, file in tokens.items()}
        kept = []
        for field, file in form.pairs():
            if isinstance(file, UploadedFile):
                token = known.get(id(file)) or secrets.token_urlsafe(24)
                await self._put(token, field, file)
                kept.append(Kept(field, token, file.filename, file.size))
        return kept

    async def _put(self, token: str, field: str, file: UploadedFile) -> None:
        file.rewind()
        number = 0
        while piece := await asyncio.to_thread(file.file.read, PIECE):
            await self._store.put(f"ticket:{token}:{number}", piece, SECONDS)
            number += 1
        told = {
            "page": self._page,
            "field": field,
            "filename": file.filename,
            "content_type": file.content_type,
            "pieces": number,
        }
        # Last: what cannot be found is as good as not kept.
        await self._store.put(f"ticket:{token}", json.dumps(told).encode(), SECONDS)

    async def find(self, token: str, field: str) -> UploadedFile | None:
        """Return the file that is kept for a field of this page; None when there is none."""
        told = await self._told(token)
        if told is None or (told["page"], told["field"]) != (self._page, field):
            return None
        file = spool()
        for number in range(told["pieces"]):
            piece = await self._store.get(f"ticket:{token}:{number}")
            if piece is None:
                file.close()
                return None
            await asyncio.to_thread(file.write, piece)
        return UploadedFile(told["filename"], told["content_type"], file=file)

    async def forget(self, token: str) -> None:
        """Let go of a file that nobody needs any more."""
        told = await self._told(token)
        if told is not None and told["page"] == self._page:
            await self._store.take(f"ticket:{token}")
            for number in range(told["pieces"]):
                await self._store.take(f"ticket:{token}:{number}")

    async def _told(self, token: str) -> dict[str, Any] | None:
        # Not a key of something else: a token is what ``secrets.token_urlsafe`` makes.
        if not re.fullmatch(r"[A-Za-z0-9_-]{32}", token):
            return None
        kept = await self._store.get(f"ticket:{token}")
        told: dict[str, Any] | None = None if kept is None else json.loads(kept)
        return told
