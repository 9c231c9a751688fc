"""The page that the contract is about, and the guarantees themselves."""

from __future__ import annotations

import copy
import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field

from notebook_actions import (
    ActionError,
    FormData,
    FormError,
    UploadedFile,
    action,
    loader,
    redirect,
)

PATH = "/class"
SECRET = "swordfish-7f3a"  # what a bug's message says, which no HTTP client may read


class Unshowable:
    """Fails to show itself in every way there is."""

    def __repr__(self) -> str:
        raise RuntimeError(SECRET)

    def _repr_html_(self) -> str:
        raise RuntimeError(SECRET)


#: What `give` returns for each case, and what a person then reads.
VALUES: dict[str, tuple[Any, str]] = {
    "text": ("Enrolled in Charms", "Enrolled in Charms"),
    "markup": ("<b>bold</b> & <script>", "<b>bold</b> & <script>"),
    "number": (42, "42"),
    "zero": (0, "0"),
    "false": (False, "False"),
    "none": (None, ""),
    "empty text": ("", "Empty text."),
    "empty list": ([], "Nothing here yet."),
    "empty dict": ({}, "Nothing here yet."),
    "decimal": (Decimal("0.10"), "0.10"),
    "list": ([1, "two"], "1 two"),
    "table": ([{"Name": "Luna", "House": "Ravenclaw"}], "Name House Luna Ravenclaw"),
    "exception": (ValueError("returned, not raised"), "returned, not raised"),
    "unshowable": (Unshowable(), "This Unshowable could not be shown."),
}


@dataclass
class Classroom:
    """Actions and loaders, and what they saw."""

    received: list[FormData] = field(default_factory=list)
    enrolled: list[str] = field(default_factory=list)
    loads: dict[str, int] = field(default_factory=lambda: {"list": 0, "clock": 0})

    def parts(self, form: type) -> list[Any]:
        """Return the children of the page, with forms of this class."""

        @loader(key="list")
        def listed() -> list[str]:
            self.loads["list"] += 1
            return list(self.enrolled)

        @loader(key="clock")
        def clock() -> int:
            self.loads["clock"] += 1
            return self.loads["clock"]

        @action(invalidate=())
        async def give(form: FormData) -> Any:
            self.received.append(copy.deepcopy(form))
            return VALUES[str(form.get("case", "none"))][0]

        @action(invalidate=["list"])
        async def enroll(
            subject: str,
            seats: Annotated[int, Field(ge=1, le=6)] = 1,
            house: Literal["g", "r"] = "g",
            nurse: bool = False,
        ) -> str:
            if subject == "Potions":
                raise FormError("We could not add you.", {"subject": "Potions is full"})
            self.enrolled.append(subject)
            return f"{seats} × {subject}"

        @action
        def plain(subject: str) -> str:
            return f"a thread took {subject}"

        @action
        async def leave(form: FormData) -> Any:
            self.received.append(copy.deepcopy(form))
            return redirect("/elsewhere?from=class")

        @action(invalidate=["list"])
        async def stay(subject: str) -> Any:
            self.enrolled.append(subject)
            return redirect(PATH)

        @action
        async def full(subject: str) -> Any:
            raise ActionError("The class is full", status=409)

        @action
        async def broken(subject: str) -> Any:
            raise ZeroDivisionError(f"{SECRET} {subject}")

        @action
        async def lacking(form: FormData) -> Any:
            return form["grade"]

        subject = '<input name="subject" value=""><button>Go</button>'
        return [
            listed,
            clock,
            form(enroll),
            form(plain),
            *(form(one, html=subject) for one in (give, leave, stay, full, broken, lacking)),
        ]


@dataclass(frozen=True)
class Seen:
    """What the person sees after a submission.

    Attributes
    ----------
    kind : str
        "success", "redirect", "failure" or "error".
    result, errors : str
        Text of the two slots.
    fields : dict of str to str
        Name of a field → the message beside it.
    invalid : set of str
        Names of the fields that are marked.
    kept : dict of str to str
        What stands in the fields now.
    loaders : dict of str to str
        Text of the loaders.
    location : str
        Where a redirect leads.
    status : int
        HTTP status; 0 in the notebook, which has none.
    source : str
        All that was sent to the browser.
    """

    kind: str
    result: str = ""
    errors: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    invalid: set[str] = field(default_factory=set)
    kept: dict[str, str] = field(default_factory=dict)
    loaders: dict[str, str] = field(default_factory=dict)
    location: str = ""
    status: int = 0
    source: str = field(default="", repr=False)


class Contract:
    """What a submission guarantees, whichever way it travels.

    A subclass says how a form is submitted, and nothing else.
    """

    #: Whether the author reads the answer, who is shown what a bug was.
    author = False
    #: Whether the whole page is loaded after a success.
    reloads = False

    @pytest.fixture
    def room(self) -> Classroom:
        return Classroom()

    async def submit(
        self, action: str, pairs: Iterable[tuple[str, str | UploadedFile]] = ()
    ) -> Seen:
        raise NotImplementedError

    @pytest.mark.parametrize("case", VALUES)
    async def test_value_is_shown(self, case: str) -> None:
        """Whatever an action returns is a result and is shown, empty and false values too."""
        seen = await self.submit("give", [("case", case)])
        assert (seen.kind, seen.result, seen.errors) == ("success", VALUES[case][1], "")
        assert SECRET not in seen.source

    async def test_arguments_are_typed(self, room: Classroom) -> None:
        """Fields reach the parameters of their names as values of the declared types."""
        seen = await self.submit("enroll", [("subject", "Charms"), ("seats", "2"), ("house", "r")])
        assert (seen.kind, seen.result) == ("success", "2 × Charms")

    async def test_plain_function(self) -> None:
        """A plain `def` is an action like any other."""
        seen = await self.submit("plain", [("subject", "Charms")])
        assert (seen.kind, seen.result) == ("success", "a thread took Charms")

    async def test_redirect_leads_on(self) -> None:
        """A redirect says where to go, and is neither a result nor an error."""
        seen = await self.submit("leave", [])
        assert (seen.kind, seen.errors) == ("redirect", "")
        assert seen.location == "/elsewhere?from=class"

    async def test_redirect_to_the_page_itself(self, room: Classroom) -> None:
        """After a redirect to the same page its fresh data is shown."""
        seen = await self.submit("stay", [("subject", "Charms")])
        assert (seen.kind, seen.location) == ("redirect", PATH)
        assert seen.loaders["list"] == "Charms"

    async def test_form_error(self, room: Classroom) -> None:
        """A FormError shows its message, and each field's own beside that field."""
        seen = await self.submit("enroll", [("subject", "Potions"), ("seats", "2")])
        assert (seen.kind, seen.result) == ("failure", "")
        assert seen.errors == "We could not add you. Subject: Potions is full"
        assert seen.fields == {"subject": "Potions is full"}
        assert seen.invalid == {"subject"}
        assert seen.status in (0, 422)
        assert room.enrolled == []

    async def test_action_error(self) -> None:
        """An ActionError shows its message, and over HTTP has the status that it asks for."""
        seen = await self.submit("full", [("subject", "Charms")])
        assert (seen.kind, seen.errors, seen.fields) == ("failure", "The class is full", {})
        assert seen.status in (0, 409)

    async def test_invalid_input(self, room: Classroom) -> None:
        """All fields that are wrong say so at once, and the action does not run."""
        sent = [("seats", "9"), ("house", "x")]
        seen = await self.submit("enroll", sent)
        assert seen.kind == "failure"
        assert seen.status in (0, 422)
        assert seen.fields == {
            "subject": "Subject is required.",
            "seats": "Seats must be 6 or less.",
            "house": "House must be one of G, R.",
        }
        assert seen.invalid == {"subject", "seats", "house"}
        assert room.enrolled == []

    @pytest.mark.parametrize("action", ["enroll", "full", "broken"])
    async def test_input_is_kept(self, action: str) -> None:
        """After a failure or a bug the person's input is still there."""
        subject = "Potions" if action == "enroll" else 'A "quoted" <b>&amp; größe'
        seen = await self.submit(action, [("subject", subject)])
        assert seen.kind in ("failure", "error")
        assert seen.kept["subject"] == subject

    async def test_several_fields_are_kept(self) -> None:
        """Numbers, choices and boxes are kept too."""
        sent = [("subject", "Potions"), ("seats", "5"), ("house", "r"), ("nurse", "on")]
        seen = await self.submit("enroll", sent)
        kept = {"subject": "Potions", "seats": "5", "house": "r", "nurse": "on"}
        assert {name: seen.kept[name] for name in kept} == kept

    async def test_bug(self, caplog: pytest.LogCaptureFixture) -> None:
        """A bug is told to the author in full, and to anybody else as an id that is in the log."""
        seen = await self.submit("broken", [("subject", "Charms")])
        assert (seen.kind, seen.result) == ("error", "")
        assert seen.status in (0, 500)
        record = next(one for one in caplog.records if one.levelno == logging.ERROR)
        assert record.exc_info is not None
        assert SECRET in str(record.exc_info[1])
        if self.author:
            assert f"ZeroDivisionError: {SECRET} Charms" in seen.errors
            assert "Traceback (most recent call last)" in seen.errors
            assert "classroom.py" in seen.errors
        else:
            assert SECRET not in seen.source
            for word in ("ZeroDivisionError", "Traceback", "classroom", ".py"):
                assert word not in seen.source
            found = re.search(r"mention ([0-9a-f]{8})", seen.errors)
            assert found is not None
            assert found[1] in record.getMessage()

    async def test_missing_field(self) -> None:
        """A field that the action asks for and the form lacks is a failure that names it."""
        seen = await self.submit("lacking", [("subject", "Charms")])
        assert seen.kind == "failure"
        assert seen.errors.startswith("The form has no field 'grade'; it sent subject.")

    @pytest.mark.parametrize(
        "pairs",
        [
            [("b", "1"), ("a", "2"), ("b", "3"), ("a", "2")],
            [("text", "one\r\ntwo\r\n\r\n three \r\n")],
            [("größe", "naïve ☃ 🦉"), ("名前", "ルーナ"), ("a b+c&d=e%20", "a b+c&d=e%20;")],
            [("empty", ""), ("", "no name"), ("", "")],
            [("__proto__", "1"), ("constructor", "2"), ("form", "3"), ("request", "4")],
            [("nul", "a\x00b\x1f\x7f"), ("bom", "\ufeffx"), ("space", "  x\t")],
            [],
        ],
        ids=["order", "newlines", "unicode", "empty", "names", "characters", "nothing"],
    )
    async def test_form_data_arrives_as_it_was_sent(
        self, room: Classroom, pairs: list[tuple[str, str]]
    ) -> None:
        """The action gets the pairs of the form, in order, character by character."""
        seen = await self.submit("leave", pairs)
        assert seen.kind == "redirect"
        assert [one.pairs() for one in room.received] == [tuple(pairs)]

    async def test_files_arrive_byte_by_byte(self, room: Classroom) -> None:
        """Files keep their place among the fields, their name, type and every byte."""
        content = bytes(range(256)) * 300 + b"\r\n--boundary\r\n"
        pairs: list[tuple[str, str | UploadedFile]] = [
            ("before", "1"),
            ("photo", UploadedFile("größe ☃.bin", "image/png", content)),
            ("between", "2\r\n"),
            ("photo", UploadedFile("empty.txt", "text/plain", b"")),
            ("after", "ü"),
        ]
        await self.submit("leave", pairs)
        assert room.received[0].pairs() == tuple(pairs)

    async def test_only_what_is_invalidated_is_refreshed(self, room: Classroom) -> None:
        """A success refreshes the loader that the action names and no other."""
        before = dict(room.loads)
        seen = await self.submit("enroll", [("subject", "Charms")])
        assert seen.loaders["list"] == "Charms"
        runs = {name: room.loads[name] - before[name] for name in before}
        assert runs == ({"list": 1, "clock": 1} if self.reloads else {"list": 1, "clock": 0})

    async def test_failure_refreshes_nothing(self, room: Classroom) -> None:
        """A failure changes no data on the page."""
        seen = await self.submit("enroll", [("subject", "Potions")])
        assert seen.kind == "failure"
        assert seen.loaders.get("list", "Nothing here yet.") == "Nothing here yet."

    async def test_unknown_form(self, room: Classroom) -> None:
        """A submission to a form that is not there runs nothing."""
        for name in ("nobody", "__proto__", "__init__", "../class", "enroll-2", ""):
            seen = await self.submit(name, [("subject", "Charms")])
            assert seen.kind == "error"
            assert seen.status in (0, 404)
        assert room.enrolled == []
        assert room.received == []
