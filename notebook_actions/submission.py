"""The state machine of a form: which events lead from which state to which.

========================  =======  =============  ============  =====================
event                     pending  input          result        error
========================  =======  =============  ============  =====================
submit                    True     the form data  None          None
value returned            False    kept           the value     None
redirect returned         False    None           the Redirect  None
failure                   False    kept           None          the error
unexpected exception      False    kept           None          the error
cancel                    False    kept           None          a Cancelled error
clear                     False    None           None          None
retry                     as submit, with the kept input; without one: an error
========================  =======  =============  ============  =====================

States are values: an event makes a new one, so nobody can ever see half of a transition. The
widget mirrors a state in its traits, the server renders one into a page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .errors import Cancelled, NothingToRetry
from .formdata import FormData
from .results import Failure, Outcome, Redirect, error_of, result_of

__all__ = ["State"]


@dataclass(frozen=True, slots=True)
class State:
    """Where a form stands.

    Attributes
    ----------
    run : int
        Number of the newest submission; 0 before the first one. It tells two equal states apart,
        and an answer to an older submission from one to the newest.
    pending : bool
        Whether that submission runs.
    input : FormData or None
        What was submitted, kept for a retry.
    outcome : Success, Redirect, Failure, Bug or None
        What the submission ended in; None while it runs and when there is nothing to show.
    """

    run: int = 0
    pending: bool = False
    input: FormData | None = None
    outcome: Outcome | None = None

    @property
    def result(self) -> Any:
        """The value that the action returned, or the Redirect; else None."""
        return result_of(self.outcome)

    @property
    def error(self) -> BaseException | None:
        """The exception that the submission ended in, expected or not; else None."""
        return error_of(self.outcome)

    def submit(self, form: FormData) -> State:
        """Let a new submission take over."""
        return State(self.run + 1, pending=True, input=form)

    def settle(self, run: int, outcome: Outcome) -> State:
        """End submission number ``run``; one that was superseded changes nothing."""
        if run != self.run or not self.pending:
            return self
        kept = None if isinstance(outcome, Redirect) else self.input
        return State(self.run, input=kept, outcome=outcome)

    def cancel(self) -> State:
        """Stop waiting for the submission that runs; without one nothing changes."""
        return self.settle(self.run, Failure(Cancelled()))

    def clear(self) -> State:
        """Forget the submission, cancelled or ended, with its input."""
        return State(self.run)

    def retry(self) -> State:
        """Submit the kept input again.

        Raises
        ------
        NothingToRetry
            When no input is kept.
        """
        if self.input is None:
            raise NothingToRetry
        return self.submit(self.input)
