"""Jobs: the call of an author's function, with all that it takes to another process and back.

A job that stays in this process is called as it is. One that is pickled on its way to a worker
arrives as an :class:`Arrived`, whose answer is bytes. Both are packed here, and not by the
executor: a function and classes of a notebook live in ``__main__``, which no worker has; an
exception that cannot be pickled breaks a whole pool; and neither a progress nor the cookies that
were set would come along.
"""

from __future__ import annotations

import asyncio
import contextvars
import importlib
import inspect
import io
import linecache
import pickle
import re
import sys
import threading
import traceback
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from http.cookies import Morsel
from typing import Any, Protocol
from weakref import WeakSet

from ..errors import ActionFailure, Cancelled, DefinitionError, WorkerError
from ..progress import Progress
from ..request import Request

__all__ = ["Arrived", "Ending", "Job", "Line", "abandoned", "value_or_error"]


class Line(Protocol):
    """What joins a job in another process with the run that waits for it; it can be pickled."""

    def begin(self) -> AbstractContextManager[Progress]:
        """Return what gives the progress of the job while it runs, in the worker."""

    def end(self) -> None:
        """Forget the job, in the process that waits for it."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a call ended: with a value or an error, and the cookies that were set meanwhile."""

    value: Any = None
    error: BaseException | None = None
    cookies: Mapping[str, Morsel[str]] = field(default_factory=dict)


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
            return Arrived, (_call_packed(*self._call, self._progress), self._line)
        except DefinitionError as problem:
            self.problem = problem
            raise

    def ending(self, answer: Ending | bytes) -> Ending:
        """Return how the call ended, from what its future gave."""
        if isinstance(answer, Ending):
            return answer
        value, error, told, cookies = pickle.loads(answer)  # noqa: S301 - of our own worker
        if error is not None and told:
            error.__cause__ = WorkerTraceback(_with_sources(told, self._call[0]))
        return Ending(value, error, cookies)

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

    def __init__(self, packed: bytes, line: Line) -> None:
        self._packed = packed
        self._line = line

    def __call__(self) -> bytes:
        """Make the call."""
        name = "a job"
        try:
            with self._line.begin() as progress:
                function, args, kwargs = _unpacked(self._packed, progress)
                name = f"{getattr(function, '__name__', 'the function')}()"
                ending = _made(function, args, kwargs)
                progress.flush()
        except BaseException as error:
            ending = Ending(error=error)
        return _ending_packed(ending, name)


def _with_sources(told: str, function: Callable[..., Any]) -> str:
    """Return a traceback with the lines that the worker did not have: those of cells.

    cloudpickle takes from a function the file that it came from.
    """
    known = {**getattr(function, "__globals__", {}), getattr(function, "__name__", ""): function}
    whole = []
    for line in told.splitlines():
        where = re.fullmatch(r'\s*File "<dynamic-code>", line (\d+), in (.*)', line)
        code = None if where is None else getattr(known.get(where[2]), "__code__", None)
        if where is None or code is None:
            whole.append(line)
            continue
        file, number = code.co_filename, int(where[1])
        whole.append(f'  File "{file}", line {number}, in {where[2]}')
        whole.append(f"    {linecache.getline(file, number).strip()}")
    return "\n".join(whole)


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


# --- packing --------------------------------------------------------------------------------------


def _pickler() -> Any:
    # What Dask and loky need anyway, and so not required: a pool of processes that only runs
    # functions of modules does without.
    try:
        from cloudpickle import Pickler
    except ImportError:
        return pickle.Pickler
    return Pickler


def _dumps(thing: Any, stand_ins: Callable[[Any], Any] = lambda _: None) -> bytes:
    file = io.BytesIO()

    class Packer(_pickler()):  # type: ignore[misc]
        def persistent_id(self, one: Any) -> Any:
            return stand_ins(one)

    Packer(file, protocol=pickle.HIGHEST_PROTOCOL).dump(thing)
    return file.getvalue()


def _call_packed(
    function: Callable[..., Any],
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
    progress: Progress,
) -> bytes:
    where = _address(function)

    def stand_ins(one: Any) -> Any:
        if one is progress:
            return "progress"
        return where if where is not None and one is function else None

    try:
        return _dumps((function, args, kwargs), stand_ins)
    except Exception as error:
        name = getattr(function, "__name__", repr(function))
        remedy = "keep out of it what belongs to this process"
        if _pickler() is pickle.Pickler:
            remedy = "install cloudpickle, or move the function into a module"
        raise DefinitionError(
            f"{name}() cannot be sent to its executor= with all that it uses ({error}); {remedy}"
        ) from error


def _address(function: Callable[..., Any]) -> tuple[str, str] | None:
    """Return module and name of a function that is found there as an action, and so not itself."""
    module, name = getattr(function, "__module__", ""), getattr(function, "__qualname__", "")
    try:
        found = _found(sys.modules[module], name)
    except (AttributeError, KeyError):
        return None
    decorated = getattr(found, "__wrapped__", None) is function
    return (module, name) if decorated and module != "__main__" else None


def _found(module: Any, name: str) -> Any:
    found = module
    for part in name.split("."):
        found = getattr(found, part)
    return found


def _unpacked(packed: bytes, progress: Progress) -> Any:
    class Unpacker(pickle.Unpickler):
        def persistent_load(self, stand_in: Any) -> Any:
            if stand_in == "progress":
                return progress
            module, name = stand_in
            return _found(importlib.import_module(module), name).__wrapped__

    return Unpacker(io.BytesIO(packed)).load()


def _ending_packed(ending: Ending, name: str) -> bytes:
    error = ending.error
    if error is None:
        try:
            return _dumps((ending.value, None, "", ending.cookies))
        except Exception as problem:
            error = TypeError(f"what {name} returned cannot leave its worker ({problem})")
    trace = error.__traceback__
    told = "".join(traceback.format_exception(type(error), error, trace and trace.tb_next))
    return _dumps((None, _able_to_cross(error), told, ending.cookies))


def _able_to_cross(error: BaseException) -> BaseException:
    """Return the exception, or what comes closest to it among those that can be pickled."""
    try:
        if type(pickle.loads(_dumps(error))) is type(error):  # noqa: S301 - packed the line before
            return error
    except Exception:  # noqa: S110 - whatever an author's exception does here, it cannot cross
        pass
    if isinstance(error, ActionFailure):
        return ActionFailure(error.message, fields=error.fields, status=error.status)
    return WorkerError(f"{type(error).__name__}: {error}")


class WorkerTraceback(Exception):
    """The traceback of a worker, as text: shown above the exception, as its cause."""

    def __init__(self, text: str) -> None:
        super().__init__(text)

    def __str__(self) -> str:
        return f"\n{self.args[0]}"
