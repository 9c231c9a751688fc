"""Progress in the widget: how far an action has come, as a trait and in the view."""

from __future__ import annotations

import asyncio

from tab import until

from notebook_actions import ActionForm, Progress
from notebook_actions.progress import Step


async def test_a_step_is_told_while_the_action_runs_and_gone_afterwards():
    """``progress`` and the view have the newest step until the submission ends."""
    go_on = asyncio.Event()

    async def sort_letters(progress: Progress):
        progress(1, 3, "letters")
        progress(2, 3, "letters")
        await go_on.wait()

    form = ActionForm(sort_letters)
    submission = form.submit()
    await until(lambda: form.progress == Step(2, 3, "letters"))
    assert form._state["forms"]["sort_letters"]["progress"] == (
        '<progress max="3" value="2" aria-label="Progress"></progress> <span>2 of 3: letters</span>'
    )
    go_on.set()
    await submission
    assert form.progress is None
    assert form._state["forms"]["sort_letters"]["progress"] == ""
    form.close()


async def test_a_thousand_steps_are_told_in_few_messages():
    """Steps are gathered for a tenth of a second, so that none can flood the browser."""

    def count(progress: Progress):
        for number in range(1000):
            progress(number, 1000)

    form = ActionForm(count)
    told: list[Step | None] = []
    form.observe(lambda change: told.append(change["new"]), "progress")
    before = form._state["seq"]
    await form.submit()
    assert form._state["seq"] - before < 100
    assert len(told) < 100
    form.close()


async def test_a_step_of_a_submission_that_has_ended_is_dropped():
    """A thread that goes on after ``cancel()`` tells nobody."""
    late: list[Progress] = []

    async def keep(progress: Progress):
        late.append(progress)
        await asyncio.Event().wait()

    form = ActionForm(keep)
    form.submit()
    await until(lambda: late)
    form.cancel()
    late[0](5)
    settled = asyncio.Event()
    asyncio.get_running_loop().call_soon(settled.set)
    await settled.wait()
    assert form._publishing is None
    assert form.progress is None
    form.close()
