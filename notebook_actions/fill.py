"""Filling: what was typed and what is to be said, put into the HTML of a form.

A form's template is plain HTML, the same for generated fields and for the author's own markup, and
nobody has to bind a value. What is not touched stays as it was written, character by character.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice

from tornado.escape import xhtml_escape as escape

from .controls import BUTTONS, CONTROLS
from .editor import Attributes, Editor, tag_text, with_attribute, without_attribute
from .formdata import FormData, crlf
from .matching import Sender, match

__all__ = ["fill"]

#: Inputs whose value never comes back: secrets, files, buttons, and what the author put there.
_UNFILLED = BUTTONS | {"password", "file", "hidden"}


def fill(
    html: str,
    *,
    values: FormData | None = None,
    slots: Mapping[str, str] | None = None,
    invalid: Collection[str] = (),
) -> str:
    """Return a form's HTML with a submission's state in it.

    Parameters
    ----------
    html : str
        The form.
    values : FormData, optional
        What was submitted. Repeated names go to the controls in their order. Passwords, controls
        with ``data-secret``, files, hidden fields and buttons are left alone.
    slots : mapping of str to str, optional
        Name → HTML for the inside of the elements with that ``data-slot``. Where ``kept:NAME``
        says that a file is kept, that file input need not be filled in again.
    invalid : collection of str
        Names of the fields that are wrong: they get ``aria-invalid``. Where several controls make
        one field in a ``<fieldset data-field="NAME">``, that gets it in their place.

    Returns
    -------
    str
        The HTML.
    """
    filler = _Filler(html, values, slots or {}, frozenset(invalid))
    return filler.result()


@dataclass(frozen=True, slots=True)
class _Option:
    """A choice of a list, where its tag stands, and the value that it sends."""

    attrs: Attributes
    start: int
    end: int
    value: str
    #: Whether no browser sends it.
    disabled: bool

    @property
    def is_kept(self) -> bool:
        """Whether it is chosen and stays so, since nobody can choose it, or take that away."""
        return self.disabled and any(key == "selected" for key, _ in self.attrs)


@dataclass(slots=True)
class _Control:
    """A control that may get a value, and where it stands."""

    tag: str
    attrs: Attributes
    start: int
    end: int
    options: list[_Option] = field(default_factory=list)
    #: Where a text area's end tag begins.
    content_end: int = 0
    #: Numbers of the ``<details>`` that it stands in.
    details: tuple[int, ...] = ()
    #: Whether no browser sends it.
    disabled: bool = False

    @property
    def given(self) -> dict[str, str | None]:
        return dict(self.attrs)

    @property
    def name(self) -> str:
        return crlf(self.given.get("name") or "")

    @property
    def kind(self) -> str:
        return (self.given.get("type") or "text").lower() if self.tag == "input" else self.tag

    @property
    def multiple(self) -> bool:
        return self.tag == "select" and "multiple" in self.given

    def senders(self) -> list[Sender]:
        """Return what can send a value: of a list with several choices each of them."""
        if self.multiple:
            return [Sender(_only(one), always=False) for one in self.options]
        if self.tag == "select":
            # Without a choice, and with one that is disabled, nothing may be sent.
            enabled = all(not one.disabled for one in self.options) and bool(self.options)
            sent = frozenset[str]().union(*map(_only, self.options))
            return [Sender(sent, always=enabled and "size" not in self.given)]
        if self.kind in ("checkbox", "radio"):
            return [Sender(frozenset({crlf(self.given.get("value", "on") or "")}), always=False)]
        if self.kind in _UNFILLED - {"password", "hidden"}:
            return []
        return [Sender(None, always=True)]


def _only(option: _Option) -> frozenset[str]:
    return frozenset() if option.disabled else frozenset({crlf(option.value)})


@dataclass(slots=True)
class _Fieldset:
    """A ``<fieldset>`` that is open, and whether its first legend is to come or is open too."""

    disabled: bool
    legend: bool = True
    in_legend: bool = False


class _Filler(Editor):
    """Puts values, messages and marks where they belong."""

    def __init__(
        self,
        html: str,
        values: FormData | None,
        slots: Mapping[str, str],
        invalid: frozenset[str],
    ) -> None:
        super().__init__(html)
        self._values = values
        self._slots = slots
        self._invalid = invalid
        self._sent: dict[str, list[str]] = defaultdict(list)
        for name, value in values.pairs() if values else ():
            if isinstance(value, str):
                self._sent[crlf(name)].append(value)
        self._found: list[_Control] = []
        self._list: _Control | None = None
        self._area: _Control | None = None
        self._slot: tuple[str, str, int] | None = None
        self._depth = 0
        self._option: tuple[Attributes, int, int] | None = None
        self._option_text: list[str] = []
        #: The start tags of ``<details>``, the numbers of those around, and of those to be opened.
        self._details: list[tuple[Attributes, int, int]] = []
        self._around: list[int] = []
        self._opened: set[int] = set()
        self._group_disabled = False
        self._fieldsets: list[_Fieldset] = []
        #: Names of fields that are marked as a whole.
        self._marked: set[str] = set()

    def element(self, tag: str, attrs: Attributes) -> None:
        if self._slot is not None:
            self._depth += tag == self._slot[0]
            return
        given = dict(attrs)
        slot = given.get("data-slot")
        if slot is not None and slot in self._slots:
            self._slot, self._depth = (tag, slot, self.end), 1
            return
        if tag in ("option", "optgroup", "hr"):
            self._end_option()
        if tag == "optgroup":
            self._group_disabled = "disabled" in given
        if tag == "details":
            self._around.append(len(self._details))
            self._details.append((attrs, self.start, self.end))
        if tag == "option":
            self._option, self._option_text = (attrs, self.start, self.end), []
        elif tag in CONTROLS:
            control = _Control(tag, attrs, self.start, self.end, details=tuple(self._around))
            control.disabled = "disabled" in given or self._is_disabled()
            self._found.append(control)
            self._list = control if tag == "select" else self._list
            self._area = control if tag == "textarea" else self._area
        elif tag == "fieldset":
            self._fieldsets.append(_Fieldset("disabled" in given))
            if (name := given.get("data-field")) in self._invalid:
                self._marked.add(name or "")
                self._opened.update(self._around)
                marked = with_attribute(attrs, "aria-invalid", "true")
                self.edit(self.start, self.end, tag_text(tag, marked))
        elif tag == "legend" and self._fieldsets:
            innermost = self._fieldsets[-1]
            innermost.legend, innermost.in_legend = False, innermost.legend

    def _is_disabled(self) -> bool:
        """Whether a fieldset disables what stands here: its first legend is left out of that."""
        return any(one.disabled and not one.in_legend for one in self._fieldsets)

    def end_element(self, tag: str) -> None:
        if self._slot is not None:
            opened, name, content = self._slot
            self._depth -= tag == opened
            if self._depth == 0:
                self.edit(content, self.start, self._slots[name])
                self._slot = None
            return
        if tag in ("option", "select", "optgroup"):
            self._end_option()
            self._group_disabled &= tag == "option"
            self._list = None if tag == "select" else self._list
        if self._around and tag == "details":
            self._around.pop()
        if self._fieldsets and tag == "fieldset":
            self._fieldsets.pop()
        elif self._fieldsets and tag == "legend":
            self._fieldsets[-1].in_legend = False
        if tag == "textarea" and self._area is not None:
            self._area.content_end = self.start
            self._area = None

    def handle_data(self, data: str) -> None:
        self._option_text.append(data)

    def _end_option(self) -> None:
        if self._option is None:
            return
        attrs, start, content = self._option
        self._option = None
        if self._list is None:
            return
        given = dict(attrs)
        shown = re.sub(r"[ \t\n\f\r]+", " ", "".join(self._option_text)).strip(" ")
        value = given["value"] or "" if "value" in given else shown
        disabled = "disabled" in given or self._group_disabled
        self._list.options.append(_Option(attrs, start, content, value, disabled))

    def close(self) -> None:
        super().close()
        self._end_option()
        sent = self._matched()
        for number, control in enumerate(self._found):
            changed = self._with_state(control)
            if ("aria-invalid", "true") in changed and changed != control.attrs:
                self._opened.update(control.details)
            if number in sent and "data-secret" not in control.given:
                changed = self._filled(control, changed, sent[number])
            if changed != control.attrs:
                self.edit(control.start, control.end, tag_text(control.tag, changed))
        for attrs, start, end in (self._details[number] for number in sorted(self._opened)):
            # What is wrong is never out of sight.
            self.edit(start, end, tag_text("details", with_attribute(attrs, "open", None)))

    def _matched(self) -> dict[int, list[str | None]]:
        """Return the number of each control that is sent → the values that its senders sent."""
        named: dict[str, list[int]] = defaultdict(list)
        for number, control in enumerate(self._found):
            if self._is_sent(control):
                named[control.name].append(number)
        matched: dict[int, list[str | None]] = {}
        for name, numbers in named.items():
            senders = [self._found[number].senders() for number in numbers]
            values = self._sent[name]
            places = iter(match(list(chain(*senders)), [crlf(value) for value in values]))
            for number, own in zip(numbers, senders, strict=True):
                found = islice(places, len(own))
                matched[number] = [None if one is None else values[one] for one in found]
        return matched

    def _is_sent(self, control: _Control) -> bool:
        return self._values is not None and bool(control.name) and not control.disabled

    def _with_state(self, control: _Control) -> Attributes:
        """Return the attributes with what is said about the control."""
        attrs, given, kind = control.attrs, control.given, control.kind
        name = given.get("name") or ""
        unmarked = kind in _UNFILLED - {"password", "file"}
        if not unmarked and given.get("data-field", name) in self._invalid - self._marked:
            attrs = with_attribute(attrs, "aria-invalid", "true")
        if kind == "file" and "required" in given and self._slots.get(f"kept:{name}"):
            # The browser would not submit otherwise; the script gives it back in time.
            attrs = without_attribute(attrs, "required")
            attrs = with_attribute(attrs, "data-required", None)
        return attrs

    def _filled(self, control: _Control, attrs: Attributes, sent: list[str | None]) -> Attributes:
        """Return the attributes with what the control has sent."""
        if control.multiple:
            given = zip(control.options, sent, strict=True)
            self._select(control, [one.is_kept if value is None else True for one, value in given])
        elif control.kind in ("checkbox", "radio"):
            attrs = without_attribute(attrs, "checked")
            if sent[0] is not None:
                attrs = with_attribute(attrs, "checked", None)
        elif control.kind in _UNFILLED or sent[0] is None:
            pass
        elif control.tag == "select":
            self._select(control, [crlf(one.value) == crlf(sent[0]) for one in control.options])
        elif control.tag == "textarea":
            # The parser drops one line break after the tag; text areas read back with LF.
            text = "\n" + escape(sent[0].replace("\r\n", "\n"))
            self.edit(control.end, control.content_end, text)
        else:
            attrs = with_attribute(attrs, "value", sent[0])
        return attrs

    def _select(self, control: _Control, chosen: Sequence[bool]) -> None:
        for option, on in zip(control.options, chosen, strict=True):
            changed = without_attribute(option.attrs, "selected")
            if on:
                changed = with_attribute(changed, "selected", None)
            if changed != option.attrs:
                self.edit(option.start, option.end, tag_text("option", changed))
