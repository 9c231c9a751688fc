"""The view: what is synced to the browser, and the messages that come back.

The kernel is the only writer. The browser sends messages ``{kind, v, rid, ...}``, which are
acknowledged on the thread where they arrive and handled on the owner loop; state that a browser
tries to set is refused. Everything needed to draw the form again stands in two traits.
"""

from __future__ import annotations

import inspect
import logging
import os
import re
import threading
import weakref
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import anywidget
import traitlets
from tornado.escape import xhtml_escape as escape

from ..errors import FormError
from ..files import UploadedFile
from ..formdata import FormData, Value
from ..messages import say, script_texts
from ..page import Page
from ..render import Renderer
from ..results import Failure
from ..submission import State
from ..templates import language_text
from .loop import cell, on_owner_loop
from .offers import Offers
from .uploads import Announced, Uploads

if TYPE_CHECKING:
    from .form import ActionForm
    from .submission import Submission

__all__ = ["View", "documented"]

log = logging.getLogger("notebook_actions")

V = TypeVar("V")

VERSION = 1
_STATIC = Path(__file__).resolve().parent.parent / "static"

#: What an acknowledgement says beside whose it is, and what is done after it, on the owner loop.
_Heard: TypeAlias = tuple[dict[str, Any], Callable[[], object] | None]

#: What a cell made, by the cell's id and the thing's name: the run that made it, and the views.
_made: dict[tuple[str, str], tuple[str, weakref.WeakSet[View]]] = {}


def documented(widget: type[V]) -> type[V]:
    """Put what a declaration takes into the docstring of its widget, for ``ActionForm?``.

    Parameters
    ----------
    widget : type
        Its first base is the declaration; its docstring says ``Takes what … takes.``
    """
    declaration = inspect.getdoc(widget.__bases__[0]) or ""
    taken = declaration.partition("\n\n")[2]
    own = inspect.getdoc(widget) or ""
    widget.__doc__ = re.sub(r"Takes what \S+ takes\.", lambda _: taken, own)
    return widget


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
        self._said: dict[str, tuple[State, dict[str, str], Offers]] = {}
        self._rows: dict[Submission, tuple[int, str, Offers]] = {}
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

    def _loader_offers(self) -> Iterable[Offers]:
        """Return the files that these loaders' data has."""
        return ()

    @cached_property
    def _renderer(self) -> Renderer:
        return Renderer(Page.of(self), author=True)

    # --- to the browser -------------------------------------------------------------------------

    def publish(self) -> None:
        """Send the current state to the browser, in one message."""
        renderer, forms = self._renderer, self._forms()
        states = {form_id: form.state for form_id, form in forms.items()}
        said = {form_id: self._slots(form_id, state) for form_id, state in states.items()}
        rows = self._rows_of_forms()
        slots = {
            form_id: said[form_id] | ({"submissions": "".join(shown.values())} if shown else {})
            for form_id, shown in rows.items()
        }
        self._seq += 1
        with self.hold_sync():
            self._html = (
                f'<div class="na-root"{language_text()} data-messages="{escape(script_texts())}">'
                '<p class="na-notice" data-slot="notice" role="status" hidden></p>'
                f"{self._markup(states, slots)}</div>"
            )
            self._state = {
                "seq": self._seq,
                "forms": {
                    form_id: {
                        **form.progress_of_view(),
                        "answer": renderer.answer(form_id, form.state, {}, said[form_id])
                        if form.state.outcome is not None
                        else None,
                        "submissions": rows[form_id],
                    }
                    for form_id, form in forms.items()
                },
                "loaders": dict(self._loader_html()),
            }

    def _slots(self, form_id: str, state: State) -> dict[str, str]:
        """Return what a form says; worked out once for a state, since a figure takes its time."""
        known, slots, _ = self._said.get(form_id, (None, {}, None))
        if known is not state:
            kept = self._forms()[form_id].kept_slots()
            offers = Offers()
            slots = {**self._renderer.slots(form_id, state, offers.offer), **kept}
            self._said[form_id] = (state, slots, offers)
        return slots

    def _rows_of_forms(self) -> dict[str, dict[str, str]]:
        """Return the rows of each form: key of a submission → HTML.

        Only those that have changed are rendered.
        """
        rows: dict[Submission, tuple[int, str, Offers]] = {}
        shown: dict[str, dict[str, str]] = {}
        for form_id, form in self._forms().items():
            shown[form_id] = {}
            for one in form.listed:
                version, html, offers = self._rows.get(one, (-1, "", Offers()))
                if version != one.version:
                    version, offers = one.version, Offers()
                    html = self._renderer.submission(form_id, one.listed, offer=offers.offer)
                rows[one] = (version, html, offers)
                shown[form_id][one.key] = html
        self._rows = rows
        return shown

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
        return f"<ul>{''.join(names)}</ul><p><em>{escape(say('run_cell'))}</em></p>"

    # --- from the browser -----------------------------------------------------------------------

    def set_state(self, sync_data: Mapping[str, Any]) -> None:
        """Refuse state from the browser, which could forge results or replace the script."""
        log.debug("a browser tried to set %s; refused", sorted(sync_data))

    def _received(self, _widget: object, content: Any, buffers: Sequence[Any]) -> None:
        """Handle a message; acknowledge it on this thread, whatever the cells are doing.

        What is not acknowledged comes again, so everything may be said twice.
        """
        match content:
            case {"kind": str(), "v": 1, "rid": str(rid)} if len(rid) <= 64:
                heard = self._hear(rid, content, buffers)
            case _:
                heard = None
        if heard is None:
            log.debug("a message that is not understood was ignored")
            return
        said, act = heard
        pieces = [said.pop("piece")] if "piece" in said else None
        self.send({"kind": "ack", "v": VERSION, "rid": rid, **said}, pieces)
        if act is not None:
            on_owner_loop(act)

    def _hear(self, rid: str, content: Mapping[str, Any], buffers: Sequence[Any]) -> _Heard | None:
        """Return what a message is acknowledged with and what is done then; None for neither."""
        form_id = str(content.get("form"))
        form = self._forms().get(form_id)
        try:
            match content:
                case {"kind": "sync"}:
                    return {"state": self._state}, None
                case {"kind": "submit"}:
                    return {}, self._submission(form, rid, content.get("entries"))
                case {"kind": "upload", "upload": str(key), "files": list(files)} if form:
                    form.uploads.begin(key, [_announced(file) for file in files], self)
                    return {}, None
                case {"kind": "chunk", "upload": str(key), "file": int(file), "n": int(n)} if form:
                    return ({}, None) if form.uploads.write(key, file, n, *buffers) else None
                case {"kind": "download", "token": str(token), "n": int(n)}:
                    return self._piece(token, n), None
                case {"kind": "cancel", "upload": str(key)} if form:
                    form.uploads.drop(key=key)
                    return {}, None
                case {"kind": "cancel" | "retry" | "clear" as kind, "submission": str(key)} if form:
                    return {}, partial(form.act, kind, key) if self._is_new(rid) else None
        except FormError as refused:
            answer = self._renderer.answer(form_id, State(outcome=Failure(refused)), {})
            # No form has taken anything in, so what each shows as kept stays kept.
            return {"answer": {**answer, "form": ""}}, None
        except TypeError:  # Not what its kind has.
            pass
        return None

    def _piece(self, token: str, n: int) -> dict[str, Any]:
        """Return a piece of a file that is offered; only a word when there is none."""
        said = [offers for _, _, offers in (*self._said.values(), *self._rows.values())]
        said += self._loader_offers()
        offered = next((one for one in said if token in one), None)
        if offered is None:
            return {"gone": say("offer_gone")}
        try:
            download, piece = offered.piece(token, n)
        except Exception:
            log.exception("a download could not be made")
            return {"gone": say("offer_failed")}
        return {"filename": download.filename, "size": download.size, "piece": piece}

    def _submission(
        self, form: ActionForm | None, rid: str, entries: Any
    ) -> Callable[[], object] | None:
        if not self._is_new(rid):
            return None
        try:
            data = None if form is None else _form_data(entries, form.uploads)
        except FormError:
            # Refused; should the answer be lost, it is refused again.
            self._rids.remove(rid)
            raise
        if form is None or data is None:
            log.warning("a submission that cannot be read was ignored")
            return None
        return partial(form.dispatch, data, rid=rid)

    def _is_new(self, rid: str) -> bool:
        """Whether a message comes for the first time."""
        with self._lock:
            if rid in self._rids:
                return False
            self._rids.append(rid)
            return True

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
        for form in self._forms().values():
            form.uploads.drop(owner=self)
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


def _announced(file: Any) -> Announced:
    match file:
        case {
            "field": str(field),
            "filename": str(filename),
            "content_type": str(kind),
            "size": int(size),
        } if size >= 0:
            return Announced(field, filename, kind, size)
        case _:
            raise TypeError("not a file's description")


def _form_data(entries: Any, uploads: Uploads) -> FormData | None:
    """Return what a browser sent as form data; None when it is nothing that a form can send."""
    pairs: list[tuple[str, Value]] = []
    files: dict[str, list[tuple[str, UploadedFile]]] = {}
    for entry in entries if isinstance(entries, list) else [None]:
        match entry:
            case [str(name), str(value)]:
                pairs.append((name, value))
            case [str(name), {"upload": str(key), "file": int(number)}]:
                if key not in files:
                    files[key] = uploads.take(key)
                match files[key][number : number + 1]:
                    case [(field, file)] if field == name:
                        pairs.append((name, file))
                    case _:
                        return None
            case _:
                return None
    return FormData(pairs)
