"""The body of a POST: what is taken, what is refused, and that the server lives on."""

from __future__ import annotations

import os
import random
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from visitor import Visit, Visitor, encode, raw

from notebook_actions import FormData, UploadedFile, action
from notebook_actions.page import ActionForm, Page
from notebook_actions.server.body import BadBody, Body

URLENCODED = "application/x-www-form-urlencoded"


@pytest.fixture
def received() -> list[FormData]:
    return []


@pytest.fixture
def page(received: list[FormData]) -> Page:
    @action
    async def note(form: FormData) -> str:
        received.append(form)
        return "fine"

    return Page("/", ActionForm(note))


async def post(visitor: Visitor, kind: str | None, body: bytes, **headers: str) -> Any:
    given = {"Content-Type": kind, **headers} if kind is not None else headers
    return await visitor.ask("POST", "/?_action=note", body, given)


@pytest.mark.parametrize(
    "kind",
    [
        "application/json",
        "text/plain",
        "application/xml",
        "multipart/mixed; boundary=x",
        "application/x-www-form-urlencodedx",
        "nonsense",
        ";;;",
        "größe".encode().decode("latin-1"),
    ],
)
async def test_another_kind_of_content_is_415(
    visit: Visit, page: Page, received: list[FormData], kind: str
) -> None:
    """What is no form is refused as such, with the page and with JSON, and runs nothing."""
    visitor = await visit(page)
    plain = await post(visitor, kind, b'{"text": "x"}')
    assert plain.status == 415
    assert "A form is expected here" in plain.page.one(class_="na-notice").text
    fetched = await post(visitor, kind, b'{"text": "x"}', Accept="application/json")
    assert (fetched.status, fetched.json["type"]) == (415, "error")
    assert received == []


async def test_a_body_without_a_type_is_415(
    visit: Visit, page: Page, received: list[FormData]
) -> None:
    """Bytes of no declared type are not guessed at; no bytes are an empty form."""
    visitor = await visit(page)
    head = "POST /?_action=note HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    reply = await raw(visitor.base, f"{head}Content-Length: 3\r\n\r\na=b".encode())
    assert reply.startswith(b"HTTP/1.1 415")
    assert received == []
    assert (await raw(visitor.base, f"{head}\r\n".encode())).startswith(b"HTTP/1.1 303")
    assert received == [FormData()]


GARBAGE = {
    "latin-1": (URLENCODED, "text=gr\xf6\xdfe".encode("latin-1")),
    "bad percent": (URLENCODED, b"text=%ff%fe"),
    "no boundary": ("multipart/form-data", b"x"),
    "empty boundary": ("multipart/form-data; boundary=", b"----\r\n\r\nx"),
    "wrong boundary": ("multipart/form-data; boundary=a", b"--b\r\n\r\nx\r\n--b--\r\n"),
    "cut off": (
        "multipart/form-data; boundary=a",
        b'--a\r\nContent-Disposition: form-data; name="x"\r\n\r\nhalf',
    ),
    "no disposition": ("multipart/form-data; boundary=a", b"--a\r\n\r\nx\r\n--a--\r\n"),
    "text that is not UTF-8": (
        "multipart/form-data; boundary=a",
        b'--a\r\nContent-Disposition: form-data; name="x"\r\n\r\n\xff\r\n--a--\r\n',
    ),
    "huge header": (
        "multipart/form-data; boundary=a",
        b"--a\r\nX: " + b"y" * 100_000 + b"\r\n\r\nx\r\n--a--\r\n",
    ),
    "too many fields": (URLENCODED, b"a=1&" * 10_001),
    "long boundary": (f"multipart/form-data; boundary={'b' * 5000}", b"--b"),
}


@pytest.mark.parametrize("case", GARBAGE)
async def test_a_malformed_body_is_400(
    visit: Visit, page: Page, received: list[FormData], case: str
) -> None:
    """A body that cannot be read is a 400 with the page, runs nothing, and the server lives."""
    visitor = await visit(page)
    kind, body = GARBAGE[case]
    reply = await post(visitor, kind, body)
    assert reply.status == 400
    assert "is not a form that can be read" in reply.page.one(class_="na-notice").text
    assert received == []
    assert (await visitor.submit("/", "note", [("text", "x")])).page.slot("result") == "fine"


async def test_random_bytes(visit: Visit, page: Page) -> None:
    """Whatever bytes come, raw or as a body, the next visitor is served."""
    visitor = await visit(page)
    rng = random.Random(7)
    for _ in range(30):
        junk = rng.randbytes(rng.randrange(1, 3000))
        assert (await post(visitor, "multipart/form-data; boundary=a", junk)).status == 400
        await raw(visitor.base, junk + b"\r\n\r\n", half_close=True)
    assert (await visitor.get("/")).status == 200


POST = b"POST /?_action=note HTTP/1.1\r\nHost: localhost\r\n"

BROKEN = [
    b"\r\n\r\n",
    b"GET\r\n\r\n",
    b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n",
    b"GET / HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: [\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: [zz]\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: \x00\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"y" * 70_000 + b"\r\n\r\n",
    POST + b"Content-Length: -1\r\n\r\n",
    POST + b"Content-Length: x\r\n\r\n",
    POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    POST + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
]


@pytest.mark.parametrize("number", range(len(BROKEN)))
async def test_a_malformed_request(
    visit: Visit, page: Page, received: list[FormData], number: int
) -> None:
    """A request that is no HTTP is refused or dropped, runs nothing, and the server lives."""
    visitor = await visit(page)
    reply = await raw(visitor.base, BROKEN[number], half_close=True)
    assert reply == b"" or reply.startswith((b"HTTP/1.1 400", b"HTTP/1.1 421"))
    assert b"Traceback" not in reply
    assert b"ornado" not in reply
    assert received == []
    assert (await visitor.get("/")).status == 200


# --- size ---------------------------------------------------------------------------------------

LIMIT = 10_000


def chunked(body: bytes, size: int = 1000) -> bytes:
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


@pytest.mark.parametrize("multipart", [False, True])
@pytest.mark.parametrize(("extra", "status"), [(-1, 200), (0, 200), (1, 413), (2 * LIMIT, 413)])
async def test_the_limit(
    visit: Visit, page: Page, received: list[FormData], multipart: bool, extra: int, status: int
) -> None:
    """Exactly at the limit passes; a byte more is a 413 page of ours, and runs nothing."""
    visitor = await visit(page, max_body_size=LIMIT)
    kind, empty = encode([("text", "")], multipart=multipart)
    room = LIMIT + extra - len(empty)
    body = empty.replace(b'name="text"\r\n\r\n', b'name="text"\r\n\r\n' + b"x" * room)
    body = body if multipart else b"text=" + b"x" * room
    assert len(body) == LIMIT + extra
    plain = await post(visitor, kind, body)
    assert plain.status == (303 if status == 200 else 413)
    fetched = await post(visitor, kind, body, Accept="application/json")
    assert fetched.status == status
    if status == 413:
        told = "That is too large: 10 KB at most."
        assert plain.page.one(class_="na-notice").text == told
        assert told in fetched.json["slots"]["errors"]
        assert received == []
    else:
        assert [len(str(form["text"])) for form in received] == [room, room]


@pytest.mark.parametrize(("size", "status"), [(LIMIT, 303), (LIMIT + 1, 413)])
async def test_the_limit_without_a_length(
    visit: Visit, page: Page, received: list[FormData], size: int, status: int
) -> None:
    """A chunked body, which tells no length, has the same limit."""
    visitor = await visit(page, max_body_size=LIMIT)
    head = (
        "POST /?_action=note HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        f"Content-Type: {URLENCODED}\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    body = b"text=" + b"x" * (size - 5)
    reply = await raw(visitor.base, head.encode() + chunked(body))
    assert reply.startswith(f"HTTP/1.1 {status}".encode())
    assert len(received) == (status == 303)


async def test_a_length_that_is_too_short(
    visit: Visit, page: Page, received: list[FormData]
) -> None:
    """What comes after the announced length is no part of the form."""
    visitor = await visit(page, max_body_size=LIMIT)
    head = (
        "POST /?_action=note HTTP/1.1\r\nHost: localhost\r\n"
        f"Content-Type: {URLENCODED}\r\nContent-Length: 6\r\n\r\n"
    )
    body = b"text=x" + b"y" * (LIMIT * 2)
    reply = await raw(visitor.base, head.encode() + body, half_close=True)
    assert reply.startswith(b"HTTP/1.1 303")
    assert received == [FormData([("text", "x")])]


async def test_a_length_that_is_too_long(
    visit: Visit, page: Page, received: list[FormData]
) -> None:
    """A body that never comes whole runs nothing."""
    visitor = await visit(page)
    head = (
        "POST /?_action=note HTTP/1.1\r\nHost: localhost\r\n"
        f"Content-Type: {URLENCODED}\r\nContent-Length: 600\r\n\r\n"
    )
    assert await raw(visitor.base, head.encode() + b"text=x", half_close=True) == b""
    assert (await visitor.get("/")).status == 200
    assert received == []


async def test_a_body_without_an_end(visit: Visit, page: Page, received: list[FormData]) -> None:
    """Far over the limit nobody waits for the end: an answer, and the connection is closed."""
    visitor = await visit(page, max_body_size=LIMIT)
    head = (
        "POST /?_action=note HTTP/1.1\r\nHost: localhost\r\n"
        f"Content-Type: {URLENCODED}\r\nContent-Length: 99999999999\r\n\r\n"
    )
    reply = await raw(visitor.base, head.encode() + b"x" * (LIMIT * 4 + 1))
    assert reply.startswith(b"HTTP/1.1 413")
    assert b"That is too large" in reply
    assert (await visitor.get("/")).status == 200
    assert received == []


# --- names and files ----------------------------------------------------------------------------


def multipart(*parts: tuple[str, bytes]) -> Body:
    body = Body("multipart/form-data; boundary=a", 1_000_000)
    for disposition, content in parts:
        body.feed(f"--a\r\nContent-Disposition: form-data; {disposition}\r\n\r\n".encode())
        body.feed(content + b"\r\n")
    body.feed(b"--a--\r\n")
    return body


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ('name="plain"', "plain"),
        ("name=token", "token"),
        ('name=""', ""),
        ('name="größe ☃"', "größe ☃"),
        ('name="semi;colon"', "semi;colon"),
        ('name="equals=sign"', "equals=sign"),
        ('name="a\\"b"', 'a"b'),
        ('name="items[0].qty"', "items[0].qty"),
        ('name="  spaces  "', "  spaces  "),
        ('NAME="upper"', "upper"),
        ('name="__proto__"', "__proto__"),
    ],
)
def test_names_of_fields(disposition: str, name: str) -> None:
    """A field's name is what the form calls it."""
    assert multipart((disposition, b"x")).form().pairs() == ((name, "x"),)


@pytest.mark.parametrize(
    "filename",
    [
        "plain.txt",
        "größe ☃.txt",
        "semi;colon.txt",
        "..%2F..%2Fetc%2Fpasswd",
        "../../etc/passwd",
        "'single'.txt",
        " spaces .txt ",
        "x" * 1000,
    ],
)
def test_names_of_files(filename: str) -> None:
    """A file keeps the name that the browser gave; it is data, and never a path of ours."""
    form = multipart((f'name="f"; filename="{filename}"', b"\x00\xff")).form()
    assert form["f"] == UploadedFile(filename, "application/octet-stream", b"\x00\xff")


def test_a_windows_path_is_kept_or_cut_to_its_name() -> None:
    """Old browsers send a whole path; at the least its last part is there."""
    value = multipart(('name="f"; filename="C:\\dir\\a.txt"', b"x")).form()["f"]
    assert isinstance(value, UploadedFile)
    assert value.filename.endswith("a.txt")


def test_an_empty_file_input_is_no_file() -> None:
    """A file input in which nothing was chosen leaves no trace: no text, no file."""
    assert multipart(('name="f"; filename=""', b""), ('name="x"', b"1")).form() == FormData(
        [("x", "1")]
    )


def test_an_empty_file_is_a_file() -> None:
    """A chosen file without a byte is a file."""
    assert multipart(('name="f"; filename="empty"', b"")).form()["f"] == UploadedFile("empty")


def test_chunks_of_any_size() -> None:
    """It does not matter where the network cuts a body."""
    pairs = [("a", "1\r\n2"), ("f", UploadedFile("x.bin", "image/png", os.urandom(5000)))]
    kind, content = encode(pairs, multipart=True)
    for size in (1, 7, 100, 4096):
        body = Body(kind, len(content))
        for at in range(0, len(content), size):
            body.feed(content[at : at + size])
        assert body.form().pairs() == tuple(pairs)


def test_many_fields_are_fine() -> None:
    """Ten thousand fields are read in both encodings; more is refused."""
    for multi in (False, True):
        for count, ok in ((9_999, True), (10_001, False)):
            kind, content = encode([("a", "1")] * count, multipart=multi)
            body = Body(kind, len(content))
            body.feed(content)
            if ok:
                assert len(body.form()) == count
            else:
                with pytest.raises(BadBody) as caught:
                    body.form()
                assert caught.value.status == 400


def test_content_type_is_read_without_regard_to_case() -> None:
    """Media types have no case, and parameters such as charset do no harm."""
    for kind in ("APPLICATION/X-WWW-Form-URLEncoded", f"{URLENCODED}; charset=UTF-8"):
        body = Body(kind, 100)
        body.feed(b"a=%C3%BC+%2B")
        assert body.form().pairs() == (("a", "ü +"),)


@pytest.mark.parametrize(
    ("body", "pairs"),
    [
        (b"", []),
        (b"a", [("a", "")]),
        (b"a=", [("a", "")]),
        (b"=b", [("", "b")]),
        (b"a=b=c", [("a", "b=c")]),
        (b"&&a=1&&", [("a", "1")]),
        (b"a=1;b=2", [("a", "1;b=2")]),
        (b"a=%", [("a", "%")]),
        (b"a=%zz", [("a", "%zz")]),
        (b"a=%0D%0A", [("a", "\r\n")]),
        ("a=größe".encode(), [("a", "größe")]),
    ],
)
def test_urlencoded_as_the_specification_says(body: bytes, pairs: list[tuple[str, str]]) -> None:
    """Odd but legal urlencoded bodies are read as WHATWG URL, section 5.1, says."""
    taken = Body(URLENCODED, 100)
    taken.feed(body)
    assert taken.form().pairs() == tuple(pairs)


@settings(max_examples=500)
@given(st.lists(st.sampled_from([*b"aZ%+&=;4f_ ", 0xC3, 0xA9, 0, 10, 13])).map(bytes))
def test_any_urlencoded_body(body: bytes) -> None:
    """It is read as the standard library reads it, and is malformed where that says so."""
    try:
        expected = parse_qsl(body.decode(), keep_blank_values=True, errors="strict")
    except ValueError:
        expected = None
    read = Body("application/x-www-form-urlencoded", LIMIT)
    read.feed(body)
    try:
        assert list(read.form().pairs()) == list(FormData(expected or ()).pairs())
    except BadBody:
        assert expected is None
