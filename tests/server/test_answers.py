"""What is answered over HTTP."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any
from urllib.parse import urljoin

import pytest
from visitor import Visit, Visitor, serving, until, value

from notebook_actions import (
    ActionError,
    FormData,
    FormError,
    Request,
    UploadedFile,
    action,
    loader,
    make_app,
    redirect,
)
from notebook_actions.page import ActionForm, Page


class Desk:
    """A page whose action remembers what it was given."""

    def __init__(self, answer: Any = "fine", **options: Any) -> None:
        self.received: list[FormData] = []
        self.answer = answer

        @action(**options)
        async def note(form: FormData, request: Request) -> Any:
            self.received.append(form)
            answer = self.answer
            if isinstance(answer, BaseException):
                raise answer
            return answer(request) if callable(answer) else answer

        self.page = Page(
            "/desk",
            ActionForm(note, html='<textarea name="text"></textarea><input name="text2">'),
            title="Desk",
        )


# --- methods ------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
async def test_reading_runs_no_action(visit: Visit, method: str) -> None:
    """GET, HEAD and OPTIONS on an action's address never run it, whatever they carry."""
    desk = Desk()
    visitor = await visit(desk.page)
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    reply = await visitor.ask(method, "/desk?_action=note&text=x", b"text=x", kind)
    assert reply.status == (204 if method == "OPTIONS" else 200)
    assert desk.received == []


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "BREW"])
async def test_other_methods_are_refused(visit: Visit, method: str) -> None:
    """Another method is a 405 that says which there are, and runs nothing."""
    desk = Desk()
    visitor = await visit(desk.page)
    body = b"text=x" if method in ("PUT", "PATCH") else None
    reply = await visitor.ask(method, "/desk?_action=note", body)
    assert reply.status == 405
    assert reply.headers["Allow"] == "GET, HEAD, POST, OPTIONS"
    assert "That is not possible here" in reply.text
    assert desk.received == []


async def test_allow_is_right_for_every_address(visit: Visit) -> None:
    """OPTIONS tells the methods of an address and has no body."""
    visitor = await visit(Desk().page)
    for path, methods in {
        "/desk": "GET, HEAD, POST, OPTIONS",
        "/healthz": "GET, HEAD, OPTIONS",
        "/static/form.css": "GET, HEAD, OPTIONS",
    }.items():
        reply = await visitor.ask("OPTIONS", path)
        assert (reply.status, reply.body, reply.headers["Allow"]) == (204, b"", methods)
        assert (await visitor.ask("DELETE", path)).headers["Allow"] == methods


async def test_head_has_the_headers_of_get(visit: Visit) -> None:
    """HEAD answers as GET does, without a body."""
    visitor = await visit(Desk().page)
    for path in ("/desk", "/healthz", "/static/page.js"):
        get, head = await visitor.get(path), await visitor.ask("HEAD", path)
        assert (head.status, head.body) == (200, b"")
        for name in ("Content-Type", "Content-Length", "Cache-Control"):
            assert head.headers.get(name) == get.headers.get(name)
        assert int(get.headers["Content-Length"]) == len(get.body) > 0


# --- which action -------------------------------------------------------------------------------

UNKNOWN = [
    "nobody",
    "__proto__",
    "constructor",
    "__init__",
    "../x",
    "note-2",
    "",
    "NOTE",
    "note%00",
]


@pytest.mark.parametrize("name", UNKNOWN)
async def test_unknown_action(visit: Visit, name: str) -> None:
    """An unknown action is a 404 with the page and a message, with a script and without."""
    desk = Desk()
    visitor = await visit(desk.page)
    plain = await visitor.submit("/desk", name, [("text", "x")])
    assert plain.status == 404
    assert "This form is no longer here." in plain.page.one(role="alert", class_="na-notice").text
    assert plain.page.all("form")[0]["data-action"] == "note"
    fetched = await visitor.fetch("/desk", name, [("text", "x")])
    assert (fetched.status, fetched.json["type"]) == (404, "error")
    assert "no longer here" in fetched.json["slots"]["errors"]
    assert desk.received == []


async def test_a_post_without_an_action_runs_none(visit: Visit) -> None:
    """A POST to the page's bare address names no form, even where there is only one."""
    desk = Desk()
    visitor = await visit(desk.page)
    assert (await visitor.post("/desk", [("text", "x")])).status == 404
    assert desk.received == []


async def test_a_stale_form_gets_its_input_back(visit: Visit) -> None:
    """Who submits a form that a deploy has removed finds what was entered, but no password."""
    visitor = await visit(Desk().page)
    sent = [("story", "<b>long</b>\r\ntext"), ("password", "hunter2"), ("_form", "old-2")]
    reply = await visitor.submit("/desk", "old", sent)
    assert reply.status == 404
    assert "story: <b>long</b> text" in reply.page.one(class_="na-notice").text
    assert "hunter2" not in reply.text
    assert "old-2" not in reply.text


async def test_an_action_belongs_to_its_page(visit: Visit) -> None:
    """An action is reached only through a page that shows its form."""
    desk = Desk()
    visitor = await visit(desk.page, Page("/other", "<p>Nothing here</p>"))
    assert (await visitor.submit("/other", "note", [("text", "x")])).status == 404
    assert desk.received == []


async def test_unknown_pages(visit: Visit) -> None:
    """An address that is no page is a 404 page of ours for every method."""
    visitor = await visit(Desk().page)
    for path in ("/static/", "/static/../app.py", "/static/%2e%2e/app.py", "/static/%00"):
        assert (await visitor.get(path)).status == 404, path
    for path in ("/", "/desk/", "/desk/x", "/DESK", "/static/none.js", "/%00"):
        reply = await visitor.get(path)
        assert reply.status == 404, path
        assert "<h1>Page not found</h1>" in reply.text
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        body = None if method == "DELETE" else b"x" * 1_000_000
        assert (await visitor.ask(method, "/nothing", body)).status == 404
    reply = await visitor.get("/nothing", Accept="application/json")
    assert (reply.status, reply.json["type"]) == (404, "error")


async def test_a_path_of_any_letters(visit: Visit) -> None:
    """A page whose path has letters outside ASCII is found as a browser asks for it."""
    page = Page("/größe", ActionForm(Desk().page.forms["note"].action))
    visitor = await visit(page)
    assert (await visitor.get("/gr%C3%B6%C3%9Fe")).status == 200
    reply = await visitor.post("/gr%C3%B6%C3%9Fe?_action=note")
    assert reply.location.startswith("/gr%C3%B6%C3%9Fe?_outcome=")
    assert (await visitor.get(reply.location)).page.slot("result") == "fine"


# --- outcomes -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value", [redirect("/desk"), redirect("/thanks"), "fine", None, 0, "", False, []]
)
async def test_what_ran_is_303(visit: Visit, value: Any) -> None:
    """Whatever ran is answered with 303, so that a reload submits nothing."""
    visitor = await visit(Desk(value).page)
    reply = await visitor.post("/desk?_action=note", [("text", "x")])
    assert reply.status == 303
    assert reply.body == b""
    assert reply.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("status", [400, 404, 409, 422, 429, 503, 598])
async def test_action_error_has_its_status(visit: Visit, status: int) -> None:
    """An ActionError is answered with its own status, with a script and without."""
    visitor = await visit(Desk(ActionError("No", status=status)).page)
    assert (await visitor.submit("/desk", "note")).status == status
    assert (await visitor.fetch("/desk", "note")).status == status


async def test_secrets_do_not_come_back(visit: Visit) -> None:
    """After a failure passwords and files are not in the page that comes back."""

    @action
    async def sign_up(form: FormData) -> None:
        raise FormError("No")

    html = (
        '<input name="name"><input type="password" name="secret"><input type="file" name="photo">'
    )
    visitor = await visit(Page("/", ActionForm(sign_up, html=html)))
    sent = [
        ("name", "Luna"),
        ("secret", "hunter2"),
        ("photo", UploadedFile("me.png", "image/png", b"PIXELS")),
    ]
    reply = await visitor.submit("/", "sign_up", sent)
    assert (reply.status, value(reply.page, "name")) == (422, "Luna")
    assert "hunter2" not in reply.text
    assert "PIXELS" not in reply.text


async def test_secrets_are_masked_where_an_action_prints_its_form(visit: Visit) -> None:
    """A log that shows the form data shows no password; the action has it all the same."""

    async def sign_up(form: FormData) -> str:
        return f"{form} {form['secret'] == 'hunter2'}"

    html = '<input type="password" name="secret"><input name="pin" data-secret>'
    visitor = await visit(Page("/", ActionForm(sign_up, html=html)))
    reply = await visitor.fetch("/", "sign_up", [("secret", "hunter2"), ("pin", "4711")])
    assert "True" in reply.text
    assert "hunter2" not in reply.text
    assert "4711" not in reply.text


async def test_a_megabyte_comes_back_whole(visit: Visit) -> None:
    """A text area of 1 MB that fails validation comes back character by character."""
    visitor = await visit(Desk(FormError("Too long")).page)
    text = ("<&\"'größe\r\n" * 90_000)[:1_000_000]
    reply = await visitor.submit("/desk", "note", [("text", text)])
    assert reply.status == 422
    assert value(reply.page, "text") == text.replace("\r\n", "\n")


async def test_a_large_result_is_shown(visit: Visit) -> None:
    """An outcome of any size gets through the redirect: its beginning, and a link to all of it."""
    visitor = await visit(Desk("x" * 3_000_000).page)
    reply = await visitor.submit("/desk", "note")
    assert reply.page.slot("result").startswith("x" * 200_000 + " 200,000 of 3,000,000 shown.")
    [link] = [one["href"] for one in reply.page.all("a") if "_download" in one["href"]]
    assert (await visitor.get(f"/desk{link}")).body == b"x" * 3_000_000


async def test_outcome_is_shown_once(visit: Visit) -> None:
    """A result is gone after a reload, and the page may then be kept again."""
    visitor = await visit(Desk().page)
    reply = await visitor.post("/desk?_action=note")
    first, second = await visitor.get(reply.location), await visitor.get(reply.location)
    assert (first.page.slot("result"), first.page.slot("status")) == ("fine", "Done.")
    assert first.headers["Cache-Control"] == "no-store"
    assert (second.page.slot("result"), second.page.slot("status")) == ("", "")
    assert second.headers["Cache-Control"] == "private, no-cache"


async def test_head_does_not_take_the_outcome(visit: Visit) -> None:
    """A HEAD, as link checkers send, leaves the outcome for the person."""
    visitor = await visit(Desk().page)
    reply = await visitor.post("/desk?_action=note")
    await visitor.ask("HEAD", reply.location)
    assert (await visitor.get(reply.location)).page.slot("result") == "fine"


async def test_outcome_belongs_to_its_page(visit: Visit) -> None:
    """Another page neither shows an outcome nor uses it up."""
    visitor = await visit(
        Desk("secret").page, Page("/other", ActionForm(Desk().page.forms["note"].action))
    )
    location = (await visitor.post("/desk?_action=note")).location
    other = await visitor.get(location.replace("/desk", "/other"))
    assert (other.status, other.page.slot("result")) == (200, "")
    assert (await visitor.get(location)).page.slot("result") == "secret"


async def test_two_tabs_do_not_mix(visit: Visit) -> None:
    """Each of two submissions at once finds its own outcome."""
    desk = Desk()
    desk.answer = lambda request: f"number {len(desk.received)}"
    visitor = await visit(desk.page)
    first, second = (
        await visitor.post("/desk?_action=note"),
        await visitor.post("/desk?_action=note"),
    )
    assert first.location != second.location
    assert (await visitor.get(second.location)).page.slot("result") == "number 2"
    assert (await visitor.get(first.location)).page.slot("result") == "number 1"


async def test_outcome_cannot_be_guessed_or_made_up(visit: Visit) -> None:
    """A token that the store does not know shows the page alone."""
    visitor = await visit(Desk().page)
    location = (await visitor.post("/desk?_action=note")).location
    assert len(location.partition("_outcome=")[2]) >= 32
    for token in ("", "x", "../desk", "%00", "%FF", "a" * 5000, "'+OR+1=1+--"):
        reply = await visitor.get(f"/desk?_outcome={token}")
        assert (reply.status, reply.page.slot("result")) == (200, "")


async def test_outcome_expires(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    """An outcome that nobody came for is forgotten."""
    visitor = await visit(Desk().page)
    monkeypatch.setattr("notebook_actions.server.outcomes.OUTCOME_SECONDS", -1)
    location = (await visitor.post("/desk?_action=note")).location
    reply = await visitor.get(location)
    assert (reply.status, reply.page.slot("result")) == (200, "")


async def test_a_fetch_leaves_nothing_behind(visit: Visit) -> None:
    """The answer to a fetch carries the outcome itself; no cookie, no address for it."""
    visitor = await visit(Desk().page)
    reply = await visitor.fetch("/desk", "note")
    assert reply.json["slots"]["status"] == "Done."
    assert reply.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in reply.headers
    assert "Location" not in reply.headers


async def test_an_anonymous_app_sets_no_cookie(visit: Visit) -> None:
    """Without cookies of the author's own there is none at all."""
    visitor = await visit(Desk().page)
    await visitor.get("/desk")
    await visitor.submit("/desk", "note")
    await visitor.fetch("/desk", "note")
    assert visitor.cookies == {}


# --- redirects ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("location", "reached"),
    [
        ("/thanks", "/thanks"),
        ("thanks?ok=1#top", "/thanks?ok=1#top"),
        ("?page=2", "/desk?page=2"),
        ("#list", "/desk?tab=2#list"),
        ("/größe?q=ü", "/gr%C3%B6%C3%9Fe?q=%C3%BC"),
        ("HERE/desk", "/desk"),
    ],
)
async def test_the_same_place_in_both_modes(visit: Visit, location: str, reached: str) -> None:
    """A redirect within the site leads to the same place with a script and without."""
    desk = Desk()
    visitor = await visit(desk.page)
    desk.answer = redirect(location.replace("HERE", visitor.base))
    plain = await visitor.post("/desk?_action=note&tab=2")
    assert (plain.status, plain.location) == (303, reached)
    fetched = await visitor.fetch("/desk?tab=2", "note")
    assert fetched.json["type"] == "redirect"
    # A script resolves it against the page's own address.
    resolved = urljoin(f"{visitor.base}/desk?tab=2", fetched.json["location"])
    assert resolved == visitor.base + reached


@pytest.mark.parametrize(
    "url", ["https://evil.example/x", "http://127.0.0.1:1/", "http://localhost/"]
)
async def test_another_origin_needs_the_authors_word(visit: Visit, url: str) -> None:
    """A redirect to another origin is a bug, and nobody is sent there."""
    visitor = await visit(Desk(redirect(url)).page)
    for reply in (await visitor.submit("/desk", "note"), await visitor.fetch("/desk", "note")):
        assert reply.status == 500
        assert url not in reply.text
        assert "Location" not in reply.headers


async def test_external_redirect(visit: Visit) -> None:
    """An external redirect that the author asked for is followed in both modes, once."""
    there = "https://other.example/x?y=1&z=%22"
    visitor = await visit(Desk(redirect(there, external=True)).page)
    assert (await visitor.fetch("/desk", "note")).json["location"] == there
    reply = await visitor.post("/desk?_action=note")
    assert reply.status == 303
    # Not at once: a policy with form-action holds for the redirects of a submission too.
    led = await visitor.get(reply.location)
    assert (led.status, led.headers["Refresh"]) == (200, f"0; url={there}")
    assert led.page.one("a")["href"] == there
    assert led.headers["Cache-Control"] == "no-store"
    assert "Refresh" not in (await visitor.get(reply.location)).headers


@pytest.mark.parametrize(
    "target", ["//evil.example", "/\\evil.example", "javascript:alert(1)", "/a\r\nX: y"]
)
async def test_unsafe_redirects_never_leave(visit: Visit, target: str) -> None:
    """A destination that came with the request and is unsafe ends as a bug, not as a Location."""
    visitor = await visit(Desk(lambda request: redirect(target)).page)
    for reply in (await visitor.submit("/desk", "note"), await visitor.fetch("/desk", "note")):
        assert reply.status == 500
        assert "Location" not in reply.headers
        assert "evil" not in reply.text


@pytest.mark.parametrize(
    "referer", [None, "https://evil.example/", "//evil", "::::", "http://[", "ü"]
)
async def test_any_referer(visit: Visit, referer: str | None) -> None:
    """Nothing depends on the Referer: none, a foreign one, one that cannot be read."""
    visitor = await visit(Desk().page)
    given = {} if referer is None else {"Referer": referer}
    assert (await visitor.submit("/desk", "note", **given)).page.slot("result") == "fine"


# --- cookies, query, data -----------------------------------------------------------------------


async def test_cookies_survive_the_redirect(visit: Visit) -> None:
    """A cookie that the action sets reaches the browser with the 303, and not to scripts."""

    def sign_in(request: Request) -> Any:
        request.cookies["user"] = "luna"
        request.cookies.set("theme", "dark", max_age=60)
        return redirect("/desk")

    visitor = await visit(Desk(sign_in).page)
    reply = await visitor.post("/desk?_action=note")
    assert visitor.cookies == {"user": "luna", "theme": "dark"}
    lines = reply.headers.get_list("Set-Cookie")
    assert len(lines) == 2
    assert all("HttpOnly" in line and "SameSite=Lax" in line and "Path=/" in line for line in lines)


@pytest.mark.parametrize("secure", [False, True])
async def test_cookies_on_https_are_secure(secure: bool) -> None:
    """Behind a proxy that speaks https, cookies are marked so that they never travel without."""

    def sign_in(request: Request) -> None:
        request.cookies["user"] = "luna"

    async with serving(make_app(Desk(sign_in).page), xheaders=True) as base:
        proto = "https" if secure else "http"
        reply = await Visitor(base).post("/desk?_action=note", X_Forwarded_Proto=proto)
    assert ("; Secure" in reply.headers["Set-Cookie"]) is secure


async def test_a_new_cookie_is_seen_by_the_loaders_of_the_answer(visit: Visit) -> None:
    """What the action set is visible to the loaders refreshed in the same answer."""

    @loader
    def greeting(request: Request) -> str:
        return f"Hello {request.cookies.get('user', 'nobody')}"

    @action
    async def sign_in(form: FormData, request: Request) -> None:
        request.cookies["user"] = str(form["user"])

    @action
    async def sign_out(request: Request) -> None:
        del request.cookies["user"]

    page = Page(
        "/", greeting, ActionForm(sign_in, html='<input name="user">'), ActionForm(sign_out)
    )
    visitor = await visit(page)
    reply = await visitor.fetch("/", "sign_in", [("user", "luna")])
    assert "Hello luna" in reply.json["loaders"]["greeting"]
    assert visitor.cookies == {"user": "luna"}
    assert "Hello luna" in (await visitor.get("/")).text
    reply = await visitor.fetch("/", "sign_out")
    assert "Hello nobody" in reply.json["loaders"]["greeting"]
    assert visitor.cookies == {}


async def test_a_failure_sets_its_cookies_too(visit: Visit) -> None:
    """Cookies set before a failure are sent: an action may count attempts."""

    def count(request: Request) -> Any:
        request.cookies["tries"] = "1"
        raise FormError("No")

    visitor = await visit(Desk(count).page)
    assert (await visitor.submit("/desk", "note")).status == 422
    assert visitor.cookies == {"tries": "1"}


async def test_the_query_survives(visit: Visit) -> None:
    """The page's own query is kept by its forms, a failure and the redirect to the result."""
    desk = Desk()
    visitor = await visit(desk.page)
    query = "tab=2&tab=3&q=gr%C3%B6%C3%9Fe+%26&empty="
    page = (await visitor.get(f"/desk?{query}")).page
    action = page.all("form")[0]["action"]
    assert action == f"?_action=note&{query}"
    reply = await visitor.post(f"/desk{page.all('form')[0]['action']}")
    path, _, outcome = reply.location.rpartition("&_outcome=")
    assert (path, bool(outcome)) == (f"/desk?{query}", True)
    shown = await visitor.get(reply.location)
    assert shown.page.all("form")[0]["action"] == f"?_action=note&{query}"
    desk.answer = FormError("No")
    failed = await visitor.submit(f"/desk?{query}", "note")
    assert failed.page.all("form")[0]["action"] == f"?_action=note&{query}"


async def test_the_query_is_no_form_data(visit: Visit) -> None:
    """What stands in the query never mixes with the fields."""
    desk = Desk()
    visitor = await visit(desk.page)
    await visitor.post("/desk?_action=note&text=from-query", [("text", "from body")])
    assert desk.received[0].pairs() == (("text", "from body"),)


async def test_the_request_that_an_action_gets(visit: Visit) -> None:
    """An action sees the method, address, headers, cookies and client of its request."""
    seen: list[Request] = []
    desk = Desk(lambda request: seen.append(request))
    visitor = await visit(desk.page, session=lambda request: {"user": request.cookies["user"]})
    visitor.cookies = {"user": "luna"}
    await visitor.post("/desk?_action=note&tab=2", X_Test="yes")
    (request,) = seen
    assert (request.method, request.url) == ("POST", "/desk?_action=note&tab=2")
    assert request.headers["x-test"] == "yes"
    assert dict(request.cookies) == dict(request.session) == {"user": "luna"}
    assert request.remote_ip == "127.0.0.1"


# --- several forms ------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["submit", "fetch"])
async def test_several_forms_keep_apart(visit: Visit, way: str) -> None:
    """Of several forms and copies of one, only that which was submitted shows an outcome."""

    @action
    async def check(form: FormData) -> str:
        assert form.keys() == ["word"]
        word = form["word"]
        if word == "bad":
            raise FormError("No", {"word": "is bad"})
        return f"ok {word}"

    @action
    async def other(word: str) -> str:
        return "other"

    html = '<input name="word">'
    copies = [ActionForm(check, html=html) for _ in range(3)]
    page = Page("/", copies[0], ActionForm(other), *copies[1:])
    visitor = await visit(page)
    hidden = [one.all(name="_form") for one in (await visitor.get("/")).page.all("form")]
    ids = [one[0]["value"] if one else "check" for one in hidden]
    assert ids == ["check", "check", "check-2", "check-3"]
    for number, form_id in ((0, "check"), (2, "check-2"), (3, "check-3")):
        for word, said in (("good", "ok good"), ("bad", "No Word: is bad")):
            sent = [("word", word)] if form_id == "check" else [("_form", form_id), ("word", word)]
            if way == "fetch":
                reply = await visitor.fetch("/", "check", sent)
                assert reply.json["form"] == form_id
                continue
            forms = (await visitor.submit("/", "check", sent)).page.all("form")
            shown = [form.slot("result") or form.slot("errors") for form in forms]
            expected = ["", "", "", ""]
            expected[number] = said
            assert shown == expected
            kept = [value(form, "word") for form in forms]
            assert kept == [said.startswith("No") * word if one else "" for one in expected]


async def test_a_copy_that_is_not_there(visit: Visit) -> None:
    """A form id that does not fit the action is no form."""
    desk = Desk()

    @action
    async def other() -> None: ...

    visitor = await visit(Page("/desk", *desk.page.forms.values(), ActionForm(other)))
    for form_id in ("note-2", "other", "__class__"):
        reply = await visitor.submit("/desk", "note", [("_form", form_id)])
        assert reply.status == 404
    assert desk.received == []


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
async def test_the_id_of_a_bug_stands_in_the_log(
    visit: Visit, caplog: pytest.LogCaptureFixture, accept: str
) -> None:
    """A person gets a text and an id; under that id the log has the exception and where it was."""
    visitor = await visit(Desk(ZeroDivisionError("secret table")).page)
    reply = await visitor.post("/desk?_action=note", [("text", "x")], Accept=accept)
    assert reply.status == 500
    found = re.search(r"<code>([0-9a-f]{8})</code>", reply.text.replace("\\", ""))
    assert found is not None
    assert "secret table" not in reply.text
    (record,) = [one for one in caplog.records if one.name == "notebook_actions"]
    assert found[1] in record.getMessage()
    assert "ZeroDivisionError: secret table" in caplog.text
    assert "in note" in caplog.text


# --- data on the page ---------------------------------------------------------------------------


async def test_a_loader_that_fails(visit: Visit, caplog: pytest.LogCaptureFixture) -> None:
    """A loader's bug leaves the rest of the page usable, is logged, and is not told."""

    @loader
    def data() -> None:
        raise RuntimeError("secret table")

    visitor = await visit(Page("/", data, *Desk().page.forms.values()))
    reply = await visitor.get("/")
    assert reply.status == 500
    assert "This part could not be loaded." in reply.page.one(data_loader="data").text
    assert reply.page.all("form")[0]["data-action"] == "note"
    assert "secret table" not in reply.text
    assert "secret table" in caplog.text


@pytest.mark.parametrize(
    ("invalidate", "fresh"),
    [
        (None, {"a", "b", '["c", {"x": 1}]'}),
        ("a", {"a"}),
        (["a", "b"], {"a", "b"}),
        ((), set()),
        ([["c"]], {'["c", {"x": 1}]'}),
        (lambda result: [result], {"b"}),
    ],
)
async def test_a_fetch_brings_what_was_invalidated(
    visit: Visit, invalidate: Any, fresh: set[str]
) -> None:
    """The answer carries the loaders that the action names, in one round trip, and no others."""
    parts = [loader(key=key)(lambda: "data") for key in ("a", "b", ["c", {"x": 1}])]

    @action(invalidate=invalidate)
    async def change() -> str:
        return "b"

    visitor = await visit(Page("/", *parts, ActionForm(change)))
    reply = await visitor.fetch("/", "change")
    assert set(reply.json["loaders"]) == fresh


async def test_a_redirect_elsewhere_loads_nothing(visit: Visit) -> None:
    """Data of a page that the person is about to leave is not loaded."""
    runs = []

    @loader
    def data() -> None:
        runs.append(1)

    visitor = await visit(Page("/", data, *Desk(redirect("/away")).page.forms.values()))
    assert (await visitor.fetch("/", "note")).json["loaders"] == {}
    assert runs == []


# --- order --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["async", "thread"])
async def test_a_slow_action_delays_nobody(visit: Visit, kind: str) -> None:
    """While an action waits, others are answered: it ends only after they are."""
    started, release = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    @action(name="slow")
    async def waits() -> str:
        started.set()
        await release.wait()
        return "slow is done"

    @action(name="slow")
    def blocks() -> str:
        loop.call_soon_threadsafe(started.set)
        asyncio.run_coroutine_threadsafe(release.wait(), loop).result()
        return "slow is done"

    visitor = await visit(
        Page("/slow", ActionForm(waits if kind == "async" else blocks)), Desk().page
    )
    slow = asyncio.create_task(visitor.submit("/slow", "slow"))
    await started.wait()
    assert (await visitor.get("/desk")).status == 200
    assert (await visitor.get("/slow")).status == 200
    assert (await visitor.submit("/desk", "note")).page.slot("result") == "fine"
    assert not slow.done()
    release.set()
    assert (await slow).page.slot("result") == "slow is done"


async def test_many_at_once(visit: Visit) -> None:
    """Fifty submissions at once each get their own answer."""

    @action
    async def echo(word: str) -> str:
        await asyncio.sleep(0)
        return word

    visitor = await visit(Page("/", ActionForm(echo)))
    replies = await asyncio.gather(
        *(visitor.fetch("/", "echo", [("word", f"w{number}")]) for number in range(50))
    )
    assert [f">w{number}<" in one.text for number, one in enumerate(replies)] == [True] * 50


async def test_a_visitor_who_leaves_does_not_stop_the_action(visit: Visit) -> None:
    """An action that has begun goes on when the connection closes."""
    started, release, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

    @action
    async def save() -> None:
        started.set()
        await release.wait()
        ended.set()

    visitor = await visit(Page("/", ActionForm(save)))
    host, port = visitor.base.removeprefix("http://").split(":")
    _, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"POST /?_action=save HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n")
    await started.wait()
    writer.close()
    await writer.wait_closed()
    release.set()
    async with asyncio.timeout(60):
        await ended.wait()
    assert (await visitor.get("/")).status == 200


async def test_an_upload_that_is_broken_off_runs_nothing(visit: Visit) -> None:
    """An action never sees half a form, and nothing of it stays behind."""
    desk = Desk()
    visitor = await visit(desk.page)
    before = len(asyncio.all_tasks())
    host, port = visitor.base.removeprefix("http://").split(":")
    for _ in range(5):
        _, writer = await asyncio.open_connection(host, int(port))
        writer.write(
            b"POST /desk?_action=note HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n\r\ntext=half"
        )
        await writer.drain()
        writer.close()
        await writer.wait_closed()
    assert (await visitor.get("/desk")).status == 200
    await until(lambda: len(asyncio.all_tasks()) <= before)
    assert desk.received == []


async def test_the_wire_is_json_that_a_browser_reads(visit: Visit) -> None:
    """The answer to a fetch is UTF-8 JSON with the parts of the contract, and no other."""
    visitor = await visit(Desk("größe </script>").page)
    reply = await visitor.fetch("/desk", "note")
    assert reply.headers["Content-Type"] == "application/json; charset=UTF-8"
    assert set(json.loads(reply.body)) == {"type", "form", "slots", "invalid", "loaders"}


async def test_visitor_keeps_to_itself() -> None:
    """Two visitors share no cookie."""
    assert Visitor("x").cookies is not Visitor("x").cookies
