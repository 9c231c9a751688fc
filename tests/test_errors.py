"""The exceptions: what they carry, and that they survive a trip to another process."""

import copy
import pickle
from http import HTTPStatus

import pytest

from notebook_actions import errors
from notebook_actions.errors import (
    ActionError,
    ActionFailure,
    ActionTimeout,
    Cancelled,
    DefinitionError,
    ExportError,
    FormError,
    MissingField,
    NothingToRetry,
    UnsafeRedirect,
)


class QuotaError(ActionError):
    """An author's own failure, with a constructor of its own."""

    def __init__(self, used: int, *, limit: int) -> None:
        super().__init__(f"{used} of {limit} used", 429)
        self.used = used


EXAMPLES = [
    ActionFailure("no", fields={"a": "b"}, status=409),
    FormError("Check the form", fields={"email": "already enrolled"}),
    MissingField("email", ["name"]),
    ActionError("Class is full", status=409),
    ActionTimeout(2.5),
    Cancelled(),
    QuotaError(3, limit=2),
    DefinitionError("wrong"),
    UnsafeRedirect("//evil"),
    NothingToRetry(),
    ExportError(["cell 1: no", "cell 2: neither"]),
]


@pytest.mark.parametrize(
    ("child", "parents"),
    [
        (FormError, [ActionFailure]),
        (MissingField, [FormError, KeyError]),
        (ActionError, [ActionFailure]),
        (ActionTimeout, [ActionFailure]),
        (Cancelled, [ActionFailure]),
        (DefinitionError, [TypeError]),
        (UnsafeRedirect, [ValueError]),
        (NothingToRetry, [Exception]),
        (ExportError, [Exception]),
    ],
)
def test_the_tree_is_the_one_that_the_module_draws(child, parents):
    """Each exception can be caught as what the module's drawing says."""
    assert all(issubclass(child, parent) for parent in parents)
    assert child.__name__ in errors.__doc__


@pytest.mark.parametrize(
    "kind", [DefinitionError, UnsafeRedirect, NothingToRetry, ExportError], ids=lambda k: k.__name__
)
def test_mistakes_of_the_author_are_no_failures(kind):
    """What the author did wrong is never told to the person as an expected failure."""
    assert not issubclass(kind, ActionFailure)


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("trip", [lambda e: pickle.loads(pickle.dumps(e)), copy.copy])
def test_every_exception_survives_pickling_and_copying(error, trip):
    """An exception from a worker process arrives with its class, its words and its attributes."""
    arrived = trip(error)
    assert type(arrived) is type(error)
    assert str(arrived) == str(error)
    assert arrived.args == error.args
    assert vars(arrived) == vars(error)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ActionFailure(), ""),
        (FormError("Check the form"), "Check the form"),
        (FormError(fields={"a": "is odd"}), "a: is odd"),
        (FormError("No", {"a": "is odd", "b": "is even"}), "No; a: is odd; b: is even"),
        (Cancelled(), "Cancelled."),
        (ActionTimeout(2.0), "This took longer than 2 seconds and was stopped."),
        (ActionTimeout(0.5), "This took longer than 0.5 seconds and was stopped."),
        (ExportError(["one", "two"]), "one\ntwo"),
    ],
)
def test_the_text_says_the_message_and_every_field(error, text):
    """The text of an exception holds all that was said, for logs and tracebacks."""
    assert str(error) == text


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (FormError("x"), 422),
        (MissingField("x"), 422),
        (ActionError("x"), 422),
        (ActionError("x", 409), 409),
        (ActionError("x", status=HTTPStatus.CONFLICT), 409),
        (ActionTimeout(1), 504),
        (Cancelled(), 422),
    ],
)
def test_each_failure_has_the_status_of_its_answer(error, status):
    """The HTTP status is 422 unless the failure says otherwise."""
    assert error.status == status


@pytest.mark.parametrize("status", [200, 303, 399, 600, 0, -1])
def test_a_failure_cannot_claim_success(status):
    """A status that is not an error's is refused where it is written."""
    with pytest.raises(ValueError, match=f"status={status} is not an error status"):
        ActionError("no", status=status)


@pytest.mark.parametrize("status", [400, 599])
def test_every_error_status_is_allowed(status):
    """The bounds 400 and 599 are error statuses themselves."""
    assert ActionError("no", status=status).status == status


def test_the_fields_are_the_failures_own():
    """Changing the mapping afterwards does not change what is shown."""
    given = {"email": "taken"}
    error = FormError(fields=given)
    given["name"] = "missing"
    assert error.fields == {"email": "taken"}


def test_whatever_is_said_becomes_text():
    """An exception or a number as a message is shown, and is no second problem."""
    error = FormError(ValueError("out of stock"), fields={"seats": 7})
    assert error.message == "out of stock"
    assert error.fields == {"seats": "7"}
    assert str(error) == "out of stock; seats: 7"


def test_a_missing_field_names_what_was_sent():
    """The message names the absent field and, once each, those that came."""
    error = MissingField("email", ["name", "day", "day"])
    assert error.message == "The form has no field 'email'; it sent name, day."
    assert error.fields == {"email": "is missing"}


def test_a_missing_field_of_an_empty_form_says_so():
    """Where nothing was sent the message does not end in an empty list."""
    assert "it sent no field at all" in MissingField("email").message


def test_an_export_error_keeps_its_problems():
    """All problems are at hand, whatever kind of iterable they came in."""
    assert ExportError(iter(["a", "b"])).problems == ("a", "b")


def test_nothing_to_retry_says_what_to_do():
    """The text names the call that has to come first."""
    assert "submit()" in str(NothingToRetry())


def test_a_text_that_is_no_unicode_can_be_shown():
    """A file name that is not UTF-8 makes lone surrogates, which no page can be made of."""
    failure = FormError("no owl\ud800", {"name\ud801": OSError("no file\udcff")})
    assert failure.message == "no owl\\ud800"
    assert failure.fields == {"name\\ud801": "no file\\udcff"}
