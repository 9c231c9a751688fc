"""A browser without scripts: what it fills in, sends, keeps and follows."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field

from notebook_actions import ActionError, FormData, FormError, Request, UploadedFile, loader
from notebook_actions import redirect as lead
from notebook_actions.page import ActionForm, Page
from notebook_actions.testing import Browser

sent: list[FormData] = []


@loader(key="books")
async def books(request: Request) -> str:
    return f"{len(sent)} sent by {request.cookies.get('user', 'nobody')}"


async def note(
    text: str,
    seats: Annotated[int, Field(ge=1, le=6)] = 2,
    house: Literal["gryffindor", "hufflepuff"] = "gryffindor",
    spells: list[Literal["lumos", "nox"]] | None = None,
    photo: UploadedFile | None = None,
) -> str:
    content = "" if photo is None else f", {photo.filename} of {photo.size}"
    return f"{text}, {seats}, {house}, {spells}{content}"


async def enter(form: FormData, request: Request) -> Any:
    sent.append(form)
    request.cookies["user"] = "Luna"
    return lead("/hall")


async def refuse(word: str) -> None:
    if word == "full":
        raise ActionError("Class is full", status=409)
    raise FormError("No.", {"word": "not this one"})


RAW = (
    '<input type="hidden" name="id" value="7"><textarea name="about"></textarea>'
    '<input name="off" disabled><input type="checkbox" name="news" checked>'
    '<button name="do" value="save">Save</button>'
    '<button name="do" value="draft" formaction="?_action=enter&draft=1">Draft</button>'
    '<button formmethod="get" formaction="/hall">Look</button>'
)


@pytest.fixture
def browser() -> Iterator[Browser]:
    sent.clear()
    desk = Page(
        "/desk",
        books,
        ActionForm(note),
        ActionForm(enter, html=RAW),
        ActionForm(refuse),
        '<p><a href="/hall">To the hall</a></p>',
        title="Desk",
    )
    with Browser([desk, Page("/hall", books, title="Hall")]) as browser:
        yield browser


def test_it_follows_the_redirect_and_shows_the_outcome(browser: Browser) -> None:
    """What is not filled in is sent as the form shows it."""
    form = browser.get("/desk").forms["note"]
    assert (form["seats"], form["house"]) == ("2", "gryffindor")
    shown = form.fill(text="Charms", spells=["nox"], house="hufflepuff").submit()
    assert shown.status == 200
    assert shown.url.startswith("/desk?_outcome=")
    assert shown.forms["note"].slots["result"] == "Charms, 2, hufflepuff, ['nox']"
    assert browser.page is shown


def test_a_file_arrives_whole(browser: Browser) -> None:
    """By multipart, with its name."""
    form = browser.get("/desk").forms["note"]
    shown = form.fill(text="Charms", photo=("owl.png", b"\r\nPIXELS\x00")).submit()
    assert shown.forms["note"].slots["result"].endswith(", owl.png of 9")


def test_a_refusal_is_a_page_with_messages_beside_the_fields(browser: Browser) -> None:
    """Nothing checks a form before the server does, and the input is kept."""
    shown = browser.get("/desk").forms["note"].fill(text="Charms", seats=9).submit()
    assert shown.status == 422
    assert list(shown.errors) == ["seats"]
    assert (shown.forms["note"]["text"], shown.forms["note"]["seats"]) == ("Charms", "9")
    shown = shown.forms["refuse"].fill(word="x").submit()
    assert shown.errors == {"word": "not this one"}
    assert shown.forms["refuse"].fill(word="full").submit().status == 409


def test_cookies_are_kept_and_sent(browser: Browser) -> None:
    """Those of the app, from the answer that redirects too."""
    shown = browser.get("/desk").forms["enter"].submit()
    assert (shown.url, browser.cookies) == ("/hall", {"user": "Luna"})
    assert "1 sent by Luna" in shown.text


def test_all_that_a_browser_sends_is_sent_and_nothing_else(browser: Browser) -> None:
    """Hidden fields, the button that is pressed, line breaks as CRLF; not what is disabled."""
    form = browser.get("/desk").forms["enter"]
    form.fill(about="a\nb", news=False).submit("Draft")
    assert sent[0].pairs() == (("id", "7"), ("about", "a\r\nb"), ("do", "draft"))


def test_a_button_may_send_by_get_to_another_address(browser: Browser) -> None:
    """``formmethod`` and ``formaction`` overrule the form."""
    shown = browser.get("/desk").forms["enter"].fill(about="x").submit("Look")
    assert shown.url == "/hall?id=7&about=x&news=on"
    assert sent == []


def test_links_back_and_reload(browser: Browser) -> None:
    """A reload sees what has changed since; going back visits again."""
    browser.get("/desk").link("To the hall").click()
    browser.cookies["user"] = "Ginny"
    assert "by Ginny" in browser.reload().text
    assert browser.back().url == "/desk"
    with pytest.raises(LookupError, match="no page before"):
        browser.back()


def test_a_submission_that_takes_longer_is_waited_for() -> None:
    """Its own page refreshes itself until there is an outcome; or it is the page that is given."""
    go = threading.Event()

    def slow() -> str:
        go.wait(60)
        return "done"

    with Browser(ActionForm(slow), patience=0, refreshing=0) as browser:
        run = browser.get("/slow").forms["slow"].submit()
        assert run.url.startswith("/_run/")
        assert run.refresh is not None
        go.set()
        browser.refreshing = 20
        assert "done" in browser.reload().text


def test_a_run_is_cancelled_by_its_button() -> None:
    """A page's buttons are pressed by what stands on them."""
    begun = threading.Event()

    async def endless() -> None:
        begun.set()
        await asyncio.Event().wait()

    with Browser(ActionForm(endless), patience=0, refreshing=0) as browser:
        run = browser.get("/endless").forms["endless"].submit()
        assert begun.wait(60)
        browser.refreshing = 20
        assert "Cancelled" in run.press("Cancel").text


@pytest.mark.parametrize(
    ("values", "error", "message"),
    [
        ({"txet": "x"}, LookupError, r"no field 'txet'; the form has text, seats, house, spells"),
        ({"house": "ravenclaw"}, LookupError, "no choice 'ravenclaw'; it has gryffindor, huff"),
        ({"spells": ["avis"]}, LookupError, "'spells' has no choice 'avis'; it has lumos, nox"),
        ({"photo": "owl.png"}, ValueError, "takes a file: an UploadedFile or .filename, bytes."),
        ({"text": ["a", "b"]}, ValueError, "there are 1 fields 'text', not 2"),
        ({"text": None}, ValueError, "a person enters a text here, not None"),
    ],
)
def test_what_nobody_could_enter_is_an_error_of_the_test(
    browser: Browser, values: dict[str, Any], error: type[Exception], message: str
) -> None:
    """It says what there is in its place."""
    with pytest.raises(error, match=message):
        browser.get("/desk").forms["note"].fill(values)


def test_what_is_not_there_is_named_with_what_is(browser: Browser) -> None:
    """Forms, buttons, links, hidden fields, other sites, and a browser that is not open."""
    page = browser.get("/desk")
    with pytest.raises(LookupError, match="no form 'noet'; the page has note, enter, refuse"):
        page.forms["noet"]
    with pytest.raises(LookupError, match="no button 'Sav'; the form has Save, Draft, Look"):
        page.forms["enter"].submit("Sav")
    with pytest.raises(LookupError, match="no link 'Hall'; the page has To the hall"):
        page.link("Hall")
    with pytest.raises(ValueError, match="hidden, disabled or read-only"):
        page.forms["enter"].fill(id="8")
    with pytest.raises(ValueError, match="is another site"):
        browser.get("https://example.com/")
    with pytest.raises(LookupError, match="no button 'Go'; the page has "):
        page.press("Go")
    with pytest.raises(RuntimeError, match=r"with Browser\(...\)"):
        Browser(ActionForm(refuse)).get("/refuse")


def test_an_app_that_cannot_start_says_why() -> None:
    """The error of its start-up comes out of ``with``."""

    async def startup() -> None:
        raise OSError("no database")

    with pytest.raises(OSError, match="no database"), Browser(ActionForm(note), startup=startup):
        pass


def test_it_visits_what_is_served_already(browser: Browser) -> None:
    """By its address, such as that of an exported app."""
    with Browser(browser._base, cookies={"user": "Neville"}) as other:
        assert "by Neville" in other.get("/hall").text
    with pytest.raises(ValueError, match="an address is like"):
        Browser("localhost:8000")


def test_an_app_is_tested_without_jupyter_or_pytest() -> None:
    """The module loads only what it tests."""
    code = (
        "import sys\nfrom notebook_actions.page import ActionForm\n"
        "from notebook_actions.testing import Browser\nassert 'tornado.web' not in sys.modules\n"
        "def go(): return 'gone'\n"
        "with Browser(ActionForm(go)) as b:\n"
        "    assert 'gone' in b.get('/go').forms['go'].submit().text\n"
        "assert not {'anywidget', 'ipywidgets', 'traitlets', 'pytest'} & set(sys.modules)\n"
    )
    root = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", code], check=True, cwd=root)
