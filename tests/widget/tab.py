"""A browser's tab as a widget's kernel side knows it: what it is sent, and what it sends."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from typing import Any

from notebook_actions.widget.view import View

_rids = itertools.count(1)


class Tab:
    """The far end of a widget's comm, which outside a kernel leads nowhere."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.messages: list[dict[str, Any]] = []
        view.comm.publish_msg = self._take

    def _take(self, msg_type: str, data: dict[str, Any] | None = None, **_: Any) -> None:
        if msg_type == "comm_msg" and data is not None:
            self.messages.append(data)

    @property
    def states(self) -> list[dict[str, Any]]:
        """The states that came, oldest first."""
        updates = [one["state"] for one in self.messages if one["method"] == "update"]
        return [state["_state"] for state in updates if "_state" in state]

    @property
    def custom(self) -> list[dict[str, Any]]:
        """The messages that came beside the state."""
        return [one["content"] for one in self.messages if one["method"] == "custom"]

    def send(self, content: Any, *buffers: Any) -> None:
        """Send a custom message."""
        self._send({"method": "custom", "content": content}, list(buffers))

    def update(self, **state: Any) -> None:
        """Try to set traits, as a browser's model does."""
        self._send({"method": "update", "state": state, "buffer_paths": []}, [])

    def _send(self, data: dict[str, Any], buffers: list[Any]) -> None:
        self.view._handle_msg({"content": {"data": data}, "buffers": buffers})

    def submit(self, *entries: Any, form: str, rid: str | None = None, buffers: Any = ()) -> str:
        """Submit a form as the view in the browser does; return the rid."""
        rid = rid or f"rid-{next(_rids)}"
        content = {"kind": "submit", "v": 1, "rid": rid, "form": form, "entries": list(entries)}
        self.send(content, *buffers)
        return rid


async def until(condition: Callable[[], object]) -> None:
    """Let the loop go on until something is so."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - nobody tells a test that it is so
            await asyncio.sleep(0.001)
