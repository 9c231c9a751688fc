"""What a browser sends is acknowledged, checked and handed over; it can never set state."""

from __future__ import annotations

import asyncio
import contextvars
import json
import threading

import pytest
from tab import Tab, until

from notebook_actions import ActionForm, FormData, Page


def recording() -> tuple[ActionForm, list[FormData]]:
    got: list[FormData] = []

    async def enroll(form: FormData):
        got.append(form)
        return "enrolled"

    return ActionForm(enroll), got


async def test_a_submission_from_the_browser_runs_the_action():
    """The pairs arrive in order, with repeats, and the outcome becomes the state."""
    form, got = recording()
    tab = Tab(form)
    tab.submit(["day", "Mon"], ["name", "Luna"], ["day", "Tue"], form="enroll")
    await until(lambda: form.result == "enrolled")
    assert got == [FormData([("day", "Mon"), ("name", "Luna"), ("day", "Tue")])]
    assert form.input == got[0]


async def test_it_is_acknowledged_at_once_and_before_any_state():
    """The first thing that the browser hears is the acknowledgement of its own message."""
    form, _ = recording()
    tab = Tab(form)
    rid = tab.submit(["name", "Luna"], form="enroll")
    assert tab.messages[0] == {
        "method": "custom",
        "content": {"kind": "ack", "v": 1, "rid": rid},
    }
    await until(lambda: form.result)


async def test_the_state_says_which_message_it_belongs_to():
    """`rid` names the message of the run that is shown, `ended` those that are over."""
    form, _ = recording()
    tab = Tab(form)
    rid = tab.submit(form="enroll")
    await until(lambda: form.result)
    begun, ended = (state["forms"]["enroll"] for state in tab.states)
    assert (begun["rid"], begun["pending"], rid in begun["ended"]) == (rid, True, False)
    assert (ended["rid"], ended["pending"], rid in ended["ended"]) == (rid, False, True)


async def test_a_superseded_message_is_over_when_the_next_one_begins():
    """The view whose submission was overtaken learns it from the next state."""
    form, _ = recording()
    tab = Tab(form)
    first = tab.submit(form="enroll")
    second = tab.submit(form="enroll")
    state = tab.states[-1]["forms"]["enroll"]
    assert (state["rid"], state["ended"]) == (second, [first])
    await until(lambda: form.result)


async def test_a_submission_from_python_ends_the_browsers_one():
    """When the author submits meanwhile, the browser's run is over; the author's is shown."""
    form, _ = recording()
    tab = Tab(form)
    rid = tab.submit(form="enroll")
    await form.submit(name="Neville")
    state = tab.states[-1]["forms"]["enroll"]
    assert state["rid"] == form.submissions[0].key != rid
    assert rid in state["ended"]


async def test_a_repeated_rid_runs_nothing():
    """A message that arrives twice is one submission, and acknowledged twice."""
    form, got = recording()
    tab = Tab(form)
    tab.submit(["name", "Luna"], form="enroll", rid="one")
    tab.submit(["name", "Luna"], form="enroll", rid="one")
    await until(lambda: form.result)
    assert len(got) == 1
    assert [one["rid"] for one in tab.custom] == ["one", "one"]


SUBMIT = {"kind": "submit", "v": 1, "rid": "r", "form": "enroll", "entries": []}


@pytest.mark.parametrize(
    "content",
    [
        None,
        "submit",
        [],
        {},
        {**SUBMIT, "kind": "close"},
        {**SUBMIT, "kind": None},
        {**SUBMIT, "v": 2},
        {**SUBMIT, "v": "1"},
        {**SUBMIT, "rid": 7},
        {**SUBMIT, "rid": "r" * 65},
        {name: value for name, value in SUBMIT.items() if name != "rid"},
    ],
    ids=repr,
)
async def test_a_message_that_is_not_understood_is_ignored(content):
    """An unknown kind or version, or no rid: nothing runs and nothing is answered."""
    form, got = recording()
    tab = Tab(form)
    tab.send(content)
    await asyncio.sleep(0)
    assert (got, tab.messages, form.pending) == ([], [], False)


@pytest.mark.parametrize(
    "entries",
    [
        None,
        "name=Luna",
        {"name": "Luna"},
        [["name"]],
        [["name", None]],
        [["name", 1]],
        [[1, "Luna"]],
        [["name", "Luna", "x"]],
        [["paper", {"upload": "u", "file": "0"}]],
        [["paper", {"upload": 1, "file": 0}]],
        [["paper", {"filename": "a.txt", "content_type": "text/plain", "buffer": 0}]],
        [["paper", {}]],
    ],
    ids=repr,
)
async def test_entries_that_no_form_can_send_run_nothing(entries):
    """A submission that cannot be read is acknowledged and dropped whole."""
    form, got = recording()
    tab = Tab(form)
    tab.send({**SUBMIT, "entries": entries})
    await asyncio.sleep(0)
    assert (got, form.pending, tab.states) == ([], False, [])


@pytest.mark.parametrize("name", ["other", "", None, "__class__", 3])
async def test_a_form_that_is_not_here_runs_nothing(name):
    """Only the forms that a view shows can be submitted through it."""
    form, got = recording()
    tab = Tab(form)
    tab.send({**SUBMIT, "form": name})
    await asyncio.sleep(0)
    assert (got, form.pending) == ([], False)


@pytest.mark.parametrize(
    "trait", ["pending", "result", "error", "input", "_state", "_html", "_esm"]
)
async def test_state_from_the_browser_is_refused(trait):
    """A page can set nothing: no result, no state, no markup and no script."""
    form, _ = recording()
    tab = Tab(form)
    before = getattr(form, trait)
    tab.update(**{trait: "forged"})
    assert getattr(form, trait) == before
    assert tab.messages == []


async def test_sync_is_answered_with_the_state():
    """A view that missed something asks, and gets the state that is now."""
    form, _ = recording()
    tab = Tab(form)
    await form.submit(name="Luna")
    tab.send({"kind": "sync", "v": 1, "rid": "s"})
    assert tab.custom == [{"kind": "ack", "v": 1, "rid": "s", "state": tab.states[-1]}]


async def test_no_message_has_a_key_that_the_kernel_would_keep():
    """No message has a key `id`, for which ipykernel 7.4 would wait for ever."""
    form, _ = recording()
    tab = Tab(form)
    tab.submit(form="enroll")
    await until(lambda: form.result)
    tab.send({"kind": "sync", "v": 1, "rid": "s"})
    assert [one for one in tab.custom if "id" in one] == []


async def test_everything_that_is_sent_is_json():
    """Whatever an action returns, the messages can be sent."""

    async def odd(form: FormData):
        return {"nan": float("nan"), "object": object(), "set": {1}, "bytes": b"\xff"}

    form = ActionForm(odd)
    tab = Tab(form)
    await form.submit(name="Luna")
    assert json.loads(json.dumps(tab.messages, allow_nan=False)) == tab.messages


async def test_a_message_on_another_thread_runs_on_the_loop_of_the_cells(monkeypatch):
    """ipykernel 7 delivers on other threads: what is answered there runs on the cells' loop."""
    where = []

    async def enroll(form: FormData):
        where.append((asyncio.get_running_loop(), threading.current_thread()))

    form = ActionForm(enroll)
    tab = Tab(form)
    loop = asyncio.get_running_loop()
    monkeypatch.setattr("notebook_actions.widget.loop.owner_loop", lambda: loop)
    thread = threading.Thread(target=lambda: tab.submit(form="enroll"))
    thread.start()
    thread.join()
    assert [one["kind"] for one in tab.custom] == ["ack"]
    assert (where, form.pending) == ([], False)
    await until(lambda: where and not form.pending)
    assert where == [(loop, threading.current_thread())]


async def test_two_threads_that_deliver_one_message_run_it_once(monkeypatch):
    """The check for a repeated rid holds between threads."""
    form, got = recording()
    tab = Tab(form)
    loop = asyncio.get_running_loop()
    monkeypatch.setattr("notebook_actions.widget.loop.owner_loop", lambda: loop)
    threads = [
        threading.Thread(target=lambda: tab.submit(form="enroll", rid="same")) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    await until(lambda: form.result)
    assert len(got) == 1


async def test_a_submission_runs_in_the_context_of_the_cell_that_made_the_form():
    """What a cell set is seen, what an action or a message handler sets is seen by nobody else."""
    user = contextvars.ContextVar("user", default="nobody")
    seen = []

    async def enroll(form: FormData):
        seen.append(user.get())
        user.set("changed by the action")

    user.set("luna")
    form = ActionForm(enroll)
    tab = Tab(form)
    contextvars.copy_context().run(lambda: (user.set("the handler"), tab.submit(form="enroll")))
    await until(lambda: len(seen) == 1)
    tab.submit(form="enroll")
    await until(lambda: len(seen) == 2)
    assert seen == ["luna", "luna"]
    assert user.get() == "luna"


async def test_a_form_on_a_page_is_submitted_through_the_page():
    """Each form of a page is known by its id, a second one of the same action too."""

    async def enroll(form: FormData):
        return form["name"]

    first, second = ActionForm(enroll), ActionForm(enroll)
    page = Page("/", first, second)
    Tab(page).submit(["name", "Luna"], form="enroll-2")
    await until(lambda: second.result == "Luna")
    assert first.result is None


async def test_every_view_of_a_form_follows_it():
    """A form that is shown alone and on a page has one state in both."""
    form, _ = recording()
    alone, on_page = Tab(form), Tab(Page("/", form))
    rid = on_page.submit(["name", "Luna"], form="enroll")
    await until(lambda: form.result)
    for tab in (alone, on_page):
        state = tab.states[-1]["forms"]["enroll"]
        assert (state["rid"], state["answer"]["type"]) == (rid, "success")


async def test_a_closed_form_hears_nothing():
    """`close()` cancels what runs, and ends the comm."""
    forever = asyncio.Event()
    cancelled = []

    async def wait(form: FormData):
        try:
            await forever.wait()
        except asyncio.CancelledError:
            cancelled.append(True)
            raise

    form = ActionForm(wait)
    form.submit()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    form.close()
    await until(lambda: cancelled)
    assert form.comm is None
    form.close()
