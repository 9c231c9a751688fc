"""Cross-site requests, host names, headers, and what a log may hold."""

from __future__ import annotations

import logging

import pytest
from visitor import Visit, raw, value

from notebook_actions import FormData, Request, action
from notebook_actions.errors import DefinitionError
from notebook_actions.page import ActionForm, Page
from notebook_actions.server import make_app

HTML = '<input name="text"><input type="password" name="secret"><textarea name="more"></textarea>'


@pytest.fixture
def received() -> list[FormData]:
    return []


@pytest.fixture
def page(received: list[FormData]) -> Page:
    @action
    async def note(form: FormData) -> str:
        received.append(form)
        return "fine"

    return Page("/", ActionForm(note, html=HTML))


FOREIGN = [
    {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
    {"Sec-Fetch-Site": "same-site", "Origin": "https://other.localhost"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "null"},
    {"Origin": "https://evil.example"},
    {"Origin": "http://127.0.0.1:1"},
    {"Origin": "null"},
    {"Origin": "::::"},
]


@pytest.mark.parametrize("headers", FOREIGN)
async def test_a_foreign_submission_is_refused_and_its_input_kept(
    visit: Visit, page: Page, received: list[FormData], headers: dict[str, str]
) -> None:
    """A submission from another site runs nothing; its input waits in the form."""
    visitor = await visit(page)
    sent = [("text", "Charms"), ("secret", "hunter2"), ("more", "<b>\r\nlong")]
    reply = await visitor.submit("/", "note", sent, **headers)
    assert reply.status == 403
    assert received == []
    notice = reply.page.one(class_="na-notice").text
    assert "came from another site and was not carried out" in notice
    assert "--public-url" in notice
    assert (value(reply.page, "text"), value(reply.page, "more")) == ("Charms", "<b>\nlong")
    assert "hunter2" not in reply.text
    assert reply.page.all("form")[0].all("button")[0].text == "Note"
    assert reply.headers["Cache-Control"] == "no-store"
    again = [("text", value(reply.page, "text")), ("more", "x")]
    assert (await visitor.submit("/", "note", again)).page.slot("result") == "fine"


@pytest.mark.parametrize("headers", [*FOREIGN, {"Sec-Fetch-Site": "cross-site", "Origin": ""}])
async def test_a_foreign_fetch_is_refused(
    visit: Visit, page: Page, received: list[FormData], headers: dict[str, str]
) -> None:
    """A script on another site gets a refusal, and no header that would let it read one."""
    visitor = await visit(page)
    reply = await visitor.fetch("/", "note", [("text", "x")], **headers)
    assert (reply.status, reply.json["type"]) == (403, "error")
    assert not [name for name in reply.headers if name.lower().startswith("access-control")]
    assert received == []


async def test_a_foreign_stale_form_shows_nothing_that_it_sent(visit: Visit, page: Page) -> None:
    """Another site cannot put text of its own into a page of ours."""
    visitor = await visit(page)
    sent = [("text", "call this number")]
    reply = await visitor.submit("/", "gone", sent, Origin="https://evil.example")
    assert reply.status == 404
    assert "call this number" not in reply.text


OWN = [
    {"Sec-Fetch-Site": "same-origin"},
    {"Sec-Fetch-Site": "none", "Origin": "null"},
    {},
]


@pytest.mark.parametrize("headers", OWN)
async def test_an_own_submission_passes(visit: Visit, page: Page, headers: dict[str, str]) -> None:
    """What the browser says to be of the same origin, or typed by the person, runs."""
    visitor = await visit(page)
    assert (await visitor.submit("/", "note", **headers)).page.slot("result") == "fine"


async def test_a_client_that_is_no_browser(visit: Visit, page: Page) -> None:
    """Without an Origin it is no browser, and there is nothing to forge."""
    visitor = await visit(page)
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    assert (await visitor.ask("POST", "/?_action=note", b"", kind)).status == 303


async def test_a_trusted_public_address(visit: Visit, page: Page, received: list[FormData]) -> None:
    """Behind a proxy, submissions from the app's public address are its own, and no others."""
    visitor = await visit(page, public_urls=["https://Enroll.example:8443/some/path"])
    for origin, status in (
        ("https://enroll.example:8443", 303),
        ("https://enroll.example", 403),
        ("http://enroll.example:8443", 403),
        ("https://enroll.example.evil.example:8443", 403),
    ):
        for site in ({}, {"Sec-Fetch-Site": "cross-site"}):
            reply = await visitor.post("/?_action=note", Origin=origin, **site)
            assert reply.status == status, origin
    assert len(received) == 2


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("LOCALHOST:8000", 200),
        ("127.0.0.1:8000", 200),
        ("[::1]:8000", 200),
        ("192.168.1.7", 200),
        ("enroll.example", 200),
        ("ENROLL.example:99", 200),
        ("evil.example", 421),
        ("localhost.evil.example", 421),
        ("enroll.example.evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("enroll", 421),
    ],
)
async def test_host_names(visit: Visit, page: Page, host: str, status: int) -> None:
    """Only loopback names, plain addresses and configured hosts are answered."""
    visitor = await visit(page, public_urls=["https://enroll.example"])
    for path in ("/", "/healthz", "/nothing", "/static/form.css"):
        request = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        reply = await raw(visitor.base, request.encode())
        expected = 404 if (path == "/nothing" and status == 200) else status
        assert reply.startswith(f"HTTP/1.1 {expected}".encode()), (path, reply[:100])
        if status == 421:
            assert b"--public-url" in reply


async def test_a_rebound_name_runs_nothing(
    visit: Visit, page: Page, received: list[FormData]
) -> None:
    """A page whose own name was pointed at this machine cannot submit, though origins match."""
    visitor = await visit(page)
    request = (
        "POST /?_action=note HTTP/1.1\r\nHost: evil.example\r\nOrigin: http://evil.example\r\n"
        "Sec-Fetch-Site: same-origin\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    )
    assert (await raw(visitor.base, request.encode())).startswith(b"HTTP/1.1 421")
    assert received == []


@pytest.mark.parametrize("url", ["enroll.example", "ftp://x", "https://", "", "//enroll.example"])
def test_a_public_url_that_cannot_be_read(page: Page, url: str) -> None:
    """A public URL that is none is refused at once, with the way to write it."""
    with pytest.raises(DefinitionError, match=r"https://enroll\.example"):
        make_app(page, public_urls=[url])


PATHS = [
    "/",
    "/healthz",
    "/nothing",
    "/static/page.js",
    "/static/form.css",
    "/static/none",
    "/favicon.ico",
]


@pytest.mark.parametrize("path", PATHS)
async def test_headers_of_every_answer(visit: Visit, page: Page, path: str) -> None:
    """Every answer has the security headers, and none says what software made it."""
    visitor = await visit(page)
    for method in ("GET", "HEAD", "DELETE", "OPTIONS"):
        reply = await visitor.ask(method, path)
        assert "Server" not in reply.headers
        assert b"ornado" not in reply.body
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
        assert reply.headers["Referrer-Policy"] == "same-origin"
        policy = reply.headers["Content-Security-Policy"]
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy


async def test_pages_hold_nothing_inline(visit: Visit, page: Page) -> None:
    """A page works under a policy without inline script, style or handlers."""
    visitor = await visit(page)
    for reply in (await visitor.get("/"), await visitor.submit("/", "note")):
        for element in reply.page.all():
            assert element.node.tag != "style"
            assert element.get("style") is None
            assert not [name for name in element.node.attrib if name.startswith("on")]
        (script,) = reply.page.all("script")
        assert script.text == ""
        assert script["src"].startswith("/static/page.js?v=")


async def test_static_files_of_a_page_are_there(visit: Visit, page: Page) -> None:
    """What a page refers to is served, and may be kept for ever under its versioned address."""
    visitor = await visit(page)
    shown = (await visitor.get("/")).page
    for address in (shown.one("script")["src"], shown.one("link", rel="stylesheet")["href"]):
        reply = await visitor.get(address)
        assert reply.status == 200
        assert "max-age=315360000" in reply.headers["Cache-Control"]


async def test_logs_hold_no_query_and_no_value(
    visit: Visit, page: Page, caplog: pytest.LogCaptureFixture
) -> None:
    """What a person enters, and the addresses that may hold it, never reach a log."""
    caplog.set_level(logging.DEBUG)

    @action
    async def broken(form: FormData) -> None:
        raise ZeroDivisionError("on purpose")

    def session(request: Request) -> dict[str, str]:
        return {"user": "x"} if "fail" not in request.url else {}[request.url[:0]]

    page = Page("/", *page.forms.values(), ActionForm(broken))
    visitor = await visit(page, session=session)
    visitor.cookies["sid"] = "needle"
    secret = [("text", "needle"), ("secret", "needle")]
    for query in ("q=needle", "fail=1&q=needle", "_outcome=needle"):
        await visitor.get(f"/?{query}")
        await visitor.get(f"/nothing?{query}")
        await visitor.submit(f"/?{query}", "note", secret)
        await visitor.fetch(f"/?{query}", "broken", secret)
        await visitor.submit(f"/?{query}", "gone", secret)
        await visitor.submit(f"/?{query}", "note", secret, Origin="https://evil.example")
        await visitor.ask("DELETE", f"/?{query}")
        await visitor.ask("POST", f"/?{query}", b"needle", {"Content-Type": "text/plain"})
    await raw(visitor.base, b"GET /?needle HTTP/1.1\r\nHost: evil\r\nConnection: close\r\n\r\n")
    assert "needle" not in caplog.text
    assert "ZeroDivisionError: on purpose" in caplog.text
    assert "KeyError" in caplog.text
    assert "HTTPError" not in caplog.text  # What a visitor did wrong is no failure of the app.
    lines = [one.getMessage() for one in caplog.records if one.name == "notebook_actions.access"]
    assert lines[0].startswith("200 GET / 127.0.0.1 ")
    assert all("?" not in line for line in lines)


async def test_a_failure_of_the_server_itself_tells_nothing(
    visit: Visit, page: Page, caplog: pytest.LogCaptureFixture
) -> None:
    """When the session lookup crashes, visitors read a page of ours, and the log the reason."""

    def session(request: Request) -> dict[str, str]:
        raise RuntimeError("database password is swordfish")

    visitor = await visit(page, session=session)
    for reply in (await visitor.get("/"), await visitor.submit("/", "note")):
        assert reply.status == 500
        assert "<h1>Something went wrong</h1>" in reply.text
        assert "swordfish" not in reply.text
    fetched = await visitor.fetch("/", "note")
    assert (fetched.status, fetched.json["type"]) == (500, "error")
    assert "swordfish" not in fetched.text
    assert "swordfish" in caplog.text


async def test_debug_settings_show_no_traceback(visit: Visit, page: Page) -> None:
    """Tornado's own debug pages stay away even where they are asked for."""

    def session(request: Request) -> dict[str, str]:
        raise RuntimeError("swordfish")

    visitor = await visit(page, session=session, serve_traceback=True)
    assert "swordfish" not in (await visitor.get("/")).text


@pytest.mark.parametrize(
    "query", ["%", "%zz", "%ff%fe", "a=%00", "&&&", "=", "_action", "_outcome", "%F0%28"]
)
async def test_any_query(visit: Visit, page: Page, query: str) -> None:
    """A malformed query shows the page, never a crash."""
    visitor = await visit(page)
    reply = await visitor.get(f"/?{query}")
    assert (reply.status, reply.page.all("form")[0]["data-action"]) == (200, "note")
    assert (await visitor.fetch(f"/?{query}", "note")).status == 200
