"""In another language, no page and no answer says anything in English, whatever came of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from translated import SENT, english, foreign, page_of, translate
from visitor import Visit, Visitor, serving

from notebook_actions import Progress, action, make_app, redirect
from notebook_actions.messages import MESSAGES
from notebook_actions.page import ActionForm, Page


@pytest.fixture(autouse=True)
def _translated(monkeypatch: pytest.MonkeyPatch) -> None:
    translate(monkeypatch)


@pytest.fixture
async def visitor() -> AsyncIterator[Visitor]:
    app = make_app(page_of(ActionForm, Page), max_body_size=50_000)
    async with serving(app) as base:
        yield Visitor(base)


async def test_a_fresh_page(visitor: Visitor) -> None:
    """The page says nothing in English, and names its language."""
    shown = await visitor.get("/")
    assert [*english(shown.text)] == []
    assert shown.page.one("html")["lang"] == "ru"
    assert foreign("Add") in shown.text


@pytest.mark.parametrize("sent", SENT)
async def test_an_outcome_without_a_script(visitor: Visitor, sent: str) -> None:
    """The page that shows it says nothing in English."""
    action, pairs = SENT[sent]
    shown = await visitor.submit("/", action, pairs, multipart=True)
    assert [*english(shown.text)] == []


# The script adds rows by itself.
@pytest.mark.parametrize("sent", [one for one in SENT if one != "one more"])
async def test_an_outcome_with_the_script(visitor: Visitor, sent: str) -> None:
    """The answer to the script says nothing in English."""
    action, pairs = SENT[sent]
    answer = (await visitor.fetch("/", action, pairs, multipart=True)).json
    shown = [*answer["slots"].values(), *answer["loaders"].values()]
    shown += (answer.get("submissions") or {}).values()
    assert [*english("".join(shown))] == []


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
async def test_what_was_not_run(visitor: Visitor, accept: str) -> None:
    """Refusals say nothing in English: another site, no form, too large, broken, no page."""
    ask, path = visitor.ask, "/?_action=register"
    given = {"Accept": accept, "Origin": visitor.base}
    form = {**given, "Content-Type": "application/x-www-form-urlencoded"}
    replies = [
        await ask("POST", path, b"day=x", {**form, "Sec-Fetch-Site": "cross-site"}),
        await ask("POST", path, b"x" * 60_000, form),
        await ask("POST", path, b"%ff=x", form),
        await ask("POST", path, b"x", {**given, "Content-Type": "?"}),
        await ask("GET", "/nowhere", None, given),
        await ask("PUT", "/", b"", given),
        await ask("GET", "/", None, {**given, "Host": "evil.example"}),
    ]
    assert [one.status for one in replies] == [403, 413, 400, 415, 404, 405, 421]
    for one in replies:
        shown = one.text if accept == "text/html" else one.json["slots"]["errors"]
        assert [*english(shown)] == []


async def test_the_way_out() -> None:
    """The page that leads to another site says so in the page's language."""

    @action
    async def leave() -> Any:
        return redirect("https://example.org/", external=True)

    async with serving(make_app(Page("/", ActionForm(leave, submit="Да"), title="Школа"))) as to:
        shown = await Visitor(to).submit("/", "leave")
    assert [*english(shown.text)] == []
    assert "https://example.org/" in shown.text


@pytest.mark.parametrize(("language", "direction"), [("he-IL", "rtl"), ("de", None)])
async def test_the_direction(
    visit: Visit, monkeypatch: pytest.MonkeyPatch, language: str, direction: str | None
) -> None:
    """A page is written in the direction of its language, one of the server's own too."""
    monkeypatch.setitem(MESSAGES, "language", language)
    visitor = await visit(page_of(ActionForm, Page))
    for path in ("/", "/nowhere"):
        html = (await visitor.get(path)).page.one("html")
        assert (html["lang"], html.get("dir")) == (language, direction)


async def test_long_work(visit: Visit) -> None:
    """The page of a run says nothing in English, while it runs and when it was cancelled."""
    gate = asyncio.Event()

    @action
    async def wait(progress: Progress) -> None:
        progress(1, 2, "шаг")
        await gate.wait()

    page = Page("/", ActionForm(wait, submit="Да"), title="Школа")
    visitor = await visit(page, patience=0.01)
    run = (await visitor.post("/?_action=wait")).location
    assert run.startswith("/_run/")
    shown = await visitor.get(run)
    ended = await visitor.post(run, [("_cancel", "1")])
    while ended.status == 303 or "Refresh" in ended.headers:  # it need not have ended at once
        again = ended.headers.get("Refresh", "").partition("url=")[2]
        ended = await visitor.get(again or ended.location)
    assert foreign("of 2") in shown.text
    assert foreign("Cancelled.") in ended.text
    assert [*english(shown.text + ended.text)] == []
    for path in ("/_run/unknown", "/?_download=unknown"):
        assert [*english((await visitor.get(path)).text)] == []
