"""How a value looks: the HTML of a result or of a loader's data.

Text is always escaped. HTML is taken only from objects that make their own (``_repr_html_`` and its
kin), which are the author's. Nothing is imported that the author has not imported already. Whatever
a value is, what is shown of it is bounded, the more the deeper it stands in others.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections import deque
from collections.abc import (
    Callable,
    Collection,
    ItemsView,
    Iterable,
    KeysView,
    Mapping,
    Sequence,
    ValuesView,
)
from itertools import islice
from math import isfinite
from typing import Any, NamedTuple, TypeAlias

from tornado.escape import xhtml_escape as escape

from .download import Download
from .files import size_text
from .looks import Interactive, own_look
from .messages import say
from .pictures import Picture, picture
from .plain import is_number, plain, shortened
from .results import Redirect
from .tables import Table, is_of, record, table

__all__ = ["MAX_ROWS", "Offer", "present"]

log = logging.getLogger("notebook_actions")

#: Gets what makes a file, and returns the address under which a person gets it.
Offer: TypeAlias = Callable[[Callable[[], Download]], str]

#: Rows of a table that are shown; the rest is counted.
MAX_ROWS = 500


class _Limits(NamedTuple):
    """What is shown of a value: entries, columns, and characters of HTML in all (about)."""

    rows: int
    columns: int
    characters: int


#: By how deep a value stands in others; what is deeper still is one line of text.
_LIMITS = (
    _Limits(MAX_ROWS, 100, 4_000_000),
    _Limits(50, 50, 200_000),
    _Limits(20, 20, 20_000),
    _Limits(10, 10, 5_000),
)

#: Columns that fit on a page, whose cells can be broken into lines; a wider table is scrolled.
FITTING = 5

#: Characters of a text that stands alone.
MAX_TEXT = 200_000

_COLLECTIONS = (list, tuple, set, frozenset, deque, KeysView, ValuesView, ItemsView)


def present(value: object, offer: Offer | None = None) -> str:
    """Return the HTML of a value.

    Parameters
    ----------
    value : object
        Anything. Records (dicts, dataclasses, pydantic models, named tuples) and DataFrames become
        tables, figures and images pictures, a dict a table of two columns, a list a list; an object
        with ``_repr_mimebundle_``, ``_repr_html_`` or their kin shows itself; the rest is text.
    offer : callable, optional
        Makes a file available to the person, such as a table that is too long to be shown whole.
        Without it such a file is only named.

    Returns
    -------
    str
        An HTML fragment; empty for None. A value that fails to show itself becomes a line that says
        so, and the reason is logged.
    """
    shown = "" if value is None else _Presenter(offer).alone(value)
    # A file name that is not UTF-8 becomes lone surrogates, which no page can be made of.
    return shown.encode(errors="backslashreplace").decode()


class _Presenter:
    """Presents a value that stands alone, or somewhere in others."""

    def __init__(self, offer: Offer | None, depth: int = 0) -> None:
        self._offer = offer
        self._depth = depth
        self._limits = _LIMITS[depth]

    def alone(self, value: Any) -> str:
        """Return a value as a block of its own."""
        try:
            return self._block(value) or self._text(value)
        except BaseException:  # sys.exit() in a value's text must not end the app
            return _muted(_unshowable(value))

    def _text(self, value: Any) -> str:
        # A number that stands alone has all of its digits.
        text = str(value) if isinstance(value, float) and isfinite(value) else plain(value)
        if not text:
            return _muted(say("empty_text"))
        shown = f'<p class="na-text">{escape(text[:MAX_TEXT])}</p>'
        if len(text) <= MAX_TEXT:
            return shown
        count = say("some_shown", shown=f"{MAX_TEXT:,}", count=f"{len(text):,}")
        return shown + self._more(count, "download_text", lambda: Download(text, "text.txt"))

    def _inside(self, value: Any) -> str:
        """Return a value among others: a text, or a block that is smaller than this one."""
        if isinstance(value, (*_COLLECTIONS, Mapping)) and not value:
            return '<span class="na-muted">–</span>'
        try:
            if self._depth + 1 < len(_LIMITS):
                block = _Presenter(self._offer, self._depth + 1)._block(value)
                if block:
                    return block
            return escape(shortened(plain(value)))
        except BaseException:
            return escape(_unshowable(value))

    # --- blocks ---------------------------------------------------------------------------------

    def _block(self, value: Any) -> str:
        """Return the HTML of what is more than text; empty for what is no more."""
        match value:
            case None | bool() | int() | float() | str() | bytes():
                return ""
            case Redirect():
                return _leads_to(value)
            case Download():
                return self._download(value)
        drawn = picture(value)
        if drawn is not None:
            return drawn.html
        shows_itself = isinstance(value, list | tuple) and hasattr(value, "_repr_html_")
        rows = None if shows_itself else table(value)
        if rows is not None:
            return self._table(rows)
        match own_look(value):
            case Interactive() as interactive:
                return self._interactive(interactive)
            case Picture() as own:
                return own.html
            case str(html):
                return _scrolled(html) if html else _muted(say("empty"))
        named = record(value)
        if named is not None:
            return self._pairs(named)
        if is_of(value, "numpy", "ndarray") and value.ndim:
            if value.ndim > 1:
                return f"<pre>{escape(shortened(str(value), MAX_TEXT))}</pre>"
            value = value.tolist()
        return self._items(value) if isinstance(value, _COLLECTIONS) else ""

    def _items(self, values: Collection[Any]) -> str:
        if isinstance(values, set | frozenset):
            values = _in_order(values)
        entries = (f"<li>{self._inside(one)}</li>" for one in values)
        shown = self._fitting(entries)
        if not shown:
            return _muted(say("empty"))
        return f'<ul class="na-list">{"".join(shown)}</ul>{self._rest(len(shown), len(values))}'

    def _pairs(self, values: Mapping[Any, Any]) -> str:
        rows = (
            f'<tr><th scope="row">{escape(shortened(plain(key)))}</th>'
            f"<td>{self._inside(one)}</td></tr>"
            for key, one in values.items()
        )
        shown = self._fitting(rows)
        if not shown:
            return _muted(say("empty"))
        body = f"<tbody>{''.join(shown)}</tbody>"
        return _scrolled(f'<table class="na-table">{body}</table>') + self._rest(
            len(shown), len(values)
        )

    def _table(self, whole: Table) -> str:
        limits = self._limits
        cells = [list(row)[: limits.columns] for row in whole.rows(limits.rows)]
        names = whole.columns[: limits.columns]
        head = "".join(
            f'<th scope="col"{_aligned([row[n] for row in cells])}>{escape(shortened(name))}</th>'
            for n, name in enumerate(names)
        )
        if not names and not cells:
            return _muted(say("empty"))
        lines = ("<tr>" + "".join(map(self._cell, row)) + "</tr>" for row in cells)
        shown = self._fitting(lines)
        html = _scrolled(
            f'<table class="na-table">{f"<thead><tr>{head}</tr></thead>" if head else ""}'
            f"<tbody>{''.join(shown)}</tbody></table>",
            wide=len(cells[0] if cells else names) > FITTING,
        )
        if not cells:
            html += _muted(say("empty"))
        said = []
        if len(shown) < whole.count:
            said.append(say("some_shown", shown=f"{len(shown):,}", count=f"{whole.count:,}"))
        if len(names) < len(whole.columns):
            count = f"{len(whole.columns):,}"
            said.append(say("some_columns", shown=f"{len(names):,}", count=count))
        return html + (self._more(" ".join(said), "download_csv", whole.csv) if said else "")

    def _cell(self, value: Any) -> str:
        return f"<td{_aligned([value])}>{self._inside(value)}</td>"

    def _fitting(self, entries: Iterable[str]) -> list[str]:
        """Return as many entries as may be shown."""
        shown, room = [], self._limits.characters
        for entry in islice(entries, self._limits.rows):
            shown.append(entry)
            room -= len(entry)
            if room < 0:
                break
        return shown

    @staticmethod
    def _rest(shown: int, count: int) -> str:
        said = say("some_shown", shown=f"{shown:,}", count=f"{count:,}")
        return _muted(said) if shown < count else ""

    # --- files ----------------------------------------------------------------------------------

    def _download(self, download: Download) -> str:
        size = f'<span class="na-muted">({escape(size_text(download.size))})</span>'
        name = f"<bdi>{escape(download.filename)}</bdi>"
        return f'<p class="na-text">{self._link(name, lambda: download)} {size}</p>'

    def _interactive(self, interactive: Interactive) -> str:
        said = say("interactive", type=interactive.name)
        return self._more(said, "download_page", interactive.page)

    def _more(self, said: str, text: str, make: Callable[[], Download]) -> str:
        """Return a line on what is not shown, with a link to the whole where there can be one."""
        link = "" if self._offer is None else f" {self._link(escape(say(text)), make)}"
        return f'<p class="na-muted">{escape(said)}{link}</p>'

    def _link(self, html: str, make: Callable[[], Download]) -> str:
        if self._offer is None:
            return html
        return f'<a href="{escape(self._offer(make))}" download>{html}</a>'


def _unshowable(value: Any) -> str:
    log.exception("a result of type %s cannot be shown", type(value).__name__)
    return say("cannot_show", type=type(value).__name__)


def _leads_to(value: Redirect) -> str:
    shown = escape(value.location)
    link = f'<a href="{shown}" target="_blank" rel="noopener">{shown}</a>'
    said = escape(say("leads_to", link="{link}")).replace("{link}", link)
    return f'<p class="na-text">{said}</p>'


def _muted(text: str) -> str:
    return f'<p class="na-muted">{escape(text)}</p>'


def _scrolled(html: str, *, wide: bool = False) -> str:
    # Who has no mouse scrolls what has the focus.
    focus = ' tabindex="0"' if wide else ""
    return f'<div class="na-scroll"{focus}>{html}</div>'


def _aligned(values: Sequence[Any]) -> str:
    """Return the attribute that puts numbers to the right, or that keeps dates in one line."""
    given = [value for value in values if value is not None]
    if given and all(map(is_number, given)):
        return " data-number"
    return " data-date" if given and all(isinstance(one, dt.date) for one in given) else ""


def _in_order(values: Collection[Any]) -> list[Any]:
    # A set has none of its own, and another one in each process.
    try:
        return sorted(values)
    except TypeError:
        return list(values)
