"""A visitor without a browser: sends what a browser sends, keeps cookies, reads what comes back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urljoin, urlsplit

from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPHeaders
from tornado.netutil import bind_sockets
from tornado.web import Application

from notebook_actions import UploadedFile, htmlform
from notebook_actions.htmlform import Control, Element, parse

Pairs = Iterable[tuple[str, "str | UploadedFile"]]


@asynccontextmanager
async def serving(app: Application, **options: Any) -> AsyncIterator[str]:
    """Serve ``app`` on a real socket, and give its address."""
    server = HTTPServer(app, **options)
    sockets = bind_sockets(0, "127.0.0.1")
    server.add_sockets(sockets)
    try:
        yield f"http://127.0.0.1:{sockets[0].getsockname()[1]}"
    finally:
        server.stop()
        await server.close_all_connections()


async def until(condition: Callable[[], object], seconds: float = 60.0) -> None:
    """Let the loop run until something is so; fail when it never is."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - waits for anything
            await asyncio.sleep(0.005)


@dataclass(frozen=True)
class Reply:
    """An answer, read to its end."""

    status: int
    headers: HTTPHeaders
    body: bytes
    url: str

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def page(self) -> Element:
        return parse(self.text)

    @property
    def location(self) -> str:
        """Where a browser would go: the Location, resolved."""
        parts = urlsplit(urljoin(self.url, self.headers["Location"]))
        return parts._replace(scheme="", netloc="").geturl()


@dataclass
class Visitor:
    """Somebody with a browser whose scripts are off, or with the page's script (``fetch``)."""

    base: str
    cookies: dict[str, str] = field(default_factory=dict)

    async def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> Reply:
        """Send one request; a redirect is not followed."""
        sent = HTTPHeaders(headers or {})
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        client = AsyncHTTPClient(force_instance=True, max_clients=100)
        try:
            got = await client.fetch(
                HTTPRequest(
                    self.base + path,
                    method=method,
                    headers=sent,
                    body=body,
                    follow_redirects=False,
                    allow_nonstandard_methods=True,
                    decompress_response=False,
                    request_timeout=60,
                ),
                raise_error=False,
            )
        finally:
            client.close()
        if got.code == 599 and got.error is not None:
            raise got.error
        for line in got.headers.get_list("Set-Cookie"):
            for name, morsel in SimpleCookie(line).items():
                if morsel["max-age"] == "0":
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value
        return Reply(got.code, got.headers, got.body, self.base + path)

    async def get(self, path: str, **headers: str) -> Reply:
        return await self.ask("GET", path, headers=_named(headers))

    async def post(
        self, path: str, pairs: Pairs = (), *, multipart: bool = False, **headers: str
    ) -> Reply:
        """Submit a form as a browser does, to the address in its ``action``."""
        kind, body = encode(pairs, multipart=multipart)
        given = {"Content-Type": kind, "Origin": self.base, **_named(headers)}
        return await self.ask("POST", path, body, given)

    async def submit(
        self, path: str, action: str, pairs: Pairs = (), *, multipart: bool = False, **headers: str
    ) -> Reply:
        """Submit the form of an action, and follow the redirect as a browser does."""
        query = "&" if "?" in path else "?"
        reply = await self.post(
            f"{path}{query}_action={action}", pairs, multipart=multipart, **headers
        )
        return await self.get(reply.location) if reply.status == 303 else reply

    async def fetch(
        self, path: str, action: str, pairs: Pairs = (), *, multipart: bool = False, **headers: str
    ) -> Reply:
        """Submit the form of an action as the page's script does."""
        query = "&" if "?" in path else "?"
        given = {"Accept": "application/json", **headers}
        return await self.post(
            f"{path}{query}_action={action}", pairs, multipart=multipart, **given
        )


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def encode(pairs: Pairs, *, multipart: bool = False) -> tuple[str, bytes]:
    """Return the content type and the body that a browser sends, by multipart where it has to."""
    listed = list(pairs)
    multipart |= any(isinstance(value, UploadedFile) for _, value in listed)
    return htmlform.encode(listed, multipart=multipart)


def value(element: Element, name: str) -> str:
    """Return what stands in the field of this name."""
    control = Control(element.all(name=name)[0].node)
    if control.kind == "select":
        return next((one.value for one in control.options if one.selected), "")
    return control.value


async def raw(base: str, data: bytes, *, half_close: bool = False) -> bytes:
    """Send bytes to a server as they are, and return all that it says before it closes."""
    parts = urlsplit(base)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        writer.write(data)
        if half_close:
            writer.write_eof()
        async with asyncio.timeout(60):
            return await reader.read()
    finally:
        writer.close()


#: ``await visit(page, ...)`` serves pages and gives a visitor of them.
Visit = Callable[..., Awaitable[Visitor]]
