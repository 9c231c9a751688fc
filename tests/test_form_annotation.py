"""Rarer types, defaults and rules: each makes a right form, or is refused where it is written."""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import inspect
from decimal import Decimal
from typing import Annotated, Any, Literal, NewType

import pytest
from annotated_types import Ge, Gt, Le, Lt, MinLen, MultipleOf, Predicate
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    NaiveDatetime,
    RootModel,
    SecretStr,
    Strict,
    StringConstraints,
)
from typing_extensions import TypeAliasType

from notebook_actions import FormData, Request
from notebook_actions.action import Action
from notebook_actions.errors import DefinitionError
from notebook_actions.form import Parameters, Rows
from notebook_actions.form.field import Field as OneField
from notebook_actions.htmlform import Control, parse
from notebook_actions.page import ActionForm, Page
from notebook_actions.render import Renderer
from notebook_actions.submission import State

NOTHING: Any = inspect.Parameter.empty


def taking(kind: Any, default: Any = NOTHING) -> Any:
    """Return a function with ``x: kind = default``."""

    async def take(x: Any) -> None: ...

    one = inspect.Parameter("x", inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)
    take.__signature__ = inspect.Signature([one])  # type: ignore[attr-defined]
    return take


def got(function: Any, *pairs: tuple[str, str]) -> Any:
    """Return what the parameter gets when these pairs are sent."""
    return Parameters(function).bind(FormData(pairs), Request())[1]["x"]


def wrong(function: Any, *pairs: tuple[str, str]) -> dict[str, str]:
    """Return the messages for these pairs."""
    return Parameters(function).check(FormData(pairs))


def controls(function: Any) -> list[Control]:
    """Return the controls of a form for a function, buttons left out."""
    form = ActionForm(Action(function))
    (shown,) = parse(Renderer(Page.of(form)).form(form.action.name, State())).forms()
    return [one for one in shown.controls if not one.is_button]


class House(enum.Enum):
    """Choices that are sent as texts."""

    LION = "lion"
    SNAKE = "snake"


class Year(enum.Enum):
    """Choices whose values say nothing to a person."""

    FIRST_YEAR = 1
    second = 2


class Settings(BaseModel):
    """A model that is blank, and one that is not."""

    name: str = "Luna"
    seats: int = 1


# --- a model alone that may be blank --------------------------------------------------------------


@pytest.mark.parametrize("kind", [Settings | None, Settings])
@pytest.mark.parametrize("default", [None, Settings(name="Cho", seats=3)])
def test_a_model_alone_with_a_default_gets_what_is_entered(kind: Any, default: Any) -> None:
    """What is entered counts, also where the form may be left blank."""
    sent = [("name", "Ginny"), ("seats", "2")]
    assert got(taking(kind, default), *sent) == Settings(name="Ginny", seats=2)
    assert got(taking(kind, default), ("name", ""), ("seats", "")) == default


def test_what_is_not_sent_of_a_group_is_as_its_default() -> None:
    """The group's own default goes before those of its fields, as in the controls."""
    function = taking(Settings, Settings(name="Cho", seats=3))
    assert got(function, ("name", "Ginny")) == Settings(name="Ginny", seats=3)


# --- strict types ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (int, "7", 7),
        (float, "1.5", 1.5),
        (Decimal, "1.5", Decimal("1.5")),
        (bool, "on", True),
        (dt.date, "2026-02-01", dt.date(2026, 2, 1)),
        (dt.datetime, "2026-02-01T10:00", dt.datetime(2026, 2, 1, 10)),
        (dt.time, "10:00", dt.time(10)),
        (House, "lion", House.LION),
    ],
)
def test_a_strict_type_gets_what_a_text_stands_for(kind: Any, text: str, value: Any) -> None:
    """A form sends texts, and strict is meant against others: in a rule, a list and a model."""

    class Model(BaseModel):
        model_config = ConfigDict(strict=True)
        one: kind
        more: list[Literal["a"] if kind is bool else kind] = []

    assert got(taking(Model), ("one", text)) == Model(one=value)
    if kind is not House and kind is not bool:
        strict = Annotated[kind, Strict()]
        assert got(taking(strict), ("x", text)) == value
        assert got(taking(list[strict]), ("x", text)) == [value]


def test_a_wrong_text_for_a_strict_type_is_told_as_for_others() -> None:
    """The message is about what was typed."""
    strict = Annotated[int, Strict()]
    assert wrong(taking(strict), ("x", "x")) == {"x": "X must be a whole number."}
    assert wrong(taking(Annotated[dt.date, Strict()]), ("x", "soon")) == {"x": "X must be a date."}


# --- other names for types ------------------------------------------------------------------------


class Numbers(RootModel[list[int]]):
    """A list with a name."""


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (NewType("Seats", int), 7),
        (TypeAliasType("Alias", Annotated[int, Ge(1)]), 7),
        (list[TypeAliasType("Inner", int)], [7]),  # type: ignore[misc]
        (Numbers, Numbers([7])),
        (RootModel[int], RootModel[int](7)),
    ],
    ids=repr,
)
def test_another_name_for_a_type_is_that_type(kind: Any, value: Any) -> None:
    """A new type, an alias and a model of one value stand for what they name."""
    (control,) = controls(taking(kind))
    assert control.kind == "number"
    assert got(taking(kind), ("x", "7")) == value


def test_a_model_of_a_list_shows_its_default() -> None:
    """The default of a root model is that of its value."""
    assert [one.get("value") for one in controls(taking(Numbers, Numbers([1, 2])))] == ["1", "2"]


def test_a_default_in_the_annotation() -> None:
    """Field(default=) beside the type is shown, and taken where nothing is sent."""
    function = taking(Annotated[int, Field(default=4)])
    assert [one.get("value") for one in controls(function)] == ["4"]
    assert got(function) == 4


def test_an_init_variable_is_a_field() -> None:
    """What a dataclass takes and does not keep is asked for; what it makes itself is not."""

    @dataclasses.dataclass
    class Seed:
        kept: int
        taken: dataclasses.InitVar[int]
        made: int = dataclasses.field(default=0, init=False)

        def __post_init__(self, taken: int) -> None:
            self.made = taken

    vars(Seed)["__annotations__"]["taken"] = dataclasses.InitVar[int]
    found = got(taking(Seed), ("kept", "1"), ("taken", "2"))
    assert (found.kept, found.made) == (1, 2)


class Before(BaseModel):
    """A model whose type is defined later."""

    later: Later  # noqa: F821 - that is what is tested


def test_a_type_that_was_defined_since_is_found() -> None:
    """A model may name a type of a later cell; while there is none, it is refused."""
    with pytest.raises(DefinitionError, match=r"'x' of take\(\): the types of Before"):
        Parameters(taking(Before))
    globals()["Later"] = Settings
    try:
        assert got(taking(Before), ("later.seats", "5")).later.seats == 5
    finally:
        del globals()["Later"]


def test_an_enum_as_the_default_of_a_parameter_without_a_type() -> None:
    """A choice stays one; of what a default does not tell, the type has to be written."""
    assert got(taking(NOTHING, House.LION), ("x", "snake")) is House.SNAKE
    with pytest.raises(DefinitionError, match=r"'x' of take\(\) has no type, .* is a tuple"):
        Parameters(taking(NOTHING, (1, 2)))


# --- choices --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "default", "options", "chosen"),
    [
        (House | None, House.SNAKE, ["", "lion", "snake"], "snake"),
        (bool | None, True, ["", "true", "false"], "true"),
        (Literal["a", None], NOTHING, ["", "a"], ""),
        (Literal["a", ""], NOTHING, ["", "a"], ""),
        (Literal["", "a"], "", ["", "a"], ""),
        (Literal[House.LION, House.SNAKE], House.SNAKE, ["lion", "snake"], "snake"),
        (Literal[True, False], False, ["true", "false"], "false"),
        (House, House.SNAKE, ["lion", "snake"], "snake"),
    ],
    ids=repr,
)
def test_the_choices_of_a_list(kind: Any, default: Any, options: list[str], chosen: str) -> None:
    """All values can be chosen, none too, and what is chosen at first is the default."""
    (control,) = controls(taking(kind, default))
    assert [one.value for one in control.options] == options
    assert [one.value for one in control.options if one.selected] == [chosen]
    assert "required" not in control.node.attrib


@pytest.mark.parametrize(
    ("kind", "default", "value"),
    [
        (House | None, House.SNAKE, None),
        (Literal["a", None], NOTHING, None),
        (Literal["a", ""], NOTHING, ""),
        (Literal["a", ""], "a", ""),
        (House, House.SNAKE, House.SNAKE),
    ],
)
def test_the_blank_choice(kind: Any, default: Any, value: Any) -> None:
    """Choosing nothing is None or the empty text, where the type has it."""
    assert got(taking(kind, default), ("x", "")) == value


def test_numbers_of_an_enum_are_read_by_their_names() -> None:
    """A person chooses "First year" and not "1"."""
    (control,) = controls(taking(Year, Year.FIRST_YEAR))
    assert [one.label for one in control.options] == ["First year", "Second"]
    assert got(taking(Year), ("x", "2")) is Year.second


# --- lists ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind",
    [list[str] | None, list[House] | None, list[Settings] | None, set[int] | None],
)
@pytest.mark.parametrize("default", [NOTHING, None])
def test_an_optional_list_of_nothing_is_none(kind: Any, default: Any) -> None:
    """As with any optional field: what is left empty is None."""
    assert got(taking(kind, default), ("x", "")) is None


def test_a_list_whose_default_was_emptied_is_empty() -> None:
    """Who takes all away does not get the default back."""
    assert got(taking(list[House] | None, [House.LION])) == []


def test_the_default_of_a_set_is_shown() -> None:
    """Its entries are rows, in the same order in every process."""
    (rows,) = Parameters(taking(set[str], {"b", "a", "c"})).fields
    assert isinstance(rows, Rows)
    assert [one.initial for one in rows.shown if isinstance(one, OneField)] == [
        ("a",),
        ("b",),
        ("c",),
    ]


# --- times ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "default", "value", "step"),
    [
        (dt.time, dt.time(10), "10:00", None),
        (dt.time, dt.time(10, 0, 5), "10:00:05", "1"),
        (dt.datetime, dt.datetime(2026, 2, 1, 10), "2026-02-01T10:00", None),
        (dt.datetime, dt.datetime(2026, 2, 1, 10, 0, 5), "2026-02-01T10:00:05", "1"),
        (
            NaiveDatetime,
            dt.datetime(2026, 2, 1, 10, 0, 0, 1234),
            "2026-02-01T10:00:00.001",
            "0.001",
        ),
        (Annotated[dt.time, Ge(dt.time(8, 0, 30))], dt.time(10), "10:00", "1"),
    ],
)
def test_a_time_is_written_so_that_a_browser_takes_it(
    kind: Any, default: Any, value: str, step: str | None
) -> None:
    """No more than milliseconds, and a step that lets other times be entered."""
    (control,) = controls(taking(kind, default))
    assert (control.get("value"), control.get("step")) == (value, step)


def test_the_bounds_of_a_time_are_told_as_a_person_says_them() -> None:
    """A day is later than another, and not more; a time has no seconds that are zero."""
    day, moment = dt.date(2026, 2, 1), dt.datetime(2026, 2, 1, 10)

    def said(kind: Any, text: str) -> str:
        return wrong(taking(kind), ("x", text))["x"]

    assert said(Annotated[dt.date, Ge(day)], "2026-01-31") == "X must be 2026-02-01 or later."
    assert said(Annotated[dt.date, Lt(day)], "2026-02-01") == "X must be before 2026-02-01."
    assert said(Annotated[dt.time, Gt(dt.time(8))], "08:00") == "X must be after 08:00."
    assert said(Annotated[dt.time, Le(dt.time(8, 0, 5))], "09:00") == (
        "X must be 08:00:05 or earlier."
    )
    assert said(Annotated[dt.datetime, Ge(moment)], "2026-01-01T10:00") == (
        "X must be 2026-02-01 10:00 or later."
    )


@pytest.mark.parametrize("kind", [dt.date, dt.time, dt.datetime])
def test_a_bare_number_is_no_time(kind: Any) -> None:
    """A date typed without dashes never becomes a day of 1970."""
    assert list(wrong(taking(kind), ("x", "20260201"))) == ["x"]


# --- rules ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "low", "high"),
    [
        (Annotated[Decimal, Gt(0), Lt(1), Field(decimal_places=2)], "0.01", "0.99"),
        (Annotated[float, Gt(0), Lt(1), MultipleOf(0.25)], "0.25", "0.75"),
        (Annotated[float, Gt(0), Ge(1), MultipleOf(0.5), Le(2)], "1.0", "2.0"),
        (Annotated[int, Gt(0), Lt(10), MultipleOf(5)], "5", "5"),
    ],
)
def test_with_steps_there_is_a_first_one_beyond_a_bound(kind: Any, low: str, high: str) -> None:
    """The browser refuses what the server refuses, also where the bound itself is left out."""
    (control,) = controls(taking(kind))
    assert (control.get("min"), control.get("max")) == (low, high)
    assert not wrong(taking(kind), ("x", low))
    assert not wrong(taking(kind), ("x", high))


def test_what_is_stripped_does_not_fail_the_pattern_in_the_browser() -> None:
    """Spaces around a text that the type strips are no error."""
    kind = Annotated[str, StringConstraints(strip_whitespace=True, pattern="^[a-z]+$")]
    (control,) = controls(taking(kind))
    assert control.get("pattern") == r"\s*(?:[a-z]+)\s*"
    assert got(taking(kind), ("x", " ab ")) == "ab"


def test_a_whole_number_may_be_written_as_a_browser_takes_it() -> None:
    """``1e2`` is valid in a number input, and 100."""
    assert got(taking(int), ("x", "1e2")) == 100
    assert wrong(taking(int), ("x", "15e-1")) == {"x": "X must be a whole number."}


def test_bounds_are_written_as_a_person_writes_numbers() -> None:
    """Zero is ``0``, whatever pydantic makes of it."""
    assert wrong(taking(Annotated[float, Ge(0)]), ("x", "-1")) == {"x": "X must be 0 or more."}


def _nothing_said(_value: int) -> int:
    raise ValueError


@pytest.mark.parametrize("rule", [Predicate(lambda one: one > 9), AfterValidator(_nothing_said)])
def test_a_rule_without_words_is_told_in_ours(rule: Any) -> None:
    """No message shows a name of the code, or nothing."""
    told = {"x": "X does not have the right form."}
    assert wrong(taking(Annotated[int, rule]), ("x", "3")) == told


def test_an_emptied_password_is_its_default() -> None:
    """A default that is never shown could not be left as it is otherwise."""
    secret = got(taking(SecretStr, SecretStr("owl")), ("x", ""))
    assert secret.get_secret_value() == "owl"


# --- refused --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "default", "said"),
    [
        (Annotated[str, Ge(1)], NOTHING, "rules do not fit"),
        (Annotated[int, MinLen(1)], NOTHING, "rules do not fit"),
        (Annotated[int, Field(max_digits=2)], NOTHING, "rules do not fit"),
        (Literal[1, "1"], NOTHING, "two choices that are sent as '1'"),
        (list[bool], NOTHING, "not ticked sends nothing"),
        (list[list[House]], NOTHING, "no field can hold"),
        (Annotated[set[int], Strict()], NOTHING, r"use list\[\.\.\.\]"),
        (dt.datetime, dt.datetime(2026, 2, 1, tzinfo=dt.UTC), "time zone"),
        (Any, NOTHING, "of type Any, which no field can hold"),
    ],
    ids=repr,
)
def test_what_cannot_work_is_refused_where_it_is_written(
    kind: Any, default: Any, said: str
) -> None:
    """Nobody has to submit a form to find that it never accepts anything."""
    with pytest.raises(DefinitionError, match=rf"parameter 'x' of take\(\).*{said}"):
        Parameters(taking(kind, default))
