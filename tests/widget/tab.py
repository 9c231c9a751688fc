"""A browser's tab as a widget's kernel side knows it: what it is sent, and what it sends."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from typing import Any

from notebook_actions import UploadedFile
from notebook_actions.widget.uploads import CHUNK
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

    def say(self, kind: str, *buffers: Any, **content: Any) -> dict[str, Any] | None:
        """Send a message of a kind; return its acknowledgement."""
        rid = content.pop("rid", None) or f"rid-{next(_rids)}"
        self.send({"kind": kind, "v": 1, "rid": rid, **content}, *buffers)
        return next((one for one in reversed(self.custom) if one["rid"] == rid), None)

    def submit(self, *entries: Any, form: str, rid: str | None = None) -> str:
        """Submit a form as the view in the browser does; return the rid."""
        rid = rid or f"rid-{next(_rids)}"
        self.say("submit", rid=rid, form=form, entries=list(entries))
        return rid

    def begin(self, *files: tuple[str, UploadedFile], form: str, upload: str = "u") -> Any:
        """Announce files; return the acknowledgement."""
        announced = [
            {
                "field": field,
                "filename": file.filename,
                "content_type": file.content_type,
                "size": file.size,
            }
            for field, file in files
        ]
        return self.say("upload", form=form, upload=upload, files=announced)

    def chunk(self, file: int, n: int, content: Any, *, form: str, upload: str = "u") -> Any:
        """Send a chunk; return the acknowledgement."""
        return self.say("chunk", content, form=form, upload=upload, file=file, n=n)

    def upload(self, *files: tuple[str, UploadedFile], form: str, upload: str = "u") -> list[Any]:
        """Send files as a browser does; return the entries that stand for them."""
        assert self.begin(*files, form=form, upload=upload)
        for number, (_, file) in enumerate(files):
            for n, content in chunks(file.read()):
                assert self.chunk(number, n, content, form=form, upload=upload)
        return [
            [field, {"upload": upload, "file": number}] for number, (field, _) in enumerate(files)
        ]


def chunks(content: bytes) -> list[tuple[int, memoryview]]:
    """Return the chunks of a file's content, each with its number."""
    starts = range(0, len(content), CHUNK)
    return [(n, memoryview(content)[start : start + CHUNK]) for n, start in enumerate(starts)]


async def until(condition: Callable[[], object]) -> None:
    """Let the loop go on until something is so."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - nobody tells a test that it is so
            await asyncio.sleep(0.001)
