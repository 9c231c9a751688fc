"""Lists of submissions without a script."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest
from pydantic import SecretStr
from visitor import Element, Reply, Visit, Visitor, until, value

from notebook_actions import FormError, UploadedFile, action
from notebook_actions.page import ActionForm, Page
from notebook_actions.server.address import Address
from notebook_actions.server.pages import PageHandler
from notebook_actions.server.runs import Run
from notebook_actions.server.store import MemoryStore

JSON = {"Accept": "application/json"}


class Desk:
    """A page whose submissions wait for the test, and fail when they are told to."""

    def __init__(self, concurrency: str = "parallel") -> None:
        self.gates: dict[str, asyncio.Event] = {}
        self.calls: list[str] = []
        self.received: list[Any] = []
        self.fails = True

        async def work(what: str) -> str:
            self.calls.append(what)
            if what.startswith("slow"):
                await self.gates.setdefault(what, asyncio.Event()).wait()
            if what.startswith("bad") and self.fails:
                raise FormError("Not this.", {"what": "is bad"})
            return f"{what} is done"

        @action(concurrency=concurrency, invalidate=())
        async def collect(what: str) -> str:
            return await work(what)

        @action(concurrency=concurrency)
        async def upload(
            what: str, pin: SecretStr | None = None, photo: UploadedFile | None = None
        ) -> str:
            self.received.append((what, pin, photo and photo.read()))
            return await work(what)

        self.page = Page("/desk", ActionForm(collect), ActionForm(upload))

    def release(self, what: str) -> None:
        self.gates.setdefault(what, asyncio.Event()).set()


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let requests wait for what ends by itself, and not for what waits for the test."""
    wait = Run.ends_within

    async def ends_within(run: Run, seconds: float) -> bool:
        slow = str(run.submission.open_input["what"]).startswith("slow")
        return await wait(run, min(seconds, 0.1) if slow else 60)

    monkeypatch.setattr(Run, "ends_within", ends_within)


@pytest.fixture
async def visitor(visit: Visit, desk: Desk) -> Visitor:
    return await visit(desk.page)


def rows(reply: Reply, form: str = "collect") -> list[Element]:
    return reply.page.one(data_of=form).all(class_="na-submission")


def texts(reply: Reply, form: str = "collect") -> list[str]:
    return [row.text for row in rows(reply, form)]


async def send(visitor: Visitor, path: str, what: str, form: str = "collect") -> Reply:
    """Submit the form that a page shows, and return the page that comes."""
    page = (await visitor.get(path)).page
    url = page.one("form", data_action=form)["action"]
    reply = await visitor.post("/desk" + url, [("what", what)])
    return await visitor.get(reply.location) if reply.status == 303 else reply


async def press(visitor: Visitor, row: Element, name: str, **headers: str) -> Reply:
    button = row.one("button", name=f"_{name}")
    url = row.one("form")["action"]
    return await visitor.post("/desk" + url, [(f"_{name}", button["value"])], **headers)


def board(reply: Reply) -> str:
    found = re.search(
        r"_submissions=[\w-]+", reply.page.one("form", data_action="collect")["action"]
    )
    assert found is not None
    return f"/desk?{found[0]}"


async def test_each_submission_has_a_row(visitor: Visitor, desk: Desk) -> None:
    """What runs, what is done and what failed stand in the list in the order of their sending."""
    first = await send(visitor, "/desk?tab=2", "slow owl")
    here = first.url.removeprefix(visitor.base)
    assert re.fullmatch(r"/desk\?tab=2&_submissions=[\w-]{32}", here)
    await send(visitor, here, "cat")
    reply = await send(visitor, here, "bad rat")
    assert reply.status == 422
    assert value(reply.page, "what") == "bad rat"
    shown = texts(await visitor.get(here))
    assert texts(reply) == shown
    assert [one.split()[0] for one in shown] == ["slow", "cat", "bad"]
    assert "Working…" in shown[0]
    assert "cat is done" in shown[1]
    assert "Not this. What: is bad" in shown[2]
    desk.release("slow owl")
    await until(lambda: True)
    run = rows(await visitor.get(here))[0].all("a")
    while run:
        await visitor.get(run[0]["href"] + "?_seen=1")
        run = rows(await visitor.get(here))[0].all("a")
    assert "slow owl is done" in texts(await visitor.get(here))[0]
    assert desk.calls == ["slow owl", "cat", "bad rat"]


async def test_a_list_is_for_who_has_its_address(visitor: Visitor, desk: Desk) -> None:
    """Without the address there are no rows, and on another page neither."""
    reply = await send(visitor, "/desk", "cat")
    assert len(rows(reply)) == 1
    assert rows(await visitor.get("/desk")) == []
    for wrong in ("", "short", "x" * 32, "%"):
        assert rows(await visitor.get(f"/desk?_submissions={wrong}")) == []


async def test_cancel_clear_and_retry(visitor: Visitor, desk: Desk) -> None:
    """The buttons of a row do what they say to that submission and to no other."""
    here = board(await send(visitor, "/desk", "bad rat"))
    await send(visitor, here, "slow owl")
    await send(visitor, here, "cat")
    assert (await press(visitor, rows(await visitor.get(here))[1], "cancel")).location == here
    reply = await visitor.get(here)
    assert ["Cancelled." in one for one in texts(reply)] == [False, True, False]
    assert (await press(visitor, rows(reply)[2], "clear")).location == here
    desk.fails = False
    assert (await press(visitor, rows(reply)[0], "retry")).location == here
    shown = texts(await visitor.get(here))
    assert ["bad rat is done" in shown[0], "Cancelled." in shown[1], len(shown)] == [True, True, 2]
    assert desk.calls == ["bad rat", "slow owl", "cat", "bad rat"]


async def test_a_retry_that_fails_again(visitor: Visitor, desk: Desk) -> None:
    """A second failure is a failure like the first: the page, the input, the same row."""
    reply = await send(visitor, "/desk", "bad rat")
    again = await press(visitor, rows(reply)[0], "retry")
    assert again.status == 422
    assert value(again.page, "what") == "bad rat"
    assert len(rows(again)) == 1
    assert board(again) == board(reply)


async def test_two_clicks_retry_once(visitor: Visitor, desk: Desk) -> None:
    """Who presses "Try again" twice has it tried again once."""
    reply = await send(visitor, "/desk", "bad rat")
    desk.fails = False
    row = rows(reply)[0]
    await asyncio.gather(*(press(visitor, row, "retry") for _ in range(3)))
    assert desk.calls == ["bad rat", "bad rat"]


async def test_a_retry_without_the_secret(visitor: Visitor, desk: Desk) -> None:
    """A secret is not kept: the form comes back and says what to enter again; the file is there."""
    photo = UploadedFile("owl.png", "image/png", b"PIXELS")
    sent = [("what", "bad rat"), ("pin", "1234"), ("photo", photo)]
    reply = await visitor.post("/desk?_action=upload", sent)
    again = await press(visitor, rows(reply, "upload")[0], "retry")
    assert again.status == 422
    form = again.page.one("form", data_action="upload")
    assert "Enter again what is not kept: Pin." in form.slot("errors")
    assert value(form, "what") == "bad rat"
    assert "1234" not in again.text
    assert "owl.png" in form.slot("kept:photo")
    assert len(desk.calls) == 1


async def test_a_retry_with_a_file(visitor: Visitor, desk: Desk) -> None:
    """A file of a submission that failed is there for the next try of its row."""
    photo = UploadedFile("owl.png", "image/png", b"PIXELS")
    sent = [("what", "bad rat"), ("pin", ""), ("photo", photo)]
    reply = await visitor.post("/desk?_action=upload", sent)
    desk.fails = False
    await press(visitor, rows(reply, "upload")[0], "retry")
    assert desk.received == [("bad rat", None, b"PIXELS")] * 2


async def test_a_queue_waits(visit: Visit) -> None:
    """With "queue" one runs after the other, and those that wait say so."""
    desk = Desk("queue")
    visitor = await visit(desk.page)
    here = board(await send(visitor, "/desk", "slow owl"))
    reply = await send(visitor, here, "slow cat")
    assert ["Working…" in texts(reply)[0], "Waiting for its turn…" in texts(reply)[1]] == [True] * 2
    assert desk.calls == ["slow owl"]
    await press(visitor, rows(reply)[0], "cancel")
    await until(lambda: desk.calls == ["slow owl", "slow cat"])
    desk.release("slow cat")


async def test_the_script_gets_the_rows(visitor: Visitor, desk: Desk) -> None:
    """The answer to a fetch carries the row of its submission, and so do those to its buttons."""
    key = "a1b2c3d4-" * 4
    headers = {"Notebook-Actions-Run": key}
    reply = await visitor.fetch("/desk", "collect", [("what", "bad rat")], **headers)
    assert (reply.status, list(reply.json["submissions"])) == (422, [key])
    assert "Try again" in reply.json["submissions"][key]
    desk.fails = False
    again = await visitor.post("/desk?_action=collect", [("_retry", key)], **JSON)
    assert (again.status, list(again.json["submissions"])) == (200, [key])
    assert "bad rat is done" in again.json["submissions"][key]
    gone = await visitor.post("/desk?_action=collect", [("_clear", key)], **JSON)
    assert (gone.status, gone.json["submissions"]) == (200, {key: ""})
    slow = await visitor.fetch("/desk", "collect", [("what", "slow owl")], **headers)
    assert (slow.status, "Working…" in slow.json["submissions"][key]) == (202, True)
    stopped = await visitor.post("/desk?_action=collect", [("_cancel", key)], **JSON)
    assert "Cancelled." in stopped.json["submissions"][key]


async def test_a_row_of_another_page(visit: Visit, desk: Desk) -> None:
    """The buttons of a page reach no submission of another page."""
    other = Desk()
    other.page.path = "/other"
    visitor = await visit(desk.page, other.page)
    reply = await send(visitor, "/desk", "bad rat")
    key = rows(reply)[0]["data-submission"]
    desk.fails = other.fails = False
    await visitor.post("/other?_action=collect", [("_retry", key)])
    await visitor.post("/other?_action=collect", [("_clear", key)])
    assert (desk.calls, other.calls) == (["bad rat"], [])
    assert len(rows(await visitor.get(board(reply)))) == 1


async def test_who_is_told_that_it_takes_longer_finds_it(
    visit: Visit, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is written down before the answer: a process that dies then leaves its row behind."""
    store, answer, written = MemoryStore(), PageHandler._pending, []

    def told(self: PageHandler, run: Run, address: Address) -> None:
        written.append(f"run:{run.token}" in store._kept)
        answer(self, run, address)

    monkeypatch.setattr(PageHandler, "_pending", told)
    visitor = await visit(desk.page, store=store, patience=0)
    await send(visitor, "/desk", "slow owl")
    assert written == [True]


async def test_a_long_list_asks_the_store_as_often_as_a_short_one(visit: Visit, desk: Desk) -> None:
    """A page with many rows waits for the store no more often than one with few."""
    asked: list[str] = []

    class Asked(MemoryStore):
        def __getattribute__(self, name: str) -> Any:
            if not name.startswith("_"):
                asked.append(name)
            return super().__getattribute__(name)

    visitor = await visit(desk.page, store=Asked())
    here = board(await send(visitor, "/desk", "cat"))
    counts = []
    for number in (1, 5):
        while len(desk.calls) < number:
            await send(visitor, here, "cat")
        asked.clear()
        assert len(rows(await visitor.get(here))) == number
        counts.append(len(asked))
    assert counts[0] == counts[1]
