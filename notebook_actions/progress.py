"""Progress: how far an action has come, told by the action itself."""

from __future__ import annotations

import contextlib
import math
import reprlib
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sized
from dataclasses import dataclass
from typing import Any, TypeVar

from .errors import Cancelled
from .messages import say

__all__ = ["Progress", "Step"]

T = TypeVar("T")

#: Seconds between two steps that are told.
STEP_SECONDS = 0.1
#: Characters of a message that are told.
MAX_MESSAGE = 500


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
        far = _digits(self.done)
        if self.total is not None:
            far = say("step", done=far, total=_digits(self.total))
        return f"{far}: {self.message}" if self.message else far

    @property
    def part(self) -> tuple[float, float] | None:
        """What a bar shows, done and total, within its bounds; None where there is no telling."""
        if self.total is None or self.total <= 0:
            return None
        return min(max(self.done, 0), self.total), self.total

    @classmethod
    def of(cls, done: Any, total: Any, message: Any) -> Step:
        """Return the step that an author tells: numbers of any library, a message of any length.

        Raises
        ------
        TypeError
            When what should be a number is none; says which.
        """
        done, total = _number("done", done), None if total is None else _number("total", total)
        text = "" if message is None else str(message).encode(errors="backslashreplace").decode()
        if len(text) > MAX_MESSAGE:
            text = f"{text[: MAX_MESSAGE - 1]}…"
        finite = total is not None and math.isfinite(total)
        return cls(done if math.isfinite(done) else 0, total if finite else None, text)


def _number(name: str, value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        shown = reprlib.repr(value)
        raise TypeError(f"progress: {name} is {shown}, which is no number to count with") from None
    return value if type(value) is int else number


def _digits(number: float) -> str:
    """Return a number as a person reads it: of a large one the thousands, of a small its parts."""
    size = abs(number)
    if size >= 1e15:
        return f"{number:.4g}"
    return f"{number:,.0f}" if size >= 1e6 or number == int(number) else f"{number:,.6g}"


class Progress:
    """What an action that takes ``progress: Progress`` calls to say how far it has come.

    It may be called from any thread, as often as one likes: ten steps a second are told at the
    most, and the last one always. A function that runs in a thread or in another process cannot be
    stopped from outside; it stops at its next call of this once nobody waits for it any more.

    Parameters
    ----------
    report : callable, optional
        Gets each :class:`Step`; without it nobody is told.
    asked : callable, optional
        Returns whether the action is asked to stop, where that is known elsewhere.

    Examples
    --------
    >>> seen = []
    >>> progress = Progress(seen.append)
    >>> progress(3, 10, "letters")
    >>> str(seen[0])
    '3 of 10: letters'
    """

    def __init__(
        self,
        report: Callable[[Step], None] | None = None,
        asked: Callable[[], bool] | None = None,
    ) -> None:
        self._report = report
        self._asked = asked
        self._stop = threading.Event()
        self._on_cancel: list[Callable[[], None]] = []
        #: The newest step, told or held back; None before the first and where nobody is told.
        self.newest: Step | None = None
        self._lock = threading.RLock()
        self._free = 0.0
        self._held: Step | None = None
        self._timer: threading.Timer | None = None

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

        Raises
        ------
        Cancelled
            When the submission was cancelled, or has passed its time limit.
        TypeError
            When what should be a number is none.
        """
        self._check()
        self.tell(Step.of(done, total, message))

    def track(
        self, iterable: Iterable[T], total: float | None = None, message: str = ""
    ) -> Iterator[T]:
        """Yield the items, and say after each how many are done.

        Parameters
        ----------
        iterable : iterable
            The items.
        total : float, optional
            How many there are; by default as many as ``len()`` says, where it says so.
        message : str
            What is being done.

        Yields
        ------
        object
            Each item.

        Raises
        ------
        Cancelled
            In place of the next item, when the submission was cancelled.

        Examples
        --------
        >>> [letter for letter in Progress().track("abc")]
        ['a', 'b', 'c']
        """
        if total is None and isinstance(iterable, Sized):
            total = len(iterable)
        self(0, total, message)
        for done, item in enumerate(iterable, 1):
            yield item
            self(done, total, message)

    def tqdm(self, iterable: Iterable[Any] | None = None, **options: Any) -> Any:
        """Return a bar of tqdm, with all that it can do, that is shown as this progress.

        Parameters
        ----------
        iterable : iterable, optional
            What the bar iterates over.
        **options
            As for ``tqdm.tqdm``: ``total``, ``desc`` and so on.

        Raises
        ------
        ImportError
            When tqdm is not installed.
        """
        return _bar(self)(iterable, file=_Nowhere(), **options)

    @property
    def cancelled(self) -> bool:
        """Whether the action is asked to stop: its result is not waited for any more."""
        if not self._stop.is_set() and self._asked is not None and self._asked():
            self._stop.set()
        return self._stop.is_set()

    def cancel(self) -> None:
        """Ask the action to stop; called by whoever runs it."""
        with self._lock:
            told, self._on_cancel = self._on_cancel, []
            self._stop.set()
        for tell in told:
            tell()

    def on_cancel(self, tell: Callable[[], None]) -> None:
        """Have ``tell`` called once the action is asked to stop; at once when it is already."""
        with self._lock:
            if not self._stop.is_set():
                self._on_cancel.append(tell)
                return
        tell()

    def flush(self) -> None:
        """Tell the step that is held back, if there is one; called when the action has ended."""
        with self._lock:
            timer, self._timer = self._timer, None
            if timer is not None:
                timer.cancel()
            step, self._held = self._held, None
            if step is not None and self._report is not None:
                self._free = time.monotonic() + STEP_SECONDS
                self._report(step)

    def _check(self) -> None:
        if self.cancelled:
            raise Cancelled

    def tell(self, step: Step) -> None:
        """Pass a step on, also of an action that is asked to stop."""
        if self._report is None:
            return
        with self._lock:
            self._held = self.newest = step
            wait = self._free - time.monotonic()
            if wait <= 0:
                self.flush()
            elif self._timer is None:
                # A step may be followed by a long silence, so it is not left for the next call.
                timer = threading.Timer(wait, self.flush)
                timer.daemon = True
                # Where there are no threads, such as in a browser, it is.
                with contextlib.suppress(RuntimeError):
                    timer.start()
                    self._timer = timer


class _Nowhere:
    """A file for tqdm to write to that nobody reads."""

    def write(self, text: str) -> None:
        pass

    def flush(self) -> None:
        pass


def _bar(progress: Progress) -> Any:
    """Return tqdm's class with the progress in place of a line in the terminal."""
    from tqdm.std import tqdm

    class Bar(tqdm):  # type: ignore[misc]
        def display(self, *_: Any, **__: Any) -> bool:
            # tqdm calls it while it closes too, where an exception would hide another.
            progress.tell(Step.of(self.n, self.total, self.desc.removesuffix(": ")))
            return True

        def update(self, n: float | None = 1) -> Any:
            progress._check()
            return super().update(n)

        def __iter__(self) -> Iterator[Any]:
            for item in super().__iter__():
                progress._check()
                yield item

    return Bar
