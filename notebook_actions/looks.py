"""Looks: what an object says about how it is shown, by IPython's protocol.

HTML is taken as it is, since it is the author's object that makes it. Nothing in it runs: scripts
do not in a notebook's view or under an app's content security policy, which leaves out styles too.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import Any

from tornado.escape import xhtml_escape as escape

from .download import Download
from .pictures import Picture, svg
from .tables import is_of

__all__ = ["Interactive", "own_look"]

#: What is in HTML without being seen.
_UNSEEN = re.compile(
    r"<!--.*?-->|<(script|style|noscript|template)\b.*?(?:</\1\s*>|\Z)|<(?!img\b|svg\b)[^>]*>",
    re.IGNORECASE | re.DOTALL,
)
_RUNS = re.compile(r"<(script|iframe)\b", re.IGNORECASE)
_FRAME = re.compile(r"<iframe\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Interactive:
    """What shows nothing without scripts of its own, such as a chart or a map.

    Attributes
    ----------
    name : str
        Of its class.
    html : callable
        Makes its HTML, which may be large.
    """

    name: str
    html: Callable[[], str]

    def page(self) -> Download:
        """Return a page that can be opened by itself, where the scripts run."""
        title = f"<!DOCTYPE html>\n<meta charset=utf-8>\n<title>{escape(self.name)}</title>\n"
        return Download(title + self.html(), f"{self.name.lower()}.html", "text/html")


def own_look(value: Any) -> str | Picture | Interactive | None:
    """Return what an object says about its own looks.

    Parameters
    ----------
    value : object
        Anything.

    Returns
    -------
    str, Picture, Interactive or None
        HTML, or a picture; None when it says nothing of use.
    """
    if isinstance(value, type):
        return None
    if is_of(value, "plotly.basedatatypes", "BaseFigure"):
        # Its own methods put scripts into the notebook itself.
        return Interactive(type(value).__name__, partial(value.to_html, include_plotlyjs=True))
    bundle = _call(value, "_repr_mimebundle_", include=None, exclude=None)
    if not isinstance(bundle, Mapping):
        bundle = {}

    def said(content_type: str, method: str) -> Any:
        return bundle.get(content_type) or _call(value, method)

    html = said("text/html", "_repr_html_")
    interactive = isinstance(html, str) and _needs_scripts(html)
    if isinstance(html, str) and not interactive:
        return html
    markup = said("image/svg+xml", "_repr_svg_")
    if isinstance(markup, str):
        return svg(markup)
    for kind in ("png", "jpeg"):
        data = said(f"image/{kind}", f"_repr_{kind}_")
        if isinstance(data, str):
            data = base64.b64decode(data)
        if isinstance(data, bytes):
            return Picture(data, f"image/{kind}")
    if interactive:
        return Interactive(type(value).__name__, lambda: html)
    markdown = said("text/markdown", "_repr_markdown_")
    if isinstance(markdown, str):
        return _rendered(markdown)
    text = bundle.get("text/plain")
    return f'<p class="na-text">{escape(text)}</p>' if isinstance(text, str) else None


def _needs_scripts(html: str) -> bool:
    """Whether nothing is seen of it where no script runs, and no page in the page."""
    if not _RUNS.search(html):
        return False
    return bool(_FRAME.search(html)) or not _UNSEEN.sub("", html).strip()


def _call(value: Any, method: str, **options: Any) -> Any:
    function = getattr(value, method, None)
    shown = function(**options) if callable(function) else None
    # IPython's protocol: the data, or the data and its metadata.
    return shown[0] if isinstance(shown, tuple) and shown else shown


def _rendered(markdown: str) -> str:
    """Return Markdown as HTML where mistune is installed, as it is with Jupyter; else as text."""
    try:
        mistune: Any = import_module("mistune")
    except ImportError:
        return f'<p class="na-text">{escape(markdown)}</p>'
    # HTML in it is shown as text, and a link leads to no script.
    render = mistune.create_markdown(escape=True, plugins=["table", "strikethrough"])
    return str(render(markdown))
