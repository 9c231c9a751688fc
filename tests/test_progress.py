"""Progress: an action says how far it has come."""

from __future__ import annotations

from notebook_actions import FormData, Progress, Request, action
from notebook_actions.progress import Step
from notebook_actions.results import Success


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
