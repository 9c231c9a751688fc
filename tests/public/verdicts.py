"""For each function of a notebook: is the app with a form for it right, refused, or wrong?"""

from __future__ import annotations

import ast
import re
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from notebook_actions.exporter.analysis.notebook import (
    Cell,
    NotebookUnreadable,
    make_cell,
    read_notebook,
)
from notebook_actions.exporter.analysis.slice import Slice, slice_statements
from notebook_actions.exporter.analysis.source import module_source
from notebook_actions.exporter.data import data_content
from notebook_actions.exporter.where import origin
from tests.public.runs import Answer, Runs

__all__ = ["Kind", "Verdict", "judge", "judge_package"]

#: Functions of one notebook that are looked at, so that no notebook counts for too much.
MOST = 8

FORM = """\
from notebook_actions import action


@action
async def try_it(form):
    return {name}
"""

_ITEM = re.compile(r"(?:\[\d+\])+\Z")
_GLOBAL_NAME = re.compile(r":(\w+)")

Kind = Literal["absent", "right", "refused", "needless", "unexplained", "told", "wrong", "crash"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came out for one function.

    Attributes
    ----------
    kind
        ``"absent"``, where the notebook's own run did not come to the function, so that there is
        nothing to compare with; ``"right"``; ``"refused"``, where the notebook itself lacks
        something that the function needs, or a cell of it stopped with an error; ``"needless"``,
        refused for nothing of this; ``"unexplained"``, refused without a cell, a line or a
        remedy; ``"told"``, different as a warning says, since a cell stopped within a statement
        that changes it; ``"wrong"``; ``"crash"``.
    notebook, function
        Where it comes from.
    detail
        The problems, or what differs.
    seconds
        How long the slice took.
    """

    kind: Kind
    notebook: str
    function: str
    detail: str = ""
    seconds: float = 0.0


def judge_package(package: Path, runs: Runs, jobs: int = 2) -> list[Verdict]:
    """Return the verdicts for a distribution; of notebooks with the same code, one is taken.

    Parameters
    ----------
    package
        The folder of the distribution.
    runs
        Makes the runs.
    jobs
        How many run at a time.
    """
    distinct = {_code(file): file for file in sorted(package.rglob("*.ipynb"))}
    with ThreadPoolExecutor(jobs) as pool:
        each = pool.map(lambda notebook: list(judge(package, notebook, runs)), distinct.values())
        return [verdict for verdicts in each for verdict in verdicts]


def _code(notebook: Path) -> str:
    try:
        return "\n".join(cell.original for cell in read_notebook(notebook))
    except Exception:
        return str(notebook)  # `judge` tells what is wrong with it


def judge(package: Path, notebook: Path, runs: Runs) -> Iterator[Verdict]:
    """Yield the verdicts for the functions of a notebook.

    Parameters
    ----------
    package
        The folder of the distribution.
    notebook
        A file in it.
    runs
        Makes the runs.
    """
    path = notebook.relative_to(package.parent).as_posix()
    try:
        cells = read_notebook(notebook)
    except NotebookUnreadable:
        return
    except Exception:
        yield Verdict("crash", path, "", traceback.format_exc())
        return
    names = list(_functions(cells))
    if not names:
        return
    texts = [cell.source for cell in cells]
    run = runs.notebook(package, notebook, texts, names)
    while run.cut_off:  # what half a cell has done cannot be compared: run those before it
        texts = texts[: len(run.stops) - 1]
        run = runs.notebook(package, notebook, texts, names)
    ran = list(_as_run(cells, run))
    for name in names[:MOST]:
        if name not in run.facts:
            yield Verdict("absent", path, name, _end(run, len(cells)))
            continue
        try:
            verdict = _judge(path, name, ran, notebook.parent, run, runs)
            if verdict.kind in {"wrong", "told"}:
                again = runs.again(package, notebook, texts, names)
                verdict = _judge(path, name, ran, notebook.parent, run, runs, again)
            yield verdict
        except Exception:
            yield Verdict("crash", path, name, traceback.format_exc())


def _end(run: Answer, cells: int) -> str:
    """Return how a notebook's run came to its end."""
    if run.failure:
        return run.failure
    stopped = [
        f"cell {number}, line {stop['line']}: {stop['error']}"
        for number, stop in enumerate(run.stops, 1)
        if stop["error"] is not None
    ]
    if len(run.stops) < cells:
        stopped.append(f"the time was over before cell {len(run.stops) + 1}")
    return "\n".join(stopped[:3])


def _functions(cells: Sequence[Cell]) -> dict[str, None]:
    """Return the names of the top-level functions."""
    found: dict[str, None] = {}
    for cell in cells:
        try:
            body = ast.parse(cell.source).body
        except (SyntaxError, ValueError):
            continue
        for node in body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                found[node.name] = None
    return found


def _as_run(cells: Sequence[Cell], run: Answer) -> Iterator[Cell]:
    """Yield the cells that were run, each with the line at which it stopped."""
    for cell, stop in zip(cells, run.stops, strict=False):
        failed = None if stop["error"] is None else stop["line"] or 0
        yield replace(cell, failed=failed)


def _judge(
    path: str,
    name: str,
    cells: Sequence[Cell],
    folder: Path,
    run: Answer,
    runs: Runs,
    again: Answer | None = None,
) -> Verdict:
    form = make_cell(len(cells) + 1, FORM.format(name=name))
    start = time.thread_time()
    part = slice_statements([*cells, form], folder=folder)
    text = module_source(part)
    seconds = time.thread_time() - start
    facts = run.facts[name]
    if part.errors:
        detail = "\n".join(map(str, part.errors))
        explained = all(one.cell and one.line and one.remedy for one in part.errors)
        stopped = {cell.number for cell in cells if cell.failed is not None}
        lacks = "missing" in facts.values() or any(one.cell in stopped for one in part.errors)
        kind: Kind = "refused" if lacks else "needless"
        return Verdict(kind if explained else "unexplained", path, name, detail, seconds)
    files = {one.path: one.text.encode() for one in part.modules}
    files |= data_content(part, folder)[0]
    app = runs.app(text, files, name)
    failure = app.failure or app.stops[0]["error"]
    if failure:
        line = None if app.failure else app.stops[0]["line"]
        return Verdict("needless", path, name, f"{failure} at {_place(part, text, line)}", seconds)
    moving = _moving(facts, (again or run).facts.get(name, {}))
    differing = list(_differing(facts, app.facts[name], moving))
    halfway = {one.name for one in part.problems if one.code == "W218"}
    silent = [one for one in differing if halfway.isdisjoint(_GLOBAL_NAME.findall(one))]
    kind = "wrong" if silent else "told" if differing else "right"
    return Verdict(kind, path, name, "\n".join((silent or differing)[:10]), seconds)


def _place(part: Slice, text: str, line: int | None) -> str:
    place = None if line is None else origin(part, text, line)
    return "an unknown place" if place is None else f"cell {place[0]}, line {place[1]}"


def _moving(one: Mapping[str, str], other: Mapping[str, str]) -> tuple[str, ...]:
    """Return what differs between two runs of the notebook, and so cannot be compared.

    Where an item of a list differs, the others may be the same by chance: zeros and ones.
    """
    paths = {path for path in {*one, *other} if one.get(path) != other.get(path)}
    return tuple(_ITEM.sub("[", path) for path in paths)


def _differing(
    notebook: Mapping[str, str], app: Mapping[str, str], moving: tuple[str, ...]
) -> Iterator[str]:
    """Yield what is not the same in the app."""
    for path in dict.fromkeys([*notebook, *app]):
        one, other = notebook.get(path), app.get(path)
        if one != other and not path.startswith(moving):
            yield f"{path}: {one} in the notebook, {other} in the app"
