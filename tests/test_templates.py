"""The text of the templates: the markup that everything else fills in."""

import enum
import re
from collections import Counter
from html import escape
from html.parser import HTMLParser
from typing import Annotated, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, SecretStr
from tornado.template import Template

from notebook_actions import action, loader
from notebook_actions.page import ActionForm, Page
from notebook_actions.templates import body_text, template_texts


class House(enum.Enum):
    """A choice."""

    GRYFFINDOR = "gryffindor"
    HUFFLE_PUFF = "huffle_puff"


@action
def enroll(
    subject: Annotated[str, Field(max_length=40, description='Such as "Potions" & more')],
    seats: Annotated[int, Field(ge=1, le=6, title="Chairs <n>")] = 1,
    house: House = House.HUFFLE_PUFF,
    year: Literal[1, 2] | None = None,
    password: SecretStr = SecretStr("SECRET"),  # noqa: B008
    newsletter: bool = True,
    remember: bool = False,
    form=None,
): ...


@action
def ping(): ...


class Tags(HTMLParser):
    """The start tags of some HTML, as (tag, attributes)."""

    def __init__(self, html):
        super().__init__()
        self.found = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def tags(html):
    """Return the start tags of some HTML."""
    return Tags(html).found


def tag(html, **attributes):
    """Return the attributes of the one tag that has these."""
    (found,) = [given for _, given in tags(html) if attributes.items() <= given.items()]
    return found


def form_text(*args, **options):
    """Return the template of the form that these arguments make."""
    page = Page("/", ActionForm(*args, **options))
    (form_id,) = page.forms
    return template_texts(page)[f"index.{form_id}.html"]


def rendered(text):
    """Return what a form's template renders to."""
    return Template(text, whitespace="all").generate(url="?_action=x").decode()


# --- files ----------------------------------------------------------------------------------------


def test_each_form_and_the_page_have_a_template():
    """The names of the files say page and form, and copies have files of their own."""
    page = Page("/a/b", ActionForm(enroll), ActionForm(ping), ActionForm(enroll))
    assert list(template_texts(page)) == [
        "a-b.html",
        "a-b.enroll.html",
        "a-b.ping.html",
        "a-b.enroll-2.html",
    ]


def test_the_text_is_the_same_every_time():
    """Exporting twice writes the same bytes."""
    page = Page("/", "<p>x</p>", ActionForm(enroll))
    assert template_texts(page) == template_texts(page)


# --- the form -------------------------------------------------------------------------------------


def test_a_form_works_without_a_script():
    """It posts to the page's own address, and names its action for the script."""
    form = tag(form_text(enroll), method="post")
    assert form["action"] == "{{ url }}"
    assert form["data-action"] == "enroll"
    assert "enctype" not in form


@pytest.mark.parametrize(
    ("html", "enctype"),
    [
        ('<input type="file" name="f">', "multipart/form-data"),
        ('<input type="FILE" name="f">', "multipart/form-data"),
        ('<input name="f">', None),
        ('<!-- <input type="file"> -->', None),
    ],
)
def test_a_form_with_a_file_is_sent_as_multipart(html, enctype):
    """Without the encoding a browser would send the name of the file alone."""
    assert tag(form_text(enroll, html=html), method="post").get("enctype") == enctype


def test_a_form_has_the_places_where_things_are_said():
    """Errors, status and result have a slot each, and the first two are announced."""
    text = form_text(enroll)
    errors = tag(text, **{"data-slot": "errors"})
    assert errors["role"] == "alert"
    assert errors["tabindex"] == "-1"
    assert tag(text, **{"data-slot": "status"})["role"] == "status"
    assert tag(text, **{"data-slot": "result"})


def test_only_a_copy_says_which_one_it_is():
    """The hidden field stands in the second form of an action and not in the first."""
    texts = template_texts(Page("/", ActionForm(ping), ActionForm(ping)))
    assert "_form" not in texts["index.ping.html"]
    assert tag(texts["index.ping-2.html"], name="_form")["value"] == "ping-2"
    assert tag(texts["index.ping-2.html"], method="post")["data-action"] == "ping"


@pytest.mark.parametrize(
    ("html", "own"),
    [
        (None, True),
        ("<input name=a>", True),
        ("<button type=button>x</button>", True),
        ("<button>Go</button>", False),
        ("<input type=submit>", False),
        ("<input type=image src=x>", False),
    ],
)
def test_a_form_without_a_button_gets_one(html, own):
    """The author's button is the only one where there is one."""
    text = form_text(ping, html=html, submit="Do <it>")
    assert ('<button type="submit">Do &lt;it&gt;</button>' in text) is own


def test_a_title_is_a_heading():
    """The form's title stands in it, escaped, and without one there is no heading."""
    assert "<h2>A &amp; B</h2>" in form_text(ping, title="A & B")
    assert "<h2>" not in form_text(ping)


def test_a_form_does_not_repeat_the_heading_of_its_page():
    """A form with a title that is served alone has it once; in the notebook it has no page."""
    page = Page.of(ActionForm(ping, title="Ping me"))
    assert [text.count("Ping me</h") for text in template_texts(page).values()] == [1, 0]
    assert "<h2>Ping me</h2>" in template_texts(page, author=True)["ping.ping.html"]


def test_a_whole_form_reads_like_this():
    """What is exported is plain HTML that its owner can read and edit."""

    @action
    def order(
        meal: Annotated[str, Field(description="One word")],
        size: Literal["small", "large"] | None = None,
        spicy: bool = True,
    ): ...

    assert form_text(order) == (
        '<form class="na-form" id="form-order" method="post" action="{{ url }}"'
        ' data-action="order">\n'
        '<div class="na-errors" data-slot="errors" role="alert" tabindex="-1"></div>\n'
        '<div class="na-field">\n'
        '<label for="order-meal">Meal</label>\n'
        '<p class="na-help" id="order-meal-help">One word</p>\n'
        '<input type="text" id="order-meal" name="meal"'
        ' aria-describedby="order-meal-help order-meal-error" required>\n'
        '<p class="na-error" id="order-meal-error" data-slot="error:meal"></p>\n'
        "</div>\n"
        '<div class="na-field">\n'
        '<label for="order-size">Size</label>\n'
        '<select id="order-size" name="size" aria-describedby="order-size-error">'
        '<option value="">Choose…</option>'
        '<option value="small">Small</option>'
        '<option value="large">Large</option></select>\n'
        '<p class="na-error" id="order-size-error" data-slot="error:size"></p>\n'
        "</div>\n"
        '<div class="na-field">\n'
        '<input type="checkbox" id="order-spicy" name="spicy"'
        ' aria-describedby="order-spicy-error" checked> <label for="order-spicy">Spicy</label>\n'
        '<p class="na-error" id="order-spicy-error" data-slot="error:spicy"></p>\n'
        "</div>\n"
        '<p class="na-buttons"><button type="submit">Order</button></p>\n'
        '<div class="na-running">\n'
        '<p class="na-status" data-slot="status" role="status"></p>\n'
        '<div class="na-progress" data-slot="progress"></div>\n'
        '<button type="button" data-cancel hidden>Cancel</button>\n'
        "</div>\n"
        '<div class="na-result" data-slot="result"></div>\n'
        "</form>\n"
    )


# --- generated fields -----------------------------------------------------------------------------


def test_each_field_has_a_label_a_message_and_a_help():
    """Label, message and help are tied to the control by its id."""
    text = form_text(enroll)
    ids = Counter(given["id"] for _, given in tags(text) if "id" in given)
    assert set(ids.values()) == {1}
    for field in enroll.fields:
        control = tag(text, name=field.name)
        assert tag(text, **{"for": control["id"]})
        assert set(control["aria-describedby"].split()) <= set(ids)
        assert tag(text, **{"data-slot": f"error:{field.name}"})["id"] == f"{control['id']}-error"
    assert "enroll-subject-help" in tag(text, name="subject")["aria-describedby"]
    assert ">Such as &quot;Potions&quot; &amp; more</p>" in text
    assert ">Chairs &lt;n&gt;</label>" in text


def test_rules_and_defaults_are_attributes():
    """The browser knows the rules, shows the defaults and requires what has none."""
    text = form_text(enroll)
    subject, seats = tag(text, name="subject"), tag(text, name="seats")
    assert (subject["type"], subject["maxlength"], "required" in subject) == ("text", "40", True)
    assert "value" not in subject
    assert (seats["type"], seats["min"], seats["max"], seats["value"]) == ("number", "1", "6", "1")
    assert "required" not in seats


def test_a_check_box_shows_its_default():
    """A box is ticked when its default is True, and is never required."""
    text = form_text(enroll)
    assert "checked" in tag(text, name="newsletter")
    assert "checked" not in tag(text, name="remember")
    assert "required" not in tag(text, name="remember")


def test_a_password_is_never_in_the_page():
    """Not even a default."""
    text = form_text(enroll)
    assert "SECRET" not in text
    assert tag(text, name="password")["type"] == "password"


def test_a_choice_is_a_list_of_its_options():
    """The default is selected, and without one the first line asks to choose."""
    text = form_text(enroll)
    house, year = re.findall(r"<select.*?</select>", text)
    assert re.findall("<option.*?</option>", house) == [
        '<option value="gryffindor">Gryffindor</option>',
        '<option value="huffle_puff" selected>Huffle puff</option>',
    ]
    assert re.findall("<option.*?</option>", year) == [
        '<option value="">Choose…</option>',
        '<option value="1">1</option>',
        '<option value="2">2</option>',
    ]


def test_the_raw_form_data_is_no_field():
    """The parameter ``form`` has no control."""
    assert not [given for _, given in tags(form_text(enroll)) if given.get("name") == "form"]


def test_copies_share_no_id():
    """Labels and messages of each copy lead to its own controls."""
    page = Page(
        "/", ActionForm(enroll), ActionForm(enroll), ActionForm(ping, html="<input name=a>")
    )
    ids = Counter(
        given["id"]
        for text in template_texts(page).values()
        for _, given in tags(text)
        if "id" in given
    )
    assert set(ids.values()) == {1}


# --- the author's own HTML ------------------------------------------------------------------------

LITERAL = "{{ x }} {% end %} {# note #} {{{ {{! {%! }} %} #}"


def test_the_authors_html_stands_in_the_form():
    """It is written out as it is, and its controls get ids, so that messages can lead to them."""
    text = form_text(ping, html="<input name=a CLASS=x>\r\n&nbsp;")
    assert '<input id="ping-a" aria-describedby="ping-a-error" name=a CLASS=x>' in text
    assert 'data-slot="error:a"></span>\r\n&nbsp;' in text


def test_braces_of_the_author_are_no_template():
    """In every place where the author writes text, template syntax is shown and not run."""
    text = form_text(ping, html=f"<p>{LITERAL}</p>", title=LITERAL, submit=LITERAL)
    assert rendered(text).count(LITERAL) == 3

    @action
    def braces(a: Annotated[str, Field(title=LITERAL, description=LITERAL)] = LITERAL): ...

    assert rendered(form_text(braces)).count(LITERAL) == 3


@given(st.lists(st.sampled_from(["{", "}", "%", "#", "!", " ", "\n", "x", "\\", '"', "'"])))
def test_any_html_of_the_author_is_rendered_as_it_is(parts):
    """For any braces: what the template gives is what the author wrote."""
    html = f"<p>{''.join(parts)}</p>"
    assert html in rendered(form_text(ping, html=html))
    assert (
        html in Template(body_text(Page("/", html)), whitespace="all").generate(notice="").decode()
    )


# --- the page -------------------------------------------------------------------------------------


def body(*children, **options):
    """Return what the template of a page's inside renders to."""
    text = body_text(Page("/", *children, **options))
    names = {"form": "<form {}>".format, "loader": "<data {}>".format, "notice": "<!>"}
    return Template(text, whitespace="all").generate(**names).decode()


def test_the_children_stand_in_order():
    """Heading, notice, and then what the author gave, one below the other."""

    @loader
    def students(): ...

    html = body(ActionForm(ping), "<p>x</p>", students, ActionForm(ping), title="T")
    assert html.splitlines() == [
        "<h1>T</h1>",
        "<!>",
        "<form ping>",
        "<p>x</p>",
        '<section data-loader="students"><data students></section>',
        "<form ping-2>",
    ]


def test_a_page_is_a_whole_document():
    """The page has a language, a title, its style and its script, and no inline script or style."""
    template = Template(template_texts(Page("/", title="A & <b>"))["index.html"])
    text = template.generate(static="/static/{}".format, notice="", messages="{}").decode()
    assert text.startswith('<!DOCTYPE html>\n<html lang="en">')
    assert "<title>A &amp; &lt;b&gt;</title>" in text
    assert tag(text, rel="stylesheet")["href"] == "/static/form.css"
    assert tag(text, type="module")["src"] == "/static/page.js"
    assert "<style" not in text
    assert " style=" not in text
    assert not re.search(r"\son\w+=", text)


@given(
    st.text(min_size=1) | st.sampled_from(["%}", "{%", "{{ x }}", "'", '"', "\\", "a\nb", "%%}}"]),
    st.text() | st.just(LITERAL),
)
def test_any_key_and_title_will_do(key, title):
    """For any text: the loader is asked for by its name, and the title is read as it is."""
    seen = []
    text = body_text(Page("/", loader(key=key)(lambda: 1), title=title))
    html = Template(text, whitespace="all").generate(
        loader=lambda name: seen.append(name) or "", notice=""
    )
    assert seen == [key]
    assert f"<h1>{escape(title or 'Home')}</h1>" in html.decode()
    (section,) = [given for name, given in tags(html.decode()) if name == "section"]
    assert section == {"data-loader": key}


class Owner(BaseModel):
    """Somebody."""

    name: str


class Place(BaseModel):
    """A place that belongs to somebody."""

    street: str
    house: House
    owner: Owner
    phones: list[Owner]


def test_no_browser_asks_for_what_is_in_a_group_that_may_be_blank():
    """Else it could not be left blank; where the group must be filled in, its fields must be."""

    def visit(place, name: str): ...

    visit.__annotations__["place"] = Place | None
    assert [given["name"] for _, given in tags(form_text(visit)) if "required" in given] == ["name"]
    visit.__annotations__["place"] = Place
    asked = [given["name"] for _, given in tags(form_text(visit)) if "required" in given]
    assert {"place.street", "place.house", "place.owner.name", "place.phones[0].name"} < {*asked}


def test_the_docstring_describes_the_form():
    """What it says of the action is shown, its sections on parameters and the like are not."""

    def visit(name: str):
        """Visit <somebody>.

        Bring cake.

        Parameters
        ----------
        name : str
            Who.
        """

    text = form_text(visit)
    assert re.findall('<p class="na-description">(.*)</p>', text) == [
        "Visit &lt;somebody&gt;.",
        "Bring cake.",
    ]
    assert "----" not in text
