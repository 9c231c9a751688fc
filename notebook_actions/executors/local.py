"""Lines within a machine: a connection from each worker process to the one that waits.

It is a Unix socket in a folder of the user's own (a named pipe on Windows) with a key; what goes
over it is text, so that a worker cannot make the other side run anything. A worker that cannot
reach it, on another machine for instance, runs its job all the same and tells nobody.
"""

from __future__ import annotations

import functools
import json
import os
import secrets
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener
from typing import Any

from ..progress import Progress, Step

__all__ = ["LocalLine", "open_line"]


#: Seconds between two looks whether a job is asked to stop; each is a system call.
LOOK_SECONDS = 0.01


@dataclass(frozen=True, slots=True)
class LocalLine:
    """The line of one job."""

    address: str
    key: bytes = field(repr=False)
    run: str

    @contextmanager
    def begin(self) -> Iterator[Progress]:
        """Give a progress that tells the process that waits, and asks it."""
        try:
            wire = _wire(os.getpid(), self.address, self.key)
        except (OSError, EOFError, AuthenticationError):
            yield Progress()
            return
        wire.tell(self.run)
        yield Progress(
            lambda step: wire.tell(self.run, [step.done, step.total, step.message]),
            lambda: wire.asked(self.run),
        )

    def end(self) -> None:
        """Listen to the job no more."""
        _exchange(os.getpid()).forget(self.run)


def open_line(progress: Progress) -> LocalLine:
    """Return a line on which a job's steps become those of ``progress``."""
    exchange = _exchange(os.getpid())
    run = secrets.token_hex(8)
    exchange.runs[run] = progress
    return LocalLine(exchange.address, exchange.key, run)


class _Wire:
    """The connection of a worker process, over which all its jobs tell and ask."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._lock = threading.Lock()
        self._asked: set[str] = set()
        self._open = True
        self._look = 0.0

    def tell(self, run: str, step: list[Any] | None = None) -> None:
        message = json.dumps({"run": run, "step": step}).encode()
        with self._lock:
            try:
                if self._open:
                    self._connection.send_bytes(message)
            except OSError:
                self._open = False

    def asked(self, run: str) -> bool:
        now = time.monotonic()
        if now < self._look:
            return run in self._asked
        with self._lock:
            self._look = now + LOOK_SECONDS
            try:
                while self._open and self._connection.poll():
                    self._asked.add(self._connection.recv_bytes().decode())
            except (OSError, EOFError):
                self._open = False
        return run in self._asked


@functools.lru_cache(maxsize=4)
def _wire(pid: int, address: str, key: bytes) -> _Wire:
    return _Wire(Client(address, authkey=key))


class _Exchange:
    """Where the workers of this process connect to."""

    def __init__(self) -> None:
        self.key = secrets.token_bytes(32)
        self.runs: dict[str, Progress] = {}
        self._lock = threading.Lock()
        family = "AF_PIPE" if sys.platform == "win32" else "AF_UNIX"
        self._listener = Listener(family=family, backlog=64, authkey=self.key)
        self.address = str(self._listener.address)
        threading.Thread(target=self._accept, name="progress of workers", daemon=True).start()

    def tell(self, run: str, step: list[Any]) -> None:
        """Tell a step of a run, unless it has ended meanwhile."""
        with self._lock:
            progress = self.runs.get(run)
            if progress is not None:
                progress.tell(Step(*step))

    def forget(self, run: str) -> None:
        """Tell no more steps of a run."""
        with self._lock:
            self.runs.pop(run, None)

    def _accept(self) -> None:
        while True:
            try:
                connection = self._listener.accept()
            except Exception:  # noqa: S112 - a stranger, or one that left; the next may be ours
                continue
            name = "progress of a worker"
            threading.Thread(target=self._hear, args=(connection,), name=name, daemon=True).start()

    def _hear(self, connection: Connection[Any, Any]) -> None:
        lock = threading.Lock()

        def stop(run: str) -> None:
            with lock:
                try:
                    connection.send_bytes(run.encode())
                except OSError:  # it has ended
                    return

        while True:
            try:
                message = json.loads(connection.recv_bytes())
            except (OSError, EOFError):
                connection.close()
                return
            run, step = message["run"], message["step"]
            if step is not None:
                self.tell(run, step)
            elif (progress := self.runs.get(run)) is not None:
                progress.on_cancel(functools.partial(stop, run))
            else:
                stop(run)


@functools.lru_cache(maxsize=1)
def _exchange(pid: int) -> _Exchange:
    # By process: a child that was forked has neither the thread nor the workers of its parent.
    return _Exchange()
