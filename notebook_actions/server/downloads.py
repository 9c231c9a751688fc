"""Downloads: the files that results offer, kept in the store for who got their address.

Those of a page's data are made when they are asked for, of what its loader returns then.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
import re
import secrets
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from itertools import count
from typing import TypeVar
from urllib.parse import quote, urlencode

from tornado.web import HTTPError, RequestHandler

from ..download import Download
from ..loader import Loader
from ..loading import Loaded, load
from ..present import Offer
from ..request import Request
from .pieces import PIECE, Pieces
from .store import Store

__all__ = ["Downloads", "attachment", "load_data", "send_data"]

T = TypeVar("T")

log = logging.getLogger("notebook_actions")

#: Draws figures and writes tables, which would hold up every other request. One thread: matplotlib
#: does not promise to work in several, and an action that hangs in another must not stop this.
_thread = ThreadPoolExecutor(1, thread_name_prefix="notebook_actions-present")

_HEADERS = {
    # Whatever is in it and whatever its type: it is saved, and shown it could do nothing.
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


class Downloads:
    """The downloads of one page.

    Parameters
    ----------
    store : Store
        Where they are.
    page : str
        Path of the page; an address is good for no other.
    """

    def __init__(self, store: Store, page: str) -> None:
        self._pieces = Pieces(store, "download", page)

    async def offering(self, work: Callable[[Offer], T]) -> T:
        """Do something in a thread, and keep the downloads that it offers.

        Parameters
        ----------
        work : callable
            Gets what :func:`~notebook_actions.present.present` takes as ``offer``.
        """
        offered: dict[str, Callable[[], Download]] = {}

        def offer(make: Callable[[], Download]) -> str:
            token = secrets.token_urlsafe(24)
            offered[token] = make
            return f"?_download={token}"

        done = await _aside(lambda: work(offer))
        for token, make in offered.items():
            try:
                download = await _aside(make)
            except Exception:
                log.exception("a download could not be made")
                continue
            told = {
                "filename": download.filename,
                "content_type": download.content_type,
                "size": download.size,
            }
            await self._pieces.put(token, download.read, told)
        return done

    async def send(self, token: str, handler: RequestHandler) -> None:
        """Answer with a download.

        Raises
        ------
        HTTPError
            410 when there is none under this token, or none any more.
        """
        told = await self._pieces.told(token)
        if told is None:
            raise HTTPError(HTTPStatus.GONE)
        await _send(handler, self._pieces.content(token, told), **told)


async def load_data(
    loaders: Iterable[Loader], request: Request, query: Iterable[tuple[str, str]]
) -> dict[str, Loaded]:
    """Run loaders as :func:`~notebook_actions.loading.load` does, with links to their files.

    An address names the loader and which of its files is meant; nothing is made or kept.

    Parameters
    ----------
    loaders : iterable of Loader
        What to run.
    request : Request
        What they get.
    query : iterable of (str, str)
        The page's own, which they may look at.
    """
    own = list(query)

    def offers(name: str) -> Offer:
        numbers = count()
        return lambda _: "?" + urlencode([("_data", name), ("_part", next(numbers)), *own])

    return await load(loaders, request, offers=offers, aside=_aside)


async def send_data(
    loader: Loader | None, part: str, request: Request, handler: RequestHandler
) -> None:
    """Answer with a file of a loader's data.

    Parameters
    ----------
    loader : Loader or None
        Whose data; None when there is no such loader.
    part : str
        Which of its files.
    request : Request
        What the loader gets.
    handler : tornado.web.RequestHandler
        What answers.

    Raises
    ------
    HTTPError
        410 when there is none, or none any more.
    """
    offered: list[Callable[[], Download]] = []

    def offer(make: Callable[[], Download]) -> str:
        offered.append(make)
        return ""

    if loader is not None:
        await load([loader], request, offers=lambda _: offer, aside=_aside)
    if not re.fullmatch(r"[0-9]{1,4}", part) or int(part) >= len(offered):
        raise HTTPError(HTTPStatus.GONE)
    file = await _aside(offered[int(part)])

    async def content() -> AsyncIterator[bytes]:
        for start in range(0, file.size, PIECE):
            yield await asyncio.to_thread(file.read, start, PIECE)

    await _send(handler, content(), file.filename, file.content_type, file.size)


async def _send(
    handler: RequestHandler,
    content: AsyncIterator[bytes],
    filename: str,
    content_type: str,
    size: int,
    **_: object,
) -> None:
    for name, value in _HEADERS.items():
        handler.set_header(name, value)
    handler.set_header("Content-Type", content_type)
    handler.set_header("Content-Disposition", attachment(filename))
    handler.set_header("Content-Length", str(size))
    if handler.request.method != "HEAD":
        async for piece in content:
            handler.write(piece)
            await handler.flush()
    handler.finish()


async def _aside(work: Callable[[], T]) -> T:
    context = contextvars.copy_context()
    return await asyncio.get_running_loop().run_in_executor(_thread, context.run, work)


def attachment(filename: str) -> str:
    """Return the header that makes a browser save a file under a name.

    Source: RFC 6266, appendix D: the name in ASCII for who does not know better, then in UTF-8.
    """
    plain = "".join(char if " " <= char <= "~" and char not in '"\\%' else "_" for char in filename)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"
