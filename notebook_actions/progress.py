"""Progress: how far an action has come, told by the action itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .messages import say

__all__ = ["Progress", "Step"]


@dataclass(frozen=True, slots=True)
class Step:
    """How far an action has come.

    Attributes
    ----------
    done : float
        How much is done, in units of the action's own.
    total : float or None
        How much there is to do; None when that is not known.
    message : str
        What is being done.
    """

    done: float
    total: float | None = None
    message: str = ""

    def __str__(self) -> str:
        far = f"{self.done:g}"
        if self.total is not None:
            far = say("step", done=far, total=f"{self.total:g}")
        return f"{far}: {self.message}" if self.message else far


class Progress:
    """What an action that takes ``progress: Progress`` calls to say how far it has come.

    It may be called from any thread, as often as one likes; the view is told ten times a second at
    the most.

    Parameters
    ----------
    report : callable, optional
        Gets each :class:`Step`; without it nobody is told.

    Examples
    --------
    >>> seen = []
    >>> progress = Progress(seen.append)
    >>> progress(3, 10, "letters")
    >>> str(seen[0])
    '3 of 10: letters'
    """

    def __init__(self, report: Callable[[Step], None] | None = None) -> None:
        self._report = report

    def __call__(self, done: float, total: float | None = None, message: str = "") -> None:
        """Say how far the action has come.

        Parameters
        ----------
        done : float
            How much is done.
        total : float, optional
            How much there is to do.
        message : str
            What is being done.
        """
        if self._report is not None:
            self._report(Step(done, total, message))
