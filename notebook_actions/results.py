"""What a submission ends in: one of four outcomes, and where a redirect may lead."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any, TypeAlias, assert_never
from urllib.parse import quote, urlsplit

from .errors import ActionFailure, UnsafeRedirect

__all__ = ["Bug", "Failure", "Outcome", "Redirect", "Success", "error_of", "redirect", "result_of"]


@dataclass(frozen=True, slots=True)
class Success:
    """The action returned a value, which may be ``None``, ``0``, ``""`` or ``False``."""

    value: Any


@dataclass(frozen=True, slots=True)
class Redirect:
    """The action said where to go next. Made by :func:`redirect`, which checks the destination.

    Attributes
    ----------
    location : str
        An ASCII URL reference.
    external : bool
        Whether another origin was asked for by the author.
    """

    location: str
    external: bool = False


@dataclass(frozen=True, slots=True)
class Failure:
    """An expected problem; shown to the person, input kept."""

    error: ActionFailure


@dataclass(frozen=True, slots=True)
class Bug:
    """An unexpected exception.

    Attributes
    ----------
    error : BaseException
        The exception, for the author only.
    id : str
        Eight hexadecimal digits that stand in the log beside the traceback, and in the answer.
    """

    error: BaseException
    id: str = field(default_factory=lambda: secrets.token_hex(4))


Outcome: TypeAlias = Success | Redirect | Failure | Bug


def result_of(outcome: Outcome | None) -> Any:
    """Return the value that the action returned, or the Redirect; else None."""
    match outcome:
        case Success(value):
            return value
        case Redirect():
            return outcome
        case Failure() | Bug() | None:
            return None
        case _:
            assert_never(outcome)


def error_of(outcome: Outcome | None) -> BaseException | None:
    """Return the exception that a submission ended in, expected or not; else None."""
    return outcome.error if isinstance(outcome, Failure | Bug) else None


# RFC 3986: every character that may stand in a URL reference, and "%" so that what is encoded
# already is not encoded twice.
_URL_CHARACTERS = "!#$%&'()*+,/:;=?@[]~"


def redirect(location: str, *, external: bool = False) -> Redirect:
    r"""Say where to go next: the value that an action returns.

    The answer to a plain ``POST`` is always a 303, so that a reload never submits again.

    Parameters
    ----------
    location : str
        A path (``"/thanks"``, ``"thanks?ok=1"``) or an absolute ``http`` or ``https`` URL. Text
        outside ASCII is percent-encoded as UTF-8.
    external : bool
        Allow another origin than the page's own. Set it only for a URL that you wrote, never for
        one that came with the request.

    Returns
    -------
    Redirect
        The destination.

    Raises
    ------
    UnsafeRedirect
        For what a browser would take as another site or as a script: ``//host``, ``/\host``,
        ``javascript:``, ``data:``, control characters, line breaks. Source: WHATWG URL,
        "basic URL parser"; CWE-601.
    """
    if not isinstance(location, str) or not location:
        raise UnsafeRedirect(f"redirect() needs a path or URL, not {location!r}")
    if location != location.strip() or any(ord(char) < 32 or ord(char) == 127 for char in location):
        raise UnsafeRedirect(
            f"redirect({location!r}): spaces around a URL, line breaks and control characters "
            "are not allowed"
        )
    before_query = location.partition("?")[0].partition("#")[0]
    if "\\" in before_query:
        raise UnsafeRedirect(f"redirect({location!r}): browsers read '\\' as '/'; write '/'")
    if location.startswith("//"):
        raise UnsafeRedirect(
            f"redirect({location!r}) leads to another host; write https://… and external=True"
        )
    try:
        parts = urlsplit(location)
        encoded = quote(location, safe=_URL_CHARACTERS)
    except ValueError as error:
        raise UnsafeRedirect(f"redirect({location!r}): {error}") from None
    if parts.scheme and (parts.scheme not in ("http", "https") or not parts.netloc):
        raise UnsafeRedirect(
            f"redirect({location!r}): only paths and http(s):// URLs can be followed"
        )
    return Redirect(encoded, external)
