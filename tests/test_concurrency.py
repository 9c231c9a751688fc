"""What becomes of a submission while others of its form run."""

import asyncio
from typing import get_args

import pytest

from notebook_actions.concurrency import Concurrency, Lane
from notebook_actions.errors import Dropped


async def together(lane, count):
    """Send several through a lane, and return the order of what happened and the most at once."""
    seen, inside, most = [], 0, 0

    async def one(number, turn):
        nonlocal inside, most
        async with turn:
            inside += 1
            most = max(most, inside)
            seen.append(f"in {number}")
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            seen.append(f"out {number}")
            inside -= 1

    turns = [lane.enter() for _ in range(count)]
    await asyncio.gather(*(one(number, turn) for number, turn in enumerate(turns)))
    return seen, most


@pytest.mark.parametrize("policy", ["latest", "parallel"])
async def test_submissions_run_side_by_side(policy):
    """Under "latest" and "parallel" nobody waits for anybody."""
    _, most = await together(Lane(policy), 5)

    assert most == 5


async def test_a_queue_runs_one_after_another_in_order():
    """Under "queue" each begins when the one before it has ended, in the order of arrival."""
    seen, most = await together(Lane("queue"), 3)

    assert most == 1
    assert seen == ["in 0", "out 0", "in 1", "out 1", "in 2", "out 2"]


async def test_who_waits_can_give_up():
    """A submission that is cancelled while it waits holds up nobody behind it."""
    lane = Lane("queue")
    first, second, third = (lane.enter() for _ in range(3))
    second.leave()
    assert third.waits
    first.leave()

    async with asyncio.timeout(60), third:
        assert not third.waits
    assert not lane.busy


async def test_a_drop_lane_takes_one_at_a_time():
    """Under "drop" a second submission is refused while the first runs, and taken afterwards."""
    lane = Lane("drop")
    async with lane.enter():
        with pytest.raises(Dropped, match="still running"):
            lane.enter()

    lane.enter().leave()


@pytest.mark.parametrize("policy", get_args(Concurrency))
async def test_who_has_left_is_gone(policy):
    """Leaving twice does no harm, and an exception leaves too."""
    lane = Lane(policy)
    turn = lane.enter()
    with pytest.raises(ZeroDivisionError):
        async with turn:
            raise ZeroDivisionError
    turn.leave()

    assert not lane.busy
