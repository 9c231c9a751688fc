"""Runs one case: a notebook in a real kernel, exported there and from its file, each app asked.

A case is a dict:

- ``name``, and ``cells``: the texts of the code cells, in document order;
- ``order``: the cells as they were run, by index (document order where absent);
- ``files`` beside the notebook, ``env`` for the app;
- ``probes``: expressions that the app must answer as the kernel does, or with ``expect`` (JSON);
- ``want: "error"`` where it must be refused, with ``msg`` in a message;
- ``warns``: words that warnings must hold; ``present``, ``absent``: texts in ``actions.py``;
  ``once``: texts that stand there once;
- ``live``, ``static``: what is different for one of the ways;
- ``delete_after``: cells that the saved notebook has no longer; ``edit_after``: index → new text.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from notebook_actions import ExportError
from notebook_actions.exporter import export_notebook
from tests.exporter.apps import write_notebook
from tests.kernel.frontend import Frontend

Case = Mapping[str, Any]

_EXPORT = """
import json as _json
import notebook_actions as _na
try:
    _told = [True, list(map(str, _na.export(None, %r).warnings))]
except _na.ExportError as _error:
    _told = [False, list(map(str, _error.problems))]
print(_json.dumps(_told), end="")
"""

_KERNEL_PROBE = """
import json as _json
print("\\0" + _json.dumps(%s, sort_keys=True, default=repr), end="")
"""

_APP_PROBES = """
import ast, asyncio, inspect, json, os, sys
folder, probes = sys.argv[1], json.loads(sys.argv[2])
sys.path.insert(0, folder)
os.chdir(folder)

async def main():
    import actions
    if hasattr(actions, "startup"):
        await actions.startup()
    for probe in probes:
        flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        value = eval(compile(probe, "probe", "eval", flags=flags), vars(actions))
        value = await value if inspect.isawaitable(value) else value
        sys.stderr.write("\\0" + json.dumps(value, sort_keys=True, default=repr))

asyncio.run(main())
"""


@dataclass(frozen=True)
class Outcome:
    """What became of an export: problems as text; answers and ``actions.py`` where it worked."""

    problems: Sequence[str]
    answers: Sequence[str] | None = None
    actions: str = ""


@dataclass(frozen=True)
class Outcomes:
    """What became of a case in both ways, with the kernel's own answers."""

    kernel: Sequence[str]
    live: Outcome
    static: Outcome


def run_case(case: Case) -> Outcomes:
    """Run a notebook in a kernel, export it in both ways, and ask kernel and apps the same."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary).resolve()
        work = folder / "work"
        for path, text in {"": "", **case.get("files", {})}.items():
            file = work / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8") if path else file.mkdir()
        file = work / "notebook.ipynb"
        env = {"JPY_SESSION_NAME": str(file)}
        with Frontend(None, work, history=True, env=env) as kernel:
            for index in case.get("order", range(len(case["cells"]))):
                kernel.wait(kernel.start(case["cells"][index], f"cell-{index + 1}"))
            _save(case, work)
            worked, problems = json.loads(kernel.run(_EXPORT % str(folder / "live")))
            runs = [kernel.start(_KERNEL_PROBE % probe) for probe in case["probes"]]
            said = []
            for run in runs:  # where the export is refused, the kernel may have no answer either
                kernel.wait(run)
                said.append(kernel.printed(run))
        live = _outcome(case, folder / "live" if worked else None, problems)
        try:
            problems = list(map(str, export_notebook(file, folder / "static").warnings))
            static = _outcome(case, folder / "static", problems)
        except ExportError as error:
            static = Outcome(list(map(str, error.problems)))
    return Outcomes([one.rpartition("\0")[2] for one in said], live, static)


def _save(case: Case, work: Path) -> None:
    edited = {**dict(enumerate(case["cells"])), **case.get("edit_after", {})}
    gone = case.get("delete_after", ())
    ids = [f"cell-{index + 1}" for index in edited if index not in gone]
    texts = [text for index, text in edited.items() if index not in gone]
    write_notebook(work, *texts, name="notebook.ipynb", ids=ids)


def _outcome(case: Case, app: Path | None, problems: Sequence[str]) -> Outcome:
    if app is None:
        return Outcome(problems)
    done = subprocess.run(
        [sys.executable, "-P", "-c", _APP_PROBES, str(app), json.dumps(case["probes"])],
        env={**os.environ, **case.get("env", {})},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return Outcome(problems, done.stderr.split("\0")[1:], (app / "actions.py").read_text("utf-8"))


def assert_right(case: Case, way: str, outcomes: Outcomes) -> None:
    """Assert that what became of a case in one way is what the case asks for."""
    wanted = {**case, **case.get(way, {})}
    outcome: Outcome = getattr(outcomes, way)
    problems = [" ".join(one.split()) for one in outcome.problems]
    said = "\n".join(problems)
    if wanted.get("want") == "error":
        assert outcome.answers is None, f"exported, but must be refused:\n{outcome.actions}"
        assert wanted.get("msg", "") in said
        for one in problems:  # each with its place, and a sentence on what to do
            assert re.fullmatch(r"[EW]\d{3} cell \d+.*: .+ [`A-Z].+[.?]", one), one
        return
    assert outcome.answers is not None, f"refused:\n{said}"
    expected = [json.dumps(json.loads(one), sort_keys=True) for one in wanted.get("expect", ())]
    assert outcome.answers == (expected or outcomes.kernel), f"{outcome.actions}\n{said}"
    for words in wanted.get("warns", ()):
        assert words in said
    for text in wanted.get("present", ()):
        assert text in outcome.actions
    for text in wanted.get("absent", ()):
        assert text not in outcome.actions
    for text in wanted.get("once", ()):
        assert outcome.actions.count(text) == 1
