"""Forms of the notebook without a kernel: submitted, and watched."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import Any

from ..formdata import FormData
from ..page import ActionForm
from ..progress import Step

__all__ = ["Snapshot", "Transition", "submit", "transitions"]

_TRAITS = ["pending", "input", "result", "error", "progress", "submissions"]


@dataclass(frozen=True, slots=True, repr=False)
class Snapshot:
    """How a submission stood.

    Attributes
    ----------
    pending : bool
        Whether it ran or waited.
    input : FormData or None
        What was submitted.
    result : object
        What the action returned.
    error : Exception or None
        What went wrong.
    progress : Step or None
        How far it had come.
    """

    pending: bool
    input: FormData | None = None
    result: Any = None
    error: BaseException | None = None
    progress: Step | None = None

    def __repr__(self) -> str:
        told = {one.name: getattr(self, one.name) for one in fields(self)}
        said = [f"{name}={value!r}" for name, value in told.items() if value not in (None, ())]
        return f"{type(self).__name__}({', '.join(said)})"


@dataclass(frozen=True, slots=True, repr=False)
class Transition(Snapshot):
    """How a form stood after one of its changes, whose traits changed together.

    Attributes
    ----------
    submissions : tuple of Snapshot
        How each of its submissions stood.
    """

    submissions: tuple[Snapshot, ...] = ()


def _snapshot(submission: Any) -> Snapshot:
    return Snapshot(
        submission.pending,
        submission.input,
        submission.result,
        submission.error,
        submission.progress,
    )


@contextmanager
def transitions(form: ActionForm) -> Iterator[list[Transition]]:
    """Record the transitions of a form.

    Parameters
    ----------
    form : ActionForm
        A form of the notebook.

    Yields
    ------
    list of Transition
        One for each batch of traits that changed, in their order; grows until the block ends.
    """
    widget = _live(form)
    seen: list[Transition] = []

    def stands() -> tuple[Any, list[Any]]:
        return widget.state, [(one, one.version) for one in widget.submissions]

    last = stands()

    def note(_: object) -> None:
        nonlocal last
        # A batch calls once for each trait; all of them have their new values at the first call.
        standing = stands()
        if standing[0] is last[0] and standing[1] == last[1]:
            return
        last = standing
        now = {name: getattr(widget, name) for name in _TRAITS[:-1]}
        seen.append(Transition(**now, submissions=tuple(map(_snapshot, widget.submissions))))

    widget.observe(note, _TRAITS)
    try:
        yield seen
    finally:
        widget.unobserve(note, _TRAITS)


def submit(
    form: ActionForm, form_data: FormData | Mapping[str, object] | None = None, /, **values: object
) -> Snapshot:
    """Submit a form in a plain function, and wait until it has ended.

    Parameters
    ----------
    form : ActionForm
        A form of the notebook.
    form_data : FormData or mapping, optional
        What to submit.
    **values
        The same by keyword.

    Returns
    -------
    Snapshot
        How the submission ended. An error of the action stands in it and is not raised.

    Raises
    ------
    LookupError
        When the form has no such field.
    RuntimeError
        When an event loop runs already: there ``await form.submit(...)`` does it.
    """
    widget = _live(form)
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        pass
    else:
        raise RuntimeError("an event loop is running here: write `await form.submit(...)`")
    _check_names(widget, [*(form_data or ()), *values])

    async def ended() -> Snapshot:
        submission = widget.submit(form_data, **values)
        # What it invalidates is fresh again when its task has ended.
        while running := list(widget._submissions.running.values()):
            await asyncio.wait(running)
        return _snapshot(submission)

    return asyncio.run(ended())


def _live(form: Any) -> Any:
    from ..widget import ActionForm

    if not isinstance(form, ActionForm):
        raise TypeError(f"this takes an ActionForm of the notebook, not {form!r}")
    return form


def _check_names(widget: Any, given: list[str]) -> None:
    """Refuse a name that no field has, where the form has fields."""
    from ..htmlform import parse
    from .filling import listed

    controls = [one for one in parse(widget._html).all() if one.get("name")]
    # A group or list of fields is given as a whole, or piece by piece.
    known = {_root(one["name"]): None for one in controls if not one["name"].startswith("_")}
    for name in given:
        if known and _root(name) not in known:
            raise LookupError(f"no field {name!r}; the form has {listed(known)}")


def _root(name: str) -> str:
    return name.partition(".")[0].partition("[")[0]
