"""Rendering: a page's templates and the states of its forms, made into HTML and answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NotRequired, TypedDict, assert_never
from urllib.parse import urlencode

from tornado.escape import xhtml_escape as escape
from tornado.template import Template

from .controls import Controls, controls
from .documents import compiled, notice_html
from .errors import ActionFailure
from .files import MAX_BODY
from .fill import fill
from .form import labels_of, value_text
from .formdata import FormData, unnumbered
from .listing import Listed, described, listed_html, pattern_html, step_html
from .messages import say, script_texts
from .page import Page
from .present import Offer, present
from .results import Bug, Failure, Redirect, Success
from .rows import expand
from .submission import State
from .templates import body_text, template_texts
from .tracebacks import error_html

__all__ = ["Answer", "Renderer"]

#: Bytes for the other fields, where the files alone may have more than is usual.
BESIDE_FILES = 1_000_000


class Answer(TypedDict):
    """What a submission is answered with, to the kernel's view and to a fetch alike.

    The shapes stand as files under ``tests/wire/``.
    """

    #: "success", "redirect", "failure", "error" (a bug), or "pending": it has not ended.
    type: str
    #: Id of the form on its page.
    form: str
    #: Name of a slot → HTML for its inside; slots that are not named are emptied.
    slots: dict[str, str]
    #: Names of the fields that are wrong.
    invalid: list[str]
    #: Key of a loader → its fresh HTML.
    loaders: dict[str, str]
    #: Key of a submission → its row in the form's list; empty for one that has left it.
    submissions: NotRequired[dict[str, str]]
    #: Where to go, for a redirect; where to ask again, when pending.
    location: NotRequired[str]
    #: What stands in the log beside the traceback, for a bug.
    id: NotRequired[str]


class Renderer:
    """Renders one page and its forms.

    Parameters
    ----------
    page : Page
        The page.
    texts : mapping of str to str, optional
        Edited templates by file name, in place of those of :func:`template_texts`.
    author : bool
        Whether the reader is the author, in the notebook: bugs are shown with their traceback, and
        each form has a slot for what the action prints. Never set by the server.
    max_body : int, optional
        Bytes that a submission may have; by default 25 MB, or as much as the files of its form
        may have together.

    Attributes
    ----------
    controls : dict of str to Controls
        Form id → the controls that its template has.
    """

    def __init__(
        self,
        page: Page,
        texts: Mapping[str, str] | None = None,
        *,
        author: bool = False,
        max_body: int | None = None,
    ) -> None:
        self.page = page
        self._author = author
        written = {**template_texts(page, author=author), **(texts or {})}
        self._document = compiled(written[f"{page.slug}.html"])
        self._body = compiled(body_text(page))
        self._forms: dict[str, Template] = {}
        #: By the form's id.
        self.controls: dict[str, Controls] = {}
        self._max_body = max_body
        for form_id in page.forms:
            text = written[f"{page.slug}.{form_id}.html"]
            if author:
                inside, end, after = text.rpartition("</form>")
                text = f'{inside}<div data-slot="log"></div>\n{end}{after}'
            self._forms[form_id] = compiled(text)
            self.controls[form_id] = controls(text)

    def document(
        self,
        states: Mapping[str, State],
        loaders: Mapping[str, str],
        *,
        static: Any,
        query: Iterable[tuple[str, str]] = (),
        notice: str = "",
        slots: Mapping[str, Mapping[str, str]] | None = None,
    ) -> bytes:
        """Return the whole page.

        Parameters
        ----------
        states : mapping of str to State
            Form id → where that form stands; a form that is not named is fresh.
        loaders : mapping of str to str
            Loader name → HTML.
        static : callable
            Name of a static file → its URL.
        query : iterable of (str, str)
            The page's own query, which the forms keep.
        notice : str
            Text for the top of the page.
        slots : mapping, optional
            Form id → slots that were rendered earlier, shown in place of the form's own.

        Returns
        -------
        bytes
            UTF-8.
        """
        rendered = {
            form_id: self.form(
                form_id, states.get(form_id, State()), query, (slots or {}).get(form_id)
            )
            for form_id in self._forms
        }
        return self._document.generate(
            form=rendered.__getitem__,
            loader=lambda name: loaders.get(name, ""),
            notice=notice_html(notice),
            static=static,
            messages=script_texts(),
        )

    def body(
        self,
        states: Mapping[str, State],
        loaders: Mapping[str, str],
        slots: Mapping[str, Mapping[str, str]],
    ) -> str:
        """Return the inside of the page, for the notebook."""
        return self._body.generate(
            form=lambda form_id: self.form(form_id, states[form_id], slots=slots[form_id]),
            loader=lambda name: loaders.get(name, ""),
            notice="",
        ).decode()

    def form(
        self,
        form_id: str,
        state: State,
        query: Iterable[tuple[str, str]] = (),
        slots: Mapping[str, str] | None = None,
    ) -> str:
        """Return one form's HTML, filled with its state."""
        url = self._url(form_id, query)
        html = (
            self._forms[form_id]
            .generate(url=url, max_body=self.max_body(form_id), pattern=pattern_html(url))
            .decode()
        )
        shown = self.slots(form_id, state) if slots is None else slots
        entered = self._entered(form_id, state)
        if not shown and entered is None:
            return html
        if entered is not None:
            html = expand(html, entered)
        return fill(html, values=entered, slots=shown, invalid=self.invalid(state))

    def _entered(self, form_id: str, state: State) -> FormData | None:
        """Return what stands in the form's fields: nothing where a success empties them."""
        form = self.page.forms[form_id]
        emptied = form.action.shows_each if form.reset is None else form.reset
        return None if emptied and isinstance(state.outcome, Success) else state.input

    def _url(self, form_id: str, query: Iterable[tuple[str, str]]) -> str:
        return "?" + urlencode([("_action", self.page.forms[form_id].action.name), *query])

    def submission(
        self,
        form_id: str,
        listed: Listed,
        query: Iterable[tuple[str, str]] = (),
        slots: Mapping[str, str] | None = None,
        offer: Offer | None = None,
    ) -> str:
        """Return the row of a submission in the list of its form.

        Parameters
        ----------
        form_id : str
            The form.
        listed : Listed
            The submission.
        query : iterable of (str, str)
            The page's own query, which the row's buttons keep.
        slots : mapping of str to str, optional
            What :meth:`row_slots` returned, where that is known already.
        offer : callable, optional
            Makes a file available, as of `present`.
        """
        text = self.described(form_id, listed.state.input)
        said = self.row_slots(form_id, listed.state, offer) if slots is None else slots
        return listed_html(listed, text, said, self._url(form_id, query))

    def described(self, form_id: str, data: FormData | None) -> str:
        """Return in words what was submitted, without secrets."""
        sent = FormData(data or (), secret=self.controls[form_id].secrets)
        nodes, ticks = self.page.forms[form_id].parameters.fields, self.controls[form_id].ticks

        def read(name: str, text: str) -> str:
            ticked = text == "on" and unnumbered(name) in ticks
            return say("yes") if ticked else value_text(nodes, name, text)

        return described(sent, self.labels(form_id, sent), read)

    def labels(self, form_id: str, names: Iterable[str]) -> dict[str, str]:
        """Return what fields are called: name → label, with what the field stands in."""
        nodes = self.page.forms[form_id].parameters.fields
        return {name: " ".join(labels_of(nodes, name)) for name in names}

    def row_slots(self, form_id: str, state: State, offer: Offer | None = None) -> dict[str, str]:
        """Return what a submission's row says about its state: slot → HTML."""
        return self._slots(form_id, state, offer, row=True)

    def max_body(self, form_id: str) -> int:
        """Return how many bytes a submission of a form may have."""
        if self._max_body is not None:
            return self._max_body
        files = sum(self.controls[form_id].limits.values())
        return max(MAX_BODY, files + BESIDE_FILES)

    @staticmethod
    def invalid(state: State) -> list[str]:
        """Return the names of the fields that are wrong."""
        return list(state.error.fields) if isinstance(state.error, ActionFailure) else []

    def slots(self, form_id: str, state: State, offer: Offer | None = None) -> dict[str, str]:
        """Return what a form says about its state: slot → HTML; ``offer`` as of `present`.

        Where each submission has a row of its own, results are shown there.
        """
        return self._slots(form_id, state, offer, row=False)

    def _slots(
        self, form_id: str, state: State, offer: Offer | None, *, row: bool
    ) -> dict[str, str]:
        shown = row or not self.page.forms[form_id].action.shows_each
        done = {"status": escape(say("done"))}
        match state.outcome:
            case None:
                return {}
            case Success(value):
                return {**done, "result": present(value, offer)} if shown else done
            case Redirect():
                # Only the notebook shows it: a browser goes there.
                shown = shown and self._author
                return {**done, "result": present(state.outcome)} if shown else done
            case Failure(error):
                # From a row no link leads to what stands in the form by now.
                return self._failure(form_id, error, linked=not row)
            case Bug():
                return {"errors": self._bug(state.outcome)}
            case _:
                assert_never(state.outcome)

    def _failure(self, form_id: str, error: ActionFailure, *, linked: bool) -> dict[str, str]:
        slots: dict[str, str] = {}
        items = []
        for name, message in error.fields.items():
            slots[f"error:{name}"] = escape(message)
            text = escape(self._summarized(form_id, name, message))
            control = self._control(form_id, name) if linked else None
            items.append(f'<a href="#{escape(control)}">{text}</a>' if control else text)
        message = f"<p>{escape(error.message or say('check' if items else 'failed'))}</p>"
        listed = "".join(f"<li>{item}</li>" for item in items)
        return {"errors": message + (f"<ul>{listed}</ul>" if listed else ""), **slots}

    def _summarized(self, form_id: str, name: str, message: str) -> str:
        """Return a field's message for the summary, where nothing else tells what it is about."""
        *around, label = labels_of(self.page.forms[form_id].parameters.fields, name)
        if not message.startswith((f"{label} ", f"{label}:")):
            message = f"{label}: {message}"
        return f"{', '.join(around)}: {message}" if around else message

    def _control(self, form_id: str, name: str) -> str | None:
        """Return the id of a field's control."""
        known = self.controls[form_id].ids.get(name)
        if known is None and any(char in name for char in ".["):
            # Of a group or a list, as ``markup`` writes it.
            return f"{form_id}-{name}" if self.page.forms[form_id].html is None else None
        return known

    def _bug(self, bug: Bug) -> str:
        if not self._author:
            known = escape(say("bug_id", id="{id}")).replace("{id}", f"<code>{bug.id}</code>")
            return f'<p>{escape(say("bug"))}</p><p class="na-muted">{known}</p>'
        return error_html(bug.error)

    def answer(
        self,
        form_id: str,
        state: State,
        loaders: Mapping[str, str],
        slots: Mapping[str, str] | None = None,
    ) -> Answer:
        """Return the answer to a submission that has ended.

        Parameters
        ----------
        form_id : str
            The form that was submitted.
        state : State
            Its state; not pending.
        loaders : mapping of str to str
            The refreshed loaders' HTML.
        slots : mapping of str to str, optional
            What :meth:`slots` returned for this state, where that is known already.
        """
        answer = Answer(
            type=_answer_type(state),
            form=form_id,
            slots=dict(self.slots(form_id, state) if slots is None else slots),
            invalid=self.invalid(state),
            loaders=dict(loaders),
        )
        if isinstance(state.outcome, Redirect):
            answer["location"] = state.outcome.location
        if isinstance(state.outcome, Bug):
            answer["id"] = state.outcome.id
        return answer

    def pending(
        self,
        form_id: str,
        listed: Listed,
        location: str,
        query: Iterable[tuple[str, str]] = (),
    ) -> Answer:
        """Return the answer to a submission that has not ended.

        Parameters
        ----------
        form_id : str
            The form that was submitted.
        listed : Listed
            How far it has come.
        location : str
            Where it can be followed.
        query : iterable of (str, str)
            The page's own query.
        """
        answer = Answer(
            type="pending",
            form=form_id,
            slots={"progress": step_html(listed.step)},
            invalid=[],
            loaders={},
            location=location,
        )
        if self.page.forms[form_id].action.shows_each:
            answer["submissions"] = {listed.key: self.submission(form_id, listed, query)}
        return answer


def _answer_type(state: State) -> str:
    match state.outcome:
        case Success():
            return "success"
        case Redirect():
            return "redirect"
        case Failure():
            return "failure"
        case Bug():
            return "error"
        case None:
            raise ValueError("a submission that has not ended has no answer")
        case _:
            assert_never(state.outcome)
