"""Refusals: what is said to a submission that is not carried out."""

from __future__ import annotations

import re
from collections.abc import Iterable

from tornado.escape import xhtml_escape as escape

from ..files import size_text
from ..formdata import FormData
from ..kept import without_own
from ..messages import say
from ..render import Answer
from .body import Body

__all__ = ["gone_text", "refusal", "wrong_files"]

#: Names of fields that are not shown when the form is gone that would say which are passwords.
_SECRET = re.compile("pass|pwd|secret|token", re.IGNORECASE)


def refusal(form_id: str, text: str) -> Answer:
    """Return the answer to a fetch that was not carried out; Tornado writes a dict as JSON."""
    slots = {"errors": f"<p>{escape(text)}</p>"}
    return Answer(type="error", form=form_id, slots=slots, invalid=[], loaders={})


def gone_text(data: FormData) -> str:
    """Return what is said to a form of an older version of the page, with what it sent."""
    entered = [
        f"{name}: {value}"
        for name, value in without_own(data).pairs()
        if isinstance(value, str) and value and not _SECRET.search(name)
    ]
    return "\n".join([say("no_such_form"), *([say("entered"), *entered] if entered else [])])


def wrong_files(body: Body, expired: Iterable[str]) -> dict[str, str]:
    """Return what is wrong with the files that were sent, or are kept no longer.

    Parameters
    ----------
    body : Body
        What was sent.
    expired : iterable of str
        The fields whose files are kept no longer.

    Returns
    -------
    dict of str to str
        Name of a field → the message beside it.
    """
    large = {
        name: say("file_too_large", filename=filename, limit=size_text(limit))
        for name, (filename, limit) in body.too_large.items()
    }
    return {**dict.fromkeys(expired, say("expired")), **large}
