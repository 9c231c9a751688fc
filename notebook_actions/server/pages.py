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
import json
import logging
import re
import secrets
import sys
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, assert_never
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from tornado.web import stream_request_body

from ..action import report_bug
from ..errors import ActionFailure, UnsafeRedirect
from ..files import MAX_BODY, UploadedFile, size_text
from ..formdata import FormData
from ..kept import claims, kept_slots, restore, without_own
from ..loader import Loader, invalidated
from ..messages import say
from ..render import load, message_document
from ..request import Request
from ..results import Bug, Failure, Outcome, Redirect, Success
from ..rows import edited
from ..submission import State
from .body import BadBody, Body
from .downloads import Downloads
from .handlers import Handler, refusal
from .tickets import Tickets

__all__ = ["PageHandler"]

log = logging.getLogger("notebook_actions")

#: How long an outcome waits for the page that shows it, in seconds.
OUTCOME_SECONDS = 600

#: Bytes of a body that are read on the event loop; what comes after them, in a thread.
INLINE = 64 * 1024

#: Names in a query that are the server's own; the rest is the page's and is kept.
_OWN_QUERY = frozenset({"_action", "_download", "_outcome"})
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
        """Forget an upload that was broken off; an action that runs goes on."""
        super().on_connection_close()
        if not self._complete:
            self.site.in_flight.discard(self)
            self._close_files()

    def on_finish(self) -> None:
        """Let go of the files: the submission is over."""
        super().on_finish()
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
        request = self._request()
        shown: dict[str, dict[str, str]] = {}
        query = dict(parse_qsl(self.request.query))
        token = query.get("_outcome")
        if (download := query.get("_download")) is not None:
            await self._downloads.send(download, self)
            return
        if token and self.request.method == "GET":
            kept = await self.site.store.take(self._outcome_key(token))
            if kept is not None:
                outcome = json.loads(kept)
                if "leads_to" in outcome:
                    self._lead_out(outcome["leads_to"])
                    return
                shown = {outcome["form"]: outcome["slots"]}
        await self._show(request, {}, slots=shown)

    head = get

    async def post(self) -> None:
        """Submit the form that the query and the fields name."""
        self._complete = True
        body = self._body
        assert body is not None  # noqa: S101 - made for every POST
        try:
            data = body.form()
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
        tokens = [value.partition("/")[0] for value in data.getall("_kept") if type(value) is str]
        restored, expired = await self._restored(form_id, data)
        data = FormData(restored, secret=controls.secrets)
        request = self._request()
        if body.over:
            text = say("body_too_large", limit=size_text(body.limit))
            await self._refuse(413, text, form_id, data)
            return
        if (again := edited(data)) is not None:
            slots = kept_slots(await self._tickets.keep(again, self._found))
            await self._show(request, {form_id: State(input=again)}, slots={form_id: slots})
            return
        if wrong := _wrong_files(body, expired):
            status = 413 if body.too_large else 422
            outcome: Outcome = Failure(ActionFailure(fields=wrong, status=status))
        else:
            form = self._page.forms[form_id]
            outcome = self._checked(await form.run(data, request), form.action.name)
        state = State().submit(data).settle(1, outcome)
        self._set_cookies(request)
        slots = await self._downloads.offering(
            lambda offer: self._renderer.slots(form_id, state, offer)
        )
        if isinstance(outcome, Success | Redirect):
            for token in tokens:
                await self._tickets.forget(token)
        else:
            slots |= kept_slots(await self._tickets.keep(data, self._found))
        if self.wants_json:
            await self._answer(form_id, state, request, slots)
        else:
            await self._plain(form_id, state, request, slots)

    async def _restored(self, form_id: str, data: FormData) -> tuple[FormData, list[str]]:
        """Return the form data with the files that were kept for it."""
        for token, field in claims(data).items():
            file = await self._tickets.find(token, field)
            if file is not None:
                self._found[token] = file
        return restore(data, self._found, multiple=self._renderer.controls[form_id].multiple)

    async def _answer(
        self, form_id: str, state: State, request: Request, slots: Mapping[str, str]
    ) -> None:
        """Answer a fetch: the outcome and what it invalidated, in one round trip."""
        outcome = state.outcome
        fresh: dict[str, str] = {}
        if isinstance(outcome, Success) or (
            isinstance(outcome, Redirect) and self._stays(outcome.location)
        ):
            stale = self._invalidated(form_id, state.result)
            fresh = {name: one.html for name, one in (await load(stale, request)).items()}
            self._set_cookies(request)
        self.set_status(_status(outcome))
        self.set_header("Cache-Control", "no-store")
        self.finish(dict(self._renderer.answer(form_id, state, fresh, slots)))

    async def _plain(
        self, form_id: str, state: State, request: Request, slots: Mapping[str, str]
    ) -> None:
        """Answer a browser's own POST: a 303 after what ran, else the page with the input."""
        match state.outcome:
            case Redirect(location) if self._leaves(location):
                # Chromium applies the policy's form-action to the redirects of a submission, so the
                # way out leads over a page of ours.
                await self._keep({"leads_to": location})
            case Redirect(location):
                # A fragment alone would be one of the address that was posted to.
                self._see_other(self._here() + location if location[0] == "#" else location)
            case Success():
                await self._keep({"form": form_id, "slots": slots})
            case _:
                status = _status(state.outcome)
                await self._show(request, {form_id: state}, status=status, slots={form_id: slots})

    async def _keep(self, outcome: Mapping[str, Any]) -> None:
        """Let the page show an outcome, once."""
        token = secrets.token_urlsafe(24)
        kept = json.dumps(outcome).encode()
        await self.site.store.put(self._outcome_key(token), kept, OUTCOME_SECONDS)
        query = urlencode([*self._query(), ("_outcome", token)])
        self._see_other(f"{self.request.path}?{query}")

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
        self._set_cookies(request)
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
                query=self._query(),
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
        await self._show(self._request(), states, status=status, notice=text, slots=slots)

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

    def _request(self) -> Request:
        sent = self.request
        request = Request(
            method=sent.method or "GET",
            url=sent.uri or "/",
            headers=dict(sent.headers.items()),
            cookies={name: morsel.value for name, morsel in sent.cookies.items()},
            remote_ip=sent.remote_ip or "",
        )
        if self.site.session is not None:
            request.session = self.site.session(request)
        return request

    def _query(self) -> list[tuple[str, str]]:
        pairs = parse_qsl(self.request.query, keep_blank_values=True)
        return [(name, value) for name, value in pairs if name not in _OWN_QUERY]

    def _outcome_key(self, token: str) -> str:
        return f"outcome:{self._page.path}:{token}"

    def _invalidated(self, form_id: str, result: Any) -> list[Loader]:
        action, loaders = self._page.forms[form_id].action, self._page.loaders.values()
        try:
            return invalidated(loaders, action.invalidate, result)
        except Exception:
            # The action has run; what cannot be said precisely is all refreshed.
            log.exception("invalidate= of %s failed", action.name)
            return list(loaders)

    def _checked(self, outcome: Outcome, name: str) -> Outcome:
        """Return the outcome; a redirect to another origin needs the author's word."""
        if not isinstance(outcome, Redirect) or outcome.external:
            return outcome
        if not self._leaves(outcome.location):
            return outcome
        return report_bug(
            name,
            UnsafeRedirect(
                f"it redirects to another origin, {outcome.location!r}; write "
                "redirect(url, external=True) if that is meant"
            ),
        )

    def _leaves(self, location: str) -> bool:
        """Whether a redirect leads to another origin."""
        target = urlsplit(location)
        own = {f"{self.request.protocol}://{self.request.host}", *self.settings["trusted_origins"]}
        return bool(target.netloc) and f"{target.scheme}://{target.netloc}".lower() not in own

    def _stays(self, location: str) -> bool:
        """Whether a redirect leads to the page that the submission came from."""
        here = f"{self.request.protocol}://{self.request.host}{self._here()}"
        return urlsplit(urljoin(here, location))._replace(fragment="") == urlsplit(here)

    def _here(self) -> str:
        """Return the page's address without what only the server reads."""
        query = urlencode(self._query())
        return f"{self.request.path}?{query}" if query else self.request.path

    def _see_other(self, location: str) -> None:
        # Not self.redirect(): it answers 302 and passes whatever it is given.
        self.set_status(HTTPStatus.SEE_OTHER)
        self.set_header("Location", location)
        self.set_header("Cache-Control", "no-store")
        self.finish()

    def _set_cookies(self, request: Request) -> None:
        self.clear_header("Set-Cookie")
        for morsel in request.cookies.changes.values():
            if self.request.protocol == "https":
                morsel["secure"] = True
            self.add_header("Set-Cookie", morsel.OutputString())


def _wrong_files(body: Body, expired: list[str]) -> dict[str, str]:
    """Return what is wrong with the files that were sent, or are kept no longer."""
    large = {
        name: say("file_too_large", filename=filename, limit=size_text(limit))
        for name, (filename, limit) in body.too_large.items()
    }
    return {**dict.fromkeys(expired, say("expired")), **large}


def _status(outcome: Outcome | None) -> int:
    match outcome:
        case Success() | Redirect() | None:
            return HTTPStatus.OK
        case Failure(error):
            return error.status
        case Bug():
            return HTTPStatus.INTERNAL_SERVER_ERROR
        case _:
            assert_never(outcome)
