"""Files come in numbered chunks, in any order, more than once, and never more than is allowed."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import random
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tab import Tab, chunks, until

from notebook_actions import ActionForm, FormData, FormError, Page, UploadedFile
from notebook_actions.widget import uploads as module
from notebook_actions.widget.uploads import CHUNK, Announced, Uploads

HTML = (
    '<input type="file" name="paper"><input type="file" name="film" data-max-size="30000000">'
    '<input type="file" name="icon" data-max-size="1000">'
    '<input type="file" name="pages[#].scan" data-max-size="2000">'
)
SMALL = UploadedFile('größe ".txt', "text/plain", b"\x00\r\n\xff")
LARGE = UploadedFile("film.bin", "video/mp4", random.Random(1).randbytes(3 * CHUNK + 17))


def sending() -> tuple[ActionForm, list[FormData]]:
    got: list[FormData] = []

    async def send(form: FormData):
        got.append(form)
        return "sent"

    return ActionForm(send, html=HTML), got


def descriptors() -> int:
    """Return how many files this process has open."""
    gc.collect()
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
async def test_files_arrive_byte_for_byte(kind):
    """A message's buffer is a memoryview in one host and bytes in another; an action gets files."""
    form, got = sending()
    tab = Tab(form)
    files = [("paper", SMALL), ("film", LARGE), ("paper", UploadedFile("empty", ""))]
    tab.begin(*files, form="send")
    for number, (_, file) in enumerate(files):
        for n, content in chunks(file.read()):
            assert tab.chunk(number, n, kind(content), form="send")
    entries = [[field, {"upload": "u", "file": n}] for n, (field, _) in enumerate(files)]
    tab.submit(entries[1], ["name", "Luna"], entries[2], entries[0], form="send")
    await until(lambda: got and not form.pending)
    empty = UploadedFile("empty", "application/octet-stream")
    assert got[0].pairs() == (("film", LARGE), ("name", "Luna"), ("paper", empty), ("paper", SMALL))
    assert type(got[0]["film"].read()) is bytes
    assert got[0]["film"].file.tell() == 0


async def test_each_chunk_is_acknowledged_on_the_thread_where_it_arrives(monkeypatch):
    """While a cell blocks the loop of the cells, an upload goes on."""
    form, _ = sending()
    tab = Tab(form)
    loop = asyncio.get_running_loop()
    monkeypatch.setattr("notebook_actions.widget.loop.owner_loop", lambda: loop)
    monkeypatch.setattr("notebook_actions.widget.form.owner_loop", lambda: loop)
    thread = threading.Thread(target=lambda: tab.upload(("film", LARGE), form="send"))
    thread.start()
    thread.join()
    assert [one["kind"] for one in tab.custom] == ["ack"] * 5


@given(data=st.data())
@settings(max_examples=40)
def test_any_order_and_any_repeats_give_the_same_file(data):
    """Whatever comes first, twice or late: the file is whole when each chunk came once."""
    size = data.draw(st.sampled_from([1, CHUNK - 1, CHUNK, CHUNK + 1, 4 * CHUNK, 4 * CHUNK + 5]))
    content = random.Random(size).randbytes(size)
    parts = chunks(content)
    order = data.draw(st.permutations([*range(len(parts)), *range(len(parts))]))
    uploads = Uploads({})
    uploads.begin("u", [Announced("a", "f", "", size)], None)
    for n in order:
        assert uploads.write("u", 0, *parts[n])
    ((field, file),) = uploads.take("u")
    assert (field, file.read()) == ("a", content)
    file.close()


@pytest.mark.parametrize("missing", range(4))
async def test_a_submission_with_a_file_that_is_not_whole_is_refused(missing):
    """When a chunk is not there the action does not run, and the browser is told."""
    form, got = sending()
    tab = Tab(form)
    tab.begin(("film", LARGE), form="send")
    for n, content in chunks(LARGE.read()):
        if n != missing:
            tab.chunk(0, n, content, form="send")
    for _ in range(2):
        answer = tab.say(
            "submit", rid="r", form="send", entries=[["film", {"upload": "u", "file": 0}]]
        )["answer"]
        assert (answer["type"], answer["form"]) == ("failure", "")
        assert "Submit the form again" in answer["slots"]["errors"]
    assert (got, form.pending) == ([], False)


@pytest.mark.parametrize(
    ("file", "n", "content"),
    [
        (0, 0, b"short"),
        (0, 0, bytes(CHUNK + 1)),
        (0, 3, bytes(CHUNK)),
        (0, 4, b"x"),
        (0, -1, bytes(CHUNK)),
        (1, 0, bytes(CHUNK)),
        (-1, 0, bytes(CHUNK)),
        (0, 10**30, bytes(CHUNK)),
    ],
)
async def test_a_chunk_that_the_file_does_not_have_is_ignored(file, n, content):
    """A wrong size or number is not acknowledged, and the file stays as it was."""
    form, got = sending()
    tab = Tab(form)
    entries = tab.upload(("film", LARGE), form="send")
    assert tab.chunk(file, n, content, form="send") is None
    tab.submit(*entries, form="send")
    await until(lambda: got)
    assert got[0]["film"] == LARGE


GOOD = {"field": "film", "filename": "f", "content_type": "", "size": 3}


@pytest.mark.parametrize(
    "content",
    [
        {"kind": "upload", "form": "send", "upload": "u", "files": [{**GOOD, "size": -1}]},
        {"kind": "upload", "form": "send", "upload": "u", "files": [{**GOOD, "size": "3"}]},
        {"kind": "upload", "form": "send", "upload": "u", "files": [{**GOOD, "size": 3.5}]},
        {"kind": "upload", "form": "send", "upload": "u", "files": [{**GOOD, "filename": None}]},
        {"kind": "upload", "form": "send", "upload": "u", "files": [{**GOOD, "field": 1}]},
        {"kind": "upload", "form": "send", "upload": "u", "files": ["film"]},
        {"kind": "upload", "form": "send", "upload": "u", "files": None},
        {"kind": "upload", "form": "send", "upload": 7, "files": []},
        {"kind": "upload", "form": "other", "upload": "u", "files": []},
        {"kind": "chunk", "form": "send", "upload": "u", "file": 0, "n": "0"},
        {"kind": "chunk", "form": "send", "upload": "u", "file": None, "n": 0},
        {"kind": "chunk", "form": "other", "upload": "u", "file": 0, "n": 0},
        {"kind": "cancel", "form": "send"},
        {"kind": "cancel", "form": "other", "upload": "u"},
    ],
    ids=repr,
)
async def test_what_is_not_understood_of_an_upload_is_ignored(content):
    """Nothing is acknowledged or kept of a message that has not what its kind has."""
    form, _ = sending()
    tab = Tab(form)
    assert tab.say(content.pop("kind"), b"abc", **content) is None


async def test_a_chunk_without_its_bytes_is_ignored():
    """A message that has lost its buffer, or has two, is no chunk."""
    form, _ = sending()
    tab = Tab(form)
    tab.begin(("paper", SMALL), form="send")
    for buffers in ([], [b"\x00\r\n\xff"] * 2):
        chunk = {"form": "send", "upload": "u", "file": 0, "n": 0}
        assert tab.say("chunk", *buffers, **chunk) is None


@pytest.mark.parametrize(
    ("field", "limit"),
    [
        ("film", 30_000_000),
        ("icon", 1000),
        ("pages[3].scan", 2000),
    ],
)
async def test_a_file_that_is_too_large_is_refused_before_it_is_sent(field, limit):
    """At the limit it passes; one byte more is a message beside the field, with name and limit."""
    uploads = sending()[0].uploads
    uploads.begin("fits", [Announced(field, "owl.png", "", limit)], None)
    with pytest.raises(FormError) as refused:
        uploads.begin("not", [Announced(field, "owl.png", "", limit + 1)], None)
    (message,) = refused.value.fields.values()
    assert message.startswith("owl.png is too large: ")
    assert list(refused.value.fields) == [field]


async def test_the_browser_is_answered_with_the_form_s_own_message():
    """The acknowledgement of a refused upload is the answer, as after a failed action."""
    form, got = sending()
    tab = Tab(form)
    answer = tab.begin(("icon", UploadedFile("<b>.png", data=bytes(1001))), form="send")["answer"]
    assert answer["slots"]["error:icon"] == "&lt;b&gt;.png is too large: 1 KB at most."
    assert (answer["type"], answer["invalid"]) == ("failure", ["icon"])
    assert tab.chunk(0, 0, bytes(1001), form="send")["answer"]["type"] == "failure"
    assert got == []


async def test_all_files_together_are_limited():
    """Files that are each small enough can be too large together; exactly the limit passes."""
    uploads = Uploads({"b": 30_000_000})
    ten = Announced("a", "f", "", 10_000_000)
    five = Announced("a", "f", "", 5_000_000)
    uploads.begin("fits", [ten, ten, five], None)
    with pytest.raises(FormError, match="25 MB at most"):
        uploads.begin("not", [ten, ten, Announced("a", "f", "", 5_000_001)], None)
    with pytest.raises(FormError, match="f is too large: 25 MB at most"):
        uploads.begin("not", [Announced("a", "f", "", 25_000_001)], None)


async def test_a_field_that_may_hold_more_raises_what_the_form_takes():
    """25 MB in all, or as much as the files of the form may have together."""
    film = [Announced("film", "f", "", 30_000_000)]
    sending()[0].uploads.begin("fits", film, None)

    def send(form: FormData) -> None:
        """Take a file, of the usual size."""

    with pytest.raises(FormError):
        ActionForm(send, html='<input type="file" name="film">').uploads.begin("not", film, None)


async def test_too_many_files_are_refused():
    """The number of files is limited, empty ones too."""
    uploads = Uploads({})
    uploads.begin("fits", [Announced("a", "f", "", 0)] * 1000, None)
    with pytest.raises(FormError, match="1000 at most"):
        uploads.begin("not", [Announced("a", "f", "", 0)] * 1001, None)


async def test_announcing_again_changes_nothing():
    """When the first acknowledgement was lost, what has arrived meanwhile stays."""
    form, got = sending()
    tab = Tab(form)
    entries = tab.upload(("film", LARGE), form="send")
    assert tab.begin(("film", LARGE), form="send")
    tab.submit(*entries, form="send")
    await until(lambda: got)
    assert got[0]["film"] == LARGE


@pytest.mark.parametrize(
    "end",
    [
        lambda form, tab: tab.say("cancel", form="send", upload="u"),
        lambda form, tab: tab.begin(("paper", SMALL), form="send", upload="newer"),
        lambda form, tab: form.clear(),
        lambda form, tab: form.uploads.drop(owner=form),
        lambda form, tab: tab.submit(["film", {"upload": "u", "file": 0}], form="send"),
    ],
    ids=["cancel", "newer", "clear", "closed", "incomplete"],
)
async def test_an_upload_that_was_given_up_leaves_nothing(end):
    """Cancelled, overtaken, cleared, its view closed, or broken off: its file is gone at once."""
    form, got = sending()
    tab = Tab(form)
    before = descriptors()
    tab.begin(("film", LARGE), form="send")
    tab.chunk(0, 0, bytes(CHUNK), form="send")
    assert descriptors() == before + 1
    end(form, tab)
    assert descriptors() == before
    refused = tab.chunk(0, 1, bytes(CHUNK), form="send")
    assert "Submit the form again" in refused["answer"]["slots"]["errors"]
    assert got == []


async def test_another_upload_is_not_given_up():
    """A cancel that comes late, or of another view, ends nothing of what runs now."""
    form, got = sending()
    tab = Tab(form)
    page = Page("/", form)
    entries = tab.upload(("film", LARGE), form="send")
    tab.say("cancel", form="send", upload="older")
    page.close()
    tab.submit(*entries, form="send")
    await until(lambda: got)


async def test_an_upload_that_nobody_goes_on_with_is_given_up(monkeypatch):
    """When nothing comes for long, the kernel forgets it and waits for nothing more."""
    monkeypatch.setattr(module, "IDLE_SECONDS", 0.01)
    form, _ = sending()
    before = descriptors()
    tab = Tab(form)
    tab.begin(("film", LARGE), form="send")
    tab.chunk(0, 0, bytes(CHUNK), form="send")
    await until(lambda: descriptors() == before)
    assert form.uploads._timer is None


async def test_a_closed_form_keeps_no_upload():
    """`close()` of the widget ends what was on its way."""
    form, _ = sending()
    before = descriptors()
    Tab(form).begin(("film", LARGE), form="send")
    Tab(form).chunk(0, 0, bytes(CHUNK), form="send")
    form.close()
    assert descriptors() == before
    assert form.uploads._timer is None


async def test_a_submission_that_is_over_leaves_no_file_thread_or_task():
    """What the form keeps is what `input` shows; the next submission lets go of it."""
    form, got = sending()
    tab = Tab(form)
    threads, tasks = threading.active_count(), len(asyncio.all_tasks())
    before = descriptors()
    for number in range(3):
        tab.submit(*tab.upload(("film", LARGE), form="send", upload=str(number)), form="send")
        await until(lambda number=number: len(got) > number and not form.pending)
        got.clear() if number == 2 else got.__setitem__(number, None)
        assert descriptors() == before + 1
    form.clear()
    await until(lambda: len(asyncio.all_tasks()) == tasks)
    assert descriptors() == before
    assert threading.active_count() == threads


async def test_a_file_of_another_field_is_refused():
    """A limit is that of the field for which the file was announced; it goes to no other."""
    form, got = sending()
    tab = Tab(form)
    ((_, reference),) = tab.upload(("film", LARGE), form="send")
    tab.submit(["icon", reference], form="send")
    await asyncio.sleep(0)
    assert (got, form.pending) == ([], False)


async def test_a_full_disk_is_told(monkeypatch):
    """When the file cannot be written, the upload ends with the reason."""

    def full() -> None:
        raise OSError(28, "No space left on device")

    form, _ = sending()
    tab = Tab(form)
    tab.begin(("film", LARGE), form="send")
    monkeypatch.setattr(module, "spool", full)
    answer = tab.chunk(0, 0, bytes(CHUNK), form="send")["answer"]
    assert "No space left on device" in answer["slots"]["errors"]


async def test_the_content_of_a_file_is_in_no_trait_and_no_log(caplog):
    """Of a file nothing is sent back or logged but what the form says of it."""
    caplog.set_level(logging.DEBUG)
    form, got = sending()
    tab = Tab(form)
    secret = UploadedFile("a.txt", "text/plain", b"confidential")
    tab.submit(*tab.upload(("paper", secret), form="send"), form="send")
    await until(lambda: got and not form.pending)
    assert "confidential" not in f"{tab.messages} {form.get_state()} {caplog.text}"


async def test_a_run_is_cancelled_from_the_browser():
    """Cancelling names the run, so that one that was overtaken cancels nothing."""
    gate = asyncio.Event()

    async def wait(form: FormData):
        await gate.wait()

    form = ActionForm(wait)
    tab = Tab(form)
    rid = tab.submit(form="wait")
    await until(lambda: form.pending)
    assert tab.say("cancel", form="wait", submission="another")
    assert form.pending
    assert tab.say("cancel", form="wait", submission=rid)
    assert not form.pending
    assert rid in tab.states[-1]["forms"]["wait"]["ended"]
    assert "ancelled" in tab.states[-1]["forms"]["wait"]["answer"]["slots"]["errors"]
