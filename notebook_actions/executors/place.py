"""Places: an executor, or how to make one, and to make it again when its workers have died."""

from __future__ import annotations

import logging
import os
import pickle
import threading
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future
from typing import Any, TypeAlias

from ..errors import DefinitionError, WorkerLost
from .dask import connect, is_closed, is_dask
from .job import Job
from .threads import Threads

__all__ = ["Given", "Place", "place_of"]

log = logging.getLogger("notebook_actions")

#: What ``executor=`` takes.
Given: TypeAlias = Executor | Callable[[], Executor] | str

_FORMS = "'processes:4', 'threads:8' or 'dask:tcp://127.0.0.1:8786'"


class Place:
    """Where jobs run.

    Parameters
    ----------
    given : Executor, callable or str
        An executor; what makes one, at the first job and again when it is broken; or a text such as
        ``"processes:4"``, ``"threads:8"``, ``"dask:tcp://127.0.0.1:8786"``.

    Raises
    ------
    DefinitionError
        When it is none of these.
    """

    def __init__(self, given: Given) -> None:
        self._given: Executor | None = None
        self._make: Callable[[], Executor] | None = None
        if isinstance(given, Executor):
            self._given = given
        elif isinstance(given, str):
            self._make = _maker(given)
        elif callable(given):
            self._make = given
        else:
            raise DefinitionError(
                f"executor= is {type(given).__name__}; give an Executor of concurrent.futures "
                f"(Client(...).get_executor() for Dask), a function that makes one, or {_FORMS}"
            )
        self._text = given if isinstance(given, str) else repr(given)
        self._connected = isinstance(given, str)
        self._lock = threading.Lock()
        self._made: Executor | None = None
        self._pid = 0

    def __reduce__(self) -> tuple[Any, ...]:
        # An action that another one mentions may go along to a worker; there it has its threads.
        return Place, (Threads,)

    def __repr__(self) -> str:
        return f"<Place {self._text}>"

    def _executor(self) -> Executor:
        if self._make is None:
            assert self._given is not None  # noqa: S101 - one of the two is there
            return self._given
        with self._lock:
            # A process that was forked needs workers of its own.
            gone = self._made is None or self._pid != os.getpid() or is_closed(self._made)
            if self._made is None or gone:
                try:
                    made = self._make()
                except OSError as error:
                    log.error("%r cannot be reached", self, exc_info=error)
                    raise WorkerLost from error
                if not isinstance(made, Executor):
                    raise DefinitionError(
                        f"executor={self._text} makes {type(made).__name__}; let it return an "
                        "Executor of concurrent.futures"
                    )
                self._made, self._pid = made, os.getpid()
            return self._made

    def submit(self, job: Job, name: str) -> Future[Any]:
        """Submit a job, to new workers if the old ones have died meanwhile.

        It may take a while: where the executor is made, the job packed or a process started.

        Parameters
        ----------
        job : Job
            The job.
        name : str
            What it is called where jobs are listed.

        Returns
        -------
        Future
            As the executor gives it.

        Raises
        ------
        WorkerLost
            When the executor cannot be reached.
        concurrent.futures.BrokenExecutor
            When it is broken and not ours to be made again.
        """
        try:
            return _submit(self._executor(), job, name)
        except BrokenExecutor:
            if self._make is None or job.executor is None:
                raise
        self.renew(job.executor)
        return _submit(self._executor(), job, name)

    def renew(self, broken: Executor) -> None:
        """Make a new executor for the next job, in place of one whose workers have died."""
        if self._make is None:
            log.error(
                "%r is broken and takes no more jobs; make it again, or write executor= as a "
                "function that makes it, such as `lambda: ProcessPoolExecutor(4)`, which is called "
                "again by itself",
                self,
            )
            return
        with self._lock:
            if self._made is not broken:
                return
            self._made = None
        log.warning("the workers of %r have died; the next job gets new ones", self)
        broken.shutdown(wait=False)

    def close(self) -> None:
        """End the executor, with what runs on it, if it was made here."""
        with self._lock:
            made, self._made = self._made, None
        if made is None or self._pid != os.getpid() or is_closed(made):
            return
        # Python waits for the workers of a pool when it ends, also for one that hangs.
        workers = list((getattr(made, "_processes", None) or {}).values())
        made.shutdown(wait=False)
        for worker in workers:
            worker.terminate()
        if is_dask(made) and self._connected:
            made._client.close()  # type: ignore[attr-defined]


_named: dict[str, Place] = {}


def place_of(given: Given) -> Place:
    """Return the place that ``executor=`` means; a text means the same one everywhere.

    Otherwise three actions of ``"processes:4"``, or a cell that runs three times, would have twelve
    processes.
    """
    if not isinstance(given, str):
        return Place(given)
    if given not in _named:
        _named[given] = Place(given)
    return _named[given]


def _submit(executor: Executor, job: Job, name: str) -> Future[Any]:
    job.executor = executor
    if is_dask(executor):
        # Else two equal calls would be one, and share its result.
        options: dict[str, Any] = {"key": f"{name}-{os.urandom(8).hex()}", "pure": False}
        return job.submitted(executor.submit(pickle.loads, job.packed(), **options))
    return job.submitted(executor.submit(job))


def _maker(text: str) -> Callable[[], Executor]:
    kind, _, rest = text.partition(":")
    count = int(rest) if rest.isdecimal() else None
    if kind == "dask" and rest:
        return lambda: connect(rest)
    if kind == "processes" and (count or not rest):
        return lambda: _processes(count)
    if kind == "threads" and count:
        return lambda: Threads(count)
    raise DefinitionError(f"executor={text!r} is not known; write {_FORMS}")


def _processes(count: int | None) -> Executor:
    import multiprocessing
    import signal
    from concurrent.futures import ProcessPoolExecutor

    # Not forked: a child of a process with threads may find a lock that nobody will ever open.
    known = multiprocessing.get_all_start_methods()
    method = "forkserver" if "forkserver" in known else "spawn"
    context = multiprocessing.get_context(method)
    # Ctrl+C, and the interrupt of a kernel, reach the workers too, and would break the pool.
    ignored = (signal.SIGINT, signal.SIG_IGN)
    return ProcessPoolExecutor(count, context, initializer=signal.signal, initargs=ignored)
