"""Models, lists and files as fields: what a nested form sends becomes nested values."""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
from typing import Annotated, Any, Literal, Optional

import pytest
from annotated_types import Ge, Len
from pydantic import AnyUrl, BaseModel, EmailStr, Field, SecretStr, model_validator

from notebook_actions import FormData, FormError, Request, UploadedFile
from notebook_actions.errors import DefinitionError
from notebook_actions.form import Group, Parameters, Rows

House = enum.Enum("House", {"GRYFFINDOR": "gryffindor", "RAVENCLAW": "ravenclaw"})


class Address(BaseModel):
    """Where somebody lives."""

    street: str = ""
    city: Annotated[str, Field(min_length=2, title="Town")]


@dataclasses.dataclass
class Item:
    """A line of an order."""

    name: str
    qty: Annotated[int, Ge(1)] = 1
    gift: bool = False


class Order(BaseModel):
    """What is ordered."""

    name: str
    address: Address
    items: list[Item] = []

    @model_validator(mode="after")
    def _check(self) -> Order:
        if self.name == "Nobody":
            raise ValueError("nobody cannot order")
        return self


def order(order: Order) -> None: ...


def bound(function: Any, *pairs: tuple[str, Any]) -> dict[str, Any]:
    """Return the arguments for these pairs."""
    return Parameters(function).bind(FormData(pairs), Request())[1]


def wrong(function: Any, *pairs: tuple[str, Any]) -> dict[str, str]:
    """Return the messages for these pairs."""
    return Parameters(function).check(FormData(pairs))


PAIRS = [("name", "Luna"), ("address.street", ""), ("address.city", "Ottery")]


def test_a_model_alone_is_the_form() -> None:
    """The fields of the only parameter's model have no name before theirs."""
    assert [leaf.name for leaf in Parameters(order).leaves()] == [
        *("name", "address.street", "address.city"),
        *("items[#].name", "items[#].qty", "items[#].gift"),
    ]
    got = bound(order, *PAIRS, ("items[0].name", "Owl"), ("items[0].qty", "2"))["order"]
    assert got == Order(name="Luna", address=Address(city="Ottery"), items=[Item("Owl", 2)])


def test_models_beside_others_have_their_names() -> None:
    """Two models, or a model beside a field, stand under the parameters' names."""

    def move(old: Address, new: Address | None, day: dt.date) -> None: ...

    names = ["old.street", "old.city", "new.street", "new.city", "day"]
    assert [leaf.name for leaf in Parameters(move).leaves()] == names
    got = bound(move, ("old.city", "Rome"), ("new.city", ""), ("day", "2026-01-31"))
    assert got == {"old": Address(city="Rome"), "new": None, "day": dt.date(2026, 1, 31)}


def test_all_that_is_wrong_is_told_at_once_in_order() -> None:
    """Each field of each row has its message, named as in the HTML, in the form's order."""
    pairs = [("name", ""), ("address.city", "R"), ("items[0].name", "a"), ("items[0].qty", "0")]
    assert list(wrong(order, *pairs, ("items[1].qty", "x")).items()) == [
        ("name", "Name is required."),
        ("address.city", "Town must have 2 or more characters."),
        ("items[0].qty", "Qty must be 1 or more."),
        ("items[1].name", "Name is required."),
        ("items[1].qty", "Qty must be a whole number."),
    ]


def test_a_rule_of_the_whole_model_is_told_for_the_form() -> None:
    """What a model's own validator says stands above the form, without a class name."""
    with pytest.raises(FormError) as caught:
        bound(order, ("name", "Nobody"), ("address.city", "Rome"))
    assert (caught.value.message, caught.value.fields) == ("nobody cannot order", {})


@pytest.mark.parametrize(
    "name",
    ["items[1].name", "items[-1].name", "items[01].name", "items[__proto__].name", "items.name"],
)
def test_rows_that_no_form_sends_are_refused(name: str) -> None:
    """A gap, or an index that is no number of a row, is a message for the list."""
    assert list(wrong(order, *PAIRS, (name, "x"))) == ["items"]


@pytest.mark.parametrize("index", ["1000", "99999999999999999999"])
def test_a_huge_index_costs_nothing(index: str) -> None:
    """A list is not filled up to an index that somebody made up."""
    assert list(wrong(order, *PAIRS, (f"items[{index}].name", "x"))) == ["items"]


def test_a_list_of_texts_repeats_its_name() -> None:
    """Blank entries are left out, and a message names the entry as it stands in the form."""

    def tag(tags: list[Annotated[str, Field(max_length=3)]]) -> None: ...

    assert bound(tag, ("tags", "a"), ("tags", ""), ("tags", "b")) == {"tags": ["a", "b"]}
    assert bound(tag) == {"tags": []}
    assert wrong(tag, ("tags", "a"), ("tags", ""), ("tags", "long")) == {
        "tags[2]": "Tags must have 3 or fewer characters."
    }


def test_choices_of_which_any_number_is_taken() -> None:
    """A list of choices is check boxes, its length a rule in a person's words."""

    def sort(houses: Annotated[list[House], Len(1, 1)]) -> None: ...

    (field,) = Parameters(sort).leaves()
    assert (field.type, list(field.choices)) == ("checkboxes", ["gryffindor", "ravenclaw"])
    assert bound(sort, ("houses", "ravenclaw")) == {"houses": [House("ravenclaw")]}
    assert wrong(sort) == {"houses": "Houses is required."}
    both = [("houses", "gryffindor"), ("houses", "ravenclaw")]
    assert wrong(sort, *both) == {"houses": "Houses must have 1 or fewer entries."}
    forged = {"houses": "Houses must be one of Gryffindor, Ravenclaw."}
    assert wrong(sort, ("houses", "durmstrang")) == forged


def test_many_choices_are_a_list() -> None:
    """More than seven choices are a list to choose from."""

    def pick(n: list[Literal[1, 2, 3, 4, 5, 6, 7, 8]]) -> None: ...

    (field,) = Parameters(pick).leaves()
    assert field.type == "select"
    assert bound(pick, ("n", "8"), ("n", "1")) == {"n": [8, 1]}


def test_files() -> None:
    """A file is a file field; a text in its place is a message."""
    owl, cat = UploadedFile("owl.png", data=b"o"), UploadedFile("cat.png", data=b"c")

    def send(photo: UploadedFile, more: list[UploadedFile], note: UploadedFile | None) -> None: ...

    assert [leaf.type for leaf in Parameters(send).leaves()] == ["file"] * 3
    got = bound(send, ("photo", owl), ("more", cat), ("more", owl))
    assert got == {"photo": owl, "more": [cat, owl], "note": None}
    assert wrong(send) == {"photo": "Photo is required."}
    assert wrong(send, ("photo", "owl.png")) == {"photo": "Photo must be a file."}


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        (EmailStr, "luna", "X must be an email address, such as name@example.com."),
        (AnyUrl, "luna", "X must be a web address, such as https://example.com."),
        (int, "1_0", "X must be a whole number."),
        (float, "1_0", "X must be a number."),
        (Literal[True], "", "X is required."),
    ],
)
def test_words_for_more_types(kind: Any, text: str, said: str) -> None:
    """What is wrong is told in the words of a person."""

    def take(x: Any) -> None: ...

    take.__annotations__["x"] = kind
    assert wrong(take, ("x", text)) == {"x": said}


def test_yes_no_or_neither() -> None:
    """An optional bool can be left open."""

    def ask(sure: bool | None) -> None: ...

    values = [bound(ask, ("sure", text))["sure"] for text in ("true", "false", "")]
    assert values == [True, False, None]


def test_a_model_that_holds_itself_is_refused() -> None:
    """A form cannot be endless; the error names the model."""

    class Node(BaseModel):
        child: Node | None = None

    Node.model_rebuild(_types_namespace={"Node": Node, "Optional": Optional})

    def take(node: Node) -> None: ...

    take.__annotations__["node"] = Node
    with pytest.raises(DefinitionError, match="Node holds itself"):
        Parameters(take)


def test_secrets_are_known() -> None:
    """A password in a model is a password."""

    class Login(BaseModel):
        user: str
        password: SecretStr

    def enter(login: Any) -> None: ...

    enter.__annotations__["login"] = Login
    assert [leaf.secret for leaf in Parameters(enter).leaves()] == [False, True]


def test_the_kinds_of_nodes() -> None:
    """A model in a model is a group, a list of them is rows, of which one is shown at first."""

    def buy(order: Order, extra: list[Item]) -> None: ...

    first, second = Parameters(buy).fields
    assert isinstance(first, Group)
    assert isinstance(second, Rows)
    assert (first.nodes["items"].initial, second.initial) == (0, 1)  # type: ignore[union-attr]


class Place(BaseModel):
    """A place of which something is known."""

    street: str
    country: str = "UK"
    main: bool = True
    day: dt.date | None = None
    tags: list[House] = [House("ravenclaw")]


def visit(name: str, place: Place | None = None) -> None: ...


UNTOUCHED = [
    ("name", "Luna"),
    ("place.street", ""),
    ("place.country", "UK"),
    ("place.main", "on"),
    ("place.tags", "ravenclaw"),
]


def test_an_optional_group_that_nobody_touched_is_blank() -> None:
    """What its fields hold at first does not make the others required."""
    assert bound(visit, *UNTOUCHED)["place"] is None


@pytest.mark.parametrize("gone", ["place.main", "place.tags"])
def test_an_unticked_box_is_a_touch(gone: str) -> None:
    """Whoever changes something of the group has to fill in the rest."""
    pairs = [(name, value) for name, value in UNTOUCHED if name != gone]
    assert wrong(visit, *pairs) == {"place.street": "Street is required."}


def test_an_optional_group_that_is_complete_is_what_it_shows() -> None:
    """Nothing has to be touched where nothing is missing: what is shown is what is taken."""

    def search(where: Item | None = None, what: str = "") -> None: ...

    got = bound(search, ("where.name", ""), ("where.qty", "1"), ("what", ""))["where"]
    assert got is None

    class Filter(BaseModel):
        country: str = "UK"
        most: int = 5

    def find(only: Any, what: str = "") -> None: ...

    find.__annotations__["only"] = Filter | None
    find.__defaults__ = (None, "")
    assert bound(find, ("only.country", "UK"), ("only.most", "5"))["only"] == Filter()
    assert bound(find, ("only.country", ""), ("only.most", ""))["only"] is None


def test_a_group_with_a_default_is_that_while_nobody_touches_it() -> None:
    """A password that the default has is not shown, and not asked for again."""

    class Login(BaseModel):
        user: str
        password: SecretStr
        lines: list[Item] = []

    known = Login(user="luna", password=SecretStr("x"), lines=[Item("owl", 2)])

    def enter(login: Any = known, other: str = "") -> None: ...

    enter.__annotations__["login"] = Login
    shown = [("login.user", "luna"), ("login.password", "")]
    row = [("login.lines[0].name", "owl"), ("login.lines[0].qty", "2")]
    assert bound(enter, *shown, *row)["login"] is known
    asked = {"login.password": "Password is required."}
    assert wrong(enter, *shown) == asked
    assert wrong(enter, *shown, *row, ("login.lines[1].name", "")) == {
        **asked,
        "login.lines[1].name": "Name is required.",
    }
    assert wrong(enter, ("login.user", "ginny"), ("login.password", ""), *row) == asked
