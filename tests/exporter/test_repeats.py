# ruff: noqa: E501 (one notebook a line)
"""Cells that ran more than once: the app has what the kernel has, and each change once."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notebook_actions.exporter.analysis.notebook import Cell, make_cell
from notebook_actions.exporter.analysis.slice import Slice, slice_statements
from notebook_actions.exporter.analysis.source import module_source
from tests.exporter.notebooks import value_in, value_in_notebook


def runs(*texts: str) -> list[Cell]:
    """Return runs of cells; ``"a: x = 1"`` is one of cell a."""
    pairs = [text.split(": ", 1) for text in texts]
    return [make_cell(n, text, key=key) for n, (key, text) in enumerate(pairs, 1)]


def value(part: Slice) -> object:
    """Return what the exported module has as ``wanted``."""
    return value_in(module_source(part))


# fmt: off
ONCE = {
    "an operator": (["a: wanted = 10", "b: wanted += 5", "b: wanted += 5", "b: wanted += 5"], 15),
    "a method": (["a: wanted = []", "b: wanted.append(1)", "b: wanted.append(1)"], [1]),
    "two changes in one cell": (["a: wanted = [2]", "b: wanted.append(1)\nwanted *= 2", "b: wanted.append(1)\nwanted *= 2"], [2, 1, 2, 1]),
    "the same line twice in a cell": (["a: wanted = []", "b: wanted.append(1)\nwanted.append(1)"], [1, 1]),
    "from itself": (["a: wanted = 2", "b: wanted = wanted * 3", "b: wanted = wanted * 3"], 6),
    "by a call": (["a: wanted = []\ndef add(): wanted.append(1)", "b: add()", "b: add()"], [1]),
    "a value that is taken out again": (["a: wanted = []", "b: wanted.append(1)\nwanted.append(2)\ntop = wanted.pop()", "b: wanted.append(1)\nwanted.append(2)\ntop = wanted.pop()"], [1]),
    "a value whose use is kept": (["a: xs = [3, 4]\nclass Q: cb = xs.pop\nq = Q()", "b: wanted = q.cb()", "b: wanted = q.cb()"], 4),
    "by way of another name": (["a: wanted = []\nother = wanted", "b: other.append(1)", "b: other.append(1)"], [1]),
}
# fmt: on


@pytest.mark.parametrize(("texts", "expected"), ONCE.values(), ids=ONCE.keys())
def test_a_change_that_ran_again_counts_once(texts: list[str], expected: object) -> None:
    """A cell that was run three times to try it is meant to change things once."""
    assert value(slice_statements(runs(*texts), ["wanted"])) == expected


# fmt: off
AS_IN_THE_KERNEL = {
    "a change after a new beginning": (["a: wanted = []", "b: wanted.append(1)", "a: wanted = []", "b: wanted.append(1)"], [1]),
    "all cells, twice": (["a: total = 0\nfor n in range(3): total += n", "b: total *= 2", "c: wanted = total", "a: total = 0\nfor n in range(3): total += n", "b: total *= 2", "c: wanted = total"], 6),
    "functions of a factory, twice": (["a: def make():\n    xs = []\n    return xs.append, xs\nput, wanted = make()", "b: put(5)", "a: def make():\n    xs = []\n    return xs.append, xs\nput, wanted = make()", "b: put(5)"], [5]),
    "a loop after a new beginning": (["a: xs = []\nfor n in range(2): xs.append(n)", "a: xs = []\nfor n in range(2): xs.append(n)", "b: wanted = xs"], [0, 1]),
    "a change of something new by something old": (["a: ids = iter('abc')", "b: xs = []\nxs.append(next(ids))", "b: xs = []\nxs.append(next(ids))", "c: wanted = xs"], ["b"]),
    "a beginning that was run again": (["a: wanted = []", "b: wanted.append(1)", "a: wanted = []"], []),
    "a beginning and a change in one cell": (["a: wanted = []\nwanted.append(1)", "a: wanted = []\nwanted.append(1)"], [1]),
    "a value between two others": (["a: x = 1", "b: x = 2", "c: wanted = x", "a: x = 1", "c: wanted = x"], 1),
    "a value that was taken before": (["a: x = 1", "c: wanted = x", "b: x = 2"], 1),
    "a definition run again after its use": (["a: def f(): return 1", "b: wanted = f()", "a: def f(): return 1"], 1),
    "a definition edited after its use": (["a: def f(): return 1", "b: wanted = f()", "a: def f(): return 2"], 1),
    "a definition edited, its use run again": (["a: def f(): return 1", "b: wanted = f()", "a: def f(): return 2", "b: wanted = f()"], 2),
    "a definition looked up late": (["a: def f(): return 1", "b: wanted = lambda: f()", "a: def f(): return 2"], 2),
    "a name that the cell no longer has": (["a: K = 1\ndef f(): return K", "b: wanted = lambda: f()", "a: K = 3"], 3),
}
# fmt: on


@pytest.mark.parametrize(
    ("texts", "expected"), AS_IN_THE_KERNEL.values(), ids=AS_IN_THE_KERNEL.keys()
)
def test_the_order_of_the_runs_counts(texts: list[str], expected: object) -> None:
    """Whatever the cells were, what ran last is what the kernel has."""
    part = slice_statements(runs(*texts), ["wanted"])
    assert not part.errors
    found = value(part)
    assert (found() if callable(found) else found) == expected


def test_a_definition_stands_there_once() -> None:
    """What was only defined again, the same as before, is not written twice."""
    cell = "a: LIMIT = 3\nclass Guest: pass\ndef price(): return LIMIT"
    part = slice_statements(runs(cell, "b: first = price()", cell, "c: wanted = [first, price, Guest]"), ["wanted"])  # fmt: skip
    source = module_source(part)
    assert [source.count(one) for one in ("LIMIT = 3", "class Guest", "def price")] == [1, 1, 1]


def test_a_definition_in_between_stays() -> None:
    """A definition is written again where another one stood between."""
    first, other = "a: def f(): return 1", "b: def f(): return 2"
    part = slice_statements(runs(first, "c: x = f()", other, "d: y = f()", first, "e: wanted = [x, y, f()]"), ["wanted"])  # fmt: skip
    assert value(part) == [1, 2, 1]


def test_it_is_told() -> None:
    """What ran again and what comes from an earlier version is a warning; other cells are none."""
    part = slice_statements(
        runs("a: def f(): return 1", "b: wanted = [f()]", "a: def f(): return 2", "c: wanted *= 2", "c: wanted *= 2", "d: x = [1]", "e: x *= 2", "e: x *= 2"),
        ["wanted"],
    )  # fmt: skip
    assert [(one.code, one.cell, one.name) for one in part.problems] == [
        ("W225", 1, "f"),
        ("W201", 5, "wanted"),
    ]


def test_the_same_text_in_two_cells_of_a_file_is_two_cells() -> None:
    """Only runs of one cell are repeats: a notebook may say a thing twice."""
    cells = [make_cell(1, "wanted = []"), *(make_cell(n, "wanted.append(1)") for n in (2, 3))]
    assert value(slice_statements(cells, ["wanted"])) == [1, 1]


# fmt: off
CELLS = [
    "a: a = 1", "b: a = [2]", "c: b = a", "d: c = [a, 0]", "e: def f(): return [a, 1]", "f: d = f()",
    "g: def f(): return [c]", "h: b, c = d, a", "i: class K: x = a", "j: d = K.x", "k: g = lambda: (a, d)",
    "l: for b in [a, d]: e = b", "m: e = [f, g][0]()", "n: a = [3]\nb = [a]",
]
# fmt: on


@given(st.lists(st.sampled_from(CELLS), max_size=20))
@settings(max_examples=200)
def test_definitions_may_run_in_any_order(order: list[str]) -> None:
    """Cells that define things, run in any order and again, are as in the kernel."""
    order = [*CELLS, *order]
    texts = [text.split(": ", 1)[1] for text in order]
    expression = "[a, b, c, d, e, f(), g(), K.x]"
    part = slice_statements(runs(*order, f"z: wanted = lambda: {expression}"), ["wanted"])
    assert value(part)() == value_in_notebook(*texts, expression=expression)
