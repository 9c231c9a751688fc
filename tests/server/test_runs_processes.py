"""Several processes of one app over one store: each shows and cancels the runs of the others."""

from __future__ import annotations

import re
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from test_run import Process

APP = """
import asyncio, pathlib, sys
from notebook_actions import action, Progress, serve
from notebook_actions.server import runs
from notebook_actions.server.store import SQLiteStore

here = pathlib.Path(sys.argv.pop(1))
runs.STALE = float(sys.argv.pop(1))

@action
async def slow(subject: str, progress: Progress):
    progress(3, 10, "letters")
    (here / "started").touch()
    try:
        while not (here / "release").exists():
            await asyncio.sleep(0.01)
    except asyncio.CancelledError:
        (here / "cancelled").touch()
        raise
    return "slow is done"

serve(slow, port=0, patience=0.05, grace=0.05, store=SQLiteStore(here / "store.sqlite3"))
"""


class Pair:
    """Two processes of one app."""

    def __init__(self, here: Path, stale: float) -> None:
        self.one, self.two = (Process(here, str(stale), code=APP).started() for _ in range(2))
        status, self.run, _ = self.one.ask("POST", "/slow?_action=slow", "subject=Charms")
        assert status == 303
        self.one.until("started")

    def other(self, words: str) -> str:
        """Ask the other process until it says something, and return its page."""
        waiting = threading.Event()
        for _ in range(1200):
            status, location, text = self.two.ask("GET", self.run)
            if status == 303:
                text = self.two.ask("GET", location)[2]
            if words in text:
                return text
            waiting.wait(0.05)
        raise AssertionError(f"{words!r} is not in {text}")


@pytest.fixture
def stale() -> float:
    """Seconds after which a process that tells nothing counts as dead."""
    return 60


@pytest.fixture
def pair(tmp_path: Path, stale: float) -> Iterator[Pair]:
    both = Pair(tmp_path, stale)
    yield both
    for app in (both.one, both.two):
        if app.process.poll() is None:
            app.process.kill()
        app.process.communicate()


def test_another_process_shows_a_run(pair: Pair) -> None:
    """Whichever process is asked tells how far a run is, and what came of it."""
    assert "3 of 10: letters" in pair.other("letters")
    (pair.one.here / "release").touch()
    pair.other("slow is done")


def test_another_process_cancels_a_run(pair: Pair) -> None:
    """Whichever process is told to cancel a run, it is cancelled where it runs."""
    assert pair.two.ask("POST", pair.run, "_cancel=")[:2] == (303, pair.run)
    pair.one.until("cancelled")
    assert 'value="Charms"' in pair.other("Cancelled.")


@pytest.mark.parametrize("stale", [1.5])
def test_a_run_whose_process_died(pair: Pair) -> None:
    """When a process was killed, nobody claims to know how its run ended, nor runs it again."""
    pair.one.process.send_signal(signal.SIGKILL)
    pair.one.process.wait()
    (pair.one.here / "started").unlink()
    text = pair.other("Not finished: the server that carried this out has stopped")
    assert 'value="Charms"' in text
    assert re.search(r'<form[^>]* action="\?_action=slow"', text)
    assert not (pair.one.here / "started").exists()


def test_a_stop_cancels_after_its_grace_time(pair: Pair) -> None:
    """A run that does not end in the grace time of a stop is cancelled, and is said to be."""
    pair.one.process.send_signal(signal.SIGTERM)
    pair.one.until("cancelled")
    assert pair.one.end()[0] == 1
    assert 'value="Charms"' in pair.other("The server was stopped, and this with it.")
