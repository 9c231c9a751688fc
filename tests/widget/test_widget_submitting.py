"""`form.submit(...)` from Python: what it takes, what awaiting it gives, where it can be called."""

from __future__ import annotations

import asyncio
import logging
import threading

import pytest
from tab import until

from notebook_actions import ActionForm, FormData, FormError, Request, UploadedFile


def echo() -> ActionForm:
    async def enroll(form: FormData):
        return form

    return ActionForm(enroll)


async def test_values_by_keyword():
    """`submit(subject="x")` sends the text that a browser would send."""
    got = await echo().submit(subject="Charms", seats=2, vegetarian=True, nothing=None)
    assert got == FormData([("subject", "Charms"), ("seats", "2"), ("vegetarian", "on")])


@pytest.mark.parametrize(
    "given",
    [{"subject": "Charms"}, FormData([("subject", "Charms")]), FormData({"subject": "Charms"})],
)
async def test_form_data_as_one_mapping(given):
    """A mapping or FormData is submitted as it is."""
    assert await echo().submit(given) == FormData([("subject", "Charms")])


@pytest.mark.parametrize("name", ["self", "form_data", "values", "loop"])
async def test_a_field_may_have_any_name(name):
    """No parameter of `submit` is in the way of a field's name."""
    assert (await echo().submit(**{name: "x"}))[name] == "x"


async def test_nothing_at_all():
    """A form without fields is submitted with nothing."""
    assert len(await echo().submit()) == 0


async def test_both_ways_at_once_is_an_error():
    """A mapping and keywords together leave it open which counts."""
    form = echo()
    with pytest.raises(TypeError, match="not both"):
        form.submit({"a": "1"}, b="2")
    with pytest.raises(TypeError, match="not both"):
        form.submit({}, b="2")
    assert form.submissions == ()


async def test_what_no_form_can_send_is_an_error_at_once():
    """Bytes are no field's value; nothing is submitted."""
    form = echo()
    with pytest.raises(TypeError, match="UploadedFile"):
        form.submit(paper=b"x")
    assert not form.pending


async def test_a_file_is_submitted():
    """An UploadedFile arrives as itself."""
    paper = UploadedFile("a.txt", data=b"x")
    assert (await echo().submit(paper=paper))["paper"] is paper


async def test_several_at_once_are_each_awaited():
    """Every submission has its own result, also those that were overtaken."""
    form = echo()
    got = await asyncio.gather(*(form.submit(n=n) for n in range(5)))
    assert [one["n"] for one in got] == ["0", "1", "2", "3", "4"]
    assert form.result["n"] == "4"


async def test_a_submission_can_be_awaited_again():
    """Awaiting twice gives the same result, and the same error."""
    submission = echo().submit(n=1)
    assert await submission is await submission

    async def fail(form: FormData):
        raise FormError("full")

    failed = ActionForm(fail).submit()
    for _ in range(2):
        with pytest.raises(FormError, match="full"):
            await failed


async def test_who_waits_can_give_up_without_ending_the_submission():
    """A timeout around the await cancels the waiting, not the action."""
    go_on = asyncio.Event()

    async def wait(form: FormData):
        await go_on.wait()
        return "done"

    submission = ActionForm(wait).submit()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(submission, 0.001)
    assert submission.pending
    go_on.set()
    assert await submission == "done"


async def test_an_error_that_nobody_awaits_is_kept_and_logged(caplog):
    """A bug stands in `error` and once in the log with its traceback, and nowhere else."""

    async def fail(form: FormData):
        raise LookupError("no such subject")

    form = ActionForm(fail)
    form.submit()
    await until(lambda: not form.pending)
    assert isinstance(form.error, LookupError)
    (record,) = caplog.records
    assert record.exc_info[1] is form.error
    # The fixture of this folder fails the test when the loop finds an exception left to it.


@pytest.mark.parametrize("error", [SystemExit(3), KeyboardInterrupt(), asyncio.CancelledError()])
async def test_an_exception_that_would_end_a_program_ends_the_submission_only(error, caplog):
    """`exit()` in an action, or a cancelled thing that it waits for, leaves the loop running."""
    caplog.set_level(logging.CRITICAL, "notebook_actions")

    async def fail(form: FormData):
        raise error

    form = ActionForm(fail)
    form.submit()
    await until(lambda: not form.pending)
    assert form.error is not None
    assert form.result is None


def test_outside_a_loop_it_says_what_to_do():
    """Plain synchronous code gets a clear error, and the form stays as it was."""
    form = echo()
    with pytest.raises(RuntimeError, match="enroll needs a running event loop"):
        form.submit(n=1)
    assert not form.pending


async def test_another_thread_without_a_loop_gets_the_same_error():
    """Outside a kernel no thread can guess which loop is meant."""
    with pytest.raises(RuntimeError, match="running event loop"):
        await asyncio.to_thread(echo().submit)


async def test_from_another_thread_of_a_kernel_it_runs_on_the_loop_of_the_cells(monkeypatch):
    """Where the cells' loop is known, any thread can submit, and the action runs on that loop."""
    where = []

    async def enroll(form: FormData):
        where.append(threading.current_thread())
        return "enrolled"

    form = ActionForm(enroll)
    loop = asyncio.get_running_loop()
    for module in ("loop", "form"):
        monkeypatch.setattr(f"notebook_actions.widget.{module}.owner_loop", lambda: loop)
    assert await (await asyncio.to_thread(form.submit)) == "enrolled"
    assert where == [threading.current_thread()]


async def test_the_request_is_the_forms_own_stand_in():
    """An action that takes a request gets the one that the author gave."""

    async def who(form: FormData, request: Request):
        return request

    request = Request(cookies={"user": "luna"})
    assert await ActionForm(who, request=request).submit() is request
    assert (await ActionForm(who).submit()).url == "/who"
