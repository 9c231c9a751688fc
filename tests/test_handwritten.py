"""HTML by hand: what cannot work is told at definition, with line and column."""

from __future__ import annotations

import pytest

from notebook_actions import action
from notebook_actions.errors import DefinitionError
from notebook_actions.page import ActionForm


@action
async def enroll(subject: str, days: list[str], day: str = "") -> None:
    """Enroll."""


@pytest.mark.parametrize(
    ("html", "said"),
    [
        ("<p>\n <form>", "line 2, column 2: leave out <form>"),
        ("<p></form>", "line 1, column 4: leave out <form>"),
        ("<body>", "leave out <body>"),
        ('<p id="a">\n<b id="a">', r'line 2, column 1: id="a" stands at line 1, column 1 already'),
        ('<p data-slot="x"><p data-slot="x">', 'data-slot="x" stands'),
        ('<input name="_form">', "'_form' begins with '_'"),
        (
            '<input name="day">\n<select name="day"></select>',
            "line 2, .*'day', of which the action takes",
        ),
        ('<p>\n<select name="day"><option>1', "line 2, column 1: <select> is not closed"),
        ('<select name="day"><option>1<input name="x">', "column 1: <select> is not closed"),
        ('<p><textarea name="day">1</p>', "column 4: <textarea> is not closed"),
    ],
)
def test_refused(html: str, said: str) -> None:
    """The error says what is wrong, where, and what to do."""
    with pytest.raises(DefinitionError, match=f"html= of enroll.*{said}"):
        ActionForm(enroll, html=html)


@pytest.mark.parametrize(
    "html",
    [
        '<input type="radio" name="day" value="1"><input type="radio" name="day" value="2">',
        '<input type="hidden" name="day" value="0"><input type="checkbox" name="day" value="1">',
        '<input name="days"><input name="days">',
        '<input name="other"><input name="other">',
        '<button name="day" value="1">1</button><button name="day" value="2">2</button>',
        '<textarea name="day"><form> id="a"</textarea><!-- <form> --><p id="a">',
        '<template data-row="x"><p id="a"></template><p id="a"><button name="_add" value="x">',
    ],
)
def test_allowed(html: str) -> None:
    """What a browser makes sense of stays allowed."""
    assert ActionForm(enroll, html=html).html == html
