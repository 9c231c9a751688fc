"""The tree of a form: fields, groups of fields, and lists of rows, and how each reads form data.

Names in it are those of the HTML: ``address.city``, ``items[0].qty``. A list's row stands in the
tree once, under a name with ``[#]`` for the index.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any, TypeAlias

from ..files import UploadedFile
from ..formdata import FormData, Value, crlf
from ..messages import say

__all__ = [
    "MAX_ROWS",
    "MISSING",
    "Check",
    "Field",
    "Group",
    "Node",
    "Reading",
    "Rows",
    "humanize",
    "join",
]

#: What was not sent, or is as good as not sent.
MISSING: Any = type("Missing", (), {"__repr__": lambda _: "MISSING"})()

#: More rows than this are refused before anything is made of them.
MAX_ROWS = 1000


def humanize(name: str) -> str:
    """Turn a name of code into words: ``"first_name"`` → ``"First name"``."""
    words = name.replace("_", " ").replace("-", " ").strip()
    return words[:1].upper() + words[1:]


#: Gets a text and the field's label; returns what is wrong, or "".
Check: TypeAlias = Callable[[str, str], str]


def passes(_text: str, _label: str) -> str:
    """Say that nothing is wrong."""
    return ""


class Reading:
    """Form data on its way to arguments.

    Attributes
    ----------
    values : mapping of str to list
        Name → its values in order.
    wrong : dict of str to str
        Name → what is wrong there. What was noted first stays.
    rows : dict of str to list of int
        Name of a list of plain values → the positions of those that are not blank.
    """

    def __init__(self, form: FormData) -> None:
        self.values: dict[str, list[Value]] = {}
        for name, value in form.pairs():
            self.values.setdefault(name, []).append(value)
        self.wrong: dict[str, str] = {}
        self.rows: dict[str, list[int]] = {}

    def note(self, name: str, message: str) -> Any:
        """Note what is wrong with a field; returns MISSING."""
        self.wrong.setdefault(name, message)
        return MISSING

    def under(self, prefix: str) -> Iterator[tuple[str, list[Value]]]:
        """Yield what is sent under a name: ``items`` → ``items[0].qty``, ``items.x``."""
        for name, values in self.values.items():
            if name.startswith((f"{prefix}.", f"{prefix}[")):
                yield name, values


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form.

    Attributes
    ----------
    name : str
        Name of the control, with ``[#]`` where a row's index stands.
    label : str
        What the person reads.
    type : str
        The ``type`` of the ``<input>``, or ``"select"``, ``"textarea"``, ``"checkboxes"``.
    kind : str
        What it is parsed as: ``"text"``, ``"int"``, ``"float"``, ``"decimal"``, ``"flag"``,
        ``"file"``, or ``"other"`` for what the type's own parser reads.
    default : object
        What the action gets when nothing is sent; ``MISSING`` when a value must be given.
    optional : bool
        Whether None is a value of it.
    many : bool
        Whether several values are sent under its name.
    help : str
        A line under the label.
    attributes : mapping of str to str
        HTML attributes, those among them that repeat the rules in the browser.
    choices : mapping of str to object
        Text that is sent → value; empty when the field is free.
    labels : mapping of str to str
        Text that is sent → what the person reads; left out for yes and no.
    rules : tuple of object
        What the annotation says beside the type, such as ``annotated_types.Ge(1)``.
    secret : bool
        Whether what is entered never comes back.
    shown : sequence of str, optional
        What the control holds at first, where a field by hand says so; the default's text else.
    must : bool, optional
        Whether it must be filled in, where a field by hand says so.
    check : callable
        Gets a text and the label; returns what is wrong by the rules of a field by hand, or "".
    """

    name: str
    label: str
    type: str
    kind: str
    default: Any = MISSING
    optional: bool = False
    many: bool = False
    help: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, Any] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    rules: tuple[Any, ...] = field(default=(), repr=False)
    secret: bool = False
    shown: tuple[str, ...] | None = None
    must: bool | None = None
    check: Check = field(default=passes, repr=False)

    @property
    def required(self) -> bool:
        """Whether the person must fill it in."""
        if self.must is not None:
            return self.must
        free = self.optional or (self.many and self.type != "file")
        return self.default is MISSING and not free and self.type != "checkbox"

    @property
    def initial(self) -> tuple[str, ...]:
        """The texts that the control holds at first; none for a secret or a file."""
        if self.secret or self.kind == "file":
            return ()
        if self.shown is not None:
            return self.shown
        if self.default is MISSING or self.default is None:
            return ()
        several = isinstance(self.default, list | tuple | set | frozenset)
        texts = map(_text, self.default if several else [self.default])
        return tuple(text for text in texts if text)

    def label_of(self, text: str) -> str:
        """Return what the person reads of a choice."""
        if text not in self.labels and text in _YES_NO:
            return say(_YES_NO[text])
        return self.labels.get(text, text)

    def leaves(self) -> Iterator[Field]:
        """Yield the field itself."""
        yield self

    def read(self, given: Reading, name: str) -> Any:
        """Return what was sent under a name, as far as text can be read without its type.

        ``MISSING`` stands for the default; what is wrong is noted in ``given``.
        """
        values = given.values.get(name, [])
        if self.kind == "file":
            return self._files(given, name, values)
        if any(isinstance(value, UploadedFile) for value in values):
            return given.note(name, say("not_a_file", label=self.label))
        texts = [value for value in values if isinstance(value, str)]
        if self.many:
            read = [self.value(given, name, text) for text in texts if text]
            if not read and self.required:
                return given.note(name, say("required", label=self.label))
            return MISSING if MISSING in read else read
        return self._text(given, name, texts[0] if texts else None)

    def _text(self, given: Reading, name: str, text: str | None) -> Any:
        if text:
            ticked = self.kind == "flag" and text in map(crlf, self.shown or ())
            return "true" if ticked else self.value(given, name, text)
        if self.required:
            return given.note(name, say("required", label=self.label))
        if self.kind == "flag" and self.type == "checkbox":
            return "false"
        if self.optional and (text is not None or self.default is MISSING):
            return None
        if text is None or self.kind != "text" or self.choices:
            return MISSING
        # A text that was emptied is a value.
        return ""

    def is_untouched(self, given: Reading, name: str) -> bool:
        """Whether what was sent under a name is nothing, or what the control holds at first."""
        sent = [value for value in given.values.get(name, []) if value]
        if self.type == "checkbox":
            return bool(sent) == (self.default is True)
        if not sent and not self.many:
            return True
        texts = [crlf(value) for value in sent if isinstance(value, str)]
        return len(texts) == len(sent) and sorted(texts) == sorted(map(crlf, self.initial))

    def value(self, given: Reading, name: str, text: str) -> Any:
        """Return one text as what the type's own parser takes."""
        if wrong := self.check(text, self.label):
            return given.note(name, wrong)
        if self.choices:
            # A line break in a choice is sent as CR LF.
            for choice, value in self.choices.items():
                if text in (choice, crlf(choice)):
                    return value
            shown = ", ".join(map(self.label_of, self.choices))
            return given.note(name, say("choice", label=self.label, choices=shown))
        if self.kind in _NUMBERS and not _is_number(text, self.kind):
            kind = "whole_number" if self.kind == "int" else "number"
            return given.note(name, say(kind, label=self.label))
        # As its control holds it: HTML, "the textarea element", API value.
        return text.replace("\r\n", "\n") if self.type == "textarea" else text

    def _files(self, given: Reading, name: str, values: list[Value]) -> Any:
        files = [value for value in values if isinstance(value, UploadedFile)]
        if not files and any(values):
            return given.note(name, say("file", label=self.label))
        if not files and self.required:
            return given.note(name, say("required", label=self.label))
        if self.many:
            return files
        if files:
            return files[0]
        return None if self.optional and self.default is MISSING else MISSING


#: What is sent for a choice between yes and no → the name of its text.
_YES_NO = {"true": "yes", "false": "no"}
_NUMBERS = ("int", "float", "decimal")


def _is_number(text: str, kind: str) -> bool:
    """Whether a number input could hold this; Python's parsers take ``1_0`` and ``inf`` too."""
    if "_" in text:
        return False
    try:
        return math.isfinite(float(text)) if kind == "float" else Decimal(text).is_finite()
    except (ValueError, InvalidOperation):
        return True  # Left to the type's parser, whose words are more precise.


def _text(value: Any) -> str:
    """Return a default as the text of a control."""
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, datetime | time) and not (value.second or value.microsecond):
        return value.isoformat(timespec="minutes")  # As a browser writes it.
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that make one value: a pydantic model or a dataclass.

    Attributes
    ----------
    name, label, help : str
        As of a field; the name is empty where the group is the whole form.
    nodes : mapping of str to Field, Group or Rows
        Name in the model → what stands for it.
    default : object
        What the action gets when all of it is blank; ``MISSING`` when there is none.
    optional : bool
        Whether None is a value of it.
    """

    name: str
    label: str
    nodes: Mapping[str, Node]
    help: str = ""
    default: Any = MISSING
    optional: bool = False

    def leaves(self) -> Iterator[Field]:
        """Yield the fields in it, at whatever depth."""
        for node in self.nodes.values():
            yield from node.leaves()

    @property
    def may_be_blank(self) -> bool:
        """Whether nothing has to be filled in, since there is something to take in its place."""
        return self.optional or self.default is not MISSING

    @property
    def shown(self) -> Mapping[str, Node]:
        """What is in it, with what the group's own default gives."""
        return _held(self.nodes, self.default)

    def read(self, given: Reading, name: str) -> Any:
        """Return what was sent as a dict.

        Where it may be blank, what it holds at first and nobody has touched asks for nothing more.
        """
        blank = None if self.default is MISSING else MISSING
        if self.may_be_blank and not any(any(values) for _, values in given.under(name)):
            return blank
        wrong = dict(given.wrong)
        read = {}
        for key, node in self.nodes.items():
            value = node.read(given, join(name, key))
            if value is not MISSING:
                read[key] = value
        if self.may_be_blank and given.wrong != wrong and self.is_untouched(given, name):
            given.wrong = wrong
            return blank
        return read

    def is_untouched(self, given: Reading, name: str) -> bool:
        """Whether what was sent is what its controls hold at first, or nothing."""
        return all(node.is_untouched(given, join(name, key)) for key, node in self.shown.items())


@dataclass(frozen=True, slots=True)
class Rows:
    """A list, each entry of which is a row of the form.

    Attributes
    ----------
    name, label, help : str
        As of a field.
    row : Field or Group
        One row; ``[#]`` in its name stands for the index. A row that is one field has the list's
        own name, repeated.
    default : object
        What the action gets when the list is not in the form at all.
    least, most : int or None
        How many rows there may be.
    rules : tuple of object
        What the annotation says beside the type.
    """

    name: str
    label: str
    row: Field | Group
    help: str = ""
    default: Any = MISSING
    least: int = 0
    most: int | None = None
    rules: tuple[Any, ...] = field(default=(), repr=False)

    @property
    def initial(self) -> int:
        """How many rows are shown at first."""
        if isinstance(self.default, list | tuple):
            return max(self.least, len(self.default))
        return max(self.least, 1 if self.default is MISSING else 0)

    @property
    def shown(self) -> list[Field | Group]:
        """The rows that are shown at first, with what the list's own default gives."""
        given = list(self.default) if isinstance(self.default, list | tuple) else []
        rows = [_holding(self.row, value) for value in given]
        return rows + [self.row] * (self.initial - len(rows))

    def leaves(self) -> Iterator[Field]:
        """Yield the fields of a row."""
        yield from self.row.leaves()

    def is_untouched(self, given: Reading, name: str) -> bool:
        """Whether what was sent is the rows that are shown at first."""
        if isinstance(self.row, Field):
            held = [
                crlf(text) for row in self.shown for one in row.leaves() for text in one.initial
            ]
            sent = [value for value in given.values.get(name, []) if value]
            return [crlf(value) for value in sent if isinstance(value, str)] == held
        rows = {sent[len(name) :].partition("]")[0] for sent, _ in given.under(name)}
        return len(rows) == len(self.shown) and all(
            row.is_untouched(given, f"{name}[{number}]") for number, row in enumerate(self.shown)
        )

    def read(self, given: Reading, name: str) -> Any:
        """Return what was sent as a list."""
        if isinstance(self.row, Field):
            return self._repeated(self.row, given, name)
        found: dict[int, None] = {}
        for sent, _ in given.under(name):
            match = re.match(r"\[(0|[1-9]\d{0,5})\](?:\.|$)", sent[len(name) :])
            if match is None or int(match[1]) >= MAX_ROWS:
                return given.note(name, say("rows", label=self.label))
            found[int(match[1])] = None
        if sorted(found) != list(range(len(found))):
            return given.note(name, say("rows", label=self.label))
        rows = [self.row.read(given, f"{name}[{number}]") for number in sorted(found)]
        return [{} if row is MISSING else row for row in rows]

    def _repeated(self, row: Field, given: Reading, name: str) -> Any:
        values = given.values.get(name, [])
        if len(values) > MAX_ROWS or any(True for _ in given.under(name)):
            return given.note(name, say("rows", label=self.label))
        read, places = [], []
        for number, value in enumerate(values):
            if not value:
                continue
            if isinstance(value, UploadedFile):
                given.note(f"{name}[{number}]", say("not_a_file", label=row.label))
                continue
            one = row.value(given, f"{name}[{number}]", value)
            if one is not MISSING:
                read.append(one)
                places.append(number)
        given.rows[name] = places
        return read


Node: TypeAlias = Field | Group | Rows


def _holding(node: Any, value: Any) -> Any:
    """Return a node that holds another value at first; what must be filled in stays."""
    match node:
        case Field():
            return replace(node, default=value, must=node.required)
        case Group():
            return replace(node, nodes=_held(node.nodes, value))
        case _:
            return replace(node, default=value)


def _held(nodes: Mapping[str, Node], model: Any) -> Mapping[str, Node]:
    """Return the nodes of a group with what a model holds; as they are where there is none."""
    if model is MISSING or model is None:
        return nodes

    def held(key: str) -> Any:
        return model.get(key) if isinstance(model, Mapping) else getattr(model, key, None)

    return {key: _holding(node, held(key)) for key, node in nodes.items()}


def join(name: str, key: str) -> str:
    """Return the name of a field in a group."""
    return f"{name}.{key}" if name else key
