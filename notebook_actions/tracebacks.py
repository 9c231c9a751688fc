"""Tracebacks: an exception as its author reads it, with this package's own part left out."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from pathlib import Path

from tornado.escape import xhtml_escape as escape

from .messages import say
from .plain import shortened

__all__ = ["error_html", "message_of"]

_HERE = str(Path(__file__).parent)

#: Characters of a message and of a traceback that are shown; of the latter the end, where it broke.
MAX_MESSAGE = 2000
MAX_TRACEBACK = 50_000


def error_html(error: BaseException) -> str:
    """Return an exception as HTML: class and message, with the traceback folded under them.

    Parameters
    ----------
    error : BaseException
        The exception, with those that it was raised from. The values of variables are never shown.
    """
    kind, message = type(error).__name__, shortened(message_of(error), MAX_MESSAGE)
    return (
        f"<p><strong>{escape(kind)}</strong>: {escape(message)}</p>"
        f"<details><summary>{escape(say('traceback'))}</summary>"
        f"<pre>{escape(_text(error))}</pre></details>"
    )


def message_of(error: BaseException) -> str:
    """Return the message of an exception, whatever its class makes of it."""
    try:
        return str(error)
    except BaseException:  # sys.exit() in it must not end the app
        return "(its message cannot be shown)"


def _text(error: BaseException) -> str:
    try:
        told = traceback.TracebackException.from_exception(error)
        text = _without_ours(told)
    except BaseException:  # an author's class may break what tells it
        text = "(its traceback cannot be shown)"
    return text if len(text) <= MAX_TRACEBACK else f"…{text[-MAX_TRACEBACK:]}"


def _without_ours(told: traceback.TracebackException) -> str:
    for one in _chain(told):
        others = [frame for frame in one.stack if not frame.filename.startswith(_HERE)]
        # A mistake of this package itself is all in here.
        if others:
            one.stack = traceback.StackSummary.from_list(others)
    return "".join(told.format())


def _chain(told: traceback.TracebackException) -> Iterator[traceback.TracebackException]:
    """Yield an exception, what it was raised from, and what it holds."""
    yield told
    for one in (told.__cause__, told.__context__, *(told.exceptions or ())):
        if one is not None:
            yield from _chain(one)
