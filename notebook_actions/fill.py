"""Filling: what was typed and what is to be said, put into the HTML of a form.

A form's template is plain HTML, the same for generated fields and for the author's own markup, and
nobody has to bind a value. What is not touched stays as it was written, character by character.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict, deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape

from tornado.escape import xhtml_escape as escape

from .controls import BUTTONS, CONTROLS
from .editor import Attributes, Editor, tag_text, with_attribute, without_attribute
from .formdata import FormData, crlf

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


class _Waiting:
    """The values of one name that no control has got yet, in order."""

    def __init__(self) -> None:
        self._values: deque[str] = deque()
        # As they are sent: a line break is CR LF there, whatever it is in the HTML.
        self._sent: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._values)

    def add(self, value: str) -> None:
        self._values.append(value)
        self._sent[crlf(value)] += 1

    def first(self) -> str:
        """Give away the first value."""
        value = self._values.popleft()
        self._sent[crlf(value)] -= 1
        return value

    def take(self, value: str) -> bool:
        """Give away a value that a control sends; False when it has not sent it."""
        if not self._sent[crlf(value)]:
            return False
        sent = next(one for one in self._values if crlf(one) == crlf(value))
        self._values.remove(sent)
        self._sent[crlf(value)] -= 1
        return True


@dataclass(slots=True)
class _Control:
    """A control that may get a value, and where it stands."""

    tag: str
    attrs: Attributes
    start: int
    end: int
    #: Of a list: each option's attributes, where its tag stands, and the value that it sends.
    options: list[tuple[Attributes, int, int, str]] = field(default_factory=list)
    #: Where a text area's end tag begins.
    content_end: int = 0
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
    def always(self) -> bool:
        """Whether a browser sends one value of it, whatever is entered."""
        if self.tag == "select":
            return "multiple" not in self.given
        sends = {"password", "hidden"}
        return self.kind not in (_UNFILLED - sends) | {"checkbox", "radio"}


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
        self._waiting: dict[str, _Waiting] = defaultdict(_Waiting)
        for name, value in values.pairs() if values else ():
            if isinstance(value, str):
                self._waiting[crlf(name)].add(value)
        self._found: list[_Control] = []
        self._list: _Control | None = None
        self._area: _Control | None = None
        self._slot: tuple[str, str, int] | None = None
        self._depth = 0
        self._option: tuple[Attributes, int, int] | None = None
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
            self._end_option(self.start)
        if tag == "option":
            self._option = (attrs, self.start, self.end)
        elif tag in CONTROLS:
            control = _Control(tag, attrs, self.start, self.end)
            control.disabled = "disabled" in given or self._is_disabled()
            self._found.append(control)
            self._list = control if tag == "select" else self._list
            self._area = control if tag == "textarea" else self._area
        elif tag == "fieldset":
            self._fieldsets.append(_Fieldset("disabled" in given))
            if (name := given.get("data-field")) in self._invalid:
                self._marked.add(name or "")
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
            self._end_option(self.start)
            self._list = None if tag == "select" else self._list
        if self._fieldsets and tag == "fieldset":
            self._fieldsets.pop()
        elif self._fieldsets and tag == "legend":
            self._fieldsets[-1].in_legend = False
        if tag == "textarea" and self._area is not None:
            self._area.content_end = self.start
            self._area = None

    def _end_option(self, end: int) -> None:
        if self._option is None:
            return
        attrs, start, content = self._option
        self._option = None
        if self._list is None:
            return
        given = dict(attrs)
        shown = re.sub(r"[ \t\n\f\r]+", " ", unescape(self.html[content:end])).strip(" ")
        value = given["value"] or "" if "value" in given else shown
        self._list.options.append((attrs, start, content, value))

    def close(self) -> None:
        super().close()
        # Values that a text or a list of the same name is sure to have sent are not a box's.
        ahead = Counter(one.name for one in self._found if one.always and self._is_sent(one))
        for control in self._found:
            changed = self._with_state(control)
            if self._is_sent(control):
                ahead[control.name] -= control.always
                changed = self._filled(control, changed, ahead[control.name])
            if changed != control.attrs:
                self.edit(control.start, control.end, tag_text(control.tag, changed))

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

    def _filled(self, control: _Control, attrs: Attributes, ahead: int) -> Attributes:
        """Return the attributes with what was sent; ``ahead`` values are those of later controls.

        Each value goes to one control only, so that two boxes which send the same are not both
        ticked where one of them was.
        """
        waiting, given = self._waiting[control.name], control.given
        secret = "data-secret" in given

        def take(value: str) -> bool:
            return len(waiting) > ahead and waiting.take(value)

        if not control.always:
            if secret:
                pass
            elif control.tag == "select":
                self._select(control, [take(value) for *_, value in control.options])
            elif control.kind in ("checkbox", "radio"):
                attrs = without_attribute(attrs, "checked")
                if take(given["value"] or "" if "value" in given else "on"):
                    attrs = with_attribute(attrs, "checked", None)
        elif len(waiting):
            # These send one value each, also those that are not to get it back.
            value = waiting.first()
            if secret or control.kind in _UNFILLED:
                pass
            elif control.tag == "select":
                self._select(control, [crlf(one) == crlf(value) for *_, one in control.options])
            elif control.tag == "textarea":
                # The parser drops one line break after the tag; text areas read back with LF.
                text = "\n" + escape(value.replace("\r\n", "\n"))
                self.edit(control.end, control.content_end, text)
            else:
                attrs = with_attribute(attrs, "value", value)
        return attrs

    def _select(self, control: _Control, chosen: Sequence[bool]) -> None:
        for (attrs, start, end, _), on in zip(control.options, chosen, strict=True):
            changed = without_attribute(attrs, "selected")
            if on:
                changed = with_attribute(changed, "selected", None)
            if changed != attrs:
                self.edit(start, end, tag_text("option", changed))
