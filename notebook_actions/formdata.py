"""Form data: what a submitted form sends, as the ordered pairs that a browser sends."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from typing import TypeAlias, TypeVar, overload

from .errors import MissingField
from .files import UploadedFile

__all__ = ["FormData", "Value", "crlf", "unnumbered"]

T = TypeVar("T")


Value: TypeAlias = str | UploadedFile

#: What stands in a repr in place of a secret.
_MASK = "•••"


def crlf(text: str) -> str:
    r"""Return ``text`` with every line break as CR LF, as a form sends it.

    Source: HTML, "constructing the entry list" and "multipart/form-data encoding algorithm".
    """
    return re.sub(r"\r\n|\r|\n", "\r\n", text)


def unnumbered(name: str) -> str:
    """Return a field's name as it stands in every row of a list.

    Examples
    --------
    >>> unnumbered("items[3].photo")
    'items[#].photo'
    """
    return re.sub(r"\[\d+\]", "[#]", name)


class FormData:
    """The ordered ``(name, value)`` pairs of a submission; a name may repeat.

    It cannot be changed, so what is kept for a retry is what was submitted.

    Parameters
    ----------
    pairs : iterable of (str, str or UploadedFile), or mapping
        The pairs in order. In a mapping a list or tuple stands for a repeated name, a mapping for a
        group (``address.city``), a list of mappings for rows (``items[0].qty``), ``None`` and
        ``False`` for an absent field, ``True`` for a ticked box (``"on"``); an enum's member is
        its value; other values are turned into text.
    secret : iterable of str
        Names whose values the repr does not show; ``users[#].pin`` is that field in every row.

    Raises
    ------
    TypeError
        For what no form can send, such as bytes that are not in an UploadedFile.

    Examples
    --------
    >>> form = FormData([("day", "Mon"), ("day", "Tue"), ("name", "Luna")])
    >>> form["day"], form.getall("day"), form.get("house", "none")
    ('Mon', ['Mon', 'Tue'], 'none')
    """

    __slots__ = ("_pairs", "_secret")

    def __init__(
        self,
        pairs: Iterable[tuple[str, Value]] | Mapping[str, object] | FormData = (),
        *,
        secret: Iterable[str] = (),
    ) -> None:
        self._secret = frozenset(map(unnumbered, secret))
        if isinstance(pairs, FormData):
            self._secret |= pairs._secret
            self._pairs: tuple[tuple[str, Value], ...] = pairs._pairs
        elif isinstance(pairs, Mapping):
            self._pairs = tuple(_flatten(pairs))
        else:
            # What an iterator raises itself, such as one that reads a body, is not about its pairs.
            given = list(pairs) if isinstance(pairs, Iterator) else pairs
            try:
                self._pairs = tuple((name, value) for name, value in given)
            except (TypeError, ValueError):
                raise TypeError(
                    f"form data is made of a mapping or of pairs of a name and a value, not "
                    f"{pairs!r:.60}"
                ) from None
        for name, value in self._pairs:
            if not isinstance(name, str) or not isinstance(value, str | UploadedFile):
                raise TypeError(
                    f"form data holds pairs of a name and a str or UploadedFile, "
                    f"not {name!r}: {type(value).__name__}"
                )

    def __getitem__(self, name: str) -> Value:
        """Return the first value of ``name``; a MissingField (a KeyError) when there is none."""
        for key, value in self._pairs:
            if key == name:
                return value
        raise MissingField(name, self)

    @overload
    def get(self, name: str) -> Value | None: ...
    @overload
    def get(self, name: str, default: T) -> Value | T: ...
    def get(self, name: str, default: T | None = None) -> Value | T | None:
        """Return the first value of ``name``, or ``default``."""
        return next((value for key, value in self._pairs if key == name), default)

    def getall(self, name: str) -> list[Value]:
        """Return all values of ``name`` in order; an empty list when there is none."""
        return [value for key, value in self._pairs if key == name]

    def pairs(self) -> tuple[tuple[str, Value], ...]:
        """Return all pairs in the order in which they were sent."""
        return self._pairs

    def keys(self) -> list[str]:
        """Return each name once, in order of first appearance."""
        return list(dict.fromkeys(name for name, _ in self._pairs))

    def without(self, names: Iterable[str]) -> FormData:
        """Return the form data without the fields of these names."""
        dropped = frozenset(names)
        left = ((name, value) for name, value in self._pairs if name not in dropped)
        return FormData(left, secret=self._secret)

    def is_secret(self, name: str) -> bool:
        """Whether the values of ``name`` are shown to nobody."""
        return unnumbered(name) in self._secret

    def __contains__(self, name: object) -> bool:
        return any(key == name for key, _ in self._pairs)

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def __len__(self) -> int:
        return len(self._pairs)

    def __eq__(self, other: object) -> bool:
        return self._pairs == other._pairs if isinstance(other, FormData) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._pairs)

    def __repr__(self) -> str:
        shown = [(name, _MASK if self.is_secret(name) else value) for name, value in self._pairs]
        return f"FormData({shown!r})"


def _flatten(mapping: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, Value]]:
    for key, given in mapping.items():
        name = f"{prefix}{key}" if prefix else key
        values = given if isinstance(given, list | tuple) else [given]
        for number, value in enumerate(values):
            if value is None or value is False:
                continue
            if isinstance(value, Mapping):
                place = f"{name}[{number}]" if values is given else name
                yield from _flatten(value, f"{place}.")
            elif isinstance(value, UploadedFile):
                yield name, value
            elif isinstance(value, bytes | bytearray | memoryview):
                raise TypeError(f"{name!r} is bytes; give an UploadedFile(filename, data=...)")
            else:
                text = value.value if isinstance(value, Enum) else value
                yield name, "on" if text is True else crlf(str(text))
