"""Runs: submissions that may take longer than the request that brought them.

A run is a task of the process that took it in. When it takes longer than people wait for, or has a
row in a list, it has a record in the store as well, by which every process of the app can show it
and cancel it; the record tells that its process lives. Whoever knows its token may do both.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from typing import Any

from ..action import report_bug
from ..concurrency import Lane, Turn
from ..errors import Cancelled, Dropped
from ..messages import say
from ..progress import Progress, Step
from ..request import Request
from ..results import Failure, Outcome
from .records import Record, is_token, lost
from .store import Store
from .submission import Settled, Submission

__all__ = ["RUN_HEADER", "Run", "Runs"]

log = logging.getLogger("notebook_actions")

#: Seconds between two looks of a run at its record, and of another process at it.
BEAT = 0.5
#: Seconds without such a look after which the process of a run is taken for dead.
STALE = 10.0
#: Seconds for which a record is kept.
RECORD_SECONDS = 3600

#: Header in which the page's script says what it calls a submission.
RUN_HEADER = "Notebook-Actions-Run"


class Run:
    """A submission that this process carries out.

    Parameters
    ----------
    token : str
        What it is known by.
    submission : Submission
        What is to be done.
    turn : Turn or None
        Its place among the others of its form.
    refused : Outcome, optional
        What it ends in without being carried out.
    """

    def __init__(
        self, token: str, submission: Submission, turn: Turn | None, refused: Outcome | None
    ) -> None:
        self.token = token
        self.submission = submission
        self.started = time.time()
        #: Whether a record of it is kept.
        self.recorded = False
        #: Whether the action has ended or was cancelled; what came of it is being settled then.
        self.over = False
        self.settled: Settled | None = None
        #: Set once what came of it is known.
        self.ended = asyncio.Event()
        self._turn = turn
        self._refused = refused
        self._step: Step | None = None
        self._version = 0
        self._changed = asyncio.Event()
        self._cancelled: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    @property
    def record(self) -> Record:
        """What is told about it."""
        sent = self.submission
        return Record(
            page=sent.renderer.page.path,
            form=sent.form_id,
            query=list(sent.address.query),
            input=[(name, str(value)) for name, value in sent.open_input.pairs()],
            secrets=sent.secret_names,
            version=self._version,
            seen=time.time(),
            waits=self._turn is not None and self._turn.waits,
            step=self._step,
            settled=self.settled,
        )

    def cancel(self, text: str = "") -> None:
        """Stop it; what its action still returns is dropped."""
        if not self._cancelled.done():
            self._cancelled.set_result(text)

    async def ends_within(self, seconds: float) -> bool:
        """Wait for its end; False when it takes longer."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.ended.wait()
        return self.ended.is_set()

    async def carry_out(self, write: Callable[[str, Record], Awaitable[None]]) -> None:
        """Wait for its turn, run the action, and settle what came of it.

        Parameters
        ----------
        write : callable
            Writes down how it ended, before anybody is told, if a record is kept.
        """
        work = asyncio.create_task(self._work())
        try:
            either: list[asyncio.Future[Any]] = [work, self._cancelled]
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                work.cancel()
                text = self._cancelled.result()
                outcome: Outcome = Failure(Cancelled(text) if text else Cancelled())
            elif work.cancelled():
                outcome = Failure(Cancelled())
            elif (error := work.exception()) is not None:
                # A bug of ours, or what no action should raise, must not leave it pending for ever.
                outcome = report_bug(self.submission.form.action.name, error)
            else:
                outcome = work.result()
            self.over = True
            settled = await self.submission.settle(outcome)
            if self.recorded:
                await write(self.token, replace(self.record, step=None, settled=settled))
            self._step, self.settled = None, settled
            self._change()
            self.ended.set()
            # One that does not heed the cancellation has its files as long as it runs.
            await asyncio.wait([work])
        finally:
            if self._turn is not None:
                self._turn.leave()
            self.submission.close()

    async def _work(self) -> Outcome:
        if self._refused is not None:
            return self._refused
        assert self._turn is not None  # noqa: S101 - only what is refused has none
        loop = asyncio.get_running_loop()

        def report(step: Step) -> None:
            loop.call_soon_threadsafe(self._report, step)

        async with self._turn:
            self._change()
            return await self.submission.run(Progress(report))

    def _report(self, step: Step) -> None:
        if not self.over:
            self._step = step
            self._change()

    def _change(self) -> None:
        self._version += 1
        self._changed.set()
        self._changed = asyncio.Event()

    async def changed(self, version: int, seconds: float) -> None:
        """Wait until it is not as it was at that version."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._version == version:
                    await self._changed.wait()


class Runs:
    """The runs of an app, as this process sees them.

    Parameters
    ----------
    store : Store
        Where their records are.
    in_flight : set
        Has each run of this process until its end is written down.
    """

    def __init__(self, store: Store, in_flight: set[Any]) -> None:
        self._store = store
        self._in_flight = in_flight
        self._here: dict[str, Run] = {}
        self._lanes: dict[tuple[str, str, str], Lane] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, submission: Submission, token: str = "", refused: Outcome | None = None) -> Run:
        """Carry out a submission.

        Parameters
        ----------
        submission : Submission
            What was submitted.
        token : str
            What the client calls it; ignored when it is taken or could be guessed.
        refused : Outcome, optional
            What it ends in without being carried out.
        """
        if not is_token(token) or token in self._here:
            token = secrets.token_urlsafe(24)
        turn = None
        key = (submission.renderer.page.path, submission.form.action.name, _client(submission))
        if refused is None:
            lane = self._lanes.setdefault(key, Lane(submission.form.action.concurrency))
            try:
                turn = lane.enter()
            except Dropped as dropped:
                refused = Failure(dropped)
        run = Run(token, submission, turn, refused)
        self._here[token] = run
        self._in_flight.add(run)
        run.recorded = submission.form.action.shows_each
        self._spawn(self._carry_out(run, key))
        return run

    def _spawn(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _carry_out(self, run: Run, key: tuple[str, str, str]) -> None:
        try:
            await run.carry_out(self._write)
        except Exception:
            log.exception("a submission of %s was lost", run.submission.form.action.name)
        finally:
            run.ended.set()
            self._here.pop(run.token, None)
            self._in_flight.discard(run)
            if key in self._lanes and not self._lanes[key].busy:
                del self._lanes[key]

    async def publish(self, run: Run) -> None:
        """Let every process know of a run that takes longer, before anybody is told of it."""
        unknown = not run.recorded
        if unknown:
            if await self._store.get(_key(run.token)) is not None:
                # The client has used this token before.
                here = self._here.pop(run.token, None)
                run.token = secrets.token_urlsafe(24)
                if here is not None:
                    self._here[run.token] = run
            run.recorded = True
        # How it ended may be written down already, by the run itself.
        if unknown or not run.over:
            await self._write(run.token, run.record)
        self._spawn(self._look_after(run))

    async def _look_after(self, run: Run) -> None:
        while not run.over:
            told = await self._take(_cancel_key(run.token))
            # One that was meant for an earlier try with the same token is too old.
            if told is not None and float(told) >= run.started:
                run.cancel()
            await run.ends_within(BEAT)
            if not run.over:
                await self._write(run.token, run.record)

    async def _write(self, token: str, record: Record) -> None:
        try:
            if record.settled is not None:
                await self._store.put(_new_key(token), b"1", RECORD_SECONDS)
            await self._store.put(_key(token), record.dumps(), RECORD_SECONDS)
        except Exception:
            # The run itself goes on.
            log.exception("a run could not be written down")

    async def _take(self, key: str) -> bytes | None:
        try:
            return await self._store.take(key)
        except Exception:
            log.exception("a run could not be looked up")
            return None

    # --- of whichever process -------------------------------------------------------------------

    async def find(self, token: str) -> Record | None:
        """Return what is known of a run; None where there is none.

        One whose process has died has ended: nobody knows how.
        """
        run = self._here.get(token)
        if run is not None:
            return run.record
        kept = await self._store.get(_key(token)) if is_token(token) else None
        return None if kept is None else _read(kept)

    async def find_all(self, tokens: Iterable[str]) -> dict[str, Record]:
        """Return what is known of each of these runs; the store is asked once for all of them."""
        wanted = list(tokens)
        found = {token: self._here[token].record for token in wanted if token in self._here}
        keys = {_key(token): token for token in wanted if token not in found}
        kept = await self._store.get_all(keys) if keys else {}
        return found | {keys[key]: _read(value) for key, value in kept.items()}

    async def follow(
        self, token: str, version: int, seconds: float, least: float = 0.0
    ) -> Record | None:
        """Return what is known of a run once it is not as it was at that version.

        Parameters
        ----------
        token : str
            The run.
        version : int
            What is known already.
        seconds : float
            After which what is known is returned in any case.
        least : float
            Before which nothing but the end of the run is told.
        """
        started = time.monotonic()
        while True:
            record = await self.find(token)
            changed = record is not None and record.version != version
            left = (least if changed else max(seconds, least)) - (time.monotonic() - started)
            if record is None or record.settled is not None or left <= 0:
                return record
            run = self._here.get(token)
            if run is None:
                await asyncio.sleep(min(BEAT, left))
            elif changed:
                await run.ends_within(left)
            else:
                await run.changed(version, left)

    async def cancel(self, token: str) -> None:
        """Stop a run, wherever it is carried out."""
        run = self._here.get(token)
        if run is not None:
            run.cancel()
        elif is_token(token):
            await self._store.put(_cancel_key(token), str(time.time()).encode(), RECORD_SECONDS)

    async def first(self, token: str) -> bool:
        """Whether this is the first time that the end of a run is shown."""
        return await self._take(_new_key(token)) is not None

    async def take(self, token: str) -> Record | None:
        """Return the record of a run that has ended, and forget it: for one of all who ask."""
        if token in self._here or not is_token(token):
            return None
        record = await self.find(token)
        if record is None or record.settled is None:
            return None
        return record if await self._store.take(_key(token)) is not None else None

    async def stop(self) -> int:
        """Cancel all that run here, because the server stops; return how many they were."""
        runs = list(self._here.values())
        for run in runs:
            run.cancel(say("stopped"))
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=2)
        return len(runs)


def _read(kept: bytes) -> Record:
    """Return a record as the store has it; one that nobody looks after any more has ended."""
    record = Record.loads(kept)
    if record.settled is None and time.time() - record.seen > STALE:
        return replace(record, settled=lost(record.form), step=None)
    return record


def _key(token: str) -> str:
    return f"run:{token}"


def _cancel_key(token: str) -> str:
    return f"cancel:{token}"


def _new_key(token: str) -> str:
    return f"new:{token}"


def _client(submission: Submission) -> str:
    """Return who submits, as far as that is known."""
    request: Request = submission.request
    if request.session:
        return repr(sorted(request.session.items(), key=str))
    return f"{request.remote_ip} {request.headers.get('User-Agent', '')}"
