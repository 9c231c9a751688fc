"""One dispatch of an action, which can be awaited, watched or cancelled."""

from __future__ import annotations

import asyncio
import concurrent.futures
from collections.abc import Callable, Generator
from typing import Any, assert_never

from ..formdata import FormData
from ..results import Bug, Failure, Outcome, Redirect, Success, error_of, result_of

__all__ = ["Submission"]


class Submission:
    """One dispatch of an action. Made by ``ActionForm.submit``; awaiting it gives the result.

    It can be awaited on any loop, any number of times or never: an error that nobody awaits stands
    in the form's ``error`` and in the log, and nowhere else.

    Attributes
    ----------
    input : FormData
        What was submitted.
    """

    def __init__(self, data: FormData, cancel: Callable[[Submission], None]) -> None:
        self.input = data
        self._cancel = cancel
        self._ended: concurrent.futures.Future[Outcome] = concurrent.futures.Future()

    @property
    def pending(self) -> bool:
        """Whether it still runs."""
        return not self._ended.done()

    @property
    def outcome(self) -> Outcome | None:
        """What it ended in; None while it runs."""
        return self._ended.result() if self._ended.done() else None

    @property
    def result(self) -> Any:
        """What the action returned; None while it runs and when it failed."""
        return result_of(self.outcome)

    @property
    def error(self) -> BaseException | None:
        """The exception that it ended in; else None."""
        return error_of(self.outcome)

    def cancel(self) -> None:
        """Stop it; nothing happens when it has ended."""
        self._cancel(self)

    def end(self, outcome: Outcome) -> bool:
        """Note the outcome; False when there was one already, which stands."""
        if self._ended.done():
            return False
        self._ended.set_result(outcome)
        return True

    def __await__(self) -> Generator[Any, None, Any]:
        """Return the result, or raise what the action raised."""
        # Shielded: who awaits may be cancelled without the submission noticing.
        outcome = yield from asyncio.shield(asyncio.wrap_future(self._ended)).__await__()
        match outcome:
            case Success(value):
                return value
            case Redirect():
                return outcome
            case Failure(error):
                raise error
            case Bug(error):
                raise error
            case _:
                assert_never(outcome)

    def __repr__(self) -> str:
        return f"<Submission {'pending' if self.pending else type(self.outcome).__name__}>"
