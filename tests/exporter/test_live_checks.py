"""What a kernel knows beside its cells is a check of the export, which it never changes."""

from __future__ import annotations

import datetime
import enum
import os
from collections import OrderedDict
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from notebook_actions.exporter.analysis.notebook import Cell, make_cell
from notebook_actions.exporter.analysis.secret_literals import replace_secrets
from notebook_actions.exporter.live import titled
from notebook_actions.exporter.live_checks import document_problems, value_problems
from notebook_actions.exporter.snapshot import snapshots
from tests.exporter.notebooks import slice_of


class Color(enum.Enum):
    """A class as in a notebook, made again for each process."""

    RED = 1


def own(module: str = "__main__") -> type:
    """Return a class as a kernel has it, or as the app does."""

    @dataclass
    class Guest:
        name: str
        friends: list[object]

    Guest.__module__ = module
    Guest.__qualname__ = "Guest"
    return Guest


def loop() -> list[object]:
    """Return a list that is in itself."""
    found: list[object] = [1]
    found.append(found)
    return found


EQUAL = {
    "plain": lambda: [1, "a", b"b", 1.5, None, True, 2j, (3,), range(4), float("nan")],
    "nested": lambda: {"a": [{"b": {1, 2}}], (1, 2): frozenset("xyz")},
    "standard types": lambda: [Fraction(1, 3), datetime.date(2026, 1, 2), Path("a/b"), Color.RED],
    "an array": lambda: np.arange(6).reshape(2, 3) / 7,
    "a table": lambda: pd.DataFrame({"a": [1, 2], "b": ["x", None]}),
    "a column": lambda: pd.Series([1.5, 2.5], name="c"),
    "a list in itself": loop,
    "an unknown object": object,
    "an ordered dict": lambda: OrderedDict(a=1),
}


@pytest.mark.parametrize("make", EQUAL.values(), ids=EQUAL.keys())
def test_equal_values_have_the_same_text(make) -> None:
    """Two processes that compute the same say the same."""
    assert snapshots({"x": make()}) == snapshots({"x": make()})


DIFFERENT = {
    "numbers": (1, 2),
    "a number and its text": (1, "1"),
    "a list and a tuple": ([1], (1,)),
    "an inner value": ({"a": [1, {"b": 2}]}, {"a": [1, {"b": 3}]}),
    "an order": ([1, 2], [2, 1]),
    "a kind of number": (1, 1.0),
    "arrays": (np.array([1, 2]), np.array([1, 3])),
    "types of arrays": (np.array([1, 2]), np.array([1.0, 2.0])),
    "tables": (pd.DataFrame({"a": [1]}), pd.DataFrame({"a": [2]})),
    "columns": (pd.DataFrame({"a": [1]}), pd.DataFrame({"b": [1]})),
    "instances": (own()("Luna", []), own()("Luna", [1])),
}


@pytest.mark.parametrize(("one", "other"), DIFFERENT.values(), ids=DIFFERENT.keys())
def test_different_values_have_different_texts(one: object, other: object) -> None:
    """A value that differs is seen, however deep it lies."""
    assert snapshots({"x": one}) != snapshots({"x": other})


def test_an_instance_of_the_notebooks_class_is_the_same_in_the_app() -> None:
    """Its class is another object there, and only the module's name differs."""
    assert snapshots({"x": own()("Luna", [])}) == snapshots({"x": own("actions")("Luna", [])})


def test_functions_and_private_names_are_no_values() -> None:
    """Only data is compared."""
    assert snapshots({"f": loop, "C": Color, "os": os, "_x": 1, "len": len}) == {}


def test_an_object_that_fails_is_named_by_its_type() -> None:
    """Looking at a value never breaks an export."""

    class Broken(dict[str, int]):
        def items(self):
            raise RuntimeError

    (text,) = snapshots({"x": Broken(a=1)}).values()
    assert text.endswith("Broken>")


def test_a_huge_value_is_looked_at_in_part() -> None:
    """Comparing costs no more than a bounded time and space."""
    assert len(snapshots({"x": list(range(10**6)), "y": np.zeros(10**7)})["x"]) < 100_000


# --- against the kernel ---------------------------------------------------------------------------


def values_told(*texts: str, kernel: dict[str, object], app: dict[str, object]) -> list[str]:
    """Return what is told about the names of a notebook that have these values."""
    part = replace_secrets(slice_of(*texts))
    return [" ".join(str(one).split()) for one in value_problems(part, snapshots(app), kernel)]


def test_a_value_that_differs_is_told_with_its_place() -> None:
    """The message names cell, line and name, why the name is needed, and both values."""
    (told,) = values_told(
        "x = 1\nTOTAL = 2", "wanted = TOTAL", kernel={"TOTAL": 3, "x": 9}, app={"TOTAL": 2, "x": 1}
    )
    assert told.startswith(
        "W226 cell 1, line 2: `TOTAL` is 3 in the kernel, but 2 when the app starts "
        "needed by wanted → TOTAL It may come from"
    )


def test_what_is_equal_or_new_in_each_run_is_not_told() -> None:
    """The time, a random number or an equal value says nothing."""
    told = values_told(
        "import time, random\nSTART = time.time()\nSEED = random.random()\nK = [1]",
        "wanted = [START, SEED, K]",
        kernel={"START": 1.0, "SEED": 2.0, "K": [1]},
        app={"START": 3.0, "SEED": 4.0, "K": [1]},
    )
    assert told == []


def test_a_secret_is_not_told() -> None:
    """No message holds a value that came from a secret."""
    (told,) = values_told(
        "PASSWORD = 'hunter2!'\nURL = 'a:' + PASSWORD",
        "wanted = URL",
        kernel={"URL": "b:hunter2!"},
        app={"URL": "a:hunter2!"},
    )
    assert "W226" in told
    assert "hunter2" not in told


# --- against the saved notebook -------------------------------------------------------------------


def cell(number: int, text: str, cell_id: str | None = None) -> Cell:
    """Return a cell that has run, or one of a file."""
    return make_cell(number, text, id=cell_id, key=cell_id or text)


@pytest.mark.parametrize(
    ("ran", "saved", "codes"),
    [
        (("a", "K = 1"), ("a", "K = 1\n"), []),
        (("a", "K = 1"), ("b", "K = 1"), []),
        (("a", "K = 1"), ("a", "K = 2"), ["W227"]),
        (("a", "K = 1"), ("b", "K = 2"), ["W228"]),
        ((None, "K = 1"), (None, "K = 2"), ["W227"]),
    ],
)
def test_a_cell_that_the_saved_notebook_lacks_is_told(
    ran: tuple[str | None, str], saved: tuple[str | None, str], codes: list[str]
) -> None:
    """An edited cell and a deleted one are told apart where cells have ids."""
    from notebook_actions.exporter.analysis.slice import slice_statements

    cells = [cell(1, ran[1], ran[0]), cell(2, "wanted = K", "w"), cell(3, "unused = 1", "u")]
    document = [cell(1, saved[1], saved[0]), cell(2, "wanted = K", "w")]
    part = slice_statements(cells, ["wanted"])
    found = list(document_problems(part, cells, document))
    assert [(one.code, one.name) for one in found] == [(code, "K") for code in codes]


def test_headings_come_from_the_saved_notebook() -> None:
    """A cell that ran has the heading of the saved cell with its id or, without one, its text."""
    document = [
        make_cell(1, "x = 1", id="a", title="One"),
        make_cell(2, "y = 2", title="Two"),
    ]
    ran = [cell(1, "x = 3", "a"), cell(2, "y = 2\n"), cell(3, "z = 4", "b")]
    assert [one.title for one in titled(ran, document)] == ["One", "Two", ""]
