"""The submissions of a form under each policy: which run, what is listed, what ends."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from pydantic import SecretStr
from tab import Tab, until

from notebook_actions import ActionForm, FormError, action
from notebook_actions.errors import Cancelled, Dropped, NothingToRetry


class Gates:
    """An action that goes on when it is told, and what it has seen."""

    def __init__(self, policy: str) -> None:
        self.begun: list[str] = []
        self.written: list[str] = []
        self._gates: dict[str, asyncio.Event] = {}

        @action(concurrency=policy)
        async def save(name: str, secret: str = "") -> str:
            self.begun.append(name)
            await self._gates.setdefault(name, asyncio.Event()).wait()
            if name.startswith("bad") and self.begun.count(name) == 1:
                raise FormError("Not that one")
            self.written.append(name)
            return f"saved {name}"

        self.form = ActionForm(save)

    def open(self, *names: str) -> None:
        for name in names:
            self._gates.setdefault(name, asyncio.Event()).set()

    def submit(self, *names: str) -> list[Any]:
        return [self.form.submit(name=name) for name in names]


async def test_parallel_submissions_are_all_listed_and_settle_their_own_row():
    """Under "parallel" each has its own state; answers out of order settle the right one."""
    gates = Gates("parallel")
    a, b, c = gates.submit("a", "b", "c")
    await until(lambda: len(gates.begun) == 3)
    gates.open("b")
    assert await b == "saved b"
    assert gates.form.submissions == (a, b, c)
    assert [one.pending for one in (a, b, c)] == [True, False, True]
    assert (b.result, gates.form.result) == ("saved b", None)
    gates.open("c")
    await c
    assert (gates.form.pending, gates.form.result, a.pending) == (False, "saved c", True)
    gates.open("a")
    await a
    # The traits follow the newest, whenever the others end.
    assert gates.form.result == "saved c"


async def test_a_queue_runs_one_after_another():
    """Under "queue" each waits for those before it, and all are listed from the start."""
    gates = Gates("queue")
    tab = Tab(gates.form)
    a, b = gates.submit("a", "b")
    await until(lambda: gates.begun)
    assert (gates.begun, gates.form.submissions) == (["a"], (a, b))
    rows = tab.states[-1]["forms"]["save"]["submissions"]
    assert "Working" in rows[a.key]
    assert "Waiting for its turn" in rows[b.key]
    gates.open("a")
    await until(lambda: gates.begun == ["a", "b"])
    assert "Working" in tab.states[-1]["forms"]["save"]["submissions"][b.key]
    gates.open("b")
    assert await asyncio.gather(a, b) == ["saved a", "saved b"]


async def test_what_is_cancelled_while_it_waits_never_runs():
    """A submission that is cancelled in the queue does nothing, and the next takes its place."""
    gates = Gates("queue")
    a, b, c = gates.submit("a", "b", "c")
    await until(lambda: gates.begun)
    b.cancel()
    gates.open("a", "b", "c")
    assert await asyncio.gather(a, c) == ["saved a", "saved c"]
    assert gates.written == ["a", "c"]
    assert isinstance(b.error, Cancelled)


async def test_drop_refuses_a_second_submission_and_changes_nothing():
    """Under "drop" one that comes while another runs ends at once; no trait takes notice."""
    gates = Gates("drop")
    a, b = gates.submit("a", "b")
    with pytest.raises(Dropped):
        await b
    assert gates.form.submissions == (a,)
    assert gates.form.input["name"] == "a"
    gates.open("a", "c")
    await a
    assert await gates.submit("c")[0] == "saved c"
    assert gates.written == ["a", "c"]


async def test_a_browsers_submission_that_is_dropped_is_answered():
    """A second view does not wait for ever for what was dropped."""
    gates = Gates("drop")
    tab = Tab(gates.form)
    first, second = (tab.submit(["name", name], form="save") for name in "ab")
    state = tab.states[-1]["forms"]["save"]
    assert (state["rid"], state["ended"], state["dropped"]) == (first, [second], [second])
    gates.open("a")
    await until(lambda: not gates.form.pending)


@pytest.mark.parametrize("policy", ["parallel", "queue"])
async def test_retry_takes_the_place_of_what_failed(policy):
    """`retry()` of a submission runs its input again, in its row and under its key."""
    gates = Gates(policy)
    gates.open("bad", "b")
    bad, b = gates.submit("bad", "b")
    await until(lambda: not bad.pending and not b.pending)
    again = bad.retry()
    assert await again == "saved bad"
    assert gates.form.submissions == (again, b)
    assert again.key == bad.key
    assert str(bad.error) == "Not that one"


@pytest.mark.parametrize("policy", ["latest", "parallel", "queue", "drop"])
async def test_retry_of_what_runs_submits_nothing(policy):
    """`retry()` of a submission that is still running is that submission."""
    gates = Gates(policy)
    (a,) = gates.submit("a")
    assert a.retry() is a
    gates.open("a")
    await a
    assert gates.begun == ["a"]


@pytest.mark.parametrize("policy", ["latest", "parallel", "queue", "drop"])
async def test_the_forms_retry_works_under_every_policy(policy):
    """After a failure `form.retry()` submits the newest input again."""
    gates = Gates(policy)
    with pytest.raises(NothingToRetry):
        gates.form.retry()
    gates.open("bad")
    with pytest.raises(FormError):
        await gates.submit("bad")[0]
    assert await gates.form.retry() == "saved bad"
    assert len(gates.form.submissions) == 1


async def test_clear_takes_one_off_the_list():
    """`clear()` of a submission cancels it and leaves the others alone."""
    gates = Gates("parallel")
    a, b = gates.submit("a", "b")
    await until(lambda: len(gates.begun) == 2)
    a.clear()
    assert (gates.form.submissions, gates.form.pending) == ((b,), True)
    b.clear()
    assert (gates.form.submissions, gates.form.pending, gates.form.input) == ((), False, None)
    await until(lambda: not gates.form._submissions.running)
    assert gates.written == []


async def test_cancel_of_the_form_stops_all_that_is_listed():
    """`form.cancel()` stops what runs and what waits."""
    gates = Gates("queue")
    submissions = gates.submit("a", "b", "c")
    await until(lambda: gates.begun)
    gates.form.cancel()
    assert [type(one.error) for one in submissions] == [Cancelled] * 3
    assert not gates.form.pending
    await until(lambda: not gates.form._submissions.running)
    assert gates.begun == ["a"]


async def test_observers_are_told_of_each_change_of_a_submission():
    """Whoever observes `submissions` sees an older one end, though the list is the same."""
    gates = Gates("parallel")
    seen = []
    gates.form.observe(
        lambda change: seen.append([one.pending for one in change.new]), "submissions"
    )
    a, b = gates.submit("a", "b")
    gates.open("a")
    await a
    gates.open("b")
    await b
    assert seen == [[True], [True, True], [False, True], [False, False]]


async def test_the_buttons_of_a_row_work_from_the_browser():
    """Cancel, retry and clear of a row do that, once for each message."""
    gates = Gates("parallel")
    tab = Tab(gates.form)
    key = tab.submit(["name", "bad"], form="save")
    row = lambda: tab.states[-1]["forms"]["save"]["submissions"].get(key)  # noqa: E731
    await until(lambda: gates.begun)
    assert f'name="_cancel" value="{key}"' in row()
    tab.say("cancel", form="save", submission=key)
    assert "Cancelled" in row()
    assert 'name="_retry"' in row()
    assert 'name="_clear"' in row()
    gates.open("bad")
    tab.say("retry", form="save", submission=key, rid="again")
    tab.say("retry", form="save", submission=key, rid="again")
    await until(lambda: gates.written)
    await until(lambda: "saved bad" in row())
    assert gates.begun == ["bad", "bad"]
    tab.say("clear", form="save", submission=key)
    assert row() is None


async def test_a_key_that_is_not_listed_does_nothing():
    """A button of a row that has left, or a made-up key, changes nothing."""
    gates = Gates("parallel")
    tab = Tab(gates.form)
    (a,) = gates.submit("a")
    before = len(tab.states)
    for kind in ("cancel", "retry", "clear"):
        tab.say(kind, form="save", submission="nobody")
    assert (a.pending, len(tab.states)) == (True, before)
    gates.open("a")
    await a


async def test_a_row_says_what_was_submitted_without_secrets():
    """A row shows the input in words; what is marked secret is not in it."""

    @action(concurrency="parallel")
    async def login(name: str, pin: SecretStr) -> str:
        return "<in>"

    form = ActionForm(login)
    tab = Tab(form)
    await form.submit(name="<Luna>", pin="9876")
    (row,) = tab.states[-1]["forms"]["login"]["submissions"].values()
    assert "&lt;Luna&gt;" in row
    assert "&lt;in&gt;" in row
    assert "9876" not in str(tab.messages)


async def test_results_stand_in_the_rows_alone():
    """Where each submission has a row, the form says that it is done and shows no result itself."""
    gates = Gates("parallel")
    tab = Tab(gates.form)
    gates.open("a")
    await gates.submit("a")[0]
    assert tab.states[-1]["forms"]["save"]["answer"]["slots"] == {"status": "Done."}


async def test_a_late_view_has_the_rows():
    """The HTML for a view that is opened now has every row in it."""
    gates = Gates("parallel")
    gates.open("a")
    a, _ = gates.submit("a", "b")
    await a
    assert gates.form._html.count('<li class="na-submission"') == 3  # two, and the pattern
    gates.form.clear()
    assert gates.form._html.count('<li class="na-submission"') == 1


async def test_a_thread_submits_and_gets_the_result():
    """A plain thread may submit, and wait for the result on a loop of its own."""
    gates = Gates("queue")
    gates.open("a", "b")

    async def both() -> list[str]:
        return await asyncio.gather(*gates.submit("a", "b"))

    assert await asyncio.to_thread(lambda: asyncio.run(both())) == ["saved a", "saved b"]


async def test_an_action_in_a_thread_submits_another():
    """A ``def`` action, which runs in a thread, may submit another form."""
    gates = Gates("latest")

    def other() -> list[object]:
        return gates.submit("a")

    (submission,) = await ActionForm(other).submit()
    gates.open("a")
    assert await submission == "saved a"


async def test_gather_in_an_action_of_another_form():
    """Submissions can be awaited together, from within another form's action."""
    gates = Gates("parallel")
    gates.open("a", "b")

    async def both() -> list[str]:
        return await asyncio.gather(*gates.submit("a", "b"))

    assert await ActionForm(both).submit() == ["saved a", "saved b"]
