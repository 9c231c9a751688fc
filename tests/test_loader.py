"""Loaders: what they are called with, and which of them an action refreshes."""

import asyncio
import functools
import threading

import pytest

from notebook_actions import Request, loader
from notebook_actions.errors import DefinitionError
from notebook_actions.loader import Loader, invalidated

HOUSE_G, HOUSE_H = {"house": "g"}, {"house": "h"}


def make(key):
    """Return a loader with this key."""
    return loader(key=key)(lambda: key)


def refreshed(invalidate, *keys, result=None):
    """Return the keys, among these, that an action with this ``invalidate=`` refreshes."""
    return [one.key for one in invalidated([make(key) for key in keys], invalidate, result)]


# --- keys -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("invalidate", "wanted"),
    [
        (None, ["a", "b", ["a", HOUSE_G], ["a", HOUSE_H, "x"]]),
        ((), []),
        ([], []),
        ("b", ["b"]),
        ("nobody", []),
        ("", []),
        (["a", "b"], ["a", "b", ["a", HOUSE_G], ["a", HOUSE_H, "x"]]),
        (["b"], ["b"]),
        (("b",), ["b"]),
        ({"b"}, ["b"]),
        (["a"], ["a", ["a", HOUSE_G], ["a", HOUSE_H, "x"]]),
        ([["a"]], ["a", ["a", HOUSE_G], ["a", HOUSE_H, "x"]]),
        ([["a", HOUSE_G]], [["a", HOUSE_G]]),
        ([["a", HOUSE_H]], [["a", HOUSE_H, "x"]]),
        ([["a", HOUSE_H, "x", "y"]], []),
        ([["a", HOUSE_G], "b"], ["b", ["a", HOUSE_G]]),
        (lambda result: None, ["a", "b", ["a", HOUSE_G], ["a", HOUSE_H, "x"]]),
        (lambda result: (), []),
        (lambda result: "b", ["b"]),
    ],
)
def test_which_loaders_are_refreshed(invalidate, wanted):
    """Nothing given means all, ``()`` none, a key its loader, and a list is matched by prefix."""
    assert refreshed(invalidate, "a", "b", ["a", HOUSE_G], ["a", HOUSE_H, "x"]) == wanted


def test_a_key_matches_whole_words_only():
    """``"enroll"`` does not refresh ``"enrollments"``."""
    assert refreshed("enroll", "enrollments", "enroll") == ["enroll"]


def test_a_callable_decides_by_the_result():
    """A callable is given what the action returned."""
    assert refreshed(lambda result: [result["key"]], "a", "b", result={"key": "b"}) == ["b"]


def test_a_loader_is_refreshed_once():
    """Two keys that match the same loader refresh it once, in the order of the page."""
    assert refreshed(["b", "a", "b", ["a"]], "a", "b") == ["a", "b"]


# --- the decorator --------------------------------------------------------------------------------


def test_the_key_is_the_functions_name_by_default():
    """Bare, with empty parentheses or with a key."""

    @loader
    def students():
        """All of them."""

    @loader()
    def houses(): ...

    @loader(key=["students", HOUSE_G], template="{{ data }}")
    def some(): ...

    assert (students.key, students.name, students.template) == ("students", "students", None)
    assert students.__doc__ == "All of them."
    assert houses.name == "houses"
    assert some.name == '["students", {"house": "g"}]'
    assert some.template == "{{ data }}"
    assert repr(some) == '<Loader ["students", {"house": "g"}]>'


def test_a_name_outside_ascii_stays_readable():
    """The name is text for people too."""
    assert make(["größe"]).name == '["größe"]'


def test_calling_a_loader_calls_the_function():
    """Helpers and tests use a decorated function like any other."""

    @loader(key="sum")
    def add(a, b=2):
        return a + b

    assert add(1) == 3
    assert add(1, b=5) == 6
    assert add.__wrapped__ is add.function


def _yields():
    yield 1


async def _yields_async():
    yield 1


@pytest.mark.parametrize(
    ("function", "options", "said"),
    [
        ("students", {}, "a loader is a function, not str"),
        (functools.partial(print), {}, "no name; give it one with key="),
        (lambda: 1, {"key": ""}, "no name; give it one with key="),
        (lambda: 1, {"key": []}, "no name; give it one with key="),
        (lambda a, b: 1, {"key": "k"}, "'k' takes 2 parameters; it can have only `request`"),
        (lambda a, *, b: 1, {"key": "k"}, "'k' takes 2 parameters"),
        (dict, {"key": "k"}, "'k' cannot be a loader"),
        (_yields, {}, r"_yields\(\) yields; a loader returns its data"),
        (_yields_async, {}, r"_yields_async\(\) yields"),
    ],
)
def test_what_cannot_be_a_loader_is_refused(function, options, said):
    """The message says what is wrong at the place where it is written."""
    with pytest.raises(DefinitionError, match=said):
        Loader(function, **options)


# --- loading --------------------------------------------------------------------------------------


async def _async_request(request):
    return request


async def _later(limit=5, request=None):
    return request


@pytest.mark.parametrize(
    "function",
    [
        lambda request: request,
        lambda anything: anything,
        lambda request=None: request,
        lambda limit=5, request=None: request,
        lambda limit=5, *, request: request,
        lambda asked, /: asked,
        lambda *args, request, **kwargs: request,
        _async_request,
        _later,
    ],
)
async def test_the_request_goes_where_it_is_taken(function):
    """The one parameter without a default, or the one called request, gets it."""
    request = Request()
    assert await Loader(function, key="k").load(request) is request


async def test_an_annotation_says_it_too():
    """A parameter annotated Request gets it, also where annotations are text."""

    def plain(asked: Request = None):
        return asked

    def as_text(asked: "Request" = None):
        return asked

    request = Request()
    assert await Loader(plain).load(request) is request
    assert await Loader(as_text).load(request) is request


@pytest.mark.parametrize(
    "function", [lambda: "none", lambda limit=5: limit, lambda *args: args, lambda **kw: kw]
)
async def test_a_loader_that_takes_no_request_gets_none(function):
    """Defaults stay, and ``*args`` is not filled."""
    assert await Loader(function, key="k").load(Request()) == function()


async def test_an_async_loader_runs_on_the_loop():
    """An ``async def`` shares the loop of its page."""

    @loader
    async def where():
        return asyncio.get_running_loop(), threading.get_ident()

    assert await where.load(Request()) == (asyncio.get_running_loop(), threading.get_ident())


async def test_a_plain_loader_runs_in_a_thread_and_blocks_nobody():
    """While a ``def`` waits the loop goes on."""
    loop, entered, release = asyncio.get_running_loop(), asyncio.Event(), threading.Event()

    @loader
    def wait():
        loop.call_soon_threadsafe(entered.set)
        return release.wait(20), threading.get_ident()

    loading = asyncio.create_task(wait.load(Request()))
    await entered.wait()
    release.set()
    in_time, thread = await loading
    assert in_time, "the loop was blocked until the wait gave up"
    assert thread != threading.get_ident()


async def test_an_exception_arrives_as_it_was_raised():
    """Loading raises what the function raised, with its traceback, and never hangs."""

    def crash():
        raise TimeoutError("the database's own")

    def stop():
        return next(iter([]))

    with pytest.raises(TimeoutError, match="own") as caught:
        await Loader(crash).load(Request())
    assert caught.traceback[-1].name == "crash"
    with pytest.raises(RuntimeError, match="StopIteration"):
        await asyncio.wait_for(Loader(stop).load(Request()), 60)
