"""Controls: what a person can fill in, found in the HTML of a form, and what it lacks added."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from tornado.escape import xhtml_escape as escape

from .editor import Attributes, Editor
from .formdata import unnumbered

__all__ = ["BUTTONS", "CONTROLS", "Controls", "complete", "controls"]

#: The elements that send what was entered.
CONTROLS = frozenset({"input", "textarea", "select"})
#: Types of inputs that are buttons.
BUTTONS = frozenset({"submit", "image", "button", "reset"})


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
    ticks : set of str
        The names of boxes to tick that have no value of their own, in the same way.
    """

    ids: Mapping[str, str]
    submitter: bool
    files: bool
    limits: Mapping[str, int]
    multiple: Set[str]
    names: Sequence[str]
    slots: Set[str]
    secrets: Set[str]
    ticks: Set[str]


def controls(html: str, form: str = "") -> Controls:
    """Return what controls this HTML has; ``form`` is the form's id, where its tag is not in it."""
    found = _Inventory(html, form)
    found.read()
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
        ticks=found.ticks,
    )


class _Inventory(Editor):
    """Finds the controls."""

    def __init__(self, html: str, form: str) -> None:
        super().__init__(html, form)
        self.ids: dict[str, str] = {}
        self.submitter = False
        self.files: list[str] = []
        self.limits: dict[str, int] = {}
        self.multiple: set[str] = set()
        self.names: list[str] = []
        self.slots: set[str] = set()
        self.secrets: set[str] = set()
        self.ticks: set[str] = set()

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
        if tag in CONTROLS | {"fieldset"} and kind not in BUTTONS and known and given.get("id"):
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
        if tag == "input" and kind == "checkbox" and name and "value" not in given:
            self.ticks.add(unnumbered(name))
        if tag in CONTROLS and name and (kind == "password" or "data-secret" in given):
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
    return tag in CONTROLS and kind not in BUTTONS | {"hidden"}


class _Completer(Editor):
    """Adds the ids and slots that are missing."""

    def __init__(self, html: str, prefix: str) -> None:
        super().__init__(html, f"form-{prefix}")
        self._prefix = prefix
        found = controls(html, f"form-{prefix}")
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
