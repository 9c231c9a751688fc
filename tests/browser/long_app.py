"""An app whose actions take long, in a process of its own: ``python long_app.py FOLDER PORT``.

Files in the folder steer it: while ``hold`` is there, actions wait.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from notebook_actions import FormError, Progress, action, loader, make_app
from notebook_actions.page import ActionForm, Page
from notebook_actions.server.run import run
from notebook_actions.server.store import SQLiteStore

here, port = Path(sys.argv[1]), int(sys.argv[2])


def rows() -> list[str]:
    file = here / "rows"
    return file.read_text().splitlines() if file.exists() else []


def add(row: str) -> None:
    with (here / "rows").open("a") as file:
        file.write(f"{row}\n")


@loader(key="sorted")
def done() -> list[str]:
    return rows()


async def work(what: str, progress: Progress) -> str:
    if what == "Howlers":
        raise FormError("Not these.", {"what": "Howlers explode"})
    try:
        progress(3, 10, "letters")
        while (here / "hold").exists():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    except asyncio.CancelledError:
        add(f"cancelled {what}")
        raise
    add(what)
    return f"{what} are sorted."


@action
async def sort(what: str, progress: Progress) -> str:
    return await work(what, progress)


@action(concurrency="parallel")
async def collect(what: str, progress: Progress) -> str:
    return await work(what, progress)


pages = [
    Page("/post", done, ActionForm(sort, title="Sort the post", submit="Sort"), title="Owlery"),
    Page("/collect", ActionForm(collect, submit="Collect"), done, title="Collection"),
]
store = SQLiteStore(here / "store.sqlite3")
run(make_app(pages, store=store, patience=0.1), port=port, host="127.0.0.1")
