"""Documents that belong to no page: one that says something, and one that follows what runs."""

from __future__ import annotations

import linecache
from collections.abc import Callable
from typing import Any

from tornado.escape import xhtml_escape as escape
from tornado.template import Template

from .listing import Listed, step_html
from .messages import say
from .templates import language_text

__all__ = ["compiled", "message_document", "notice_html", "run_document"]


class _Template(Template):
    """A template that leaves the source of a notebook's cells where it is."""

    def generate(self, **given: Any) -> bytes:
        # Tornado empties this cache each time; tracebacks of cells would lose their source lines.
        lines = linecache.cache.copy()
        try:
            return super().generate(**given)
        finally:
            linecache.cache.update(lines)


def compiled(text: str) -> Template:
    """Return the template of a text, whose spaces stay as they are."""
    # Tornado's default joins lines, which would alter text areas and <pre>.
    return _Template(text, whitespace="all")


def notice_html(text: str) -> str:
    """Return a notice for the top of a page or the place of a loader; empty for no text."""
    return f'<p class="na-notice" role="alert">{escape(text)}</p>' if text else ""


def message_document(name: str, *, static: Callable[[str], str], link: str = "") -> bytes:
    """Return a page that only says something, for an answer that belongs to no page.

    Parameters
    ----------
    name : str
        What it says: the name of a text, whose heading has ``_title`` after it.
    static : callable
        Name of a static file → its URL.
    link : str
        A URL that belongs into the text.
    """
    shown = escape(link)
    text = escape(say(name, link="{link}")).replace("{link}", f'<a href="{shown}">{shown}</a>')
    return _document(say(f"{name}_title"), static, f"<p>{text}</p>\n".encode())


def run_document(
    title: str, text: str, listed: Listed, *, action: str, back: str, static: Callable[[str], str]
) -> bytes:
    """Return the page that follows a submission which takes longer.

    Parameters
    ----------
    title : str
        Of its form.
    text : str
        What was submitted, in words.
    listed : Listed
        How it stands; pending.
    action : str
        Its own address.
    back : str
        Address of the page that it was sent from.
    static : callable
        Name of a static file → its URL.
    """
    said = say("waits" if listed.waits else "working")
    # A bar that moves by itself, until the action tells how far it is.
    bar = step_html(listed.step) or f'<progress aria-label="{escape(say("progress"))}"></progress>'
    body = _RUN.generate(text=text, said=said, bar=bar, action=action, back=back, say=say)
    return _document(title, static, body)


def _document(title: str, static: Callable[[str], str], body: bytes) -> bytes:
    return _AROUND.generate(
        title=title, static=static, body=body.decode(), language=language_text()
    )


_AROUND = compiled("""<!DOCTYPE html>
<html{% raw language %}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>{{ title }}</title>
<link rel="stylesheet" href="{{ static("form.css") }}">
</head>
<body>
<main class="na-page">
<h1>{{ title }}</h1>
{% raw body %}</main>
</body>
</html>
""")

_RUN = compiled("""<form class="na-form" method="post" action="{{ action }}">
{% if text %}<p class="na-submitted">{{ text }}</p>
{% end %}<p class="na-status" role="status">{{ said }}</p>
<div class="na-progress">{% raw bar %}</div>
<p class="na-buttons"><button name="_cancel" data-cancel>{{ say("cancel") }}</button></p>
</form>
<p class="na-muted">{{ say("run_help") }} <a href="{{ back }}">{{ say("run_back") }}</a></p>
""")
