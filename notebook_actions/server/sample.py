"""Sample input: the forms of a page, filled in with values that their controls allow."""

from __future__ import annotations

import math
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from html.parser import HTMLParser
from urllib.parse import urlencode

__all__ = ["Control", "SampleForm", "forms_of"]

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
_BUTTONS = frozenset({"submit", "image", "button", "reset"})


@dataclass(slots=True)
class Control:
    """A control of a form.

    Attributes
    ----------
    kind : str
        The ``type`` of an input, or ``"textarea"`` or ``"select"``.
    attributes : dict of str to str
        Its attributes.
    options : list of (str, bool)
        Of a select: each value, and whether it is selected.
    text : str
        Of a text area: its content.
    """

    kind: str
    attributes: dict[str, str]
    options: list[tuple[str, bool]] = field(default_factory=list)
    text: str = ""

    @property
    def name(self) -> str:
        """Its name; empty when it sends nothing."""
        return "" if "disabled" in self.attributes else self.attributes.get("name", "")

    @property
    def value(self) -> str | None:
        """A value that it may send; None when it sends none."""
        given = self.attributes.get("value")
        match self.kind:
            case "checkbox" | "radio":
                wanted = {"checked", "required"} & self.attributes.keys()
                return (given or "on") if wanted or self.kind == "radio" else None
            case "select":
                chosen = [value for value, selected in self.options if selected]
                return next((value for value in [*chosen, *self._values()] if value), None)
            case "hidden":
                return given or ""
            case "number" | "range":
                return given or self._number()
            case "textarea":
                return self.text or self._text()
            case "date" | "time" | "datetime-local" | "month" | "week":
                # Written like this, the earlier one is the lesser text.
                latest = self.attributes.get("max") or _SAMPLES[self.kind]
                return given or self.attributes.get("min") or min(_SAMPLES[self.kind], latest)
            case _:
                return given or _SAMPLES.get(self.kind) or self._text()

    def _values(self) -> list[str]:
        return [value for value, _ in self.options]

    def _number(self) -> str:
        """Return the least number, or one near 1, that is a step."""
        if low := self.attributes.get("min"):
            return low
        try:
            high = Decimal(self.attributes.get("max") or "Infinity")
            step = Decimal(self.attributes.get("step", "").replace("any", "") or 1)
            return str(step if step <= high else math.floor(high / step) * step)
        except ArithmeticError:
            return "1"

    def _text(self) -> str:
        shortest = self.attributes.get("minlength", "")
        return "1" * max(1, int(shortest) if shortest.isdigit() else 1)


@dataclass(slots=True)
class SampleForm:
    """A form of a page.

    Attributes
    ----------
    attributes : dict of str to str
        Of its ``<form>``.
    controls : list of Control
        In order.
    slots : dict of str to str
        Name of a slot → its text.
    given : mapping of str to str
        Name of a control → the value that it is to send, where its HTML does not tell enough.
    """

    attributes: dict[str, str]
    controls: list[Control] = field(default_factory=list)
    slots: dict[str, str] = field(default_factory=dict)
    given: Mapping[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The id on its page: the action's name, unless the form says otherwise."""
        own = (one.attributes.get("value") for one in self.controls if one.name == "_form")
        return next(own, None) or self.attributes.get("data-action", "")

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Yield what the form sends, files left out, when its first button is pressed."""
        pressed = False
        picked = self._picked()
        for control in self.controls:
            if control.kind in _BUTTONS:
                first = control.kind == "submit" and not pressed
                pressed |= first
                if first and control.name:
                    yield control.name, control.attributes.get("value", "")
                continue
            if not control.name or control.kind == "file":
                continue
            if control.kind == "radio" and picked[control.name] is not control:
                continue
            if (value := self.given.get(control.name, control.value)) is not None:
                yield control.name, value

    def _picked(self) -> dict[str, Control]:
        """Return the radio button of each group that is pressed: the checked one, or the first."""
        picked: dict[str, Control] = {}
        for control in self.controls:
            if control.kind == "radio" and (
                "checked" in control.attributes or control.name not in picked
            ):
                picked[control.name] = control
        return picked

    def body(self) -> tuple[str, bytes]:
        """Return the content type and the body of a submission."""
        if self.attributes.get("enctype", "").lower() != "multipart/form-data":
            names = [(one.name, "") for one in self.controls if one.kind == "file" and one.name]
            return "application/x-www-form-urlencoded", urlencode([*self.pairs(), *names]).encode()
        boundary = secrets.token_hex(16)
        parts = [(f'name="{name}"', value) for name, value in self.pairs()]
        parts += [
            (f'name="{one.name}"; filename="sample.txt"\r\nContent-Type: text/plain', "sample")
            for one in self.controls
            if one.kind == "file" and one.name
        ]
        lines = [
            f"--{boundary}\r\nContent-Disposition: form-data; {head}\r\n\r\n{value}\r\n"
            for head, value in parts
        ]
        content = "".join([*lines, f"--{boundary}--\r\n"]).encode()
        return f"multipart/form-data; boundary={boundary}", content


def forms_of(html: str) -> list[SampleForm]:
    """Return the forms of a page that submit actions."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.forms


class _Reader(HTMLParser):
    """Collects forms, their controls and the text of their slots."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[SampleForm] = []
        self._form: SampleForm | None = None
        self._control: Control | None = None
        self._slot: str | None = None
        self._slot_tag = ""
        self._option_says_it = False  # an option without a value sends its text
        self._templates = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "form" and "data-action" in attributes:
            self._form = SampleForm(attributes)
            self.forms.append(self._form)
        self._templates += tag == "template"
        if self._form is None or self._templates:
            return
        if "data-slot" in attributes:
            self._slot, self._slot_tag = attributes["data-slot"], tag
            self._form.slots[self._slot] = ""
        if tag in ("input", "textarea", "select", "button"):
            default = {"input": "text", "button": "submit"}.get(tag, tag)
            kind = attributes.get("type", default).lower() if tag in ("input", "button") else tag
            self._control = Control(kind, attributes)
            self._form.controls.append(self._control)
        elif tag == "option" and self._control is not None and "disabled" not in attributes:
            self._control.options.append((attributes.get("value", ""), "selected" in attributes))
            self._option_says_it = "value" not in attributes

    def handle_endtag(self, tag: str) -> None:
        self._templates -= tag == "template"
        if tag == "form":
            self._form = None
        if tag in (self._slot_tag, "form"):
            self._slot = None
        if tag in ("option", "select"):
            self._option_says_it = False
        if tag in ("textarea", "select", "button"):
            self._control = None

    def handle_data(self, data: str) -> None:
        if self._form is None:
            return
        if self._slot is not None:
            self._form.slots[self._slot] += data.strip()
        if self._control is not None and self._control.kind == "textarea":
            self._control.text += data
        if self._control is not None and self._option_says_it:
            value, selected = self._control.options[-1]
            self._control.options[-1] = (f"{value}{data}".strip(), selected)
