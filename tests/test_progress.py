"""Progress: an action says how far it has come."""

from __future__ import annotations

import asyncio
import math
import sys
import threading
import time
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from notebook_actions import FormData, Progress, Request, action
from notebook_actions.errors import ActionTimeout, Cancelled
from notebook_actions.progress import STEP_SECONDS, Step
from notebook_actions.results import Failure, Success


async def test_an_action_that_takes_progress_reports_its_steps() -> None:
    """Each call becomes a step, whether the parameter is annotated or only named."""

    @action
    async def named(progress):  # type: ignore[no-untyped-def]
        progress(1, 2, "first")

    @action
    def annotated(tell: Progress) -> int:
        tell(2)
        return 7

    seen: list[Step] = []
    assert await named.run(FormData(), Request(), Progress(seen.append)) == Success(None)
    assert await annotated.run(FormData(), Request(), Progress(seen.append)) == Success(7)
    assert seen == [Step(1, 2, "first"), Step(2)]


async def test_nobody_has_to_listen() -> None:
    """Without a listener a report goes nowhere, and the action goes on."""

    @action
    async def work(progress: Progress) -> str:
        progress(1)
        return "done"

    assert await work.run(FormData(), Request()) == Success("done")


def test_a_field_may_be_called_progress() -> None:
    """A parameter ``progress`` with a type of its own is a field like any other."""

    @action
    async def rate(progress: int) -> int:
        return progress

    assert [field.name for field in rate.fields] == ["progress"]


def test_a_step_reads_as_a_line_of_text() -> None:
    """What is known is said, and nothing else."""
    assert [str(Step(3)), str(Step(3, 10)), str(Step(0.5, 1, "upload"))] == [
        "3",
        "3 of 10",
        "0.5 of 1: upload",
    ]


# --- how often ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "text", "part"),
    [
        ((1_234_567, 5_000_000), "1,234,567 of 5,000,000", (1_234_567, 5_000_000)),
        ((1_234_567.25, 2e15), "1,234,567 of 2e+15", (1_234_567.25, 2e15)),
        ((1234.5, None), "1,234.5", None),
        ((20, 10), "20 of 10", (10, 10)),
        ((-1, 10), "-1 of 10", (0, 10)),
        ((0, 0), "0 of 0", None),
        ((1, -5), "1 of -5", None),
        ((3, math.nan), "3", None),
        ((3, math.inf), "3", None),
        ((math.nan, 3), "0 of 3", (0, 3)),
        ((Decimal("0.5"), Fraction(3, 2)), "0.5 of 1.5", (0.5, 1.5)),
        ((1, 2, None), "1 of 2", (1, 2)),
        ((1, 2, 7), "1 of 2: 7", (1, 2)),
        ((1, 2, "owl\ud800"), "1 of 2: owl\\ud800", (1, 2)),
        ((1, 2, "x" * 9000), f"1 of 2: {'x' * 499}…", (1, 2)),
    ],
)
def test_odd_steps_are_shown_as_well_as_they_can_be(
    told: Any, text: str, part: tuple[float, float] | None
) -> None:
    """A bar never gets what it cannot hold, and a text is as a person reads it, in bounds."""
    seen: list[Step] = []
    Progress(seen.append)(*told)
    assert (str(seen[0]), seen[0].part) == (text, part)


@pytest.mark.parametrize("odd", [("three",), (None, 3), (1, [2]), (10**400,)])
def test_what_is_no_number_is_told_to_the_author(odd: Any) -> None:
    """It is raised where the author wrote it, and not where it would be shown."""
    with pytest.raises(TypeError, match=r"progress: (done|total) is .* no number"):
        Progress()(*odd)


def test_many_steps_are_told_as_few_and_the_last_one_always() -> None:
    """What comes within a tenth of a second is held back, and its newest step told at the end."""
    seen: list[Step] = []
    progress = Progress(seen.append)
    began = time.monotonic()
    for number in range(10_000):
        progress(number, 10_000)
    most = 2 + (time.monotonic() - began) / STEP_SECONDS
    progress.flush()
    assert len(seen) <= most
    assert (seen[0], seen[-1]) == (Step(0, 10_000), Step(9_999, 10_000))


def test_a_step_before_a_long_silence_is_told() -> None:
    """A step that was held back waits neither for the next one nor for the end."""
    seen: list[Step] = []
    second = threading.Event()

    def report(step: Step) -> None:
        seen.append(step)
        if len(seen) == 2:
            second.set()

    progress = Progress(report)
    progress(1)
    progress(2, message="the long part")
    assert second.wait(60)
    assert seen[1] == Step(2, message="the long part")


# --- track ----------------------------------------------------------------------------------------


def test_track_yields_the_items_and_tells_how_many_are_done() -> None:
    """The total is the length where there is one, or what was given."""
    seen: list[Step] = []
    progress = Progress(seen.append)
    assert list(progress.track(["a", "b"], message="owls")) == ["a", "b"]
    progress.flush()
    assert (seen[0], seen[-1]) == (Step(0, 2, "owls"), Step(2, 2, "owls"))

    def letters() -> Iterator[str]:
        yield from "xyz"

    for total in (None, 3):
        assert list(progress.track(letters(), total)) == ["x", "y", "z"]
        progress.flush()
        assert seen[-1] == Step(3, total)


# --- asked to stop --------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["cancelled", "timeout"])
async def test_a_plain_function_is_asked_to_stop(way: str, limit: asyncio.Timeout) -> None:
    """When nobody waits for its thread any more its next step raises, after it could have asked."""
    entered, ended = threading.Event(), threading.Event()
    said: list[object] = []

    @action(timeout=1)
    def sort_letters(progress: Progress) -> None:
        said.append(progress.cancelled)
        entered.set()
        try:
            for _ in progress.track(range(1_000_000_000)):
                time.sleep(0.001)
        except Cancelled as error:
            said.extend((error, progress.cancelled))
        ended.set()

    running = asyncio.create_task(sort_letters.run(FormData(), Request()))
    assert await asyncio.to_thread(entered.wait, 60)
    if way == "cancelled":
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    else:
        limit.reschedule(0)
        outcome = await running
        assert isinstance(outcome, Failure)
        assert isinstance(outcome.error, ActionTimeout)
    assert await asyncio.to_thread(ended.wait, 60)
    assert said[0] is False
    assert isinstance(said[1], Cancelled)
    assert said[2] is True


def test_whoever_carries_the_wish_to_stop_is_told_once() -> None:
    """A listener hears of it when it comes, or at once when it has come already."""
    progress, told = Progress(), []
    progress.on_cancel(lambda: told.append("before"))
    progress.cancel()
    progress.cancel()
    progress.on_cancel(lambda: told.append("after"))
    assert told == ["before", "after"]


def test_the_wish_to_stop_may_come_from_elsewhere() -> None:
    """A progress in another process asks there, and remembers what it was told."""
    answers = iter([False, True])
    progress = Progress(asked=lambda: next(answers))
    progress(1)
    with pytest.raises(Cancelled):
        progress(2)
    assert progress.cancelled


# --- tqdm -----------------------------------------------------------------------------------------


def test_a_bar_of_tqdm_tells_the_progress(capfd: pytest.CaptureFixture[str]) -> None:
    """It is tqdm's own class, shown by the form and not in the terminal."""
    seen: list[Step] = []
    progress = Progress(seen.append)
    assert sum(progress.tqdm([1, 2, 3], desc="owls")) == 6
    with progress.tqdm(total=10) as bar:
        bar.update(4)
    progress.flush()
    assert Step(0, 3, "owls") in seen
    assert seen[-1] == Step(4, 10)
    assert capfd.readouterr() == ("", "")


def test_a_bar_of_tqdm_stops_when_it_is_asked_to() -> None:
    """Iterating and updating raise as a step does."""
    progress = Progress()
    bar = progress.tqdm(total=10)
    progress.cancel()
    with pytest.raises(Cancelled):
        bar.update(1)
    with pytest.raises(Cancelled):
        list(progress.tqdm([1]))


def test_tqdm_is_imported_when_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it all else works, and the error names it."""
    monkeypatch.setitem(sys.modules, "tqdm.std", None)
    with pytest.raises(ImportError, match="tqdm"):
        Progress().tqdm([1])
