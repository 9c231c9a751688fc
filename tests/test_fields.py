"""Fields by hand: they change what the signature says, or join it, and are checked."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, Literal

import pytest

from notebook_actions import FormData, FormError, Request, UploadedFile, action
from notebook_actions.errors import DefinitionError
from notebook_actions.fields import (
    Checkbox,
    Checkboxes,
    File,
    Hidden,
    Password,
    Radio,
    Select,
    Submit,
    Text,
    Textarea,
)
from notebook_actions.page import ActionForm, Page
from notebook_actions.render import Renderer
from notebook_actions.submission import State


@action
async def enroll(
    name: str, house: Literal["g", "r"] = "g", seats: int = 1, tags: list[str] | None = None
) -> Any:
    return name


@action
async def raw(form: FormData) -> Any:
    return form


def html(form: ActionForm, state: State | None = None) -> str:
    """Return a form's HTML."""
    return Renderer(Page.of(form)).form(form.action.name, state or State())


def wrong(form: ActionForm, *pairs: tuple[str, Any]) -> dict[str, str]:
    """Return the messages for these pairs."""
    return form.parameters.check(FormData(pairs))


def test_one_field_is_changed_and_the_rest_kept() -> None:
    """A field by hand with a parameter's name changes only what it says, where it stands."""
    form = ActionForm(enroll, fields=[Text("seats", label="Chairs", max=6), Radio("house")])
    fields = {leaf.name: leaf for leaf in form.parameters.leaves()}
    assert list(fields) == ["name", "house", "seats", "tags"]
    assert (fields["seats"].label, fields["seats"].type) == ("Chairs", "number")
    assert (fields["house"].type, list(fields["house"].choices)) == ("radio", ["g", "r"])
    assert wrong(form, ("name", "a"), ("seats", "7")) == {"seats": "Chairs must be 6 or less."}
    assert wrong(ActionForm(enroll), ("name", "a"), ("seats", "7")) == {}


def test_beside_the_type() -> None:
    """A field by hand stands in the annotation too."""

    @action
    async def write(about: Annotated[str, Textarea(rows=5)], pin: Annotated[str, Password]) -> None:
        """Write."""

    about, pin = write.parameters.leaves()
    assert (about.type, about.attributes["rows"]) == ("textarea", "5")
    assert (pin.type, pin.secret) == ("password", True)


def test_fields_for_the_raw_form_are_checked() -> None:
    """Where no parameter asks for it, the rules of the HTML hold on the server all the same."""
    form = ActionForm(
        raw,
        fields=[
            Text("zip", pattern="[0-9]{5}", required=True),
            Text("n", type="number", min=1, max=10, step=Decimal("0.5")),
            Text("day", type="date", min="2026-01-01"),
            Text("mail", type="email"),
            Text("short", minlength=2, maxlength=3),
            Select("size", {"s": "Small", "l": "Large"}),
            Checkboxes("extra", ["a", "b"]),
            File("photo", required=True),
        ],
    )
    photo = ("photo", UploadedFile("a.png", data=b"x"))
    right = [("zip", "12345"), ("n", "1.5"), ("day", "2026-01-02"), ("mail", "a@b"), photo]
    right += [("short", "ab"), ("size", "s"), ("extra", "a"), ("extra", "b")]
    assert wrong(form, *right) == {}
    assert wrong(form) == {"zip": "Zip is required.", "photo": "Photo is required."}
    bad = [("zip", "1234"), ("n", "1.2"), ("day", "2025-12-31"), ("mail", "a"), photo]
    assert wrong(form, *bad, ("short", "abcd"), ("size", "m"), ("extra", "c")) == {
        "zip": "Zip does not have the right form.",
        "n": "N must be a multiple of 0.5.",
        "day": "Day must be 2026-01-01 or later.",
        "mail": "Mail must be an email address, such as name@example.com.",
        "short": "Short must have 3 or fewer characters.",
        "size": "Size must be one of Small, Large.",
        "extra": "Extra must be one of a, b.",
    }


def test_the_raw_form_gets_what_was_sent() -> None:
    """The checks change nothing of the form data."""
    form = ActionForm(raw, fields=[Text("a"), Checkbox("b")])
    sent = FormData([("b", "on"), ("a", " x ")])
    assert form.parameters.bind(sent, Request()) == ([], {"form": sent})


def test_several_buttons() -> None:
    """Each button sends its own value; a parameter of that name is asked for by nothing else."""

    @action
    async def edit(text: str, do: Literal["save", "delete"]) -> str:
        return do

    buttons = [Submit("Save", "do", "save"), Submit("Delete", "do", "delete", formnovalidate=True)]
    form = ActionForm(edit, fields=buttons)
    shown = html(form)
    assert '<button type="submit" name="do" value="save">Save</button>' in shown
    assert '<button type="submit" name="do" value="delete" formnovalidate>Delete</button>' in shown
    assert "<select" not in shown
    assert form.parameters.bind(FormData([("text", "x"), ("do", "delete")]), Request()) == (
        [],
        {"text": "x", "do": "delete"},
    )
    assert wrong(form, ("text", "x")) == {"do": "Do is required."}


def test_the_html_of_each() -> None:
    """Labels, help, rules and first values stand in the HTML, escaped."""
    form = ActionForm(
        raw,
        fields=[
            Hidden("token", '"<x>'),
            Textarea("about", value="\n<b>", help="A & B", rows=2),
            Radio("house", {"g": "Gryffindor <3", "r": "Ravenclaw"}, value="r", required=True),
            Select("days", ["mon", "tue"], multiple=True, value=["tue"]),
            File("photo", accept="image/*", max_size=1000),
            Text("pin", secret=True, value="1234", autocomplete="off"),
        ],
    )
    shown = html(form)
    for part in (
        '<input type="hidden" name="token" value="&quot;&lt;x&gt;">',
        ">\n\n&lt;b&gt;</textarea>",
        '<p class="na-help" id="raw-about-help">A &amp; B</p>',
        "<legend>House</legend>",
        'id="raw-house-2" required checked value="r"> Ravenclaw</label>',
        "Gryffindor &lt;3",
        '<option value="tue" selected>tue</option>',
        'data-max-size="1000"',
        'enctype="multipart/form-data"',
        'data-slot="kept:photo"',
    ):
        assert part in shown, part
    assert "1234" not in shown


def test_a_file_is_not_larger_than_its_field_says() -> None:
    """The limit holds where the action runs, too, for a file that no browser has sent."""

    @action
    async def paint(photo: Annotated[UploadedFile, File(max_size=3)]) -> Any: ...

    for form in (ActionForm(paint), ActionForm(raw, fields=[File("photo", max_size=3)])):
        told = [
            form.parameters.check(FormData([("photo", UploadedFile("a.png", data=data))]))
            for data in (b"abc", b"abcd")
        ]
        assert told == [{}, {"photo": "a.png is too large: 3 bytes at most."}]


@pytest.mark.parametrize("kind", [Radio, Checkboxes, Select])
def test_a_secret_choice_never_comes_back(kind: Any) -> None:
    """What was chosen in a field marked secret is not marked when the form comes back."""
    form = ActionForm(raw, fields=[kind("blood", ["pure", "half"], secret=True)])
    shown = html(form, State(input=FormData([("blood", "half")])))
    assert shown == html(form)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ([Text("a"), Text("a")], "two fields called 'a'"),
        (["a"], "use the classes of notebook_actions.fields"),
        ([Text()], "needs a name"),
        ([Select("x")], "needs options"),
        ([Text("x", pattern="[")], "cannot be read"),
        ([Text("x", type="number", step=0)], "step=0 is not above 0"),
        ([File("name")], "cannot stand for this type"),
        ([Checkboxes("name", ["a"])], "cannot stand for this type"),
    ],
)
def test_what_does_not_fit_is_told(fields: list[Any], said: str) -> None:
    """The error names the field and says what to do, at definition."""
    with pytest.raises(DefinitionError, match=said):
        ActionForm(enroll, fields=fields)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Text("a b"),
        lambda: Text("_form"),
        lambda: Text("a", id="x"),
        lambda: Text("a", type="file"),
        lambda: File("a", max_size=0),
        lambda: Text("a{{b"),
    ],
)
def test_what_no_field_can_be(make: Any) -> None:
    """A name or attribute that would break the form is refused where it is written."""
    with pytest.raises(DefinitionError):
        make()


def test_fields_or_html() -> None:
    """Both would be two descriptions of one form."""
    with pytest.raises(DefinitionError, match="both fields= and html="):
        ActionForm(enroll, fields=[], html="<button>Go</button>")


def test_options_for_a_list_of_texts() -> None:
    """Choices by hand make check boxes of a list, and what is not among them is refused."""

    @action
    async def pick(days: list[str]) -> None:
        """Pick."""

    form = ActionForm(pick, fields=[Checkboxes("days", ["mon", "tue"])])
    assert form.parameters.bind(FormData([("days", "tue")]), Request())[1] == {"days": ["tue"]}
    assert wrong(form, ("days", "sun")) == {"days": "Days must be one of mon, tue."}


@dataclass
class Address:
    street: str
    country: Literal["England", "Scotland"] = "Scotland"


@dataclass
class Guest:
    name: str
    age: int = 17


@action
async def invite(address: Address, guests: list[Guest], other: Address | None = None) -> None:
    raise FormError("No.", {"guests[0]": "A guest too many.", "address": "Too far."})


def test_a_model_shows_the_defaults_of_its_fields() -> None:
    """What a model gives by itself stands in its controls, in a group and in a row."""
    text = html(ActionForm(invite))
    assert text.count('<option value="Scotland" selected>') == 2
    assert re.search(r'name="guests\[#\].age"[^>]* value="17"', text)


async def test_a_group_and_a_row_can_be_wrong_as_a_whole() -> None:
    """The summary leads to a group and to a row, which take the focus and have the message."""
    form = ActionForm(invite)
    data = FormData([("address.street", "x"), ("guests[0].name", "Luna")])
    outcome = await form.action.run(data, Request())
    text = html(form, State(input=data, outcome=outcome))
    for name in ("address", "guests[0]"):
        assert f'<a href="#invite-{name}">' in text
        tag = re.search(rf'<(?:div|fieldset)[^>]* id="invite-{re.escape(name)}"[^>]*>', text)
        assert tag is not None
        assert 'tabindex="-1"' in tag[0]
        assert f'aria-describedby="invite-{name}-error"' in tag[0]
    assert re.search(r'<fieldset[^>]* data-field="address"[^>]* aria-invalid="true"', text)


@pytest.mark.parametrize(
    ("field", "right", "said"),
    [
        (
            Text("x", type="number", min=0.1, step=0.2),
            "0.3",
            {"0.2": "0.1, or that and a multiple"},
        ),
        (Text("x", type="number", value=0.5), "1.5", {"1": "0.5, or that and a multiple of 1"}),
        (
            Text("x", type="number", step=0.1),
            "7e300",
            {"1e400": "too large", "1" * 401: "a number"},
        ),
        (Text("x", type="email", multiple=True), "a@b, c@d", {"a@b, c": "an email address"}),
        (Text("x", type="date"), "2024-02-29", {"2023-02-29": "a date", "2024-13-01": "a date"}),
        (Text("x", type="time", min="22:00:00", max="06:00"), "22:00", {"12:00": "22:00 or later"}),
        (Text("x", type="time"), "05:00", {"24:00": "a time"}),
        (Text("x", type="month"), "2024-12", {"2024-13": "the right form"}),
        (Text("x", type="week"), "2024-W53", {"2024-W54": "the right form"}),
        (
            Text("x", type="datetime-local", min=dt.datetime(2024, 1, 1, 10)),
            "2024-01-01T10:00",
            {"2024-01-01T09:59": "2024-01-01 10:00 or later"},
        ),
        (Text("x", maxlength=3), "😀a", {"😀😀": "3 or fewer"}),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_the_server_takes_what_a_browser_takes(
    field: Text, right: str, said: dict[str, str]
) -> None:
    """The rules of HTML, also where they are not what one would think."""
    form = ActionForm(raw, fields=[field])
    assert wrong(form, ("x", right)) == {}
    for text, message in said.items():
        assert message in wrong(form, ("x", text))["x"]


def test_a_box_for_a_text_has_to_be_ticked() -> None:
    """Where the action needs its value, the browser asks for it."""

    @action
    async def sign(word: str) -> None: ...

    form = ActionForm(sign, fields=[Checkbox("word", value="yes")])
    assert "required" in html(form)
    assert wrong(form) == {"word": "Word is required."}
    assert wrong(form, ("word", "yes")) == {}
