"""Filling: what was typed and what is to be said, put into the HTML of a form.

A form's template is plain HTML, the same for generated fields and for the author's own markup, and
nobody has to bind a value. What is not touched stays as it was written, character by character.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict, deque
from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass
from html import unescape

from tornado.escape import xhtml_escape as escape

from .editor import Attributes, Editor, tag_text, with_attribute, without_attribute
from .formdata import FormData, unnumbered

__all__ = ["Controls", "complete", "controls", "fill"]

_CONTROLS = frozenset({"input", "textarea", "select"})
_BUTTONS = frozenset({"submit", "image", "button", "reset"})
#: Inputs whose value never comes back: secrets, files, buttons, and what the author put there.
_UNFILLED = _BUTTONS | {"password", "file", "hidden"}


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


def complete(html: str, prefix: str) -> str:
    """Return the author's HTML with what messages need and the author left out.

    The first control of each name gets an ``id``, so that links reach it. A slot for the field's
    message follows the last one, behind its label where it stands in one, and the controls are
    described by it. After a file input there is a slot for the files that are kept, too.

    Parameters
    ----------
    html : str
        The inside of a form.
    prefix : str
        What ids begin with.
    """
    editor = _Completer(html, prefix)
    return editor.result()


@dataclass(frozen=True, slots=True)
class Controls:
    """The controls that some HTML has.

    Attributes
    ----------
    ids : mapping of str to str
        Name of a control, or of a ``<fieldset data-field="NAME">`` → the ``id`` of the first one
        that has it.
    submitter : bool
        Whether a button in this HTML submits the form.
    files : bool
        Whether a file can be chosen.
    limits : mapping of str to int
        Name of a file input → most bytes of a file in it, from its ``data-max-size``.
    multiple : set of str
        Names under which several files can be chosen.
    names : sequence of str
        The name of each control that a person fills in.
    slots : set of str
        The slots for messages and results.
    secrets : set of str
        The names of passwords and of controls with ``data-secret``; ``users[#].pin`` stands for
        that field in every row.
    """

    ids: Mapping[str, str]
    submitter: bool
    files: bool
    limits: Mapping[str, int]
    multiple: Set[str]
    names: Sequence[str]
    slots: Set[str]
    secrets: Set[str]


def controls(html: str) -> Controls:
    """Return what controls this HTML has."""
    found = _Inventory(html)
    found.result()
    many = {name for name, count in Counter(found.files).items() if count > 1}
    return Controls(
        ids=found.ids,
        submitter=found.submitter,
        files=bool(found.files),
        limits=found.limits,
        multiple=many | found.multiple,
        names=found.names,
        slots=found.slots,
        secrets=found.secrets,
    )


class _Inventory(Editor):
    """Finds the controls."""

    def __init__(self, html: str) -> None:
        super().__init__(html)
        self.ids: dict[str, str] = {}
        self.submitter = False
        self.files: list[str] = []
        self.limits: dict[str, int] = {}
        self.multiple: set[str] = set()
        self.names: list[str] = []
        self.slots: set[str] = set()
        self.secrets: set[str] = set()

    def element(self, tag: str, attrs: Attributes) -> None:
        given = dict(attrs)
        name, kind = given.get("name"), (given.get("type") or "").lower()
        if tag == "button":
            # Those that add and remove rows submit too, but not for good.
            self.submitter |= kind in ("", "submit") and name not in ("_add", "_remove")
        elif tag == "input" and kind in ("submit", "image"):
            self.submitter = True
        # A group of fields can be wrong as a whole.
        known = given.get("data-field") if tag == "fieldset" else name
        if tag in _CONTROLS | {"fieldset"} and kind not in _BUTTONS and known and given.get("id"):
            self.ids.setdefault(known, given["id"] or "")
        if _is_filled_in(tag, kind) and name:
            self.names.append(name)
        if slot := given.get("data-slot"):
            self.slots.add(slot)
        self.copied(tag, attrs)

    def copied(self, tag: str, attrs: Attributes) -> None:
        given = dict(attrs)
        name, kind = given.get("name"), (given.get("type") or "").lower()
        if tag == "input" and kind == "file":
            self._file(name or "", given)
        if tag in _CONTROLS and name and (kind == "password" or "data-secret" in given):
            self.secrets.add(unnumbered(name))

    def _file(self, name: str, given: Mapping[str, str | None]) -> None:
        self.files.append(name)
        if "multiple" in given:
            self.multiple.add(unnumbered(name))
        limit = (given.get("data-max-size") or "").strip()
        if limit.isascii() and limit.isdigit():
            # Of several inputs of one name nobody can tell which one a file came from.
            known = self.limits.get(unnumbered(name), 0)
            self.limits[unnumbered(name)] = max(int(limit), known)


def _is_filled_in(tag: str, kind: str) -> bool:
    return tag in _CONTROLS and kind not in _BUTTONS | {"hidden"}


class _Completer(Editor):
    """Adds the ids and slots that are missing."""

    def __init__(self, html: str, prefix: str) -> None:
        super().__init__(html)
        self._prefix = prefix
        found = controls(html)
        self._ids = dict(found.ids)
        self._slots = found.slots
        self._left = Counter(found.names)
        self._given: set[str] = set()
        self._labels = 0
        self._waiting: list[str] = []

    def element(self, tag: str, attrs: Attributes) -> None:
        given = dict(attrs)
        name, kind = given.get("name"), (given.get("type") or "").lower()
        self._labels += tag == "label"
        if not _is_filled_in(tag, kind) or not name:
            return
        added = ""
        if name not in self._ids:
            # A space would make two ids of one, where it is referred to.
            self._ids[name] = f"{self._prefix}-{'-'.join(name.split())}"
            added = f' id="{escape(self._ids[name])}"'
        if f"error:{name}" not in self._slots:
            error = escape(f"{self._ids[name]}-error")
            if "aria-describedby" not in given:
                added += f' aria-describedby="{error}"'
            self._left[name] -= 1
            if not self._left[name]:
                slot = escape(f"error:{name}")
                self._waiting.append(
                    f'<span class="na-error" id="{error}" data-slot="{slot}"></span>'
                )
        kept = f"kept:{name}"
        if tag == "input" and kind == "file" and kept not in self._slots | self._given:
            self._given.add(kept)
            self._waiting.append(f'<span class="na-kept" data-slot="{escape(kept)}"></span>')
        after = self.start + 1 + len(tag)
        if added:
            self.edit(after, after, added)
        if tag == "input" and not self._labels:
            self._place(self.end)

    def end_element(self, tag: str) -> None:
        self._labels -= tag == "label" and self._labels > 0
        if tag in ("label", "textarea", "select") and not self._labels:
            self._place(self.html.index(">", self.start) + 1)

    def close(self) -> None:
        super().close()
        self._place(len(self.html))

    def _place(self, position: int) -> None:
        if self._waiting:
            self.edit(position, position, "".join(self._waiting))
            self._waiting = []


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
        self._queues: dict[str, deque[str]] = defaultdict(deque)
        for name, value in values.pairs() if values else ():
            if isinstance(value, str):
                self._queues[name].append(value)
        self._chosen: frozenset[str] | None = None
        self._content: int | None = None
        self._text = ""
        self._slot: tuple[str, str, int] | None = None
        self._depth = 0
        self._option: tuple[Attributes, int, int] | None = None
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
        if tag == "option":
            self._end_option(self.start)
            self._option = (attrs, self.start, self.end)
        elif tag in _CONTROLS:
            self._control(tag, attrs, given)
        elif tag == "fieldset" and (name := given.get("data-field")) in self._invalid:
            self._marked.add(name or "")
            marked = with_attribute(attrs, "aria-invalid", "true")
            self.edit(self.start, self.end, tag_text(tag, marked))

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
            self._chosen = None if tag == "select" else self._chosen
        if tag == "textarea" and self._content is not None:
            # The parser drops one line break after the tag; text areas read back with LF.
            self.edit(self._content, self.start, "\n" + escape(self._text))
            self._content = None

    def _control(self, tag: str, attrs: Attributes, given: dict[str, str | None]) -> None:
        name = given.get("name") or ""
        kind = (given.get("type") or "text").lower()
        changed = attrs
        unmarked = kind in _UNFILLED - {"password", "file"}
        if not unmarked and given.get("data-field", name) in self._invalid - self._marked:
            changed = with_attribute(changed, "aria-invalid", "true")
        if kind == "file" and "required" in given and self._slots.get(f"kept:{name}"):
            # The browser would not submit otherwise; the script gives it back in time.
            changed = without_attribute(changed, "required")
            changed = with_attribute(changed, "data-required", None)
        if self._values is not None and name and "disabled" not in given:
            waiting = self._queues[name]
            secret = "data-secret" in given
            if tag == "select" and "multiple" in given:
                self._chosen = None if secret else frozenset(waiting)
            elif kind in ("checkbox", "radio"):
                if not secret:
                    changed = without_attribute(changed, "checked")
                    if (given["value"] or "" if "value" in given else "on") in waiting:
                        changed = with_attribute(changed, "checked", None)
            elif waiting and (kind not in _UNFILLED or kind in ("password", "hidden")):
                # These send one value each, also those that are not to get it back.
                value = waiting.popleft()
                if secret or kind in _UNFILLED:
                    pass
                elif tag == "select":
                    self._chosen = frozenset([value])
                elif tag == "textarea":
                    self._content = self.end
                    self._text = value.replace("\r\n", "\n")
                else:
                    changed = with_attribute(changed, "value", value)
        if changed != attrs:
            self.edit(self.start, self.end, tag_text(tag, changed))

    def _end_option(self, end: int) -> None:
        if self._option is None:
            return
        attrs, start, content = self._option
        self._option = None
        if self._chosen is None:
            return
        given = dict(attrs)
        shown = re.sub(r"[ \t\n\f\r]+", " ", unescape(self.html[content:end])).strip(" ")
        value = given["value"] or "" if "value" in given else shown
        changed = without_attribute(attrs, "selected")
        if value in self._chosen:
            changed = with_attribute(changed, "selected", None)
        if changed != attrs:
            self.edit(start, content, tag_text("option", changed))
