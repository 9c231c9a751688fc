"""The application: what can be served, and where it can stand."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from tornado.web import Application, RequestHandler
from visitor import Visit, Visitor, encode, raw, serving

from notebook_actions import FormData, UploadedFile, action, loader, make_app
from notebook_actions.errors import DefinitionError
from notebook_actions.page import ActionForm, Page
from notebook_actions.server import serve_in_background
from notebook_actions.server.run import PortInUse


@action
async def greet(name: str = "you") -> str:
    """Greet."""
    return f"Hello {name}"


@pytest.mark.parametrize(
    ("shown", "path"),
    [
        (greet, "/greet"),
        (ActionForm(greet), "/greet"),
        (ActionForm(greet, path="/hello"), "/hello"),
        (Page("/page", ActionForm(greet)), "/page"),
        ([Page("/a", ActionForm(greet)), Page("/b")], "/b"),
    ],
)
async def test_what_can_be_served(shown: Any, path: str) -> None:
    """An action, a form, a page or several are served at their paths."""
    async with serving(make_app(shown)) as base:
        assert (await Visitor(base).get(path)).status == 200


@pytest.mark.parametrize("shown", [[], [Page("/a"), Page("/a")], [object()]])
def test_what_cannot_be_served(shown: Any) -> None:
    """Nothing, two pages of one path, and what is no page are refused before anything is served."""
    with pytest.raises(DefinitionError):
        make_app(shown)


async def test_mounted_in_another_application() -> None:
    """An app stands inside the author's own, whose routes and settings stay."""
    received: list[FormData] = []

    class Mine(RequestHandler):
        def get(self) -> None:
            self.write("mine")

    @action
    async def note(form: FormData) -> str:
        received.append(copy.deepcopy(form))  # a file's content is gone when this has ended
        return "fine"

    html = '<input name="text"><input type="file" name="photo">'
    mounted = make_app(Page("/desk", ActionForm(note, html=html)))
    app = Application([("/mine", Mine), (".*", mounted)], debug=False, static_path=None)
    async with serving(app) as base:
        visitor = Visitor(base)
        assert (await visitor.get("/mine")).text == "mine"
        page = (await visitor.get("/desk")).page
        assert (await visitor.get(page.one("script")["src"])).status == 200
        sent = [("text", "größe"), ("photo", UploadedFile("a.png", "image/png", b"\x00" * 300_000))]
        assert (await visitor.submit("/desk", "note", sent)).page.slot("result") == "fine"
        assert received == [FormData(sent)]
        assert (await visitor.fetch("/desk", "note", sent)).json["type"] == "success"
        assert (await visitor.get("/nothing")).status == 404
        refused = await visitor.submit("/desk", "note", sent, Origin="https://evil.example")
        assert refused.status == 403
        assert len(received) == 2


async def test_edited_templates(tmp_path: Path) -> None:
    """A template that was edited is used, and the others are made as before."""

    @loader
    def data() -> str:
        return "loaded"

    (tmp_path / "p.greet.html").write_text(
        '<form class="na-form" method="post" action="{{ url }}" data-action="greet">'
        '<b>Edited</b><div data-slot="errors"></div><input name="name">'
        '<p data-slot="status"></p><div data-slot="result"></div><button>Go</button></form>'
    )
    async with serving(make_app(Page("/p", data, ActionForm(greet)), templates=tmp_path)) as base:
        visitor = Visitor(base)
        page = (await visitor.get("/p?x=1")).page
        assert (page.all("form")[0].one("b").text, page.all("form")[0]["action"]) == (
            "Edited",
            "?_action=greet&x=1",
        )
        assert page.one(data_loader="data").text == "loaded"
        shown = await visitor.submit("/p", "greet", [("name", "Luna")])
        assert shown.page.slot("result") == "Hello Luna"


async def test_health(visit: Visit) -> None:
    """A load balancer is told that the app is there, and when it is about to go."""
    visitor = await visit(greet)
    reply = await visitor.get("/healthz")
    assert (reply.status, reply.json) == (200, {"status": "ok"})
    assert (await visitor.ask("HEAD", "/healthz")).status == 200
    assert (await visitor.ask("POST", "/healthz", b"")).status == 405


async def test_health_while_draining() -> None:
    """Once it is about to stop the app says 503, and keeps no connection."""
    app = make_app(greet)
    async with serving(app) as base:
        app.settings["site"].draining = True
        reply = await Visitor(base).get("/healthz")
        assert (reply.status, reply.json) == (503, {"status": "stopping"})
        assert reply.headers["Connection"] == "close"


async def test_connections_are_kept(visit: Visit) -> None:
    """Several requests share one connection, after a refusal too."""
    visitor = await visit(greet)
    kind, body = encode([("name", "Luna")])
    head = (
        "POST /greet?_action={} HTTP/1.1\r\nHost: localhost\r\n"
        "Content-Type: {}\r\nContent-Length: {}\r\n"
    )
    requests = [
        head.format("greet", kind, len(body)).encode() + b"\r\n" + body,
        head.format("gone", kind, len(body)).encode() + b"\r\n" + body,
        head.format("greet", "application/json", len(body)).encode() + b"\r\n" + body,
        b"GET /greet HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    ]
    reply = await raw(visitor.base, b"".join(requests))
    assert reply.count(b"HTTP/1.1 ") == 4
    for status in (b"303", b"404", b"415", b"200"):
        assert b"HTTP/1.1 " + status in reply


# Tornado's bind_sockets() does not close the socket that it could not bind.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_a_preview_from_the_notebook() -> None:
    """A preview runs on the running loop, on a free port of this machine only."""
    server, address = serve_in_background(make_app(greet))
    try:
        assert address.startswith("http://127.0.0.1:")
        assert (await Visitor(address).submit("/greet", "greet")).page.slot("result") == "Hello you"
        port = int(address.rpartition(":")[2])
        with pytest.raises(PortInUse, match=f"port {port} is in use"):
            serve_in_background(make_app(greet), port)
    finally:
        server.stop()
        await server.close_all_connections()
