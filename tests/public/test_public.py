"""Functions of public notebooks are exported right, or refused with the place and a remedy."""

from __future__ import annotations

import os
import select
from collections import Counter
from pathlib import Path

import pytest

from tests.public.runs import HERE, ROOT, Runs
from tests.public.verdicts import Verdict, judge_package

PACKAGES = (HERE / "few.txt").read_text("utf-8").split()


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> list[Verdict]:
    """Judge the functions of the few packages whose notebooks need nothing but the test extra."""
    runs = Runs(tmp_path_factory.mktemp("runs"))
    folders = [ROOT / ".public" / one.replace("==", "-") for one in PACKAGES]
    missing = [str(one) for one in folders if not one.is_dir()]
    assert not missing, f"`make .public/.ready` fetches {missing}"
    return [verdict for folder in folders for verdict in judge_package(folder, runs)]


def _told(verdicts: list[Verdict], *kinds: str) -> str:
    return "\n\n".join(
        f"{one.kind}: {one.notebook}: {one.function}\n{one.detail}"
        for one in verdicts
        if one.kind in kinds
    )


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="needs Linux")
def test_nothing_that_a_notebook_starts_is_left(tmp_path: Path) -> None:
    """Not even a process with a session of its own."""
    start = "import subprocess\np = subprocess.Popen(['sleep', '99'], start_new_session=True)"
    cell = f"{start}\ndef f(pid=p.pid): pass"
    folder = tmp_path / "package"
    folder.mkdir()
    answer = Runs(tmp_path).notebook(folder, folder / "notebook.ipynb", [cell], ["f"])
    try:
        process = os.pidfd_open(int(answer.facts["f"]["f.__defaults__[0]"].removeprefix("int ")))
    except ProcessLookupError:
        return
    assert select.select([process], [], [], 20)[0]  # it is killed, and ends when it is its turn
    os.close(process)


def test_no_function_is_silently_wrong(verdicts: list[Verdict]) -> None:
    """All that an exported function reaches has the value that it has in the notebook."""
    assert not _told(verdicts, "wrong", "crash")


def test_every_refusal_says_where_and_what_to_do(verdicts: list[Verdict]) -> None:
    """A refusal has a cell, a line and a remedy."""
    assert not _told(verdicts, "unexplained")


def test_nearly_every_function_is_exported(verdicts: list[Verdict]) -> None:
    """Of a hundred functions that work in their notebook, 97 work in the app."""
    counts = Counter(one.kind for one in verdicts)
    work = len(verdicts) - counts["absent"] - counts["refused"]
    assert work > 90
    assert counts["right"] >= 0.97 * work, _told(verdicts, "needless")
