"""The owner loop: every action runs on the loop of the cells.

Database pools, locks and HTTP clients that a cell made belong to that loop. ipykernel 7 delivers
widget messages on threads with loops of their own, so what arrives there is handed over.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["cell", "note_cells", "on_owner_loop", "owner_loop"]


def _shell() -> Any:
    """Return IPython's shell, None outside of it."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython is not None else None


def _kernel() -> Any:
    """Return ipykernel's kernel, None outside of one."""
    return getattr(_shell(), "kernel", None)


def note_cells() -> None:
    """From now on, note which cells run and which fail: what an export is made of."""
    shell = _shell()
    if shell is not None:
        from ..exporter.analysis.history import record

        record(shell)


#: Outside a kernel: the loop that was running when this was asked for last.
_seen: asyncio.AbstractEventLoop | None = None


def owner_loop() -> asyncio.AbstractEventLoop | None:
    """Return the loop of the cells; None where there is none.

    It is ipykernel's; outside a kernel the running one, and in a thread without one the loop that
    ran forms before, so that a thread may submit there as it may in a notebook.
    """
    global _seen
    io_loop = getattr(_kernel(), "io_loop", None)
    loop: asyncio.AbstractEventLoop | None = getattr(io_loop, "asyncio_loop", None)
    if loop is not None:
        return loop
    _seen = _running() or _seen
    return _seen if _seen is not None and _seen.is_running() else None


def _running() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def on_owner_loop(call: Callable[[], object]) -> None:
    """Make a call on the owner loop: now when this is it, else as soon as it is free.

    Parameters
    ----------
    call : callable
        Takes nothing; what it returns is dropped.
    """
    loop = owner_loop()
    if loop is None or loop is _running():
        call()
    else:
        loop.call_soon_threadsafe(call)


def cell() -> tuple[str, str] | None:
    """Return the id of the cell that runs and of this run of it; None where that is not known."""
    kernel = _kernel()
    try:
        parent: Mapping[str, Any] = kernel.get_parent("shell")
        return parent["metadata"]["cellId"], parent["header"]["msg_id"]
    except (AttributeError, KeyError, TypeError):
        return None
