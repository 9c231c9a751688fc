"""A form as a browser has it: parsed by an engine (Lexbor) that the package does not use.

``Form(html)`` holds the controls. ``entries()`` is what the browser sends as it stands; a control's
``enter`` does what a person can do to it.

Source: HTML, "constructing the entry list", "value sanitization algorithm", "the select element".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

from notebook_actions.formdata import crlf

_SPACE = "[ \t\n\f\r]+"


@dataclass
class Option:
    """A choice of a list."""

    value: str
    selected: bool


@dataclass
class Control:
    """A control that a form sends something of."""

    kind: str
    name: str
    value: str = ""
    checked: bool = False
    multiple: bool = False
    options: list[Option] = field(default_factory=list)

    def enter(self, text: str) -> None:
        """Type a text, as far as the control takes it."""
        self.value = _sanitized(self.kind, text)

    def entries(self) -> Iterator[tuple[str, str]]:
        """Yield what is sent of it."""
        if self.kind == "select":
            yield from ((self.name, one.value) for one in self.options if one.selected)
        elif self.kind not in ("checkbox", "radio") or self.checked:
            yield self.name, self.value


class Form:
    """The controls of a form, in tree order."""

    def __init__(self, html: str) -> None:
        self.controls = [_control(node) for node in _nodes(html) if _sends(node)]
        self.add = [
            node.attributes["value"] or ""
            for node in _nodes(html)
            if node.tag == "button" and node.attributes.get("name") == "_add"
        ]

    def choose(self, radio: Control) -> None:
        """Choose a radio button, and with that none of its group."""
        for one in self.controls:
            if one.kind == "radio" and one.name == radio.name:
                one.checked = one is radio

    def entries(self) -> list[tuple[str, str]]:
        """Return the pairs that the browser sends, line breaks as on the wire."""
        pairs = [pair for control in self.controls for pair in control.entries()]
        return [(crlf(name), crlf(value)) for name, value in pairs]


def structure(html: str) -> list[tuple[int, str, tuple[str, ...]]]:
    """Return the elements of some HTML: depth, tag, and the attributes that it has in any state."""
    return [
        (_depth(node), str(node.tag), tuple(sorted({*node.attributes} - {"checked", "selected"})))
        for node in _nodes(html)
        if not str(node.tag).startswith("-")
    ]


def texts(html: str) -> list[str]:
    """Return the texts and the attributes' values of some HTML, in order."""
    found: list[str] = []
    for node in _nodes(html):
        if node.tag == "-text":
            found.append(node.text_content or "")
        elif not str(node.tag).startswith("-"):
            found += [value or "" for _, value in sorted(node.attributes.items())]
    return found


def _nodes(html: str) -> Iterator[LexborNode]:
    body = LexborHTMLParser(html).body
    assert body is not None
    yield from body.traverse(include_text=True)


def _depth(node: LexborNode) -> int:
    depth, at = 0, node.parent
    while at is not None:
        depth, at = depth + 1, at.parent
    return depth


def _sends(node: LexborNode) -> bool:
    given: dict[str, Any] = node.attributes if not str(node.tag).startswith("-") else {}
    unsent = ("submit", "image", "button", "reset", "file")
    return (
        node.tag in ("input", "select", "textarea")
        and bool(given.get("name"))
        and "disabled" not in given
        and _kind(node) not in unsent
    )


def _kind(node: LexborNode) -> str:
    if node.tag != "input":
        return str(node.tag)
    return (node.attributes.get("type") or "text").lower()


def _control(node: LexborNode) -> Control:
    given, kind = node.attributes, _kind(node)
    control = Control(kind, given["name"] or "", checked="checked" in given)
    match kind:
        case "select":
            control.multiple = "multiple" in given
            control.options = [_option(one) for one in node.css("option")]
            chosen = [one for one in control.options if one.selected]
            if not control.multiple and control.options:
                for one in control.options:
                    one.selected = one is (chosen or control.options[:1])[-1]
        case "textarea":
            control.value = node.text(deep=True)
        case "checkbox" | "radio":
            control.value = (given["value"] or "") if "value" in given else "on"
        case _:
            control.value = _sanitized(kind, given.get("value") or "")
    return control


def _option(node: LexborNode) -> Option:
    given = node.attributes
    shown = re.sub(_SPACE, " ", node.text(deep=True)).strip(" ")
    value = (given["value"] or "") if "value" in given else shown
    return Option(value, "selected" in given)


#: The values that an input of a type can have, beside none.
_VALID = {
    "number": r"-?(\d+(\.\d+)?|\.\d+)([eE][-+]?\d+)?",
    "date": r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])",
    "time": r"([01]\d|2[0-3]):[0-5]\d",
    "color": r"#[0-9a-f]{6}",
}


def _sanitized(kind: str, text: str) -> str:
    if kind == "textarea":
        return re.sub(r"\r\n|\r", "\n", text)
    if kind == "hidden":
        return text
    text = re.sub(r"[\r\n]", "", text)
    if kind in ("url", "email"):
        text = re.sub(rf"^{_SPACE}|{_SPACE}$", "", text)
    if kind in _VALID and not re.fullmatch(_VALID[kind], text, re.ASCII):
        return "#000000" if kind == "color" else ""
    return text
