"""Boards: lists of submissions that a page shows without a script, and after a reload.

A board is a token in the page's address, put there by the first answer or by the script. Each
submission from there adds its run, by a key of its own in the store, so that two at once lose
nothing.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterable, Mapping

from ..errors import ActionFailure
from ..formdata import FormData
from ..messages import say
from ..render import Answer, Renderer
from .records import Record, is_token, run_path
from .runs import BEAT, RECORD_SECONDS, Runs
from .store import Store

__all__ = ["Boards", "incomplete", "pressed", "row_html", "with_row"]

#: Buttons of a row.
_BUTTONS = ("_cancel", "_retry", "_clear")


class Boards:
    """The boards of one page.

    Parameters
    ----------
    store : Store
        Where they are.
    runs : Runs
        What stands on them.
    renderer : Renderer
        Of the page.
    """

    def __init__(self, store: Store, runs: Runs, renderer: Renderer) -> None:
        self._store = store
        self._runs = runs
        self._renderer = renderer

    async def add(self, board: str, run: str) -> str:
        """Put a run on a board, and return the board's token: of a new one if there was none."""
        token = board if is_token(board) else secrets.token_urlsafe(24)
        told = json.dumps({"run": run, "at": time.time()}).encode()
        if await self._store.get(self._key(token, run)) is None:
            await self._store.put(self._key(token, run), told, RECORD_SECONDS)
        return token

    async def find(self, run: str) -> Record | None:
        """Return what is known of a run of this page; None where there is none."""
        record = await self._runs.find(run)
        return record if record is not None and self._is_of_page(record) else None

    def _is_of_page(self, record: Record) -> bool:
        page = self._renderer.page
        return record.page == page.path and record.form in page.forms

    async def press(self, button: str, run: str, board: str) -> Record | None:
        """Cancel a run or clear it off a board.

        Parameters
        ----------
        button : {"_cancel", "_clear", "_retry"}
            What was pressed; to try again what is not there to be tried again does nothing.
        run, board : str
            Tokens.

        Returns
        -------
        Record or None
            What is known of the run then; None when it has left.
        """
        record = await self.find(run)
        if record is None or button == "_retry":
            return record
        await self._runs.cancel(run)
        record = await self._runs.follow(run, record.version, 2 * BEAT, 2 * BEAT)
        if button == "_cancel":
            return record
        await self._store.take(self._key(board, run))
        await self._runs.take(run)
        return None

    async def rows(self, board: str, query: Iterable[tuple[str, str]]) -> dict[str, str]:
        """Return the rows of a board in the order in which they came: form → HTML.

        Parameters
        ----------
        board : str
            Its token.
        query : iterable of (str, str)
            The page's own, which the rows' buttons keep.
        """
        if not is_token(board):
            return {}
        kept = await self._store.under(self._key(board, ""))
        listed = sorted(map(json.loads, kept.values()), key=lambda told: told["at"])
        records = await self._runs.find_all(told["run"] for told in listed)
        rows: dict[str, str] = {}
        for run in (told["run"] for told in listed):
            record = records.get(run)
            if record is not None and self._is_of_page(record):
                html = row_html(self._renderer, run, record, query)
                rows[record.form] = rows.get(record.form, "") + html
        return rows

    def _key(self, board: str, run: str) -> str:
        return f"board:{self._renderer.page.path}:{board}:{run}"


def pressed(data: FormData) -> tuple[str, str] | None:
    """Return the button of a row that was pressed, and the run of that row; else None."""
    for name, value in data.pairs():
        if name in _BUTTONS and isinstance(value, str) and is_token(value):
            return name, value
    return None


def incomplete(labels: Mapping[str, str]) -> ActionFailure:
    """Return what is said when an input is not all there to be tried again.

    Parameters
    ----------
    labels : mapping of str to str
        Field that is lacking → what it is called.
    """
    return ActionFailure(
        say("again", names=", ".join(labels.values())),
        fields={name: say("required", label=label) for name, label in labels.items()},
    )


def row_html(
    renderer: Renderer, token: str, record: Record, query: Iterable[tuple[str, str]]
) -> str:
    """Return the row of a run."""
    listed = record.listed(token, run_path(token))
    row = record.settled.row if record.settled is not None else {}
    return renderer.submission(record.form, listed, query, row)


def with_row(
    renderer: Renderer,
    token: str,
    record: Record,
    answer: Answer,
    query: Iterable[tuple[str, str]],
) -> Answer:
    """Return an answer with the row of its submission, where its form has a list."""
    if not renderer.page.forms[record.form].action.shows_each:
        return answer
    html = row_html(renderer, token, record, query)
    return Answer(**{**answer, "submissions": {token: html}})
