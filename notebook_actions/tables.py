"""Tables: what has rows and columns, whichever library it comes from.

Nothing is imported that the author has not imported already: a library that is not in
``sys.modules`` has made none of the values that are looked at.
"""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import enum
import io
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from .download import Download
from .files import spool
from .plain import plain

__all__ = ["Table", "is_of", "record", "table"]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows and columns.

    Attributes
    ----------
    columns : sequence of str
        The heads; empty for a table without.
    count : int
        Rows that there are.
    rows : callable
        Gets how many rows are wanted, None for all; returns as many, each with its cells. A cell
        where a value is missing is None.
    """

    columns: Sequence[str]
    count: int
    rows: Callable[[int | None], Iterable[Sequence[Any]]]

    def csv(self) -> Download:
        """Return the whole table as a CSV file (RFC 4180), as spreadsheets read it."""
        file = spool()
        # The mark at the beginning tells a spreadsheet that this is UTF-8.
        text = io.TextIOWrapper(file, "utf-8-sig", errors="backslashreplace", newline="")
        writer = csv.writer(text)
        if self.columns:
            writer.writerow(self.columns)
        writer.writerows(
            # Most cells of most tables.
            [cell if type(cell) in _WRITTEN else _raw(cell) for cell in row]
            for row in self.rows(None)
        )
        text.flush()
        text.detach()
        return Download(file, "table.csv", "text/csv")


#: What is written to a file as it is.
_WRITTEN = frozenset({str, int, float, bool, type(None)})


def _raw(cell: Any) -> Any:
    """Return what stands in a file: all of it, every digit of a number too."""
    return plain(cell) if isinstance(cell, (enum.Enum, dt.datetime)) else cell


def is_of(value: Any, module: str, *names: str) -> bool:
    """Whether a value is of a class whose module the author has imported, if only in part."""
    loaded = sys.modules.get(module)
    kinds = [getattr(loaded, name, None) for name in names]
    return any(isinstance(kind, type) and isinstance(value, kind) for kind in kinds)


def record(value: Any) -> Mapping[Any, Any] | None:
    """Return what a value with named parts has in them; None for any other.

    Parameters
    ----------
    value : object
        A mapping, named tuple, dataclass, pydantic model, attrs object or row of a database. What
        such a class leaves out of its ``repr``, as a password, is left out here.
    """
    kind = type(value)
    if isinstance(value, Mapping):
        return value
    if isinstance(value, type):
        return None
    names: Iterable[str] | None = None
    if dataclasses.is_dataclass(value):
        names = [field.name for field in dataclasses.fields(value) if field.repr]
    elif isinstance(fields := getattr(kind, "__pydantic_fields__", None), Mapping):
        names = [
            *(name for name, field in fields.items() if field.repr),
            *getattr(kind, "model_computed_fields", ()),
        ]
    elif isinstance(value, tuple) and isinstance(fields := getattr(value, "_fields", None), tuple):
        names = fields
    elif isinstance(attributes := getattr(kind, "__attrs_attrs__", None), tuple):
        names = [attribute.name for attribute in attributes if attribute.repr]
    elif is_of(value, "sqlite3", "Row"):
        return dict(zip(value.keys(), value, strict=True))
    return None if names is None else {name: getattr(value, name, None) for name in names}


def table(value: Any) -> Table | None:
    """Return a value as a table; None for what is none.

    Parameters
    ----------
    value : object
        A list or tuple of records (see :func:`record`), a DataFrame or Series of pandas or polars,
        an array of two dimensions.
    """
    if is_of(value, "pandas", "DataFrame"):
        return _pandas(value)
    if is_of(value, "pandas", "Series"):
        return _pandas(value.to_frame("value" if value.name is None else value.name))
    if is_of(value, "pandas", "Index"):
        return _pandas(value.to_frame(index=False))
    if is_of(value, "polars", "Series"):
        return _polars(value.to_frame(value.name or "value"))
    if is_of(value, "polars", "DataFrame"):
        return _polars(value)
    if is_of(value, "numpy", "ndarray"):
        return _array(value)
    # A record of records is one itself.
    if isinstance(value, list | tuple) and value and not hasattr(value, "_fields"):
        return _records(value)
    return None


def _records(values: Sequence[Any]) -> Table | None:
    first = record(values[0])
    if not first:
        return None
    found = [record(value) for value in values]
    if not all(found):
        return None
    rows = [one for one in found if one is not None]
    keys = list(dict.fromkeys(key for row in rows for key in row))

    def cells(limit: int | None) -> Iterable[Sequence[Any]]:
        return ([row.get(key) for key in keys] for row in islice(rows, limit))

    return Table([plain(key) for key in keys], len(rows), cells)


def _pandas(frame: Any) -> Table:
    # Row numbers say nothing; an index that has a name or holds text does.
    index = frame.index
    if list(index.names) != [None] or index.dtype.kind not in "iu":
        frame = frame.reset_index(allow_duplicates=True)

    def cells(limit: int | None) -> Iterable[Sequence[Any]]:
        part = frame if limit is None else frame.head(limit)
        return zip(*(_pandas_column(part.iloc[:, n]) for n in range(part.shape[1])), strict=True)

    return Table([_head(name) for name in frame.columns], len(frame), cells)


def _head(name: Any) -> str:
    # Of columns in several levels, with nothing in those that do not apply.
    return " / ".join(filter(None, map(plain, name))) if isinstance(name, tuple) else plain(name)


def _pandas_column(column: Any) -> list[Any]:
    """Return the values; what is missing, in whichever way, as None."""
    values = column.tolist()
    if column.dtype.kind == "M" and (column.dropna().dt.normalize() == column.dropna()).all():
        # Days: midnight beside each of them would say nothing.
        values = [None if day is None else day.date() for day in values]
    return [
        None if missing else value for value, missing in zip(values, column.isna(), strict=True)
    ]


def _polars(frame: Any) -> Table:
    def cells(limit: int | None) -> Iterable[Sequence[Any]]:
        rows: Iterable[Sequence[Any]] = (frame if limit is None else frame.head(limit)).iter_rows()
        return rows

    return Table(list(frame.columns), frame.height, cells)


def _array(array: Any) -> Table | None:
    names = array.dtype.names
    if array.ndim != (1 if names else 2) or not array.size:
        return None

    def cells(limit: int | None) -> Iterable[Sequence[Any]]:
        rows: Iterable[Sequence[Any]] = array[:limit].tolist()
        return rows

    return Table(list(names or ()), len(array), cells)
