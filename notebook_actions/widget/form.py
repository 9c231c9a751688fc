"""The form of an action as a widget: its traits follow the function, which runs in the kernel."""

from __future__ import annotations

import asyncio
import contextvars
import logging
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import traitlets
from tornado.escape import xhtml_escape as escape

from .. import page as declared
from ..action import Action, report_bug
from ..controls import Controls
from ..errors import Cancelled, FormError, NothingToRetry
from ..fields import Control
from ..formdata import FormData
from ..kept import EXPIRED
from ..progress import Progress, Step
from ..request import Request
from ..results import Failure, Outcome, Redirect, Success
from ..submission import State
from .keeping import Keeping
from .loop import on_owner_loop, owner_loop
from .output import captured
from .submission import Submission
from .uploads import Uploads
from .view import View

if TYPE_CHECKING:
    from .page import Page

__all__ = ["ActionForm"]

log = logging.getLogger("notebook_actions")

#: Characters of what an action printed that are kept, and seconds between two tellings of it.
MAX_LOG = 64_000
TELL_SECONDS = 0.1


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
        The newest one; empty before the first and after ``clear()``.

    All of them are read-only, change together, and can be observed and linked.
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
        )
        View.__init__(self)
        self.state = State()
        self.pages: list[Page] = []
        self._version = 0
        self._rid: str | None = None
        self._keeping = Keeping()
        self.uploads = Uploads(self._controls.limits, self._renderer.max_body(self.action.name))
        self._ended_rids: deque[str] = deque(maxlen=20)
        self._printed = ""
        self._step: Step | None = None
        self._publishing: asyncio.TimerHandle | None = None
        self._tasks: dict[Submission, asyncio.Task[None]] = {}
        self._newest: Submission | None = None
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
        submission = Submission(data, self._cancel)
        context = contextvars.copy_context()
        on_owner_loop(lambda: self._start(submission, None, context))
        return submission

    def retry(self) -> Submission:
        """Submit the kept input again.

        Raises
        ------
        NothingToRetry
            When no input is kept.
        """
        if self.state.input is None:
            raise NothingToRetry
        return self.submit(self.state.input)

    def cancel(self) -> None:
        """Stop the submission that runs; its ``error`` becomes a ``Cancelled``."""
        if self._newest is not None:
            self._cancel(self._newest)

    def cancel_run(self, rid: str) -> None:
        """Stop the submission that a browser's message began. Called on the owner loop."""
        if rid == self._rid:
            self.cancel()

    def clear(self) -> None:
        """Cancel what runs, and forget the last submission with its input and outcome."""
        on_owner_loop(self._clear)

    def dispatch(self, data: FormData, *, rid: str) -> None:
        """Submit what a browser sent. Called on the owner loop."""
        whole, expired = self._keeping.restore(data, self._controls.multiple)
        submission = Submission(self._form_data(whole), self._cancel)
        refused = FormError(fields=dict.fromkeys(expired, EXPIRED)) if expired else None
        self._start(submission, rid, self._context.copy(), refused)

    def _form_data(self, given: FormData | Mapping[str, object]) -> FormData:
        """Return what is submitted, with what is secret masked for whoever prints it."""
        return FormData(given, secret=self._controls.secrets)

    def _start(
        self,
        submission: Submission,
        rid: str | None,
        context: contextvars.Context,
        refused: FormError | None = None,
    ) -> None:
        if self._rid is not None:
            self._ended_rids.append(self._rid)
        self._rid = rid
        self._newest = submission
        self._printed = ""
        state = self.state.submit(submission.input)
        loop = asyncio.get_running_loop()
        task = loop.create_task(self._run(submission, state.run, refused), context=context)
        self._tasks[submission] = task
        task.add_done_callback(lambda _: self._tasks.pop(submission, None))
        self._become(state)

    async def _run(self, submission: Submission, run: int, refused: FormError | None) -> None:
        loop = asyncio.get_running_loop()

        def printed(text: str) -> None:
            loop.call_soon_threadsafe(self._print, submission, text)

        def reported(step: Step) -> None:
            loop.call_soon_threadsafe(self._report, submission, step)

        try:
            if refused is not None:
                outcome: Outcome = Failure(refused)
            else:
                with captured(printed):
                    outcome = await self.run(submission.input, self._request(), Progress(reported))
        except asyncio.CancelledError:
            outcome = Failure(Cancelled())
        except BaseException as error:  # a bug of ours must not leave the form pending for ever
            outcome = report_bug(self.action.name, error)
        self._end(submission, run, outcome)
        # A write that was superseded, or came too late to be cancelled, has happened all the same.
        if isinstance(outcome, Success | Redirect):
            await self._invalidate(outcome)

    async def _invalidate(self, outcome: Success | Redirect) -> None:
        pages = (page.invalidate(self.action, outcome) for page in self.pages)
        for failed in await asyncio.gather(*pages, return_exceptions=True):
            if isinstance(failed, Exception):
                log.error("invalidate= of %s failed", self.action.name, exc_info=failed)

    def _end(self, submission: Submission, run: int, outcome: Outcome) -> None:
        if submission.end(outcome):
            settled = self.state.settle(run, outcome)
            if settled is not self.state:
                self._become(settled)

    def _cancel(self, submission: Submission) -> None:
        on_owner_loop(lambda: self._stop(submission))

    def _stop(self, submission: Submission) -> None:
        task = self._tasks.get(submission)
        if task is None or not submission.pending:
            return
        task.cancel()
        submission.end(Failure(Cancelled()))
        if submission is self._newest:
            self._become(self.state.cancel())

    def _clear(self) -> None:
        self.uploads.drop()
        for submission, task in list(self._tasks.items()):
            # One that has ended may still be refreshing the page.
            if submission.end(Failure(Cancelled())):
                task.cancel()
        self._newest = None
        self._printed = ""
        self._become(self.state.clear())

    def _request(self) -> Request:
        stand_ins = [self.request, *(page.request for page in self.pages)]
        return next((one for one in stand_ins if one is not None), Request(url=self.path))

    # --- state ----------------------------------------------------------------------------------

    def _become(self, state: State) -> None:
        """Take on a state: the browser gets it in one message, observers in one batch."""
        self.state = state
        self._keeping.follow(state)
        self._step = None
        if not state.pending and self._rid is not None and self._rid not in self._ended_rids:
            self._ended_rids.append(self._rid)
        self._changed()
        with self.hold_trait_notifications():
            self.set_trait("pending", state.pending)
            self.set_trait("input", state.input)
            self.set_trait("result", state.result)
            self.set_trait("error", state.error)
            self.set_trait("progress", None)
            self.set_trait("submissions", () if self._newest is None else (self._newest,))

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
        text = escape(self._printed)
        shown = f"<details open><summary>Output</summary><pre>{text}</pre></details>"
        return {
            "version": self._version,
            "pending": self.state.pending,
            "rid": self._rid,
            "ended": list(self._ended_rids),
            "log": shown if text else "",
            "progress": "" if self._step is None else str(self._step),
        }

    def _print(self, submission: Submission, text: str) -> None:
        """Keep what the newest submission printed."""
        if submission is self._newest:
            self._printed = (self._printed + text)[-MAX_LOG:]
            self._tell_soon()

    def _report(self, submission: Submission, step: Step) -> None:
        """Note how far the newest submission has come; a step that comes too late is dropped."""
        if submission is self._newest and submission.pending:
            self._step = step
            self._tell_soon()

    def _tell_soon(self) -> None:
        if self._publishing is None:
            self._publishing = asyncio.get_running_loop().call_later(TELL_SECONDS, self._tell)

    def _tell(self) -> None:
        self._changed()
        self.set_trait("progress", self._step)

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
            if self._tasks:
                on_owner_loop(self._clear)
        super().close()

    def __repr__(self) -> str:
        return declared.ActionForm.__repr__(self)
