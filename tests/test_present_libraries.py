"""What the libraries of notebooks make, shown with the real ones."""

import base64
import csv
import datetime as dt
import io
import re
import struct
import subprocess
import sys

import matplotlib as mpl
import numpy as np
import pandas as pd
import plotly.graph_objects as go
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from PIL import Image
from test_present import EVIL, Reader, Shows, tags, texts

from notebook_actions.present import MAX_ROWS, present

mpl.use("Agg")

from matplotlib import pyplot as plt


def offered(value):
    """Return the HTML of a value, and the files that it offers."""
    makers = []

    def offer(make):
        makers.append(make)
        return f"?_download={len(makers)}"

    return present(value, offer), [make() for make in makers]


def rows_of(download):
    """Return the rows of a CSV file."""
    return list(csv.reader(io.StringIO(download.read().decode("utf-8-sig"), newline="")))


def pictures(html):
    """Return (media type, content) of the images."""
    found = re.findall(r'src="data:([^;]+);base64,([^"]*)"', html)
    return [(kind, base64.b64decode(data)) for kind, data in found]


# --- frames ---------------------------------------------------------------------------------------

FRAMES = [pd.DataFrame, pl.DataFrame]


@pytest.mark.parametrize("frame", FRAMES)
def test_a_frame_is_a_table(frame):
    """Names and cells are escaped, missing values empty, numbers marked."""
    html = present(frame({EVIL: [EVIL, None], "n": [1.5, 2.0]}))
    assert Reader(html).texts == [EVIL, "n", EVIL, "1.5", "", "2.0"]
    assert html.count("data-number") == 3
    assert "style" not in html


@pytest.mark.parametrize("frame", FRAMES)
def test_a_long_frame_is_cut_and_can_be_had_whole(frame):
    """The count says how long it is; the CSV file has each row with all of its digits."""
    thirds = [n / 3 for n in range(1234)]
    html, [download] = offered(frame({"n": range(1234), "third": thirds}))
    assert Reader(html).texts[-1] == f"{MAX_ROWS} of 1,234 shown. Download all as CSV"
    assert Reader(html).tags.count("tr") == MAX_ROWS + 1
    head, *rows = rows_of(download)
    assert head == ["n", "third"]
    assert [[int(n), float(third)] for n, third in rows] == [[n, n / 3] for n in range(1234)]


@pytest.mark.parametrize("frame", FRAMES)
def test_a_frame_that_is_shown_whole_offers_nothing(frame):
    """A link to what is seen anyway would be noise."""
    assert offered(frame({"n": range(MAX_ROWS)}))[1] == []


@pytest.mark.parametrize("frame", FRAMES)
def test_a_wide_frame_is_cut_too(frame):
    """Columns that are not shown are counted, and stand in the file."""
    html, [download] = offered(frame({f"c{n}": [n] for n in range(150)}))
    assert "100 of 150 columns shown." in html
    assert [len(row) for row in rows_of(download)] == [150, 150]


@pytest.mark.parametrize("frame", FRAMES)
def test_a_frame_can_hold_anything(frame):
    """Lists, dates and dicts in a cell are shown as anywhere."""
    day = dt.date(2024, 2, 1)
    html = present(frame({"a": [[1, 2]], "b": [day], "c": [{"x": "y"}]}))
    assert Reader(html).texts == ["a", "b", "c", "", "1", "2", "2024-02-01", "", "x", "y"]


def test_days_of_pandas_have_no_midnight():
    """A column of days shows days, one of times shows times; what is missing is empty."""
    days = pd.to_datetime(["2024-02-01", None])
    times = pd.to_datetime(["2024-02-01 10:30", "2024-02-02 00:00"])
    shown = texts(pd.DataFrame({"day": days, "time": times}))
    assert shown[2:] == ["2024-02-01", "2024-02-01 10:30:00", "", "2024-02-02 00:00:00"]


def test_every_kind_of_missing_is_empty():
    """NaN, NaT, NA and None in a frame all mean that there is nothing."""
    frame = pd.DataFrame(
        {
            "f": [np.nan],
            "t": [pd.NaT],
            "i": pd.array([None], dtype="Int64"),
            "o": pd.Series([None], dtype=object),
        }
    )
    assert texts(frame)[4:] == ["", "", "", ""]


@pytest.mark.parametrize(
    ("series", "shown"),
    [
        (pd.Series([1, 2], name="n"), ["n", "1", "2"]),
        (pd.Series([1]), ["value", "1"]),
        (pd.Series({"a": 1}), ["index", "value", "a", "1"]),
        (pl.Series("n", [1, 2]), ["n", "1", "2"]),
        (pl.Series([1]), ["value", "1"]),
        (pd.Index([1, 2], name="n"), ["n", "1", "2"]),
    ],
)
def test_a_series_is_a_table(series, shown):
    """With its index where that tells something."""
    assert texts(series) == shown


def test_a_styled_frame_keeps_its_values_without_its_styles():
    """A page takes no style from a result, and the table is a table all the same."""
    style = pytest.importorskip("jinja2")
    assert style
    html = present(pd.DataFrame({"n": [EVIL]}).style.set_caption("Styled").format(escape="html"))
    assert {"table", "caption", "td"} <= set(Reader(html).tags)
    assert "script" not in Reader(html).tags


column_values = st.none() | st.text() | st.integers(-(2**31), 2**31) | st.floats() | st.booleans()


@settings(max_examples=50)
@given(st.dictionaries(st.text(), st.lists(column_values, min_size=2, max_size=2), min_size=1))
def test_no_frame_breaks_out_of_its_table(columns):
    """For any names and values: the tags of a table, and the very names."""
    html = present(pd.DataFrame(columns, dtype=object))
    assert set(Reader(html).tags) <= {"div", "table", "thead", "tbody", "tr", "th", "td", "p"}
    heads = Reader(html).texts[: len(columns)]
    assert heads == [name.encode(errors="backslashreplace").decode() for name in columns]


# --- numpy ----------------------------------------------------------------------------------------


def test_arrays_are_structures():
    """One dimension is a list, two a table, names its heads, more are text; a scalar is a value."""
    assert texts(np.array([1.5, 2.0])) == ["1.5", "2.0"]
    assert texts(np.arange(4).reshape(2, 2)) == ["0", "1", "2", "3"]
    assert texts(np.array([(1, "x")], dtype=[("n", int), ("t", "U1")])) == ["n", "t", "1", "x"]
    assert tags(np.zeros((2, 2, 2))) == {"pre"}
    assert texts(np.array([])) == ["Nothing here yet."]
    assert [texts(one) for one in (np.float64(1.5), np.int32(7), np.bool_(True))] == [
        ["1.5"],
        ["7"],
        ["True"],
    ]
    assert texts(np.array(3)) == ["3"]


def test_numbers_of_numpy_are_numbers():
    """They are aligned like Python's own."""
    row = {"f": np.float32(0.5), "i": np.int64(1), "b": np.bool_(True)}
    assert present([row]).count("<td data-number>") == 2


# --- pictures -------------------------------------------------------------------------------------


def drawn():
    figure, axes = plt.subplots()
    axes.plot([1, 2])
    axes.set_title("Owls <per> house")
    return figure, axes


@pytest.mark.parametrize(
    "part",
    [
        lambda figure, axes: figure,
        lambda figure, axes: axes,
        lambda figure, axes: axes.lines,
        lambda figure, axes: axes.bar([1], [2]),
        lambda figure, axes: np.array([[axes]]),
        lambda figure, axes: pd.Series([1, 2]).plot(ax=axes),
    ],
    ids=["figure", "axes", "lines", "bars", "grid", "pandas"],
)
def test_whatever_is_drawn_in_a_figure_shows_the_figure(part):
    """Plotting functions return now this, now that; the person sees the figure."""
    figure, axes = drawn()
    value = part(figure, axes)
    html = present(list(value) if "Artist" in type(value).__name__ else value)
    [(kind, data)] = pictures(html)
    assert kind == "image/png"
    assert 'alt="Owls &lt;per&gt; house"' in html
    width, _ = struct.unpack(">II", data[16:24])
    assert f'width="{round(width / 2)}"' in html


def test_a_figure_is_whole_and_let_go_of_by_pyplot():
    """It is not drawn again under the next cell, nor kept by an app for ever."""
    figure, _ = drawn()
    assert plt.fignum_exists(figure.number)
    first = present(figure)
    assert not plt.get_fignums()
    assert present(figure) == first


def test_several_figures_are_several_pictures():
    """A list, a dict and a table can have pictures in them."""
    figures = [Figure(), Figure()]
    assert len(pictures(present(figures))) == 2
    assert len(pictures(present({"a": figures[0], "b": 1}))) == 1
    assert len(pictures(present([{"a": figures[0]}, {"a": figures[1]}]))) == 2


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16", "F", "HSV"])
def test_an_image_is_a_picture(mode):
    """In every mode of PIL, with its size."""
    html = present(
        Image.new("RGB", (30, 20), "teal").convert("L").convert(mode)
        if mode in ("I;16", "F")
        else Image.new(mode, (30, 20))
    )
    [(kind, data)] = pictures(html)
    assert (kind, data[:4]) == ("image/png", b"\x89PNG")
    assert 'width="30" height="20"' in html


def test_a_huge_image_is_made_smaller():
    """A photo of a camera does not make a page of many megabytes; the image itself stays."""
    image = Image.new("RGB", (5000, 2500))
    assert 'width="2000" height="1000"' in present(image)
    assert image.size == (5000, 2500)


def test_an_interactive_figure_without_a_picture_is_a_page_to_download(monkeypatch):
    """plotly's own HTML is a script, which does not run here: it is said, and offered as a page."""
    monkeypatch.setattr("notebook_actions.pictures.find_spec", lambda name: None)
    html, [download] = offered(go.Figure(go.Bar(y=[1, 2])))
    assert "script" not in Reader(html).tags
    assert Reader(html).texts == [
        "Figure: this needs scripts of its own, which do not run here. Download it as a page"
    ]
    assert (download.filename, download.content_type) == ("figure.html", "text/html")
    page = download.read().decode()
    assert page.startswith("<!DOCTYPE html>")
    assert "Plotly.newPlot" in page
    assert 'src="http' not in page


def test_an_interactive_figure_is_a_picture_where_plotly_can_make_one(monkeypatch):
    """Its picture maker is asked, and what it cannot do is a page all the same."""
    monkeypatch.setattr("notebook_actions.pictures.find_spec", lambda name: object())
    figure = go.Figure(go.Bar(y=[1, 2]), layout={"title": "Owls"})
    monkeypatch.setattr(go.Figure, "to_image", lambda self, **_: b"<svg></svg>")
    html = present(figure)
    assert pictures(html) == [("image/svg+xml", b"<svg></svg>")]
    assert 'alt="Owls"' in html

    def broken(self, **_):
        raise RuntimeError("no browser")

    monkeypatch.setattr(go.Figure, "to_image", broken)
    assert "Download it as a page" in offered(figure)[0]


@pytest.mark.parametrize(
    ("html", "needs"),
    [
        ("<div id=x></div><script>draw(x)</script>", True),
        ("<style>p{}</style><div></div><script src='x.js'></script>", True),
        ("<div><p>Trust me</p><iframe srcdoc='x'></iframe></div>", True),
        ("<script>x()</script><p>A table</p>", False),
        ("<script>x()</script><img src='data:,'>", False),
        ("<div></div>", False),
    ],
)
def test_html_that_shows_nothing_without_scripts_is_a_page_to_download(html, needs):
    """What can be read is shown as it is."""
    shown, offers = offered(Shows(html=html))
    assert (html not in shown) == needs
    assert [one.read().decode().endswith(html) for one in offers] == [True] * needs


# --- Markdown -------------------------------------------------------------------------------------


def test_markdown_is_rendered_safely():
    """HTML in it is text, and no link leads to a script."""
    html = present(Shows(markdown=f"# Owls\n\n**two** {EVIL} [x](javascript:alert(1))\n"))
    assert {"h1", "strong"} <= set(Reader(html).tags)
    assert "script" not in Reader(html).tags
    assert "javascript:" not in html


def test_markdown_is_text_where_nothing_renders_it(monkeypatch):
    """An app does not need the library."""
    monkeypatch.setitem(sys.modules, "mistune", None)
    assert texts(Shows(markdown=f"# {EVIL}")) == [f"# {EVIL}"]


# --- what is not imported -------------------------------------------------------------------------


def test_nothing_heavy_is_imported_by_showing():
    """A library that the author has not imported is not imported."""
    code = (
        "import sys; from notebook_actions.present import present; "
        "[present(one) for one in ([{'a': 1}], object(), 1.5, {1}, b'x', {'a': [1]})]; "
        "heavy = {'pandas', 'polars', 'numpy', 'matplotlib', 'PIL', 'plotly', 'mistune'}; "
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
