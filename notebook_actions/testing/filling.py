"""Filling in a form as a person does: only what can be typed, chosen or pressed."""

from __future__ import annotations

import datetime as dt
import mimetypes
from collections.abc import Mapping
from typing import Any, NoReturn

from ..files import UploadedFile
from ..htmlform import Control, Form

__all__ = ["button_of", "fill", "listed"]


def listed(names: Any) -> str:
    """Return names for a message, each once."""
    return ", ".join(dict.fromkeys(map(str, names))) or "none"


def fill(form: Form, values: Mapping[str, object]) -> None:
    """Put values into the controls of a form.

    Parameters
    ----------
    form : Form
        The form.
    values : mapping of str to object
        Name → a text, number or date; True or False for a check box; what a choice sends or what a
        person reads of it; an UploadedFile or ``(filename, content)``; a list of these where there
        are several controls of the name or it takes several.

    Raises
    ------
    LookupError
        When there is no such field or no such choice.
    ValueError
        When nobody could enter that.
    """
    for name, value in values.items():
        controls = [one for one in form.controls if one.name == name and not one.is_button]
        if not controls:
            names = [one.name for one in form.controls if one.name and _enters(one)]
            raise LookupError(f"no field {name!r}; the form has {listed(names)}")
        able = [one for one in controls if _enters(one)]
        if not able:
            raise ValueError(f"nobody can fill in {name!r}: it is hidden, disabled or read-only")
        _enter(name, able, value)


def _enters(control: Control) -> bool:
    locked = control.disabled or "readonly" in control.node.attrib
    return not locked and not control.is_button and control.kind != "hidden"


def _enter(name: str, controls: list[Control], value: object) -> None:
    first = controls[0]
    many = list(value) if isinstance(value, list | set | frozenset) else [value]
    if first.kind in ("checkbox", "radio"):
        _check(name, controls, value, many)
    elif first.kind == "select":
        _choose(name, first, many)
    elif first.kind == "file":
        if len(many) > 1 and not first.multiple:
            raise ValueError(f"{name!r} takes one file, not {len(many)}")
        first.files = [_file(name, one) for one in many]
    elif len(many) > len(controls):
        raise ValueError(f"there are {len(controls)} fields {name!r}, not {len(many)}")
    else:
        for control, one in zip(controls, many, strict=False):
            control.value = _text(one)


def _check(name: str, controls: list[Control], value: object, many: list[object]) -> None:
    if isinstance(value, bool):
        if len(controls) > 1 or controls[0].kind == "radio":
            _no_choice(name, value, [one.value for one in controls])
        controls[0].checked = value
        return
    wanted = [_text(one) for one in many]
    for one in wanted:
        if one not in [control.value for control in controls]:
            _no_choice(name, one, [control.value for control in controls])
    if controls[0].kind == "radio" and len(wanted) != 1:
        raise ValueError(f"one of the radio buttons {name!r} is pressed, not {len(wanted)}")
    for control in controls:
        control.checked = control.value in wanted


def _choose(name: str, control: Control, many: list[object]) -> None:
    able = [one for one in control.options if not one.disabled]
    chosen = []
    for text in map(_text, many):
        found = [one for one in able if text == one.value] or [
            one for one in able if text == one.label
        ]
        if not found:
            _no_choice(name, text, [one.value for one in able])
        chosen.append(found[0])
    if len(chosen) != 1 and not control.multiple:
        raise ValueError(f"{name!r} takes one choice, not {len(chosen)}")
    for option in control.options:
        option.selected = any(option is one for one in chosen)


def _no_choice(name: str, value: object, values: list[str]) -> NoReturn:
    raise LookupError(f"{name!r} has no choice {value!r}; it has {listed(values)}")


def _file(name: str, value: object) -> UploadedFile:
    match value:
        case UploadedFile():
            return value
        case (str(filename), bytes(content)):
            kind = mimetypes.guess_type(filename)[0] or "application/octet-stream"
            return UploadedFile(filename, kind, content)
        case _:
            raise ValueError(
                f"{name!r} takes a file: an UploadedFile or (filename, bytes), not {value!r}"
            )


def _text(value: object) -> str:
    if isinstance(value, dt.date | dt.time):  # A datetime is a date.
        return value.isoformat()
    if isinstance(value, bool | bytes | tuple | Mapping | UploadedFile) or value is None:
        raise ValueError(f"a person enters a text here, not {value!r}")
    return str(value)


def button_of(form: Form, label: str | None) -> Control | None:
    """Return the button with a label, name or value; without one, that which Enter presses.

    Raises
    ------
    LookupError
        When there is no such button.
    ValueError
        When it is disabled.
    """
    buttons = [one for one in form.controls if one.submits]
    if label is None:
        found = form.submitter
    else:
        same = [one for one in buttons if label in (one.label, one.name, one.value)]
        if not same:
            raise LookupError(
                f"no button {label!r}; the form has {listed(one.label for one in buttons)}"
            )
        found = same[0]
    if found is not None and found.disabled:
        raise ValueError(f"the button {found.label!r} is disabled")
    return found
