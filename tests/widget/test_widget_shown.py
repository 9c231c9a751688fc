"""What a view shows: the outcome, the input, and a summary where there is no kernel."""

from __future__ import annotations

import asyncio
import decimal
import gc
import json
import logging
import urllib.error
import urllib.request
from typing import Annotated, Any

import pandas as pd
import pytest
from ipywidgets import Widget
from pydantic import Field, SecretStr
from tab import Tab, until

from notebook_actions import ActionError, ActionForm, FormData, FormError, Page, redirect
from notebook_actions.render import Answer


class Mute:
    def __repr__(self):
        raise RuntimeError("no words")


class Equal:
    """Compares with nothing, as arrays do."""

    def __eq__(self, other):
        raise ValueError("ambiguous")

    __hash__ = None  # type: ignore[assignment]


def answering(value: Any) -> ActionForm:
    async def answer(form: FormData):
        if isinstance(value, BaseException):
            raise value
        return value

    return ActionForm(answer)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (pd.DataFrame({"Subject": ["<Charms>"]}), "&lt;Charms&gt;"),
        (float("nan"), "NaN"),
        (decimal.Decimal("1.50"), "1.50"),
        ([{"Subject": "Charms"}], "Charms"),
        ({1, 2}, "1"),
        (object, "class"),
        (Mute(), "Mute could not be shown"),
        (Equal(), "Equal"),
        ("<script>", "&lt;script&gt;"),
        ("\ud800 a name from a broken disk", "a name from a broken disk"),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_the_result_stays_the_real_object(value, shown, caplog):
    """Python gets the very object; the browser gets a presentation that can be sent."""
    caplog.set_level(logging.CRITICAL, "notebook_actions")
    form = answering(value)
    tab = Tab(form)
    await form.submit()
    assert form.result is value
    answer = tab.states[-1]["forms"]["answer"]["answer"]
    assert shown in answer["slots"]["result"]
    json.dumps(tab.messages, allow_nan=False, ensure_ascii=False).encode()
    # The same again, and over another value of the kind: nothing is compared away.
    await form.submit()
    assert form.result is value


async def test_a_bug_is_shown_with_a_folded_traceback(caplog):
    """The author reads what went wrong and can unfold where."""
    caplog.set_level(logging.CRITICAL, "notebook_actions")
    form = answering(LookupError("no <subject>"))
    tab = Tab(form)
    await asyncio.gather(form.submit(), return_exceptions=True)
    errors = tab.states[-1]["forms"]["answer"]["answer"]["slots"]["errors"]
    assert "<strong>LookupError</strong>: no &lt;subject&gt;" in errors
    assert "<details><summary>Traceback</summary>" in errors
    assert "raise value" in errors


@pytest.mark.parametrize(
    ("value", "kind", "extra"),
    [
        ("done", "success", set()),
        (None, "success", set()),
        (redirect("/x"), "redirect", {"location"}),
        (FormError("Check", fields={"subject": "full"}), "failure", set()),
        (ActionError("Full", 409), "failure", set()),
        (ValueError("bug"), "error", {"id"}),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_an_answer_has_the_shape_of_the_wire(value, kind, extra, caplog):
    """The view gets what a fetch gets: the same keys with the same types."""
    caplog.set_level(logging.CRITICAL, "notebook_actions")
    form = answering(value)
    tab = Tab(form)
    await asyncio.gather(form.submit(subject="x"), return_exceptions=True)
    answer = tab.states[-1]["forms"]["answer"]["answer"]
    assert set(answer) == {"type", "form", "slots", "invalid", "loaders"} | extra
    assert set(answer) <= set(Answer.__annotations__)
    assert (answer["type"], answer["form"]) == (kind, "answer")
    assert all(isinstance(html, str) for html in answer["slots"].values())
    assert answer["invalid"] == (["subject"] if isinstance(value, FormError) else [])


async def test_a_redirect_is_shown_and_not_followed():
    """In the notebook a redirect is a link that opens elsewhere."""
    form = answering(redirect("/enrollment"))
    await form.submit()
    assert '<a href="/enrollment" target="_blank" rel="noopener">/enrollment</a>' in form._html


async def join(subject: str, seats: Annotated[int, Field(ge=1)] = 1, code: SecretStr = ""):
    raise FormError("Check the form", fields={"subject": "Potions is full"})


async def test_a_view_that_is_opened_later_shows_the_state():
    """The markup for a new view has the input, the messages and the marks of the last failure."""
    form = ActionForm(join)
    with pytest.raises(FormError):
        await form.submit(subject='Po"tions', seats=3)
    assert 'value="Po&quot;tions"' in form._html
    assert 'value="3"' in form._html
    assert 'aria-invalid="true"' in form._html
    assert "Potions is full</p>" in form._html
    assert form.get_state()["_html"] == form._html


async def test_the_saved_state_holds_no_secret():
    """What "Save widget state" writes into the notebook has no password and no file in it."""
    from notebook_actions import UploadedFile

    form = ActionForm(join)
    page = Page("/", form)
    with pytest.raises(FormError):
        await form.submit(subject="Potions", code="hunter2-secret")
    paper = UploadedFile("a.txt", data=b"confidential")
    with pytest.raises(FormError):
        await form.submit(subject="Potions", code="hunter2-secret", paper=paper)
    saved = json.dumps([Widget.get_manager_state(), form.get_state(), page.get_state()])
    assert "Potions" in saved
    assert "hunter2-secret" not in saved
    assert "confidential" not in saved


SECRETS = (
    '<input name="name"><input name="users[0].pin" type="password"><input name="blood" data-secret>'
    '<textarea name="note" data-secret></textarea>'
    '<select name="house" data-secret><option>a<option>h0use-secret</select>'
)
TYPED = [
    ("name", "Luna"),
    ("users[0].pin", "hunter2-secret"),
    ("blood", "half-secret"),
    ("note", "note-secret"),
    ("house", "h0use-secret"),
]


@pytest.mark.parametrize("problem", [FormError("No"), ValueError("bug"), None], ids=repr)
async def test_secrets_are_told_to_nobody(problem, caplog, capsys):
    """Fields marked secret are in no message, log or text of a cell; the action gets them."""
    got = []

    async def sign_up(form: FormData):
        got.append(form.pairs())
        if problem is not None:
            raise problem

    caplog.set_level(logging.DEBUG)
    form = ActionForm(sign_up, html=SECRETS)
    tab = Tab(form)
    tab.submit(*map(list, TYPED), form="sign_up")
    await until(lambda: got and not form.pending)
    assert got == [tuple(TYPED)]
    told = json.dumps([tab.messages, form.get_state(), Widget.get_manager_state()])
    shown = [repr(form.input), str(form.state), repr(form.submissions), *capsys.readouterr()]
    assert "Luna" in told
    for secret in ("hunter2", "half", "note"):
        assert f"{secret}-secret" not in f"{told} {shown} {caplog.text}"
    # The choices of a list stand in the author's HTML; which one was made does not.
    assert "h0use-secret" not in f"{shown} {caplog.text}"
    assert "selected" not in json.dumps([tab.messages, form.get_state()])


async def test_hidden_input_of_the_author_is_not_saved_twice():
    """Of the input only what a field shows is synced: the traits themselves are not."""
    form = ActionForm(join)
    synced = set(form.keys)
    assert synced.isdisjoint({"input", "result", "error", "submissions", "pending"})


async def test_where_there_is_no_kernel_a_summary_stands():
    """The MIME bundle has static HTML: what the form is, and what to do."""

    async def plain(form: FormData):
        return None

    form = ActionForm(join, title="Waiting <list>")
    for view in (form, Page("/", form, ActionForm(plain, submit="Go"))):
        bundle = view._repr_mimebundle_()
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        assert "application/vnd.jupyter.widget-view+json" in data
        assert "<strong>Waiting &lt;list&gt;</strong>: Subject, Seats, Code" in data["text/html"]
        assert "Run this notebook to use the form" in data["text/html"]
    assert "<strong>Go</strong>" in data["text/html"]


async def test_the_script_and_style_come_with_the_widget():
    """Nothing is fetched from elsewhere: one module without imports, and the style."""
    form = ActionForm(join)
    assert "export" in form._esm
    assert "import " not in "".join(
        line for line in form._esm.splitlines() if line.startswith("import")
    )
    assert ".na-form" in form._css


async def test_serve_answers_and_close_stops_it():
    """`serve()` gives an address that works, in `url` too, until the form is closed."""
    form = answering("joined")
    address = form.serve()
    assert form.url == address
    assert address.startswith("http://127.0.0.1:")
    assert address.endswith("/answer")

    def get() -> str:
        with urllib.request.urlopen(address, timeout=60) as response:
            return response.read().decode()

    assert 'data-action="answer"' in await asyncio.to_thread(get)
    form.close()
    with pytest.raises(urllib.error.URLError):
        await asyncio.to_thread(get)


async def test_serve_again_replaces_the_preview():
    """A second `serve()` is a new address; the first one is closed."""
    form = answering("joined")
    first, second = form.serve(), form.serve()
    assert first != second
    assert form.url == second
    with pytest.raises(urllib.error.URLError):
        await asyncio.to_thread(urllib.request.urlopen, first, timeout=60)
    form.close()
    assert form.url == ""


# Tornado leaves the socket that it could not bind to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_a_port_that_is_taken_is_a_clear_error():
    """`serve(port)` says that the port is in use, and leaves the form without a preview."""
    first, second = answering("joined"), answering("joined")
    port = int(first.serve().split(":")[2].split("/")[0])
    with pytest.raises(OSError, match=f"port {port} is in use"):
        second.serve(port)
    assert second.url == ""
    first.close()


async def test_the_preview_does_not_use_the_notebooks_request():
    """What is served is not signed in as the author's stand-in."""
    from notebook_actions import Request, loader

    @loader(key="who")
    async def who(request: Request):
        return request.cookies.get("user", "nobody")

    page = Page("/who", who, request=Request(cookies={"user": "luna"}))
    await until(lambda: "luna" in page._html)
    address = page.serve()

    def get() -> str:
        with urllib.request.urlopen(address, timeout=60) as response:
            return response.read().decode()

    shown = await asyncio.to_thread(get)
    page.close()
    assert "nobody" in shown
    assert "luna" not in shown


async def test_a_form_that_nobody_holds_any_more_can_be_closed_twice():
    """`close()` is safe at any time."""
    form = answering("joined")
    await form.submit()
    form.close()
    form.close()
    del form
    gc.collect()
