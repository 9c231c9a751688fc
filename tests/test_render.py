"""Rendering: what a form says after each outcome, and to whom."""

import asyncio
import json
import re
from dataclasses import dataclass
from decimal import Decimal
from html import escape, unescape
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notebook_actions import ActionError, FormData, FormError, Request, action, loader, redirect
from notebook_actions.documents import message_document
from notebook_actions.errors import ActionTimeout, Cancelled, MissingField
from notebook_actions.loading import Loaded, load
from notebook_actions.messages import MESSAGES
from notebook_actions.page import ActionForm, Page
from notebook_actions.render import Renderer
from notebook_actions.results import Bug, Failure, Success
from notebook_actions.submission import State
from notebook_actions.templates import template_texts

EVIL = "<script>alert('\"&')</script>"
SECRET = "postgres://user:hunter2@db"


@action
def enroll(subject, seats: int = 1): ...


@loader
def students(): ...


PAGE = Page("/", "<p>Hi</p>", students, ActionForm(enroll), title="T")
PUBLIC = Renderer(PAGE)
AUTHOR = Renderer(PAGE, author=True)
TYPED = FormData([("subject", "Potions"), ("seats", "many")])


def after(outcome, form=TYPED):
    """Return the state after a submission that ended in this outcome."""
    return State().submit(form).settle(1, outcome)


def crashed():
    """Return a bug with a real traceback and a secret in its message."""
    try:
        raise ValueError(SECRET + EVIL)
    except ValueError as error:
        return Bug(error)


def slot(html, name):
    """Return the inside of a slot, which holds no element of its own kind."""
    return re.search(rf'<(\w+)[^>]*data-slot="{name}"[^>]*>(.*?)</\1>', html, re.DOTALL)[2]


def document(renderer=PUBLIC, states=None, loaders=None, **options):
    """Return a whole page."""
    return renderer.document(
        states or {}, loaders or {}, static="/static/{}".format, **options
    ).decode()


def read(html):
    """Return the text that a person reads."""
    return unescape(re.sub(r"<[^>]*>", "", html))


# --- slots per outcome ----------------------------------------------------------------------------


def test_a_fresh_form_says_nothing():
    """Before a submission, and while it runs, no slot has anything in it."""
    for state in (State(), State().submit(TYPED)):
        assert PUBLIC.slots("enroll", state) == {}
        html = PUBLIC.form("enroll", state)
        assert [slot(html, name) for name in ("errors", "status", "result")] == ["", "", ""]
        assert "aria-invalid" not in html


@pytest.mark.parametrize(
    ("value", "result"),
    [
        ("<b>", '<p class="na-text">&lt;b&gt;</p>'),
        (0, '<p class="na-text">0</p>'),
        (False, '<p class="na-text">False</p>'),
        ("", '<p class="na-muted">Empty text.</p>'),
        ([], '<p class="na-muted">Nothing here yet.</p>'),
        (None, ""),
        (FormError("returned"), '<p class="na-text">returned</p>'),
    ],
)
def test_a_value_is_shown_as_the_result(value, result):
    """A success says that it is done, shows the value, and is no error."""
    assert PUBLIC.slots("enroll", after(Success(value))) == {"status": "Done.", "result": result}


def test_a_redirect_is_shown_to_the_author_only():
    """A browser goes there, the notebook shows the link and stays."""
    state = after(redirect("/thanks"))
    assert PUBLIC.slots("enroll", state) == {"status": "Done."}
    assert 'href="/thanks"' in AUTHOR.slots("enroll", state)["result"]


def test_a_failure_stands_above_the_form_and_beside_the_fields():
    """The summary has a link for each field, and each field has its message."""
    error = FormError("Check <it>", fields={"subject": "is <odd>", "seats": "Seats must be 1."})
    assert PUBLIC.slots("enroll", after(Failure(error))) == {
        "errors": "<p>Check &lt;it&gt;</p><ul>"
        '<li><a href="#enroll-subject">Subject: is &lt;odd&gt;</a></li>'
        '<li><a href="#enroll-seats">Seats must be 1.</a></li></ul>',
        "error:subject": "is &lt;odd&gt;",
        "error:seats": "Seats must be 1.",
    }


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (FormError(), "This did not work."),
        (FormError(fields={"subject": "is odd"}), "Please check the form.Subject: is odd"),
        (FormError(fields={"subject": "Subjects are closed"}), "Subject: Subjects are closed"),
        (FormError(fields={"seats": "Seats: is odd"}), "Please check the form.Seats: is odd"),
        (FormError(fields={"first_name": "is odd"}), "First name: is odd"),
        (ActionError("Class is full"), "Class is full"),
        (ActionTimeout(2), "This took longer than 2 seconds and was stopped."),
        (Cancelled(), "Cancelled."),
        (MissingField("x", ["a"]), "The form has no field 'x'; it sent a.X: is missing"),
        (FormError(ValueError("text"), fields={"subject": 7}), "textSubject: 7"),
    ],
)
def test_every_failure_says_something(error, said):
    """There is never an empty error, and each field is named once."""
    assert read(PUBLIC.slots("enroll", after(Failure(error)))["errors"]).endswith(said)


def test_a_field_without_a_control_has_no_link():
    """A link that leads nowhere would be worse than none."""
    errors = PUBLIC.slots("enroll", after(Failure(FormError(fields={"house": "no"}))))["errors"]
    assert "<li>House: no</li>" in errors


def test_the_links_lead_to_the_controls_of_the_authors_html():
    """An id of the author, or else one that was added, is what a message leads to."""
    form = ActionForm(enroll, html='<input name="subject" id="mine"><input name="seats">')
    error = FormError(fields={"subject": "a", "seats": "b"})
    shown = Renderer(Page("/", form)).slots("enroll", after(Failure(error)))["errors"]
    assert re.findall('href="#(.*?)"', shown) == ["mine", "enroll-seats"]


@given(st.text(), st.text(min_size=1))
def test_no_message_can_break_out(message, text):
    """For any text in any message: it is read as it is, and the form has no other tags."""
    state = after(Failure(FormError(message, fields={"subject": text, text: text})))
    html = PUBLIC.form("enroll", state)
    assert unescape(slot(html, "error:subject")) == text
    assert set(re.findall(r"<(\w+)", html)) == set(re.findall(r"<(\w+)", EVERYTHING))


EVERYTHING = PUBLIC.form(
    "enroll", after(Failure(FormError("m", fields={"subject": "m", "other": "m"})))
)


# --- bugs -----------------------------------------------------------------------------------------


def test_a_bug_tells_the_public_an_id_and_nothing_else():
    """In no answer of the server is there a word of the exception."""
    bug = crashed()
    state = after(bug)
    shown = [
        PUBLIC.form("enroll", state),
        document(states={"enroll": state}),
        repr(PUBLIC.answer("enroll", state, {})),
    ]
    for html in shown:
        assert bug.id in html
        assert not re.search("hunter2|ValueError|Traceback|crashed|test_render", html)
    assert read(PUBLIC.slots("enroll", state)["errors"]).startswith("Something went wrong on our")


def test_a_bug_tells_the_author_everything():
    """The notebook shows class, message and traceback, escaped."""
    errors = AUTHOR.slots("enroll", after(crashed()))["errors"]
    assert "<strong>ValueError</strong>" in errors
    assert "in crashed" in errors
    assert SECRET in errors
    assert "<script" not in errors


def test_a_bug_whose_text_fails_is_shown():
    """A broken ``__str__`` does not take the page down."""

    class Broken(Exception):
        def __str__(self):
            raise RuntimeError

    for renderer in (PUBLIC, AUTHOR):
        assert renderer.slots("enroll", after(Bug(Broken())))["errors"]
    assert "its message cannot be shown" in AUTHOR.slots("enroll", after(Bug(Broken())))["errors"]


@pytest.mark.parametrize("renderer", [PUBLIC, AUTHOR], ids=["public", "author"])
def test_an_error_is_never_a_result(renderer):
    """Failures and bugs leave the result's place empty."""
    for outcome in (Failure(FormError("no")), crashed()):
        html = renderer.form("enroll", after(outcome))
        assert slot(html, "result") == slot(html, "status") == ""
        assert slot(html, "errors")


# --- the form -------------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", [Failure(FormError("no")), Bug(ValueError()), None])
def test_the_input_is_kept_until_it_worked(outcome):
    """After a failure or a bug, and while it runs, what was typed stands in the form."""
    state = State().submit(TYPED) if outcome is None else after(outcome)
    html = PUBLIC.form("enroll", state)
    assert 'name="subject" aria-describedby="enroll-subject-error" required value="Potions"' in html
    assert 'value="many"' in html


def test_after_a_redirect_the_form_is_empty_again():
    """What led on is done with."""
    assert "Potions" not in PUBLIC.form("enroll", after(redirect("/thanks")))


def test_wrong_fields_are_marked():
    """Exactly the fields with a message say that they are wrong."""
    state = after(Failure(FormError(fields={"seats": "no"})))
    html = PUBLIC.form("enroll", state)
    assert html.count("aria-invalid") == 1
    assert re.search(r'name="seats"[^>]*aria-invalid="true"', html)
    assert PUBLIC.invalid(state) == ["seats"]
    assert PUBLIC.invalid(after(crashed())) == PUBLIC.invalid(after(Success(1))) == []


@pytest.mark.parametrize(
    ("query", "url"),
    [
        ([], "?_action=enroll"),
        ([("page", "2"), ("page", "3")], "?_action=enroll&amp;page=2&amp;page=3"),
        ([("q", "a&b <ö>")], "?_action=enroll&amp;q=a%26b+%3C%C3%B6%3E"),
        ([("q", '"{{ x }}')], "?_action=enroll&amp;q=%22%7B%7B+x+%7D%7D"),
    ],
)
def test_the_address_names_the_action_and_keeps_the_query(query, url):
    """A submission comes back to the same page with the same query."""
    assert f'action="{url}"' in PUBLIC.form("enroll", State(), query)


def test_a_copy_posts_to_its_action():
    """The address names the action and not the copy."""
    renderer = Renderer(Page("/", ActionForm(enroll), ActionForm(enroll)))
    assert 'action="?_action=enroll"' in renderer.form("enroll-2", State())


def test_each_copy_has_its_own_outcome():
    """What one form says does not show in the other."""
    renderer = Renderer(Page("/", ActionForm(enroll), ActionForm(enroll)))
    html = document(renderer, {"enroll-2": after(Success("second"))})
    assert html.count("second") == 1
    assert html.index("second") > html.index('value="enroll-2"')


def test_slots_from_elsewhere_replace_the_forms_own():
    """An outcome that was rendered before a redirect is shown as it was."""
    kept = PUBLIC.slots("enroll", after(Success("kept")))
    assert "kept" in PUBLIC.form("enroll", State(), slots=kept)
    assert "kept" in document(slots={"enroll": kept})
    assert "own" not in PUBLIC.form("enroll", after(Success("own")), slots={})


def test_a_place_for_the_log_is_the_authors():
    """What the action prints is for the notebook, once for each form."""
    assert AUTHOR.form("enroll", State()).count('data-slot="log"') == 1
    assert 'data-slot="log"' not in document()


def test_the_place_for_the_log_is_at_the_end_of_the_form():
    """A ``</form>`` in a comment of the author is not taken for the end."""
    form = ActionForm(enroll, html="<!-- </form> -->")
    html = Renderer(Page("/", form), author=True).form("enroll", State())
    assert html.endswith('<div data-slot="log"></div>\n</form>\n')
    assert "<!-- </form> -->" in html


def test_an_edited_template_is_used():
    """The owner of an exported app changes a file, and the form is what it says."""
    texts = template_texts(PAGE)
    texts["index.enroll.html"] = '<form action="{{ url }}"><input name="subject"></form>'
    html = Renderer(PAGE, texts).form("enroll", after(Failure(FormError("no"))))
    assert html == '<form action="?_action=enroll"><input name="subject" value="Potions"></form>'
    only = {"index.html": "<main>{% raw form('enroll') %}</main>"}
    assert document(Renderer(PAGE, only)).startswith("<main><form")


# --- the page -------------------------------------------------------------------------------------


def test_a_page_has_its_children_in_place():
    """HTML, loaders' data and forms stand in the document in their order."""
    html = document(loaders={"students": "<b>data</b>"})
    assert '<section data-loader="students"><b>data</b></section>' in html
    parts = ["<h1>T</h1>", "<p>Hi</p>", "<b>data</b>", "<form", "</html>"]
    assert [html.index(part) for part in parts] == sorted(html.index(part) for part in parts)
    assert 'href="/static/form.css"' in html


def test_a_loader_without_data_leaves_its_place_empty():
    """A loader that is not named has an empty section."""
    assert '<section data-loader="students"></section>' in document()


def test_a_notice_is_announced_and_escaped():
    """A notice stands at the top of the page, and is not there without one."""
    html = document(notice=EVIL)
    assert html.index('<p class="na-notice" role="alert">&lt;script') < html.index("<p>Hi")
    assert "na-notice" not in document()


def test_a_document_is_utf_8():
    """Every text of the page and of the input comes through."""
    state = after(Failure(FormError("größe")), FormData([("subject", "\U0001f989")]))
    html = document(states={"enroll": state})
    assert "größe" in html
    assert 'value="\U0001f989"' in html


def test_a_large_input_comes_back_whole():
    """A text of a megabyte that failed is in the page again."""
    form = ActionForm(enroll, html="<textarea name=subject></textarea>")
    text = "<ä>\n" * 250_000
    state = after(Failure(FormError("no")), FormData({"subject": text}))
    html = document(Renderer(Page("/", form)), {"enroll": state})
    assert unescape(re.search("<textarea.*?>\n(.*)</textarea>", html, re.DOTALL)[1]) == text


def test_a_message_document_says_its_text(monkeypatch):
    """A page for what belongs to no page is whole and escaped."""
    monkeypatch.setitem(MESSAGES, "leaving_title", "A & B")
    html = message_document("leaving", link=EVIL, static="/static/{}".format).decode()
    assert html.startswith('<!DOCTYPE html>\n<html lang="en">')
    assert "<h1>A &amp; B</h1>" in html
    assert f'You are led to <a href="{escape(EVIL)}">{escape(EVIL)}</a>' in html
    assert "<script" not in html
    assert 'href="/static/form.css"' in html


def test_the_inside_of_a_page_is_what_the_notebook_shows():
    """In the notebook there is no document around heading, children and outcome."""
    state = after(Success("shown"))
    html = AUTHOR.body(
        {"enroll": state},
        {"students": "<b>data</b>"},
        {"enroll": AUTHOR.slots("enroll", state)},
    )
    assert html.startswith("<h1>T</h1>")
    assert "<html" not in html
    parts = ["<p>Hi</p>", "<b>data</b>", "<form", "shown", "</form>"]
    assert [html.index(part) for part in parts] == sorted(html.index(part) for part in parts)


# --- answers --------------------------------------------------------------------------------------


def answer(outcome, renderer=PUBLIC):
    """Return the answer to a submission that ended so."""
    return renderer.answer("enroll", after(outcome), {"students": "<b>"})


def test_the_shape_of_a_success():
    """A success carries its slots and the refreshed loaders."""
    assert answer(Success("x")) == {
        "type": "success",
        "form": "enroll",
        "slots": {"status": "Done.", "result": '<p class="na-text">x</p>'},
        "invalid": [],
        "loaders": {"students": "<b>"},
    }


def test_the_shape_of_a_redirect():
    """A redirect carries its location too."""
    assert answer(redirect("/thanks")) == {
        "type": "redirect",
        "form": "enroll",
        "slots": {"status": "Done."},
        "invalid": [],
        "loaders": {"students": "<b>"},
        "location": "/thanks",
    }


def test_the_shape_of_a_failure():
    """A failure names the fields that are wrong."""
    assert answer(Failure(FormError("no", {"seats": "few"}))) == {
        "type": "failure",
        "form": "enroll",
        "slots": {
            "errors": '<p>no</p><ul><li><a href="#enroll-seats">Seats: few</a></li></ul>',
            "error:seats": "few",
        },
        "invalid": ["seats"],
        "loaders": {"students": "<b>"},
    }


def test_the_shape_of_a_bug():
    """A bug carries its id."""
    bug = crashed()
    shown = answer(bug)
    assert (shown["type"], shown["id"], shown["invalid"]) == ("error", bug.id, [])
    assert list(shown["slots"]) == ["errors"]


@dataclass
class Owl:
    """A value that JSON does not know."""

    name: str = "Hedwig"


@pytest.mark.parametrize(
    "value",
    [
        *(float("nan"), float("inf"), Decimal("1.5"), Path("owl.png"), Owl(), {1, 2}, b"x"),
        *(2**80, [{"a": Decimal(1)}], {("a", 1): Owl}, object(), "\udcff", range(3)),
    ],
)
def test_an_answer_can_be_sent_whatever_the_value(value):
    """The value stays a Python value, and what is sent of it is text that JSON holds."""
    sent = json.dumps(answer(Success(value)), allow_nan=False)
    assert json.loads(sent) == answer(Success(value))
    assert json.loads(sent)["slots"]["result"]


def test_slots_that_are_known_are_not_rendered_again():
    """A result that changes each time it is shown is the same in page and answer."""
    state = after(Success("x"))
    assert PUBLIC.answer("enroll", state, {}, {"result": "kept"})["slots"] == {"result": "kept"}


def test_what_has_not_ended_has_no_answer():
    """Asking too early is an error of the caller."""
    with pytest.raises(ValueError, match="not ended"):
        PUBLIC.answer("enroll", State().submit(TYPED), {})


# --- loading --------------------------------------------------------------------------------------


def failing(error, **options):
    """Return a loader that raises."""

    async def data():
        raise error

    return loader(**options)(data)


async def test_loaders_run_side_by_side():
    """A slow loader does not make the others wait, and each has its HTML under its name."""
    both = asyncio.Barrier(2)

    @loader
    async def one():
        await both.wait()
        return "<1>"

    @loader(key=["two", 2])
    async def two():
        await both.wait()
        return [{"n": 2}]

    loaded = await load([one, two], Request())
    assert loaded["one"] == Loaded('<p class="na-text">&lt;1&gt;</p>')
    assert "<table" in loaded['["two", 2]'].html
    assert await load([], Request()) == {}


async def test_a_loader_gets_the_request():
    """What is loaded may depend on who asks."""

    @loader
    def user(request):
        return request.cookies["user"]

    request = Request(cookies={"user": "luna"})
    assert "luna" in (await load([user], request))["user"].html


async def test_a_loaders_template_shows_its_data():
    """The author's template finds the data, and escapes what it prints."""

    @loader(template="<ul>{% for x in data %}<li>{{ x }}</li>\n{% end %}</ul>")
    def items():
        return ["<b>", "c"]

    html = (await load([items], Request()))["items"].html
    assert html == "<ul><li>&lt;b&gt;</li>\n<li>c</li>\n</ul>"


@pytest.mark.parametrize(
    "error",
    [
        ValueError(SECRET + EVIL),
        SystemExit(SECRET),
        TimeoutError(SECRET),
        asyncio.CancelledError(SECRET),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_a_loader_that_fails_spoils_only_its_own_place(error, caplog):
    """The public reads an id, the log has the traceback under it, and the other data are there."""
    wanted = [failing(error, key="broken"), loader(key="fine")(lambda: "ok")]
    loaded = await load(wanted, Request())
    broken = loaded["broken"]
    assert broken.failed
    assert not loaded["fine"].failed
    assert "hunter2" not in broken.html
    incident = re.search(r"mention ([0-9a-f]{8})\.", broken.html)[1]
    assert f"loader broken failed (id {incident})" in caplog.text
    assert "hunter2" in caplog.text


async def test_the_author_reads_why_a_loader_failed():
    """In the notebook the reason stands in the place of the data, escaped."""
    html = (await load([failing(ValueError(SECRET + EVIL))], Request(), author=True))["data"].html
    assert f"ValueError: {SECRET}" in html
    assert "<script" not in html


async def test_a_loader_that_is_interrupted_says_so(caplog):
    """The notebook's interrupt button ends the loader and neither the page nor the kernel."""
    loaded = await load([failing(KeyboardInterrupt())], Request())
    assert loaded["data"].failed
    assert "Interrupted." in loaded["data"].html
    assert not caplog.records


async def test_a_loader_may_tell_the_person(caplog):
    """A failure is told in its own words and is not logged as a bug."""
    loaded = await load([failing(ActionError("Closed <today>", 503))], Request())
    assert loaded["data"].failed
    assert "Closed &lt;today&gt;" in loaded["data"].html
    assert not caplog.records


async def test_a_loaders_broken_template_spoils_only_its_own_place():
    """A template that cannot be read fails like the data."""
    wanted = loader(key="k", template="{% if %}")(lambda: 1)
    assert (await load([wanted], Request()))["k"].failed


async def test_cancelling_a_load_cancels_the_loaders(caplog):
    """Who leaves the page stops the work for it, and that is no bug."""
    entered, left = asyncio.Event(), asyncio.Event()

    @loader
    async def wait():
        entered.set()
        try:
            await asyncio.Event().wait()
        finally:
            left.set()

    loading = asyncio.create_task(load([wait], Request()))
    await entered.wait()
    loading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await loading
    assert left.is_set()
    assert not caplog.records


async def test_the_authors_traceback_begins_in_the_authors_code():
    """How the package called the function is no news to who wrote it."""

    @action
    async def break_it():
        raise LookupError("lost")

    outcome = await break_it.run(FormData(), Request())
    renderer = Renderer(Page("/", ActionForm(break_it)), author=True)
    state = State().submit(FormData()).settle(1, outcome)
    shown = renderer.slots("break_it", state)["errors"]
    assert "break_it" in shown
    assert "action.py" not in shown


@pytest.mark.parametrize(
    ("given", "concurrency", "kept"),
    [
        (None, "latest", True),
        (None, "parallel", False),
        (True, "latest", False),
        (False, "parallel", True),
    ],
)
def test_what_a_success_leaves_in_the_fields(given, concurrency, kept):
    """The input stays where the result stands beside it, unless ``reset=`` says otherwise."""

    @action(concurrency=concurrency)
    async def save(name: str): ...

    renderer = Renderer(Page("/", ActionForm(save, reset=given)))
    state = State().submit(FormData({"name": "Luna"})).settle(1, Success("saved"))
    assert ('value="Luna"' in renderer.form("save", state)) == kept
    failed = State().submit(FormData({"name": "Luna"})).settle(1, Failure(FormError("no")))
    assert 'value="Luna"' in renderer.form("save", failed)
