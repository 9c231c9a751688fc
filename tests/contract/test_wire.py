"""The wire shapes: what a submission is answered with, written down once.

``tests/wire/NAME.json`` is the answer to a fetch, ``NAME.html`` the page that a browser without
JavaScript is shown for the same outcome, ``page.html`` the page before. The JavaScript tests read
the same files. After a change that is meant: ``python tests/contract/test_wire.py`` in the tests'
environment writes them again, and the difference is what a reviewer reads.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Annotated

import pytest
from pydantic import Field

from notebook_actions import ActionError, FormData, FormError, Request, action, loader
from notebook_actions.documents import run_document
from notebook_actions.listing import Listed
from notebook_actions.loading import load
from notebook_actions.page import ActionForm, Page
from notebook_actions.progress import Step
from notebook_actions.render import Renderer
from notebook_actions.results import Bug, Failure, Outcome, Redirect, Success
from notebook_actions.submission import State

WIRE = Path(__file__).resolve().parent.parent / "wire"

SENT = FormData([("subject", 'A "b" <c> & d'), ("seats", "7")])

OUTCOMES: dict[str, Outcome] = {
    "success": Success([{"Subject": "<Charms>", "Seats": 2}]),
    "nothing": Success(None),
    "redirect": Redirect("/subjects"),
    "failure": Failure(
        FormError("Check the <form>", {"subject": "is full", "seats": "Seats must be 6 or less."})
    ),
    "refusal": Failure(ActionError("Class is full", status=409)),
    "error": Bug(ZeroDivisionError("secret"), id="0a1b2c3d"),
}

#: Outcomes after which the data is fresh.
CHANGED = ("success", "nothing", "redirect")


def tiny_page(data: list[str]) -> Page:
    @loader
    def subjects() -> list[str]:
        return data

    @action
    def enroll(subject: str, seats: Annotated[int, Field(ge=1, le=6)] = 1) -> None: ...

    return Page("/subjects", subjects, ActionForm(enroll), title="Subjects")


async def wire() -> dict[str, str]:
    """Return the files: name → text."""
    files = {"page.html": await document(State(), [])}
    for name, outcome in OUTCOMES.items():
        state = State().submit(SENT).settle(1, outcome)
        data = ["Charms <2>"] if name in CHANGED else []
        page = tiny_page(data)
        fresh = await load(page.loaders.values(), Request())
        loaders = {key: one.html for key, one in fresh.items()} if name in CHANGED else {}
        answer = Renderer(page).answer("enroll", state, loaders)
        files[f"{name}.json"] = json.dumps(answer, indent=2, ensure_ascii=False) + "\n"
        # After a 303 the page is loaded anew: it shows the outcome and has fresh fields.
        after = state
        if isinstance(outcome, Success):
            after = State(outcome=outcome)
        elif isinstance(outcome, Redirect):
            after = State()
        files[f"{name}.html"] = await document(after, data)
    files |= pending()
    return files


def pending() -> dict[str, str]:
    """Return what is told of a submission that takes longer."""
    renderer = Renderer(tiny_page([]))
    listed = Listed("t0ken", State().submit(SENT), Step(3, 10, "of <all>"))
    answer = renderer.pending("enroll", listed, "/_run/t0ken")
    html = run_document(
        "Enroll",
        renderer.described("enroll", SENT),
        listed,
        action="/_run/t0ken",
        back="/subjects",
        static="/static/{}".format,
    )
    text = json.dumps(answer, indent=2, ensure_ascii=False) + "\n"
    return {"pending.json": text, "pending.html": html.decode()}


async def document(state: State, data: list[str]) -> str:
    page = tiny_page(data)
    fresh = await load(page.loaders.values(), Request())
    loaders = {key: one.html for key, one in fresh.items()}
    return Renderer(page).document({"enroll": state}, loaders, static="/static/{}".format).decode()


@pytest.mark.parametrize(
    "name",
    ["page.html", *(f"{one}.{x}" for one in (*OUTCOMES, "pending") for x in ("json", "html"))],
)
async def test_shape(name: str) -> None:
    """What the renderer answers is, byte for byte, what stands in the file."""
    assert (await wire())[name] == (WIRE / name).read_text("utf-8")


async def test_no_other_file() -> None:
    """Every file of the folder is one that the renderer makes."""
    assert {path.name for path in WIRE.iterdir()} == set(await wire())


def test_types_are_the_five_of_the_contract() -> None:
    """An answer is pending, or a success, redirect, failure or error, and each has a file."""
    types = {json.loads(path.read_text("utf-8"))["type"] for path in WIRE.glob("*.json")}
    assert types == {"success", "redirect", "failure", "error", "pending"}


if __name__ == "__main__":
    for name, text in asyncio.run(wire()).items():
        (WIRE / name).write_text(text, "utf-8")
