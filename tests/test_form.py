"""Fields: how a signature becomes a form, and a submitted form the arguments."""

import datetime as dt
import enum
import functools
import inspect
import re
from decimal import Decimal
from typing import Annotated, Literal, Optional

import pytest
from annotated_types import Ge, Interval, Len
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import AfterValidator, Field, PositiveInt, SecretStr, StringConstraints, conint
from pydantic_core import PydanticCustomError

from notebook_actions import FormData, FormError, Request, UploadedFile
from notebook_actions.errors import DefinitionError
from notebook_actions.form import Parameters, humanize


class House(enum.Enum):
    """A choice whose text is not its name."""

    GRYFFINDOR = "gryffindor"
    HUFFLE_PUFF = "huffle puff"


class Year(enum.IntEnum):
    """A choice of numbers."""

    FIRST = 1
    SECOND = 2


def taking(kind, default=inspect.Parameter.empty):
    """Return the parameters of a function with ``seats: kind = default``."""

    def book(seats): ...

    book.__signature__ = inspect.Signature(
        [
            inspect.Parameter(
                "seats", inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind
            )
        ]
    )
    return Parameters(book)


def one_field(kind, default=inspect.Parameter.empty):
    """Return the field that a parameter ``seats: kind = default`` makes."""
    (found,) = taking(kind, default).fields
    return found


def parsed(kind, *texts, default=inspect.Parameter.empty):
    """Return what the parameter gets when these texts are sent."""
    form = FormData([("seats", text) for text in texts])
    return taking(kind, default).bind(form, Request())[1]["seats"]


def message(kind, text, default=inspect.Parameter.empty):
    """Return what a person is told who typed ``text`` into a field of this kind."""
    with pytest.raises(FormError) as caught:
        parsed(kind, text, default=default)
    assert list(caught.value.fields) == ["seats"]
    return caught.value.fields["seats"]


def bound(function, *pairs, request=None):
    """Return what a function is called with when these pairs are submitted."""
    return Parameters(function).bind(FormData(pairs), request or Request())


# --- roles ----------------------------------------------------------------------------------------


def test_form_and_request_are_known_by_name_or_annotation():
    """The raw form data and the request are passed, and are no fields."""
    request, pair = Request(), ("subject", "Potions")

    def by_name(form, request): ...

    def by_annotation(data: FormData, asked: Request): ...

    assert bound(by_name, pair, request=request) == (
        [],
        {"form": FormData([pair]), "request": request},
    )
    assert bound(by_annotation, pair, request=request) == (
        [],
        {"data": FormData([pair]), "asked": request},
    )
    assert Parameters(by_name).fields == Parameters(by_annotation).fields == ()


def test_every_other_parameter_is_a_field_in_order():
    """Fields stand in the order of the parameters, whatever kind these are."""

    def enroll(subject, form, *more, seats: int = 1, **options): ...

    assert [field.name for field in Parameters(enroll).fields] == ["subject", "seats"]


def test_a_function_without_parameters_gets_none():
    """An action that needs nothing is called with nothing."""

    def ping(): ...

    assert bound(ping, ("x", "y")) == ([], {})


def test_positional_only_parameters_are_passed_by_position():
    """A parameter before the slash can be a field, the form data or the request."""

    def enroll(subject, request, /, seats: int): ...

    args, kwargs = bound(enroll, ("seats", "2"), ("subject", "Potions"))
    assert args[0] == "Potions"
    assert isinstance(args[1], Request)
    assert kwargs == {"seats": 2}


def test_a_hidden_signature_gets_the_form_data_and_the_request():
    """A decorator without functools.wraps leaves ``*args``, which get what there is."""

    def wrapper(*args, **kwargs): ...

    args, kwargs = bound(wrapper, ("a", "b"))
    assert args[0] == FormData([("a", "b")])
    assert isinstance(args[1], Request)
    assert kwargs == {}


def test_a_decorator_with_wraps_keeps_the_fields():
    """What functools.wraps says about the signature is believed."""

    def enroll(seats: int): ...

    @functools.wraps(enroll)
    def wrapper(*args, **kwargs): ...

    assert bound(wrapper, ("seats", "2")) == ([], {"seats": 2})


def test_fields_that_nobody_declared_are_ignored():
    """A forged or additional field never becomes an argument."""

    def enroll(subject): ...

    assert bound(enroll, ("subject", "a"), ("admin", "1"), ("self", "x")) == ([], {"subject": "a"})


def test_annotations_that_are_text_are_evaluated():
    """A cell with ``from __future__ import annotations`` gives the same fields."""
    cell = (
        "from __future__ import annotations\n"
        "def enroll(data: FormData, asked: Request, seats: Annotated[int, Ge(1)] = 2,\n"
        "           house: House | None = None, late: Unknown = 1): ...\n"
    )
    names = {"FormData": FormData, "Request": Request, "Annotated": Annotated, "Ge": Ge}
    exec(cell.replace(", late: Unknown = 1", ""), names | {"House": House}, found := {})
    seats, house = Parameters(found["enroll"]).fields
    assert (seats.type, seats.default, seats.attributes) == ("number", 2, {"min": "1"})
    assert list(house.choices) == ["gryffindor", "huffle puff"]
    exec(cell, names | {"House": House}, found)
    with pytest.raises(DefinitionError, match=r"'late' of enroll\(\).*'Unknown'"):
        Parameters(found["enroll"])


def test_form_and_request_need_no_importable_annotation():
    """Names under TYPE_CHECKING do no harm to the two parameters that are known by name."""

    def enroll(form: "Elsewhere", request: "Elsewhere"): ...  # noqa: F821

    assert set(bound(enroll)[1]) == {"form", "request"}


# --- how a field looks ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "type_"),
    [
        (inspect.Parameter.empty, "text"),
        (str, "text"),
        (int, "number"),
        (float, "number"),
        (Decimal, "number"),
        (bool, "checkbox"),
        (dt.date, "date"),
        (dt.time, "time"),
        (dt.datetime, "datetime-local"),
        (SecretStr, "password"),
        (House, "select"),
        (Literal["a", "b"], "select"),
        (int | None, "number"),
        (Optional[dt.date], "date"),  # noqa: UP045 - the old spelling is what is tested
        (Annotated[int, Ge(1)] | None, "number"),
        (Annotated[int | None, Ge(1)], "number"),
        (Annotated[Annotated[str, Len(1)], Len(0, 5)], "text"),
    ],
)
def test_the_type_gives_the_input(kind, type_):
    """Each supported type, also inside Annotated and ``| None``, has its input."""
    assert one_field(kind).type == type_


@pytest.mark.parametrize(
    ("kind", "attributes"),
    [
        (str, {}),
        (int, {}),
        (float, {"step": "any"}),
        (Decimal, {"step": "any"}),
        (Annotated[int, Field(ge=1, le=6)], {"min": "1", "max": "6"}),
        (Annotated[int, Field(gt=0, lt=7)], {"min": "1", "max": "6"}),
        (Annotated[int, Field(gt=0.0, lt=7.0)], {"min": "1", "max": "6"}),
        (Annotated[int, Field(ge=0)], {"min": "0"}),
        (Annotated[int, Field(ge=-3), Field(le=-1)], {"min": "-3", "max": "-1"}),
        (Annotated[int, Field(multiple_of=5)], {"step": "5"}),
        (Annotated[float, Field(multiple_of=0.5)], {"step": "0.5"}),
        (Annotated[float, Field(gt=0, ge=1)], {"min": "1", "step": "any"}),
        (Annotated[str, Field(min_length=2, max_length=9)], {"minlength": "2", "maxlength": "9"}),
        (Annotated[SecretStr, Field(min_length=8)], {"minlength": "8"}),
        (Annotated[dt.date, Ge(dt.date(2024, 2, 1))], {"min": "2024-02-01"}),
        (Annotated[int, Interval(ge=1, lt=4)], {"min": "1", "max": "3"}),
        (Annotated[str, Len(1, 3)], {"minlength": "1", "maxlength": "3"}),
        (
            Annotated[str, StringConstraints(max_length=3, strip_whitespace=True)],
            {"maxlength": "3"},
        ),
        (PositiveInt, {"min": "1"}),
        (conint(ge=2, le=4), {"min": "2", "max": "4"}),
        (Annotated[int, Ge(1)] | None, {"min": "1"}),
    ],
)
def test_rules_are_repeated_in_the_browser(kind, attributes):
    """Each rule that HTML can express is an attribute, and no other is there."""
    assert one_field(kind).attributes == attributes


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("seats", "Seats"),
        ("first_name", "First name"),
        ("last-name", "Last name"),
        ("URL", "URL"),
        ("_x_", "X"),
        ("größe", "Größe"),
        ("", ""),
    ],
)
def test_names_become_words(name, words):
    """A label is made from the name as a person would write it."""
    assert humanize(name) == words


def test_an_example_is_the_placeholder():
    """The first of Field(examples=) shows in the empty control what could stand there."""
    assert one_field(Annotated[str, Field(examples=["Luna", "Cho"])]).attributes == {
        "placeholder": "Luna"
    }


def test_title_and_description_say_it_in_the_authors_words():
    """Field(title=, description=) give the label and the help, from whichever Field has them."""
    seats = one_field(Annotated[int, Field(ge=1), Field(title="Chairs", description="At most 6")])
    assert (seats.label, seats.help) == ("Chairs", "At most 6")
    assert one_field(int).label == "Seats"
    assert one_field(int).help == ""


@pytest.mark.parametrize(
    ("kind", "default", "text"),
    [
        (int, 0, "0"),
        (str, "Luna", "Luna"),
        (str, "", ""),
        (int | None, None, ""),
        (Decimal, Decimal("1.50"), "1.50"),
        (dt.date, dt.date(2024, 2, 1), "2024-02-01"),
        (dt.time, dt.time(9, 30), "09:30"),
        (dt.datetime, dt.datetime(2024, 2, 1, 9, 30), "2024-02-01T09:30"),
        (House, House.HUFFLE_PUFF, "huffle puff"),
        (Year, Year.SECOND, "2"),
        (Literal[1, 2], 2, "2"),
        (SecretStr, SecretStr("x"), ""),
    ],
)
def test_a_default_stands_in_the_control(kind, default, text):
    """The default is shown as the text that the control holds, and never for a password."""
    found = one_field(kind, default)
    assert found.initial == ((text,) if text else ())
    assert not found.required


@pytest.mark.parametrize("kind", [str, int, SecretStr, House, dt.date])
def test_without_a_default_a_field_is_required(kind):
    """A field without a default has to be filled in."""
    assert one_field(kind).required
    assert one_field(kind).initial == ()


def test_a_check_box_is_never_required():
    """A box that has to be ticked could not say no."""
    assert not one_field(bool).required


# --- what comes back ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (str, "Luna", "Luna"),
        (str, "  Luna \r\n", "  Luna \r\n"),
        (str, " ", " "),
        (inspect.Parameter.empty, "7", "7"),
        (Annotated[str, StringConstraints(strip_whitespace=True)], " a ", "a"),
        (int, "7", 7),
        (int, "-0", 0),
        (float, "1.5", 1.5),
        (Decimal, "0.10", Decimal("0.10")),
        (bool, "on", True),
        (bool, "false", False),
        (dt.date, "2024-02-29", dt.date(2024, 2, 29)),
        (dt.time, "09:30", dt.time(9, 30)),
        (dt.datetime, "2024-02-29T09:30", dt.datetime(2024, 2, 29, 9, 30)),
        (House, "huffle puff", House.HUFFLE_PUFF),
        (Year, "2", Year.SECOND),
        (Literal[1, "b"], "1", 1),
        (int | None, "7", 7),
        (Annotated[int, Ge(1)] | None, "7", 7),
    ],
)
def test_text_becomes_a_value_of_the_type(kind, text, value):
    """What a browser sends for a field is turned into the declared type."""
    got = parsed(kind, text)
    assert got == value
    assert type(got) is type(value)


def test_a_password_is_never_stripped():
    """Spaces belong to a password."""
    secret = parsed(SecretStr, " pass word ")
    assert secret.get_secret_value() == " pass word "


@pytest.mark.parametrize("kind", [bool, Annotated[bool, Field(title="Sure?")]])
@pytest.mark.parametrize("default", [inspect.Parameter.empty, True, None])
def test_an_absent_check_box_is_false(kind, default):
    """A browser sends nothing for a box that is not ticked, whatever its default."""
    assert parsed(kind, default=default) is False
    assert parsed(kind, "on", default=default) is True


@pytest.mark.parametrize(
    ("kind", "default"), [(int, 3), (int | None, None), (House, House.GRYFFINDOR), (dt.date, None)]
)
def test_an_emptied_field_has_its_default(kind, default):
    """Where the type has no empty value, nothing typed is the default."""
    assert parsed(kind, "", default=default) is default


def test_an_emptied_text_is_an_empty_text():
    """Who deletes a text wants it empty and not the default back."""
    assert parsed(str, "", default="Luna") == ""


@pytest.mark.parametrize(("kind", "default"), [(str, "Luna"), (int, 3), (House, None)])
def test_a_field_that_was_not_sent_has_its_default(kind, default):
    """A call from code that names fewer fields gets the defaults, as a function would."""
    assert parsed(kind, default=default) is default


# --- messages -------------------------------------------------------------------------------------


def check_even(value):
    """Refuse odd numbers, in the author's words."""
    if value % 2:
        raise ValueError("is not even")
    return value


def check_custom(value):
    """Refuse everything, with a context that uses names of our own."""
    raise PydanticCustomError(
        "my_kind", "{label} {kind} {said}", {"label": 1, "kind": 2, "said": 3}
    )


@pytest.mark.parametrize(
    ("kind", "text", "told"),
    [
        (str, "", "Seats is required."),
        (int, "", "Seats is required."),
        (House, "", "Seats is required."),
        (int, "x", "Seats must be a whole number."),
        (int, "1.5", "Seats must be a whole number."),
        (int, " ", "Seats must be a whole number."),
        (int, "9" * 5000, "Seats is too large."),
        (float, "x", "Seats must be a number."),
        (float, "nan", "Seats must be a number."),
        (float, "inf", "Seats must be a number."),
        (float, "1e999", "Seats must be a number."),
        (Decimal, "x", "Seats must be a number."),
        (Decimal, "NaN", "Seats must be a number."),
        (Decimal, "Infinity", "Seats must be a number."),
        (bool, "perhaps", "Seats must be yes or no."),
        (dt.date, "2024-02-30", "Seats must be a date."),
        (dt.date, "2024-02-01T10:00", "Seats must be a date."),
        (dt.time, "25:00", "Seats must be a time."),
        (dt.datetime, "2024-02-30T10:00", "Seats must be a date and time."),
        (dt.datetime, "soon", "Seats must be a date and time."),
        (House, "slytherin", "Seats must be one of Gryffindor, Huffle puff."),
        (Literal["a", "b"], "c", "Seats must be one of A, B."),
        (Annotated[int, Field(ge=1)], "0", "Seats must be 1 or more."),
        (Annotated[int, Field(gt=1)], "1", "Seats must be more than 1."),
        (Annotated[int, Field(le=6)], "7", "Seats must be 6 or less."),
        (Annotated[int, Field(lt=6)], "6", "Seats must be less than 6."),
        (Annotated[int, Field(multiple_of=5)], "6", "Seats must be a multiple of 5."),
        (Annotated[str, Field(min_length=2)], "x", "Seats must have 2 or more characters."),
        (Annotated[str, Field(max_length=1)], "xx", "Seats must have 1 or fewer characters."),
        (Annotated[SecretStr, Field(min_length=8)], "x", "Seats must have 8 or more characters."),
        (Annotated[SecretStr, Field(max_length=1)], "xx", "Seats must have 1 or fewer characters."),
        (Annotated[str, Field(pattern="^a$")], "b", "Seats does not have the right form."),
        (
            Annotated[Decimal, Field(decimal_places=2)],
            "0.123",
            "Seats must have 2 or fewer decimals.",
        ),
        (Annotated[Decimal, Field(max_digits=2)], "123", "Seats must have 2 or fewer digits."),
        (Annotated[Decimal, Field(max_digits=3, decimal_places=2)], "99", "Seats is too large."),
        (Annotated[int, Field(title="Your {seats}", ge=1)], "0", "Your {seats} must be 1 or more."),
        (Annotated[int, AfterValidator(check_even)], "3", "Seats: is not even"),
        (Annotated[int, AfterValidator(check_custom)], "3", "Seats: 1 2 3"),
    ],
)
def test_problems_are_told_in_a_persons_words(kind, text, told):
    """Each problem names the field by its label and says what would be right."""
    assert message(kind, text) == told


@pytest.mark.parametrize("kind", [str, int, bool, House, dt.date, SecretStr, Decimal])
def test_a_file_where_a_text_is_expected_is_a_field_error(kind):
    """A forged submission with a file in the place of a text never crashes."""
    assert message(kind, UploadedFile("x.txt")) == "Seats cannot be a file."


@pytest.mark.parametrize("kind", [str, int, House, SecretStr])
def test_a_required_field_that_was_not_sent_is_a_field_error(kind):
    """An absent field is told like an empty one."""
    with pytest.raises(FormError) as caught:
        parsed(kind)
    assert caught.value.fields == {"seats": "Seats is required."}


def test_the_input_of_a_secret_is_not_in_its_message():
    """A message never repeats what was typed."""
    assert "hunter2" not in message(Annotated[SecretStr, Field(min_length=8)], "hunter2")


def test_all_problems_are_told_at_once():
    """Nobody has to submit again to hear of the second problem."""

    def enroll(name, seats: int, house: House, note="", *, day: dt.date): ...

    with pytest.raises(FormError) as caught:
        bound(enroll, ("seats", "x"), ("house", "none"), ("day", "2024-02-01"))
    assert caught.value.message == ""
    assert caught.value.fields == {
        "name": "Name is required.",
        "seats": "Seats must be a whole number.",
        "house": "House must be one of Gryffindor, Huffle puff.",
    }


kinds = st.sampled_from(
    [str, int, float, Decimal, bool, dt.date, dt.time, dt.datetime, SecretStr, House, Year]
)


@settings(max_examples=300)
@given(kinds, st.text() | st.from_regex(r"[-+0-9.eE:T_ Z]{1,12}", fullmatch=True))
def test_any_text_is_a_value_or_a_field_error(kind, text):
    """Whatever is typed into whatever field: a value of the type, or a message beside the field."""
    value, told = None, {}
    try:
        value = parsed(kind, text)
    except FormError as error:
        told = error.fields
    assert isinstance(value, kind) or told["seats"].startswith("Seats ")
    assert isinstance(value, kind) or list(told) == ["seats"]


def in_milliseconds(moment):
    """Return a time without the digits that no browser has."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


@given(
    st.one_of(
        st.tuples(st.just(int), st.integers(-(10**15), 10**15)),
        st.tuples(st.just(float), st.floats(allow_nan=False, allow_infinity=False)),
        st.tuples(st.just(Decimal), st.decimals(allow_nan=False, allow_infinity=False)),
        st.tuples(st.just(dt.date), st.dates()),
        st.tuples(st.just(dt.time), st.times().map(in_milliseconds)),
        st.tuples(st.just(dt.datetime), st.datetimes().map(in_milliseconds)),
        st.tuples(st.just(House), st.sampled_from(House)),
        st.tuples(st.just(str), st.text(min_size=1)),
    )
)
def test_a_default_submitted_unchanged_comes_back(kind_and_default):
    """For any default: the text in the control is read back as the default."""
    kind, default = kind_and_default
    field = one_field(kind, default)
    assert parsed(kind, *field.initial, default=default) == default


# --- wrong declarations ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind",
    [
        dict,
        bytes,
        object,
        complex,
        int | str,
        int | str | None,
        "Nowhere",
        None,
        [],
        {"a": 1},
        Annotated[int, Field(gt=0.5)],
        list[list[int]],
        dict[str, int],
        tuple[int, str],
    ],
    ids=repr,
)
def test_a_type_that_no_field_can_hold_names_the_parameter(kind):
    """A wrong annotation is an error where it is written, with parameter and function."""
    with pytest.raises(DefinitionError, match=r"parameter 'seats' of book\(\)"):
        one_field(kind)


def test_the_refusal_says_what_would_do():
    """The message lists the types that are allowed, and the way out."""
    with pytest.raises(DefinitionError, match=r"float, .*int, .*Literal, Enum.*FormData"):
        one_field(dict[str, str])


def test_a_field_as_the_default_is_refused():
    """``seats: int = Field(1)`` would pass the FieldInfo itself to who calls the function."""
    with pytest.raises(DefinitionError, match=r"'seats' of book\(\).*Annotated\[int, Field"):
        one_field(int, Field(1, ge=1))


def test_a_builtin_without_a_signature_is_refused():
    """What cannot be inspected is a wrong declaration and not a crash."""
    with pytest.raises(DefinitionError, match=r"dict\(\) cannot be an action"):
        Parameters(dict)


def test_what_may_be_none_may_be_left_empty():
    """An optional field needs no default, and an emptied one is None, whatever its type."""

    def book(name: str | None, seats: int | None, note: str | None = None):
        """Never called."""

    parameters = Parameters(book)
    assert [field.required for field in parameters.fields] == [False, False, False]
    form = FormData({"name": "", "seats": "", "note": ""})
    assert parameters.bind(form, Request())[1] == {"name": None, "seats": None, "note": None}


def test_a_parameter_without_an_annotation_is_as_its_default():
    """``seats=1`` is a number, ``news=False`` a check box, ``name`` a text."""

    def book(name, seats=1, news=False):
        """Never called."""

    assert [field.type for field in Parameters(book).fields] == ["text", "number", "checkbox"]


def test_a_choice_with_a_line_break_is_taken_as_a_browser_sends_it():
    """CR LF on the wire is the line break that the type has, whichever that is."""

    def book(house: Literal["a\nb", "c\rd"]):
        """Never called."""

    parameters = Parameters(book)
    for choice in ("a\nb", "c\rd"):
        form = FormData([("house", re.sub(r"[\n\r]", "\r\n", choice))])
        assert parameters.bind(form, Request())[1] == {"house": choice}
