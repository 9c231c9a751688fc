"""The traits of a form follow the table of states, one transition at a time."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import ipywidgets
import pytest
import traitlets
from tab import Tab, until

from notebook_actions import ActionError, ActionForm, FormData, FormError, action, redirect
from notebook_actions.errors import ActionTimeout, Cancelled, NothingToRetry
from notebook_actions.results import Redirect
from notebook_actions.testing import transitions

TRAITS = ("pending", "input", "result", "error", "submissions")


def answering(value: Any) -> ActionForm:
    async def answer(form: FormData):
        return value

    return ActionForm(answer)


def raising(error: BaseException) -> ActionForm:
    async def fail(form: FormData):
        raise error

    return ActionForm(fail)


class Gate:
    """An action that waits until the test lets each of its runs go on."""

    def __init__(self) -> None:
        self.runs: list[asyncio.Future[Any]] = []

        async def wait(form: FormData):
            future = asyncio.get_running_loop().create_future()
            self.runs.append(future)
            return await future

        self.form = ActionForm(wait)

    async def begin(self, **values: object):
        count = len(self.runs)
        submission = self.form.submit(**values)
        await until(lambda: len(self.runs) > count)
        return submission


async def test_a_fresh_form_has_the_state_of_nothing_submitted():
    """A form starts with no submission, not pending, and nothing to show."""
    form = answering(1)
    assert (form.pending, form.input, form.result, form.error) == (False, None, None, None)
    assert form.submissions == ()


async def test_submitting_makes_it_pending_and_forgets_the_last_outcome():
    """At submit, `pending` is set and the input is known; result and error are empty."""
    gate = Gate()
    first = await gate.begin(subject="Charms")
    gate.runs[0].set_result("done")
    await first
    await gate.begin(subject="Potions")
    form = gate.form
    assert (form.pending, form.result, form.error) == (True, None, None)
    assert form.input == FormData({"subject": "Potions"})
    form.cancel()


@pytest.mark.parametrize("value", ["joined", None, 0, "", False, [], float("nan")], ids=repr)
async def test_a_returned_value_is_the_result(value):
    """Whatever is returned, also an empty value, ends the submission and keeps the input."""
    form = answering(value)
    assert await form.submit(subject="Charms") is value
    assert form.result is value
    assert (form.pending, form.error) == (False, None)
    assert form.input == FormData({"subject": "Charms"})


async def test_a_redirect_is_the_result_and_drops_the_input():
    """A redirect is a result that is shown, and the form is as new."""
    form = answering(redirect("/thanks"))
    await form.submit(subject="Charms")
    assert form.result == Redirect("/thanks")
    assert (form.pending, form.input, form.error) == (False, None, None)


@pytest.mark.parametrize(
    "error",
    [FormError("Check it", fields={"subject": "full"}), ActionError("Full", 409), ValueError("?")],
    ids=lambda error: type(error).__name__,
)
async def test_a_raised_error_is_the_error_and_keeps_the_input(error, caplog):
    """Expected or not, an exception stands in `error`, and the input is kept."""
    caplog.set_level(logging.CRITICAL, "notebook_actions")
    form = raising(error)
    with pytest.raises(type(error)):
        await form.submit(subject="Charms")
    assert form.error is error
    assert (form.pending, form.result) == (False, None)
    assert form.input == FormData({"subject": "Charms"})


async def test_invalid_input_is_the_error_and_the_function_does_not_run():
    """A field that is wrong fails the submission before the action runs."""
    ran = []

    async def join(seats: int):
        ran.append(seats)

    form = ActionForm(join)
    with pytest.raises(FormError, match="whole number"):
        await form.submit(seats="many")
    assert form.error.fields == {"seats": "Seats must be a whole number."}
    assert form.input == FormData({"seats": "many"})
    assert ran == []


async def test_a_timeout_is_the_error():
    """An action that takes longer than its `timeout=` fails, and the input is kept."""

    @action(timeout=0.001)
    async def slow(form: FormData):
        await asyncio.Event().wait()

    form = ActionForm(slow)
    with pytest.raises(ActionTimeout):
        await form.submit(subject="Charms")
    assert isinstance(form.error, ActionTimeout)
    assert not form.pending
    assert form.input == FormData({"subject": "Charms"})


async def test_cancel_is_a_cancelled_error_at_once():
    """`cancel()` ends the submission there and then, with the input kept."""
    gate = Gate()
    submission = await gate.begin(subject="Charms")
    gate.form.cancel()
    assert isinstance(gate.form.error, Cancelled)
    assert (gate.form.pending, gate.form.result) == (False, None)
    assert gate.form.input == FormData({"subject": "Charms"})
    with pytest.raises(Cancelled):
        await submission
    await until(gate.runs[0].cancelled)


async def test_clear_while_pending_cancels_and_forgets():
    """`clear()` stops what runs and leaves a form as new."""
    gate = Gate()
    submission = await gate.begin(subject="Charms")
    gate.form.clear()
    form = gate.form
    assert (form.pending, form.input, form.result, form.error) == (False, None, None, None)
    assert form.submissions == ()
    with pytest.raises(Cancelled):
        await submission
    await until(gate.runs[0].cancelled)
    assert form.error is None


async def test_clear_after_an_outcome_forgets_it():
    """`clear()` removes a shown result with its input."""
    form = answering("joined")
    await form.submit(subject="Charms")
    form.clear()
    assert (form.pending, form.input, form.result, form.error) == (False, None, None, None)


async def test_retry_submits_the_kept_input_again():
    """`retry()` runs the action with what was submitted before."""
    answers: list[Any] = [FormError("Full"), "joined"]
    got = []

    async def join(form: FormData):
        got.append(form)
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    form = ActionForm(join)
    with pytest.raises(FormError):
        await form.submit(subject="Charms")
    assert await form.retry() == "joined"
    assert got == [FormData({"subject": "Charms"})] * 2
    assert (form.result, form.error) == ("joined", None)


async def test_retry_while_pending_takes_over():
    """`retry()` during a submission supersedes it with the same input."""
    gate = Gate()
    await gate.begin(subject="Charms")
    again = gate.form.retry()
    await until(lambda: len(gate.runs) == 2)
    gate.runs[1].set_result("second")
    gate.runs[0].set_result("first")
    assert await again == "second"
    assert gate.form.result == "second"


@pytest.mark.parametrize("how", ["fresh", "cleared", "redirected"])
async def test_retry_without_a_kept_input_is_an_error(how):
    """`retry()` says that there is nothing to submit again, and changes nothing."""
    form = answering(redirect("/thanks"))
    if how != "fresh":
        await form.submit(subject="Charms")
    if how == "cleared":
        form.clear()
    before = [getattr(form, name) for name in TRAITS]
    with pytest.raises(NothingToRetry, match="submit"):
        form.retry()
    assert [getattr(form, name) for name in TRAITS] == before


async def test_every_transition_is_one_batch():
    """An observer of any trait sees the complete new state, never half of one."""
    answers: list[Any] = [1, FormError("Full"), redirect("/x")]

    async def join(form: FormData):
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    form = ActionForm(join)
    seen: list[tuple[Any, ...]] = []
    names = ("pending", "input", "result", "error")
    form.observe(lambda _: seen.append(tuple(getattr(form, name) for name in names)), TRAITS)
    charms = FormData({"subject": "Charms"})
    await form.submit(charms)
    error = await asyncio.gather(form.submit(charms), return_exceptions=True)
    await form.submit(charms)
    form.clear()
    assert set(seen) == {
        (True, charms, None, None),
        (False, charms, 1, None),
        (False, charms, None, error[0]),
        (False, None, Redirect("/x"), None),
        (False, None, None, None),
    }


async def test_every_transition_is_one_message_to_the_browser():
    """Submit, end and clear each send the browser one state, and nothing else."""
    form = answering("joined")
    tab = Tab(form)
    await form.submit(subject="Charms")
    form.clear()
    shown = [state["forms"]["answer"] for state in tab.states]
    assert [(one["pending"], one["answer"] is None) for one in shown] == [
        (True, True),
        (False, False),
        (False, True),
    ]
    assert len(tab.messages) == 3
    assert [state["seq"] for state in tab.states] == sorted({s["seq"] for s in tab.states})


async def test_a_superseded_submission_changes_no_trait():
    """When a newer submission took over, the older one's outcome is nobody's state."""
    gate = Gate()
    first = await gate.begin(subject="Charms")
    second = await gate.begin(subject="Potions")
    with transitions(gate.form) as seen:
        gate.runs[0].set_result("late")
        assert await first == "late"
    assert seen == []
    assert gate.form.pending
    assert gate.form.input == FormData({"subject": "Potions"})
    gate.runs[1].set_result("newest")
    assert await second == "newest"
    assert gate.form.result == "newest"


async def test_an_older_answer_that_comes_last_changes_nothing():
    """Answers out of order leave the newest one in place."""
    gate = Gate()
    first = await gate.begin(subject="Charms")
    second = await gate.begin(subject="Potions")
    gate.runs[1].set_result("newest")
    await second
    gate.runs[0].set_exception(FormError("late"))
    with pytest.raises(FormError):
        await first
    assert (gate.form.result, gate.form.error) == ("newest", None)


async def test_cancelling_a_superseded_submission_leaves_the_newest_alone():
    """`submission.cancel()` of an older one stops only that one."""
    gate = Gate()
    first = await gate.begin(subject="Charms")
    second = await gate.begin(subject="Potions")
    first.cancel()
    await until(gate.runs[0].cancelled)
    assert gate.form.pending
    gate.runs[1].set_result("newest")
    assert await second == "newest"


async def test_cancel_when_nothing_runs_changes_nothing():
    """`cancel()` before the first submission, and after an outcome, is allowed and does nothing."""
    form = answering("joined")
    form.cancel()
    assert form.error is None
    await form.submit()
    form.cancel()
    assert (form.result, form.error) == ("joined", None)


async def test_cancel_of_an_action_that_does_not_listen():
    """A coroutine that swallows its cancellation cannot bring its result back."""
    go_on = asyncio.Event()

    async def stubborn(form: FormData):
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await go_on.wait()
        return "late"

    form = ActionForm(stubborn)
    submission = form.submit()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    form.cancel()
    assert isinstance(form.error, Cancelled)
    go_on.set()
    await until(lambda: not form._submissions.running)
    assert isinstance(form.error, Cancelled)
    assert form.result is None
    with pytest.raises(Cancelled):
        await submission


@pytest.mark.parametrize("stop", ["cancel", "clear"])
async def test_the_late_result_of_a_thread_is_dropped(stop):
    """A `def` action cannot be stopped: the form ends at once and its result is dropped."""
    import threading

    begun, go_on, ended = threading.Event(), threading.Event(), threading.Event()

    def slow(form: FormData):
        begun.set()
        go_on.wait(60)
        ended.set()
        return "late"

    form = ActionForm(slow)
    submission = form.submit()
    await until(begun.is_set)
    getattr(form, stop)()
    assert not form.pending
    error = form.error
    go_on.set()
    await until(ended.is_set)
    await until(lambda: not form._submissions.running)
    assert (form.result, form.error) == (None, error)
    with pytest.raises(Cancelled):
        await submission


async def test_a_thread_leaves_the_loop_free():
    """A `def` action that blocks keeps nobody else from running."""
    import threading

    go_on = threading.Event()

    def slow(form: FormData):
        return go_on.wait(60)

    submission = ActionForm(slow).submit()
    assert await answering("quick").submit() == "quick"
    assert submission.pending
    go_on.set()
    assert await submission is True


@pytest.mark.parametrize("name", [*TRAITS, "url"])
async def test_the_traits_are_read_only(name):
    """Nobody but the form itself sets its state."""
    form = answering(1)
    with pytest.raises(traitlets.TraitError, match="read-only"):
        setattr(form, name, getattr(form, name))


async def test_an_observer_that_raises_does_not_end_the_submission(caplog):
    """An observer's exception is logged; state, result and the other observers are unharmed."""
    caplog.set_level(logging.CRITICAL, "notebook_actions")
    form = answering("joined")
    seen = []

    def broken(change):
        raise RuntimeError("observer")

    form.observe(broken, "pending")
    form.observe(lambda change: seen.append(change.new), "result")
    assert await form.submit() == "joined"
    assert (form.pending, form.result) == (False, "joined")
    assert seen == ["joined"]


async def test_an_observer_that_raises_is_logged(caplog):
    """The author finds an observer's exception in the log."""
    form = answering("joined")
    form.observe(lambda change: 1 / 0, "result")
    await form.submit()
    assert [record.exc_info[0] for record in caplog.records] == [ZeroDivisionError]


async def test_an_observer_may_submit_again():
    """An observer that reacts to an outcome with a new submission leaves a whole state."""
    answers = [1, 2]

    async def count(form: FormData):
        return answers.pop(0)

    form = ActionForm(count)

    def again(change):
        if change.new == 1:
            form.retry()

    form.observe(again, "result")
    await form.submit(subject="Charms")
    await until(lambda: not form.pending)
    assert (form.result, form.error) == (2, None)


async def test_traits_link_and_compose_like_those_of_any_widget():
    """`observe`, `link`, `dlink` and boxes work."""
    form = answering("joined")
    box = ipywidgets.HBox([form, ipywidgets.Label()])
    spinner = ipywidgets.Valid(value=False)
    values = []
    traitlets.dlink((form, "pending"), (spinner, "value"))
    spinner.observe(lambda change: values.append(change.new), "value")
    assert box.children[0] is form
    await form.submit()
    assert values == [True, False]


async def test_the_submissions_trait_holds_the_newest():
    """`submissions` has the newest submission, with its own state and outcome."""
    form = answering("joined")
    submission = form.submit(subject="Charms")
    assert form.submissions == (submission,)
    assert submission.pending
    assert submission.input == FormData({"subject": "Charms"})
    await submission
    assert (submission.pending, submission.result, submission.error) == (False, "joined", None)


async def test_a_definition_that_fails_leaves_nothing_behind():
    """A wrong declaration is one clear error, and no second one when it is thrown away."""
    with pytest.raises(TypeError, match="an action is a function"):
        ActionForm("no function")  # type: ignore[arg-type]
    # A half-made widget is collected by the fixture; an error there is a warning, and so a failure.
