"""How the time of an export grows with the notebook: ``python -m tests.benchmarks.export``.

Made-up notebooks of several sizes, all kept (each cell leads to the page) or mostly not (one cell
in ten does). A time alone says more of the machine than of the code; what counts is the time for
each cell beside that in the notebook of 100: 1.0 would be a time that grows as the notebook does.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from notebook_actions.exporter import prepare_notebook
from notebook_actions.exporter.analysis.notebook import Cell, make_cell
from notebook_actions.exporter.analysis.slice import slice_statements
from tests.exporter.apps import write_notebook

SIZES = (10, 100, 400, 1000)

_START = """\
from notebook_actions import ActionForm, Page, action, loader
import json, math, os
from collections import Counter, defaultdict
"""


def notebook(count: int, used: int) -> list[str]:
    """Return the cells of a notebook, of which one in ``used`` leads to the page."""
    cells = [_START]
    kept = "base"
    cells.append("base = {'n': 1}\nseen = []")
    for number in range(count - 4):
        part = f"part_{number}"
        before = kept if number % used == 0 else "base"
        match number % 5:
            case 0:
                cell = f"def {part}(x):\n    return math.floor(x) + len(str({before}))"
                value = f"[{part}(n) for n in range(3)]"
            case 1:
                cell = f"{part} = Counter(str({before}))\n{part}.update(['more'])"
                value = part
            case 2:
                cell = f"class {part}:\n    rate = 7\n    def of(self, x): return x * self.rate"
                value = f"{part}()"
            case 3:
                cell = f"{part} = []\nfor n in range(3):\n    {part}.append((n, {before}))"
                value = part
            case _:
                cell = f"{part} = {{'a': {before}, 'b': 2}}\n{part}['c'] = 3\nprint({part})"
                value = part
        cells.append(cell + f"\nkept_{number} = {value}")
        if number % used == 0:
            kept = f"kept_{number}"
    cells.append(
        f"@action\ndef enroll(name: str, seats: int = 1):\n    return name, seats, len(str({kept}))"
    )
    cells.append("page = Page('/enroll', ActionForm(enroll))")
    return cells


def slicing(texts: Sequence[str]) -> Callable[[], object]:
    """Return what slices a notebook."""
    cells: list[Cell] = [make_cell(number, text) for number, text in enumerate(texts, 1)]

    def run() -> object:
        part = slice_statements(cells)
        assert not part.errors, part.errors
        return part

    return run


def exporting(texts: Sequence[str], folder: Path) -> Callable[[], object]:
    """Return what reads, plans and writes a notebook."""
    path = write_notebook(folder, *texts, name=f"cells_{len(texts)}.ipynb")
    targets = iter(folder / f"app_{len(texts)}_{number}" for number in range(10_000))
    return lambda: prepare_notebook(path, next(targets)).write()


def measure(works: Sequence[Callable[[], object]], rounds: int) -> list[float]:
    """Return the median seconds of each, taken in turn so that all meet the same machine."""
    taken: list[list[float]] = [[] for _ in works]
    for _ in range(rounds):
        for work, times in zip(works, taken, strict=True):
            start = time.perf_counter()
            work()
            times.append(time.perf_counter() - start)
    return [statistics.median(times) for times in taken]


def main(argv: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("sizes", metavar="CELLS", type=int, nargs="*", default=SIZES)
    given = parser.parse_args(argv)
    print(f"{'':32}{'cells':>8}{'seconds':>10}{'ms a cell':>11}{'ratio':>8}")
    with tempfile.TemporaryDirectory() as temporary:
        for used, words in ((1, "all kept"), (10, "one in ten kept")):
            texts = [notebook(size, used) for size in given.sizes]
            folder = Path(temporary) / str(used)
            folder.mkdir()
            for title, works in (
                (f"slice, {words}", [slicing(one) for one in texts]),
                (f"whole export, {words}", [exporting(one, folder) for one in texts]),
            ):
                works[0]()  # what is loaded once is not the notebook's
                times = measure(works, given.rounds)
                each = [took / len(one) for took, one in zip(times, texts, strict=True)]
                base = next((each[n] for n, one in enumerate(texts) if len(one) >= 100), each[0])
                for text, took, per in zip(texts, times, each, strict=True):
                    ratio = per / base
                    print(f"{title:32}{len(text):8}{took:10.2f}{per * 1000:11.2f}{ratio:8.2f}")


if __name__ == "__main__":
    main()
