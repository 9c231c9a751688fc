"""Threads: each job has one of its own, so that one which never ends holds up no other."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any

__all__ = ["Threads"]


class Threads(Executor):
    """An executor with a thread for each job.

    A pool of a few threads is blocked by as many jobs that hang, and a thread cannot be stopped. To
    start one takes no longer than to wake one of a pool. Python ends without waiting for them.

    Parameters
    ----------
    limit : int, optional
        Jobs that run at the same time; more wait for their turn. No limit by default.
    """

    def __init__(self, limit: int | None = None) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._running = 0
        self._waiting: deque[tuple[Future[Any], Callable[[], Any]]] = deque()
        self._closed = False

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run a call in a thread; its future can be cancelled while it waits for one."""
        future: Future[Any] = Future()
        job = (future, lambda: fn(*args, **kwargs))
        with self._lock:
            if self._closed:
                raise RuntimeError("cannot schedule new futures after shutdown")
            if self._running == self._limit:
                self._waiting.append(job)
                return future
            self._running += 1
        try:
            threading.Thread(target=self._work, args=job, daemon=True).start()
        except RuntimeError:  # the system gives no more of them
            with self._lock:
                self._running -= 1
            raise
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more jobs, and cancel those that wait; what runs is never waited for."""
        with self._lock:
            self._closed = True
            waiting = [future for future, _ in self._waiting]
        for future in waiting:
            future.cancel()

    def _work(self, future: Future[Any], call: Callable[[], Any]) -> None:
        while True:
            if future.set_running_or_notify_cancel():
                try:
                    value = call()
                except BaseException as error:
                    future.set_exception(error)
                else:
                    future.set_result(value)
                    del value
            del future, call  # what they hold is not kept by a thread that goes on
            with self._lock:
                if not self._waiting:
                    self._running -= 1
                    return
                future, call = self._waiting.popleft()
