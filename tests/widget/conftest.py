from __future__ import annotations

import asyncio
import gc
from typing import Any

import pytest


@pytest.fixture(scope="module", autouse=True)
def frozen():
    """Let no collection look through what is older than the tests; it would take most of a test."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture(autouse=True)
async def nothing_is_lost():
    """Fail when an exception was left to the event loop, where a notebook's user never sees it."""
    lost: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: lost.append(context))
    yield
    gc.collect()
    await asyncio.sleep(0)
    assert lost == []
