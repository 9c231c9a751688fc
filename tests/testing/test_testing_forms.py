"""Forms without a kernel: submitted, watched, and spoken to as a browser does."""

from __future__ import annotations

import asyncio

import pytest

from notebook_actions import ActionForm, FormError, Page, Progress, UploadedFile, action, loader
from notebook_actions.testing import FrontEnd, Snapshot, Transition, submit, transitions


async def book(name: str, seats: int = 1) -> str:
    if seats > 6:
        raise FormError("Too many", {"seats": "6 at most"})
    return f"{name}: {seats}"


def test_a_plain_function_submits_and_gets_how_it_ended() -> None:
    """The result, or the error, which is not raised; again and again, each on a loop of its own."""
    form = ActionForm(book)
    assert submit(form, name="Luna", seats=2).result == "Luna: 2"
    ended = submit(form, {"name": "Luna", "seats": "7"})
    assert isinstance(ended.error, FormError)
    assert ended.error.fields == {"seats": "6 at most"}
    assert (ended.pending, ended.result, dict(ended.input or {})["seats"]) == (False, None, "7")
    form.close()


def test_what_a_submission_invalidates_is_fresh_when_it_has_ended() -> None:
    """The page then shows what the action has changed."""
    guests: list[str] = []

    @loader(key="guests")
    async def listed() -> str:
        return ", ".join(guests)

    async def add(name: str) -> None:
        guests.append(name)

    page = Page("/guests", listed, ActionForm(add))
    submit(page.forms["add"], name="Luna")
    assert "Luna" in FrontEnd(page).text
    page.close()


async def test_transitions_are_recorded_one_for_each_batch() -> None:
    """Each holds all traits as they stood together."""
    form = ActionForm(book)
    with transitions(form) as seen:
        await form.submit(name="Luna")
        with pytest.raises(FormError):
            await form.submit(name="Luna", seats=7)
    assert [one.pending for one in seen] == [True, False, True, False]
    assert [one.result for one in seen] == [None, "Luna: 1", None, None]
    assert [one.error is None for one in seen] == [True, True, True, False]
    assert seen[1] == Transition(
        False, seen[1].input, "Luna: 1", submissions=(Snapshot(False, seen[1].input, "Luna: 1"),)
    )
    form.clear()
    assert len(seen) == 4
    form.close()


async def test_parallel_submissions_stand_in_each_transition() -> None:
    """As they stood then, though the submissions themselves have gone on."""
    doors = {name: asyncio.Event() for name in "ab"}

    @action(concurrency="parallel")
    async def enter(name: str) -> str:
        await doors[name].wait()
        return name

    form = ActionForm(enter)
    with transitions(form) as seen:
        a, b = form.submit(name="a"), form.submit(name="b")
        doors["a"].set()
        await a
        doors["b"].set()
        await b
    assert [[one.pending for one in transition.submissions] for transition in seen] == [
        [True],
        [True, True],
        [False, True],
        [False, False],
    ]
    form.close()


async def test_steps_of_progress_are_transitions() -> None:
    """With the last one gone when it has ended."""
    told = asyncio.Event()

    async def count(progress: Progress) -> None:
        progress(1, 2)
        await told.wait()

    form = ActionForm(count)
    form.observe(lambda change: change.new and told.set(), "progress")
    with transitions(form) as seen:
        await form.submit()
    assert [one.progress and one.progress.done for one in seen] == [None, 1, None]
    form.close()


async def test_equal_submissions_are_two_transitions() -> None:
    """Sending the same again is an event, though nothing of it looks different."""
    form = ActionForm(book)
    with transitions(form) as seen:
        form.submit(name="Luna")
        await form.submit(name="Luna")
    assert [one.pending for one in seen] == [True, True, False]
    form.close()


def test_a_transition_shows_what_there_is() -> None:
    """And leaves out what is not."""
    assert repr(Transition(True, result=0)) == "Transition(pending=True, result=0)"


async def test_a_front_end_fills_in_and_submits_as_a_person_does() -> None:
    """What is not filled in is sent as it is shown; what comes back is read from the slots."""
    form = ActionForm(book)
    front = FrontEnd(form)
    await front.ended(front.submit(name="Luna"))
    assert form.result == "Luna: 1"
    assert "Luna: 1" in front.slots()["result"]
    await front.ended(front.submit(name="Luna", seats=7))
    assert front.slots()["error:seats"] == "6 at most"
    assert [state["forms"]["book"]["pending"] for state in front.states] == [
        True,
        False,
        True,
        False,
    ]
    form.close()


async def test_a_front_end_sends_files_in_chunks() -> None:
    """Whole, whatever their size; one that is too large is refused with the reason."""

    async def keep(photo: UploadedFile) -> int:
        return photo.size

    form = ActionForm(keep)
    front = FrontEnd(form)
    await front.ended(front.submit(photo=("owl.png", b"x" * 1_500_000)))
    assert form.result == 1_500_000
    with pytest.raises(RuntimeError, match=r"refused.*too large"):
        front.submit(photo=("owl.png", b"x" * 25_500_000))
    form.close()


async def test_a_front_end_presses_the_buttons_of_a_row() -> None:
    """Cancel, retry and clear of one submission."""

    @action(concurrency="parallel")
    async def wait(name: str) -> None:
        await asyncio.Event().wait()

    form = ActionForm(wait)
    front = FrontEnd(form)
    key = front.submit(name="a")
    front.cancel(key)
    assert not form.submissions[0].pending
    front.retry(key)
    assert form.submissions[0].pending
    front.clear(key)
    assert form.submissions == ()
    form.close()


async def test_a_page_with_several_forms_is_asked_for_one_of_them() -> None:
    """By its id; without one the error lists them."""

    async def cancel(name: str) -> None: ...

    page = Page("/book", ActionForm(book), ActionForm(cancel))
    front = FrontEnd(page)
    await front.ended(front.submit(name="Luna", form="book"), form="book")
    assert "Luna: 1" in front.slots("book")["result"]
    with pytest.raises(LookupError, match="say which form; the page has book, cancel"):
        front.submit(name="Luna")
    with pytest.raises(LookupError, match="no form 'bok'; the page has book, cancel"):
        front.slots("bok")
    page.close()


async def test_a_wrong_use_says_what_to_do() -> None:
    """A name that no field has, a loop that runs, and what is no form of the notebook."""
    form = ActionForm(book)
    with pytest.raises(RuntimeError, match=r"write `await form.submit\(...\)`"):
        submit(form, name="Luna")
    with pytest.raises(LookupError, match="no field 'nmae'; the form has name, seats"):
        await asyncio.to_thread(submit, form, nmae="Luna")
    with pytest.raises(LookupError, match="no field 'nmae'; the form has name, seats"):
        FrontEnd(form).submit(nmae="Luna")
    with pytest.raises(TypeError, match="this takes an ActionForm of the notebook, not <function"):
        submit(book, name="Luna")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="this takes an ActionForm or Page of the notebook, not 1"):
        FrontEnd(1)
    with pytest.raises(TypeError, match="ActionForm of the notebook"), transitions(None):  # type: ignore[arg-type]
        pass
    form.close()
