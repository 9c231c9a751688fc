"""Rows: lists in a form, whose entries are added and removed with JavaScript and without.

A form's HTML holds each list as ``<div data-rows="items">`` with the rows that are shown, and one
row to copy in ``<template data-row="items">``. In there ``items[#]`` stands for ``items[0]`` and
``#items#`` for its number, counted from 1. The buttons that add and remove submit the form under
the names ``_add`` and ``_remove``; the script does the same without asking anybody.
"""

from __future__ import annotations

import re

from .editor import Attributes, Editor
from .form.tree import MAX_ROWS
from .formdata import FormData, Value

__all__ = ["edited", "expand", "numbered"]


def numbered(row: str, name: str, index: int) -> str:
    """Return the HTML of a list's row with its index in place of ``#``.

    Parameters
    ----------
    row : str
        The row to copy.
    name : str
        Name of the list.
    index : int
        Counted from 0.
    """
    return row.replace(f"{name}[#]", f"{name}[{index}]").replace(f"#{name}#", str(index + 1))


def expand(html: str, values: FormData) -> str:
    """Return a form's HTML with as many rows in each list as were submitted.

    Parameters
    ----------
    html : str
        The form.
    values : FormData
        What was submitted.
    """
    if "data-rows" not in html:
        return html
    lists = _Lists(html)
    lists.read()
    for name, (start, end) in lists.shown.items():
        row = lists.rows.get(name)
        count = _count(values, name)
        if row is not None and count is not None:
            copies = (expand(numbered(row, name, index), values) for index in range(count))
            lists.edit(start, end, "\n" + "\n".join(copies) + "\n")
    return lists.written()


def _count(values: FormData, name: str) -> int | None:
    """Return how many rows a list was sent with; None when it is in a row that is new."""
    within, dot, _ = name.rpartition("].")
    row = f"{within}]"
    if dot and not any(one.startswith(f"{row}.") for one in values):
        return None
    single = len(values.getall(name))
    indices = [int(match[1]) for one in values if (match := _index(one, name))]
    return min(MAX_ROWS, max([single, *(index + 1 for index in indices)]))


def _index(sent: str, name: str) -> re.Match[str] | None:
    if not sent.startswith(f"{name}["):
        return None
    return re.match(r"\[(\d{1,6})\](?=\.|\[|$)", sent[len(name) :])


def edited(form: FormData) -> FormData | None:
    """Return form data with the row that its submitter asked for, or without it.

    Parameters
    ----------
    form : FormData
        What was submitted.

    Returns
    -------
    FormData or None
        None when it was not a button for rows that submitted.
    """
    adding, removing = form.get("_add"), form.get("_remove")
    if isinstance(adding, str):
        rest = form.without(["_add"])
        name = adding.removesuffix("[#]")
        count = _count(rest, name) or 0
        # An empty pair stands for the new row until something is entered there.
        place = name if name == adding else f"{name}[{count}]"
        return FormData([*rest.pairs(), (place, "")] if count < MAX_ROWS else rest)
    if not isinstance(removing, str):
        return None
    rest = form.without(["_remove"])
    match = re.fullmatch(r"(.+)\[(\d{1,6})\]", removing, re.DOTALL)
    return rest if match is None else FormData(_without(rest, match[1], int(match[2])))


def _without(form: FormData, name: str, gone: int) -> list[tuple[str, Value]]:
    """Return the pairs without those of a row; the rows after it move up."""
    kept: list[tuple[str, Value]] = []
    number = -1
    for sent, value in form.pairs():
        match = _index(sent, name)
        if sent == name:
            number += 1
            if number == gone:
                continue
        if match is not None:
            index = int(match[1])
            if index == gone:
                continue
            moved = index - (index > gone)
            sent = f"{name}[{moved}]{sent[len(name) + match.end() :]}"
        kept.append((sent, value))
    return kept


class _Lists(Editor):
    """Finds the lists of a form, and the rows to copy."""

    def __init__(self, html: str) -> None:
        super().__init__(html)
        self.shown: dict[str, tuple[int, int]] = {}
        self.rows: dict[str, str] = {}
        self._open: tuple[str, str, int] | None = None
        self._depth = 0

    def template(self, attrs: Attributes, start: int, end: int) -> None:
        name = dict(attrs).get("data-row")
        if self._open is None and name is not None:
            self.rows[name] = self.html[start:end]

    def element(self, tag: str, attrs: Attributes) -> None:
        if self._open is not None:
            self._depth += tag == self._open[0]
        elif (name := dict(attrs).get("data-rows")) is not None:
            self._open, self._depth = (tag, name, self.end), 1

    def end_element(self, tag: str) -> None:
        if self._open is not None:
            opened, name, content = self._open
            self._depth -= tag == opened
            if self._depth == 0:
                self.shown[name] = (content, self.start)
                self._open = None
