"""What an action prints is the form's, whichever task or thread prints it."""

from __future__ import annotations

import asyncio
import io
import sys
import threading
from contextlib import redirect_stdout
from functools import partial
from typing import Any

import pytest
from tab import Tab, until

from notebook_actions import ActionForm, FormData, FormError


def log(tab: Tab, form: str) -> str:
    return tab.states[-1]["forms"][form]["log"] if tab.states else ""


def shows(tab: Tab, form: str, text: str) -> bool:
    return text in log(tab, form)


async def test_print_is_shown_in_the_form(capsys):
    """What is printed reaches the view as escaped text, and not the notebook's own output."""

    async def enroll(form: FormData):
        print("<b>", form["subject"])
        print("to stderr", file=sys.stderr)

    form = ActionForm(enroll)
    tab = Tab(form)
    await form.submit(subject="Charms")
    await until(lambda: "to stderr" in log(tab, "enroll"))
    assert "&lt;b&gt; Charms\n" in log(tab, "enroll")
    assert capsys.readouterr() == ("", "")


async def test_it_is_shown_while_the_action_runs():
    """The view sees what was printed before the action has ended."""
    go_on = asyncio.Event()

    async def enroll(form: FormData):
        print("half")
        await go_on.wait()

    form = ActionForm(enroll)
    tab = Tab(form)
    submission = form.submit()
    await until(lambda: "half" in log(tab, "enroll"))
    assert form.pending
    go_on.set()
    await submission


async def test_a_thread_prints_into_the_form_too(capsys):
    """A `def` action and `asyncio.to_thread` print where their action prints."""

    def enroll(form: FormData):
        print("in a thread")

    form = ActionForm(enroll)
    tab = Tab(form)
    await form.submit()
    await until(lambda: "in a thread" in log(tab, "enroll"))
    assert capsys.readouterr().out == ""


async def test_two_actions_at_once_do_not_mix(capsys):
    """Each form has its own text, and the cell that prints meanwhile keeps its own."""
    turn = asyncio.Event()

    def printer(name: str) -> ActionForm:
        async def say(form: FormData):
            print(name, 1)
            await turn.wait()
            print(name, 2)

        say.__name__ = name
        return ActionForm(say)

    def threaded(form: FormData):
        print("threaded", 1)
        go_on.wait(60)
        print("threaded", 2)

    go_on = threading.Event()
    forms = [printer("one"), printer("two"), ActionForm(threaded)]
    names = [form.action.name for form in forms]
    tabs = [Tab(form) for form in forms]
    submissions = [form.submit() for form in forms]
    for tab, name in zip(tabs, names, strict=True):
        await until(partial(shows, tab, name, f"{name} 1"))
    print("the cell")
    turn.set()
    go_on.set()
    await asyncio.gather(*submissions)
    for tab, name in zip(tabs, names, strict=True):
        await until(partial(shows, tab, name, f"{name} 2"))
        assert shows(tab, name, f"<pre>{name} 1\n{name} 2\n</pre>")
    assert capsys.readouterr().out == "the cell\n"


@pytest.mark.parametrize("how", ["returns", "raises", "cancelled"])
async def test_the_streams_are_put_back(how, caplog):
    """After the last action, `sys.stdout` and `sys.stderr` are what they were."""
    before = sys.stdout, sys.stderr

    async def enroll(form: FormData):
        print("x")
        if how == "raises":
            raise FormError("full")
        if how == "cancelled":
            await asyncio.Event().wait()

    form = ActionForm(enroll)
    submission = form.submit()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    form.cancel()
    await asyncio.gather(submission, return_exceptions=True)
    await until(lambda: not form._submissions.running)
    assert (sys.stdout, sys.stderr) == before


async def test_the_streams_are_put_back_by_the_last_of_several():
    """Actions that end in another order than they began leave nothing behind."""
    before = sys.stdout
    gates = [asyncio.Event() for _ in range(3)]

    async def wait(form: FormData):
        await gates[int(form["n"])].wait()

    form = ActionForm(wait)
    submissions = [form.submit(n=n) for n in range(3)]
    await asyncio.sleep(0)
    assert sys.stdout is not before
    for n in (1, 2, 0):
        assert sys.stdout is not before
        gates[n].set()
        await submissions[n]
        await asyncio.sleep(0)
    await until(lambda: not form._submissions.running)
    assert sys.stdout is before


async def test_a_stream_that_the_author_redirects_meanwhile_still_works():
    """`redirect_stdout` around or inside an action gets its text, and nobody's stream is lost."""
    before = sys.stdout
    go_on = asyncio.Event()
    inner = io.StringIO()

    async def enroll(form: FormData):
        await go_on.wait()
        with redirect_stdout(inner):
            print("inside")

    form = ActionForm(enroll)
    submission = form.submit()
    await asyncio.sleep(0)
    outer = io.StringIO()
    with redirect_stdout(outer):
        print("around")
        go_on.set()
        await submission
        await until(lambda: not form._submissions.running)
    assert (inner.getvalue(), outer.getvalue()) == ("inside\n", "around\n")
    await form.submit()
    await until(lambda: not form._submissions.running)
    assert sys.stdout is before


async def test_print_to_a_replaced_stream_behaves_like_one():
    """What else a stream can do is what the real one does; `write` says how much it took."""
    seen: list[Any] = []

    async def enroll(form: FormData):
        seen.append(sys.stdout.write("four"))
        sys.stdout.writelines(["a", "b"])
        sys.stdout.flush()
        seen.append(sys.stdout.encoding)

    encoding = sys.stdout.encoding
    form = ActionForm(enroll)
    tab = Tab(form)
    await form.submit()
    await until(lambda: "fourab" in log(tab, "enroll"))
    assert seen == [4, encoding]


async def test_a_new_submission_starts_with_an_empty_log():
    """What the last run printed is gone when the next one begins, and `clear()` empties it."""

    async def enroll(form: FormData):
        print(form["subject"])

    form = ActionForm(enroll)
    tab = Tab(form)
    await form.submit(subject="Charms")
    await until(lambda: "Charms" in log(tab, "enroll"))
    await form.submit(subject="Potions")
    await until(lambda: "Potions" in log(tab, "enroll"))
    assert "Charms" not in log(tab, "enroll")
    form.clear()
    assert log(tab, "enroll") == ""


async def test_a_superseded_or_cleared_run_prints_into_nothing(capsys):
    """Only the newest submission's text is shown; an older one's appears nowhere else."""
    go_on = asyncio.Event()

    async def enroll(form: FormData):
        try:
            await go_on.wait()
        finally:
            print("late", form["subject"])

    form = ActionForm(enroll)
    tab = Tab(form)
    first = form.submit(subject="Charms")
    await asyncio.sleep(0)
    second = form.submit(subject="Potions")
    await asyncio.sleep(0)
    go_on.set()
    await asyncio.gather(first, second)
    await until(lambda: "late Potions" in log(tab, "enroll"))
    assert "Charms" not in log(tab, "enroll")

    go_on.clear()
    form.submit(subject="Runes")
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    form.clear()
    await until(lambda: not form._submissions.running)
    await asyncio.sleep(0)
    assert form._publishing is None
    assert log(tab, "enroll") == ""
    assert capsys.readouterr().out == ""


async def test_much_output_keeps_its_end():
    """Of more text than a view can show, the last part is kept, also of one long line."""

    async def enroll(form: FormData):
        for n in range(20_000):
            print(n)
        print("x" * 100_000, "the end")

    form = ActionForm(enroll)
    tab = Tab(form)
    await form.submit()
    await until(lambda: "the end" in log(tab, "enroll"))
    assert 60_000 < len(log(tab, "enroll")) < 70_000


async def test_many_prints_are_few_messages():
    """A loop that prints does not flood the view: the text is sent now and then."""

    async def enroll(form: FormData):
        for n in range(2000):
            print(n)
            await asyncio.sleep(0)

    form = ActionForm(enroll)
    tab = Tab(form)
    await form.submit()
    await until(lambda: "1999" in log(tab, "enroll"))
    assert len(tab.messages) < 50
