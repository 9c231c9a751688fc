"""Forms of every kind, what a person does to each, and what the action then must have got.

``python sent.py FOLDER PORT`` serves them. What arrives is written to ``FOLDER/NAME.json``.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from notebook_actions import Action, FormData, UploadedFile, action
from notebook_actions.page import ActionForm, Page

if TYPE_CHECKING:
    from playwright.sync_api import Locator

#: A name with its text, or with a file's name, type and content.
Pair = tuple[str, Any]


@dataclass(frozen=True)
class Case:
    """A form, what is done to it until it is submitted, and the pairs that the action gets."""

    name: str
    html: str
    pairs: Sequence[Pair]
    do: Callable[[Locator], object]


def click(form: Locator) -> None:
    """Press the form's first button."""
    form.locator("button, input[type=submit]").first.click()


def fill(form: Locator, **texts: str) -> None:
    """Type texts, and press the button."""
    for name, text in texts.items():
        form.locator(f'[name="{name}"]').fill(text)
    click(form)


def choose(form: Locator, *files: tuple[str, str, bytes]) -> None:
    """Choose files, and press the button."""
    chosen = [{"name": name, "mimeType": kind, "buffer": data} for name, kind, data in files]
    form.locator("input[type=file]").first.set_input_files(chosen)
    click(form)


def outside(form: Locator) -> Locator:
    """Return the button that stands outside the form and belongs to it."""
    return form.page.locator("button.outside")


GO = "<button>Go</button>"
FILE = f'<input type="file" name="f" multiple>{GO}'
HOW = (
    '<button name="how" value="one">One</button><button name="how" value="two"><b>Two</b></button>'
)

CASES = [
    Case(
        "order",
        '<input name="b" value="1"><input name="a" value="2"><input name="b" value="3">'
        f'<input type="hidden" name="a" value="4"><input value="no name">{GO}',
        [("b", "1"), ("a", "2"), ("b", "3"), ("a", "4")],
        click,
    ),
    Case(
        "lines",
        f'<textarea name="t"></textarea><textarea name="given">\n\na\r\nb\n</textarea>{GO}',
        [("t", "\r\none\r\n\r\ntwo \r\n"), ("given", "\r\na\r\nb\r\n")],
        lambda form: fill(form, t="\none\n\ntwo \n"),
    ),
    Case(
        "lines_multipart",
        f'<textarea name="t"></textarea><input type="hidden" name="h" value="x&#10;y&#13;z">{FILE}',
        [("t", "a\r\nb"), ("h", "x\r\ny\r\nz")],
        lambda form: fill(form, t="a\nb"),
    ),
    Case(
        "empty",
        '<input name="a"><input name="b" value=""><textarea name="c"></textarea>'
        f'<input type="hidden" name="d"><input type="number" name="e">{GO}',
        [("a", ""), ("b", ""), ("c", ""), ("d", ""), ("e", "")],
        click,
    ),
    Case(
        "names",
        '<input name="größe" value="ß☃😀"><input name="a&quot;b" value="&quot;&amp;&lt;">'
        '<input name="x&#10;y" value="1"><input name="名前[]" value="עברית">'
        '<input name="a b+c%20&amp;d=e" value="a b+c%20&amp;d=e">'
        f'<input name="{{{{ x }}}}" value="{{% y %}}">{GO}',
        [
            *[("größe", "ß☃😀"), ('a"b', '"&<'), ("x\r\ny", "1"), ("名前[]", "עברית")],
            *[("a b+c%20&d=e", "a b+c%20&d=e"), ("{{ x }}", "{% y %}")],
        ],
        click,
    ),
    Case(
        "names_multipart",
        '<input name="größe" value="ß☃😀"><input name="a&quot;b" value="&quot;&amp;&lt;">'
        '<input name="x&#10;y" value="1"><input name="名前[]" value="עברית">'
        f'<input name="a b+c;d=e\\f%22" value=" a b %22">{FILE}',
        [
            *[("größe", "ß☃😀"), ('a"b', '"&<'), ("x\r\ny", "1"), ("名前[]", "עברית")],
            ('a b+c;d=e\\f"', " a b %22"),
        ],
        click,
    ),
    Case(
        "files",
        FILE,
        [
            ("f", ("größe ☃😀.bin", "image/png", b"\x00\r\n\xff--\n")),
            ("f", ('we"ird;\n\\x\r.txt', "text/plain", b"text\n")),
            # In the body this is the same as a quote; no other server can tell them apart, either.
            ("f", ('50"', "application/octet-stream", b"1")),
        ],
        lambda form: choose(
            form,
            ("größe ☃😀.bin", "image/png", b"\x00\r\n\xff--\n"),
            ('we"ird;\n\\x\r.txt', "text/plain", b"text\n"),
            ("50%22", "", b"1"),
        ),
    ),
    Case(
        "empty_file",
        f'<input name="a" value="1">{FILE}<input name="b" value="2">',
        [("a", "1"), ("f", ("empty.txt", "text/plain", b"")), ("b", "2")],
        lambda form: choose(form, ("empty.txt", "text/plain", b"")),
    ),
    Case("no_file", f'<input name="a" value="1">{FILE}', [("a", "1")], click),
    Case(
        "file_names_only",
        '<input type="file" name="f"><button formenctype="application/x-www-form-urlencoded">Go'
        "</button>",
        [("f", "größe.txt")],
        lambda form: choose(form, ("größe.txt", "text/plain", b"data")),
    ),
    Case(
        "button_clicked",
        f'<input name="a" value="1">{HOW}<input name="b" value="2">',
        [("a", "1"), ("how", "two"), ("b", "2")],
        lambda form: form.get_by_text("Two").click(),
    ),
    Case(
        "button_by_enter",
        f'<button type="button" name="no" value="no">No</button><input name="a" value="1">{HOW}',
        [("a", "1"), ("how", "one")],
        lambda form: form.locator("[name=a]").press("Enter"),
    ),
    Case(
        "button_by_space",
        f'<input name="a" value="1">{HOW}',
        [("a", "1"), ("how", "two")],
        lambda form: form.locator("button:not([data-cancel])").nth(1).press("Space"),
    ),
    Case(
        "input_as_button",
        '<input type="submit" name="how" value="größe &quot;x&quot;"><input name="a">',
        [("how", 'größe "x"'), ("a", "")],
        click,
    ),
    Case("no_value", '<input type="submit" name="how">', [("how", "Submit")], click),
    Case(
        "outside",
        f'<input name="a" value="1">{GO}',
        [("a", "1"), ("far", "3"), ("how", "outside")],
        lambda form: outside(form).click(),
    ),
    Case(
        "image",
        '<input type="image" name="map" alt="Go" width="40" height="40" '
        'src="data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA="><input name="a">',
        [("map.x", "3"), ("map.y", "5"), ("a", "")],
        lambda form: form.locator("[type=image]").click(position={"x": 3, "y": 5}),
    ),
    Case(
        "image_by_enter",
        '<input name="a"><input type="image" alt="Go">',
        [("a", ""), ("x", "0"), ("y", "0")],
        lambda form: form.locator("[name=a]").press("Enter"),
    ),
    Case(
        "dirname",
        '<input name="q" dirname="q.dir" dir="auto"><textarea name="t" dirname="t.dir"></textarea>'
        f'<input type="hidden" name="h" value="x" dirname="h.dir" dir="rtl">{GO}',
        [
            ("q", "עברית"),
            ("q.dir", "rtl"),
            ("t", ""),
            ("t.dir", "ltr"),
            ("h", "x"),
            ("h.dir", "rtl"),
        ],
        lambda form: fill(form, q="עברית"),
    ),
    Case(
        "formaction",
        '<input name="a" value="1"><button name="how" value="x" '
        'formaction="?_action=formaction&amp;more=1">Go</button>',
        [("a", "1"), ("how", "x")],
        click,
    ),
    Case(
        "disabled",
        '<input name="a" disabled value="1"><fieldset disabled><legend><input name="b" value="2">'
        '</legend><input name="c" value="3"></fieldset><input name="d" readonly value="4">'
        '<select name="e"><option disabled selected value="5">5</option></select>'
        f'<template><input name="f" value="6"></template>{GO}',
        [("b", "2"), ("d", "4")],
        click,
    ),
    Case(
        "lists",
        '<select name="m" multiple><option>a</option><option value="b&#10;c">x</option>'
        '<option value="">none</option><option>d</option></select>'
        '<select name="none" multiple><option>a</option></select>'
        f'<select name="first"><option>  two  words</option><option>z</option></select>{GO}',
        [("m", "b\r\nc"), ("m", ""), ("m", "d"), ("first", "two words")],
        lambda form: (form.locator("[name=m]").select_option(index=[1, 2, 3]), click(form)),
    ),
    Case(
        "boxes",
        '<input type="checkbox" name="c"><input type="checkbox" name="c" value="2">'
        '<input type="checkbox" name="c" value="2"><input type="checkbox" name="c" value="">'
        '<input type="radio" name="r" value="a" checked>'
        '<input type="radio" name="r" value="b&#13;">'
        f'<input type="checkbox" name="off" value="x">{GO}',
        [("c", "on"), ("c", "2"), ("c", ""), ("r", "b\r\n")],
        lambda form: (
            [form.locator("[name=c]").nth(n).check() for n in (0, 2, 3)],
            form.locator("[name=r]").nth(1).check(),
            click(form),
        ),
    ),
    Case(
        "kinds",
        '<input type="number" name="n"><input type="date" name="d"><input type="color" name="c">'
        '<input type="range" name="r" min="1" max="9"><input type="email" name="e">'
        f'<input type="password" name="p">{GO}',
        [
            *[("n", "007"), ("d", "2026-02-28"), ("c", "#000000"), ("r", "5")],
            *[("e", "a@b.c"), ("p", " päss ")],
        ],
        lambda form: fill(form, n="007", d="2026-02-28", e="  a@b.c ", p=" päss "),
    ),
    Case(
        "own_words",
        '<input name="action" value="1"><input name="method" value="2">'
        '<input name="submit" value="3"><input name="elements" value="4">'
        '<input name="id" value="5"><input name="enctype" value="6">'
        f'<input name="children" value="7">{GO}',
        [
            *[("action", "1"), ("method", "2"), ("submit", "3"), ("elements", "4")],
            *[("id", "5"), ("enctype", "6"), ("children", "7")],
        ],
        click,
    ),
]

OUTSIDE = (
    '<input form="form-outside" name="far" value="3">'
    '<button form="form-outside" class="outside" name="how" value="outside">Outside</button>'
)


def forms(folder: Path, form: Callable[..., ActionForm]) -> list[ActionForm | str]:
    """Return the form of each case, whose action writes down what it gets."""
    return [*(form(_write_down(case, folder), html=case.html) for case in CASES), OUTSIDE]


def _write_down(case: Case, folder: Path) -> Action[..., str]:
    @action(name=case.name, invalidate=())
    async def write_down(form: FormData) -> str:
        text = json.dumps([[name, written(value)] for name, value in form.pairs()])
        part = folder / f"{case.name}.part"
        part.write_text(text)
        part.rename(folder / f"{case.name}.json")
        return "Written down"

    return write_down


def written(value: object) -> object:
    """Return a text, or a file's name, type and content, as JSON has it."""
    if isinstance(value, UploadedFile):
        value = (value.filename, value.content_type, value.read())
    return [*value[:2], value[2].hex()] if isinstance(value, tuple) else value


if __name__ == "__main__":
    from notebook_actions import make_app
    from notebook_actions.server.run import run
    from notebook_actions.server.store import SQLiteStore

    here = Path(sys.argv[1])
    store = SQLiteStore(here / "store.sqlite3")
    page = Page("/sent", *forms(here, ActionForm))
    run(make_app([page], store=store), port=int(sys.argv[2]), host="127.0.0.1")
