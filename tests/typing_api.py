"""How the public API is typed: checked by mypy, never executed."""

from __future__ import annotations

from pathlib import Path
from typing import Any, BinaryIO, assert_type

from notebook_actions import (
    ActionError,
    ActionForm,
    Download,
    ExportError,
    FormData,
    FormError,
    Page,
    Request,
    UploadedFile,
    action,
    loader,
    redirect,
)
from notebook_actions.errors import ActionFailure, MissingField
from notebook_actions.formdata import Value
from notebook_actions.loader import Loader, invalidated
from notebook_actions.results import Bug, Failure, Outcome, Redirect, Success
from notebook_actions.submission import State


@action
async def enroll(subject: str, seats: int = 1) -> Redirect:
    """An action keeps the parameters and the result of its function."""
    return redirect("/thanks", external=False)


@action(name="drop-out", invalidate=["enrollments", ["students", {"house": "g"}]], timeout=2.5)
def drop_out(form: FormData, request: Request) -> int:
    """With options too."""
    return len(form) + len(request.cookies)


@action(invalidate=lambda result: ["enrollments"] if result else ())
def ping() -> None:
    """A callable decides what is refreshed."""


@loader
async def everybody() -> list[str]:
    """A loader, bare."""
    return []


@loader(key=["students", {"house": "g"}], template="{{ data }}")
def students(request: Request) -> list[str]:
    """A loader with options."""
    return [request.session["user"]]


async def actions() -> None:
    """Calling an action calls its function; running it gives an outcome."""
    assert_type(await enroll("Potions", seats=2), Redirect)
    assert_type(drop_out(FormData(), Request()), int)
    enroll(7)  # type: ignore[arg-type, unused-coroutine]
    drop_out()  # type: ignore[call-arg]
    action(name=3)  # type: ignore[call-overload]

    outcome = await enroll.run(FormData({"subject": "Potions"}), Request())
    assert_type(outcome, Success | Redirect | Failure | Bug)
    match outcome:
        case Success(value):
            assert_type(value, Any)
        case Redirect(location):
            assert_type(location, str)
        case Failure(error):
            assert_type(error, ActionFailure)
        case Bug(crash, incident):
            assert_type(crash, BaseException)
            assert_type(incident, str)


def form_data(form: FormData) -> None:
    """A value is a text or a file."""
    assert_type(form["a"], str | UploadedFile)
    assert_type(form.get("a"), str | UploadedFile | None)
    assert_type(form.get("a", ""), str | UploadedFile)
    assert_type(form.get("a", 7), str | UploadedFile | int)
    assert_type(form.getall("a"), list[Value])
    assert_type(form.pairs(), tuple[tuple[str, Value], ...])
    assert_type(list(form), list[str])
    FormData([("a", "b"), ("f", UploadedFile("x.png", "image/png", b""))])
    FormData({"a": 1, "b": ["x", None], "c": True})
    FormData([("a", 1)])  # type: ignore[list-item]


def requests(request: Request) -> None:
    """Headers and cookies are mappings of text."""
    assert_type(request.headers["accept"], str)
    assert_type(request.cookies.get("user"), str | None)
    request.cookies["user"] = "luna"
    request.cookies.set("user", "luna", max_age=3600, samesite="Strict", secure=True)
    request.cookies["user"] = 7  # type: ignore[assignment]
    request.headers["accept"] = "x"  # type: ignore[index]
    Request(cookies={"user": "luna"}, session={"user": object()})


def failures() -> None:
    """Failures say what they carry."""
    assert_type(FormError("no", fields={"a": "b"}).fields, dict[str, str])
    assert_type(ActionError("full", status=409).status, int)
    assert_type(MissingField("a", ["b"]).message, str)
    assert_type(ExportError(["x"]).problems, tuple[object, ...])
    FormError(status=409)  # type: ignore[call-arg]


async def loaders() -> None:
    """A loader supplies whatever its function returns."""
    assert_type(students, Loader)
    assert_type(await students.load(Request()), Any)
    assert_type(invalidated([students, everybody], "students", None), list[Loader])


def states(state: State, outcome: Outcome) -> None:
    """An event makes a new state."""
    assert_type(state.submit(FormData()).settle(1, outcome).cancel().clear().retry(), State)
    assert_type(state.input, FormData | None)
    assert_type(state.error, BaseException | None)
    state.pending = True  # type: ignore[misc]


def pages() -> None:
    """A page holds forms, loaders and HTML."""
    form = ActionForm(enroll, html="<button>Go</button>", title="Enroll", request=Request())
    Page("/", "<p>Hello</p>", students, form, ActionForm(drop_out.function), title="T")
    Page("/", 7)  # type: ignore[arg-type]
    ActionForm(enroll, titel="x")  # type: ignore[call-arg]


def reports(path: Path, file: BinaryIO) -> list[Download]:
    """A download takes what holds bytes or text."""
    download = Download(b"a", "a.txt", "text/plain")
    assert_type(download.read(0, 10), bytes)
    assert_type(download.size, int)
    return [download, Download("a", "a.txt"), Download(path), Download(file, "a.bin")]
