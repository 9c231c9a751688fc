"""A field of a form, and how it reads form data.

Its name is that of the HTML: ``address.city``, ``items[0].qty``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias

from ..files import UploadedFile, size_text
from ..formdata import FormData, Value, crlf
from ..messages import say
from ..texts import text_of

__all__ = ["MISSING", "Check", "Field", "Reading", "empty_is_none", "humanize", "listed"]

#: What was not sent, or is as good as not sent.
MISSING: Any = type("Missing", (), {"__repr__": lambda _: "MISSING"})()


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
        """Yield what is sent under a name: ``items`` → ``items[0].qty``; "" is the whole form."""
        for name, values in self.values.items():
            if not prefix or name.startswith((f"{prefix}.", f"{prefix}[")):
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
    typed : callable
        Gets a text; returns it as a value of the type where a strict type takes no text.
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
    typed: Callable[[str], Any] = field(default=str, repr=False)

    @property
    def required(self) -> bool:
        """Whether the person must fill it in."""
        if self.must is not None:
            return self.must
        free = self.optional or "" in self.choices or (self.many and self.type != "file")
        is_flag = self.kind == "flag" and self.type == "checkbox"
        return self.default is MISSING and not free and not is_flag

    @property
    def initial(self) -> tuple[str, ...]:
        """The texts that the control holds at first; none for a secret or a file."""
        if self.secret or self.kind == "file":
            return ()
        if self.shown is not None:
            return self.shown
        return tuple(text for text in map(text_of, listed(self.default)) if text)

    def label_of(self, text: str) -> str:
        """Return what the person reads of a choice; of a box that is ticked, that it is."""
        if text not in self.labels and text in _YES_NO:
            return say(_YES_NO[text])
        if self.type == "checkbox" and text in (self.shown or ("on",)):
            return say("yes")
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
            if not read and empty_is_none(self):
                return None
            return MISSING if MISSING in read else read
        return self._text(given, name, texts[0] if texts else None)

    def _text(self, given: Reading, name: str, text: str | None) -> Any:
        if text:
            ticked = self.kind == "flag" and text in map(crlf, self.shown or ())
            return True if ticked else self.value(given, name, text)
        if self.required:
            return given.note(name, say("required", label=self.label))
        if self.kind == "flag" and self.type == "checkbox":
            return False
        if text is not None and "" in self.choices:
            return self.choices[""]
        if self.secret and self.default is not None:
            return MISSING  # What the default is cannot be seen, nor left as it is.
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
        if self.kind == "other" and re.fullmatch(r"[-+]?\d+(\.\d*)?", text.strip()):
            # Seconds since 1970, to pydantic; nobody types them.
            return given.note(name, say(_WHEN.get(self.type, "pattern"), label=self.label))
        if self.kind == "int" and re.fullmatch(r"[-+]?\d+(\.\d*)?[eE][-+]?\d\d?", text):
            text = format(Decimal(text), "f")  # As a browser sends what is typed like this.
        # As its control holds it: HTML, "the textarea element", API value.
        return self.typed(text.replace("\r\n", "\n") if self.type == "textarea" else text)

    def _files(self, given: Reading, name: str, values: list[Value]) -> Any:
        files = [value for value in values if isinstance(value, UploadedFile)]
        if not files and any(values):
            return given.note(name, say("file", label=self.label))
        if not files and self.required:
            return given.note(name, say("required", label=self.label))
        limit = self.attributes.get("data-max-size", "")
        if limit.isdecimal() and (large := [one for one in files if one.size > int(limit)]):
            # Browsers are refused before it has arrived; this is for who submits from Python.
            told = {"filename": large[0].filename, "limit": size_text(int(limit))}
            return given.note(name, say("file_too_large", **told))
        if self.many:
            return files if files or not empty_is_none(self) else None
        if files:
            return files[0]
        return None if self.optional and self.default is MISSING else MISSING


#: What is sent for a choice between yes and no → the name of its text.
_YES_NO = {"true": "yes", "false": "no"}
_NUMBERS = ("int", "float", "decimal")
#: Type of an input → the name of the text that says what it is.
_WHEN = {"date": "date", "time": "time", "datetime-local": "datetime"}


def empty_is_none(node: Any) -> bool:
    """Whether an empty list is None: where that is a value, and no other list is the default."""
    return bool(node.optional) and (node.default is MISSING or node.default is None)


def listed(default: Any) -> list[Any]:
    """Return what a default holds, the entries of a set in an order that stays."""
    if default is MISSING or default is None:
        return []
    if isinstance(default, set | frozenset):
        return sorted(default, key=text_of)
    return list(default) if isinstance(default, list | tuple) else [default]


def _is_number(text: str, kind: str) -> bool:
    """Whether a number input could hold this; Python's parsers take ``1_0`` and ``inf`` too."""
    if "_" in text:
        return False
    try:
        return math.isfinite(float(text)) if kind == "float" else Decimal(text).is_finite()
    except (ValueError, InvalidOperation):
        return True  # Left to the type's parser, whose words are more precise.
