"""The browser's side of a form or page in the notebook: what it sends, and what it is shown."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterable, Mapping
from typing import Any

from ..files import UploadedFile
from ..htmlform import Form, parse
from .filling import button_of, fill, listed

__all__ = ["FrontEnd", "announced"]

_rids = itertools.count(1)


class FrontEnd:
    """The far end of a widget's connection, which without a kernel leads nowhere.

    Parameters
    ----------
    view : ActionForm or Page
        A form or page of the notebook.

    Attributes
    ----------
    messages : list of dict
        All that the kernel's side has sent.
    """

    def __init__(self, view: Any) -> None:
        from ..widget.view import View

        if not isinstance(view, View):
            raise TypeError(f"this takes an ActionForm or Page of the notebook, not {view!r}")
        self.view: Any = view
        self.messages: list[dict[str, Any]] = []
        self._news = asyncio.Event()
        self.view.comm.publish_msg = self._take

    def _take(self, msg_type: str, data: dict[str, Any] | None = None, **_: Any) -> None:
        if msg_type == "comm_msg" and data is not None:
            self.messages.append(data)
            self._news.set()

    # --- what it is shown -----------------------------------------------------------------------

    @property
    def states(self) -> list[dict[str, Any]]:
        """The states that came, oldest first."""
        updates = [one["state"] for one in self.messages if one["method"] == "update"]
        return [state["_state"] for state in updates if "_state" in state]

    @property
    def custom(self) -> list[dict[str, Any]]:
        """The messages that came beside the state: acknowledgements, answers."""
        return [one["content"] for one in self.messages if one["method"] == "custom"]

    @property
    def text(self) -> str:
        """What a person reads."""
        return parse(self.view._html).text

    def slots(self, form: str | None = None) -> dict[str, str]:
        """Return what each slot of a form says, such as "errors", "error:seats" and "result".

        Parameters
        ----------
        form : str, optional
            Which form, where there are several.
        """
        return self._form(form).slots

    def _form(self, form_id: str | None) -> Form:
        forms = {form.id: form for form in parse(self.view._html).forms() if form.id}
        if form_id is None and len(forms) == 1:
            return next(iter(forms.values()))
        if form_id not in forms:
            asked = "say which form" if form_id is None else f"no form {form_id!r}"
            raise LookupError(f"{asked}; the page has {listed(forms)}")
        return forms[form_id]

    # --- what it sends --------------------------------------------------------------------------

    def submit(
        self,
        values: Mapping[str, object] | None = None,
        /,
        *,
        form: str | None = None,
        button: str | None = None,
        **more: object,
    ) -> str:
        """Fill in a form and press its button, as a person does.

        Parameters
        ----------
        values, **more
            What to fill in; the other fields keep what they show.
        form : str, optional
            Which form, where there are several.
        button : str, optional
            Label of the button; the first one by default.

        Returns
        -------
        str
            The key of the submission.
        """
        filled = self._form(form)
        fill(filled, {**(values or {}), **more})
        pairs = filled.pairs(button_of(filled, button))
        files = [
            (name, value)
            for name, value in pairs
            if isinstance(value, UploadedFile) and value.filename
        ]
        sent = iter(self.upload(*files, form=filled.id) if files else [])
        entries = [
            [name, value] if isinstance(value, str) else next(sent)
            for name, value in pairs
            if isinstance(value, str) or value.filename
        ]
        key = f"rid-{next(_rids)}"
        self.say("submit", rid=key, form=filled.id, entries=entries)
        return key

    def upload(self, *files: tuple[str, UploadedFile], form: str, upload: str = "u") -> list[Any]:
        """Send files in chunks; return the entries that stand for them in a submission.

        Raises
        ------
        RuntimeError
            When the kernel's side refuses them.
        """
        from ..widget.uploads import CHUNK

        about = {"form": form, "upload": upload}
        self._agreed(self.say("upload", **about, files=announced(files)))
        for number, (_, file) in enumerate(files):
            content = memoryview(file.read())
            for n, start in enumerate(range(0, len(content), CHUNK)):
                chunk = content[start : start + CHUNK]
                self._agreed(self.say("chunk", chunk, **about, file=number, n=n))
        return [[field, {"upload": upload, "file": n}] for n, (field, _) in enumerate(files)]

    def _agreed(self, said: dict[str, Any] | None) -> None:
        if said is None or "answer" in said:
            told = parse(str(said["answer"]["slots"])).text if said else "it was not understood"
            raise RuntimeError(f"the files were refused: {told}")

    def cancel(self, key: str, *, form: str | None = None) -> None:
        """Press the button that stops a submission."""
        self.say("cancel", form=self._form(form).id, submission=key)

    def retry(self, key: str, *, form: str | None = None) -> None:
        """Press the button that submits a submission again."""
        self.say("retry", form=self._form(form).id, submission=key)

    def clear(self, key: str, *, form: str | None = None) -> None:
        """Press the button that takes a submission off the list."""
        self.say("clear", form=self._form(form).id, submission=key)

    async def ended(self, key: str, *, form: str | None = None, seconds: float = 10.0) -> None:
        """Wait until the view is told that a submission has ended, and what it changed is fresh.

        Raises
        ------
        TimeoutError
            When that takes longer.
        """
        form_id = self._form(form).id
        async with asyncio.timeout(seconds):
            while key not in self.view._state["forms"][form_id]["ended"]:
                self._news.clear()
                await self._news.wait()
            running = self.view._forms()[form_id]._submissions.running
            # Its task goes on until the page has loaded again what it invalidated.
            if refreshing := [task for one, task in running.items() if one.key == key]:
                await asyncio.wait(refreshing)

    def say(self, kind: str, *buffers: Any, **content: Any) -> dict[str, Any] | None:
        """Send a message of a kind; return its acknowledgement, None without one."""
        rid = content.pop("rid", None) or f"rid-{next(_rids)}"
        self.send({"kind": kind, "v": 1, "rid": rid, **content}, *buffers)
        return next((one for one in reversed(self.custom) if one["rid"] == rid), None)

    def send(self, content: Any, *buffers: Any) -> None:
        """Send a custom message, whatever is in it."""
        self._send({"method": "custom", "content": content}, list(buffers))

    def _send(self, data: dict[str, Any], buffers: list[Any]) -> None:
        self.view._handle_msg({"content": {"data": data}, "buffers": buffers})


def announced(files: Iterable[tuple[str, UploadedFile]]) -> list[dict[str, Any]]:
    """Return what is said of files before they are sent.

    Parameters
    ----------
    files : iterable of (str, UploadedFile)
        Name of the field, and the file.
    """
    return [
        {
            "field": field,
            "filename": file.filename,
            "content_type": file.content_type,
            "size": file.size,
        }
        for field, file in files
    ]
