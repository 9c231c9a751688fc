"""Whole notebooks, exported from a live kernel and from their file, answer as the kernel does."""

from __future__ import annotations

import runpy
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from tests.exporter.both_ways import Case, Outcomes, assert_right, run_case
from tests.exporter.cases import CASES


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Take the cases of this folder, and those of the file that ``--cases`` names."""
    more = metafunc.config.getoption("--cases")
    cases = [*CASES, *(runpy.run_path(more)["CASES"] if more else ())]
    if "case" in metafunc.fixturenames:
        metafunc.parametrize("case", cases, ids=[case["name"] for case in cases], scope="session")


@pytest.fixture(scope="session")
def running(request: pytest.FixtureRequest) -> Iterator[dict[str, Future[Outcomes]]]:
    """The cases that were chosen, run two at a time: most of a case is waiting for processes."""
    own = [item for item in request.session.items if item.path == Path(__file__)]
    cases = [item.callspec.params["case"] for item in own]  # type: ignore[attr-defined]
    chosen: dict[str, Case] = {case["name"]: case for case in cases}
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        yield {name: pool.submit(run_case, case) for name, case in chosen.items()}
        pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize("way", ["live", "static"], scope="session")
def test_the_app_answers_as_the_kernel(
    running: dict[str, Future[Outcomes]], case: Case, way: str
) -> None:
    """The exported app gives the kernel's answers, or the notebook is refused for a reason."""
    assert_right(case, way, running[case["name"]].result())
