"""What is declared wrongly is told in the words of whoever declares it."""

from functools import partial

import pytest

from notebook_actions import (
    ActionError,
    FormData,
    FormError,
    Request,
    UploadedFile,
    action,
    loader,
    make_app,
    serve,
)
from notebook_actions.fields import Select, Text
from notebook_actions.page import ActionForm


def save():
    """Do nothing."""


def steps(count):
    """Give several values."""
    yield count


WRONG = {
    "a name that is no text": (lambda: action(name=3)(save), "3 cannot be an action's name"),
    "a time in text": (lambda: action(timeout="5")(save), "timeout='5' of save: use seconds"),
    "a key that is none": (
        lambda: action(invalidate=5)(save),
        "invalidate=5 of save: give the key",
    ),
    "a generator": (lambda: action(partial(steps, 1)), "yields; an action returns one value"),
    "a loader's key": (lambda: loader(key=5)(save), "key=5 of a loader: give a text"),
    "a loader that yields": (lambda: loader(steps), "steps\\(\\) yields"),
    "one field": (lambda: ActionForm(save, fields=Text("a")), r"is Text\('a'\); give a list"),
    "no choices": (lambda: Select("a", 5), r"Select\('a'\): options=5 is no list"),
    "no page": (lambda: make_app(5), r"5 \(type int\) cannot be served; give a Page"),
    "one public URL": (
        lambda: make_app(ActionForm(save), public_urls="a.example"),
        "'a.example': write",
    ),
    "messages": (lambda: FormError("No", "name"), "fields='name' is no mapping; give the name of"),
    "a status": (lambda: ActionError("No", status="409"), "status='409' is not an error status"),
    "a port": (
        lambda: serve(ActionForm(save), port=99999),
        "port=99999 is no port; give a number from 0",
    ),
    "unreadable HTML": (lambda: ActionForm(save, html="<![x"), "html= of save cannot be read"),
    "data": (
        lambda: UploadedFile("a.txt", data="text"),
        "data of UploadedFile.* is str; give bytes",
    ),
    "pairs": (
        lambda: FormData("ab"),
        "made of a mapping or of pairs of a name and a value, not 'ab'",
    ),
    "a session": (
        lambda: Request().session.update(a=1),
        r"cannot keep 'a'.*make_app\(page, session",
    ),
}


@pytest.mark.parametrize(("make", "said"), WRONG.values(), ids=WRONG.keys())
def test_what_is_declared_wrongly_is_told_with_a_remedy(make, said):
    """Whatever is given in place of what belongs there, the message names it and what to give."""
    with pytest.raises((TypeError, ValueError), match=said):
        make()


def test_an_error_shows_its_fields_where_it_is_looked_at():
    """The repr of an error of a form says what stands beside which field."""
    assert repr(FormError("", {"seats": "6 at most"})) == (
        "FormError('', fields={'seats': '6 at most'})"
    )
    assert repr(ActionError("Full", status=409)) == "ActionError('Full', status=409)"
