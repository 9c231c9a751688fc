"""The view: what is synced to the browser, and the messages that come back.

The kernel is the only writer. The browser sends messages ``{kind, v, rid, ...}``, which are
acknowledged on the thread where they arrive and handled on the owner loop; state that a browser
tries to set is refused. Everything needed to draw the form again stands in two traits.
"""

from __future__ import annotations

import logging
import os
import threading
import weakref
from collections import deque
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets
from tornado.escape import xhtml_escape as escape

from ..files import UploadedFile
from ..formdata import FormData, Value
from ..page import Page
from ..render import Renderer
from ..submission import State
from .loop import cell, on_owner_loop

if TYPE_CHECKING:
    from .form import ActionForm

__all__ = ["View"]

log = logging.getLogger("notebook_actions")

VERSION = 1
_STATIC = Path(__file__).resolve().parent.parent / "static"

#: What a cell made, by the cell's id and the thing's name: the run that made it, and the views.
_made: dict[tuple[str, str], tuple[str, weakref.WeakSet[View]]] = {}


class View(anywidget.AnyWidget):
    """A widget that shows forms and loaders."""

    path: str

    _esm = (_STATIC / "widget.js").read_text("utf-8")
    _css = (_STATIC / "form.css").read_text("utf-8")

    #: The HTML with the current state in it, for a view that is opened now or after a reload.
    _html = traitlets.Unicode().tag(sync=True)
    #: What changed, for the views that are open.
    _state = traitlets.Dict().tag(sync=True)

    url = traitlets.Unicode("", read_only=True, help="Address of the preview; empty without one.")

    def __init__(self) -> None:
        super().__init__()
        self._preview: Any = None
        self._seq = 0
        self._said: dict[str, tuple[State, dict[str, str]]] = {}
        self._rids: deque[str] = deque(maxlen=1000)
        self._lock = threading.Lock()
        if hasattr(self.comm, "_reply_subshell_for"):
            # ipykernel 7.4 delivers on the thread that sent last, which a cell may be blocking.
            # What is acknowledged at once stays on the thread that the front end has chosen.
            self.comm._reply_subshell_for = None
        self.on_msg(self._received)

    # --- what a subclass tells ------------------------------------------------------------------

    def _forms(self) -> Mapping[str, ActionForm]:
        """Return the forms that are shown, by their id in this view."""
        raise NotImplementedError

    def _markup(self, states: Mapping[str, State], slots: Mapping[str, Mapping[str, str]]) -> str:
        """Return the HTML of the inside, with what each form says."""
        raise NotImplementedError

    def _loader_html(self) -> Mapping[str, str]:
        """Return the HTML of the loaders that are shown."""
        return {}

    @cached_property
    def _renderer(self) -> Renderer:
        return Renderer(Page.of(self), author=True)

    # --- to the browser -------------------------------------------------------------------------

    def publish(self) -> None:
        """Send the current state to the browser, in one message."""
        renderer, forms = self._renderer, self._forms()
        states = {form_id: form.state for form_id, form in forms.items()}
        slots = {form_id: self._slots(form_id, state) for form_id, state in states.items()}
        self._seq += 1
        with self.hold_sync():
            self._html = (
                '<div class="na-root"><p class="na-notice" data-slot="notice" role="status" hidden>'
                f"</p>{self._markup(states, slots)}</div>"
            )
            self._state = {
                "seq": self._seq,
                "forms": {
                    form_id: {
                        **form.progress_of_view(),
                        "answer": renderer.answer(form_id, form.state, {}, slots[form_id])
                        if form.state.outcome is not None
                        else None,
                    }
                    for form_id, form in forms.items()
                },
                "loaders": dict(self._loader_html()),
            }

    def _slots(self, form_id: str, state: State) -> dict[str, str]:
        """Return what a form says; worked out once for a state, since a figure takes its time."""
        known, slots = self._said.get(form_id, (None, {}))
        if known is not state:
            slots = self._renderer.slots(form_id, state)
            self._said[form_id] = (state, slots)
        return slots

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """Add a notice for where there is no kernel: a notebook on the web, a printed one."""
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is None:
            return None
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        return {**data, "text/html": self._summary()}, metadata

    def _summary(self) -> str:
        names = []
        for form in self._forms().values():
            labels = ", ".join(escape(node.label) for node in form.fields if node.label)
            title = escape(form.title or form.submit_label)
            names.append(f"<li><strong>{title}</strong>{f': {labels}' if labels else ''}</li>")
        return f"<ul>{''.join(names)}</ul><p><em>Run this notebook to use the form.</em></p>"

    # --- from the browser -----------------------------------------------------------------------

    def set_state(self, sync_data: Mapping[str, Any]) -> None:
        """Refuse state from the browser, which could forge results or replace the script."""
        log.debug("a browser tried to set %s; refused", sorted(sync_data))

    def _received(self, _widget: object, content: Any, buffers: Sequence[Any]) -> None:
        match content:
            case {"kind": "sync" | "submit" as kind, "v": 1, "rid": str(rid)} if len(rid) <= 64:
                pass
            case _:
                log.debug("a message that is not understood was ignored")
                return
        with self._lock:
            if rid in self._rids:
                return
            self._rids.append(rid)
        known = {"state": self._state} if kind == "sync" else {}
        self.send({"kind": "ack", "v": VERSION, "rid": rid, **known})
        if kind == "submit":
            form = self._forms().get(str(content.get("form")))
            data = _form_data(content.get("entries"), buffers)
            if form is None or data is None:
                log.warning("a submission that cannot be read was ignored")
                return
            on_owner_loop(lambda: form.dispatch(data, rid=rid))

    # --- beyond the notebook --------------------------------------------------------------------

    def serve(self, port: int = 0) -> str:
        """Serve this from the kernel, for a look at it in a browser.

        Parameters
        ----------
        port : int
            0 for any free port.

        Returns
        -------
        str
            The address, which is in the trait ``url`` too.
        """
        # The one place where the widget reaches for the server, and only when it is asked for.
        from ..server import make_app, serve_in_background

        if self._preview is not None:
            self._preview.stop()
        self._preview, address = serve_in_background(make_app(self), port)
        self.set_trait("url", address + self.path)
        return str(self.url)

    def export(self, path: str | os.PathLike[str], *, force: bool = False) -> Any:
        """Write this as a standalone Tornado app; see :func:`notebook_actions.export`.

        Parameters
        ----------
        path : path
            Folder of the app.
        force : bool
            Overwrite files of an earlier export that were edited since.
        """
        from ..exporter import export

        return export(self, path, force=force)

    def close(self) -> None:
        """End the view and the preview."""
        if self.comm is None:  # Closed already, or never made: its definition was refused.
            return
        if self._preview is not None:
            self._preview.stop()
            self._preview = None
            self.set_trait("url", "")
        super().close()

    # --- its life -------------------------------------------------------------------------------

    def take_over(self, name: str) -> None:
        """Close what an earlier run of the same cell made under this name."""
        where = cell()
        if where is None:
            return
        cell_id, run = where
        earlier, views = _made.get((cell_id, name), (run, weakref.WeakSet()))
        if earlier != run:
            for view in list(views):
                view.close()
            views = weakref.WeakSet()
        views.add(self)
        _made[cell_id, name] = (run, views)


def _form_data(entries: Any, buffers: Sequence[Any]) -> FormData | None:
    """Return what a browser sent as form data; None when it is nothing that a form can send."""
    if not isinstance(entries, list):
        return None
    pairs = [pair for entry in entries if (pair := _pair(entry, buffers)) is not None]
    return FormData(pairs) if len(pairs) == len(entries) else None


def _pair(entry: Any, buffers: Sequence[Any]) -> tuple[str, Value] | None:
    match entry:
        case [str(name), str(value)]:
            return name, value
        case [
            str(name),
            {"filename": str(filename), "content_type": str(kind), "buffer": int(number)},
        ] if 0 <= number < len(buffers):
            # A memoryview in Jupyter, bytes elsewhere.
            content = bytes(buffers[number])
            return name, UploadedFile(filename, kind or "application/octet-stream", content)
        case _:
            return None
