"""Listing: submissions as rows under their form, and how far one has come.

A form whose submissions are all shown has a list behind it. Each row says what was submitted and
what came of it, and has a small form of its own, whose buttons work without a script: they submit
the row's key under ``_cancel``, ``_retry`` or ``_clear``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tornado.escape import xhtml_escape as escape

from .files import UploadedFile
from .formdata import FormData
from .messages import say
from .progress import Step
from .results import Bug, Failure
from .submission import State

__all__ = ["Listed", "described", "listed_html", "pattern_html", "step_html"]

#: Characters of what was submitted that are shown in a row.
MAX_TEXT = 160


@dataclass(frozen=True, slots=True)
class Listed:
    """A submission as it stands in the list.

    Attributes
    ----------
    key : str
        What its buttons submit.
    state : State
        Its input and outcome.
    step : Step or None
        How far it has come, when it tells.
    waits : bool
        Whether others have to end first.
    location : str
        Where it can be followed, if it has an address of its own.
    """

    key: str
    state: State
    step: Step | None = None
    waits: bool = False
    location: str = ""


def described(data: FormData, labels: Mapping[str, str], read: Callable[[str, str], str]) -> str:
    """Return in words what was submitted, without secrets: ``Subject: Charms · Seats: 2``.

    Parameters
    ----------
    data : FormData
        What was submitted; its secret fields are left out.
    labels : mapping of str to str
        Name of a field → what it is called. Of one field alone the value says enough, if it says
        more than yes or no.
    read : callable
        Gets a field's name and a text that was sent; returns what a person reads of that.
    """
    shown: dict[str, list[str]] = {}
    for name, value in data.pairs():
        text = value.filename if isinstance(value, UploadedFile) else read(name, value)
        if text.strip() and not data.is_secret(name):
            shown.setdefault(labels.get(name, name), []).append(" ".join(text.split()))
    joined = {label: ", ".join(values) for label, values in shown.items()}
    alone = len(joined) == 1 and not {say("yes"), say("no")}.issuperset(joined.values())
    parts = joined.values() if alone else (f"{k}: {v}" for k, v in joined.items())
    text = " · ".join(parts)
    return text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT - 1]}…"


def step_html(step: Step | None) -> str:
    """Return how far a submission has come, as a bar with its text; empty when it does not tell."""
    if step is None:
        return ""
    part = step.part
    value = f' max="{part[1]:.15g}" value="{part[0]:.15g}"' if part else ""
    text = escape(str(step))
    return (
        f'<progress{value} aria-label="{escape(say("progress"))}"></progress> <span>{text}</span>'
    )


def listed_html(listed: Listed, text: str, slots: Mapping[str, str], url: str = "") -> str:
    """Return the row of a submission.

    Parameters
    ----------
    listed : Listed
        The submission.
    text : str
        What was submitted, in words.
    slots : mapping of str to str
        What came of it: HTML for ``errors``, ``result`` and ``status``.
    url : str
        Where its buttons submit to.
    """
    pending = listed.state.pending
    if pending:
        said = escape(say("waits" if listed.waits else "working"))
        if listed.location:
            said += f' <a href="{escape(listed.location)}">{escape(say("follow"))}</a>'
    else:
        said = slots.get("status", "")
    parts = {
        "na-errors": slots.get("errors", ""),
        "na-progress": step_html(listed.step) if pending else "",
        "na-status": said,
        "na-result": slots.get("result", ""),
    }
    failed = isinstance(listed.state.outcome, Failure | Bug)
    names = ["cancel"] if pending else ["retry", "clear"] if failed else ["clear"]
    inside = "".join(f'<div class="{kind}">{html}</div>' for kind, html in parts.items() if html)
    buttons = " ".join(_button(name, listed.key, text) for name in names)
    return _row(listed.key, text, inside, buttons, url, busy=pending)


def pattern_html(url: str = "") -> str:
    """Return the row that a script copies for a submission of which nothing is known yet.

    Its hidden buttons are for one that could not be sent.
    """
    inside = f'<div class="na-status">{escape(say("working"))}</div>'
    later = (_button(name, "", "", " hidden") for name in ("retry", "clear"))
    return _row("", "", inside, " ".join([_button("cancel", "", ""), *later]), url, busy=True)


def _row(key: str, text: str, inside: str, buttons: str, url: str, *, busy: bool) -> str:
    marked = ' aria-busy="true"' if busy else ""
    return (
        f'<li class="na-submission" data-submission="{escape(key)}"{marked}>'
        f'<p class="na-submitted">{escape(text)}</p>{inside}'
        f'<form method="post" action="{escape(url)}">{buttons}</form></li>'
    )


def _button(name: str, key: str, text: str, hidden: str = "") -> str:
    said = say(name)
    # What it is called for who hears it alone.
    label = f' aria-label="{escape(f"{said}: {text}")}"' if text else ""
    return f'<button name="_{name}" value="{escape(key)}"{label}{hidden}>{escape(said)}</button>'
