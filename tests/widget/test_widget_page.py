"""A page in the notebook: its forms are live, and only what an action invalidates is refreshed."""

from __future__ import annotations

import asyncio
import logging

import pytest
from tab import Tab, until

from notebook_actions import (
    ActionForm,
    FormData,
    FormError,
    Page,
    Request,
    action,
    loader,
    redirect,
)
from notebook_actions import page as declared
from notebook_actions.errors import DefinitionError


class Counted:
    """A loader that counts its runs and can be held back."""

    def __init__(self, key: object, request: bool = False) -> None:
        self.runs = 0
        self.gates: list[asyncio.Future[str]] = []
        self.held = False
        self.requests: list[Request] = []

        @loader(key=key)
        async def load(request: Request):
            self.runs += 1
            self.requests.append(request)
            if not self.held:
                return f"run {self.runs}"
            gate = asyncio.get_running_loop().create_future()
            self.gates.append(gate)
            return await gate

        self.loader = load


def form_of(invalidate: object, outcome: object = "done", name: str = "enroll") -> ActionForm:
    @action(name=name, invalidate=invalidate)
    async def enroll(form: FormData):
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    return ActionForm(enroll)


async def loaded(*counted: Counted) -> None:
    await until(lambda: all(one.runs for one in counted))


async def idle(form: ActionForm) -> None:
    await until(lambda: not form._submissions.running)


async def test_the_data_is_loaded_when_the_page_is_made():
    """A page says that it is loading, and then shows its data."""
    subjects = Counted("subjects")
    page = Page("/", subjects.loader)
    assert "Loading…" in page._html
    tab = Tab(page)
    await until(lambda: tab.states)
    assert "run 1" in tab.states[-1]["loaders"]["subjects"]
    assert "run 1" in page._html


@pytest.mark.parametrize(
    ("invalidate", "refreshed"),
    [
        (None, {"subjects", "students", "house"}),
        ("subjects", {"subjects"}),
        (["subjects"], {"subjects"}),
        (["subjects", "students"], {"subjects", "students", "house"}),
        ([["students"]], {"students", "house"}),
        ([["students", {"house": "g"}]], {"house"}),
        ((), set()),
        (lambda result: result, {"students", "house"}),
    ],
)
async def test_only_what_is_invalidated_is_loaded_again(invalidate, refreshed):
    """None is everything, a key itself, a prefix what begins with it, () nothing, or computed."""
    counted = {
        "subjects": Counted("subjects"),
        "students": Counted("students"),
        "house": Counted(["students", {"house": "g"}]),
    }
    form = form_of(invalidate, outcome="students")
    Page("/", *(one.loader for one in counted.values()), form)
    await loaded(*counted.values())
    await form.submit()
    await idle(form)
    assert {name for name, one in counted.items() if one.runs == 2} == refreshed


@pytest.mark.parametrize("outcome", [FormError("full"), ValueError("bug")], ids=repr)
async def test_a_failure_refreshes_nothing(outcome, caplog):
    """An action that failed has changed nothing that it would tell of."""
    caplog.set_level(logging.CRITICAL, "notebook_actions")
    subjects = Counted("subjects")
    form = form_of(None, outcome)
    Page("/", subjects.loader, form)
    await loaded(subjects)
    form.submit()
    await until(lambda: form.error)
    await idle(form)
    assert subjects.runs == 1


async def test_a_redirect_refreshes_too():
    """A redirect is a success: the write has happened."""
    subjects = Counted("subjects")
    form = form_of(None, redirect("/"))
    Page("/", subjects.loader, form)
    await loaded(subjects)
    await form.submit()
    await until(lambda: subjects.runs == 2)


async def test_a_superseded_write_refreshes_all_the_same():
    """The outcome of an overtaken submission is not shown, but its write is."""
    gates: list[asyncio.Future[str]] = []

    async def enroll(form: FormData):
        gates.append(asyncio.get_running_loop().create_future())
        return await gates[-1]

    subjects = Counted("subjects")
    form = ActionForm(enroll)
    Page("/", subjects.loader, form)
    await loaded(subjects)
    first = form.submit()
    await until(lambda: len(gates) == 1)
    form.submit()
    await until(lambda: len(gates) == 2)
    gates[0].set_result("late")
    await first
    await until(lambda: subjects.runs == 2)
    assert form.pending
    form.cancel()


async def test_clear_after_a_write_does_not_stop_the_refresh():
    """`clear()` forgets the outcome; the page still gets the data that the write changed."""
    subjects = Counted("subjects")
    form = form_of(None)
    page = Page("/", subjects.loader, form)
    tab = Tab(page)
    await until(lambda: tab.states)
    subjects.held = True
    await form.submit()
    await until(lambda: subjects.gates)
    form.clear()
    subjects.gates[0].set_result("fresh")
    await until(lambda: "fresh" in tab.states[-1]["loaders"]["subjects"])


async def test_an_answer_that_was_overtaken_is_thrown_away():
    """Of two refreshes the one that was asked for last is shown, in whatever order they come."""
    subjects = Counted("subjects")
    page = Page("/", subjects.loader)
    await loaded(subjects)
    subjects.held = True
    older = asyncio.ensure_future(page.refresh())
    await until(lambda: len(subjects.gates) == 1)
    newer = asyncio.ensure_future(page.refresh("subjects"))
    await until(lambda: len(subjects.gates) == 2)
    subjects.gates[1].set_result("newer")
    await newer
    subjects.gates[0].set_result("older")
    await older
    assert "newer" in page._html
    assert "older" not in page._html


async def test_refresh_takes_keys():
    """`page.refresh("key")` loads only that one again; without a key, all."""
    subjects, students = Counted("subjects"), Counted("students")
    page = Page("/", subjects.loader, students.loader)
    await loaded(subjects, students)
    await page.refresh("subjects")
    assert (subjects.runs, students.runs) == (2, 1)
    await page.refresh()
    assert (subjects.runs, students.runs) == (3, 2)


async def test_one_loader_that_fails_says_so_in_its_place(caplog):
    """The author sees what went wrong, and the other data is there."""
    caplog.set_level(logging.CRITICAL, "notebook_actions")

    @loader(key="broken")
    async def broken():
        raise LookupError("no <table>")

    subjects = Counted("subjects")
    page = Page("/", broken, subjects.loader)
    tab = Tab(page)
    await until(lambda: tab.states)
    assert "LookupError: no &lt;table&gt;" in tab.states[-1]["loaders"]["broken"]
    assert "run 1" in tab.states[-1]["loaders"]["subjects"]


async def test_an_invalidate_that_fails_is_logged_and_harms_nothing(caplog):
    """A bug in `invalidate=` stands in the log; the outcome is shown, the loop left alone."""
    subjects = Counted("subjects")
    form = form_of(lambda result: 1 / 0)
    Page("/", subjects.loader, form)
    await loaded(subjects)
    assert await form.submit() == "done"
    await idle(form)
    assert [record.exc_info[0] for record in caplog.records] == [ZeroDivisionError]
    assert form.result == "done"


async def test_every_page_that_shows_a_form_is_refreshed():
    """A form on two pages refreshes both; a closed page no longer."""
    subjects, students = Counted("subjects"), Counted("students")
    form = form_of(None)
    Page("/a", subjects.loader, form)
    closed = Page("/b", students.loader, form)
    await loaded(subjects, students)
    await form.submit()
    await idle(form)
    assert (subjects.runs, students.runs) == (2, 2)
    closed.close()
    await form.submit()
    await idle(form)
    assert (subjects.runs, students.runs) == (3, 2)


async def test_a_page_that_is_closed_while_it_loads_is_quiet():
    """What a loader returns after `close()` is dropped, and says nothing."""
    subjects = Counted("subjects")
    subjects.held = True
    page = Page("/", subjects.loader)
    await until(lambda: subjects.gates)
    page.close()
    if not subjects.gates[0].done():
        subjects.gates[0].set_result("late")
    await until(lambda: not page._refreshing)
    page.close()


async def test_loaders_get_the_request_of_the_page():
    """The stand-in of the page, else of its first form that has one."""
    request = Request(cookies={"user": "luna"})

    async def who(form: FormData, request: Request):
        return request

    subjects = Counted("subjects")
    form = ActionForm(who, request=request)
    page = Page("/", subjects.loader, form)
    assert page.request is request
    await loaded(subjects)
    assert subjects.requests == [request]
    assert await form.submit() is request


async def test_a_form_without_a_request_gets_that_of_its_page():
    """The author says once, on the page, who is signed in."""
    request = Request(cookies={"user": "luna"})

    async def who(form: FormData, request: Request):
        return request

    form = ActionForm(who)
    Page("/", form, request=request)
    assert await form.submit() is request


async def test_a_page_that_is_refused_leaves_nothing_behind():
    """A wrong child is one clear error, and no second one when the page is thrown away."""
    with pytest.raises(TypeError, match="child 1"):
        Page("/", 1)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="path"):
        Page("no slash")


def test_a_form_that_is_only_declared_is_refused_with_words():
    """In an exported app it is all there is; in a notebook nothing would run it."""
    form = declared.ActionForm(form_of([]).action)
    with pytest.raises(DefinitionError, match="from notebook_actions import ActionForm"):
        Page("/x", form)
