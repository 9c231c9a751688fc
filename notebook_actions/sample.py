"""Sample input: the forms of a page, filled in with values that their controls allow."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from decimal import Decimal

from .files import UploadedFile
from .formdata import Value
from .htmlform import Control, Form, encode, parse

__all__ = ["SampleForm", "forms_of"]

#: Type of an input → a value for it. Digits stand for text too: an action may read it as a number.
_SAMPLES = {
    "color": "#336699",
    "date": "2026-01-15",
    "datetime-local": "2026-01-15T12:00",
    "email": "someone@example.com",
    "month": "2026-01",
    "tel": "+1 555 0100",
    "time": "12:00",
    "url": "https://example.com/",
    "week": "2026-W03",
}


def _value(control: Control) -> str | None:
    """Return a value that a control may send; None when it sends none."""
    given = control.get("value")
    match control.kind:
        case "checkbox" | "radio":
            wanted = control.checked or "required" in control.node.attrib
            return control.value if wanted or control.kind == "radio" else None
        case "select":
            able = [one for one in control.options if not one.disabled]
            able.sort(key=lambda one: not one.selected)
            return next((one.value for one in able if one.value), None)
        case "hidden":
            return given or ""
        case "number" | "range":
            return given or _number(control)
        case "textarea":
            return control.value or _text(control)
        case "date" | "time" | "datetime-local" | "month" | "week":
            # Written like this, the earlier one is the lesser text.
            latest = control.get("max") or _SAMPLES[control.kind]
            return given or control.get("min") or min(_SAMPLES[control.kind], latest)
        case _:
            return given or _SAMPLES.get(control.kind) or _text(control)


def _number(control: Control) -> str:
    """Return the least number, or one near 1, that is a step."""
    if low := control.get("min"):
        return low
    try:
        high = Decimal(control.get("max") or "Infinity")
        step = Decimal((control.get("step") or "").replace("any", "") or 1)
        return str(step if step <= high else math.floor(high / step) * step)
    except ArithmeticError:
        return "1"


def _text(control: Control) -> str:
    shortest = control.get("minlength") or ""
    return "1" * max(1, int(shortest) if shortest.isdigit() else 1)


class SampleForm:
    """A form of a page.

    Parameters
    ----------
    form : Form
        The form, as the page has it.

    Attributes
    ----------
    given : mapping of str to str
        Name of a control → the value that it is to send, where its HTML does not tell enough.
    """

    def __init__(self, form: Form) -> None:
        self.id = form.id
        self.action = form.get("action") or ""
        self.slots = form.slots
        self.given: Mapping[str, str] = {}
        self._multipart = form.get("enctype", "") == "multipart/form-data"
        self._submitter = form.submitter
        self._controls = [one for one in form.controls if one.name and not one.disabled]

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Yield what the form sends, files left out, when its first button is pressed."""
        picked = self._picked()
        for control in self._controls:
            if control.is_button:
                if control is self._submitter:
                    yield control.name, control.value
                continue
            if control.kind == "file":
                continue
            if control.kind == "radio" and picked[control.name] is not control:
                continue
            if (value := self.given.get(control.name, _value(control))) is not None:
                yield control.name, value

    def _picked(self) -> dict[str, Control]:
        """Return the radio button of each group that is pressed: the checked one, or the first."""
        picked: dict[str, Control] = {}
        for control in self._controls:
            if control.kind == "radio" and (control.checked or control.name not in picked):
                picked[control.name] = control
        return picked

    def body(self) -> tuple[str, bytes]:
        """Return the content type and the body of a submission, with a file where one fits."""
        pairs: list[tuple[str, Value]] = list(self.pairs())
        file = UploadedFile("sample.txt", "text/plain", b"sample")
        pairs += [(one.name, file) for one in self._controls if one.kind == "file"]
        return encode(pairs, multipart=self._multipart)


def forms_of(html: str) -> list[SampleForm]:
    """Return the forms of a page that submit actions."""
    return [SampleForm(form) for form in parse(html).forms() if form.get("data-action")]
