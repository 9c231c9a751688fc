"""Form data: ordered pairs, and nothing lost or changed on the way."""

import enum
import pickle
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notebook_actions import FormData, FormError, UploadedFile
from notebook_actions.errors import MissingField
from notebook_actions.formdata import crlf, unnumbered

PHOTO = UploadedFile("owl.png", "image/png", b"\x89PNG")
PAIRS = [("day", "Mon"), ("name", "Luna"), ("day", "Tue"), ("photo", PHOTO)]

some_pairs = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "größe", ""]),
        st.text() | st.builds(UploadedFile, st.text(), data=st.binary(max_size=8)),
    )
)


class House(enum.Enum):
    """A choice whose value is not its name."""

    GRYFFINDOR = "g"
    FIRST = 1


def test_the_order_is_kept_also_across_names():
    """The pairs come out in the order in which they went in."""
    assert FormData(PAIRS).pairs() == tuple(PAIRS)


def test_one_value_is_the_first_of_its_name():
    """Of a repeated name the item and get() give the first value."""
    form = FormData(PAIRS)
    assert form["day"] == "Mon"
    assert form.get("day") == "Mon"


def test_getall_gives_every_value_in_order():
    """A repeated name keeps all its values; an absent one has none."""
    form = FormData(PAIRS)
    assert form.getall("day") == ["Mon", "Tue"]
    assert form.getall("house") == []


def test_get_gives_the_default_for_an_absent_name_only():
    """An empty text is a value and is not replaced by the default."""
    form = FormData([("empty", "")])
    assert form.get("empty", "none") == ""
    assert form.get("house", "none") == "none"
    assert form.get("house") is None


def test_an_absent_name_is_a_message_for_the_person():
    """Reading a name that was not sent is a failure with that field, and a KeyError."""
    with pytest.raises(MissingField, match="no field 'house'; it sent day, name, photo") as caught:
        FormData(PAIRS)["house"]
    assert isinstance(caught.value, KeyError)
    assert isinstance(caught.value, FormError)
    assert caught.value.fields == {"house": "is missing"}


def test_names_come_once_in_order_of_first_appearance():
    """Iterating gives each name once, so that dict() of form data works."""
    form = FormData(PAIRS)
    assert list(form) == form.keys() == ["day", "name", "photo"]
    assert dict(form) == {"day": "Mon", "name": "Luna", "photo": PHOTO}


def test_the_length_counts_the_pairs():
    """The length is that of what was sent, and empty form data is false."""
    assert len(FormData(PAIRS)) == 4
    assert not FormData()


def test_containment_is_by_name():
    """A name is in the form data when it was sent, also with an empty value."""
    form = FormData([("a", "")])
    assert "a" in form
    assert "" not in form
    assert 1 not in form


def test_without_leaves_the_rest_in_order():
    """Dropping names gives new form data and leaves the old one whole."""
    form = FormData(PAIRS)
    assert form.without(["day", "unknown"]).pairs() == (("name", "Luna"), ("photo", PHOTO))
    assert len(form) == 4


def test_it_cannot_be_changed():
    """What is kept for a retry is what was submitted, whatever the action does with it."""
    given = list(PAIRS)
    form = FormData(given)
    given.clear()
    form.getall("day").clear()
    form.keys().clear()
    assert form.pairs() == tuple(PAIRS)
    with pytest.raises(TypeError):
        form["day"] = "Wed"
    with pytest.raises(AttributeError):
        form.note = "x"


def test_equal_pairs_are_equal_form_data():
    """Form data compares and hashes by its pairs and their order."""
    assert FormData(PAIRS) == FormData(tuple(PAIRS))
    assert hash(FormData(PAIRS)) == hash(FormData(PAIRS))
    assert FormData(PAIRS) != FormData(PAIRS[::-1])
    assert FormData([("a", "b")]) != {"a": "b"}


def test_form_data_of_form_data_is_the_same():
    """Passing form data on loses no repeated name."""
    assert FormData(FormData(PAIRS)) == FormData(PAIRS)


def test_it_pickles():
    """Form data can go to a worker process, files included."""
    assert pickle.loads(pickle.dumps(FormData(PAIRS))) == FormData(PAIRS)


@pytest.mark.parametrize(
    ("value", "pairs"),
    [
        ("Luna", [("x", "Luna")]),
        ("", [("x", "")]),
        (7, [("x", "7")]),
        (0, [("x", "0")]),
        (Decimal("1.50"), [("x", "1.50")]),
        (True, [("x", "on")]),
        (False, []),
        (None, []),
        (["Mon", "Tue"], [("x", "Mon"), ("x", "Tue")]),
        (("Mon", None, True, 3), [("x", "Mon"), ("x", "on"), ("x", "3")]),
        ([], []),
        (PHOTO, [("x", PHOTO)]),
        (House.GRYFFINDOR, [("x", "g")]),
        (House.FIRST, [("x", "1")]),
        ("a\nb\rc\r\nd", [("x", "a\r\nb\r\nc\r\nd")]),
    ],
)
def test_a_mapping_is_what_a_form_with_these_values_would_send(value, pairs):
    """Python values become the pairs that the same form in a browser sends."""
    assert FormData({"x": value}).pairs() == tuple(pairs)


@pytest.mark.parametrize("value", [b"data", bytearray(b"data"), memoryview(b"data")])
def test_bytes_are_refused(value):
    """Bytes are a file's content and never become the text of their repr."""
    with pytest.raises(TypeError, match="'photo' is bytes; give an UploadedFile"):
        FormData({"photo": value})


@pytest.mark.parametrize("pair", [("a", 1), ("a", None), (1, "a"), ("a", b"x"), ("a", ["x"])])
def test_pairs_hold_only_what_a_form_can_send(pair):
    """A pair of other types is refused at once, and the message shows it."""
    with pytest.raises(TypeError, match="str or UploadedFile"):
        FormData([pair])


def test_a_mapping_with_a_name_that_is_no_text_is_refused():
    """Names are text in a mapping too."""
    with pytest.raises(TypeError, match="not 1: str"):
        FormData({1: "a"})


def test_the_repr_shows_the_pairs_but_no_content_of_files():
    """A traceback or log line shows names and texts, not megabytes of a file."""
    shown = repr(FormData(PAIRS))
    assert shown.startswith("FormData([('day', 'Mon')")
    assert "owl.png" in shown
    assert "PNG'" not in shown


def test_the_repr_masks_secrets():
    """What a notebook's cell shows has no secret in it; the value is there for who asks for it."""
    pairs = [("name", "Luna"), ("pin", "hunter2"), ("users[3].pin", "4711"), ("pin", PHOTO)]
    form = FormData(pairs, secret=["pin", "users[#].pin"])
    masked = "[('name', 'Luna'), ('pin', '•••'), ('users[3].pin', '•••'), ('pin', '•••')]"
    assert repr(form) == f"FormData({masked})"
    assert (form["pin"], form["users[3].pin"]) == ("hunter2", "4711")


def test_secrets_stay_secret():
    """A copy, what is left of it, and what was pickled are masked as well."""
    form = FormData([("pin", "hunter2"), ("name", "Luna")], secret=["pin"])
    more = FormData(form, secret=["name"])
    for one in (form.without(["name"]), FormData(form), pickle.loads(pickle.dumps(form)), more):
        assert "hunter2" not in repr(one)
    assert "Luna" not in repr(more)
    assert "Luna" in repr(form)


def test_secrets_make_no_difference():
    """Form data with the same pairs is equal, whatever of it is secret."""
    secret, plain = FormData({"pin": "hunter2"}, secret=["pin"]), FormData({"pin": "hunter2"})
    assert secret == plain
    assert hash(secret) == hash(plain)


@pytest.mark.parametrize(
    ("name", "general"),
    [
        ("pin", "pin"),
        ("users[3].pin", "users[#].pin"),
        ("a[0].b[10].c", "a[#].b[#].c"),
        ("a[x]", "a[x]"),
        ("a[#]", "a[#]"),
    ],
)
def test_a_field_has_one_name_for_all_rows(name, general):
    """The number of a row is left out, whatever stands around it."""
    assert unnumbered(name) == general


def test_a_path_in_a_mapping_is_text():
    """A path is not read; who wants to send a file gives an UploadedFile."""
    assert FormData({"x": Path("owl.png")}).pairs() == (("x", "owl.png"),)


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("", ""),
        ("\n", "\r\n"),
        ("\r", "\r\n"),
        ("\r\n", "\r\n"),
        ("\n\r", "\r\n\r\n"),
        ("\r\r\n\n", "\r\n\r\n\r\n"),
        ("a\u2028b\x0bc\x85", "a\u2028b\x0bc\x85"),
    ],
)
def test_line_breaks_become_cr_lf(text, sent):
    """Every CR, LF and CR LF becomes one CR LF, and nothing else is a line break."""
    assert crlf(text) == sent


@given(st.text(alphabet="a\r\n"))
def test_normalising_line_breaks_twice_changes_nothing(text):
    """What is normalised stays as it is when it is sent again."""
    assert crlf(crlf(text)) == crlf(text)
    assert crlf(text).replace("\r\n", "").strip("a") == ""


def test_what_an_iterator_raises_is_its_own():
    """What reads pairs from a body says what is wrong with that in its own words."""

    def read():
        yield ("name", "Luna")
        raise ValueError("the body ends here")

    with pytest.raises(ValueError, match="the body ends here"):
        FormData(read())
    with pytest.raises(TypeError, match="form data is made of"):
        FormData(iter([("name", "Luna", "too much")]))


@given(some_pairs)
def test_any_pairs_come_back_as_they_were(pairs):
    """For any pairs: order, repeats and values are kept, by name and as a whole."""
    form = FormData(pairs)
    assert form.pairs() == tuple(pairs)
    assert form.keys() == list(dict(pairs))
    assert sum(len(form.getall(name)) for name in form) == len(form)
    for name in form:
        assert form[name] == form.getall(name)[0]
    assert FormData(form.pairs()) == form
