"""The submissions of a form: which run, wait and are listed, and which one the form follows."""

from __future__ import annotations

import asyncio
import contextvars
from collections import deque
from collections.abc import Awaitable, Callable

from ..action import report_bug
from ..concurrency import Concurrency, Lane, Turn, lists
from ..errors import Cancelled, Dropped
from ..results import Failure, Outcome
from ..submission import State
from .submission import Submission

__all__ = ["Submissions"]


class Submissions:
    """The submissions of one form. Everything in here happens on the owner loop.

    Parameters
    ----------
    name : str
        The action's name, for the log.
    concurrency : {"latest", "parallel", "queue", "drop"}
        The policy.
    work : callable
        Carries out a submission, and returns its outcome.
    done : callable
        Awaited with each outcome, those that are not shown too.
    changed : callable
        Called after each change, with no half of one to be seen.

    Attributes
    ----------
    state : State
        Where the form stands: it follows the newest submission.
    newest : Submission or None
        The newest one; None before the first and when it was cleared.
    listed : list of Submission
        The newest one, or all of them where the policy shows each.
    settled : collection of str
        Keys of the last ones that nobody waits for any more: they have ended, or were superseded.
    dropped : collection of str
        Those of them that the policy has dropped.
    running : mapping of Submission to asyncio.Task
        Those whose task has not ended, superseded ones too.
    """

    def __init__(
        self,
        name: str,
        concurrency: Concurrency,
        work: Callable[[Submission], Awaitable[Outcome]],
        done: Callable[[Outcome], Awaitable[None]],
        changed: Callable[[], None],
    ) -> None:
        self.state = State()
        self.newest: Submission | None = None
        self.listed: list[Submission] = []
        self.settled: deque[str] = deque(maxlen=100)
        self.dropped: deque[str] = deque(maxlen=100)
        self.running: dict[Submission, asyncio.Task[None]] = {}
        self._name = name
        self._lane = Lane(concurrency)
        self._work = work
        self._done = done
        self._changed = changed

    @property
    def shows_each(self) -> bool:
        """Whether each submission is shown, and not only the newest."""
        return lists(self._lane.concurrency)

    def find(self, key: str) -> Submission | None:
        """Return the listed submission that a browser calls so."""
        return next((one for one in self.listed if one.key == key), None)

    def start(
        self,
        submission: Submission,
        context: contextvars.Context,
        instead: Submission | None = None,
    ) -> None:
        """Let a submission begin, or wait for its turn; one that the policy drops ends at once.

        Parameters
        ----------
        submission : Submission
            A new one.
        context : contextvars.Context
            What it runs in.
        instead : Submission, optional
            The one whose place it takes in the list.
        """
        try:
            turn = self._lane.enter()
        except Dropped as dropped:
            self._end(submission, Failure(dropped))
            self.dropped.append(submission.key)
            self._changed()
            return
        submission.turn = turn
        if not self.shows_each:
            self.settled += [one.key for one in self.listed]
            self.listed = [submission]
        elif instead in self.listed:
            self.listed[self.listed.index(instead)] = submission
        else:
            self.listed.append(submission)
        self.newest = submission
        self.state = self.state.submit(submission.input)
        run = self._run(submission, turn, self.state.run)
        task = asyncio.get_running_loop().create_task(run, context=context)
        self.running[submission] = task

        def ended(_: object) -> None:
            # Also where it was cancelled before its turn, or before it began.
            turn.leave()
            self.running.pop(submission, None)

        task.add_done_callback(ended)
        self._changed()

    async def _run(self, submission: Submission, turn: Turn, run: int) -> None:
        try:
            waited = turn.waits
            async with turn:
                if waited:
                    submission.version += 1
                    self._changed()
                outcome = await self._work(submission)
        except asyncio.CancelledError:
            outcome = Failure(Cancelled())
        except BaseException as error:  # a bug of ours must not leave the form pending for ever
            outcome = report_bug(self._name, error)
        if self._end(submission, outcome) and submission in self.listed:
            self.state = self.state.settle(run, outcome)
            self._changed()
        await self._done(outcome)

    def _end(self, submission: Submission, outcome: Outcome) -> bool:
        """Note an outcome; False where there was one already."""
        if not submission.end(outcome):
            return False
        self.settled.append(submission.key)
        return True

    def stop(self, submission: Submission) -> None:
        """Cancel a submission; nothing happens when it has ended."""
        task = self.running.get(submission)
        if task is None or not submission.pending:
            return
        task.cancel()
        outcome: Outcome = Failure(Cancelled())
        if submission is self.newest:
            self.state = self.state.settle(self.state.run, outcome)
        self._end(submission, outcome)
        if submission in self.listed:
            self._changed()

    def stop_all(self) -> None:
        """Cancel all that are listed."""
        for submission in self.listed:
            self.stop(submission)

    def remove(self, submission: Submission) -> None:
        """Cancel a submission where it runs, and take it off the list."""
        self._abandon(submission)
        if submission not in self.listed:
            return
        self.listed.remove(submission)
        if submission is self.newest:
            self.newest = None
            self.state = self.state.clear()
        self._changed()

    def clear(self) -> None:
        """Cancel all, superseded ones too, and forget them."""
        for submission in list(self.running):
            self._abandon(submission)
        self.listed = []
        self.newest = None
        self.state = self.state.clear()
        self._changed()

    def _abandon(self, submission: Submission) -> None:
        task = self.running.get(submission)
        # One that has ended may still be refreshing the page.
        if self._end(submission, Failure(Cancelled())) and task is not None:
            task.cancel()
