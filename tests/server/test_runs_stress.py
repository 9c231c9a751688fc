"""Many submissions at once over HTTP, and what is left when all have ended."""

from __future__ import annotations

import asyncio
import random
import threading
from typing import Any

import pytest
from tornado.web import Application
from visitor import Reply, Visitor, serving, until

from notebook_actions import action, make_app
from notebook_actions.page import ActionForm, Page

POLICIES = ("latest", "parallel", "queue", "drop")


class Ledger:
    """A page whose action writes down what it did, in a thread or on the loop."""

    def __init__(self, policy: str, *, thread: bool) -> None:
        self.written: list[int] = []
        self.most = self._inside = 0
        self._lock = threading.Lock()

        def write(number: int) -> int:
            with self._lock:
                self.written.append(number)
                self._inside -= 1
            return number

        def enter() -> None:
            with self._lock:
                self._inside += 1
                self.most = max(self.most, self._inside)

        def in_thread(number: int) -> int:
            enter()
            return write(number)

        async def on_loop(number: int) -> int:
            enter()
            await asyncio.sleep(0)
            return write(number)

        save = action(name="save", concurrency=policy)(in_thread if thread else on_loop)
        self.page = Page("/ledger", ActionForm(save))


def nothing_is_left(app: Application) -> bool:
    runs = app.settings["site"].runs
    return not runs._lanes and not runs._tasks


@pytest.mark.parametrize("script", [True, False], ids=["fetch", "plain"])
@pytest.mark.parametrize("thread", [True, False], ids=["thread", "loop"])
@pytest.mark.parametrize("policy", POLICIES)
async def test_two_hundred_at_once(policy: str, thread: bool, script: bool) -> None:
    """Each of 200 submissions is carried out once and answered, or refused and not carried out."""
    ledger = Ledger(policy, thread=thread)
    # Each is answered when it has ended, however slow the machine is.
    app = make_app(ledger.page, patience=300)
    busy = asyncio.Semaphore(50)

    async def one(visitor: Visitor, number: int) -> Reply:
        async with busy:
            sent = [("number", str(number))]
            if script:
                return await visitor.fetch("/ledger", "save", sent)
            return await visitor.post("/ledger?_action=save", sent)

    async with serving(app) as base:
        visitor = Visitor(base)
        replies = await asyncio.gather(*(one(visitor, number) for number in range(200)))
        await until(lambda: nothing_is_left(app))
    done = [number for number, reply in enumerate(replies) if reply.status in (200, 303)]
    assert sorted(ledger.written) == done
    refused = {reply.status for reply in replies} - {200, 303}
    assert refused <= ({409} if policy == "drop" else set())
    assert ledger.most == 1 or policy in ("latest", "parallel")


@pytest.mark.parametrize("policy", ["parallel", "queue"])
async def test_cancels_at_random(policy: str) -> None:
    """Whether a cancel comes in time or not: what is said to be done is done, and nothing else."""
    written: list[str] = []
    chance = random.Random(7)

    @action(name="save", concurrency=policy)
    async def save(name: str) -> str:
        for _ in range(chance.randrange(40)):
            await asyncio.sleep(0.001)
        written.append(name)
        return name

    app = make_app(Page("/ledger", ActionForm(save)), patience=0.01)

    async def one(visitor: Visitor, number: int) -> tuple[str, Any]:
        token = f"{number:032d}"
        headers = {"Accept": "application/json", "Notebook-Actions-Run": token}
        sending = asyncio.create_task(
            visitor.post("/ledger?_action=save", [("name", f"n{number}")], **headers)
        )
        if chance.random() < 0.5:
            await asyncio.sleep(chance.random() * 0.02)
            await visitor.post(f"/_run/{token}", [("_cancel", "")])
        reply = (await sending).json
        while reply["type"] == "pending":
            reply = (await visitor.get(reply["location"], Accept="application/json")).json
        return f"n{number}", reply["type"]

    async with serving(app) as base:
        visitor = Visitor(base)
        ended = dict(await asyncio.gather(*(one(visitor, number) for number in range(40))))
        await until(lambda: nothing_is_left(app))
    assert set(ended.values()) <= {"success", "failure"}
    succeeded = sorted(name for name, kind in ended.items() if kind == "success")
    assert sorted(written) == succeeded
