"""What an action prints, kept for the form that it belongs to.

In a kernel, text printed outside a cell's run goes to a log that nobody looks at. It is routed by
the task (and the thread) that prints, so that two actions, or an action and a cell, never mix.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

__all__ = ["captured"]

_sink: ContextVar[Callable[[str], None] | None] = ContextVar("notebook_actions_sink", default=None)
_STREAMS = ("stdout", "stderr")


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
        for name, router in routers:
            router.users -= 1
            # Somebody else may have put a stream of theirs on top; theirs to take off.
            if router.users == 0 and getattr(sys, name) is router:
                setattr(sys, name, router._stream)
