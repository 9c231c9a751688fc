"""One dispatch of an action, which can be awaited, watched or cancelled."""

from __future__ import annotations

import asyncio
import concurrent.futures
import secrets
from collections.abc import Generator
from typing import TYPE_CHECKING, Any, assert_never

from ..concurrency import Turn
from ..errors import FormError
from ..formdata import FormData
from ..listing import Listed
from ..output import Tail
from ..progress import Step
from ..results import Bug, Failure, Outcome, Redirect, Success, error_of, result_of
from ..submission import State

if TYPE_CHECKING:
    from .form import ActionForm

__all__ = ["Submission"]


class Submission:
    """One dispatch of an action. Made by ``ActionForm.submit``; awaiting it gives the result.

    It can be awaited on any loop, any number of times or never: an error that nobody awaits stands
    in the form's ``error`` and in the log, and nowhere else.

    Attributes
    ----------
    input : FormData
        What was submitted.
    key : str
        What a browser calls it.
    progress : Step or None
        How far it has come, when its action tells.
    version : int
        Grows with every change.
    """

    def __init__(
        self,
        form: ActionForm,
        data: FormData,
        key: str | None = None,
        refused: FormError | None = None,
    ) -> None:
        self.input = data
        self.key = key or secrets.token_hex(8)
        self.progress: Step | None = None
        self._printed = Tail()
        self.version = 0
        #: Why it is not even begun; set by the form.
        self.refused = refused
        #: Its place among the others of its form; set by the form.
        self.turn: Turn | None = None
        self._form = form
        self._ended: concurrent.futures.Future[Outcome] = concurrent.futures.Future()

    @property
    def printed(self) -> str:
        """The end of what its action has printed."""
        return str(self._printed)

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

    @property
    def listed(self) -> Listed:
        """How it stands in the list of its form."""
        state = State(1, self.pending, self.input, self.outcome)
        return Listed(self.key, state, self.progress, self.turn is not None and self.turn.waits)

    def cancel(self) -> None:
        """Stop it; nothing happens when it has ended."""
        self._form.stop(self)

    def retry(self) -> Submission:
        """Submit its input again, in its place.

        Returns
        -------
        Submission
            The new one; this one itself while it still runs, so that nothing is done twice.
        """
        return self if self.pending else self._form.submit_again(self)

    def clear(self) -> None:
        """Cancel it where it runs, and take it off the list of its form."""
        self._form.remove(self)

    def note(self, text: str) -> bool:
        """Keep what its action prints; some of it comes when it has just ended."""
        self._printed.add(text)
        return True

    def report(self, step: Step) -> bool:
        """Note how far it has come; False when that comes too late."""
        if not self.pending:
            return False
        self.progress = step
        self.version += 1
        return True

    def end(self, outcome: Outcome) -> bool:
        """Note the outcome; False when there was one already, which stands."""
        if self._ended.done():
            return False
        self._ended.set_result(outcome)
        self.progress = None
        self.version += 1
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
