"""The form of an action as a widget: its traits follow the function, which runs in the kernel."""

from __future__ import annotations

import asyncio
import contextvars
import logging
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import traitlets
from tornado.escape import xhtml_escape as escape

from .. import page as declared
from ..action import Action
from ..controls import Controls
from ..errors import FormError, NothingToRetry
from ..fields import Control
from ..formdata import FormData
from ..listing import step_html
from ..messages import say
from ..output import captured
from ..progress import Progress, Step
from ..request import Request
from ..results import Failure, Outcome, Redirect, Success
from ..submission import State
from .keeping import Keeping
from .loop import on_owner_loop, owner_loop
from .submission import Submission
from .submissions import Submissions
from .uploads import Uploads
from .view import View, documented

if TYPE_CHECKING:
    from .page import Page

__all__ = ["ActionForm"]

log = logging.getLogger("notebook_actions")

#: Seconds between two tellings of what an action prints and how far it has come.
TELL_SECONDS = 0.1
#: Submissions of which a view shows a row.
MAX_ROWS = 50


@documented
class ActionForm(declared.ActionForm, View):
    """The form of an action, live in the notebook.

    Takes what :class:`notebook_actions.page.ActionForm` takes.

    Attributes
    ----------
    pending : bool
        Whether a submission runs.
    input : FormData or None
        What was submitted.
    result : object
        What the action returned: the real object.
    error : Exception or None
        What went wrong.
    progress : Step or None
        How far the submission that runs has come, when its action tells; at most ten a second.
    submissions : tuple of Submission
        The newest one, with ``concurrency="parallel"`` and ``"queue"`` all of them in their order;
        empty before the first and after ``clear()``. Observers are told of each change of one.
    url : str
        The address of the preview that :meth:`serve` started; empty without one.

    All of them are read-only, change together, and can be observed and linked. Save for
    ``submissions`` and ``url`` they follow the newest submission.
    """

    pending = traitlets.Bool(False, read_only=True)
    input = traitlets.Any(None, allow_none=True, read_only=True)
    result = traitlets.Any(None, allow_none=True, read_only=True)
    error = traitlets.Any(None, allow_none=True, read_only=True)
    progress = traitlets.Any(None, allow_none=True, read_only=True)
    submissions = traitlets.Tuple(read_only=True)

    def __init__(
        self,
        action: Action[..., Any] | Callable[..., Any],
        *,
        fields: Iterable[Control] | None = None,
        html: str | None = None,
        title: str | None = None,
        submit: str | None = None,
        request: Request | None = None,
        path: str | None = None,
        reset: bool | None = None,
    ) -> None:
        declared.ActionForm.__init__(
            self,
            action,
            fields=fields,
            html=html,
            title=title,
            submit=submit,
            request=request,
            path=path,
            reset=reset,
        )
        View.__init__(self)
        self.pages: list[Page] = []
        self._version = 0
        self._keeping = Keeping()
        self.uploads = Uploads(self._controls.limits, self._renderer.max_body(self.action.name))
        self._submissions = Submissions(
            self.action.name, self.action.concurrency, self._work, self._invalidate, self._follow
        )
        self._publishing: asyncio.TimerHandle | None = None
        # What the browser asks for runs as if the cell that made the form had called it.
        self._context = contextvars.copy_context()
        self.take_over(f"form {self.action.name}")
        self.publish()

    # --- submitting -----------------------------------------------------------------------------

    def submit(
        self, form_data: FormData | Mapping[str, object] | None = None, /, **values: object
    ) -> Submission:
        """Submit the form from Python, as a click would.

        Parameters
        ----------
        form_data : FormData or mapping, optional
            What to submit.
        **values
            The same by keyword: ``form.submit(subject="Charms", seats=2)``.

        Returns
        -------
        Submission
            Can be awaited for the result, and need not be.

        Raises
        ------
        TypeError
            When both are given.
        RuntimeError
            When no event loop runs that the action could run on.
        """
        if form_data is not None and values:
            raise TypeError("give the form data either as one mapping or by keyword, not both")
        if owner_loop() is None:
            raise RuntimeError(
                f"{self.action.name} needs a running event loop; call submit() in a notebook's "
                "cell or inside async code"
            )
        data = self._form_data(form_data if form_data is not None else values)
        return self._submit(Submission(self, data))

    def _submit(self, submission: Submission, instead: Submission | None = None) -> Submission:
        context = contextvars.copy_context()
        on_owner_loop(lambda: self._submissions.start(submission, context, instead))
        return submission

    def submit_again(self, submission: Submission) -> Submission:
        """Submit what another submission of this form did, in its place."""
        return self._submit(Submission(self, submission.input, submission.key), submission)

    def retry(self) -> Submission:
        """Submit the kept input again, that of the newest submission.

        Raises
        ------
        NothingToRetry
            When no input is kept.
        """
        if self.state.input is None:
            raise NothingToRetry
        newest = self._submissions.newest
        if newest is not None and self._submissions.shows_each:
            return newest.retry()
        return self.submit(self.state.input)

    def cancel(self) -> None:
        """Stop what runs or waits; its ``error`` becomes a ``Cancelled``."""
        on_owner_loop(self._submissions.stop_all)

    def stop(self, submission: Submission) -> None:
        """Stop one submission of this form."""
        on_owner_loop(lambda: self._submissions.stop(submission))

    def clear(self) -> None:
        """Cancel what runs, and forget the submissions with their input and outcome."""
        self.uploads.drop()
        on_owner_loop(self._submissions.clear)

    def remove(self, submission: Submission) -> None:
        """Stop one submission of this form and forget it."""
        on_owner_loop(lambda: self._submissions.remove(submission))

    def act(self, kind: str, key: str) -> None:
        """Do what a browser asks for: "cancel", "retry" or "clear" a submission.

        Called on the owner loop; one that is not listed any more is left alone.
        """
        submission = self._submissions.find(key)
        match kind:
            case "cancel" if submission:
                self._submissions.stop(submission)
            case "retry" if submission and not submission.pending:
                again = Submission(self, submission.input, key)
                self._submissions.start(again, self._context.copy(), submission)
            case "clear" if submission:
                self._submissions.remove(submission)

    def dispatch(self, data: FormData, *, rid: str) -> None:
        """Submit what a browser sent. Called on the owner loop."""
        whole, expired = self._keeping.restore(data, self._controls.multiple)
        refused = FormError(fields=dict.fromkeys(expired, say("expired"))) if expired else None
        submission = Submission(self, self._form_data(whole), rid, refused)
        self._submissions.start(submission, self._context.copy())

    def _form_data(self, given: FormData | Mapping[str, object]) -> FormData:
        """Return what is submitted, with what is secret masked for whoever prints it."""
        return FormData(given, secret=self._controls.secrets)

    async def _work(self, submission: Submission) -> Outcome:
        """Carry out a submission."""
        if submission.refused is not None:
            return Failure(submission.refused)
        loop = asyncio.get_running_loop()

        def printed(text: str) -> None:
            loop.call_soon_threadsafe(note, submission.note, text)

        def reported(step: Step) -> None:
            loop.call_soon_threadsafe(note, submission.report, step)

        def note(change: Callable[[Any], bool], told: Any) -> None:
            if submission in self._submissions.listed and change(told):
                self._tell_soon()

        with captured(printed):
            return await self.run(submission.input, self._request(), Progress(reported))

    async def _invalidate(self, outcome: Outcome) -> None:
        # A write that was superseded, or came too late to be cancelled, has happened all the same.
        if not isinstance(outcome, Success | Redirect):
            return
        pages = (page.invalidate(self.action, outcome) for page in self.pages)
        for failed in await asyncio.gather(*pages, return_exceptions=True):
            if isinstance(failed, Exception):
                log.error("invalidate= of %s failed", self.action.name, exc_info=failed)

    def _request(self) -> Request:
        stand_ins = [self.request, *(page.request for page in self.pages)]
        return next((one for one in stand_ins if one is not None), Request(url=self.path))

    # --- state ----------------------------------------------------------------------------------

    @property
    def state(self) -> State:
        """Where the form stands: it follows the newest submission."""
        return self._submissions.state

    def _follow(self) -> None:
        """Follow the submissions: the browser gets it in one message, observers in one batch."""
        state = self.state
        self._keeping.follow(state)
        self._changed()
        with self.hold_trait_notifications():
            self.set_trait("pending", state.pending)
            self.set_trait("input", state.input)
            self.set_trait("result", state.result)
            self.set_trait("error", state.error)
            self._tell_observers()

    def _tell_observers(self) -> None:
        """Tell of the submissions: which there are, and what has changed in one of them."""
        newest, before = self._submissions.newest, self.submissions
        now = tuple(self._submissions.listed)
        self.set_trait("progress", newest.progress if newest is not None else None)
        self.set_trait("submissions", now)
        if now and now == before:
            # Equal to what it was, which traitlets takes for no change.
            change = {"name": "submissions", "old": before, "new": now, "owner": self}
            self.notify_change(traitlets.Bunch(change, type="change"))

    def notify_change(self, change: Any) -> None:
        """Tell observers; one that fails ends neither the submission nor the news to others."""
        try:
            super().notify_change(change)
        except Exception:
            log.exception("an observer of %s.%s failed", self.action.name, change["name"])

    def _changed(self) -> None:
        if self._publishing is not None:
            self._publishing.cancel()
            self._publishing = None
        self._version += 1
        for view in (self, *self.pages):
            view.publish()

    def progress_of_view(self) -> dict[str, Any]:
        """Return what a view has to know beside the answer."""
        newest = self._submissions.newest
        text = escape(newest.printed) if newest is not None else ""
        said = escape(say("output"))
        shown = f"<details open><summary>{said}</summary><pre>{text}</pre></details>"
        # Where each submission has a row, that says how far it has come.
        alone = None if self._submissions.shows_each else newest
        return {
            "version": self._version,
            "pending": self.state.pending,
            "rid": None if newest is None else newest.key,
            "ended": list(self._submissions.settled),
            "dropped": list(self._submissions.dropped),
            "log": shown if text else "",
            "progress": "" if alone is None else step_html(alone.progress),
        }

    @property
    def listed(self) -> list[Submission]:
        """The submissions that a view shows as rows: the newest of them, in their order."""
        return self._submissions.listed[-MAX_ROWS:] if self._submissions.shows_each else []

    def _tell_soon(self) -> None:
        if self._publishing is None:
            self._publishing = asyncio.get_running_loop().call_later(TELL_SECONDS, self._tell)

    def _tell(self) -> None:
        self._changed()
        self._tell_observers()

    # --- the view -------------------------------------------------------------------------------

    def kept_slots(self) -> dict[str, str]:
        """Return what a view shows of the files that are kept for the next submission."""
        return self._keeping.slots()

    @property
    def _controls(self) -> Controls:
        return self._renderer.controls[self.action.name]

    def _forms(self) -> Mapping[str, ActionForm]:
        return {self.action.name: self}

    def _markup(self, states: Mapping[str, State], slots: Mapping[str, Mapping[str, str]]) -> str:
        name = self.action.name
        return self._renderer.form(name, states[name], slots=slots[name])

    def close(self) -> None:
        """End the view, the preview and what runs."""
        if self.comm is not None:
            self._keeping.forget()
            if self._submissions.running:
                self.clear()
        super().close()

    def __repr__(self) -> str:
        return declared.ActionForm.__repr__(self)
