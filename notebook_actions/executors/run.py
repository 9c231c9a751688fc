"""Running a function in a thread or on an executor, and waiting for it on the loop."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future
from typing import Any

from ..errors import WorkerLost
from ..progress import Progress
from ..request import Request
from . import dask
from .job import Job, Line, value_or_error
from .packing import Ending
from .place import Place
from .threads import Threads

__all__ = ["in_thread", "is_cancelled", "run"]

_THREADS = Threads()


async def in_thread(function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    """Call a function in a thread of its own, with the context variables of the caller.

    Parameters
    ----------
    function : callable
        The function.
    *args, **kwargs
        What it is called with.

    Returns
    -------
    object
        What it returned.
    """
    context = contextvars.copy_context()
    future = _THREADS.submit(context.run, value_or_error, function, args, kwargs)
    value, error = await asyncio.wrap_future(future)
    if error is not None:
        raise error
    return value


async def run(
    place: Place,
    function: Callable[..., Any],
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
    progress: Progress,
) -> Any:
    """Call a function on an executor. Whatever happens to the worker, this ends.

    No executor can stop a job that runs. When the task is cancelled, what the job returns is
    dropped; ``progress.cancel()`` asks it to stop.

    Parameters
    ----------
    place : Place
        The executor.
    function : callable
        The function; an ``async def`` gets a loop of its own there.
    args, kwargs
        What it is called with; the cookies that it sets on a request are set here too.
    progress : Progress
        Its steps are told here.

    Returns
    -------
    object
        What it returned.

    Raises
    ------
    WorkerLost
        When the worker died or cannot be reached.
    BaseException
        What the function raised.
    """
    future: Future[Any] | None = None
    loop = asyncio.get_running_loop()

    def lost() -> None:
        if future is not None and not loop.is_closed():
            loop.call_soon_threadsafe(future.cancel)

    def line(executor: Executor) -> Line:
        if dask.is_dask(executor):
            return dask.open_line(executor, progress, lost)
        from . import local  # not where Python has no processes, such as in a browser

        return local.open_line(progress)

    job = Job(function, args, kwargs, progress, line)
    try:
        future = await in_thread(place.submit, job, getattr(function, "__name__", "job"))
        ending = job.ending(await asyncio.wrap_future(future))
    except asyncio.CancelledError as error:
        if not is_cancelled(error):
            raise WorkerLost from error
        raise
    except BrokenExecutor as error:
        if job.executor is not None:
            place.renew(job.executor)
        raise WorkerLost from error
    except Exception as error:
        if job.problem is not None:
            raise job.problem from None
        if dask.is_loss(error):
            raise WorkerLost from error
        raise
    finally:
        job.close()
    if ending.step is not None and ending.step != progress.newest:
        progress.tell(ending.step)
    _set_cookies((*args, *kwargs.values()), ending)
    if isinstance(ending.error, WorkerLost):
        raise WorkerLost from ending.error  # in the words of this process
    if ending.error is not None:
        raise ending.error
    return ending.value


def is_cancelled(error: BaseException) -> bool:
    """Whether the running task is cancelled, and not only something that it waited for."""
    task = asyncio.current_task()
    return isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling() > 0


def _set_cookies(given: Sequence[Any], ending: Ending) -> None:
    for one in given:
        if isinstance(one, Request):
            one.cookies.adopt(ending.cookies)
            return
