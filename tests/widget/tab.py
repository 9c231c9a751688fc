"""A browser's tab that keeps to no protocol: a front end that sends whatever a test wants."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from typing import Any

from notebook_actions import UploadedFile
from notebook_actions.testing import FrontEnd
from notebook_actions.testing.frontend import announced
from notebook_actions.widget.uploads import CHUNK

_rids = itertools.count(1)


class Tab(FrontEnd):
    """A front end that is told each entry and each chunk."""

    def update(self, **state: Any) -> None:
        """Try to set traits, as a browser's model does."""
        self._send({"method": "update", "state": state, "buffer_paths": []}, [])

    def submit(self, *entries: Any, form: str, rid: str | None = None) -> str:
        """Submit these entries; return the rid."""
        rid = rid or f"tab-{next(_rids)}"
        self.say("submit", rid=rid, form=form, entries=list(entries))
        return rid

    def begin(self, *files: tuple[str, UploadedFile], form: str, upload: str = "u") -> Any:
        """Announce files; return the acknowledgement."""
        return self.say("upload", form=form, upload=upload, files=announced(files))

    def chunk(self, file: int, n: int, content: Any, *, form: str, upload: str = "u") -> Any:
        """Send a chunk; return the acknowledgement."""
        return self.say("chunk", content, form=form, upload=upload, file=file, n=n)


def chunks(content: bytes) -> list[tuple[int, memoryview]]:
    """Return the chunks of a file's content, each with its number."""
    starts = range(0, len(content), CHUNK)
    return [(n, memoryview(content)[start : start + CHUNK]) for n, start in enumerate(starts)]


async def until(condition: Callable[[], object]) -> None:
    """Let the loop go on until something is so."""
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - nobody tells a test that it is so
            await asyncio.sleep(0.001)
