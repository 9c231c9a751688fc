"""Kept files: what stands for them in a form, and how they come back into the form data."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notebook_actions import FormData, UploadedFile
from notebook_actions.kept import Kept, claims, kept_slots, restore, without_own

OWL, CAT, NEW = (UploadedFile(name, "image/png", name.encode()) for name in ("owl", "cat", "new"))
FILES = {"T": OWL, "U": CAT}


def restored(*pairs, **options):
    """Return what the action gets, and the expired fields."""
    form, expired = restore(FormData(pairs), FILES, **options)
    return list(form.pairs()), expired


def test_a_kept_file_stands_where_its_token_stood():
    """The order of the pairs is that of the tree, and the package's own fields are gone."""
    sent = [("_form", "x-2"), ("a", "1"), ("_kept", "T/photo"), ("b", "2")]
    assert restored(*sent) == ([("a", "1"), ("photo", OWL), ("b", "2")], [])


def test_a_new_file_replaces_the_kept_one():
    """A file input of one file has one file."""
    assert restored(("photo", NEW), ("_kept", "T/photo")) == ([("photo", NEW)], [])


@pytest.mark.parametrize(
    ("name", "multiple"),
    [("photo", {"photo"}), ("items[3].photo", {"items[#].photo"}), ("a[0]", ["a[0]"])],
)
def test_several_files_are_all_sent(name, multiple):
    """Where several files can be chosen, what was kept stands before what is new."""
    sent = [("x", "1"), (name, NEW), (name, NEW), ("_kept", f"T/{name}"), ("_kept", f"U/{name}")]
    files = [(name, one) for one in (OWL, CAT, NEW, NEW)]
    assert restored(*sent, multiple=multiple) == ([("x", "1"), *files], [])


def test_several_fields_keep_their_places():
    """What is put before a new file moves no other field's files."""
    sent = [("a", NEW), ("b", NEW), ("_kept", "T/a"), ("_kept", "U/b"), ("c", "1")]
    expected = [("a", OWL), ("a", NEW), ("b", CAT), ("b", NEW), ("c", "1")]
    assert restored(*sent, multiple={"a", "b"}) == (expected, [])


def test_an_expired_token_names_its_field():
    """A token without a file gives no pair; its field is named once."""
    sent = [("_kept", "X/photo"), ("_kept", "Y/photo"), ("_kept", "T/other/part")]
    assert restored(*sent) == ([("other/part", OWL)], ["photo"])


def test_an_expired_token_does_not_matter_beside_a_new_file():
    """Who has chosen a new file need not be told that the old one is gone."""
    assert restored(("photo", NEW), ("_kept", "X/photo")) == ([("photo", NEW)], [])


def test_a_removed_file_is_gone():
    """A ticked "Remove" is neither a file nor a failure, whether the token is known or not."""
    sent = [("_drop", "T"), ("_kept", "T/photo"), ("_kept", "X/photo"), ("_drop", "X")]
    assert claims(FormData(sent)) == {}
    assert restored(*sent) == ([], [])


def test_a_token_counts_once():
    """A token that is sent twice, or for two fields, gives one file for the first."""
    sent = [("_kept", "T/photo"), ("_kept", "T/photo"), ("_kept", "T/other")]
    assert claims(FormData(sent)) == {"T": "photo"}
    assert restored(*sent) == ([("photo", OWL)], [])


@pytest.mark.parametrize("value", ["", "/", "T", "T/", "/photo", NEW])
def test_what_is_no_token_is_nothing(value):
    """A forged value gives no file, no failure and no error."""
    assert restored(("_kept", value), ("_drop", value), ("a", "1")) == ([("a", "1")], [])


@pytest.mark.parametrize("name", ["_kept", "_drop", "_form", "_form.add", "_kept[0]", "_drop-x"])
def test_own_names_never_reach_the_action(name):
    """Fields of the package's own are left out, a field of the author's is not."""
    sent = FormData([(name, "1"), ("_format", "2"), ("_keptx", "3"), ("x_form", "4"), ("_", "5")])
    assert restore(sent, {})[0].keys() == ["_format", "_keptx", "x_form", "_"]
    assert without_own(sent).keys() == ["_format", "_keptx", "x_form", "_"]


class Tags(HTMLParser):
    """Reads HTML as a browser does."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


def test_each_field_has_a_slot_with_its_files():
    """A file is named with its size, can be removed, and is sent for again by its token."""
    kept = [
        Kept("photo", "T", "owl.png", 12_345),
        Kept("more", "U", "a", 1),
        Kept("more", "V", "b", 2),
    ]
    slots = kept_slots(kept)
    assert list(slots) == ["kept:photo", "kept:more"]
    shown = Tags(slots["kept:photo"])
    assert " ".join(shown.text.split()) == "owl.png (12 KB) is kept. Remove"
    box, hidden = (attrs for tag, attrs in shown.tags if tag == "input")
    assert (box["name"], box["value"], box["aria-label"]) == ("_drop", "T", "Remove owl.png")
    assert (hidden["type"], hidden["name"], hidden["value"]) == ("hidden", "_kept", "T/photo")
    sent = [
        attrs["value"]
        for _, attrs in Tags(slots["kept:more"]).tags
        if attrs.get("type") == "hidden"
    ]
    assert sent == ["U/more", "V/more"]


@given(name=st.text(), field=st.text(min_size=1))
def test_no_name_breaks_out(name, field):
    """Whatever a file or field is called, the markup stays the same and the value comes back."""
    (html,) = kept_slots([Kept(field, "T", name, 5)]).values()
    shown = Tags(html)
    assert [tag for tag, _ in shown.tags] == ["span", "bdi", "bdi", "label", "input", "input"]
    assert shown.tags[-1][1]["value"] == f"T/{field}"
    assert claims(FormData([("_kept", shown.tags[-1][1]["value"])])) == {"T": field}
