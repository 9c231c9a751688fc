"""Forms made at random: what a person enters survives, and no text becomes markup."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from typing import Annotated, Any, Literal
from urllib.parse import quote

import pydantic
import pytest
from entries import Control, Form, structure, texts
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from visitor import encode

from notebook_actions import FormData, FormError, UploadedFile, fields, redirect
from notebook_actions.page import ActionForm, Page
from notebook_actions.present import present
from notebook_actions.render import Renderer
from notebook_actions.results import Failure
from notebook_actions.rows import edited
from notebook_actions.server.body import Body
from notebook_actions.submission import State

random_forms = settings(suppress_health_check=list(HealthCheck), max_examples=25)

# --- texts ----------------------------------------------------------------------------------------

#: Pieces that mean something to HTML, to a template, or to what puts the two together.
PIECES = (
    *(
        '"',
        "'",
        "<",
        ">",
        "&",
        "</textarea>",
        "</select>",
        "<script>",
        "-->",
        "<!--",
        "]]>",
        "</p>",
    ),
    *("{{", "}}", "{%", "%}", "{#", "#}", "{", "{!", "{{!", "&amp;", "&#13;", "&quot", "&lt;"),
    *("\n", "\r\n", "\r", "\t", " ", "\u00a0", "\u2028", "\x0b", "\x0c", "\x1c", "\x85", "\x01"),
    *("[#]", "#", "rows[#]", "#rows#", "[0]", ".", "x", "1", "a b", "=", "/", "\\", "`", "%0A"),
    *("é", "ß", "☃", "😀", "\U0001f468\u200d\U0001f469", "עברית", "\u202e", "\ufeff", "\ufffe"),
)

text = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=6).map("".join),
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20),
)
some = text.filter(lambda one: one.strip() != "")


class Texts:
    """Where the texts of a form come from: drawn, or a harmless one for each."""

    def __init__(self, draw: Callable[[Any], Any]) -> None:
        self._draw = draw
        self.drawn: list[str] = []

    def __call__(self, strategy: st.SearchStrategy[str] = some) -> str:
        self.drawn.append(self._draw(strategy))
        return self.drawn[-1]


class Harmless:
    """Gives a harmless text wherever ``Texts`` drew one, blank where that was blank."""

    def __init__(self, drawn: list[str]) -> None:
        self._drawn = iter(drawn)
        self._count = 0

    def __call__(self, _strategy: object = None) -> str:
        self._count += 1
        return f"¡{self._count}!" if next(self._drawn) else ""


Source = Texts | Harmless


async def fails(form: FormData) -> None:
    """Take what arrives, and refuse it."""


# --- forms ----------------------------------------------------------------------------------------

KINDS = (
    *("text", "email", "url", "number", "date", "time", "color", "search", "password", "textarea"),
    *("select", "multiple", "radio", "checkboxes", "checkbox", "hidden", "file"),
)
kinds = st.lists(st.sampled_from(KINDS), min_size=1, max_size=6)
#: Names of fields, some of which a script or a form might stumble over.
NAMES = ("action", "method", "größe", "a.b", "x[0]", "☃", "名前", "submit")


def by_hand(wanted: list[str], given: Source) -> ActionForm:
    """Return a form with these kinds of fields, made of the classes for fields by hand."""
    made: list[fields.Control] = []
    for kind, name in zip(wanted, NAMES, strict=False):
        more: dict[str, Any] = {"label": given(), "help": given(), "title": given()}
        several = {f"{n}{given()}": given() for n in range(2)}
        match kind:
            case "textarea":
                made.append(fields.Textarea(name, value=given(text), **more))
            case "select":
                made.append(fields.Select(name, several, **more))
            case "multiple":
                made.append(fields.Select(name, several, multiple=True, **more))
            case "radio":
                made.append(fields.Radio(name, several, **more))
            case "checkboxes":
                made.append(fields.Checkboxes(name, several, **more))
            case "checkbox":
                made.append(fields.Checkbox(name, value=given(), **more))
            case "hidden":
                made.append(fields.Hidden(name, given(text)))
            case "file":
                made.append(fields.File(name, **more))
            case "password":
                made.append(fields.Password(name, **more))
            case _:
                made.append(fields.Text(name, type=kind, placeholder=given(), **more))
    made.append(fields.Submit(given(), "how", given()))
    return ActionForm(fails, fields=made, title=given(), submit=given())


def in_html(wanted: list[str], given: Source) -> ActionForm:
    """Return a form with these kinds of fields, written in HTML."""
    parts = []
    names = ("name", "name", "größe", 'a"b', "x\ny", "<b>", "{{ x }}", "a b")
    for kind, plain in zip(wanted, names, strict=False):
        name = escape(plain)
        label, value = escape(given()), escape(given())
        same, other = escape(given()), escape(given())
        match kind:
            case "textarea":
                control = f"<textarea name='{name}'>\n{value}</textarea>"
            case "select" | "multiple":
                control = (
                    f'<select name="{name}"{" multiple" * (kind == "multiple")}>'
                    f'<option value="{value}">{label}</option><option>{other}'
                    f'<optgroup label="{label}"><option value="{same}" selected>x</optgroup>'
                    "</select>"
                )
            case "radio" | "checkbox" | "checkboxes":
                type_ = kind.removesuffix("es")
                # A name of its own: texts of the same name would take the values.
                control = "".join(
                    f'<input type={type_} name="{name}-{kind}" value="{one}"{on}>'
                    for one, on in ((value, ""), (value, " checked"), (other, ""))
                )
            case "file" | "password":
                control = f'<input type="{kind}" name="{kind}-{name}">'
            case "hidden":
                control = f'<input type="{kind}" name="{kind}-{name}" value="{value}">'
            case _:
                control = f'<INPUT TYPE={kind} NAME="{name}" VALUE="{value}" >'
        parts.append(f"<p title='{other}'>{label} {control}</p>")
    return ActionForm(fails, html="\n".join(parts))


def of_models(wanted: list[str], given: Source) -> ActionForm:
    """Return a form whose fields are those of a model, with groups and lists in it."""

    def info(default: Any = ...) -> Any:
        return pydantic.Field(default, title=given(), description=given(), examples=[given()])

    choices: Any = Literal[given(), "plain"]
    inner: Any = pydantic.create_model(
        "Inner",
        city=(str, info(given(text))),
        quiet=(bool, info(default=False)),
        house=(choices, info()),
    )
    row: Any = pydantic.create_model(
        "Row",
        text=(str, info()),
        ticked=(bool, info(default=True)),
        picked=(list[choices], info([])),
        children=(list[str], info([given(text)])),
        inner=(inner, info()),
    )
    known: dict[str, Any] = {
        "number": (int, info(3)),
        "select": (choices, info()),
        "multiple": (list[choices], info([])),
        "textarea": (Annotated[str, fields.Textarea()], info(given(text))),
        "radio": (Annotated[choices, fields.Radio()], info()),
        "checkbox": (bool, info(default=True)),
        "hidden": (list[row], info()),
        "file": (UploadedFile | None, info(None)),
        "checkboxes": (list[str], info([given(text), given(text)])),
        "search": (inner, info()),
        "email": (inner | None, info(None)),
    }
    model: Any = pydantic.create_model(
        "Model",
        __config__=pydantic.ConfigDict(arbitrary_types_allowed=True),
        **{f"{kind}_rows": known.get(kind, (str, info(given(text)))) for kind in wanted},
    )

    async def take(data: Any) -> None:
        """Take what arrives."""

    take.__annotations__["data"] = model
    return ActionForm(take, title=given())


WAYS = (by_hand, in_html, of_models)

# --- what a person enters survives ----------------------------------------------------------------


def entered(data: st.DataObject, control: Control, form: Form) -> None:
    """Do to a control what a person could."""
    match control.kind:
        case "select":
            chosen = [data.draw(st.booleans()) for _ in control.options]
            if not control.multiple:
                only = data.draw(st.integers(0, len(control.options) - 1))
                chosen = [number == only for number in range(len(chosen))]
            for option, on in zip(control.options, chosen, strict=True):
                option.selected = on
        case "checkbox":
            control.checked = data.draw(st.booleans())
        case "radio":
            if data.draw(st.booleans()):
                form.choose(control)
        case "hidden":
            pass
        case "number":
            control.enter(data.draw(st.sampled_from(["", "7", "-1.5e3", "007", ".5"])))
        case "date":
            control.enter(data.draw(st.sampled_from(["", "2026-02-28", "0001-01-01"])))
        case "time":
            control.enter(data.draw(st.sampled_from(["", "09:30"])))
        case "color":
            control.enter(data.draw(st.sampled_from(["#000000", "#a1b2c3"])))
        case _:
            control.enter(data.draw(text))


def arrived(pairs: list[tuple[str, Any]], *, multipart: bool) -> FormData:
    """Return what a server makes of the bytes that a browser sends."""
    kind, content = encode(pairs, multipart=multipart)
    body = Body(kind, 1_000_000)
    body.feed(content)
    return body.form()


def test_a_list_whose_options_repeat_keeps_the_order() -> None:
    """Of options with one value those come back chosen that make the form send the same again."""
    options = "".join(f"<option>{one}</option>" for one in ("b", "a", "b", "a", "b"))
    made = ActionForm(fails, html=f'<select name="x" multiple>{options}</select>')
    sent = [("x", "a"), ("x", "b"), ("x", "b")]
    state = failed(FormData(sent), FormError("No."))
    assert Form(Renderer(Page.of(made)).form(made.action.name, state)).entries() == sent


def failed(sent: FormData, error: FormError) -> State:
    """Return the state of a form whose submission was refused."""
    return State().submit(sent).settle(1, Failure(error))


@pytest.mark.parametrize("way", WAYS)
@random_forms
@given(data=st.data(), wanted=kinds, multipart=st.booleans())
def test_what_is_entered_survives(
    way: Callable[[list[str], Source], ActionForm],
    data: st.DataObject,
    wanted: list[str],
    multipart: bool,
) -> None:
    """The form that comes back after a failure sends exactly what was sent, and so on for ever."""
    made = way(wanted, Texts(data.draw))
    renderer = Renderer(Page.of(made))
    form_id = made.action.name
    form = Form(renderer.form(form_id, State()))
    for _ in range(data.draw(st.integers(0, 2))):
        if form.add:
            pairs = [*form.entries(), ("_add", data.draw(st.sampled_from(form.add)))]
            again = edited(FormData(pairs))
            assert again is not None
            form = Form(renderer.form(form_id, State(input=again)))
    for control in form.controls:
        entered(data, control, form)
    sent = form.entries()

    received = arrived(sent, multipart=multipart)
    assert list(received.pairs()) == sent

    wrong = made.parameters.check(received)
    state = failed(received, FormError("No.", {name: "No." for name, _ in sent} | wrong))
    back = Form(renderer.form(form_id, state))
    for control in form.controls:
        if control.kind == "password":
            control.value = ""
    assert back.entries() == form.entries()


# --- no text becomes markup -----------------------------------------------------------------------


def shown(made: ActionForm, sent: list[tuple[str, str]], given: Source) -> str:
    """Return the page of a form that has failed, with its own messages and those given."""
    page = Page("/page", made, title=given())
    error = FormError(given(), {name: given() for name, _ in sent})
    state = failed(FormData(sent), error)
    renderer = Renderer(page)
    return renderer.document({made.action.name: state}, {}, static=str, notice=given()).decode()


@pytest.mark.parametrize("way", WAYS)
@random_forms
@given(data=st.data(), wanted=kinds)
def test_no_text_becomes_markup(
    way: Callable[[list[str], Source], ActionForm], data: st.DataObject, wanted: list[str]
) -> None:
    """The page has the elements and attributes of the same form with harmless texts."""
    given = Texts(data.draw)
    made = way(wanted, given)
    form_id = made.action.name
    form = Form(Renderer(Page.of(made)).form(form_id, State()))
    html = shown(made, form.entries(), given)

    harmless = Harmless(given.drawn)
    plain = way(wanted, harmless)
    other = Form(Renderer(Page.of(plain)).form(form_id, State()))
    expected = shown(plain, other.entries(), harmless)
    assert structure(html) == structure(expected)


@pytest.mark.parametrize("way", [by_hand, in_html])
@random_forms
@given(data=st.data(), wanted=kinds)
def test_every_text_is_shown_as_it_is(
    way: Callable[[list[str], Source], ActionForm], data: st.DataObject, wanted: list[str]
) -> None:
    """Labels, helps, options, values and messages read in the page as they were written."""
    given = Texts(data.draw)
    html = shown(way(wanted, given), [], given)
    harmless = Harmless(given.drawn)
    expected = texts(shown(way(wanted, harmless), [], harmless))

    def drawn(token: re.Match[str]) -> str:
        return re.sub(r"\r\n|\r", "\n", given.drawn[int(token[1]) - 1])

    assert texts(html) == [re.sub(r"¡(\d+)!", drawn, one) for one in expected]


@random_forms
@given(one=some, other=some)
def test_no_result_becomes_markup(one: str, other: str) -> None:
    """What an action returns is text wherever it stands in a list, a table or a link."""

    def every(one: str, other: str) -> str:
        values = (one, [one, other], [{one: other}], {one: [other]}, {one: {other: one}})
        return "".join(map(present, (*values, UploadedFile(one), redirect("/x" + quote(other)))))

    assert structure(every(one, other)) == structure(every("a", "b"))
