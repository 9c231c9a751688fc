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
from ..render import Answer
from ..request import Request
from ..results import Failure, Outcome
from ..rows import edited
from ..submission import State
from .address import Address
from .boards import Boards, incomplete, pressed, row_html, with_row
from .body import BadBody, Body
from .downloads import Downloads, load_data, send_data
from .handlers import Handler
from .outcomes import Outcomes
from .records import Record, run_path
from .refusals import gone_text, refusal, wrong_files
from .runs import RUN_HEADER, Run
from .submission import Settled, Submission, shown_again
from .tickets import Tickets

__all__ = ["PageHandler"]

#: Bytes of a body that are read on the event loop; what comes after them, in a thread.
INLINE = 64 * 1024


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
        self._boards = Boards(self.site.store, self.site.runs, self._renderer)
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
        if (name := query.get("_data")) is not None:
            loader = self._page.loaders.get(name)
            await send_data(loader, query.get("_part", ""), self.visit(), self)
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
            # What another site made up was not entered here, and a script has its input still.
            briefly = self._untrusted is not None or self.wants_json
            await self._refuse(404, say("no_such_form") if briefly else gone_text(data))
            return
        if self._untrusted is not None:
            await self._refuse(403, say("another_site"), form_id, without_own(data))
            return
        listed = self._page.forms[form_id].action.shows_each
        if listed and (button := pressed(data)) is not None:
            await self._press(*button)
            return
        submission, expired = await self._submission(form_id, data)
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
        if wrong := wrong_files(body, expired):
            status = 413 if body.too_large else 422
            refused = Failure(ActionFailure(fields=wrong, status=status))
        await self._carry_out(submission, self.request.headers.get(RUN_HEADER, ""), refused)

    async def _submission(self, form_id: str, data: FormData) -> tuple[Submission, list[str]]:
        """Return what is to be carried out, and the fields whose files are kept no longer."""
        restored, expired = await self._restored(form_id, data)
        secrets = self._renderer.controls[form_id].secrets
        submission = Submission(
            renderer=self._renderer,
            form_id=form_id,
            data=FormData(restored, secret=secrets),
            request=self.visit(),
            address=self.address,
            tickets=self._tickets,
            downloads=self._downloads,
            found=self._found,
            claimed=[one.partition("/")[0] for one in data.getall("_kept") if type(one) is str],
            close=self._close_files,
        )
        return submission, expired

    async def _carry_out(
        self, submission: Submission, token: str, refused: Outcome | None = None
    ) -> None:
        """Run a submission, and answer when it has ended or takes longer."""
        self._run = run = self.site.runs.start(submission, token, refused)
        address = self.address
        if submission.form.action.shows_each and (address.board or not self.wants_json):
            address = address.with_board(await self._boards.add(address.board, run.token))
        if not await run.ends_within(self.site.patience):
            await self.site.runs.publish(run)
        if run.settled is not None:
            await self._answer(run, run.settled, address)
        elif run.ended.is_set():
            raise HTTPError(HTTPStatus.INTERNAL_SERVER_ERROR)
        else:
            self._pending(run, address)

    async def _restored(self, form_id: str, data: FormData) -> tuple[FormData, list[str]]:
        """Return the form data with the files that were kept for it."""
        for token, field in claims(data).items():
            file = await self._tickets.find(token, field)
            if file is not None:
                self._found[token] = file
        return restore(data, self._found, multiple=self._renderer.controls[form_id].multiple)

    async def _answer(self, run: Run, settled: Settled, address: Address) -> None:
        """Answer with what came of a submission."""
        form_id, request = run.submission.form_id, run.submission.request
        if self.wants_json:
            answer = await settled.refreshed(self._renderer, request, address.query)
            answer = with_row(self._renderer, run.token, run.record, answer, address.query)
            self.set_cookies(request)
            self._finish_json(settled.status, answer)
        elif settled.done:
            self.set_cookies(request)
            # Where it has a row, that shows the result as long as the list is there.
            rowed = run.submission.form.action.shows_each
            shown = rowed and settled.answer["type"] == "success"
            self.see_other(address.url() if shown else await self._outcomes.lead(settled, address))
        else:
            states = {form_id: shown_again(run.submission.data, settled)}
            slots = {form_id: settled.answer["slots"]}
            status = settled.status
            await self._show(request, states, status=status, slots=slots, address=address)

    def _pending(self, run: Run, address: Address) -> None:
        """Answer that a submission takes longer, and where it can be followed."""
        location = run_path(run.token)
        if self.wants_json:
            listed = run.record.listed(run.token, location)
            form_id = run.submission.form_id
            answer = self._renderer.pending(form_id, listed, location, address.query)
            self._finish_json(HTTPStatus.ACCEPTED, answer)
        else:
            rowed = run.submission.form.action.shows_each
            self.see_other(address.url() if rowed else location)

    def _finish_json(self, status: int, answer: Answer) -> None:
        self.set_status(status)
        self.set_header("Cache-Control", "no-store")
        self.finish(dict(answer))

    # --- the list of a form's submissions -------------------------------------------------------

    async def _press(self, button: str, token: str) -> None:
        """Do what a button in a row asks for."""
        record = await self._boards.find(token)
        settled = record.settled if record is not None else None
        if button == "_retry" and record and settled and not settled.done:
            await self._retry(token, record, settled)
        else:
            await self._pressed(token, await self._boards.press(button, token, self.address.board))

    async def _pressed(self, token: str, record: Record | None) -> None:
        """Answer with the row as it is now."""
        if not self.wants_json:
            self.see_other(self.address.url())
            return
        html = "" if record is None else row_html(self._renderer, token, record, self.address.query)
        form_id = "" if record is None else record.form
        answer = Answer(type="success", form=form_id, slots={}, invalid=[], loaders={})
        self._finish_json(HTTPStatus.OK, Answer(**{**answer, "submissions": {token: html}}))

    async def _retry(self, token: str, record: Record, settled: Settled) -> None:
        """Run the input of a row again; the form comes back where that is not all there."""
        data = FormData([*record.input, *(("_kept", one) for one in settled.kept)])
        submission, expired = await self._submission(record.form, data)
        if lacking := [*record.secrets, *expired]:
            failure = incomplete(self._renderer.labels(record.form, lacking))
            again = await submission.settle(Failure(failure))
            if self.wants_json:
                self._finish_json(again.status, again.answer)
            else:
                states = {record.form: shown_again(submission.data, again)}
                slots = {record.form: again.answer["slots"]}
                await self._show(submission.request, states, status=again.status, slots=slots)
        elif await self.site.runs.take(token) is None:
            # It was asked for twice.
            await self._pressed(token, await self.site.runs.find(token))
        else:
            await self._carry_out(submission, token)

    # --- other answers --------------------------------------------------------------------------

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
        address: Address | None = None,
    ) -> None:
        address = address or self.address
        rows = await self._boards.rows(address.board, address.query)
        slots = dict(slots or {})
        for form_id, html in rows.items():
            slots[form_id] = {**slots.get(form_id, {}), "submissions": html}
        loaded = await load_data(self._page.loaders.values(), request, address.query)
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
                query=address.query,
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
