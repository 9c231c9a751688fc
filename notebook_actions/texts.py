"""Texts: a value as a control of a form holds it."""

from __future__ import annotations

from datetime import date, datetime, time
from enum import Enum
from typing import Any

__all__ = ["text_of"]


def text_of(value: Any) -> str:
    """Return a value as the text of a control.

    Examples
    --------
    >>> text_of(datetime(2026, 2, 1, 9, 30)), text_of(time(9, 30, 5)), text_of(True)
    ('2026-02-01T09:30', '09:30:05', 'true')
    """
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, datetime | time):  # As a browser writes it: it knows no more digits.
        precise = "milliseconds" if value.microsecond else "seconds" if value.second else "minutes"
        return value.replace(tzinfo=None).isoformat(timespec=precise)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
