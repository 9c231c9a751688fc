"""Another language: every text of the package in letters that no author of these tests uses."""

from __future__ import annotations

import datetime as dt
import json
import re
import string
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Annotated, Any

import pytest
from annotated_types import Ge
from pydantic import BaseModel, Field

from notebook_actions import (
    ActionError,
    FormError,
    Progress,
    UploadedFile,
    action,
    loader,
    redirect,
)
from notebook_actions.errors import ActionTimeout, Cancelled
from notebook_actions.fields import File
from notebook_actions.messages import MESSAGES

_FOREIGN = str.maketrans(
    string.ascii_letters, "абцдефгхийклмнопярстужвщызАБЦДЕФГХИЙКЛМНОПЯРСТУЖВЩЫЗ"
)


def foreign(text: str) -> str:
    """Return a text in other letters; what stands in braces is left."""
    parts = re.split(r"(\{[^}]*\})", text)
    return "".join(one if one.startswith("{") else one.translate(_FOREIGN) for one in parts)


def translate(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put all texts into the other language, Russian as far as a browser can tell."""
    for name, text in MESSAGES.items():
        monkeypatch.setitem(MESSAGES, name, "ru" if name == "language" else foreign(text))


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
    """Yield what is said in Latin letters in some HTML, save names of places and addresses."""
    for text in _Reader(html).texts:
        rest = re.sub(r"\{\w+\}|#\w+#|https?://\S+", "", text)
        if re.search(r"[a-zA-Z]", rest):
            yield text.strip()


# --- a page that has all outcomes -----------------------------------------------------------------

OWL = UploadedFile("сова", "image/png", b"owl")
BIG = UploadedFile("сова", "image/png", b"x" * 6_000)


class Guest(BaseModel):
    name: Annotated[str, Field(title="Имя", min_length=2)]
    age: Annotated[int, Field(title="Возраст", ge=18)] = 18


def results() -> dict[str, Any]:
    """Return what actions end with: name → a value, or what is raised."""
    return {
        "nothing": None,
        "blank": "",
        "none_yet": [],
        "many": list(range(600)),
        "leads": redirect("/"),
        "unwell": type("Сова", (), {"__repr__": lambda _: 1 / 0, "__str__": lambda _: 1 / 0})(),
        "refused": ActionError("Занято"),
        "wordless": FormError(),
        "checked": FormError(fields={"ы": "Нет"}),
        "late": ActionTimeout(3),
        "stopped": Cancelled(),
        "broken": type("Беда", (Exception,), {})("ой"),
    }


def ending(name: str) -> Any:
    @action(name=name)
    async def end() -> Any:
        outcome = results()[name]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    return end


@action(concurrency="parallel")
async def register(
    day: Annotated[dt.date, Field(title="День")],
    seats: Annotated[int, Ge(1), Field(title="Места")],
    sure: Annotated[bool | None, Field(title="Точно")],
    guests: Annotated[list[Guest], Field(title="Гости")],
    photo: Annotated[UploadedFile | None, File(max_size=5_000), Field(title="Снимок")] = None,
    *,
    progress: Progress,
) -> None:
    progress(1, 2, "шаг")


WRONG = [("day", "ы"), ("seats", "0"), ("sure", "ы"), ("guests[0].name", "")]
GUEST = [("guests[0].name", "Полумна"), ("guests[0].age", "20")]
RIGHT = [("day", "2026-01-31"), ("seats", "1"), ("sure", ""), *GUEST]

SENT: dict[str, tuple[str, list[tuple[str, str | UploadedFile]]]] = {
    **{name: (name, []) for name in results()},
    "wrong": ("register", [*WRONG, ("photo", OWL)]),
    "right": ("register", [*RIGHT, ("photo", OWL)]),
    "too large": ("register", [*RIGHT, ("photo", BIG)]),
    "kept too long": ("register", [*RIGHT, ("photo", ""), ("_kept", "gone/photo")]),
    "one more": ("register", [*RIGHT, ("_add", "guests[#]")]),
    "gone": ("unknown", [("ы", "ы")]),
}


def page_of(form: Any, page: Any) -> Any:
    """Return a page with a form for each outcome, made of these classes."""

    @loader
    async def empty() -> list[str]:
        return []

    @loader
    async def broken() -> None:
        raise ActionError("Закрыто")

    forms = [form(ending(name), title="Форма", submit="Да") for name in results()]
    return page("/", empty, broken, form(register, submit="Да"), *forms, title="Школа")
