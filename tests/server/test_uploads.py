"""Files over HTTP: limits, what is kept of a form that failed, and that nothing is left behind."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
from visitor import Reply, Visit, Visitor

from notebook_actions import FormData, FormError, UploadedFile, action
from notebook_actions.page import ActionForm, Page
from notebook_actions.server.store import MemoryStore, SQLiteStore

OWL = ("photo", UploadedFile("owl.png", "image/png", os.urandom(1_200_000)))
HTML = (
    '<input name="name"><input type="file" name="photo" required data-max-size="2000000">'
    '<input type="file" name="more" multiple data-max-size="100">'
)


@pytest.fixture
def received() -> list[tuple[str, Any]]:
    return []


@pytest.fixture
def page(received: list[tuple[str, Any]]) -> Page:
    @action
    async def send(form: FormData) -> str:
        if not form.get("name"):
            raise FormError(fields={"name": "Say who."})
        for name, value in form.pairs():
            content = value.read() if isinstance(value, UploadedFile) else value
            received.append((name, content))
        return "fine"

    return Page("/", ActionForm(send, html=HTML))


def tokens(reply: Reply) -> list[tuple[str, str]]:
    """Return the pairs by which the page's form stands for kept files."""
    return [("_kept", value) for value in re.findall(r'name="_kept" value="([^"]+)"', reply.text)]


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    kept = MemoryStore() if request.param == "memory" else SQLiteStore(tmp_path / "s.sqlite3")
    yield kept
    kept.close()


async def send(visitor: Visitor, *pairs: Any) -> Reply:
    return await visitor.submit("/", "send", pairs, multipart=True)


async def test_a_file_survives_the_failure_of_another_field(
    visit: Visit, page: Page, received: list[Any], store: Any
) -> None:
    """It need not be chosen again, however often the form fails, and arrives whole."""
    visitor = await visit(page, store=store)
    first = await send(visitor, ("name", ""), OWL)
    assert first.status == 422
    assert "owl.png</bdi> (<bdi>1.2 MB</bdi>) is kept" in first.text
    assert 'name="photo" data-max-size="2000000"' in first.text.replace(" required", " R") or (
        "data-required" in first.text
    )
    second = await send(visitor, ("name", ""), *tokens(first))
    assert tokens(second) == tokens(first)
    assert received == []
    third = await send(visitor, ("name", "Luna"), *tokens(second))
    assert third.status == 200
    assert received == [("name", "Luna"), ("photo", OWL[1].read())]
    again = await send(visitor, ("name", "Luna"), *tokens(second))
    assert again.status == 422
    assert "The file is no longer kept; choose it again." in again.text
    assert len(received) == 2


async def test_the_script_gets_the_same(visit: Visit, page: Page, received: list[Any]) -> None:
    """The answer to a fetch has the same words and tokens."""
    visitor = await visit(page)
    failed = await visitor.fetch("/", "send", [("name", ""), OWL], multipart=True)
    slot = failed.json["slots"]["kept:photo"]
    assert "owl.png" in slot
    (token,) = re.findall(r'name="_kept" value="([^"]+)"', slot)
    pairs = [("name", "Luna"), ("_kept", token)]
    done = await visitor.fetch("/", "send", pairs, multipart=True)
    assert done.json["type"] == "success"
    assert received == [("name", "Luna"), ("photo", OWL[1].read())]


async def test_a_new_file_replaces_the_kept_one(
    visit: Visit, page: Page, received: list[Any]
) -> None:
    """One file input sends one file; several are added to, and each can be removed."""
    visitor = await visit(page)
    small = [("more", UploadedFile(f"{n}.txt", "text/plain", n.encode())) for n in "ab"]
    failed = await send(visitor, ("name", ""), OWL, *small)
    kept = tokens(failed)
    drop = ("_drop", kept[1][1].partition("/")[0])
    new = ("photo", UploadedFile("new.png", "image/png", b"new"))
    third = ("more", UploadedFile("c.txt", "text/plain", b"c"))
    done = await send(visitor, ("name", "x"), new, kept[0], drop, third, *kept[1:])
    assert done.status == 200
    assert received == [("name", "x"), ("photo", b"new"), ("more", b"b"), ("more", b"c")]


@pytest.mark.parametrize("forged", ["x/photo", "A" * 32 + "/photo", "/", "", "outcome:/:x/photo"])
async def test_a_token_that_was_made_up(visit: Visit, page: Page, forged: str) -> None:
    """It leads to nothing, and breaks nothing."""
    visitor = await visit(page)
    reply = await send(visitor, ("name", "x"), ("_kept", forged))
    assert reply.status in (200, 422)


async def test_a_token_is_good_for_its_field_alone(
    visit: Visit, page: Page, received: list[Any]
) -> None:
    """What was checked as a photo cannot be sent as something else."""
    visitor = await visit(page)
    ((_, value),) = tokens(await send(visitor, ("name", ""), OWL))
    reply = await send(visitor, ("name", "x"), ("_kept", value.replace("/photo", "/more")))
    assert reply.status == 422
    assert received == []


@pytest.mark.parametrize(("size", "status"), [(100, 200), (101, 413)])
async def test_the_limit_of_a_field(
    visit: Visit, page: Page, received: list[Any], size: int, status: int
) -> None:
    """Exactly at the limit passes; beyond it the message names the file, and the rest is kept."""
    visitor = await visit(page)
    large = ("more", UploadedFile("<b>.txt", "text/plain", b"x" * size))
    reply = await send(visitor, ("name", 'Lu"na'), OWL, large)
    assert reply.status == status
    if status == 413:
        assert received == []
        assert "&lt;b&gt;.txt is too large: 100 bytes at most." in reply.text
        assert 'value="Lu&quot;na"' in reply.text
        assert [value.partition("/")[2] for _, value in tokens(reply)] == ["photo"]
        assert 'aria-invalid="true"' in reply.text


async def test_the_whole_is_too_large(visit: Visit, page: Page, received: list[Any]) -> None:
    """What was typed is there in the 413 page, also what came after the file."""
    visitor = await visit(page, max_body_size=1_000_000)
    reply = await send(visitor, OWL, ("name", "Luna"))
    assert reply.status == 413
    assert "too large: 1 MB at most" in reply.text
    assert 'value="Luna"' in reply.text
    assert received == []


async def test_a_field_may_raise_the_limit_of_the_page(visit: Visit) -> None:
    """A file of 30 MB is taken where its field says so, though 25 MB are usual."""
    sizes = []

    @action
    async def send(form: FormData) -> None:
        value = form["photo"]
        assert isinstance(value, UploadedFile)
        sizes.append(value.size)

    html = '<input type="file" name="photo" data-max-size="30000000">'
    visitor = await visit(Page("/", ActionForm(send, html=html)))
    photo = ("photo", UploadedFile("a", data=bytes(30_000_000)))
    assert (await visitor.submit("/", "send", [photo], multipart=True)).status == 200
    assert sizes == [30_000_000]


@pytest.mark.parametrize("name", ["Luna", ""])
async def test_nothing_is_left_open(visit: Visit, page: Page, name: str) -> None:
    """The files of a submission are closed when it is answered, however it ended."""
    visitor = await visit(page)
    before = _temporary_files()
    await send(visitor, ("name", name), OWL)
    assert _temporary_files() == before


def _temporary_files() -> list[str]:
    found = []
    for entry in Path("/proc/self/fd").iterdir():
        try:
            target = str(entry.readlink())
        except OSError:
            continue
        if "(deleted)" in target and "/tmp" in target:
            found.append(target)
    return found


async def test_a_row_is_added_beside_a_file(visit: Visit) -> None:
    """Adding a row without a script loses no file that was chosen."""

    @action
    async def send(photo: UploadedFile, tags: list[str]) -> None:
        """Send."""

    visitor = await visit(Page("/", ActionForm(send)))
    pairs = [("photo", UploadedFile("owl.png", data=b"x")), ("tags", "a"), ("_add", "tags")]
    reply = await visitor.submit("/", "send", pairs, multipart=True)
    assert reply.status == 200
    assert "owl.png</bdi>" in reply.text
    assert reply.text.count('name="tags"') == 3  # two rows, and the one to copy
