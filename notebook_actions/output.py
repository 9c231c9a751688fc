"""What an action prints, kept for the form that it belongs to.

In a kernel, text printed outside a cell's run goes to a log that nobody looks at. It is routed by
the task (and the thread) that prints, so that two actions, or an action and a cell, never mix. What
an action prints in another process comes back from there when it has ended.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

__all__ = ["MAX_PRINTED", "Tail", "captured", "sink"]

#: Characters of what an action prints that are kept.
MAX_PRINTED = 64_000

_sink: ContextVar[Callable[[str], None] | None] = ContextVar("notebook_actions_sink", default=None)
_STREAMS = ("stdout", "stderr")
_lock = threading.Lock()


def sink() -> Callable[[str], None] | None:
    """Return what gets the text that this task prints; None where it is not captured."""
    return _sink.get()


class Tail:
    """The end of what is printed."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._size = 0

    def add(self, text: str) -> None:
        """Add a piece of text."""
        self._parts.append(text)
        self._size += len(text)
        if self._size > 2 * MAX_PRINTED:
            self._parts, self._size = [str(self)], MAX_PRINTED

    def __str__(self) -> str:
        return "".join(self._parts)[-MAX_PRINTED:]


class _Router:
    """A stream that asks who is printing; in all else it is the stream that it stands for."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.users = 0

    def write(self, text: str) -> int:
        sink = _sink.get()
        if sink is None:
            return int(self._stream.write(text) or 0)
        sink(text)
        return len(text)

    def writelines(self, lines: list[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def captured(sink: Callable[[str], None]) -> Iterator[None]:
    """Give what this task prints to ``sink``.

    Parameters
    ----------
    sink : callable
        Gets each piece of text, on the thread that printed it.
    """
    routers = []
    with _lock:  # a worker of Dask has several threads
        for name in _STREAMS:
            stream = getattr(sys, name)
            router = stream if isinstance(stream, _Router) else _Router(stream)
            router.users += 1
            setattr(sys, name, router)
            routers.append((name, router))
    token = _sink.set(sink)
    try:
        yield
    finally:
        _sink.reset(token)
        with _lock:
            for name, router in routers:
                router.users -= 1
                # Somebody else may have put a stream of theirs on top; theirs to take off.
                if router.users == 0 and getattr(sys, name) is router:
                    setattr(sys, name, router._stream)
