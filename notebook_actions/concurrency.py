"""Concurrency: what becomes of a submission that comes while others of its form run.

============  =====================================================================================
policy        a submission while others run
============  =====================================================================================
``latest``    runs at once and takes over the form; what the older ones return is not shown
``parallel``  runs at once beside them, and each is shown
``queue``     waits until they have ended, and each is shown
``drop``      is refused
============  =====================================================================================

It is decided where actions run, so that it holds for two views, two tabs and without JavaScript.
"""

from __future__ import annotations

import asyncio
from collections import deque
from types import TracebackType
from typing import Literal, TypeAlias

from .errors import Dropped

__all__ = ["Concurrency", "Lane", "Turn", "lists"]

Concurrency: TypeAlias = Literal["latest", "parallel", "queue", "drop"]


def lists(concurrency: Concurrency) -> bool:
    """Whether each submission is shown under this policy, and not only the newest."""
    return concurrency in ("parallel", "queue")


class Lane:
    """Lets the submissions of one form through, as the policy of its action says.

    Parameters
    ----------
    concurrency : {"latest", "parallel", "queue", "drop"}
        The policy.

    Examples
    --------
    >>> lane = Lane("drop")
    >>> turn = lane.enter()
    >>> lane.enter()
    Traceback (most recent call last):
    notebook_actions.errors.Dropped: The last one is still running; this one was not sent.
    >>> turn.leave()
    >>> lane.busy
    False
    """

    def __init__(self, concurrency: Concurrency) -> None:
        self.concurrency = concurrency
        self._turns: deque[Turn] = deque()

    @property
    def busy(self) -> bool:
        """Whether a submission is in here."""
        return bool(self._turns)

    def enter(self) -> Turn:
        """Let a submission in; whoever enters must leave.

        Returns
        -------
        Turn
            A context within which the submission may run. Leaving more than once does no harm.

        Raises
        ------
        Dropped
            When another one is in here and the policy is "drop".
        """
        if self.concurrency == "drop" and self._turns:
            raise Dropped
        turn = Turn(self)
        self._turns.append(turn)
        self._advance()
        return turn

    def _advance(self) -> None:
        first = 1 if self.concurrency == "queue" else len(self._turns)
        for turn in list(self._turns)[:first]:
            turn._come.set()

    def _leave(self, turn: Turn) -> None:
        if turn in self._turns:
            self._turns.remove(turn)
            self._advance()


class Turn:
    """A submission's place in a :class:`Lane`: entering this context waits until it may run."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane
        self._come = asyncio.Event()

    @property
    def waits(self) -> bool:
        """Whether others have to end first."""
        return not self._come.is_set()

    def leave(self) -> None:
        """Give up the place, so that the next one may run."""
        self._lane._leave(self)

    async def __aenter__(self) -> None:
        await self._come.wait()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.leave()
