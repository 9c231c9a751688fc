"""Values as text, so that those of a kernel can be compared with those of the exported module.

Loaded by path in the process that rehearses an app (see ``describe``): the standard library only.
"""

from __future__ import annotations

import datetime
import decimal
import enum
import fractions
import pathlib
import types
import uuid
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

__all__ = ["snapshots"]

#: Parts of a value that are looked at; two values that differ only beyond are taken as equal.
MOST_PARTS = 10_000

_LEAVES = (type(None), bool, int, float, complex, str, bytes, bytearray, range, datetime.date,
           datetime.time, datetime.timedelta, decimal.Decimal, fractions.Fraction,
           pathlib.PurePath, uuid.UUID)  # fmt: skip

#: Where the notebook's own classes live: in the kernel, and in the app.
_OWN = {"__main__", "actions"}


def snapshots(namespace: Mapping[str, object]) -> dict[str, str]:
    """Return the values of a module's names as text: equal where the values are.

    Parameters
    ----------
    namespace
        Name → value. Functions, classes and modules are left out, and so are private names.

    Returns
    -------
    dict of str to str
        Name → text. Objects that cannot be looked into are named by their type.
    """
    code = (type, types.ModuleType, types.FunctionType, types.BuiltinFunctionType)
    return {
        name: _text(value)
        for name, value in namespace.items()
        if not name.startswith("_") and not isinstance(value, code)
    }


def _text(value: object) -> str:
    try:
        return "".join(islice(_parts(value, ()), MOST_PARTS))
    except Exception:  # whatever an object may raise that does not want to be looked into
        return f"<{type(value).__qualname__}>"


def _parts(value: Any, outer: tuple[int, ...]) -> Iterator[str]:
    """Yield a value's text piece by piece; ``outer`` are the ids of what it lies in."""
    kind = type(value)
    outer = (*outer, id(value))
    if len(outer) > 50 or id(value) in outer[:-1]:
        yield "..."
    elif isinstance(value, enum.Enum):
        yield f"{kind.__name__}.{value.name}"
    elif isinstance(value, _LEAVES):
        yield repr(value)
    elif isinstance(value, dict):
        yield f"{_name(kind)}{{"
        for number, (key, inner) in enumerate(value.items()):
            yield ", " * bool(number)
            yield from _parts(key, outer)
            yield ": "
            yield from _parts(inner, outer)
        yield "}"
    elif isinstance(value, set | frozenset):
        yield f"{_name(kind)}{sorted(''.join(_parts(inner, outer)) for inner in value)}"
    elif isinstance(value, list | tuple):
        yield f"{_name(kind)}["
        for number, inner in enumerate(value):
            yield ", " * bool(number)
            yield from _parts(inner, outer)
        yield "]"
    elif kind.__module__.partition(".")[0] in {"numpy", "pandas", "polars"}:
        yield from _table(value, outer)
    elif kind.__module__ in _OWN and hasattr(value, "__dict__"):
        yield f"{kind.__qualname__}("
        yield from _parts(vars(value), outer)
        yield ")"
    else:
        yield f"<{kind.__qualname__}>"


def _name(kind: type) -> str:
    return "" if kind in {dict, list, set} else kind.__name__


def _table(value: Any, outer: tuple[int, ...]) -> Iterator[str]:
    """Yield an array's shape, type and values, or a table's columns."""
    yield f"{type(value).__name__} "
    if hasattr(value, "columns"):
        for name in value.columns:
            yield f"{name}: "
            yield from _table(value[name], outer)
    elif hasattr(value, "dtype"):
        flat = value.iloc if hasattr(value, "iloc") else value.reshape(-1)
        yield f"{getattr(value, 'shape', '')} {value.dtype} "
        yield from _parts(list(flat[:MOST_PARTS].tolist()), outer)
