"""The contract in the notebook: messages to a widget, without a kernel."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterable
from typing import Any

import pytest
from classroom import PATH, Classroom, Contract, Seen
from visitor import parse, value

from notebook_actions import ActionForm, Page, UploadedFile
from notebook_actions.widget.uploads import CHUNK


class TestWidget(Contract):
    author = True

    @pytest.fixture(autouse=True)
    async def page(self, room: Classroom) -> AsyncIterator[Page]:
        self.page = Page(PATH, *room.parts(ActionForm), title="Class")
        await settled()
        yield self.page
        self.page.close()

    async def submit(
        self, action: str, pairs: Iterable[tuple[str, str | UploadedFile]] = ()
    ) -> Seen:
        rid = secrets.token_hex(8)
        pairs = list(pairs)
        files = [(name, value) for name, value in pairs if isinstance(value, UploadedFile)]
        announced = [
            {
                "field": name,
                "filename": file.filename,
                "content_type": file.content_type,
                "size": file.size,
            }
            for name, file in files
        ]
        self._say({"kind": "upload", "form": action, "upload": rid, "files": announced})
        for number, (_, file) in enumerate(files):
            chunk = {"kind": "chunk", "form": action, "upload": rid, "file": number}
            content = file.read()
            for n in range(-(-len(content) // CHUNK)):
                self._say({**chunk, "n": n}, memoryview(content)[n * CHUNK : (n + 1) * CHUNK])
        numbers = iter(range(len(files)))
        entries = [
            [name, value if isinstance(value, str) else {"upload": rid, "file": next(numbers)}]
            for name, value in pairs
        ]
        self._say({"kind": "submit", "rid": rid, "form": action, "entries": entries})
        await settled()
        return self._seen(action)

    def _say(self, content: dict[str, Any], *buffers: memoryview) -> None:
        data = {"method": "custom", "content": {"v": 1, "rid": secrets.token_hex(8), **content}}
        self.page._handle_msg({"content": {"data": data}, "buffers": list(buffers)})

    def _seen(self, action: str) -> Seen:
        state = self.page._state["forms"].get(action)
        if state is None or state["answer"] is None:
            return Seen("error")
        view = parse(self.page._html)
        form = view.one("form", data_action=action)
        answer = state["answer"]
        slots = {one["data-slot"]: one.text for one in form.all() if one.get("data-slot")}
        # What is sent to an open view and what a new view draws say the same.
        for name, html in answer["slots"].items():
            if name in slots:
                assert parse(html).text == slots[name]
        link = form.one(data_slot="result").all("a")
        return Seen(
            kind=answer["type"],
            result=slots["result"] if answer["type"] == "success" else "",
            errors=slots["errors"],
            fields={
                name.removeprefix("error:"): text
                for name, text in slots.items()
                if name.startswith("error:") and text
            },
            invalid={one["name"] for one in form.all(aria_invalid="true")},
            kept=kept(form),
            loaders={name: view.one(data_loader=name).text for name in self.page._state["loaders"]},
            location=link[0]["href"] if answer["type"] == "redirect" else "",
            source=self.page._html,
        )


def kept(form: Any) -> dict[str, str]:
    """Return what stands in a form's fields."""
    values = {}
    for control in form.all():
        name, kind = control.get("name"), control.get("type")
        if kind == "checkbox":
            values[name] = "on" if control.get("checked") is not None else ""
        elif name and name not in values:
            values[name] = value(form, name)
    return values


async def settled() -> None:
    """Wait for all that was started."""
    await asyncio.gather(*(asyncio.all_tasks() - {asyncio.current_task()}))
