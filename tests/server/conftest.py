"""Pages served for one test, and somebody who visits them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from visitor import Visit, Visitor, serving

from notebook_actions import make_app


@pytest.fixture
async def visit() -> AsyncIterator[Visit]:
    """Serve pages on a real socket: ``await visit(page, ...)`` gives a visitor of them."""
    async with AsyncExitStack() as stack:

        async def start(*pages: Any, **settings: Any) -> Visitor:
            app = make_app(pages, **settings)
            stack.callback(app.settings["site"].store.close)
            return Visitor(await stack.enter_async_context(serving(app)))

        yield start
