"""HTML by hand: what may stand inside a form, checked where the form is defined."""

from __future__ import annotations

from collections.abc import Iterable
from html.parser import HTMLParser
from typing import NoReturn

from .errors import DefinitionError
from .form import Field

__all__ = ["check_html"]

#: Elements that are around what an author writes, or would end it.
_OUTSIDE = frozenset({"form", "html", "head", "body"})
#: Names that the form itself uses; a list's buttons are the author's to write.
_BUTTONS = frozenset({"_add", "_remove"})
#: Elements that hold no other of them.
_FILLED = frozenset({"input", "select", "textarea"})
#: Inputs of which several may share a name, although one value is wanted.
_SHARING = frozenset({"radio", "checkbox", "hidden", "submit", "image", "button", "reset"})


def check_html(html: str, owner: str, fields: Iterable[Field]) -> None:
    """Refuse HTML that cannot work as the inside of a form.

    Parameters
    ----------
    html : str
        What the author wrote.
    owner : str
        What is named in an error.
    fields : iterable of Field
        What the action's parameters ask for.

    Raises
    ------
    DefinitionError
        With line and column: for a ``<form>`` in it, an ``id`` or slot that stands twice, two
        controls for a parameter that takes one value, names that are the form's own, and a list or
        text area that is not closed.
    """
    if not isinstance(html, str):
        kind = type(html).__name__
        raise DefinitionError(f"{owner} is {html!r:.60} (type {kind}); give a string")
    checker = _Checker(owner, {field.name for field in fields if not field.many})
    try:
        checker.feed(f"{html}\n<p>")  # "<![x" is only refused where something follows.
        checker.close()
    except AssertionError as error:  # What html.parser says to "<![x".
        raise DefinitionError(f"{owner} cannot be read: {error}") from None


class _Checker(HTMLParser):
    def __init__(self, owner: str, single: set[str]) -> None:
        super().__init__()
        self._owner = owner
        self._single = single
        self._seen: dict[tuple[str, str], str] = {}
        self._templates = 0
        #: The list or text area that is open, and where it begins.
        self._open = ("", (0, 0))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._outside(tag)
        given = {key: value or "" for key, value in reversed(attrs)}
        if tag in _FILLED and self._open[0]:
            self._unclosed()
        if tag in ("select", "textarea"):
            self._open = (tag, self.getpos())
        if tag == "textarea":  # What looks like a tag in there is text.
            self.set_cdata_mode(tag)
        self._templates += tag == "template"
        if self._templates:
            return
        for attribute in ("id", "data-slot"):
            if value := given.get(attribute):
                self._once(attribute, value, f'{attribute}="{value}"')
        name, kind = given.get("name", ""), given.get("type", "text").lower()
        if tag not in ("input", "select", "textarea", "button") or not name:
            return
        if name.startswith("_") and name not in _BUTTONS:
            self._refuse(f"the name {name!r} begins with '_', as the form's own do; use another")
        if name in self._single and tag != "button" and kind not in _SHARING:
            self._once("name", name, f"a control called {name!r}, of which the action takes one,")

    def handle_endtag(self, tag: str) -> None:
        self._outside(tag)
        if tag == self._open[0]:
            self._open = ("", (0, 0))
        self._templates -= tag == "template" and self._templates > 0

    def _outside(self, tag: str) -> None:
        if tag in _OUTSIDE:
            self._refuse(f"leave out <{tag}>; it is put around what you write")

    def _once(self, kind: str, value: str, what: str) -> None:
        line, column = self.getpos()
        here = f"line {line}, column {column + 1}"
        earlier = self._seen.setdefault((kind, value), here)
        if earlier != here:
            self._refuse(f"{what} stands at {earlier} already; give one another")

    def close(self) -> None:
        super().close()
        if self._open[0]:
            self._unclosed()

    def _unclosed(self) -> NoReturn:
        tag, at = self._open
        self._refuse(f"<{tag}> is not closed; end it with </{tag}>", at)

    def _refuse(self, text: str, at: tuple[int, int] | None = None) -> NoReturn:
        line, column = at or self.getpos()
        raise DefinitionError(f"{self._owner}, line {line}, column {column + 1}: {text}")
