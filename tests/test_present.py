"""How values look: everything is escaped, and everything can be shown."""

import base64
import dataclasses
import datetime as dt
import enum
import sqlite3
import subprocess
import sys
from collections import OrderedDict, UserDict, namedtuple
from contextlib import closing
from decimal import Decimal
from html.parser import HTMLParser

import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from notebook_actions import redirect
from notebook_actions.present import MAX_ROWS, present

EVIL = "<script>alert('\"&')</script>"
PNG = b"\x89PNG\r\n\x1a\n"


class Reader(HTMLParser):
    """Reads HTML as a browser does: the tags, and the text of each table cell and paragraph."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.texts = [], []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag in ("p", "th", "td", "li"):
            self.texts.append("")

    def handle_data(self, data):
        if self.texts:
            self.texts[-1] += data


def texts(value):
    """Return the texts that a person reads."""
    return Reader(present(value)).texts


def tags(value):
    """Return the tags of a value's HTML, each once."""
    return set(Reader(present(value)).tags)


class Shows:
    """An object that shows itself by the methods that it is given."""

    def __init__(self, **methods):
        for name, value in methods.items():
            setattr(self, f"_repr_{name}_", lambda value=value, **_: value)

    def __str__(self):
        return "as <text>"


class Broken:
    """An object whose every look fails."""

    def __str__(self):
        raise ValueError(EVIL)


# --- text -----------------------------------------------------------------------------------------


def test_nothing_shows_nothing():
    """None is the empty fragment."""
    assert present(None) == ""


class Weekday(enum.Enum):
    """An enum of texts with markup."""

    MONDAY = EVIL


class Number(int):
    """A number that claims to look like markup."""

    def __str__(self):
        return EVIL

    def __format__(self, spec):
        return EVIL


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Luna", "Luna"),
        (EVIL, EVIL),
        (" a\n b ", " a\n b "),
        (0, "0"),
        (7, "7"),
        (1.5, "1.5"),
        (float("nan"), "NaN"),
        (True, "True"),
        (False, "False"),
        (Decimal("1.50"), "1.50"),
        (dt.date(2024, 2, 1), "2024-02-01"),
        (b"<b>", "b'<b>'"),
        (ValueError(EVIL), EVIL),
        (Number(3), EVIL),
        (Weekday.MONDAY, EVIL),
        (Shows(), "as <text>"),
        (range(3), "range(0, 3)"),
    ],
)
def test_a_value_is_its_text_escaped(value, text):
    """Whatever has no look of its own is one paragraph of text."""
    assert texts(value) == [text]
    assert tags(value) == {"p"}


@pytest.mark.parametrize("value", ["", [], (), {}, set()], ids=repr)
def test_empty_values_are_seen(value):
    """A result that is empty says so, since an empty place would look like no result."""
    assert texts(value) in (["Empty text."], ["Nothing here yet."])


def test_a_name_that_is_no_unicode_is_shown_all_the_same():
    """A file name that is not UTF-8 is seen with its odd bytes, and the page can be sent."""
    assert texts("owl\udcff.png") == ["owl\\udcff.png"]


def test_a_redirect_is_a_link():
    """In the notebook a destination is shown and not followed."""
    html = present(redirect("/thanks?a=1&b=2"))
    assert 'href="/thanks?a=1&amp;b=2"' in html
    assert texts(redirect("/thanks")) == ["Leads to /thanks"]
    assert "<script" not in present(redirect("/<script>"))


# --- lists, dicts and tables ----------------------------------------------------------------------


def test_a_list_of_dicts_is_a_table():
    """Columns come in order of first appearance, and what a row lacks is empty."""
    rows = [{"name": "Luna", "year": 1}, {"name": EVIL, "house": None}]
    assert texts(rows) == ["name", "year", "house", "Luna", "1", "", EVIL, "", ""]
    assert tags(rows) == {"div", "table", "thead", "tbody", "tr", "th", "td"}


@pytest.mark.parametrize("kind", [tuple, list])
def test_any_sequence_of_mappings_is_a_table(kind):
    """Tuples and other mappings count like lists and dicts."""
    assert texts(kind([OrderedDict(a=1), UserDict(a=2)])) == ["a", "1", "2"]


def test_a_dict_is_a_table_of_two_columns():
    """Names stand beside their values, both escaped."""
    assert texts({EVIL: EVIL, "n": None, 3: 4}) == [EVIL, EVIL, "n", "", "3", "4"]
    assert tags({"a": 1}) == {"div", "table", "tbody", "tr", "th", "td"}


@pytest.mark.parametrize("kind", [list, tuple, set, frozenset])
def test_a_collection_is_a_list(kind):
    """Lists, tuples and sets have one item for each value."""
    assert texts(kind([EVIL])) == [EVIL]
    assert tags(kind([EVIL])) == {"ul", "li"}


Row = namedtuple("Row", "a b")


@dataclasses.dataclass
class Guest:
    """A dataclass with a part that it does not tell."""

    a: int
    b: object = None
    password: str = dataclasses.field(default="sesame", repr=False)


class Model(pydantic.BaseModel):
    """The same of pydantic."""

    a: int
    b: object = None
    password: str = pydantic.Field(default="sesame", repr=False)


def database_row(a, b):
    """Return a row of a database."""
    connection = sqlite3.connect(":memory:")
    connection.row_factory = sqlite3.Row
    with closing(connection):
        return connection.execute("SELECT ? AS a, ? AS b", (a, b)).fetchone()


@pytest.mark.parametrize(
    "kind", [Row, Guest, lambda a, b: Model(a=a, b=b), database_row, lambda a, b: {"a": a, "b": b}]
)
def test_a_record_is_a_table_and_so_are_several(kind):
    """Whatever has named parts reads like a dict, and several of them like a list of dicts."""
    assert texts(kind(1, EVIL)) == ["a", "1", "b", EVIL]
    assert texts([kind(1, EVIL), kind(2, None)]) == ["a", "b", "1", EVIL, "2", ""]
    assert "sesame" not in present(kind(1, 2)) + present([kind(1, 2)])


def test_a_list_with_an_empty_dict_is_a_list():
    """What has no columns does not vanish in a table."""
    assert texts([{}, {"a": 1}]) == ["–", "", "a", "1"]


def test_numbers_and_dates_are_marked_for_the_style():
    """Numbers can be aligned, and yes and no are no numbers; a date is not broken in two."""
    html = present([{"n": 1, "x": 1.5, "b": True, "s": "1"}])
    assert html.count("<td data-number>") == 2
    assert "<td data-date>2026-02-01</td>" in present([{"day": dt.date(2026, 2, 1)}])


@pytest.mark.parametrize(
    "make",
    [lambda n: [{"a": i} for i in range(n)], lambda n: list(range(n))],
    ids=["rows", "items"],
)
def test_a_long_list_is_cut_and_counted(make):
    """What is not shown is counted, and exactly the limit is shown whole."""
    cut = texts(make(MAX_ROWS + 1))
    assert cut[-1] == f"{MAX_ROWS} of {MAX_ROWS + 1} shown."
    assert cut[-2] == str(MAX_ROWS - 1)
    assert texts(make(MAX_ROWS))[-1] == str(MAX_ROWS - 1)


# --- pandas and matplotlib ------------------------------------------------------------------------


def test_a_data_frame_is_a_table():
    """Column names and cells are escaped, and row numbers are left out."""
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({EVIL: [EVIL, "b"], "n": [1, 2]})
    assert texts(frame) == [EVIL, "n", EVIL, "1", "b", "2"]
    assert "style=" not in present(frame)
    assert texts(frame[frame.n > 1]) == [EVIL, "n", "b", "2"]


def test_a_data_frame_with_a_telling_index_shows_it():
    """An index that has a name or holds text is a column, as after a groupby."""
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"house": ["g", "h", "g"], "n": [1, 2, 3]})
    assert texts(frame.groupby("house").sum()) == ["house", "n", "g", "4", "h", "2"]
    assert texts(pandas.DataFrame({"n": [1]}, index=["x"])) == ["index", "n", "x", "1"]


@pytest.mark.parametrize(
    "columns", [["a", "a"], [("x", "y"), ("x", "z")], ["class", "1 + 1"], [0, 1]], ids=repr
)
def test_any_column_names_will_do(columns):
    """Repeated, nested and odd names are shown as they are."""
    pandas = pytest.importorskip("pandas")
    shown = texts(pandas.DataFrame([[1, 2]], columns=columns))
    heads = [" / ".join(one) if isinstance(one, tuple) else str(one) for one in columns]
    assert shown == [*heads, "1", "2"]


def test_a_long_data_frame_is_cut_and_counted():
    """A frame has the limit of a list."""
    pandas = pytest.importorskip("pandas")
    assert texts(pandas.DataFrame({"a": range(600)}))[-1] == f"{MAX_ROWS} of 600 shown."


def test_an_empty_data_frame_shows_its_columns():
    """Which columns there are is worth seeing, and that there is nothing else."""
    pandas = pytest.importorskip("pandas")
    assert texts(pandas.DataFrame({"a": []})) == ["a", "Nothing here yet."]
    assert texts(pandas.DataFrame()) == ["Nothing here yet."]


def test_a_figure_is_a_picture():
    """A matplotlib figure is an image with a text for those who cannot see it."""
    figure = pytest.importorskip("matplotlib.figure").Figure()
    figure.subplots().plot([1, 2])
    html = present(figure)
    assert html.startswith('<img class="na-image" alt="Picture of the result" width="')
    assert 'src="data:image/png' in html
    data = html.partition("base64,")[2].partition('"')[0]
    assert base64.b64decode(data).startswith(PNG)


def test_nothing_is_imported_to_show_a_value():
    """Who does not use pandas or matplotlib does not wait for them."""
    code = (
        "import sys; from notebook_actions.present import present; "
        "present([{'a': 1}]); present(object()); "
        "assert not {'pandas', 'numpy', 'matplotlib'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_module_that_is_half_imported_does_no_harm(monkeypatch):
    """While another thread imports pandas there is no DataFrame in it yet."""
    monkeypatch.setitem(sys.modules, "pandas", type(sys)("pandas"))
    assert texts(["a"]) == ["a"]


# --- objects that show themselves -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("shows", "html"),
    [
        (Shows(html="<b>x</b>"), "<b>x</b>"),
        (Shows(html=("<b>x</b>", {"isolated": True})), "<b>x</b>"),
        (Shows(html="<b>x</b>", svg="<svg></svg>"), "<b>x</b>"),
        (Shows(mimebundle={"text/html": "<i>y</i>", "text/plain": "y"}), "<i>y</i>"),
        (Shows(mimebundle=({"text/html": "<i>y</i>"}, {})), "<i>y</i>"),
        (Shows(mimebundle={"text/html": "<i>y</i>"}, html="<b>x</b>"), "<i>y</i>"),
        (Shows(mimebundle={"text/plain": "y"}, html="<b>x</b>"), "<b>x</b>"),
        (Shows(mimebundle=None, html="<b>x</b>"), "<b>x</b>"),
        (Shows(mimebundle=(), html="<b>x</b>"), "<b>x</b>"),
    ],
)
def test_an_object_that_makes_html_is_shown_by_it(shows, html):
    """``_repr_mimebundle_`` and ``_repr_html_`` are honoured, the richest first."""
    assert present(shows) == f'<div class="na-scroll">{html}</div>'


def test_a_bundle_is_asked_for_as_ipython_does():
    """With ``include`` and ``exclude``; one that has text alone is shown by that."""

    class Asked:
        def _repr_mimebundle_(self, include, exclude):
            return {"text/plain": "<plain>"}

    assert texts(Asked()) == ["<plain>"]


def test_an_object_whose_html_is_empty_says_so():
    """An empty place would look like no result."""
    assert texts(Shows(html="")) == ["Nothing here yet."]


@pytest.mark.parametrize(
    "shows",
    [
        Shows(svg="<svg></svg>"),
        Shows(html=None, svg="<svg></svg>"),
        Shows(mimebundle={"image/svg+xml": "<svg></svg>"}),
        Shows(svg='<svg xmlns="http://www.w3.org/2000/svg"></svg>'),
    ],
)
def test_svg_is_a_picture(shows):
    """SVG stands in an image, where its styles work; an image needs the namespace."""
    data = base64.b64encode(b'<svg xmlns="http://www.w3.org/2000/svg"></svg>').decode()
    assert f'src="data:image/svg+xml;base64,{data}"' in present(shows)


@pytest.mark.parametrize(
    "shows",
    [
        Shows(png=PNG),
        Shows(png=(PNG, {"width": 100})),
        Shows(mimebundle={"image/png": PNG}),
        Shows(mimebundle={"image/png": base64.b64encode(PNG).decode()}),
    ],
)
def test_an_object_that_makes_a_picture_is_shown_by_it(shows):
    """PNG data, raw or as base64, becomes an image."""
    assert f'src="data:image/png;base64,{base64.b64encode(PNG).decode()}"' in present(shows)


@pytest.mark.parametrize(
    "shows", [Shows(html=None), Shows(html=7), Shows(mimebundle="x"), Shows(mimebundle={}), Shows]
)
def test_an_object_without_a_look_is_text(shows):
    """A method that gives nothing, nothing usable, or belongs to a class means text."""
    assert texts(shows) == [str(shows)]


def test_a_class_is_text_even_when_its_objects_show_themselves():
    """The method of a class without an object cannot be called."""

    class Shown:
        def _repr_html_(self):
            return "<b>"

    assert tags(Shown) == {"p"}


def test_a_list_subclass_may_show_itself():
    """A look of its own goes before that of the type."""

    class Rows(list):
        def _repr_html_(self):
            return "<b>rows</b>"

    assert present(Rows([{"a": 1}])) == '<div class="na-scroll"><b>rows</b></div>'


class RaisesHtml:
    """An object whose HTML fails."""

    def _repr_html_(self):
        raise RuntimeError(EVIL)


class Leaves:
    """An object whose text is the end of the process, or of whatever reads it."""

    def __init__(self, error):
        self.error = error

    def __str__(self):
        raise self.error


@pytest.mark.parametrize(
    "value", [Broken(), RaisesHtml(), Leaves(SystemExit()), Leaves(KeyboardInterrupt())]
)
def test_a_value_that_fails_to_show_itself_says_so(value, caplog):
    """The page stays whole, the reason goes to the log and never to the reader."""
    html = present(value)
    assert html == f'<p class="na-muted">This {type(value).__name__} could not be shown.</p>'
    assert "cannot be shown" in caplog.text
    assert caplog.records[0].exc_info


def test_only_what_fails_is_not_shown():
    """A value among others that fails leaves these alone."""
    failed = "This Broken could not be shown."
    assert texts([1, Broken()]) == ["1", failed]
    assert texts({"a": Broken(), "b": 2}) == ["a", failed, "b", "2"]
    assert texts([1, Leaves(SystemExit())]) == ["1", "This Leaves could not be shown."]
    assert texts([{"a": Broken(), "b": 2}]) == ["a", "b", failed, "2"]


def test_the_name_of_a_failing_type_is_escaped():
    """Even a class name is only text."""
    assert tags(type(EVIL, (Broken,), {})()) == {"p"}


def test_what_holds_itself_has_an_end():
    """However deep values stand in others, what is shown is bounded."""
    cycle = {"a": []}
    cycle["a"].append(cycle)
    deep = []
    for _ in range(10_000):
        deep = [deep]
    for value in (cycle, deep, [[[[[["x" * 10_000] * 1000] * 1000] * 1000]]]):
        assert "could not be shown" not in present(value)
        assert len(present(value)) < 100_000


def test_a_huge_value_is_cut():
    """Neither many cells nor long ones make a page that no browser can show."""
    rows = [{f"c{n}": "x" * 5000 for n in range(90)} for _ in range(500)]
    assert len(present(rows)) < 6_000_000
    assert len(present("x" * 5_000_000)) < 300_000
    assert len(present([list(range(1000))] * 1000)) < 1_000_000


# --- any text at all ------------------------------------------------------------------------------


@given(st.text(min_size=1), st.text(min_size=1))
def test_any_text_is_read_as_it_is(one, other):
    """For any text, in any place: the reader sees that text, and no tag that it brought along."""
    assert texts(one) == [one]
    assert texts([one, other]) == [one, other]
    assert texts({one: other}) == [one, other]
    assert texts([{one: other}, {one: one}]) == [one, other, one]
    assert tags([{one: other}]) == {"div", "table", "thead", "tbody", "tr", "th", "td"}


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(anything)
def test_any_value_can_be_shown(value):
    """For any nested value: HTML of the few known tags, and no crash."""
    html = present(value)
    assert "could not be shown" not in html or "could not be shown" in str(value)
    assert len(html) < 100_000
    assert set(Reader(html).tags) <= {
        *("p", "ul", "li", "div", "table", "thead", "tbody", "tr", "th", "td", "span")
    }
