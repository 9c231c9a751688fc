"""A notebook's front end without a screen: cells, comm messages and what the kernel publishes."""

from __future__ import annotations

import contextlib
import itertools
import os
import queue
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from jupyter_client import KernelManager
from jupyter_client.kernelspec import KernelSpecManager

from notebook_actions.widget.uploads import CHUNK

DEADLINE = 60.0


class Frontend:
    """One kernel and what was heard from it."""

    def __init__(
        self,
        specs: Path | None,
        cwd: Path,
        *,
        history: bool = False,
        env: Mapping[str, str] | None = None,
    ) -> None:
        where = {} if specs is None else {
            "kernel_name": "tested",
            "kernel_spec_manager": KernelSpecManager(kernel_dirs=[str(specs)]),
        }  # fmt: skip
        self._manager = KernelManager(**where)
        self._cwd = cwd
        self._history = history
        self._environment = {**os.environ, **(env or {})}
        self._rids = itertools.count(1)
        #: Everything on iopub, in order.
        self.messages: list[dict[str, Any]] = []

    def __enter__(self) -> Self:
        self._manager.start_kernel(cwd=str(self._cwd), env=self._environment)
        self._client = self._manager.blocking_client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=60)
        reply = self._request(self._client.control_channel, "kernel_info_request", {})
        features = reply["content"].get("supported_features", [])
        #: Whether JupyterLab would send comm messages over a subshell.
        self.subshells = "kernel subshells" in features
        return self

    def __exit__(self, *_: object) -> None:
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)
        self._manager.cleanup_resources()
        self._manager.context.destroy(linger=0)

    # --- cells ----------------------------------------------------------------------------------

    def start(self, code: str, cell_id: str | None = None) -> str:
        """Begin to run a cell; return the id of the run."""
        content = {
            "code": code,
            "silent": False,
            "store_history": self._history,
            "allow_stdin": False,
        }
        message = self._client.session.msg(
            "execute_request", {**content, "user_expressions": {}, "stop_on_error": False}
        )
        if cell_id:
            message["metadata"]["cellId"] = cell_id
        self._client.shell_channel.send(message)
        return message["header"]["msg_id"]

    def wait(self, run: str) -> None:
        """Wait until a cell has ended, in whatever way."""
        self.until(lambda: self.ended(run))
        # What is sent while a reply is on its way can get lost in ipykernel 7.0 to 7.3:
        # https://github.com/ipython/ipykernel/issues/1554
        while self._client.get_shell_msg(timeout=DEADLINE)["parent_header"]["msg_id"] != run:
            pass

    def finish(self, run: str) -> None:
        """Wait until a cell has ended; its error, if any, is raised."""
        self.wait(run)
        for message in self.of(run, "error"):
            raise AssertionError("\n".join(message["content"]["traceback"]))

    def run(self, code: str, cell_id: str | None = None) -> str:
        """Run a cell to its end; return what it printed."""
        run = self.start(code, cell_id)
        self.finish(run)
        return self.printed(run)

    def value(self, expression: str) -> Any:
        """Return the value of an expression that JSON can hold."""
        return eval(self.run(f"print(repr(({expression})), end='')"))

    def of(self, run: str, kind: str) -> list[dict[str, Any]]:
        """Return the messages of a kind that a cell's run or a message has caused."""
        return [
            one
            for one in self.messages
            if one["parent_header"].get("msg_id") == run and one["msg_type"] == kind
        ]

    def ended(self, run: str) -> bool:
        """Whether the kernel has said that it is done with a run."""
        return any(m["content"]["execution_state"] == "idle" for m in self.of(run, "status"))

    def printed(self, run: str | None = None) -> str:
        """Return what a run has printed; without one, what any has."""
        streams = [one for one in self.messages if one["msg_type"] == "stream"]
        wanted = [one for one in streams if run in (None, one["parent_header"].get("msg_id"))]
        return "".join(one["content"]["text"] for one in wanted)

    def interrupt(self) -> None:
        """Do what the notebook's "interrupt" button does."""
        self._manager.interrupt_kernel()

    def touch(self, name: str) -> None:
        """Make an empty file in the folder where the kernel runs."""
        (self._cwd / name).touch()

    # --- widgets --------------------------------------------------------------------------------

    def subshell(self) -> str | None:
        """Make a subshell, as JupyterLab does for a comm; None where there are none."""
        if not self.subshells:
            return None
        reply = self._request(self._client.control_channel, "create_subshell_request", {})
        assert reply["content"]["status"] == "ok"
        return reply["content"]["subshell_id"]

    def send(
        self,
        comm_id: str,
        data: dict[str, Any],
        subshell: str | None = None,
        kind: str = "comm_msg",
        buffers: Sequence[bytes] = (),
    ) -> str:
        """Send a comm message; return its id."""
        message = self._client.session.msg(kind, {"comm_id": comm_id, "data": data})
        if subshell is not None:
            message["header"]["subshell_id"] = subshell
        # What the channel's own send() does, which takes no buffers.
        self._client.session.send(
            self._client.shell_channel.socket, message, buffers=list(buffers) or None
        )
        return message["header"]["msg_id"]

    def say(
        self,
        comm_id: str,
        content: dict[str, Any],
        subshell: str | None = None,
        buffers: Sequence[bytes] = (),
    ) -> str:
        """Send a message as a view does; return its rid."""
        rid = f"rid-{next(self._rids)}"
        data = {"method": "custom", "content": {"v": 1, "rid": rid, **content}}
        self.send(comm_id, data, subshell, buffers=buffers)
        return rid

    def submit(self, comm_id: str, form: str, subshell: str | None = None, **values: str) -> str:
        """Submit a form as its view does; return the rid."""
        entries = [[name, value] for name, value in values.items()]
        return self.say(comm_id, {"kind": "submit", "form": form, "entries": entries}, subshell)

    def upload(
        self, comm_id: str, form: str, field: str, contents: bytes, subshell: str | None = None
    ) -> tuple[dict[str, Any], list[str]]:
        """Send a file in chunks; return the reference to it, and the rids."""
        upload = f"upload-{next(self._rids)}"
        about = {"field": field, "filename": "f.bin", "content_type": "", "size": len(contents)}
        message = {"form": form, "upload": upload}
        rids = [self.say(comm_id, {"kind": "upload", "files": [about], **message}, subshell)]
        for n, start in enumerate(range(0, len(contents), CHUNK)):
            chunk = {"kind": "chunk", "file": 0, "n": n, **message}
            rids.append(self.say(comm_id, chunk, subshell, [contents[start : start + CHUNK]]))
        return {"upload": upload, "file": 0}, rids

    def acknowledged(self, comm_id: str, rid: str) -> bool:
        """Whether a submission was acknowledged."""
        custom = [m["content"] for m in self._comm(comm_id) if m["method"] == "custom"]
        return any(one["kind"] == "ack" and one["rid"] == rid for one in custom)

    def form(self, comm_id: str, form: str) -> dict[str, Any]:
        """Return the newest state of a form that reached the front end; empty before the first."""
        updates = [m["state"] for m in self._comm(comm_id) if m["method"] == "update"]
        states = [state["_state"]["forms"] for state in updates if "_state" in state]
        return states[-1].get(form, {}) if states else {}

    def result(self, comm_id: str, form: str) -> str:
        """Return the HTML of a form's result, empty while there is none."""
        answer = self.form(comm_id, form).get("answer")
        return answer["slots"].get("result", "") if answer else ""

    def closed(self, comm_id: str) -> bool:
        """Whether the kernel has closed a widget."""
        return any(
            one["msg_type"] == "comm_close" and one["content"]["comm_id"] == comm_id
            for one in self.messages
        )

    def position(self, wanted: Callable[[dict[str, Any]], bool]) -> int:
        """Return where in the order of messages the first one of a kind came."""
        return next(index for index, one in enumerate(self.messages) if wanted(one))

    def _comm(self, comm_id: str) -> list[dict[str, Any]]:
        return [
            one["content"]["data"]
            for one in self.messages
            if one["msg_type"] == "comm_msg" and one["content"]["comm_id"] == comm_id
        ]

    # --- messages -------------------------------------------------------------------------------

    def until(self, condition: Callable[[], object]) -> None:
        """Listen until something is so."""
        deadline = time.monotonic() + DEADLINE
        while not condition():
            assert time.monotonic() < deadline, f"not so; heard {self._heard()}"
            with contextlib.suppress(queue.Empty):
                self.messages.append(self._client.get_iopub_msg(timeout=0.5))

    def _heard(self) -> list[Any]:
        return [f"{one['msg_type']} {one['content']!r:.200}" for one in self.messages[-12:]]

    def _request(self, channel: Any, kind: str, content: dict[str, Any]) -> dict[str, Any]:
        message = self._client.session.msg(kind, content)
        channel.send(message)
        while True:
            reply = channel.get_msg(timeout=DEADLINE)
            if reply["parent_header"].get("msg_id") == message["header"]["msg_id"]:
                return reply
