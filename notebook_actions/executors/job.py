"""Jobs: the call of an author's function, with all that it takes to another process and back.

A job that stays in this process is called as it is. One that is pickled on its way to a worker
arrives as an :class:`Arrived`, whose answer is bytes.
"""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import pickle
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Any, Protocol
from weakref import WeakSet

from ..errors import Cancelled, DefinitionError
from ..output import Tail, captured, sink
from ..progress import Progress
from ..request import Request
from .packing import Ending, call_packed, call_unpacked, ending_packed, ending_unpacked

__all__ = ["Arrived", "Job", "Line", "abandoned", "value_or_error"]


class Line(Protocol):
    """What joins a job in another process with the run that waits for it; it can be pickled."""

    def begin(self) -> AbstractContextManager[Progress]:
        """Return what gives the progress of the job while it runs, in the worker."""

    def end(self) -> None:
        """Forget the job, in the process that waits for it."""


class Job:
    """A call to be made elsewhere.

    Parameters
    ----------
    function : callable
        The function. An ``async def`` runs on a loop of its own, where the job runs.
    args, kwargs
        What it is called with.
    progress : Progress
        Stands among the arguments when the function takes it.
    line : callable
        Opens the job's line; called when the job leaves this process and at no other time.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
        progress: Progress,
        line: Callable[[Executor], Line],
    ) -> None:
        self._call = (function, args, kwargs)
        self._progress = progress
        self._open = line
        self._line: Line | None = None
        self._sink = sink()
        self._over = False
        #: Who runs it, from when it is submitted.
        self.executor: Executor | None = None
        self._future: Future[Any] | None = None
        #: Why it could not be sent, whatever the executor makes of it.
        self.problem: DefinitionError | None = None
        self._lock = threading.Lock()
        self._context = contextvars.copy_context()

    def __call__(self) -> Ending:
        """Make the call in this process."""
        if self._over:
            return Ending(error=Cancelled())
        return self._context.run(_made, *self._call)

    def __reduce__(self) -> tuple[Any, ...]:
        with self._lock:
            if self._over:
                raise RuntimeError("nobody waits for this job any more")
            if self._line is None:
                assert self.executor is not None  # noqa: S101 - it is being submitted
                self._line = self._open(self.executor)
        try:
            packed = call_packed(*self._call, self._progress)
            return Arrived, (packed, self._line, self._sink is not None)
        except DefinitionError as problem:
            self.problem = problem
            raise

    def ending(self, answer: Ending | bytes) -> Ending:
        """Return how the call ended, from what its future gave; what it printed is told here."""
        if isinstance(answer, Ending):
            return answer
        ending = ending_unpacked(answer, self._call[0])
        if self._sink is not None and ending.printed:
            self._sink(ending.printed)
        return ending

    def packed(self) -> bytes:
        """Return what calls the job, in a worker, by being unpickled there.

        Dask's scheduler unpickles what it is given, and need not have this package; bytes it has.
        """
        arrive, arrived = self.__reduce__()
        return pickle.dumps(_Unpickled(_called, (arrive, *arrived)))

    def submitted(self, future: Future[Any]) -> Future[Any]:
        """Note and return the job's future; it may come when nobody waits any more."""
        with self._lock:
            self._future = future
            over = self._over
        if over:
            _leave(future)
        return future

    def close(self) -> None:
        """Say that nobody waits for the job any more."""
        with self._lock:
            self._over = True
            line, self._line = self._line, None
            future = self._future
        if future is not None:
            _leave(future)
        if line is not None:
            line.end()


@dataclass(frozen=True, slots=True)
class _Unpickled:
    """What becomes a call's value when it is unpickled."""

    function: Callable[..., Any]
    args: tuple[Any, ...]

    def __reduce__(self) -> tuple[Any, ...]:
        return self.function, self.args


def _called(arrive: Callable[..., Arrived], *arrived: Any) -> bytes:
    return arrive(*arrived)()


_left: WeakSet[Future[Any]] = WeakSet()


def _leave(future: Future[Any]) -> None:
    if not future.done() and not future.cancel():
        _left.add(future)


def abandoned() -> bool:
    """Whether a job runs that nobody waits for any more, but Python would when it ends."""
    return any(not future.done() for future in list(_left))


class Arrived:
    """A job in its worker; calling it gives the packed ending."""

    def __init__(self, packed: bytes, line: Line, captures: bool) -> None:
        self._packed = packed
        self._line = line
        self._captures = captures

    def __call__(self) -> bytes:
        """Make the call."""
        name, printed = "a job", Tail()
        # Else it stays with the worker, whose log somebody may read.
        capturing = captured(printed.add) if self._captures else nullcontext()
        try:
            with self._line.begin() as progress, capturing:
                function, args, kwargs = call_unpacked(self._packed, progress)
                name = f"{getattr(function, '__name__', 'the function')}()"
                ending = _made(function, args, kwargs)
                progress.flush()
                ending = replace(ending, step=progress.newest)
        except BaseException as error:
            ending = Ending(error=error)
        return ending_packed(replace(ending, printed=str(printed)), name)


def value_or_error(
    function: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]
) -> tuple[Any, BaseException | None]:
    """Call a function, and return what it returned or raised.

    An exception crosses as a value: a future makes a new TimeoutError, without the traceback, and
    who waits for one that should hold a StopIteration waits for ever.
    https://github.com/python/cpython/issues/112182
    """
    try:
        return function(*args, **kwargs), None
    except BaseException as error:
        return None, error


def _made(function: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]) -> Ending:
    value, error = value_or_error(function, args, kwargs)
    if inspect.isawaitable(value):
        value, error = value_or_error(asyncio.run, [_awaited(value)], {})
    requests = (one for one in (*args, *kwargs.values()) if isinstance(one, Request))
    changes = [one.cookies.changes for one in requests]
    return Ending(value, error, changes[0] if changes else {})


async def _awaited(value: Any) -> Any:
    return await value
