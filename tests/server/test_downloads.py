"""Downloads over HTTP: the same link with and without JavaScript, and what answers it."""

from __future__ import annotations

import asyncio
import csv
import io
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from visitor import Reply, Visit, Visitor

from notebook_actions import Download, Request, action, loader
from notebook_actions.htmlform import parse
from notebook_actions.page import ActionForm, Page
from notebook_actions.server.downloads import attachment
from notebook_actions.server.store import MemoryStore, SQLiteStore, Store

CONTENT = os.urandom(1_700_000)
EVIL = b"<script>parent.document.title = 'taken'</script>"
ROWS = [{"name": f"Owl {number}", "größe": number / 3} for number in range(700)]

VALUES: dict[str, Any] = {
    "file": lambda: Download(CONTENT, "owls.bin"),
    "page": lambda: Download(EVIL, "../evil\u202e.html", "text/html"),
    "rows": lambda: ROWS,
    "several": lambda: {"a": Download("first", "a.txt"), "b": Download("second", "b.txt")},
    "empty": lambda: Download(b"", "empty.txt"),
}


@action
async def give(which: str) -> Any:
    return VALUES[which]()


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    kept = MemoryStore() if request.param == "memory" else SQLiteStore(tmp_path / "s.sqlite3")
    yield kept
    kept.close()


def page(path: str = "/") -> Page:
    return Page(path, ActionForm(give))


def links(reply: Reply) -> list[str]:
    html = reply.json["slots"]["result"] if reply.text.startswith("{") else reply.text
    return [part.partition('"')[0] for part in html.split('href="') if part.startswith("?_down")]


async def given(visitor: Visitor, which: str, *, script: bool) -> list[str]:
    """Submit the form as a browser does; return the links of the result."""
    ask = visitor.fetch if script else visitor.submit
    reply = await ask("/", "give", [("which", which)])
    assert reply.status == 200
    return links(reply)


@pytest.mark.parametrize("script", [False, True], ids=["without script", "with script"])
async def test_a_download_is_a_link_to_an_attachment(
    visit: Visit, store: Store, script: bool
) -> None:
    """The content comes back byte for byte, under its name, and as often as it is asked for."""
    visitor = await visit(page(), store=store)
    [link] = await given(visitor, "file", script=script)
    for _ in range(2):
        reply = await visitor.get(f"/{link}")
        assert (reply.status, reply.body == CONTENT) == (200, True)
        name = "attachment; filename=\"owls.bin\"; filename*=UTF-8''owls.bin"
        assert reply.headers["Content-Disposition"] == name
        assert reply.headers["Content-Length"] == str(len(CONTENT))
    assert (await visitor.ask("HEAD", f"/{link}")).headers["Content-Length"] == str(len(CONTENT))


async def test_a_download_of_html_acts_as_no_page(visit: Visit) -> None:
    """Whatever type the author gave, it is saved; shown all the same, it could do nothing."""
    visitor = await visit(page())
    [link] = await given(visitor, "page", script=False)
    reply = await visitor.get(f"/{link}")
    assert reply.body == EVIL
    assert reply.headers["Content-Disposition"].startswith('attachment; filename="evil.html"')
    assert reply.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert reply.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("script", [False, True], ids=["without script", "with script"])
async def test_a_long_table_can_be_had_whole(visit: Visit, script: bool) -> None:
    """The CSV file has every row and every digit, in UTF-8 that a spreadsheet recognises."""
    visitor = await visit(page())
    [link] = await given(visitor, "rows", script=script)
    body = (await visitor.get(f"/{link}")).body
    assert body.startswith(b"\xef\xbb\xbf")
    read = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))
    assert read == [{name: str(value) for name, value in row.items()} for row in ROWS]


async def test_several_downloads_have_their_own_links(visit: Visit) -> None:
    """Files that stand in a dict or a list are all there."""
    visitor = await visit(page())
    found = await given(visitor, "several", script=True)
    assert [(await visitor.get(f"/{link}")).text for link in found] == ["first", "second"]


async def test_an_empty_file_is_a_file(visit: Visit) -> None:
    """Nothing in it is no reason to refuse it."""
    visitor = await visit(page())
    [link] = await given(visitor, "empty", script=False)
    reply = await visitor.get(f"/{link}")
    assert (reply.status, reply.body) == (200, b"")


async def test_an_address_is_of_one_page_and_cannot_be_guessed(visit: Visit) -> None:
    """Another page, a changed token and nonsense lead to a page that says what to do."""
    visitor = await visit(page(), page("/other"))
    [link] = await given(visitor, "file", script=False)
    swapped = link[:-1] + ("A" if link[-1] != "A" else "B")
    wrong = [f"/other{link}", f"/{swapped}", "/?_download=..%2F", "/?_download=%00"]
    for address in wrong:
        reply = await visitor.get(address)
        assert reply.status == 410
        assert "Submit the form again" in reply.page.text
    token = link.partition("=")[2]
    assert len(token) == 32


async def test_a_download_whose_pieces_are_gone_does_not_seem_whole(visit: Visit) -> None:
    """What expires while it is sent breaks off, so that no browser keeps half a file as whole."""
    store = MemoryStore()
    visitor = await visit(page(), store=store)
    [link] = await given(visitor, "file", script=False)
    await store.take(f"download:{link.partition('=')[2]}:2")
    with pytest.raises(Exception, match="closed"):
        await visitor.get(f"/{link}")


async def test_another_process_can_answer(visit: Visit, tmp_path: Path) -> None:
    """The process that answers the link need not be the one that ran the action."""
    first = await visit(page(), store=SQLiteStore(tmp_path / "s.sqlite3"))
    second = await visit(page(), store=SQLiteStore(tmp_path / "s.sqlite3"))
    [link] = await given(first, "file", script=False)
    assert (await second.get(f"/{link}")).body == CONTENT


async def test_a_file_that_cannot_be_made_takes_nothing_else_along(
    visit: Visit, caplog: pytest.LogCaptureFixture
) -> None:
    """The table is shown; the link says that there is nothing, and the log why."""

    class Odd:
        shown = 0

        def __str__(self) -> str:
            Odd.shown += 1
            if Odd.shown > 500:
                raise ValueError("worn out")
            return "odd"

    VALUES["odd"] = lambda: [{"a": Odd()} for _ in range(501)]
    visitor = await visit(page())
    [link] = await given(visitor, "odd", script=False)
    assert (await visitor.get(f"/{link}")).status == 410
    assert "a download could not be made" in caplog.text


@loader(key=["owls", "all"])
def owls(request: Request) -> Any:
    if "fail" in request.url:
        raise ValueError("swordfish")
    [count] = parse_qs(urlsplit(request.url).query)["n"]
    return {"table": [{"owl": n} for n in range(int(count))], "file": Download("b", "b.txt")}


async def test_a_long_table_of_a_loader_can_be_had_whole(visit: Visit) -> None:
    """Its link asks the loader again, with the page's own query, and nothing is kept for it."""
    store = MemoryStore()
    visitor = await visit(Page("/", owls, ActionForm(give)), store=store)
    shown = await visitor.get("/?n=200")
    refreshed = await visitor.fetch("/?n=200", "give", [("which", "empty")])
    addresses = [
        [link["href"] for link in part.all("a") if "_data" in link["href"]]
        for part in (shown.page, parse(refreshed.json["loaders"][owls.name]))
    ]
    assert addresses[0] == addresses[1]
    table, file = addresses[0]
    body = (await visitor.get(f"/{table}")).body
    assert body.decode("utf-8-sig").split() == ["owl", *map(str, range(200))]
    reply = await visitor.get(f"/{file}")
    assert (reply.status, reply.text) == (200, "b")
    assert reply.headers["Content-Disposition"].startswith('attachment; filename="b.txt"')
    wrong = [table.replace("_part=0", f"_part={part}") for part in ("2", "-1", "%C2%B2", "", "1e0")]
    wrong += [table.replace("owls", "x"), table.replace("n=200", "n=fail")]
    for address in wrong:
        assert (await visitor.get(f"/{address}")).status == 410, address


async def test_data_that_takes_long_to_be_shown_holds_up_nobody(visit: Visit) -> None:
    """A figure of a loader is drawn beside the other requests."""
    drawing, drawn = threading.Event(), threading.Event()

    class Figure:
        def _repr_html_(self) -> str:
            drawing.set()
            return f"others went on: {drawn.wait(10)}"

    @loader
    def figure() -> Any:
        return Figure()

    visitor = await visit(Page("/", figure))
    asking = asyncio.create_task(visitor.get("/"))
    assert await asyncio.to_thread(drawing.wait, 10)
    assert (await visitor.get("/healthz")).status == 200
    drawn.set()
    assert "others went on: True" in (await asking).text


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ('a"b\\c.txt', "attachment; filename=\"a_b_c.txt\"; filename*=UTF-8''a%22b%5Cc.txt"),
        ("größe.csv", "attachment; filename=\"gr__e.csv\"; filename*=UTF-8''gr%C3%B6%C3%9Fe.csv"),
        ("50%.txt", "attachment; filename=\"50_.txt\"; filename*=UTF-8''50%25.txt"),
    ],
)
def test_a_name_of_any_script_is_sent(name: str, header: str) -> None:
    """In ASCII for who does not know better, then exactly (RFC 6266)."""
    assert attachment(name) == header
