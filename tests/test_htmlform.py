"""What a form sends, by the rules of HTML."""

from __future__ import annotations

import pytest

from notebook_actions import UploadedFile
from notebook_actions.htmlform import encode, parse


def sent(inside: str, after: str = "") -> list[tuple[str, object]]:
    (form,) = parse(f'<form id="f">{inside}</form>{after}').forms()
    return [(name, getattr(value, "filename", value)) for name, value in form.pairs(form.submitter)]


@pytest.mark.parametrize(
    ("inside", "pairs"),
    [
        ('<input name="a" value="1"><input value="2">', [("a", "1")]),
        ('<input name="a" disabled><textarea name="b">\nx\ny</textarea>', [("b", "x\r\ny")]),
        ('<input type=checkbox name="a"><input type=checkbox name="b" checked>', [("b", "on")]),
        ('<input type=radio name="a" value="1"><input type=radio name="a" checked>', [("a", "on")]),
        ('<select name="a"><option disabled>1<option>2<option>3</select>', [("a", "2")]),
        ('<select name="a" multiple><option>1<option selected>2</select>', [("a", "2")]),
        ('<select name="a" multiple><option>1</select>', []),
        ('<select name="a"><option selected>1<option selected>2</select>', [("a", "2")]),
        ('<select name="a"><optgroup disabled><option>1</optgroup><option>2', [("a", "2")]),
        ('<input type=file name="a">', [("a", "")]),
        ('<button name="a" value="1">A</button><button name="b">B</button>', [("a", "1")]),
        ('<button type=button name="a">A</button><input type=reset name="b">', []),
        ('<input type=image name="a">', [("a.x", "0"), ("a.y", "0")]),
        (
            '<fieldset disabled><legend><input name="a"></legend><input name="b"></fieldset>',
            [("a", "")],
        ),
        ('<template><input name="a"></template>', []),
        ('<textarea name="a">\r\n<b>&amp;</b><!-- --></textarea>', [("a", "<b>&</b><!-- -->")]),
        (
            '<input type=radio name="a" value="1" checked><input type=radio name="a" checked>',
            [("a", "on")],
        ),
        ('<select name="a" size="x"><option>1</select>', [("a", "1")]),
        ('<select name="a" size="2"><option>1</select>', []),
        ('<select name="a"><option>\u00a0a\n b </select>', [("a", "\u00a0a b")]),
        ('<input name="a" name="b" value="1" value="2">', [("a", "1")]),
        ('<input name="a" value="1" dirname="a.dir">', [("a", "1"), ("a.dir", "ltr")]),
    ],
)
def test_a_control_sends_what_html_says(inside: str, pairs: list[tuple[str, str]]) -> None:
    """Its value, its choices or nothing, and only the button that is pressed."""
    assert sent(inside) == pairs


def test_a_control_belongs_to_the_form_that_it_names() -> None:
    """Wherever it stands; one that names another form is left out."""
    inside = '<input name="a"><input name="b" form="g">'
    assert sent(inside, '<button form="f" name="c" value="1">Send</button>') == [
        ("a", ""),
        ("c", "1"),
    ]


def test_a_form_within_a_form_is_none() -> None:
    """Its controls belong to the outer one."""
    assert sent('<form><input name="a">') == [("a", "")]


def test_a_file_is_sent_whole_by_multipart_and_as_its_name_otherwise() -> None:
    """As a browser does, which warns nobody of it."""
    pairs = [("a", UploadedFile('o"wl\n.png', "image/png", b"PIXELS"))]
    kind, body = encode(pairs, multipart=True)
    assert kind.startswith("multipart/form-data; boundary=")
    assert b'name="a"; filename="o%22wl%0D%0A.png"\r\nContent-Type: image/png' in body
    assert b"\r\n\r\nPIXELS\r\n" in body
    assert encode(pairs) == ("application/x-www-form-urlencoded", b"a=o%22wl%0A.png")
