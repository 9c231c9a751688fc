"""What all handlers have in common, and those that show no page."""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from tornado.web import HTTPError, RequestHandler, StaticFileHandler, stream_request_body

from ..documents import message_document
from ..messages import say
from ..render import Renderer
from ..request import Request
from .address import Address
from .refusals import refusal
from .runs import Runs
from .store import Store

__all__ = ["Handler", "HealthHandler", "NotFoundHandler", "Site", "StaticHandler"]

log = logging.getLogger("notebook_actions")

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1", ""})

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    # Never "no-referrer": a plain POST then carries "Origin: null" and is refused.
    "Referrer-Policy": "same-origin",
}


@dataclass(slots=True)
class Site:
    """What the handlers of one application share.

    Attributes
    ----------
    renderers : mapping of str to Renderer
        By the path of the page.
    store : Store
        Where outcomes wait.
    hosts : frozenset of str
        Host names that are answered, beside loopback names and addresses.
    session : callable or None
        Supplies ``request.session``.
    draining : bool
        Whether the server is about to stop.
    patience : float
        Seconds after which a submission that still runs is answered with the address of its run.
    cancel_on_disconnect : bool
        Whether a submission of the script is cancelled when its client goes before that.
    in_flight : set
        Handlers whose answer is not sent yet, and runs that have not ended.
    runs : Runs
        What is carried out.
    """

    renderers: Mapping[str, Renderer]
    store: Store
    hosts: frozenset[str]
    session: Callable[[Request], Mapping[str, Any]] | None
    patience: float = 2.0
    cancel_on_disconnect: bool = False
    draining: bool = False
    in_flight: set[object] = field(default_factory=set)
    runs: Runs = field(init=False)

    def __post_init__(self) -> None:
        self.runs = Runs(self.store, self.in_flight)


class Handler(RequestHandler):
    """What all handlers have in common: headers, the host check, error pages."""

    SUPPORTED_METHODS = ("GET", "HEAD", "OPTIONS")

    @property
    def site(self) -> Site:
        """What the handlers of this application share."""
        site: Site = self.settings["site"]
        return site

    @property
    def wants_json(self) -> bool:
        """Whether the page's script asks, which puts the answer into the page itself."""
        return "application/json" in self.request.headers.get("Accept", "")

    def set_default_headers(self) -> None:
        """Set the headers of every answer; nothing names the software or its version."""
        self.clear_header("Server")
        for name, value in _HEADERS.items():
            self.set_header(name, value)

    def prepare(self) -> None:
        """Refuse hosts that are not ours (DNS rebinding), and count what is in flight."""
        self.site.in_flight.add(self)
        if self.site.draining:
            self.set_header("Connection", "close")
        if not self._is_ours(self.request.host):
            raise HTTPError(HTTPStatus.MISDIRECTED_REQUEST)

    def _is_ours(self, host: str) -> bool:
        try:
            name = (urlsplit(f"//{host}").hostname or "").lower()
        except ValueError:
            return False
        return name in _LOOPBACK | self.site.hosts or _is_address(name)

    def on_finish(self) -> None:
        """Count down."""
        self.site.in_flight.discard(self)

    @property
    def address(self) -> Address:
        """Where this request came to."""
        return Address.of(self.request, self.settings["trusted_origins"])

    @property
    def logged_path(self) -> str:
        """The path as it may stand in a log."""
        return self.request.path

    def visit(self) -> Request:
        """Return the request as actions and loaders get it."""
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

    def set_cookies(self, request: Request) -> None:
        """Tell the browser to keep the cookies that an action or loader has set."""
        self.clear_header("Set-Cookie")
        for morsel in request.cookies.changes.values():
            if self.request.protocol == "https":
                morsel["secure"] = True
            self.add_header("Set-Cookie", morsel.OutputString())

    def see_other(self, location: str) -> None:
        """Lead on to another address, which is then asked for with GET."""
        # Not self.redirect(): it answers 302 and passes whatever it is given.
        self.set_status(HTTPStatus.SEE_OTHER)
        self.set_header("Location", location)
        self.set_header("Cache-Control", "no-store")
        self.finish()

    def options(self, *_: str) -> None:
        """Say which methods there are."""
        self.set_status(HTTPStatus.NO_CONTENT)
        self.set_header("Allow", ", ".join(self.SUPPORTED_METHODS))

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """Log a failure of ours without the query, which Tornado would write down."""
        if not isinstance(value, HTTPError):
            method, path = self.request.method, self.logged_path
            log.error("%s %s failed", method, path, exc_info=(typ, value, tb))

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer with a page (or JSON) of ours, which never tells what went wrong inside."""
        if status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            self.set_header("Allow", ", ".join(self.SUPPORTED_METHODS))
        name = _ERRORS.get(status_code, _ERRORS[500 if status_code >= 500 else 400])
        if self.wants_json:
            self.finish(dict(refusal("", say(name))))
            return
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(message_document(name, static=self.static_url))


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


#: Status → what its page says, by the name of the text.
_ERRORS = {
    400: "bad_request",
    403: "cross_site",
    404: "no_such_page",
    405: "wrong_method",
    410: "file_gone",
    421: "wrong_host",
    500: "server_error",
}


class HealthHandler(Handler):
    """Tells a load balancer whether to send requests here."""

    def get(self) -> None:
        """Answer 200, or 503 once the server is about to stop."""
        if self.site.draining:
            self.set_status(HTTPStatus.SERVICE_UNAVAILABLE)
        self.write({"status": "stopping" if self.site.draining else "ok"})

    head = get


class StaticHandler(Handler, StaticFileHandler):
    """Serves the script and the style sheet."""

    async def get(self, path: str, include_body: bool = True) -> None:
        """Send a file; whatever else is asked for is not found."""
        try:
            await super().get(path, include_body)
        except (HTTPError, ValueError):
            raise HTTPError(HTTPStatus.NOT_FOUND) from None


@stream_request_body
class NotFoundHandler(Handler):
    """Answers 404 for every address that is no page."""

    SUPPORTED_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")  # type: ignore[assignment]

    def data_received(self, chunk: bytes) -> None:
        """Throw away what is sent."""

    def get(self, *_: str) -> None:
        """Answer, whatever the method."""
        raise HTTPError(HTTPStatus.NOT_FOUND)

    head = post = put = patch = delete = options = get
