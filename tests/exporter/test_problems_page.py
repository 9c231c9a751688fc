"""PROBLEMS.md: every code is explained, and every example gives what the page says."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from notebook_actions import ExportError, Page
from notebook_actions.exporter import data, export, export_notebook, requirements
from notebook_actions.exporter.analysis.notebook import Cell, make_cell
from notebook_actions.exporter.analysis.problems import CODES
from notebook_actions.exporter.analysis.secret_literals import replace_secrets
from notebook_actions.exporter.analysis.slice import slice_statements
from notebook_actions.exporter.data import data_content
from notebook_actions.exporter.explain import PAGE, sections
from notebook_actions.exporter.live import names_of
from notebook_actions.exporter.live_checks import document_problems, value_problems
from notebook_actions.exporter.manifest import MANIFEST
from notebook_actions.exporter.plan import plan_app
from tests.exporter.apps import SMALL, make_database, write_notebook

SECTIONS = sections()


def blocks(code: str, kind: str) -> list[str]:
    """Return the fenced blocks of a section."""
    return re.findall(rf"^```{kind}\n(.*?)^```$", SECTIONS[code], re.DOTALL | re.MULTILINE)


# --- examples that are cells ----------------------------------------------------------------------

#: Code → files beside the notebook.
FILES: dict[str, dict[str, str]] = {
    "E118": {"queue.py": "", "waiting_list.py": "def position(name): return 1\n"},
    "E119": {
        "helpers.py": "def price(seats): return seats * RATE\n",
        "pricing.py": "def price(seats, rate): return seats * rate\n",
    },
    "E316": {"app.py": "def welcome(name): return name\n"},
    "W204": {"prices.csv": "seat,7\n"},
    "W209": {"helpers.py": "def price(seats): return 7 * seats\n"},
    "W216": {"settings.py": "rate = 7\n"},
    "W221": {f"photos/{number}.jpg": "" for number in range(201)},
    "W222": {"letters/old.txt": ""},
    "W305": {".env": "A=1\n"},
    "W306": {"prices.csv": ""},
}
#: Code → what the kernel holds.
VALUES: dict[str, dict[str, object]] = {"W211": {"RATE": 7}, "W226": {"seats": {"potions": 4}}}
#: Code → the names that are exported, where they are not the notebook's own pages.
ROOTS: dict[str, list[str]] = {"E311": ["enroll"]}
#: Codes that need more than analysis: the app is put together.
PLANNED = ("E31", "W220", "W226", "W30")
#: Codes whose example shows a call, which is made in the table below.
CALLED = {"E302", "E303"}

EXAMPLES = [code for code in SECTIONS if blocks(code, "python") and code not in CALLED]


@dataclass
class Example:
    """The cells of an example; what stands behind ``# %%`` says how a cell ran."""

    ran: list[Cell] = field(default_factory=list)
    saved: list[Cell] = field(default_factory=list)

    @classmethod
    def of(cls, text: str) -> Example:
        """Read an example."""
        example = cls()
        for header, body in re.findall(r"^(# %%.*\n)?((?:(?!# %%).*\n?)+)", text, re.MULTILINE):
            if body.strip():
                example._add(header, body.strip("\n"))
        return example

    def _add(self, header: str, body: str) -> None:
        count = re.search(r"In \[(\d+)\]", header)
        times = re.search(r"ran (\d+) times", header)
        stopped = re.search(r"stopped with an error(?: in line (\d+))?", header)
        own = f"cell-{len(self.ran) + 1}"
        key = "cell-1" if "the first cell again" in header else own
        for _ in range(int(times[1]) if times else 1):
            cell = make_cell(
                len(self.ran) + 1,
                body,
                id=key,
                execution_count=int(count[1]) if count else None,
                failed=int(stopped[1] or 0) if stopped else None,
                key=key,
            )
            self.ran.append(cell)
        if "edited since" in header:
            self.saved.append(make_cell(cell.number, "changed = True", id=key))
        elif "deleted since" not in header:
            self.saved.append(cell)


def problems_of(text: str, code: str, folder: Path) -> list[Any]:
    """Return the problems of an example."""
    example = Example.of(text)
    values = VALUES.get(code, {})
    found = slice_statements(example.ran, ROOTS.get(code), folder=folder, values=values)
    told = [*document_problems(found, example.ran, example.saved)]
    if not code.startswith(PLANNED):
        return [*replace_secrets(found).problems, *data_content(found, folder)[1], *told]
    try:
        plan = plan_app(found, folder, None)
    except ExportError as error:
        return list(error.problems)
    return [*plan.problems, *value_problems(plan.part, plan.pages.values, values), *told]


@pytest.fixture
def folder(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """The current folder, with what the example of the test's code needs."""
    code = request.node.callspec.params["code"]
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    for name, text in FILES.get(code, {}).items():
        write(text, name)
    if code == "E313":
        monkeypatch.setattr("notebook_actions.exporter.rehearse.TIMEOUT", 2.0)
    elif code == "W302":
        install_from_a_folder(tmp_path / "site", monkeypatch)
    elif code == "W303":
        with Path("photos.tar").open("wb") as stream:
            stream.truncate(20_000_001)
    elif code == "W304":
        make_database(work / "guests.db", "guests")
    elif code == "W306":
        monkeypatch.setattr(data, "is_database", refuse)
    yield work
    if code == "W302":
        requirements._distributions.cache_clear()


def refuse(file: Path) -> bool:
    """Stand in for a disk that gives an error."""
    raise PermissionError(13, "Permission denied", str(file))


def install_from_a_folder(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a package that ``pip install -e`` could have left."""
    info = site / "school-1.0.dist-info"
    info.mkdir(parents=True)
    (site / "school.py").write_text("")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: school\nVersion: 1.0\n")
    (info / "RECORD").write_text("school.py,,\n")
    (info / "direct_url.json").write_text(json.dumps({"url": site.as_uri(), "dir_info": {}}))
    monkeypatch.syspath_prepend(str(site))
    requirements._distributions.cache_clear()


@pytest.mark.parametrize("code", EXAMPLES)
def test_an_example_gives_what_the_page_says(code: str, folder: Path) -> None:
    """The code alone, with this message; an error may bring warnings with it."""
    example, *_ = blocks(code, "python")
    found = problems_of(example, code, folder)
    said = [str(one) for one in found if one.severity == "error" or code.startswith("W")]
    print("\n".join(said))
    assert said == ["".join(blocks(code, "text")).strip()]


@pytest.mark.parametrize("code", [code for code in EXAMPLES if len(blocks(code, "python")) > 1])
def test_a_corrected_example_has_no_such_problem(code: str, folder: Path) -> None:
    """And no error either."""
    *_, corrected = blocks(code, "python")
    found = problems_of(corrected, code, folder)
    assert not [one for one in found if one.code == code or one.severity == "error"]


# --- everything else ------------------------------------------------------------------------------

SCHOOL = "enrollment.ipynb"


def notebook(**parts: object) -> str:
    """Return the text of a notebook file without cells."""
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [], **parts})


def exported(*, edit: str | None = None, cells: tuple[str, ...] = SMALL) -> None:
    """Export a notebook to ``enroll_app``, edit a file, and write a changed notebook."""
    export_notebook(write_notebook(Path(), *SMALL, name=SCHOOL), "enroll_app")
    if edit is not None:
        Path("enroll_app", edit).write_text("mine")
    write_notebook(Path(), *cells, name=SCHOOL)


def no_longer_generated() -> None:
    """Export a notebook with a page that the next version of it does not have."""
    more = (*SMALL, "other = Page('/other', title='Other')")
    export_notebook(write_notebook(Path(), *more, name=SCHOOL), "enroll_app")
    Path("enroll_app/templates/other.html").write_text("mine")
    write_notebook(Path(), *SMALL, name=SCHOOL)


def write(text: str, path: str = SCHOOL) -> None:
    """Write a file, and the folders above it."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text)


def small() -> None:
    """Write a notebook that can be exported."""
    write_notebook(Path(), *SMALL, name=SCHOOL)


CHANGED = tuple(cell.replace("luna", "neville") for cell in SMALL)

#: Code → what is there before ``notebook-actions export enrollment.ipynb -o enroll_app``.
BEFORE: dict[str, Callable[[], object]] = {
    "E001": lambda: None,
    "E002": lambda: write("print('hello')"),
    "E003": lambda: write(notebook(metadata={"language_info": {"name": "julia"}})),
    "E004": lambda: write(notebook()),
    "E320": lambda: (small(), write("mine", "enroll_app/notes.txt")),
    "E321": lambda: (small(), write("mine", "enroll_app")),
    "E322": lambda: (small(), write("mine", "notes.txt")),
    "E323": lambda: (exported(), write("{", f"enroll_app/{MANIFEST}")),
    "W310": lambda: exported(edit="actions.py", cells=CHANGED),
    "W311": lambda: exported(edit="README.md"),
    "W312": no_longer_generated,
}
#: Code → a call outside of a notebook, or with what has no name.
CALLS: dict[str, Callable[[], object]] = {
    "E301": lambda: export(Page("/enrollment"), "enroll_app"),
    "E302": lambda: names_of(Page("/enrollment"), {}),
    "E303": lambda: names_of("enrollment", {}),
    "E322": lambda: export_notebook(SCHOOL, "notes.txt/enroll_app"),
}


def outcome(call: Callable[[], object]) -> list[Any]:
    """Return the problems that an export raises or returns."""
    try:
        return list(getattr(call(), "warnings", ()))
    except ExportError as error:
        return list(error.problems)


@pytest.mark.parametrize("code", sorted({*BEFORE, *CALLS}))
def test_what_is_no_matter_of_cells_is_told_as_the_page_says(code: str, folder: Path) -> None:
    """The file, the folder and the running notebook: the message is the page's."""
    call = CALLS.get(code, lambda: export_notebook(SCHOOL, "enroll_app"))
    BEFORE.get(code, lambda: None)()
    said = [str(one) for one in outcome(call)]
    print("\n".join(said))
    assert said == ["".join(blocks(code, "text")).strip()]


# --- the page -------------------------------------------------------------------------------------


def test_every_code_has_its_section_in_order() -> None:
    """Those of the table, each once: a new code is explained where it is added."""
    headings = re.findall(r"^## ([EW]\d{3}): .+$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert headings == list(CODES) == sorted(CODES)
    assert list(SECTIONS) == headings


def test_every_section_is_tried() -> None:
    """By its example, or by a set-up of its own."""
    assert {*EXAMPLES, *BEFORE, *CALLS} == set(CODES)


@pytest.mark.parametrize("code", SECTIONS)
def test_a_section_shows_its_message(code: str) -> None:
    """Once."""
    (said,) = blocks(code, "text")
    assert said.startswith(f"{code}  ")
