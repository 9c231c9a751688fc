"""Actions: every way a function can end becomes an outcome, and nobody waits for ever."""

import asyncio
import functools
import logging
import threading
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Annotated, Any

import pytest
from pydantic import AfterValidator

from notebook_actions import ActionError, FormData, FormError, Request, action, redirect
from notebook_actions.action import Action, report_bug
from notebook_actions.errors import ActionFailure, ActionTimeout, Cancelled, DefinitionError
from notebook_actions.results import Bug, Failure, Success
from notebook_actions.tracebacks import error_html

USER = ContextVar("USER", default="nobody")


async def run(function, *pairs, request=None, **options):
    """Submit these pairs to a function."""
    return await Action(function, **options).run(FormData(pairs), request or Request())


def logged(caplog):
    """Return the records that the package logged."""
    return [record for record in caplog.records if record.name == "notebook_actions"]


def save():
    """Do nothing."""


# --- what is called -------------------------------------------------------------------------------


async def test_fields_and_roles_arrive():
    """The function gets its fields converted, the form data and the request."""
    request = Request(url="/here")

    async def enroll(subject: str, seats: int, form, request): ...

    async def enrolled(subject: str, seats: int, form, request):
        return subject, seats, form.pairs(), request

    pairs = (("subject", "Potions"), ("seats", "2"), ("extra", "x"))
    outcome = await run(enrolled, *pairs, request=request)
    assert outcome == Success(("Potions", 2, pairs, request))
    assert await run(enroll, *pairs) == Success(None)


async def test_an_async_function_runs_on_the_loop():
    """An ``async def`` shares the loop, and so its locks and pools, with who runs it."""

    async def where():
        return asyncio.get_running_loop(), threading.get_ident()

    outcome = await run(where)
    assert outcome == Success((asyncio.get_running_loop(), threading.get_ident()))


async def test_a_plain_function_runs_in_a_thread_and_blocks_nobody():
    """While a ``def`` waits the loop goes on."""
    loop, entered, release = asyncio.get_running_loop(), asyncio.Event(), threading.Event()

    def wait():
        loop.call_soon_threadsafe(entered.set)
        return release.wait(20), threading.get_ident()

    running = asyncio.create_task(run(wait))
    await entered.wait()
    release.set()
    outcome = await running
    assert outcome.value[0], "the loop was blocked until the wait gave up"
    assert outcome.value[1] != threading.get_ident()


async def test_threads_that_hang_hold_up_no_other():
    """More actions hang than any pool has threads, and the next one is answered."""
    release, before = threading.Event(), threading.active_count()
    hung = [asyncio.create_task(run(lambda: release.wait(120), name="hang")) for _ in range(50)]
    await asyncio.sleep(0)
    assert await asyncio.wait_for(run(lambda: 1, name="one"), 60) == Success(1)
    assert not any(task.done() for task in hung)
    release.set()
    assert await asyncio.gather(*hung) == [Success(True)] * 50
    async with asyncio.timeout(60):
        while threading.active_count() > before:  # noqa: ASYNC110 - a thread ends after its answer
            await asyncio.sleep(0.001)


async def test_a_thread_sees_the_context():
    """Context variables of the caller are there in a plain function too."""
    USER.set("luna")
    assert await run(lambda: USER.get(), name="user") == Success("luna")


async def test_a_plain_function_that_returns_a_coroutine_is_awaited():
    """A partial, a lambda or a thin wrapper around an ``async def`` gives its value."""

    async def real(seats: int):
        return seats + 1

    @functools.wraps(real)
    def wrapper(*args, **kwargs):
        return real(*args, **kwargs)

    assert await run(wrapper, ("seats", "1")) == Success(2)
    assert await run(lambda: real(1), name="thin") == Success(2)
    assert await run(functools.partial(real, seats=3), name="part", timeout=None) == Success(4)


async def test_an_async_wrapper_of_a_plain_function_is_awaited():
    """functools.wraps over the other kind of function does no harm."""

    def real(seats: int):
        return seats + 1

    @functools.wraps(real)
    async def wrapper(*args, **kwargs):
        return real(*args, **kwargs)

    assert await run(wrapper, ("seats", "1")) == Success(2)


async def test_a_decorator_without_wraps_gets_the_form_data_and_the_request():
    """An action whose signature is hidden is called with both, in this order."""

    def logged_action(function):
        async def wrapper(*args, **kwargs):
            return await function(*args, **kwargs)

        return wrapper

    @logged_action
    async def save(form, request):
        return form["a"], request.url

    assert await run(save, ("a", "1"), request=Request(url="/x")) == Success(("1", "/x"))


async def test_a_callable_object_and_a_method_can_be_actions():
    """Whatever can be called and inspected can handle a submission."""

    class Desk:
        async def __call__(self, seats: int):
            return seats

        async def book(self, seats: int):
            return seats + 1

    assert await run(Desk(), ("seats", "1"), name="desk") == Success(1)
    assert await run(Desk().book, ("seats", "1")) == Success(2)


# --- how it ends ----------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [None, "", 0, False, [], {}, FormError("returned"), ValueError()])
async def test_every_returned_value_is_a_success(value):
    """Also nothing, a falsy value and a returned exception are results."""
    outcome = await run(lambda: value, name="give")
    assert isinstance(outcome, Success)
    assert outcome.value is value


async def test_a_returned_redirect_is_a_redirect():
    """A destination is an outcome of its own and no value."""
    assert await run(lambda: redirect("/thanks"), name="go") == redirect("/thanks")


@pytest.mark.parametrize(
    "error",
    [
        FormError("no", fields={"a": "b"}),
        ActionError("full", 409),
        ActionFailure("other"),
        Cancelled("by the author"),
    ],
    ids=repr,
)
@pytest.mark.parametrize("kind", ["async", "def"])
async def test_a_raised_failure_is_a_failure_and_is_not_logged(error, kind, caplog):
    """Expected problems go to the person, and no traceback fills the log."""

    async def fail():
        raise error

    def fail_in_a_thread():
        raise error

    outcome = await run(fail if kind == "async" else fail_in_a_thread)
    assert outcome == Failure(error)
    assert logged(caplog) == []


async def test_reading_a_field_that_was_not_sent_is_a_failure():
    """``form["x"]`` without an x is told to the person, not a crash."""

    async def read(form):
        return form["subject"]

    outcome = await run(read, ("other", "x"))
    assert isinstance(outcome, Failure)
    assert outcome.error.fields == {"subject": "is missing"}


async def test_invalid_input_never_reaches_the_function():
    """With a wrong field the function is not called."""
    calls = []

    async def enroll(seats: int):
        calls.append(seats)

    outcome = await run(enroll, ("seats", "many"))
    assert outcome.error.fields == {"seats": "Seats must be a whole number."}
    assert calls == []


class OddBase(BaseException):
    """What some libraries raise past ``except Exception``."""


BUGS = [
    ValueError("x"),
    KeyError("x"),
    TimeoutError("the socket's own"),
    SystemExit(1),
    StopIteration("x"),
    StopAsyncIteration(),
    asyncio.CancelledError(),
    OddBase(),
    ExceptionGroup("x", [FormError("inner")]),
]


@pytest.mark.parametrize("error", BUGS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("kind", ["async", "def"])
@pytest.mark.parametrize("limit", [None, 60])
async def test_every_other_exception_is_a_bug_and_is_logged_once(error, kind, limit, caplog):
    """No exception leaves run() or hangs it; the log has the traceback under the bug's id."""

    async def fail():
        raise error

    def fail_in_a_thread():
        raise error

    outcome = await asyncio.wait_for(
        run(fail if kind == "async" else fail_in_a_thread, name="save", timeout=limit), 20
    )
    assert isinstance(outcome, Bug)
    assert error in (outcome.error, outcome.error.__cause__)
    assert "raise error" in caplog.text.split("in fail")[1]
    (record,) = logged(caplog)
    assert record.levelno == logging.ERROR
    assert record.getMessage() == f"action save failed (id {outcome.id})"
    assert record.exc_info[1] is outcome.error


async def test_a_validator_that_crashes_is_a_bug():
    """An exception in the author's own validation is a bug like one in the action."""

    def crash(value):
        raise TimeoutError("database")

    async def enroll(seats: Annotated[int, AfterValidator(crash)]): ...

    outcome = await run(enroll, ("seats", "1"))
    assert isinstance(outcome, Bug)
    assert isinstance(outcome.error, TimeoutError)


async def test_a_bug_that_cannot_be_shown_is_logged_all_the_same(caplog):
    """Whatever its class makes of it: the submission ends, and the id stands in the log."""

    class OddError(Exception):
        def __getattr__(self, name):
            raise RuntimeError(name)

    async def fail():
        raise OddError

    outcome = await run(fail)
    assert isinstance(outcome, Bug)
    assert outcome.id in caplog.text
    assert "a OddError whose traceback cannot be shown" in caplog.text
    assert "cannot be shown" in error_html(outcome.error)


async def test_an_interrupt_is_a_cancellation(caplog):
    """The notebook's interrupt button cancels, and is nobody's bug."""

    async def wait():
        raise KeyboardInterrupt

    outcome = await run(wait)
    assert isinstance(outcome.error, Cancelled)
    assert outcome.error.message == "Interrupted."
    assert logged(caplog) == []


@pytest.mark.parametrize("limit", [None, 60])
async def test_cancelling_the_task_cancels_the_action(limit):
    """cancel() on the task reaches the function, and run() does not swallow it."""
    entered, cleaned = asyncio.Event(), []

    async def wait():
        entered.set()
        try:
            await asyncio.Event().wait()
        finally:
            cleaned.append(True)

    running = asyncio.create_task(run(wait, timeout=limit))
    await entered.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert running.cancelled()
    assert cleaned == [True]


async def test_closing_a_run_is_silent(caplog):
    """When the loop goes away in the middle of a run nothing is logged as a bug."""

    async def wait():
        await asyncio.Future()

    started = run(wait)
    started.send(None)
    started.close()
    assert logged(caplog) == []


@pytest.mark.parametrize("kind", ["async", "def"])
async def test_a_timeout_is_a_failure_of_its_own(kind, caplog):
    """An action that takes too long is stopped, and the person is told after how long."""
    release = threading.Event()

    async def wait():
        await asyncio.Event().wait()

    def wait_in_a_thread():
        release.wait(20)

    outcome = await run(wait if kind == "async" else wait_in_a_thread, timeout=0.01)
    release.set()
    assert isinstance(outcome, Failure)
    assert isinstance(outcome.error, ActionTimeout)
    assert "0.01 seconds" in outcome.error.message
    assert logged(caplog) == []


async def test_an_action_may_have_a_timeout_inside():
    """The action's own asyncio.timeout is a bug when it leaves the action, also under ours."""

    async def wait():
        async with asyncio.timeout(0.01):
            await asyncio.Event().wait()

    outcome = await run(wait, timeout=60)
    assert isinstance(outcome, Bug)
    assert isinstance(outcome.error, TimeoutError)


async def test_runs_do_not_share_anything():
    """One action handles many submissions at the same time."""
    both = asyncio.Barrier(2)

    async def meet(name):
        await both.wait()
        return name

    meeting = Action(meet)
    outcomes = await asyncio.gather(
        *(meeting.run(FormData([("name", name)]), Request()) for name in ("luna", "ron"))
    )
    assert outcomes == [Success("luna"), Success("ron")]


def test_a_bug_from_elsewhere_is_reported_alike(caplog):
    """Whoever finds a bug gets an outcome whose id stands in the log."""
    error = ValueError("x")
    bug = report_bug("save", error)
    (record,) = logged(caplog)
    assert bug.error is error
    assert record.getMessage() == f"action save failed (id {bug.id})"


async def test_an_exception_without_a_text_is_logged_too(caplog):
    """A broken ``__str__`` does not break the report."""

    class Broken(Exception):
        def __str__(self):
            raise RuntimeError

    async def fail():
        raise Broken

    assert isinstance((await run(fail)).error, Broken)
    assert "Broken" in caplog.text


# --- the decorator --------------------------------------------------------------------------------


async def test_calling_an_action_calls_the_function():
    """Helpers and tests use a decorated function like any other."""

    @action
    async def add(a: int, b: int = 2):
        """Add."""
        return a + b

    assert await add(1) == 3
    assert await add(1, b=5) == 6
    assert add.__doc__ == "Add."
    assert add.__wrapped__ is add.function


async def test_a_failure_is_raised_when_an_action_is_called():
    """Only run() turns exceptions into outcomes."""

    @action
    async def fail():
        raise FormError("no")

    with pytest.raises(FormError, match="no"):
        await fail()


def test_options_are_kept():
    """The decorator takes name, invalidate and timeout, each by keyword."""

    @action(name="save-all", invalidate=["a"], timeout=2)
    def save(): ...

    assert (save.name, save.invalidate, save.timeout) == ("save-all", ["a"], 2)
    assert repr(save) == "<Action save-all>"


def test_the_defaults():
    """Bare or with empty parentheses: the function's name, all refreshed, no limit of time."""

    @action
    def bare(): ...

    @action()
    def empty(): ...

    for made, name in ((bare, "bare"), (empty, "empty")):
        assert (made.name, made.invalidate, made.timeout) == (name, None, None)


@pytest.mark.parametrize("name", ["a", "A_b-9", "_x", "__proto__", "enroll-2"])
def test_a_name_of_letters_and_digits_is_allowed(name):
    """A name is what may stand in an address without encoding."""
    assert Action(lambda: None, name=name).name == name


@pytest.mark.parametrize(
    "name", ["", "a b", "1a", "-a", "größe", "a/b", "../x", "a\n", "a.b", "a?b", "<b>", "a%20b"]
)
def test_another_name_is_refused(name):
    """The message shows the name and says what is allowed."""
    with pytest.raises(DefinitionError, match=r"cannot be an action's name.*ASCII letters"):
        Action(lambda: None, name=name)


def test_a_function_without_a_usable_name_needs_one():
    """Two lambdas never share the name that Python gives both."""
    with pytest.raises(DefinitionError, match="'<lambda>' cannot be an action's name"):
        Action(lambda: None)
    with pytest.raises(DefinitionError, match="name="):
        Action(functools.partial(print))


async def _yields_async():
    yield 1


def _yields():
    yield 1


@pytest.mark.parametrize(
    ("thing", "said"),
    [
        ("enroll", "not str; write @action above a def"),
        (None, "not NoneType"),
        (_yields, r"_yields\(\) yields"),
        (_yields_async, r"_yields_async\(\) yields"),
        (Action(lambda: None, name="once"), "'once' is an action already"),
        (lambda items: None, None),
    ],
)
def test_what_cannot_be_an_action_is_refused(thing, said):
    """The message says what was given and what an action is."""
    if said is None:
        assert Action(thing, name="fine").fields[0].name == "items"
        return
    with pytest.raises(DefinitionError, match=said):
        Action(thing)


@pytest.mark.parametrize("timeout", [0, -1, float("nan")])
def test_a_timeout_is_more_than_nothing(timeout):
    """A limit that would stop every run is refused."""
    with pytest.raises(DefinitionError, match=r"timeout=.* of save: use seconds above 0"):
        Action(lambda: None, name="save", timeout=timeout)


def test_options_of_the_authors_own_are_kept():
    """What is no option of ours is there for who looks at the action."""

    @action(title="Enroll", roles=["student"], invalidate=())
    def enroll(): ...

    assert enroll.opts == {"title": "Enroll", "roles": ["student"]}
    assert action(save).opts == {}


@pytest.mark.parametrize("option", ["time_out", "timout", "nmae", "invalidates", "concurency"])
def test_a_misspelled_option_is_an_error(option):
    """What looks like an option of ours is never silently ignored."""
    with pytest.raises(DefinitionError, match=f"save has no option {option}=; did you mean"):
        action(**{option: 3})(save)


def test_a_parameter_called_form_or_request_may_be_a_field():
    """Its type decides: ``request: str`` is a text of the form, ``form: Order`` its model."""

    @dataclass
    class Order:
        seats: int

    @action
    def ask(form: Order, request: str = ""): ...

    @action
    def raw(form: dict, request: Any): ...

    names = [leaf.name for field in ask.fields for leaf in field.leaves()]
    assert names == ["form.seats", "request"]
    assert raw.fields == ()


def test_fields_come_from_the_signature():
    """The action knows its fields without being run."""

    @action
    def enroll(subject, request, seats: int = 1): ...

    assert [field.name for field in enroll.fields] == ["subject", "seats"]


def test_a_wrong_parameter_is_told_at_the_decorator():
    """A declaration that cannot work is an error in its own cell."""
    with pytest.raises(DefinitionError, match=r"parameter 'tags' of enroll\(\)"):

        @action
        def enroll(tags: dict[str, str]): ...
