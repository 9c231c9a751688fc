"""Plain values: what a single value reads as, on one page with others."""

from __future__ import annotations

import datetime as dt
import enum
import numbers
import reprlib
from typing import Any

from .files import size_text
from .form import humanize

__all__ = ["MAX_CELL", "is_number", "plain", "shortened"]

#: Characters of a value among others.
MAX_CELL = 1000

#: Bytes that are shown of bytes.
MAX_BYTES = 60


class _Bounded(reprlib.Repr):
    """Shows what is nested too deep to be laid out, in one line of bounded length."""

    def __init__(self) -> None:
        super().__init__()
        self.maxstring = self.maxother = 100


_bounded = _Bounded()


def is_number(value: Any) -> bool:
    """Whether a value is a number; yes and no are none."""
    # numpy's own bool, too: numpy registers its numbers, but not that one.
    return isinstance(value, numbers.Number) and not isinstance(value, bool)


def plain(value: Any) -> str:
    """Return a value as text; empty for None.

    Parameters
    ----------
    value : object
        Anything.

    Returns
    -------
    str
        A float with what matters of its digits, an enum as a form shows it, the beginning of bytes
        with their size; of anything else its ``str()``.
    """
    match value:
        case None:
            return ""
        case enum.Enum():
            return humanize(str(value.value))
        case str():
            return value
        case float():
            return _rounded(value)
        case dt.datetime():
            return value.isoformat(" ")
        case bytes() | bytearray() | memoryview():
            data = bytes(value[:MAX_BYTES])
            rest = f"… ({size_text(len(value))})" if len(value) > MAX_BYTES else ""
            return f"{data!r}{rest}"
        case list() | tuple() | dict() | set() | frozenset():
            return _bounded.repr(value)
    return str(value)


def shortened(text: str, limit: int = MAX_CELL) -> str:
    """Return a text, or its beginning when it is too long to stand among others."""
    return text if len(text) <= limit else f"{text[:limit]}…"


def _rounded(value: float) -> str:
    # 0.1 + 0.2 is to read as 0.3, whatever a class of its own (numpy's) says of itself.
    if value != value or value in (float("inf"), float("-inf")):
        return {"nan": "NaN", "inf": "∞", "-inf": "−∞"}[float.__repr__(value)]
    size = abs(value)
    if size < 1 or size >= 1e15:
        text = f"{float(value):.6g}"
    else:
        text = f"{float(value):.6f}".rstrip("0")
        text = f"{text}0" if text.endswith(".") else text
    return "0.0" if text in ("0", "-0") else text
