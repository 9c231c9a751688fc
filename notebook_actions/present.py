"""How a value looks: the HTML of a result or of a loader's data.

Text is always escaped. HTML is taken only from objects that make their own (``_repr_html_`` and its
kin), which are the author's. Nothing is imported that the author has not imported already.
"""

from __future__ import annotations

import base64
import io
import logging
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tornado.escape import xhtml_escape as escape

from .messages import say
from .results import Redirect

__all__ = ["present"]

log = logging.getLogger("notebook_actions")

#: Rows of a table that are shown; the rest is counted.
MAX_ROWS = 500


def present(value: object) -> str:
    """Return the HTML of a value.

    Parameters
    ----------
    value : object
        Anything. A list of dicts or a pandas DataFrame becomes a table, a dict a table of two
        columns, a list a list, a matplotlib figure a picture; an object with ``_repr_mimebundle_``
        or ``_repr_html_`` shows itself; the rest is text.

    Returns
    -------
    str
        An HTML fragment; empty for None. A value that fails to show itself becomes a line that says
        so, and the reason is logged.
    """
    try:
        # A file name that is not UTF-8 becomes lone surrogates, which no page can be made of.
        return _present(value).encode(errors="backslashreplace").decode()
    except Exception:
        log.exception("a result of type %s cannot be shown", type(value).__name__)
        return _muted(say("cannot_show", type=type(value).__name__))


def _present(value: Any) -> str:
    match value:
        case None:
            return ""
        case str():
            return f'<p class="na-text">{escape(value)}</p>' if value else _muted(say("empty_text"))
        case Redirect():
            shown = escape(value.location)
            link = f'<a href="{shown}" target="_blank" rel="noopener">{shown}</a>'
            said = escape(say("leads_to", link="{link}")).replace("{link}", link)
            return f'<p class="na-text">{said}</p>'
        case bool() | int() | float():
            return f'<p class="na-text">{escape(str(value))}</p>'
    own = _own_html(value)
    if own is not None:
        return own
    match value:
        case Mapping():
            return _pairs(value) if value else _muted(say("empty"))
        case list() | tuple() | set() | frozenset():
            return _sequence(list(value))
    return f'<p class="na-text">{escape(str(value))}</p>'


def _muted(text: str) -> str:
    return f'<p class="na-muted">{escape(text)}</p>'


def _sequence(values: Sequence[Any]) -> str:
    if not values:
        return _muted(say("empty"))
    if all(isinstance(one, Mapping) and one for one in values):
        columns = list(dict.fromkeys(key for row in values for key in row))
        return _table(columns, ([row.get(key) for key in columns] for row in values), len(values))
    items = "".join(f"<li>{_cell(one)}</li>" for one in values[:MAX_ROWS])
    return f'<ul class="na-list">{items}</ul>{_rest(len(values))}'


def _table(columns: Sequence[Any], rows: Iterable[Sequence[Any]], count: int) -> str:
    shown = [list(row) for row, _ in zip(rows, range(MAX_ROWS), strict=False)]
    head = "".join(
        f'<th scope="col"{_aligned(column)}>{escape(str(name))}</th>'
        for name, *column in zip(columns, *shown, strict=False)
    )
    body = "".join("<tr>" + "".join(_data_cell(one) for one in row) + "</tr>" for row in shown)
    return (
        f'<div class="na-scroll"><table class="na-table"><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>{_rest(count)}"
    )


def _data_cell(value: Any) -> str:
    return f"<td{_aligned([value])}>{_cell(value)}</td>"


def _aligned(values: Sequence[Any]) -> str:
    """Return the attribute that puts numbers to the right, for values that are all numbers."""
    numbers = [isinstance(one, int | float) and not isinstance(one, bool) for one in values]
    return " data-number" if numbers and all(numbers) else ""


def _rest(count: int) -> str:
    return _muted(say("some_shown", shown=MAX_ROWS, count=count)) if count > MAX_ROWS else ""


def _pairs(values: Mapping[Any, Any]) -> str:
    rows = "".join(
        f'<tr><th scope="row">{escape(str(key))}</th>{_data_cell(value)}</tr>'
        for key, value in values.items()
    )
    return f'<div class="na-scroll"><table class="na-table"><tbody>{rows}</tbody></table></div>'


def _cell(value: Any) -> str:
    return "" if value is None else escape(str(value))


def _own_html(value: Any) -> str | None:
    """Return what the object says about its own looks, None when it says nothing."""
    if _is(value, "pandas", "DataFrame"):
        # Its own HTML carries an inline style, which a strict content security policy forbids.
        index = value.index
        # Row numbers say nothing; an index that has a name or holds text does.
        numbers = list(index.names) == [None] and index.dtype.kind in "iu"
        frame = value if numbers else value.reset_index(allow_duplicates=True)
        return _table(list(frame.columns), frame.itertuples(index=False), len(frame))
    if _is(value, "matplotlib.figure", "Figure"):
        picture = io.BytesIO()
        value.savefig(picture, format="png", bbox_inches="tight")
        return _image(picture.getvalue())
    if isinstance(value, type):
        return None
    bundle = _call(value, "_repr_mimebundle_")
    if not isinstance(bundle, Mapping):
        bundle = {}
    for mimetype, method in (("text/html", "_repr_html_"), ("image/svg+xml", "_repr_svg_")):
        markup = bundle.get(mimetype) or _call(value, method)
        if isinstance(markup, str):
            return markup
    picture_data = bundle.get("image/png") or _call(value, "_repr_png_")
    if isinstance(picture_data, str):
        return _image(base64.b64decode(picture_data))
    return _image(picture_data) if isinstance(picture_data, bytes) else None


def _is(value: Any, module: str, name: str) -> bool:
    """Whether the value is of a class whose module the author has imported, if only in part."""
    kind = getattr(sys.modules.get(module), name, None)
    return isinstance(kind, type) and isinstance(value, kind)


def _call(value: Any, method: str) -> Any:
    function = getattr(value, method, None)
    shown = function() if callable(function) else None
    # IPython's protocol: the data, or the data and its metadata.
    return shown[0] if isinstance(shown, tuple) and shown else shown


def _image(data: bytes) -> str:
    encoded = base64.b64encode(data).decode()
    alt = escape(say("picture"))
    return f'<img class="na-image" alt="{alt}" src="data:image/png;base64,{encoded}">'
