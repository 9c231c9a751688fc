"""The run over public notebooks: ``python -m tests.public [NAME==VERSION ...]``.

Without names, those of ``packages.txt``. What the notebooks import must be installed.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tests.public.fetch import fetch
from tests.public.runs import HERE, ROOT, Runs
from tests.public.verdicts import Verdict, judge_package

KINDS = ("absent", "right", "refused", "needless", "unexplained", "told", "wrong", "crash")
SLOW = 1.0


def main() -> int:
    """Run, and print what is not right, the figures of each package, and a table at the end."""
    parser = argparse.ArgumentParser(prog="python -m tests.public", description=__doc__)
    parser.add_argument("packages", nargs="*")
    parser.add_argument("--store", type=Path, default=ROOT / ".public")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    packages = options.packages or (HERE / "packages.txt").read_text("utf-8").split()
    runs = Runs(options.store)
    table: dict[str, list[Verdict]] = {}
    for requirement in packages:
        folder = fetch(requirement, options.store)
        table[requirement] = judge_package(folder, runs, options.jobs)
        for verdict in table[requirement]:
            if verdict.kind != "right":
                print(
                    f"{verdict.kind}: {verdict.notebook}: {verdict.function}\n{verdict.detail}\n",
                    flush=True,
                )
        print(_row(requirement, table[requirement]), end="\n\n", flush=True)
    print(f"{'':32}{'functions':>12}" + "".join(f"{kind:>12}" for kind in KINDS))
    for requirement, verdicts in table.items():
        print(_row(requirement, verdicts))
    everything = [verdict for verdicts in table.values() for verdict in verdicts]
    print(_row("all", everything))
    counts = Counter(verdict.kind for verdict in everything)
    there = len(everything) - counts["absent"]
    for among, number in (
        ("the functions that the notebook's own run has", there),
        ("those that work in the notebook", there - counts["refused"]),
    ):
        share = counts["right"] / number if number else 1
        print(f"right: {counts['right']} of {number} of {among}: {share:.1%}")
    for verdict in everything:
        if verdict.seconds > SLOW:
            print(f"slow: {verdict.notebook}: {verdict.function}: {verdict.seconds:.1f} s")
    return int(any(verdict.kind in {"unexplained", "wrong", "crash"} for verdict in everything))


def _row(title: str, verdicts: Sequence[Verdict]) -> str:
    counts = Counter(verdict.kind for verdict in verdicts)
    return f"{title:32}{len(verdicts):12}" + "".join(f"{counts[kind]:12}" for kind in KINDS)


if __name__ == "__main__":
    raise SystemExit(main())
