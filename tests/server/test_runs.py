"""Submissions that take longer than their request."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from pydantic import SecretStr
from visitor import Reply, Visit, Visitor, serving, until, value

from notebook_actions import (
    FormError,
    Progress,
    Request,
    UploadedFile,
    action,
    loader,
    make_app,
    redirect,
)
from notebook_actions.page import ActionForm, Page
from notebook_actions.server.store import MemoryStore

SECRET = "swordfish-7f3a"
SENT = [("subject", "Charms"), ("pin", SECRET)]


class Desk:
    """A page with an action that takes as long as the test likes."""

    def __init__(self, **options: Any) -> None:
        self.gate = asyncio.Event()
        self.tell = asyncio.Event()
        self.calls = 0
        self.ended: list[str] = []
        self.answer: Any = "enrolled"

        @loader
        def times(request: Request) -> str:
            return f"{self.calls} calls, as {request.url}"

        @action(**options)
        async def enroll(
            subject: str,
            pin: SecretStr,
            request: Request,
            progress: Progress,
            photo: UploadedFile | None = None,
        ) -> Any:
            self.calls += 1
            try:
                await self.tell.wait()
                progress(3, 10, "letters")
                await self.gate.wait()
            finally:
                self.ended.append(subject)
            if isinstance(self.answer, BaseException):
                raise self.answer
            return self.answer(request) if callable(self.answer) else self.answer

        self.page = Page("/desk", times, ActionForm(enroll, title="Enroll"), title="Desk")


async def started(visitor: Visitor, desk: Desk, **headers: str) -> str:
    """Submit without a script, and return the address of the run."""
    reply = await visitor.post("/desk?_action=enroll&tab=2", SENT, **headers)
    assert reply.status == 303
    assert re.fullmatch(r"/_run/[\w-]{32}", reply.location)
    assert desk.calls <= 1
    return reply.location


async def followed(visitor: Visitor, run: str) -> Reply:
    """Follow a run as a browser does, and return what its end is answered with."""
    reply = await visitor.get(f"{run}?_seen=0")
    while reply.status == 200:
        reply = await visitor.get(reply.headers["Refresh"].partition("url=")[2])
    return reply


async def ended(visitor: Visitor, desk: Desk, run: str) -> Reply:
    """Let the action end, and return what the request says that was held meanwhile."""
    asking = asyncio.create_task(followed(visitor, run))
    desk.tell.set()
    desk.gate.set()
    return await asking


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
async def visitor(visit: Visit, desk: Desk) -> Visitor:
    return await visit(desk.page, patience=0.05)


class Kept(MemoryStore):
    """A store that knows all that it ever kept."""

    def __init__(self) -> None:
        super().__init__()
        self.ever: dict[str, bytes] = {}

    async def put(self, key: str, value: bytes, seconds: float) -> None:
        self.ever[key] = value
        await super().put(key, value, seconds)


# --- the page of a run ----------------------------------------------------------------------------


async def test_what_is_quick_leaves_no_record(visit: Visit, desk: Desk) -> None:
    """A submission that ends while people wait is answered as ever, and no run is written down."""
    store = Kept()
    visitor = await visit(desk.page, store=store, patience=30)
    desk.tell.set()
    desk.gate.set()
    reply = await visitor.post("/desk?_action=enroll", SENT)
    assert reply.location.startswith("/desk?_outcome=")
    assert [key for key in store.ever if not key.startswith("outcome:")] == []


async def test_the_page_of_a_run(visitor: Visitor, desk: Desk) -> None:
    """What takes longer leads to a page that says what runs and how far it is, and asks again."""
    run = await started(visitor, desk)
    reply = await visitor.get(run)
    assert reply.status == 200
    assert reply.headers["Refresh"] == f"1; url={run}?_seen=1"
    assert reply.headers["Cache-Control"] == "no-store"
    page = reply.page
    assert page.one("h1").text == "Enroll"
    assert "Charms" in page.one("form").text
    assert page.one("progress").get("value") is None
    assert page.one("a")["href"] == "/desk?tab=2"
    desk.tell.set()
    reply = await visitor.get(f"{run}?_seen=1")
    bar = reply.page.one("progress")
    assert (bar["value"], bar["max"]) == ("3", "10")
    assert "3 of 10: letters" in reply.page.one("form").text


async def test_a_request_is_held_until_the_end(visitor: Visitor, desk: Desk) -> None:
    """The page that asks again hears of the end at once, and the result is shown once."""
    run = await started(visitor, desk)
    reply = await ended(visitor, desk, run)
    assert (reply.status, reply.location.startswith("/desk?tab=2&_outcome=")) == (303, True)
    shown = await visitor.get(reply.location)
    assert shown.page.slot("result") == "enrolled"
    for _ in range(2):
        again = await visitor.get(run)
        assert again.location == "/desk?tab=2"
        assert (await visitor.get(again.location)).page.slot("result") == ""
    assert desk.calls == 1


@pytest.mark.parametrize("answer", [FormError("Full", {"subject": "is full"}), ZeroDivisionError()])
async def test_a_failure_comes_back_with_the_input(
    visitor: Visitor, desk: Desk, answer: Exception
) -> None:
    """A failure and a bug lead to the page with the input, as often as one looks at them."""
    desk.answer = answer
    run = await started(visitor, desk)
    await ended(visitor, desk, run)
    expected = isinstance(answer, FormError)
    for _ in range(2):
        reply = await visitor.get(run)
        shown = await visitor.get(reply.location)
        assert shown.status == (422 if expected else 500)
        assert value(shown.page, "subject") == "Charms"
        assert SECRET not in shown.text
        words = "Full Subject: is full" if expected else "Something went wrong"
        assert words in shown.page.slot("errors")
        assert bool(shown.page.all(aria_invalid="true")) is expected


@pytest.mark.parametrize("to", ["/desk", "thanks?ok=1", "https://example.com/there"])
async def test_a_redirect_is_followed(visitor: Visitor, desk: Desk, to: str) -> None:
    """Where an action leads, its run leads too, as from the page itself."""
    desk.answer = redirect(to, external=to.startswith("https"))
    run = await started(visitor, desk)
    reply = await ended(visitor, desk, run)
    if to.startswith("https"):
        out = await visitor.get(reply.location)
        assert out.headers["Refresh"] == f"0; url={to}"
    else:
        assert reply.location == {"/desk": "/desk", "thanks?ok=1": "/thanks?ok=1"}[to]


async def test_what_no_action_should_raise_ends_it(visitor: Visitor, desk: Desk) -> None:
    """A GeneratorExit is a bug with an id, and nothing is left pending."""
    run = await started(visitor, desk)
    desk.answer = GeneratorExit()
    shown = await visitor.get((await ended(visitor, desk, run)).location)
    assert shown.status == 500
    assert "mention" in shown.page.slot("errors")


async def test_cookies_of_a_run(visitor: Visitor, desk: Desk) -> None:
    """A cookie that the action sets reaches the browser with the end of the run."""

    def sign_in(request: Request) -> str:
        request.cookies.set("user", "luna", max_age=60)
        return "hello"

    desk.answer = sign_in
    run = await started(visitor, desk)
    reply = await ended(visitor, desk, run)
    assert "Max-Age=60" in reply.headers["Set-Cookie"]
    assert visitor.cookies == {"user": "luna"}


async def test_files_of_a_run_are_kept(visitor: Visitor, desk: Desk) -> None:
    """A file is there while the run lasts, and kept for the next try when it fails."""
    desk.answer = FormError("No")
    photo = UploadedFile("owl.png", "image/png", b"PIXELS")
    reply = await visitor.post("/desk?_action=enroll", [*SENT, ("photo", photo)])
    done = await ended(visitor, desk, reply.location)
    shown = await visitor.get(done.location)
    assert "owl.png" in shown.page.slot("kept:photo")


async def test_no_secret_is_written_down(visit: Visit, desk: Desk) -> None:
    """What was entered as a secret is in no record, whatever becomes of the run."""
    store = Kept()
    visitor = await visit(desk.page, store=store, patience=0.05)
    desk.answer = FormError("No")
    run = await started(visitor, desk)
    assert SECRET not in (await visitor.get(run)).text
    await ended(visitor, desk, run)
    assert any(b"Charms" in value for value in store.ever.values())
    assert not [key for key, value in store.ever.items() if SECRET.encode() in value]


async def test_a_run_that_nobody_knows(visitor: Visitor) -> None:
    """An address of no run is a page of ours that says so, and to the script an answer."""
    for token in ("x" * 32, "short", "..%2Fx", "é"):
        reply = await visitor.get(f"/_run/{token}" if token != "é" else "/_run/%C3%A9")
        assert reply.status == 404
        assert "Nothing is known of this any more" in reply.text
    reply = await visitor.get("/_run/" + "x" * 32, Accept="application/json")
    assert (reply.status, reply.json["type"]) == (404, "error")
    reply = await visitor.get("/_run/" + "x" * 32, Accept="text/event-stream")
    assert reply.status == 204


async def test_the_token_is_not_logged(
    visitor: Visitor, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    """The log does not hold what opens the page of a run."""
    caplog.set_level("INFO", "notebook_actions.access")
    run = await started(visitor, desk)
    await visitor.get(run)
    said = [record.getMessage() for record in caplog.records]
    assert any("GET /_run/… " in line for line in said)
    assert not [line for line in said if run.rpartition("/")[2] in line]


async def test_head_shows_nothing_once(visitor: Visitor, desk: Desk) -> None:
    """To ask for the head alone does not use up the result."""
    run = await started(visitor, desk)
    desk.tell.set()
    desk.gate.set()
    await until(lambda: desk.ended)
    await visitor.get(run, Accept="text/event-stream")
    assert (await visitor.ask("HEAD", run)).location == "/desk?tab=2"
    assert "_outcome" in (await visitor.get(run)).location


# --- cancel ---------------------------------------------------------------------------------------


async def test_cancel(visitor: Visitor, desk: Desk) -> None:
    """The button of the page cancels the action; its form comes back with the input."""
    run = await started(visitor, desk)
    await until(lambda: desk.calls)
    form = (await visitor.get(run)).page.one("form")
    assert (form["method"], form["action"]) == ("post", run)
    reply = await visitor.post(form["action"], [(form.one("button")["name"], "")])
    assert (reply.status, reply.location) == (303, run)
    shown = await visitor.get((await followed(visitor, run)).location)
    assert desk.ended == ["Charms"]
    assert shown.page.slot("errors") == "Cancelled."
    assert value(shown.page, "subject") == "Charms"


async def test_cancel_before_anything_is_told(visitor: Visitor, desk: Desk, visit: Visit) -> None:
    """The script names its submission, and can cancel it from the first moment on."""
    visitor = await visit(desk.page, patience=30)
    key = "a1b2c3d4-" * 4
    asking = asyncio.create_task(
        visitor.fetch("/desk", "enroll", SENT, **{"Notebook-Actions-Run": key})
    )
    await until(lambda: desk.calls)
    reply = await visitor.post(f"/_run/{key}", [("_cancel", "")], Accept="application/json")
    assert (reply.status, reply.body) == (204, b"")
    answer = (await asking).json
    assert (answer["type"], answer["slots"]["errors"]) == ("failure", "<p>Cancelled.</p>")
    assert desk.ended == ["Charms"]


async def test_cancel_from_another_site(visitor: Visitor, desk: Desk) -> None:
    """Another site can cancel nothing, and a post without the button does nothing."""
    run = await started(visitor, desk)
    evil = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    assert (await visitor.post(run, [("_cancel", "")], **evil)).status == 403
    assert (await visitor.post(run, [("other", "")])).status == 400
    assert "_seen" in (await visitor.get(run)).headers["Refresh"]
    assert desk.ended == []


async def test_the_late_result_of_a_thread_is_dropped(visit: Visit) -> None:
    """A plain `def` cannot be stopped, but what it returns after a cancel is not shown."""
    import threading

    gate, begun, done = threading.Event(), threading.Event(), threading.Event()

    @action
    def slow(subject: str) -> str:
        begun.set()
        gate.wait(60)
        done.set()
        return "too late"

    visitor = await visit(slow, patience=0)
    run = (await visitor.post("/slow?_action=slow", SENT[:1])).location
    await until(begun.is_set)
    await visitor.post(run, [("_cancel", "")])
    gate.set()
    await until(done.is_set)
    shown = await visitor.get((await followed(visitor, run)).location)
    assert shown.page.slot("errors") == "Cancelled."
    assert shown.page.slot("result") == ""


@pytest.mark.parametrize("option", [True, False])
async def test_a_client_that_goes(desk: Desk, option: bool) -> None:
    """A fetch whose client goes is cancelled where that is asked for, and else carried out."""
    app = make_app(desk.page, patience=30, cancel_on_disconnect=option)
    async with serving(app) as base:
        parts = urlsplit(base)
        _, writer = await asyncio.open_connection(parts.hostname, parts.port)
        body = b"subject=Charms&pin=x"
        writer.write(
            b"POST /desk?_action=enroll HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n"
            b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
        )
        await until(lambda: desk.calls)
        writer.close()
        if option:
            await until(lambda: desk.ended)
        else:
            desk.tell.set()
            await until(lambda: len(app.settings["site"].in_flight))
            assert desk.ended == []
            desk.gate.set()
            await until(lambda: desk.ended)
        await until(lambda: not app.settings["site"].in_flight)


# --- the script -----------------------------------------------------------------------------------


async def test_a_fetch_is_told_where_to_ask(visitor: Visitor, desk: Desk) -> None:
    """A fetch that takes longer is a 202 with the address of the run, which gives the answer."""
    key = "a1b2c3d4-" * 4
    named = {"Notebook-Actions-Run": key}
    reply = await visitor.fetch("/desk?tab=2", "enroll", SENT, **named)
    assert reply.status == 202
    assert reply.json == {
        "type": "pending",
        "form": "enroll",
        "slots": {"progress": ""},
        "invalid": [],
        "loaders": {},
        "location": f"/_run/{key}",
    }
    asks = {"Accept": "application/json"}
    desk.tell.set()
    told = await visitor.get(reply.json["location"] + "?_seen=1", **asks)
    assert (told.status, "3 of 10" in told.json["slots"]["progress"]) == (202, True)
    desk.gate.set()
    answer = await visitor.get(told.json["location"], **asks)
    assert (answer.status, answer.json["type"]) == (200, "success")
    assert "enrolled" in answer.json["slots"]["result"]
    assert "1 calls, as /desk?tab=2" in answer.json["loaders"]["times"]
    assert (await visitor.get(f"/_run/{key}", **asks)).json == answer.json


@pytest.mark.parametrize("token", ["short", "../" * 10, "x" * 65, "é" * 30])
async def test_a_token_that_could_be_guessed_is_not_taken(
    visitor: Visitor, desk: Desk, token: str
) -> None:
    """What the client calls its submission counts only when it has the right form."""
    headers = {"Notebook-Actions-Run": token.encode().decode("latin-1")}
    reply = await visitor.fetch("/desk", "enroll", SENT, **headers)
    assert re.fullmatch(r"/_run/[\w-]{32}", reply.json["location"])


async def test_a_token_that_is_taken(visitor: Visitor, desk: Desk) -> None:
    """A second submission under one name gets another, whether the first has ended or not."""
    headers = {"Notebook-Actions-Run": "a1b2c3d4-" * 4}
    first = await visitor.fetch("/desk", "enroll", SENT, **headers)
    second = await visitor.fetch("/desk", "enroll", SENT, **headers)
    desk.tell.set()
    desk.gate.set()
    await until(lambda: len(desk.ended) == 2)
    desk.gate.clear()
    third = await visitor.fetch("/desk", "enroll", SENT, **headers)
    assert len({one.json["location"] for one in (first, second, third)}) == 3


async def events(visitor: Visitor, run: str) -> list[tuple[str, Any]]:
    """Return the events of a run's stream, to its end."""
    reply = await visitor.get(run, Accept="text/event-stream", Last_Event_ID="1")
    assert reply.headers["Content-Type"].startswith("text/event-stream")
    found = re.findall(r"id: \d+\nevent: (\w+)\ndata: (.*)\n\n", reply.text)
    return [(name, json.loads(data)) for name, data in found]


async def test_a_stream_of_events(visitor: Visitor, desk: Desk) -> None:
    """The stream tells of the progress, gives the answer, and ends; coming again repeats that."""
    run = (await visitor.fetch("/desk", "enroll", SENT)).json["location"]
    listening = asyncio.create_task(events(visitor, run))
    desk.tell.set()
    await until(lambda: desk.calls)
    await asyncio.sleep(0.2)
    desk.gate.set()
    told = await listening
    assert [name for name, _ in told] == ["progress"] * (len(told) - 1) + ["answer"]
    assert "3 of 10: letters" in told[-2][1]["slots"]["progress"]
    answer = told[-1][1]
    assert (answer["type"], "1 calls" in answer["loaders"]["times"]) == ("success", True)
    assert await events(visitor, run) == [("answer", answer)]


async def test_a_stream_is_not_flooded(visit: Visit) -> None:
    """However often an action tells its progress, a stream has about ten events a second."""

    @action
    async def count(progress: Progress) -> str:
        for number in range(3000):
            progress(number, 3000)
            await asyncio.sleep(0)
        await asyncio.sleep(0.3)
        return "counted"

    visitor = await visit(count, patience=0)
    run = (await visitor.fetch("/count", "count")).json["location"]
    told = await events(visitor, run)
    assert told[-1][0] == "answer"
    assert len(told) < 30


async def test_cookies_end_a_stream_without_an_answer(visitor: Visitor, desk: Desk) -> None:
    """Cookies cannot travel in a stream: it ends, and who asks then gets them with the answer."""

    def sign_in(request: Request) -> str:
        request.cookies["user"] = "luna"
        return "hello"

    desk.answer = sign_in
    run = (await visitor.fetch("/desk", "enroll", SENT)).json["location"]
    desk.tell.set()
    desk.gate.set()
    assert "answer" not in [name for name, _ in await events(visitor, run)]
    answer = await visitor.get(run, Accept="application/json")
    assert answer.json["type"] == "success"
    assert visitor.cookies == {"user": "luna"}


# --- policies -------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["post", "fetch"])
async def test_drop(visit: Visit, way: str) -> None:
    """With "drop" a second submission of one person is refused, with its input; others' are not."""
    desk = Desk(concurrency="drop")
    visitor = await visit(desk.page, patience=0.05)
    run = await started(visitor, desk, User_Agent="one")
    send = visitor.fetch if way == "fetch" else visitor.submit
    reply = await send("/desk", "enroll", [("subject", "Potions")], User_Agent="one")
    assert reply.status == 409
    assert "The last one is still running" in reply.text
    if way == "post":
        assert value(reply.page, "subject") == "Potions"
    await visitor.post("/desk?_action=enroll", SENT, User_Agent="two")
    assert desk.calls == 2
    await visitor.post(run, [("_cancel", "")])
    await until(lambda: desk.ended)
    after = await visitor.post("/desk?_action=enroll", SENT, User_Agent="one")
    assert after.location.startswith("/_run/")


async def test_sessions_tell_people_apart(visit: Visit) -> None:
    """Where the app knows who is signed in, that and not the browser says whose a submission is."""
    desk = Desk(concurrency="drop")
    visitor = await visit(
        desk.page, patience=0.05, session=lambda request: {"user": request.headers["X-User"]}
    )
    await started(visitor, desk, X_User="luna", User_Agent="one")
    assert (await visitor.post("/desk?_action=enroll", SENT, X_User="luna")).status == 409
    assert (await visitor.post("/desk?_action=enroll", SENT, X_User="ron")).status == 303


async def test_lanes_are_forgotten(visit: Visit, desk: Desk) -> None:
    """Nothing of a run is left in the process once it has ended."""
    app = make_app(desk.page, patience=0)
    async with serving(app) as base:
        visitor = Visitor(base)
        run = await started(visitor, desk)
        await ended(visitor, desk, run)
        runs = app.settings["site"].runs
        await until(lambda: not runs._tasks)
        assert (runs._here, runs._lanes, runs._in_flight) == ({}, {}, set())
