"""Lines to the workers of Dask, by messages of its own scheduler.

Dask starts a job again when its worker died (three times where ``allowed-failures`` is not 0) or
when its result was lost with it. An action must not run twice for one submission. So a worker asks
before it begins, and only the first one that asks may.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import secrets
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakValueDictionary

from ..errors import DefinitionError, WorkerLost
from ..progress import Progress, Step

__all__ = ["DaskLine", "connect", "is_closed", "is_dask", "is_loss", "open_line"]

log = logging.getLogger("notebook_actions")

#: Seconds that a worker waits for the permission to begin.
ANSWER_SECONDS = 60.0

#: Seconds between two looks whether the workers of the running jobs are there.
WATCH_SECONDS = 1.0


def is_dask(executor: Executor) -> bool:
    """Whether an executor is one of Dask; nothing is imported for it."""
    module = sys.modules.get("distributed.cfexecutor")
    return module is not None and isinstance(executor, module.ClientExecutor)


def is_closed(executor: Executor) -> bool:
    """Whether an executor of Dask has lost its scheduler for good."""
    return is_dask(executor) and executor._client.status == "closed"  # type: ignore[attr-defined]


def connect(address: str) -> Executor:
    """Return an executor on the cluster of a scheduler.

    Raises
    ------
    DefinitionError
        When Dask is not installed.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise DefinitionError("'dask:' needs the package distributed; install it") from error
    client: Any = Client
    executor: Executor = client(address, set_as_default=False).get_executor()
    return executor


def is_loss(error: Exception) -> bool:
    """Whether an error of Dask says that the worker of a job has died."""
    module: Any = sys.modules.get("distributed")
    return module is not None and isinstance(error, module.KilledWorker)


# --- in the worker --------------------------------------------------------------------------------


@dataclass(slots=True)
class _Word:
    """What a worker was told about a job."""

    came: threading.Event = field(default_factory=threading.Event)
    run: bool = False
    stop: bool = False


_words: dict[str, _Word] = {}


def _hear(run: str, word: str) -> None:
    """Take in a word about a job; runs in the worker."""
    heard = _words.get(run)
    if heard is not None:
        setattr(heard, word, True)
        heard.came.set()


@dataclass(frozen=True, slots=True)
class DaskLine:
    """The line of one job."""

    topic: str
    run: str

    @contextmanager
    def begin(self) -> Iterator[Progress]:
        """Give the job's progress, once the process that waits has allowed it to begin."""
        from distributed import get_worker

        worker = get_worker()
        word = _words[self.run] = _Word()

        def tell(message: dict[str, Any]) -> None:
            worker.log_event(self.topic, {"run": self.run, **message})

        try:
            tell({"begins": worker.address})
            word.came.wait(ANSWER_SECONDS)
            if not word.run:
                raise WorkerLost
            yield Progress(
                lambda step: tell({"step": [step.done, step.total, step.message]}),
                lambda: word.stop,
            )
        finally:
            del _words[self.run]

    def end(self) -> None:
        """Listen to the job no more."""
        for desk in list(_desks.values()):
            desk.runs.pop(self.run, None)


# --- in the process that waits --------------------------------------------------------------------


@dataclass(slots=True)
class _Run:
    progress: Progress
    lost: Callable[[], object]
    worker: str = ""


def open_line(executor: Any, progress: Progress, lost: Callable[[], object]) -> DaskLine:
    """Return a line to the worker of a job.

    Parameters
    ----------
    executor : distributed.cfexecutor.ClientExecutor
        Where the job is submitted.
    progress : Progress
        Told the job's steps.
    lost : callable
        Called when the job's worker is gone.
    """
    client = executor._client
    desk = _desks.get(id(client))
    if desk is None:
        desk = _desks[id(client)] = _Desk(client)
    run = secrets.token_hex(8)
    desk.runs[run] = _Run(progress, lost)
    return DaskLine(desk.topic, run)


class _Desk:
    """Hears what the workers say about the jobs of one client, and answers them."""

    def __init__(self, client: Any) -> None:
        self.topic = f"notebook-actions-{secrets.token_hex(8)}"
        self.runs: dict[str, _Run] = {}
        self._client = client
        self._watching = False
        client.subscribe_topic(self.topic, self._heard)

    def _heard(self, event: tuple[float, dict[str, Any]]) -> None:
        message = event[1]
        run = self.runs.get(message["run"])
        if "step" in message:
            if run is not None:
                run.progress.tell(Step(*message["step"]))
        elif run is None or run.worker:
            # Nobody waits, or it has begun before; the worker then answers that it is lost.
            self._say(message["begins"], message["run"], "stop")
        else:
            run.worker = message["begins"]
            self._say(run.worker, message["run"], "run")
            stop = functools.partial(self._say, run.worker, message["run"], "stop")
            run.progress.on_cancel(stop)
            if not self._watching:
                self._watching = True
                self._client.loop.add_callback(self._watch)

    def _say(self, worker: str, run: str, word: str) -> None:
        async def say() -> None:
            try:
                await self._client.run(_hear, run, word, workers=[worker], on_error="ignore")
            except Exception as error:  # the watch finds out
                log.debug("worker %s was not reached: %s", worker, error)

        self._client.loop.add_callback(say)

    async def _watch(self) -> None:
        """Find the jobs whose worker is gone, when Dask has no other to start them on."""
        while begun := [run for run in self.runs.values() if run.worker]:
            try:
                present = await self._client.nthreads(workers=[run.worker for run in begun])
            except Exception as error:
                log.warning("the scheduler of Dask cannot be reached: %s", error)
                present = {}
            for run in begun:
                if not present.get(run.worker):
                    run.lost()
            await asyncio.sleep(WATCH_SECONDS)
        self._watching = False


#: By the client's identity. A client holds its desk, as the hearer of a topic, which holds it.
_desks: WeakValueDictionary[int, _Desk] = WeakValueDictionary()
