"""Loading: the loaders of a page run side by side, and what they return made into HTML."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from .action import loggable
from .documents import compiled, notice_html
from .errors import ActionFailure
from .executors import is_cancelled
from .loader import Loader
from .messages import say
from .present import Offer, present
from .request import Request
from .tracebacks import message_of

__all__ = ["Loaded", "load"]

log = logging.getLogger("notebook_actions")

#: Does some work elsewhere, and returns what that makes.
Aside: TypeAlias = Callable[[Callable[[], str]], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Loaded:
    """A loader's HTML, and whether the loader failed."""

    html: str
    failed: bool = False


async def load(
    loaders: Iterable[Loader],
    request: Request,
    *,
    author: bool = False,
    offers: Callable[[str], Offer] | None = None,
    aside: Aside | None = None,
) -> dict[str, Loaded]:
    """Run loaders side by side and render what they return.

    Parameters
    ----------
    loaders : iterable of Loader
        What to run.
    request : Request
        What they get.
    author : bool
        Whether a failure is explained (in the notebook) or only given an id.
    offers : callable, optional
        Gets the name of a loader; returns what makes files of its data available, as of `present`.
    aside : callable, optional
        Does where it holds up nobody what makes HTML of the data: a figure takes its time.

    Returns
    -------
    dict of str to Loaded
        By the loader's name. One that fails is logged and says so in its place.
    """
    wanted = list(loaders)
    given = [None if offers is None else offers(loader.name) for loader in wanted]
    loading = (
        _load(loader, request, author, offer, aside)
        for loader, offer in zip(wanted, given, strict=True)
    )
    shown = await asyncio.gather(*loading)
    return {loader.name: one for loader, one in zip(wanted, shown, strict=True)}


async def _load(
    loader: Loader, request: Request, author: bool, offer: Offer | None, aside: Aside | None
) -> Loaded:
    try:
        data = await loader.load(request)
        if loader.template is not None:
            return Loaded(compiled(loader.template).generate(data=data).decode())
        shown = partial(present, data, offer)
        return Loaded(shown() if aside is None else await aside(shown))
    except ActionFailure as failure:
        return Loaded(notice_html(message_of(failure)), failed=True)
    except KeyboardInterrupt:
        # The notebook's "interrupt" button while the loader held the main thread.
        return Loaded(notice_html(f"{say('not_loaded')} {say('interrupted')}"), failed=True)
    except GeneratorExit:
        raise
    except BaseException as error:
        if is_cancelled(error):
            raise
        incident = secrets.token_hex(4)
        log.error("loader %s failed (id %s)", loader.name, incident, exc_info=loggable(error))
        said = f"{type(error).__name__}: {message_of(error)}"
        said = said if author else say("bug_id", id=incident)
        return Loaded(notice_html(f"{say('not_loaded')} {said}"), failed=True)
