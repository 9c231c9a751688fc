"""The smoke test's values: each field that can accept something is given something it accepts."""

import datetime as dt
import enum
import re
from decimal import Decimal
from typing import Annotated, Literal

import annotated_types as at
import pytest
from pydantic import AfterValidator, Field, SecretStr

from notebook_actions.action import action
from notebook_actions.exporter.samples import matching, samples
from notebook_actions.form import Parameters
from notebook_actions.formdata import FormData
from notebook_actions.page import ActionForm, Page
from notebook_actions.request import Request
from notebook_actions.sample import forms_of
from notebook_actions.templates import template_texts


class House(enum.Enum):
    GRYFFINDOR = "g"
    RAVENCLAW = "r"


class Year(enum.IntEnum):
    FIRST = 1


def is_even(number):
    if number % 2:
        raise ValueError("must be even")
    return number


def is_nothing(value):
    raise ValueError("nothing will do")


KINDS = {
    "a text": str,
    "a text of some length": Annotated[str, Field(min_length=3, max_length=5)],
    "a short text": Annotated[str, Field(max_length=1)],
    "a text of one length": Annotated[str, at.Len(4, 4)],
    "digits": Annotated[str, Field(pattern=r"^\d{4}$")],
    "a code": Annotated[str, Field(pattern=r"^[A-Z]{2}-\d+$")],
    "an address": Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+\.\w+$")],
    "a whole number": int,
    "between": Annotated[int, Field(ge=4, le=6)],
    "more": Annotated[int, Field(gt=4)],
    "less than nothing": Annotated[int, Field(lt=0)],
    "an interval": Annotated[int, at.Interval(gt=2, le=9)],
    "a multiple": Annotated[int, Field(multiple_of=5)],
    "a multiple from": Annotated[int, Field(multiple_of=5, ge=7)],
    "a multiple up to": Annotated[int, Field(multiple_of=5, le=-3)],
    "a number": float,
    "above zero": Annotated[float, Field(gt=0)],
    "above one": Annotated[float, Field(gt=1)],
    "a fraction": Annotated[float, Field(gt=0, lt=1)],
    "below zero": Annotated[float, Field(lt=0)],
    "a float's multiple": Annotated[float, Field(multiple_of=0.25, ge=0.1)],
    "a decimal": Annotated[Decimal, Field(gt=Decimal("2.5"))],
    "a price": Annotated[Decimal, Field(decimal_places=2, max_digits=4, gt=1)],
    "a day": dt.date,
    "a day from": Annotated[dt.date, Field(ge=dt.date(2030, 1, 1))],
    "a day up to": Annotated[dt.date, Field(le=dt.date(2020, 1, 1))],
    "a day after": Annotated[dt.date, Field(gt=dt.date(2030, 1, 1))],
    "a day before": Annotated[dt.date, Field(lt=dt.date(2020, 1, 1))],
    "a time": dt.time,
    "a time before": Annotated[dt.time, Field(lt=dt.time(6))],
    "a moment": dt.datetime,
    "a moment before": Annotated[dt.datetime, Field(lt=dt.datetime(2020, 1, 1))],
    "yes or no": bool,
    "one of an enumeration": House,
    "one of numbers": Year,
    "one of literals": Literal["x", "y"],
    "a literal number": Literal[3, 4],
    "perhaps a number": int | None,
    "perhaps a house": House | None,
    "a secret": SecretStr,
    "a long secret": Annotated[SecretStr, Field(min_length=8)],
    "the author's rule": Annotated[int, AfterValidator(is_even)],
}


def form_of(kind):
    """Return the form of an action with one parameter."""

    def go(x): ...

    go.__annotations__["x"] = kind
    return ActionForm(action(go))


def sent(form):
    """Return what the smoke test sends."""
    (shown,) = forms_of(template_texts(Page("/p", form))["p.go.html"])
    shown.given = samples(form, shown.pairs())
    return list(shown.pairs())


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_field_accepts_what_is_made_up_for_it(kind):
    """Whatever HTML can say of its rules."""
    form = form_of(kind)
    Parameters(form.action.function).bind(FormData(sent(form)), Request(url="/"))


def test_only_what_html_does_not_tell_is_listed():
    """The test of an app holds no value that its forms give anyway."""
    assert samples(form_of(Annotated[int, Field(ge=4)]), [("x", "4")]) == {}


def test_a_field_that_accepts_nothing_is_left_as_it_is():
    """The smoke test then notes that the form refused it."""
    assert samples(form_of(Annotated[int, AfterValidator(is_nothing)]), [("x", "1")]) == {}


@pytest.mark.parametrize(
    "pattern",
    [
        *(r"\d{3}-[A-F]+", r"(red|green) \w", r"[^\d]{2}", r"a.c?", r"(?:x|y){2}z", r"\S+\s\D"),
        *(r"^[\w.]+$", r"(?P<a>q)+", r"[^a]b", r"^[а-я]+$"),
    ],
)
def test_a_pattern_gives_texts_that_match(pattern):
    """The parts of regular expressions that forms use."""
    assert any(re.search(pattern, text) for text in matching(pattern))


@pytest.mark.parametrize("pattern", [r"(a)\1", "(", r"[\w-"])
def test_a_pattern_that_is_too_involved_gives_none(pattern):
    """And no error."""
    assert list(matching(pattern)) == []
