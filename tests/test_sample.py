"""Made-up input for a form: what its HTML allows."""

import pytest

from notebook_actions.sample import forms_of


def sent(inside):
    """Return what a form with this inside sends."""
    (form,) = forms_of(f'<form data-action="go">{inside}</form>')
    return list(form.pairs())


@pytest.mark.parametrize(
    ("control", "value"),
    [
        ('<input name="x">', "1"),
        ('<input name="x" minlength="4" maxlength="6">', "1111"),
        ('<input name="x" value="luna" minlength="9">', "luna"),
        ('<input type="number" name="x">', "1"),
        ('<input type="number" name="x" min="4" max="6">', "4"),
        ('<input type="number" name="x" max="-3">', "-3"),
        ('<input type="number" name="x" step="5">', "5"),
        ('<input type="number" name="x" step="0.5" max="0.75">', "0.5"),
        ('<input type="number" name="x" step="5" max="-3">', "-5"),
        ('<input type="number" name="x" step="any">', "1"),
        ('<input type="range" name="x" min="10" step="10">', "10"),
        ('<input type="email" name="x" required>', "someone@example.com"),
        ('<input type="url" name="x">', "https://example.com/"),
        ('<input type="date" name="x" min="2030-01-01">', "2030-01-01"),
        ('<input type="date" name="x" max="2020-01-01">', "2020-01-01"),
        ('<input type="time" name="x" max="06:00">', "06:00"),
        ('<input type="datetime-local" name="x">', "2026-01-15T12:00"),
        ('<input type="color" name="x">', "#336699"),
        ('<input type="checkbox" name="x" value="y" required>', "y"),
        ('<textarea name="x">hello</textarea>', "hello"),
        ('<textarea name="x" minlength="3"></textarea>', "111"),
        ('<select name="x"><option value="">Choose</option><option value="b">B</select>', "b"),
        ('<select name="x"><option>One<option selected>Two</option></select>', "Two"),
        ('<select name="x"><option disabled value="a">A<option value="b">B</select>', "b"),
    ],
)
def test_a_control_sends_what_it_allows(control, value):
    """Its own value, else one within its limits."""
    assert sent(control) == [("x", value)]


@pytest.mark.parametrize(
    ("buttons", "value"),
    [
        ('<input type="radio" name="x" value="a"><input type="radio" name="x" value="b">', "a"),
        (
            '<input type=radio name="x" value="a"><input type=radio name="x" value="b" checked>',
            "b",
        ),
    ],
)
def test_one_radio_button_of_a_group_is_pressed(buttons, value):
    """The checked one, else the first; never two."""
    assert sent(buttons) == [("x", value)]


def test_what_sends_nothing_is_left_out():
    """An empty check box, what is disabled, what has no name, and all buttons but the first."""
    assert sent(
        '<input type="checkbox" name="a"><input name="b" disabled><input>'
        '<button name="c" value="1">1</button><button name="c" value="2">2</button>'
    ) == [("c", "1")]


def test_what_is_known_better_is_sent():
    """A rule that HTML cannot say is met by a value from elsewhere."""
    (form,) = forms_of('<form data-action="go"><input name="x"><input name="y"></form>')
    form.given = {"x": "AB-12"}
    assert list(form.pairs()) == [("x", "AB-12"), ("y", "1")]
