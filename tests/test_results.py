"""Outcomes as values, and destinations that no browser should be sent to."""

import re
from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from notebook_actions import FormError, redirect
from notebook_actions.errors import UnsafeRedirect
from notebook_actions.results import Bug, Failure, Redirect, Success

PAGE = "https://app.example/enrollment"


def as_a_browser_reads(location: str) -> str:
    """Return where a browser goes, which drops tabs and takes a backslash for a slash."""
    text = re.sub(r"[\t\r\n]", "", location.strip("".join(map(chr, range(33)))))
    before, mark, query = text.partition("?")
    return urljoin(PAGE, before.replace("\\", "/") + mark + query)


@pytest.mark.parametrize(
    ("location", "sent"),
    [
        ("/thanks", "/thanks"),
        ("thanks?ok=1", "thanks?ok=1"),
        ("?page=2", "?page=2"),
        ("#top", "#top"),
        ("../up", "../up"),
        ("/a b", "/a%20b"),
        ("/größe?q=ä#ö", "/gr%C3%B6%C3%9Fe?q=%C3%A4#%C3%B6"),
        ("/a%20b", "/a%20b"),
        ("/a?next=//b&x=javascript:c", "/a?next=//b&x=javascript:c"),
        ("/a?path=c:\\d", "/a?path=c:%5Cd"),
        ("/a#b\\c", "/a#b%5Cc"),
        ("/a:b", "/a:b"),
        ('/"<>', "/%22%3C%3E"),
        ("http://app.example/x", "http://app.example/x"),
        ("https://app.example:8443/x?y=z", "https://app.example:8443/x?y=z"),
        ("HTTPS://app.example", "HTTPS://app.example"),
        ("https://[::1]/x", "https://[::1]/x"),
    ],
)
def test_paths_and_web_addresses_pass(location, sent):
    """What a browser may follow passes, percent-encoded once and never twice."""
    assert redirect(location) == Redirect(sent)


@pytest.mark.parametrize(
    "location",
    [
        "",
        None,
        7,
        b"/x",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "\\/evil.example",
        "/a\\b",
        "http:evil.example",
        "https:/evil.example",
        "https:///evil.example",
        "https://app.example\\@evil.example",
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "java\tscript:alert(1)",
        " javascript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "mailto:a@b",
        "ftp://evil.example",
        "/a\r\nSet-Cookie: x=y",
        "/a\nb",
        "/a\x00",
        "/\t/evil.example",
        "/a\x7f",
        " /a",
        "/a ",
        "\u00a0//evil.example",
        "http://[::1",
        "http://a]b/",
        "/\ud800",
    ],
)
def test_what_a_browser_could_misread_is_refused(location):
    """Other sites in disguise, scripts and control characters are refused at once."""
    with pytest.raises(UnsafeRedirect):
        redirect(location)
    with pytest.raises(UnsafeRedirect):
        redirect(location, external=True)


def test_the_refusal_shows_the_location_and_the_way_out():
    """The message quotes what was given and says what to write."""
    with pytest.raises(UnsafeRedirect, match=r"redirect\('//evil'\).*external=True"):
        redirect("//evil")


def test_another_origin_has_to_be_asked_for_by_keyword():
    """The author's word is recorded, and cannot be given by accident."""
    assert redirect("https://other.example/", external=True).external
    assert not redirect("https://other.example/").external
    with pytest.raises(TypeError):
        redirect("https://other.example/", True)


tricky = st.lists(
    st.sampled_from([*"/\\:.?#@%;& \t\r\n\x00ae", "http", "https:", "javascript:", "é", "\u2028"])
).map("".join)


@settings(max_examples=300)
@given(tricky)
@example("/\t/e")
@example("https:e")
def test_no_relative_location_leaves_the_origin(location):
    """For any text: it is refused, leads to the page's own origin, or says http(s):// openly."""
    try:
        sent = redirect(location).location
    except UnsafeRedirect:
        return
    assert sent.isascii()
    assert not set(sent) & {chr(code) for code in (*range(33), 127)}
    there = urlsplit(as_a_browser_reads(sent))
    assert there.scheme in ("http", "https")
    if not re.match("https?://", location):
        assert there.netloc == "app.example"


@given(st.text(min_size=1, alphabet=st.characters(codec="utf-8", min_codepoint=33)))
def test_encoding_a_location_again_changes_nothing(text):
    """A location that was encoded already is passed on as it is."""
    once = redirect("/x?" + text.replace("\x7f", "").strip()).location
    assert redirect(once).location == once


def test_a_bug_has_an_id_of_its_own():
    """Two bugs can be told apart by eight hexadecimal digits that say nothing."""
    bugs = [Bug(ValueError("secret")) for _ in range(20)]
    assert all(re.fullmatch("[0-9a-f]{8}", bug.id) for bug in bugs)
    assert len({bug.id for bug in bugs}) == 20


@pytest.mark.parametrize(
    "outcome", [Success(1), Redirect("/"), Failure(FormError()), Bug(ValueError())]
)
def test_an_outcome_cannot_be_changed(outcome):
    """Outcomes are values."""
    with pytest.raises(AttributeError):
        setattr(outcome, next(iter(outcome.__slots__)), "other")


def test_a_success_may_hold_nothing():
    """None is a value that was returned."""
    assert Success(None) == Success(None)
    assert Success(None) != Success(False)
