"""Downloads in the notebook: asked for by a click, sent in pieces, made only then."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import Any

import pytest
from tab import Tab, until

from notebook_actions import ActionForm, Download
from notebook_actions.widget.uploads import CHUNK


class Shown:
    """A form whose action has returned a value, and a tab that shows it."""

    def __init__(self, value: Callable[[], Any], **options: Any) -> None:
        async def give() -> Any:
            return value()

        self.form = ActionForm(give)
        self.tab = Tab(self.form)
        self.pieces: list[bytes] = []
        publish = self.form.comm.publish_msg

        def take(msg_type: str, data: Any = None, buffers: Any = None, **rest: Any) -> None:
            self.pieces += [bytes(one) for one in buffers or []]
            publish(msg_type, data, **rest)

        self.form.comm.publish_msg = take

    async def tokens(self) -> list[str]:
        """Submit the form; return what its links ask for."""
        await self.form.submit()
        return re.findall(r'href="\?_download=([\w-]+)" download', self.form._html)

    def ask(self, token: str, n: int) -> dict[str, Any]:
        said = self.tab.say("download", token=token, n=n)
        assert said is not None
        return said


async def test_a_file_comes_piece_by_piece() -> None:
    """Together the pieces are the file, none of them too large for a message."""
    content = os.urandom(2 * CHUNK + 7)
    shown = Shown(lambda: Download(content, "owls.bin"))
    [token] = await shown.tokens()
    for n in range(3):
        said = shown.ask(token, n)
        assert (said["filename"], said["size"]) == ("owls.bin", len(content))
    assert [len(one) for one in shown.pieces] == [CHUNK, CHUNK, 7]
    assert b"".join(shown.pieces) == content


async def test_no_file_is_in_what_is_saved_with_the_notebook() -> None:
    """The state that is synced has only the link."""
    shown = Shown(lambda: Download("swordfish", "owls.txt"))
    assert await shown.tokens()
    assert "swordfish" not in str(shown.form.get_state())


async def test_a_table_becomes_a_file_only_when_it_is_asked_for() -> None:
    """Showing a long table costs what is shown of it."""
    read = []

    class Cell:
        def __str__(self) -> str:
            read.append(self)
            return "x"

    shown = Shown(lambda: [{"a": Cell()} for _ in range(600)])
    [token] = await shown.tokens()
    assert len(read) == 500
    assert shown.ask(token, 0)["filename"] == "table.csv"
    assert shown.pieces == [("\ufeffa\r\n" + "x\r\n" * 600).encode()]


async def test_a_file_of_an_earlier_result_is_gone_and_said_to_be() -> None:
    """The kernel keeps no result alive that is no longer shown."""
    shown = Shown(lambda: Download("text", "owls.txt"))
    [first] = await shown.tokens()
    [second] = await shown.tokens()
    assert "earlier result" in shown.ask(first, 0)["gone"]
    assert "earlier result" in shown.ask("nonsense", 0)["gone"]
    assert "gone" not in shown.ask(second, 0)


async def test_a_file_that_cannot_be_made_says_so(caplog: pytest.LogCaptureFixture) -> None:
    """The reason is in the log, not in the browser."""

    class Odd:
        shown = 0

        def __str__(self) -> str:
            Odd.shown += 1
            if Odd.shown > 500:
                raise ValueError("swordfish")
            return "odd"

    shown = Shown(lambda: [{"a": Odd()} for _ in range(501)])
    [token] = await shown.tokens()
    assert shown.ask(token, 0)["gone"] == "This file could not be made."
    assert "swordfish" in caplog.text


async def test_a_page_and_the_rows_of_submissions_have_their_files() -> None:
    """Whichever view shows a result can get its file."""
    from notebook_actions import Page, action

    @action(concurrency="parallel")
    async def give() -> Any:
        return Download("text", "owls.txt")

    form = ActionForm(give)
    page = Page("/", form)
    tab = Tab(page)
    await form.submit()
    await until(lambda: "_download=" in page._html)
    [token] = re.findall(r'href="\?_download=([\w-]+)"', page._html)
    said = tab.say("download", token=token, n=0)
    assert said is not None
    assert said["size"] == 4


async def test_a_long_table_of_a_loader_can_be_had_whole() -> None:
    """It is made of what is shown when somebody asks; that of older data is gone."""
    from notebook_actions import Page, action, loader

    @loader
    def owls() -> Any:
        return [{"n": n} for n in range(600)]

    @action
    async def give() -> None: ...

    page = Page("/", owls, ActionForm(give))
    tab = Tab(page)
    found = []
    for _ in range(2):
        await page.refresh()
        found += re.findall(r'href="\?_download=([\w-]+)"', page._html)
    first, second = found
    gone, said = (tab.say("download", token=token, n=0) for token in (first, second))
    assert gone is not None
    assert said is not None
    assert "earlier result" in gone["gone"]
    assert said["filename"] == "table.csv"
    page.close()
