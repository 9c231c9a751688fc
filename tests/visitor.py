"""A visitor without a browser: sends what a browser sends, keeps cookies, reads what comes back."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit
from xml.etree import ElementTree

from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPHeaders
from tornado.netutil import bind_sockets
from tornado.web import Application

from notebook_actions import UploadedFile

Pairs = Iterable[tuple[str, "str | UploadedFile"]]

_VOID = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "source",
        "track",
        "wbr",
    ]
)


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


async def until(condition: Callable[[], object], seconds: float = 20.0) -> None:
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
    """Return the content type and the body that a browser sends for a form."""
    listed = list(pairs)
    if not multipart and not any(isinstance(value, UploadedFile) for _, value in listed):
        return "application/x-www-form-urlencoded", urlencode(listed).encode()
    boundary = f"----WebKitFormBoundary{secrets.token_hex(8)}"
    body = bytearray()
    for name, value in listed:
        body += f'--{boundary}\r\nContent-Disposition: form-data; name="{_escaped(name)}"'.encode()
        if isinstance(value, UploadedFile):
            body += f'; filename="{_escaped(value.filename)}"\r\n'.encode()
            body += f"Content-Type: {value.content_type}".encode()
        content = value.read() if isinstance(value, UploadedFile) else value.encode()
        body += b"\r\n\r\n" + content + b"\r\n"
    body += f"--{boundary}--\r\n".encode()
    return f"multipart/form-data; boundary={boundary}", bytes(body)


def _escaped(name: str) -> str:
    # HTML, "multipart/form-data encoding algorithm".
    return name.replace("\n", "%0A").replace("\r", "%0D").replace('"', "%22")


class Element:
    """A parsed page, or an element of it."""

    def __init__(self, node: ElementTree.Element) -> None:
        self.node = node

    @property
    def text(self) -> str:
        """What a person reads in it, in single spaces."""
        return " ".join("".join(_texts(self.node)).split())

    def __getitem__(self, attribute: str) -> str:
        return self.node.attrib[attribute]

    def get(self, attribute: str) -> str | None:
        return self.node.get(attribute)

    def all(self, tag: str = "*", **attributes: str) -> list[Element]:
        """Return the elements with this tag and these attributes (``data_slot="x"``), in order."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        return [
            Element(node)
            for node in self.node.iter()
            if tag in ("*", node.tag)
            and all(node.get(name) == value for name, value in wanted.items())
        ]

    def one(self, tag: str = "*", **attributes: str) -> Element:
        found = self.all(tag, **attributes)
        assert len(found) == 1, f"{len(found)} of {tag} {attributes}"
        return found[0]

    def slot(self, name: str) -> str:
        return self.one(data_slot=name).text

    def form(self, number: int = 0) -> Element:
        return self.all("form")[number]

    def value(self, name: str) -> str:
        """Return what stands in the field of this name."""
        control = self.all(name=name)[0]
        if control.node.tag == "textarea":
            # A browser drops the one line break that follows the tag.
            return "".join(control.node.itertext()).removeprefix("\n")
        if control.node.tag == "select":
            chosen = [one for one in control.all("option") if "selected" in one.node.attrib]
            return chosen[0]["value"] if chosen else ""
        return control.get("value") or ""


def _texts(node: ElementTree.Element) -> Iterable[str]:
    if node.tag in ("script", "style", "title"):
        return
    yield node.text or ""
    for child in node:
        if child.tag in ("p", "li", "h1", "h2", "div", "td", "th", "tr", "button", "option"):
            yield " "
        yield from _texts(child)
        yield " " if child.tag not in ("a", "b", "code", "strong", "em") else ""
        yield child.tail or ""


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = ElementTree.Element("document")
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        node = ElementTree.SubElement(self.open[-1], tag, given)
        if tag not in _VOID:
            self.open.append(node)
        if tag == "textarea":
            self.set_cdata_mode(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in (node.tag for node in self.open):
            while self.open.pop().tag != tag:
                pass

    def handle_data(self, data: str) -> None:
        node = self.open[-1]
        if self.cdata_elem == "textarea":
            data = unescape(data)
        if len(node):
            node[-1].tail = (node[-1].tail or "") + data
        else:
            node.text = (node.text or "") + data


def parse(html: str) -> Element:
    """Read a page."""
    builder = _Builder()
    builder.feed(html)
    builder.close()
    return Element(builder.root)


async def raw(base: str, data: bytes, *, half_close: bool = False) -> bytes:
    """Send bytes to a server as they are, and return all that it says before it closes."""
    parts = urlsplit(base)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        writer.write(data)
        if half_close:
            writer.write_eof()
        async with asyncio.timeout(20):
            return await reader.read()
    finally:
        writer.close()


#: ``await visit(page, ...)`` serves pages and gives a visitor of them.
Visit = Callable[..., Awaitable[Visitor]]
