"""Cells that ran more than once: what was only defined again, and what changed something twice.

The slice goes over every run, in the order of the runs, as the kernel did. One thing is different:
a cell that changes something, run three times to try it, is meant to change it once.
"""

from __future__ import annotations

import ast
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from notebook_actions.exporter.analysis.effects import Effect
from notebook_actions.exporter.analysis.expressions import assignments
from notebook_actions.exporter.analysis.notebook import Cell
from notebook_actions.exporter.analysis.sharing import Sharing
from notebook_actions.exporter.analysis.statements import Statement

__all__ = ["once", "repeated_changes", "superseded"]

#: What tells that two statements are the same one, in two runs of its cell: the cell, the text,
#: which name of an import, and which of several such statements of the cell.
_Place: TypeAlias = tuple[str, str, int | None, int]


def _places(statements: Sequence[Statement]) -> Iterator[tuple[Statement, _Place]]:
    counts: Counter[tuple[int, str, int | None]] = Counter()
    for one in statements:
        same = (id(one.cell), one.text, one.part)
        counts[same] += 1
        yield one, (one.cell.key, one.text, one.part, counts[same])


def repeated_changes(
    statements: Sequence[Statement], effects: Mapping[int, Effect], sharing: Sharing
) -> dict[int, int]:
    """Return the statements that change again what an earlier run of their cell has changed.

    ``total += 5`` in a cell that ran three times is such a one twice; not so when the cell with
    ``total = 10`` ran in between, because the change then began anew. A statement that changes
    several things is one where it changes nothing that began anew.

    Parameters
    ----------
    statements
        All statements, in the order in which they ran.
    effects
        What each changes, by index.
    sharing
        Which objects a value may share.

    Returns
    -------
    dict of int to int
        The index of each → how often its cell has run up to it.
    """
    first: dict[_Place, Statement] = {}
    runs: defaultdict[str, set[int]] = defaultdict(set)
    bound: dict[str, int] = {}
    found: dict[int, int] = {}
    for one, place in _places(statements):
        runs[one.cell.key].add(id(one.cell))
        names, effect = one.names, effects[one.index]
        from_itself = names.binds & {*names.now, *names.soft}
        changed = from_itself | (effect.touched - names.binds)
        earlier = first.setdefault(place, one)
        # Where one of them began anew, it would be empty without the change.
        if (
            earlier is not one
            and changed
            and all(bound.get(name, -1) < earlier.index for name in changed)
        ):
            found[one.index] = len(runs[one.cell.key])
            continue
        first[place] = one
        shared = {
            name
            for _, value in assignments([one.node])
            for name in sharing.sources(value)
            if name in bound and name in sharing.symbols.values and name not in names.binds
        }
        began = max((bound[name] for name in shared), default=one.index)  # top = stack.pop()
        bound.update(dict.fromkeys(names.surely - from_itself, began))
    return found


def once(kept: Sequence[Statement], effects: Mapping[int, Effect]) -> Iterator[Statement]:
    """Yield the kept statements without those that only define again what is defined already."""
    first: dict[_Place, Statement] = {}
    touched: dict[str, int] = {}
    for one, place in _places(kept):
        earlier = first.setdefault(place, one)
        names, effect = one.names, effects[one.index]
        if (
            earlier is not one
            and _only_defines(one.node)
            and all(touched[name] == earlier.index for name in names.binds)
            and all(touched.get(name, -1) < earlier.index for name in {*names.now, *names.soft})
        ):
            continue
        first[place] = one
        for name in names.binds | effect.touched:
            touched[name] = one.index
        yield one


def _only_defines(node: ast.stmt) -> bool:
    """Tell whether two of a statement's objects are as good as one: functions, classes, numbers."""
    match node:
        case ast.Assign(value=ast.Constant()):
            return True
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)


def superseded(statements: Sequence[Statement], kept: Sequence[Statement]) -> Iterator[Statement]:
    """Yield the kept statements that a later version of their cell no longer has.

    Where the last run of the cell failed, nobody knows what it would have had.
    """
    last: dict[str, Cell] = {one.cell.key: one.cell for one in statements}
    there = {(id(one.cell), one.text) for one in statements}
    for one in kept:
        newest = last[one.cell.key]
        if newest.failed is None and (id(newest), one.text) not in there:
            yield one
