"""The tree of a form: fields, groups of fields, and lists of rows, and how it reads form data.

Names in it are those of the HTML: ``address.city``, ``items[0].qty``. A list's row stands in the
tree once, under a name with ``[#]`` for the index.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from ..files import UploadedFile
from ..formdata import crlf
from ..messages import say
from .field import MISSING, Field, Reading, empty_is_none, listed

__all__ = ["MAX_ROWS", "Group", "Node", "Rows", "join"]

#: More rows than this are refused before anything is made of them.
MAX_ROWS = 1000


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
            if value is MISSING:
                value = _part(self.default, key)
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
    optional : bool
        Whether None is a value of it: what it is without rows.
    """

    name: str
    label: str
    row: Field | Group
    help: str = ""
    default: Any = MISSING
    least: int = 0
    most: int | None = None
    rules: tuple[Any, ...] = field(default=(), repr=False)
    optional: bool = False

    @property
    def initial(self) -> int:
        """How many rows are shown at first."""
        return len(self.shown)

    @property
    def shown(self) -> list[Field | Group]:
        """The rows that are shown at first, with what the list's own default gives."""
        rows = [_holding(self.row, value) for value in listed(self.default)]
        if self.default is MISSING and not (self.optional and isinstance(self.row, Group)):
            rows = [self.row]
        return rows + [self.row] * (self.least - len(rows))

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
        rows = self._rows(given, name)
        return None if rows == [] and empty_is_none(self) else rows

    def _rows(self, given: Reading, name: str) -> Any:
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
        value = _part(model, key)
        return None if value is MISSING else value

    return {key: _holding(node, held(key)) for key, node in nodes.items()}


def _part(model: Any, key: str) -> Any:
    """Return what a model or a mapping holds under a name; ``MISSING`` when that is nothing."""
    if isinstance(model, Mapping):
        return model.get(key, MISSING)
    return getattr(model, key, MISSING)


def join(name: str, key: str) -> str:
    """Return the name of a field in a group."""
    return f"{name}.{key}" if name else key
