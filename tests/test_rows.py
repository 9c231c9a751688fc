"""Lists in a form: rows are shown, filled, added and removed, with and without a script."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from notebook_actions import FormData, action
from notebook_actions.page import ActionForm, Page
from notebook_actions.render import Renderer
from notebook_actions.rows import edited
from notebook_actions.submission import State

FORM = Path(__file__).parents[1] / "js/tests/rows.html"


class Guest(BaseModel):
    """Somebody who comes."""

    name: str
    vegan: bool = False
    children: list[str] = []


class _Controls(HTMLParser):
    """Collects what the inputs of a form would send."""

    def __init__(self) -> None:
        super().__init__()
        self.pairs: list[tuple[str, str]] = []
        self._copies = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._copies += tag == "template"
        boxed = given.get("type") == "checkbox" and "checked" not in given
        if tag == "input" and not self._copies and not boxed:
            value = "on" if given.get("type") == "checkbox" else ""
            self.pairs.append((str(given["name"]), given.get("value") or value))

    def handle_endtag(self, tag: str) -> None:
        self._copies -= tag == "template"


@action
async def invite(party: str, guests: list[Guest]) -> int:
    """Invite people."""
    return len(guests)


def html(state: State | None = None) -> str:
    """Return the form's HTML."""
    return Renderer(Page.of(ActionForm(invite))).form("invite", state or State())


def filled(*pairs: tuple[str, str]) -> list[tuple[str, str]]:
    """Return what the form would send after these pairs came back."""
    reader = _Controls()
    reader.feed(html(State(input=FormData(pairs))))
    return reader.pairs


def test_the_form_as_the_script_finds_it() -> None:
    """The file that the JavaScript tests work on is what Python writes."""
    assert FORM.read_text("utf-8") == html()


PAIRS = [
    ("party", "Tea"),
    ("guests[0].name", "Luna"),
    ("guests[0].children", "a"),
    ("guests[0].children", "b"),
    ("guests[1].name", 'x"<y>'),
    ("guests[1].vegan", "on"),
]


def test_rows_come_back_as_they_were_sent() -> None:
    """As many rows as were sent, each with its values, at every depth."""
    assert filled(*PAIRS) == PAIRS


def test_a_list_that_was_emptied_comes_back_empty() -> None:
    """No row is shown where the person removed them all."""
    assert filled(("party", "Tea")) == [("party", "Tea")]


def test_add() -> None:
    """The button adds a row at the end; nothing that was entered is lost."""
    again = edited(FormData([*PAIRS, ("_add", "guests[#]")]))
    assert again is not None
    assert filled(*again.pairs()) == [*PAIRS, ("guests[2].name", "")]
    again = edited(FormData([*PAIRS, ("_add", "guests[1].children")]))
    assert again is not None
    assert filled(*again.pairs()) == [*PAIRS[:5], PAIRS[5], ("guests[1].children", "")]


@pytest.mark.parametrize(
    ("removed", "left"),
    [
        ("guests[0]", [("party", "Tea"), ("guests[0].name", 'x"<y>'), ("guests[0].vegan", "on")]),
        ("guests[1]", PAIRS[:4]),
        ("guests[0].children[0]", [*PAIRS[:2], *PAIRS[3:]]),
        ("guests[0].children[1]", [*PAIRS[:3], *PAIRS[4:]]),
        ("guests[7]", PAIRS),
        ("nonsense", PAIRS),
    ],
)
def test_remove(removed: str, left: list[tuple[str, str]]) -> None:
    """The button removes its row, and those after it move up."""
    again = edited(FormData([*PAIRS, ("_remove", removed)]))
    assert again is not None
    assert filled(*again.pairs()) == left


def test_other_buttons_edit_nothing() -> None:
    """A submission is none of these."""
    assert edited(FormData([*PAIRS, ("how", "now")])) is None


def test_enter_submits_the_form() -> None:
    """The form's first button, which Enter presses, is none that removes a row."""
    first = html().partition("<button")[2].partition(">")[0]
    assert 'type="submit"' in first
    assert "_remove" not in first
    assert "_add" not in first


def test_messages_of_a_row() -> None:
    """A message stands in its row, and the summary says which row it is and leads there."""
    wrong = invite.parameters.check(FormData([*PAIRS[:4], ("guests[1].name", "")]))
    assert wrong == {"guests[1].name": "Name is required."}
    slots = _slots(wrong)
    assert slots["error:guests[1].name"] == "Name is required."
    assert '<a href="#invite-guests[1].name">Guests 2: Name is required.</a>' in slots["errors"]


def _slots(wrong: dict[str, str]) -> dict[str, str]:
    from notebook_actions.errors import FormError
    from notebook_actions.results import Failure

    renderer: Any = Renderer(Page.of(ActionForm(invite)))
    return dict(renderer.slots("invite", State(outcome=Failure(FormError(fields=wrong)))))
