"""Editing HTML: changes of its source, so that what is not touched stays character by character."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TypeAlias

from tornado.escape import xhtml_escape as escape

__all__ = ["Attributes", "Editor", "tag_text", "with_attribute", "without_attribute"]

#: The elements that belong to a form.
_OWNED = frozenset({"button", "input", "select", "textarea"})

#: The attributes of a tag in order; None for one that stands alone.
Attributes: TypeAlias = list[tuple[str, str | None]]


class Editor(HTMLParser):
    """Reads HTML and collects edits of its source.

    What stands in a ``<template>`` is no part of the form yet, and is passed over; so are controls
    that belong to another form by their ``form=``.

    Parameters
    ----------
    html : str
        The HTML.
    form : str
        The id of the form, where its own tag is not in the HTML.
    """

    def __init__(self, html: str, form: str = "") -> None:
        super().__init__()
        self.html = html
        self._form = form
        # HTMLParser counts lines by "\n" alone.
        self._line_starts = [0, *(i + 1 for i, char in enumerate(html) if char == "\n")]
        self._edits: list[tuple[int, int, str]] = []
        self._templates = 0
        self._template: tuple[Attributes, int] = ([], 0)

    def result(self) -> str:
        """Read the HTML, and return it with the edits."""
        self.read()
        return self.written()

    def read(self) -> None:
        """Read the HTML."""
        self.feed(self.html)
        self.close()

    def written(self) -> str:
        """Return the HTML with the edits so far."""
        parts, position = [], 0
        for start, end, text in sorted(self._edits):
            if start >= position:
                parts += [self.html[position:start], text]
                position = end
        return "".join([*parts, self.html[position:]])

    def edit(self, start: int, end: int, text: str) -> None:
        """Put ``text`` where the HTML has what is between two positions."""
        self._edits.append((start, end, text))

    @property
    def start(self) -> int:
        """Where the tag that is being handled starts."""
        line, column = self.getpos()
        return self._line_starts[line - 1] + column

    @property
    def end(self) -> int:
        """Where the start tag that is being handled ends."""
        return self.start + len(self.get_starttag_text() or "")

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        """Hand on an element that is no template's."""
        first = dict(reversed(attrs))  # Of an attribute that stands twice the first one counts.
        if len(first) < len(attrs):
            attrs = [*reversed(first.items())]
        if tag == "form":
            self._form = first.get("id") or self._form
        if tag in _OWNED and first.get("form", self._form) != self._form:
            pass
        elif tag == "template":
            if self._templates == 0:
                self._template = (attrs, self.end)
            self._templates += 1
        elif self._templates == 0:
            self.element(tag, attrs)
        else:
            self.copied(tag, attrs)
        if tag == "textarea":  # What looks like a tag or a comment in there is text.
            self.set_cdata_mode(tag)

    def handle_startendtag(self, tag: str, attrs: Attributes) -> None:
        """Hand on an element; HTML knows no tag that ends itself."""
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        """Hand on the end of an element that is no template's."""
        if tag == "template" and self._templates > 0:
            self._templates -= 1
            if self._templates == 0:
                attrs, start = self._template
                self.template(attrs, start, self.start)
        elif self._templates == 0:
            self.end_element(tag)

    def element(self, tag: str, attrs: Attributes) -> None:
        """Handle the start of an element."""

    def end_element(self, tag: str) -> None:
        """Handle the end of an element."""

    def copied(self, tag: str, attrs: Attributes) -> None:
        """Handle the start of an element in a template, of which there may be copies."""

    def template(self, attrs: Attributes, start: int, end: int) -> None:
        """Handle a template, whose content stands between two positions."""


def tag_text(name: str, attrs: Attributes) -> str:
    """Return a start tag."""
    written = (key if text is None else f'{key}="{escape(text)}"' for key, text in attrs)
    return f"<{' '.join([name, *written])}>"


def with_attribute(attrs: Attributes, name: str, value: str | None) -> Attributes:
    """Return attributes with another value of one of them."""
    return [*without_attribute(attrs, name), (name, value)]


def without_attribute(attrs: Attributes, name: str) -> Attributes:
    """Return attributes without one of them."""
    return [(key, text) for key, text in attrs if key != name]
