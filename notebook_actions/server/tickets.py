"""Tickets: files of a form that failed, kept in the store for its next submission."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping

from ..files import UploadedFile, spool
from ..formdata import FormData
from ..kept import Kept
from .pieces import Pieces
from .store import Store

__all__ = ["Tickets"]


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
        self._pieces = Pieces(store, "ticket", page)

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
        told = {
            "field": field,
            "filename": file.filename,
            "content_type": file.content_type,
        }
        await self._pieces.put(token, lambda _start, size: file.file.read(size), told)

    async def find(self, token: str, field: str) -> UploadedFile | None:
        """Return the file that is kept for a field of this page; None when there is none."""
        told = await self._pieces.told(token)
        if told is None or told["field"] != field:
            return None
        file = spool()
        try:
            async for piece in self._pieces.content(token, told):
                await asyncio.to_thread(file.write, piece)
        except LookupError:
            file.close()
            return None
        return UploadedFile(told["filename"], told["content_type"], file=file)

    async def forget(self, token: str) -> None:
        """Let go of a file that nobody needs any more."""
        told = await self._pieces.told(token)
        if told is not None:
            await self._pieces.forget(token, told)
