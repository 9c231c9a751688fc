"""The address of a run: a page that follows it, a stream of its progress, and a way to cancel it.

Whoever holds the address may do all of that. To look at it, as often as one likes, runs nothing.

====================================  ==========================================================
asked for with                        answer
====================================  ==========================================================
GET                                   the page, which asks again by itself; 303 to the page of
                                      the form once the run has ended
GET, ``Accept: application/json``     202 ``pending``, or what the submission is answered with
GET, ``Accept: text/event-stream``    events ``progress``, and one ``answer``
POST with ``_cancel``                 303 to the page, 204 to the script; the run is cancelled
====================================  ==========================================================

What asks again (``?_seen=VERSION``) is held until there is something new.
"""

from __future__ import annotations

import json
import time
from http import HTTPStatus
from urllib.parse import parse_qsl, quote, urljoin

from tornado.iostream import StreamClosedError
from tornado.web import HTTPError, stream_request_body

from ..documents import message_document, run_document
from ..messages import say
from ..render import Answer
from .address import Address
from .boards import with_row
from .handlers import Handler
from .outcomes import Outcomes
from .records import Record, run_path
from .refusals import refusal
from .submission import Settled

__all__ = ["RunHandler"]

#: Seconds for which a request that asks again is held, at least and at most.
HELD = (1.0, 10.0)
#: Seconds after which one that waits looks whether it is still needed.
LOOK = 0.5
#: Seconds between two events of a stream, and after which an idle one says that it lives.
TICK, ALIVE = 0.1, 15.0
#: Bytes of a body that are read; all that is sent here is the name of a button.
MAX_BODY = 4096


@stream_request_body
class RunHandler(Handler):
    """One run: GET follows it, POST cancels it."""

    SUPPORTED_METHODS = ("GET", "HEAD", "POST", "OPTIONS")  # type: ignore[assignment]

    def prepare(self) -> None:
        """Get ready for a small body."""
        super().prepare()
        self._sent = b""
        self._gone = False

    def data_received(self, chunk: bytes) -> None:
        """Take in what was pressed."""
        self._sent = (self._sent + chunk)[:MAX_BODY]

    def on_connection_close(self) -> None:
        """Hold the request of nobody."""
        super().on_connection_close()
        self._gone = True
        self.site.in_flight.discard(self)

    @property
    def logged_path(self) -> str:
        """The path without the token, which is good for whoever knows it."""
        return run_path("…")

    async def get(self, token: str) -> None:
        """Tell how far the run is, or lead to what came of it."""
        self.set_header("Cache-Control", "no-store")
        self.set_header("Vary", "Accept")
        if "text/event-stream" in self.request.headers.get("Accept", ""):
            await self._stream(token)
            return
        record = await self._held(token)
        if self._gone:
            return
        if record is None or record.page not in self.site.renderers:
            self._unknown()
        elif self.wants_json:
            self.set_status(record.settled.status if record.settled else HTTPStatus.ACCEPTED)
            self.finish(dict(await self._answer(token, record)))
        elif record.settled is not None:
            await self._lead(token, record, record.settled)
        else:
            self._follow(token, record)

    head = get

    async def post(self, token: str) -> None:
        """Cancel the run."""
        names = [name for name, _ in parse_qsl(self._sent.decode("latin-1"), True)]
        if "_cancel" not in names:
            raise HTTPError(HTTPStatus.BAD_REQUEST)
        await self.site.runs.cancel(token)
        if self.wants_json:
            self.set_status(HTTPStatus.NO_CONTENT)
            self.finish()
        else:
            self.see_other(run_path(token))

    # --- answers --------------------------------------------------------------------------------

    async def _held(self, token: str) -> Record | None:
        """Return what is known of the run; who has seen that already waits for more."""
        seen = dict(parse_qsl(self.request.query)).get("_seen", "")
        runs, started = self.site.runs, time.monotonic()
        record = await runs.find(token)
        version = int(seen) if seen.isdecimal() else -1
        held = 0.0 if seen else HELD[1]
        while record is not None and record.settled is None and held < HELD[1]:
            record = await runs.follow(token, version, LOOK, HELD[0] - held)
            changed = record is not None and record.version != version
            held = HELD[1] if changed or self._leaving else time.monotonic() - started
        return record

    @property
    def _leaving(self) -> bool:
        """Whether nobody waits any more, or the server is about to stop."""
        return self._gone or self.site.draining

    def _follow(self, token: str, record: Record) -> None:
        renderer = self.site.renderers[record.page]
        form = renderer.page.forms[record.form]
        self.set_header("Refresh", f"1; url={run_path(token)}?_seen={record.version}")
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(
            run_document(
                form.title or form.submit_label,
                renderer.described(record.form, record.data),
                record.listed(token),
                action=run_path(token),
                back=self._address_of(record).url(),
                static=self.static_url,
            )
        )

    async def _lead(self, token: str, record: Record, settled: Settled) -> None:
        """Lead to the page: what was done is shown there once, the input of the rest each time."""
        address, outcomes = self._address_of(record), Outcomes(self.site.store, record.page)
        if settled.done and (
            self.request.method == "HEAD" or not await self.site.runs.first(token)
        ):
            self.see_other(address.url())
            return
        request = self.visit()
        settled.set_cookies(request)
        self.set_cookies(request)
        location = await outcomes.lead(settled, address, None if settled.done else record.data)
        self.see_other(urljoin(address.url(), location))

    def _unknown(self) -> None:
        self.set_status(HTTPStatus.NOT_FOUND)
        first = quote(next(iter(self.site.renderers)))
        if self.wants_json:
            self.finish(dict(refusal("", say("no_such_run", link=first))))
            return
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(message_document("no_such_run", link=first, static=self.static_url))

    async def _answer(self, token: str, record: Record) -> Answer:
        """Return what the script is told now."""
        renderer = self.site.renderers[record.page]
        if record.settled is None:
            location = f"{run_path(token)}?_seen={record.version}"
            listed = record.listed(token, run_path(token))
            return renderer.pending(record.form, listed, location, record.query)
        request = self.visit()
        # As the page's loaders know it.
        request.url = self._address_of(record).url()
        record.settled.set_cookies(request)
        answer = await record.settled.refreshed(renderer, request, record.query)
        if not self._headers_written:
            self.set_cookies(request)
        return with_row(renderer, token, record, answer, record.query)

    def _address_of(self, record: Record) -> Address:
        own = self.address
        return Address(own.origin, own.trusted, quote(record.page), tuple(record.query))

    # --- the stream -----------------------------------------------------------------------------

    async def _stream(self, token: str) -> None:
        """Send what is new as events, until the run has ended."""
        record = await self.site.runs.find(token)
        if record is None or record.page not in self.site.renderers:
            # 204 tells an EventSource not to come again.
            self.set_status(HTTPStatus.NO_CONTENT)
            self.finish()
            return
        self.set_header("Content-Type", "text/event-stream; charset=utf-8")
        self.set_header("X-Accel-Buffering", "no")
        told, last = -1, time.monotonic()
        try:
            while record is not None and record.settled is None:
                if record.version != told:
                    told, last = record.version, time.monotonic()
                    await self._send("progress", told, await self._answer(token, record))
                elif time.monotonic() - last > ALIVE:
                    last = time.monotonic()
                    self.write(": alive\n\n")
                    await self.flush()
                if self._leaving:
                    break
                record = await self.site.runs.follow(token, told, LOOK, TICK)
            # Cookies need the head of an answer: the script then asks for that.
            if record is not None and record.settled is not None and not record.settled.cookies:
                answer = await self._answer(token, record)
                await self._send("answer", record.version, answer)
        except StreamClosedError:
            return
        if not self._gone:
            self.finish()

    async def _send(self, event: str, number: int, answer: Answer) -> None:
        self.write(f"id: {number}\nevent: {event}\ndata: {json.dumps(answer)}\n\n")
        await self.flush()
