"""Another language: every text of the package in letters that no author of these tests uses."""

from __future__ import annotations

import json
import re
import string
from collections.abc import Iterator
from html.parser import HTMLParser

from notebook_actions.messages import MESSAGES

_FOREIGN = str.maketrans(
    string.ascii_letters, "абцдефгхийклмнопярстужвщызАБЦДЕФГХИЙКЛМНОПЯРСТУЖВЩЫЗ"
)


def foreign(text: str) -> str:
    """Return a text in other letters; what stands in braces is left."""
    parts = re.split(r"(\{[^}]*\})", text)
    return "".join(one if one.startswith("{") else one.translate(_FOREIGN) for one in parts)


def translation() -> dict[str, str]:
    """Return all texts in the other language, Russian as far as a browser can tell."""
    return {name: foreign(text) for name, text in MESSAGES.items()} | {"language": "ru"}


class _Reader(HTMLParser):
    """Collects what a person reads or hears."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._silent: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # What stands in the log is no language, nor is an author's traceback.
        if tag in ("script", "style", "code", "pre"):
            self._silent.append(tag)
        given = dict(attrs)
        self.texts += [given.get(name) or "" for name in ("aria-label", "alt", "title")]
        self.texts.append(given.get("placeholder") or "")
        self.texts += json.loads(given.get("data-messages") or "{}").values()

    def handle_endtag(self, tag: str) -> None:
        if self._silent and tag == self._silent[-1]:
            self._silent.pop()

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.texts.append(data)


def english(html: str) -> Iterator[str]:
    """Yield what is said in Latin letters in some HTML, the names in braces left out."""
    for text in _Reader(html).texts:
        if re.search(r"[a-zA-Z]", re.sub(r"\{\w+\}", "", text)):
            yield text.strip()
