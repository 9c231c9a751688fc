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
from ..concurrency import Lane, Turn, lists
from ..controls import Controls
from ..errors import Cancelled, Dropped, FormError, NothingToRetry
from ..fields import Control
from ..formdata import FormData
from ..listing import step_html
from ..messages import say
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
#: Submissions of which a view shows a row.
MAX_ROWS = 50


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

    All of them are read-only, change together, and can be observed and linked. Save for
    ``submissions`` they follow the newest submission.
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
        self._keeping = Keeping()
        self.uploads = Uploads(self._controls.limits, self._renderer.max_body(self.action.name))
        #: Keys of those that nobody waits for any more: they have ended, or were superseded.
        self._settled: deque[str] = deque(maxlen=100)
        self._printed = ""
        self._lane = Lane(self.action.concurrency)
        self._listed: list[Submission] = []
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
        return self._submit(Submission(self, data))

    def _submit(self, submission: Submission, instead: Submission | None = None) -> Submission:
        context = contextvars.copy_context()
        on_owner_loop(lambda: self._start(submission, context, instead=instead))
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
        if self._newest is not None and lists(self.action.concurrency):
            return self._newest.retry()
        return self.submit(self.state.input)

    def cancel(self) -> None:
        """Stop what runs or waits; its ``error`` becomes a ``Cancelled``."""
        on_owner_loop(self._stop_all)

    def stop(self, submission: Submission) -> None:
        """Stop one submission of this form."""
        on_owner_loop(lambda: self._stop(submission))

    def clear(self) -> None:
        """Cancel what runs, and forget the submissions with their input and outcome."""
        on_owner_loop(self._clear)

    def remove(self, submission: Submission) -> None:
        """Stop one submission of this form and forget it."""
        on_owner_loop(lambda: self._remove(submission))

    def act(self, kind: str, key: str) -> None:
        """Do what a browser asks for: "cancel", "retry" or "clear" a submission.

        Called on the owner loop; one that is not listed any more is left alone.
        """
        for submission in self._listed:
            if submission.key == key:
                match kind:
                    case "cancel":
                        self._stop(submission)
                    case "retry" if not submission.pending:
                        again = Submission(self, submission.input, key)
                        self._start(again, self._context.copy(), instead=submission)
                    case "clear":
                        self._remove(submission)
                return

    def dispatch(self, data: FormData, *, rid: str) -> None:
        """Submit what a browser sent. Called on the owner loop."""
        whole, expired = self._keeping.restore(data, self._controls.multiple)
        submission = Submission(self, self._form_data(whole), rid)
        refused = FormError(fields=dict.fromkeys(expired, say("expired"))) if expired else None
        self._start(submission, self._context.copy(), refused)

    def _form_data(self, given: FormData | Mapping[str, object]) -> FormData:
        """Return what is submitted, with what is secret masked for whoever prints it."""
        return FormData(given, secret=self._controls.secrets)

    def _start(
        self,
        submission: Submission,
        context: contextvars.Context,
        refused: FormError | None = None,
        instead: Submission | None = None,
    ) -> None:
        try:
            turn = self._lane.enter()
        except Dropped as dropped:
            submission.end(Failure(dropped))
            self._settled.append(submission.key)
            self._changed()
            return
        submission.turn = turn
        if not lists(self.action.concurrency):
            self._settled += [one.key for one in self._listed]
            self._listed = [submission]
        elif instead in self._listed:
            self._listed[self._listed.index(instead)] = submission
        else:
            self._listed.append(submission)
        self._newest = submission
        self._printed = ""
        state = self.state.submit(submission.input)
        loop = asyncio.get_running_loop()
        task = loop.create_task(self._run(submission, turn, state.run, refused), context=context)
        self._tasks[submission] = task

        def ended(_: object) -> None:
            # Also where it was cancelled before its turn, or before it began.
            turn.leave()
            self._tasks.pop(submission, None)

        task.add_done_callback(ended)
        self._become(state)

    async def _run(
        self, submission: Submission, turn: Turn, run: int, refused: FormError | None
    ) -> None:
        loop = asyncio.get_running_loop()

        def printed(text: str) -> None:
            loop.call_soon_threadsafe(self._print, submission, text)

        def reported(step: Step) -> None:
            loop.call_soon_threadsafe(self._report, submission, step)

        try:
            waited = turn.waits
            async with turn:
                if waited:
                    submission.version += 1
                    self._become(self.state)
                if refused is not None:
                    outcome: Outcome = Failure(refused)
                else:
                    with captured(printed):
                        told = Progress(reported)
                        outcome = await self.run(submission.input, self._request(), told)
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
        if self._finish(submission, outcome) and submission in self._listed:
            self._become(self.state.settle(run, outcome))

    def _finish(self, submission: Submission, outcome: Outcome) -> bool:
        """Note an outcome; False where there was one already."""
        if not submission.end(outcome):
            return False
        self._settled.append(submission.key)
        return True

    def _stop(self, submission: Submission) -> None:
        task = self._tasks.get(submission)
        if task is None or not submission.pending:
            return
        task.cancel()
        state = self.state.cancel() if submission is self._newest else self.state
        cancelled = state.outcome if submission is self._newest else None
        self._finish(submission, cancelled or Failure(Cancelled()))
        if submission in self._listed:
            self._become(state)

    def _stop_all(self) -> None:
        for submission in self._listed:
            self._stop(submission)

    def _remove(self, submission: Submission) -> None:
        task = self._tasks.get(submission)
        # One that has ended may still be refreshing the page.
        if self._finish(submission, Failure(Cancelled())) and task is not None:
            task.cancel()
        if submission not in self._listed:
            return
        self._listed.remove(submission)
        if submission is self._newest:
            self._newest = None
            self._printed = ""
        self._become(self.state if self._newest is not None else self.state.clear())

    def _clear(self) -> None:
        self.uploads.drop()
        for submission, task in list(self._tasks.items()):
            if self._finish(submission, Failure(Cancelled())):
                task.cancel()
        self._listed = []
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
        self._changed()
        with self.hold_trait_notifications():
            self.set_trait("pending", state.pending)
            self.set_trait("input", state.input)
            self.set_trait("result", state.result)
            self.set_trait("error", state.error)
            self._tell_observers()

    def _tell_observers(self) -> None:
        """Tell of the submissions: which there are, and what has changed in one of them."""
        newest, before, now = self._newest, self.submissions, tuple(self._listed)
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
        text = escape(self._printed)
        said = escape(say("output"))
        shown = f"<details open><summary>{said}</summary><pre>{text}</pre></details>"
        # Where each submission has a row, that says how far it has come.
        alone = None if lists(self.action.concurrency) else self._newest
        return {
            "version": self._version,
            "pending": self.state.pending,
            "rid": None if self._newest is None else self._newest.key,
            "ended": list(self._settled),
            "log": shown if text else "",
            "progress": "" if alone is None else step_html(alone.progress),
        }

    @property
    def listed(self) -> list[Submission]:
        """The submissions that a view shows as rows: the newest of them, in their order."""
        return self._listed[-MAX_ROWS:] if lists(self.action.concurrency) else []

    def _print(self, submission: Submission, text: str) -> None:
        """Keep what the newest submission printed."""
        if submission is self._newest:
            self._printed = (self._printed + text)[-MAX_LOG:]
            self._tell_soon()

    def _report(self, submission: Submission, step: Step) -> None:
        """Note how far a submission has come; a step that comes too late is dropped."""
        if submission.pending and submission in self._listed:
            submission.report(step)
            self._tell_soon()

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
            if self._tasks:
                on_owner_loop(self._clear)
        super().close()

    def __repr__(self) -> str:
        return declared.ActionForm.__repr__(self)
