"""A page over HTTP: a submission answered as the contract says.

==========  ======================================  =========================================
outcome     fetch (``Accept: application/json``)     plain POST
==========  ======================================  =========================================
value       200 ``success``                          303 to the page, which shows it once
redirect    200 ``redirect`` with the location       303 to the location
failure     422, or the ActionError's status         the same status: the page, input kept
bug         500 ``error``: generic text and an id    500: the page, input kept, text and id
==========  ======================================  =========================================
"""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import parse_qsl

from tornado.web import HTTPError, stream_request_body

from ..documents import message_document
from ..errors import ActionFailure
from ..files import MAX_BODY, UploadedFile, size_text
from ..formdata import FormData
from ..kept import claims, kept_slots, restore, without_own
from ..messages import say
from ..render import load
from ..request import Request
from ..results import Failure
from ..rows import edited
from ..submission import State
from .body import BadBody, Body
from .downloads import Downloads
from .handlers import Handler, refusal
from .outcomes import Outcomes
from .runs import RUN_HEADER, Run, run_path
from .submission import Settled, Submission, shown_again
from .tickets import Tickets

__all__ = ["PageHandler"]

#: Bytes of a body that are read on the event loop; what comes after them, in a thread.
INLINE = 64 * 1024

#: Names of fields that are not shown when the form is gone that would say which are passwords.
_SECRET = re.compile("pass|pwd|secret|token", re.IGNORECASE)


@stream_request_body
class PageHandler(Handler):
    """One page: GET shows it, POST submits one of its forms."""

    SUPPORTED_METHODS = ("GET", "HEAD", "POST", "OPTIONS")  # type: ignore[assignment]

    def initialize(self, path: str) -> None:
        """Take the page's path from the route."""
        self._renderer = self.site.renderers[path]
        self._page = self._renderer.page
        self._untrusted: str | None = None
        self._complete = False
        self._run: Run | None = None
        self._body: Body | None = None
        self._found: dict[str, UploadedFile] = {}

    # --- the body -------------------------------------------------------------------------------

    def check_trusted_origin(self, origin: str) -> bool:
        """Let an untrusted origin pass for now: its input is given back, its action not run."""
        if not super().check_trusted_origin(origin):
            self._untrusted = origin
        return True

    def prepare(self) -> None:
        """Get ready for the body of a submission; a visit has none."""
        super().prepare()
        self._tickets = Tickets(self.site.store, self._page.path)
        self._downloads = Downloads(self.site.store, self._page.path)
        self._outcomes = Outcomes(self.site.store, self._page.path)
        # Tornado's own limit closes the connection; ours answers.
        self.request.connection.set_max_body_size(sys.maxsize)  # type: ignore[union-attr]
        if self.request.method != "POST":
            return
        renderer, name, forms = self._renderer, self._action_name, self._page.forms
        asked = [one for one, form in forms.items() if form.action.name == name]
        limits = {
            name: size for one in asked for name, size in renderer.controls[one].limits.items()
        }
        limit = max(map(renderer.max_body, asked or forms), default=MAX_BODY)
        self._body = Body(self.request.headers.get("Content-Type", ""), limit, limits)

    async def data_received(self, chunk: bytes) -> None:
        """Take in a part of the body; a large one keeps nobody waiting."""
        if self._body is None:
            return
        if self._body.size < INLINE:
            self._body.feed(chunk)
        else:
            await asyncio.to_thread(self._body.feed, chunk)
        if self._body.endless and not self._complete:
            await self.post()

    def on_connection_close(self) -> None:
        """Forget an upload that was broken off; an action that runs goes on, if not told else."""
        super().on_connection_close()
        if not self._complete:
            self.site.in_flight.discard(self)
            self._close_files()
        elif self._run is not None and self.wants_json and self.site.cancel_on_disconnect:
            self._run.cancel()

    def on_finish(self) -> None:
        """Let go of the files that no run has."""
        super().on_finish()
        if self._run is None:
            self._close_files()

    def _close_files(self) -> None:
        if self._body is not None:
            self._body.close()
        for file in self._found.values():
            file.close()

    # --- answers --------------------------------------------------------------------------------

    async def get(self) -> None:
        """Show the page, with the outcome that the query's token stands for, once."""
        self._complete = True
        query = dict(parse_qsl(self.request.query))
        if (download := query.get("_download")) is not None:
            await self._downloads.send(download, self)
            return
        token = query.get("_outcome")
        outcome = None
        if token and self.request.method == "GET":
            outcome = await self._outcomes.take(token)
        if outcome is None:
            await self._show(self.visit(), {})
        elif outcome.leads_to:
            self._lead_out(outcome.leads_to)
        else:
            form_id, slots = outcome.form, outcome.slots
            states = {form_id: outcome.state} if outcome.state is not None else {}
            await self._show(self.visit(), states, status=outcome.status, slots={form_id: slots})

    head = get

    async def post(self) -> None:
        """Submit the form that the query and the fields name."""
        self._complete = True
        body = self._body
        assert body is not None  # noqa: S101 - made for every POST
        try:
            large = body.size >= INLINE
            data = await asyncio.to_thread(body.form) if large else body.form()
        except BadBody as bad:
            await self._refuse(bad.status, bad.text)
            return
        form_id = self._form_id(data)
        if form_id is None:
            await self._refuse(404, self._gone(data))
            return
        controls = self._renderer.controls[form_id]
        if self._untrusted is not None:
            await self._refuse(403, say("another_site"), form_id, without_own(data))
            return
        restored, expired = await self._restored(form_id, data)
        submission = Submission(
            renderer=self._renderer,
            form_id=form_id,
            data=FormData(restored, secret=controls.secrets),
            request=self.visit(),
            address=self.address,
            tickets=self._tickets,
            downloads=self._downloads,
            found=self._found,
            claimed=[one.partition("/")[0] for one in data.getall("_kept") if type(one) is str],
            close=self._close_files,
        )
        if body.over:
            text = say("body_too_large", limit=size_text(body.limit))
            await self._refuse(413, text, form_id, submission.data)
            return
        if (again := edited(submission.data)) is not None:
            slots = kept_slots(await self._tickets.keep(again, self._found))
            states = {form_id: State(input=again)}
            await self._show(submission.request, states, slots={form_id: slots})
            return
        refused = None
        if wrong := _wrong_files(body, expired):
            status = 413 if body.too_large else 422
            refused = Failure(ActionFailure(fields=wrong, status=status))
        token = self.request.headers.get(RUN_HEADER, "")
        self._run = run = self.site.runs.start(submission, token, refused)
        if not await run.ends_within(self.site.patience):
            await self.site.runs.publish(run)
        if run.settled is not None:
            await self._answer(submission, run.settled)
        elif run.ended.is_set():
            raise HTTPError(500)
        else:
            self._pending(run)

    async def _restored(self, form_id: str, data: FormData) -> tuple[FormData, list[str]]:
        """Return the form data with the files that were kept for it."""
        for token, field in claims(data).items():
            file = await self._tickets.find(token, field)
            if file is not None:
                self._found[token] = file
        return restore(data, self._found, multiple=self._renderer.controls[form_id].multiple)

    async def _answer(self, submission: Submission, settled: Settled) -> None:
        """Answer with what came of a submission."""
        form_id, request = submission.form_id, submission.request
        if self.wants_json:
            answer = await settled.refreshed(self._renderer, request)
            self.set_cookies(request)
            self.set_status(settled.status)
            self.set_header("Cache-Control", "no-store")
            self.finish(dict(answer))
        elif settled.done:
            self.set_cookies(request)
            self.see_other(await self._outcomes.lead(settled, self.address))
        else:
            states = {form_id: shown_again(submission.data, settled)}
            slots = {form_id: settled.answer["slots"]}
            await self._show(request, states, status=settled.status, slots=slots)

    def _pending(self, run: Run) -> None:
        """Answer that a submission takes longer, and where it can be followed."""
        location = run_path(run.token)
        if not self.wants_json:
            self.see_other(location)
            return
        self.set_status(HTTPStatus.ACCEPTED)
        self.set_header("Cache-Control", "no-store")
        sent = run.submission
        listed = run.record.listed(run.token)
        self.finish(dict(self._renderer.pending(sent.form_id, listed, location)))

    def _lead_out(self, location: str) -> None:
        self.set_header("Refresh", f"0; url={location}")
        self.set_header("Cache-Control", "no-store")
        self.finish(message_document("leaving", link=location, static=self.static_url))

    async def _show(
        self,
        request: Request,
        states: Mapping[str, State],
        *,
        status: int = 200,
        notice: str = "",
        slots: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        loaded = await load(self._page.loaders.values(), request)
        self.set_cookies(request)
        if status == HTTPStatus.OK and any(one.failed for one in loaded.values()):
            status = HTTPStatus.INTERNAL_SERVER_ERROR
        self.set_status(status)
        fresh = not (states or slots or notice)
        self.set_header("Cache-Control", "private, no-cache" if fresh else "no-store")
        self.set_header("Vary", "Accept, Cookie")
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(
            self._renderer.document(
                states,
                {name: one.html for name, one in loaded.items()},
                static=self.static_url,
                query=self.address.query,
                notice=notice,
                slots=slots,
            )
        )

    async def _refuse(
        self, status: int, text: str, form_id: str | None = None, data: FormData | None = None
    ) -> None:
        """Answer a submission that was not run, with the input where it could be read."""
        kept: dict[str, str] = {}
        if data is not None and self._untrusted is None:
            kept = kept_slots(await self._tickets.keep(data, self._found))
        if self.wants_json:
            answer = refusal(form_id or "", text)
            answer["slots"] |= kept
            self.set_status(status)
            self.finish(dict(answer))
            return
        states = {form_id: State(input=data)} if form_id is not None else {}
        slots = {form_id: kept} if form_id is not None else {}
        await self._show(self.visit(), states, status=status, notice=text, slots=slots)

    # --- details --------------------------------------------------------------------------------

    @property
    def _action_name(self) -> str:
        """The name of the action that the query asks for."""
        return dict(parse_qsl(self.request.query)).get("_action", "")

    def _form_id(self, data: FormData) -> str | None:
        """Return the id of the form that was submitted, by its action's name and its own id."""
        name = self._action_name
        form_id = data.get("_form", name)
        forms = self._page.forms
        known = isinstance(form_id, str) and form_id in forms
        return str(form_id) if known and forms[str(form_id)].action.name == name else None

    def _gone(self, data: FormData) -> str:
        """Return what is said to a form of an older version of the page, with what it sent."""
        text = say("no_such_form")
        if self._untrusted is not None or self.wants_json:
            return text
        entered = [
            f"{name}: {value}"
            for name, value in without_own(data).pairs()
            if isinstance(value, str) and value and not _SECRET.search(name)
        ]
        return "\n".join([text, say("entered"), *entered] if entered else [text])


def _wrong_files(body: Body, expired: list[str]) -> dict[str, str]:
    """Return what is wrong with the files that were sent, or are kept no longer."""
    large = {
        name: say("file_too_large", filename=filename, limit=size_text(limit))
        for name, (filename, limit) in body.too_large.items()
    }
    return {**dict.fromkeys(expired, say("expired")), **large}
