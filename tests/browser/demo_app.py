"""An app for the browser tests, run in a process of its own: ``python demo_app.py FOLDER PORT``.

Files in the folder steer it: while ``hold`` is there, actions wait.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Annotated, Any, Literal

import everything
from pydantic import Field

from notebook_actions import FormData, FormError, action, loader, make_app, redirect
from notebook_actions.page import ActionForm, Page
from notebook_actions.server.run import run
from notebook_actions.server.store import SQLiteStore

here, port = Path(sys.argv[1]), int(sys.argv[2])


async def held() -> None:
    while (here / "hold").exists():  # noqa: ASYNC110
        await asyncio.sleep(0.01)


def rows() -> list[str]:
    file = here / "rows"
    return file.read_text().splitlines() if file.exists() else []


def add(row: str) -> None:
    with (here / "rows").open("a") as file:
        file.write(f"{row}\n")


@loader(key="enrollments")
def enrollments() -> list[dict[str, Any]]:
    return [{"Subject": row, "Place": number} for number, row in enumerate(rows(), 1)]


@loader(key="visits")
def visits() -> str:
    add_visit = here / "visits"
    with add_visit.open("a") as file:
        file.write("x")
    return f"Load {len(add_visit.read_text())}"


@action(invalidate=["enrollments"])
async def enroll(form: FormData) -> Any:
    add(str(form["subject"]))
    await held()
    return redirect("/enrollment")


@action(invalidate=())
async def join_waitlist(
    subject: Annotated[str, Field(description="As it is called in the timetable.")],
    seats: Annotated[int, Field(ge=1, le=6)] = 1,
    house: Literal["gryffindor", "ravenclaw"] = "ravenclaw",
    quiet: bool = False,
) -> str:
    await held()
    if subject.strip().lower() == "potions":
        raise FormError("We could not add you.", {"subject": "Potions is full this year"})
    if subject == "crash":
        raise ZeroDivisionError("swordfish")
    add(f"waiting for {subject}")
    return f"You are on the list for {subject}, with {seats} seats."


@action(invalidate=())
async def keep(form: FormData) -> list[str]:
    """Say what arrived, byte by byte."""
    shown = []
    for name, value in form.pairs():
        if not isinstance(value, str):
            value = f"{value.filename}|{value.content_type}|{value.read()!r}"
        shown.append(f"{name}={value!r}")
    return shown


@action
async def leave(where: str) -> Any:
    return redirect(where, external=where.startswith("http"))


page = Page(
    "/enrollment",
    "<p>What you take this year, and where you wait for a place.</p>",
    enrollments,
    visits,
    ActionForm(
        enroll,
        html='<input type="hidden" name="subject" value="Defense against the Dark Arts">'
        "<p>Defense against the Dark Arts has places left.</p>"
        '<button type="submit" data-pending="Enrolling…">Enroll</button>',
    ),
    ActionForm(join_waitlist, title="Waiting list", submit="Join the list"),
    title="Your subjects",
)
forms = Page(
    "/forms",
    ActionForm(
        keep,
        html='<input name="action" value="x"><textarea name="größe"></textarea>'
        '<input name="größe" value="2"><input type="file" name="photo" multiple>'
        '<input type="file" name="none"><button name="how" value="now &quot;x&quot;">Keep</button>',
    ),
    ActionForm(leave),
    ActionForm(leave),
    "<p id='list'>The list</p>",
)
pages = [page, forms, everything.page]
run(make_app(pages, store=SQLiteStore(here / "store.sqlite3")), port=port, host="127.0.0.1")
