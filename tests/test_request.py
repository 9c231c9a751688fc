"""The request: headers, cookies, and what it never tells a log."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tornado.httputil import parse_cookie

from notebook_actions import Request
from notebook_actions.request import Cookies, Headers


def sent(cookies: Cookies, name: str) -> str:
    """Return the Set-Cookie header for one cookie."""
    return cookies.changes[name].OutputString()


def test_a_stand_in_needs_no_argument():
    """In the notebook Request() alone is a plain visit of the page."""
    request = Request()
    assert (request.method, request.url, request.remote_ip) == ("GET", "/", "127.0.0.1")
    assert dict(request.headers) == dict(request.cookies) == dict(request.session) == {}


def test_what_is_given_is_there():
    """Each argument is the attribute of its name."""
    session = {"user": "luna"}
    request = Request("POST", "/a?b=c", {"Accept": "x"}, {"k": "v"}, "::1", session)
    assert (request.method, request.url, request.remote_ip) == ("POST", "/a?b=c", "::1")
    assert request.headers["accept"] == "x"
    assert request.cookies["k"] == "v"
    assert request.session is session


def test_two_requests_share_nothing():
    """A cookie that is set on one request is not seen by another."""
    one, other = Request(), Request()
    one.cookies["a"] = "1"
    assert "a" not in other.cookies


def test_ready_headers_and_cookies_are_taken_as_they_are():
    """Two requests can be given the same cookies on purpose."""
    headers, cookies = Headers({"A": "b"}), Cookies({"c": "d"})
    request = Request(headers=headers, cookies=cookies)
    assert request.headers is headers
    assert request.cookies is cookies


def test_an_unknown_attribute_is_refused():
    """A misspelled attribute is an error and not a silent new one."""
    with pytest.raises(AttributeError):
        Request().cookie = {}


@pytest.mark.parametrize("name", ["Content-Type", "content-type", "CONTENT-TYPE"])
def test_header_names_are_compared_without_case(name):
    """A header is found however its name is written."""
    headers = Headers({"CONTENT-type": "text/plain"})
    assert headers[name] == "text/plain"
    assert name in headers
    assert headers.get(name) == "text/plain"


def test_an_absent_header_is_a_key_error():
    """Headers behave as any mapping, also for what is no name."""
    headers = Headers({"a": "b"})
    assert headers.get("x", "default") == "default"
    assert 5 not in headers
    with pytest.raises(KeyError):
        headers["x"]


def test_headers_have_a_length_and_names():
    """Headers can be counted and listed."""
    headers = Headers({"A": "1", "b": "2"})
    assert len(headers) == 2
    assert sorted(headers) == ["a", "b"]


def test_a_cookie_that_was_set_is_seen_at_once():
    """A loader with the same request sees what the action set."""
    request = Request(cookies={"user": "luna"})
    request.cookies["user"] = "ron"
    assert request.cookies["user"] == "ron"
    assert list(request.cookies) == ["user"]


def test_what_the_browser_sent_is_no_change():
    """Only what the action set is sent back."""
    cookies = Cookies({"a": "1"})
    assert cookies.changes == {}
    cookies["b"] = "2"
    assert list(cookies.changes) == ["b"]


def test_a_cookie_is_set_with_safe_attributes():
    """Without further words a cookie is out of reach of scripts and of other sites."""
    cookies = Cookies()
    cookies["user"] = "luna"
    assert sent(cookies, "user") == "user=luna; HttpOnly; Path=/; SameSite=Lax"


def test_attributes_replace_the_defaults():
    """An attribute can be given, with an underscore for the hyphen."""
    cookies = Cookies()
    cookies.set("a", "b", max_age=3600, samesite="Strict", httponly=False, path="/x", secure=True)
    assert sent(cookies, "a") == "a=b; Max-Age=3600; Path=/x; SameSite=Strict; Secure"


def test_the_last_change_of_a_cookie_counts():
    """Setting a cookie twice sends it once."""
    cookies = Cookies()
    cookies["a"] = "1"
    cookies["a"] = "2"
    assert list(cookies.changes) == ["a"]
    assert "a=2;" in sent(cookies, "a")


def test_a_deleted_cookie_is_gone_here_and_in_the_browser():
    """Deleting tells the browser to forget the cookie."""
    cookies = Cookies({"a": "1"})
    del cookies["a"]
    assert "a" not in cookies
    assert sent(cookies, "a") == 'a=""; HttpOnly; Max-Age=0; Path=/; SameSite=Lax'


def test_deleting_an_absent_cookie_is_a_key_error():
    """Cookies behave as any mapping, and nothing is sent."""
    cookies = Cookies()
    with pytest.raises(KeyError):
        del cookies["a"]
    assert cookies.changes == {}
    assert len(cookies) == 0


def test_the_methods_of_a_mapping_work():
    """update(), pop() and setdefault() set and forget cookies too."""
    cookies = Cookies({"a": "1"})
    cookies.update(b="2")
    assert cookies.setdefault("c", "3") == "3"
    assert cookies.pop("a") == "1"
    assert sorted(cookies.changes) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("name", "value", "attributes"),
    [
        ("", "x", {}),
        ("a b", "x", {}),
        ("a;b", "x", {}),
        ("a\r\nSet-Cookie: evil", "x", {}),
        ("größe", "x", {}),
        ("path", "x", {}),
        ("a", "x", {"colour": "red"}),
        ("a", "x", {"path": "/\r\nSet-Cookie: evil=1"}),
        ("a", "x", {"path": "/; domain=evil.example"}),
        ("a", "x", {"domain": "a\x00b"}),
        ("a", "Łuna", {}),
        ("a", "\u0100", {}),
        ("a", "x" * 4096, {}),
        ("a" * 4096, "", {}),
    ],
)
def test_what_would_be_lost_or_abused_is_refused(name, value, attributes):
    """A cookie that no browser keeps, or that smuggles in a header, is refused and not set."""
    cookies = Cookies({"kept": "1"})
    with pytest.raises(ValueError, match="cookie"):
        cookies.set(name, value, **attributes)
    assert cookies.changes == {}
    assert list(cookies) == ["kept"]


def test_a_cookie_of_exactly_4096_bytes_passes():
    """The limit is that of the browsers, counted with name and equals sign."""
    cookies = Cookies()
    cookies["a"] = "x" * 4094
    assert len(cookies["a"]) == 4094


def test_a_number_is_set_as_the_text_that_comes_back():
    """This request sees the same text as the next one will."""
    cookies = Cookies()
    cookies["n"] = 5
    assert cookies["n"] == "5"


@given(st.text(alphabet=st.characters(max_codepoint=0xFF), max_size=200))
def test_any_latin_1_value_is_one_line_and_comes_back(value):
    """Whatever the value: the header stays one line, and reading it back gives the value."""
    cookies = Cookies()
    cookies["a"] = value
    header = sent(cookies, "a")
    assert not set(header) & set("\r\n\x00")
    assert parse_cookie(header.partition("; HttpOnly")[0])["a"] == value


def test_no_repr_holds_a_secret():
    """Logs get names and the path, never values, query or session."""
    request = Request(
        url="/a?token=SECRET",
        headers={"Authorization": "SECRET"},
        cookies={"sid": "SECRET"},
        session={"user": "SECRET"},
    )
    for thing in (request, request.headers, request.cookies):
        assert "SECRET" not in repr(thing)
    assert repr(request) == "Request(GET /a, Cookies(['sid']))"
    assert repr(request.headers) == "Headers(['authorization'])"
