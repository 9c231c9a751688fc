"""The rehearsal: the app is put into a temporary folder and imported there by a clean process.

What the export has to know about the pages, their templates above all, is asked of the exported
code itself, never of the live objects. What the import leaves behind (a database, a cache) stays in
the temporary folder.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from notebook_actions.errors import ExportError
from notebook_actions.exporter import describe
from notebook_actions.exporter.analysis.problems import problem
from notebook_actions.exporter.analysis.slice import Slice
from notebook_actions.exporter.where import origin

__all__ = ["Pages", "ShownPage", "clean_environment", "rehearse", "write_files"]

#: Seconds that the import of an app may take.
TIMEOUT = 120.0


@dataclass(frozen=True, slots=True)
class ShownPage:
    """A page as the exported code makes it.

    Attributes
    ----------
    path, title : str
        As the author gave them.
    forms : tuple of str
        Ids of its forms.
    templates : mapping of str to str
        File name → text.
    cookies : mapping of str to str
        Of the request that stands in for a real one in the notebook.
    samples : mapping of str to mapping of str to str
        Form → field → a value that it accepts, where the HTML of the form does not tell enough.
    unknown : tuple of str
        Those of the forms whose fields nobody knows, since the action reads the form data itself.
    """

    path: str
    title: str
    forms: tuple[str, ...]
    templates: Mapping[str, str]
    cookies: Mapping[str, str]
    samples: Mapping[str, Mapping[str, str]]
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pages:
    """What an app serves.

    Attributes
    ----------
    roots : mapping of str to str
        Name in ``actions.py`` → whether it holds one page or a list or dict of them.
    shown : tuple of ShownPage
        The pages.
    values : mapping of str to str
        Name in ``actions.py`` → its value as text (see ``snapshot``) when the server would begin.
    """

    roots: Mapping[str, Literal["one", "list", "dict"]]
    shown: tuple[ShownPage, ...]
    values: Mapping[str, str]


def rehearse(files: Mapping[str, bytes], part: Slice) -> Pages:
    """Import the app in a clean process and return its pages.

    Parameters
    ----------
    files : mapping of str to bytes
        The app's files so far: the runtime, ``actions.py``, its modules and data.
    part : Slice
        What ``actions.py`` was made of, with the secrets that it reads from the environment.

    Raises
    ------
    ExportError
        When the import fails, with the cell and line; when what the names hold is no page.
    """
    with tempfile.TemporaryDirectory(prefix="notebook-actions-") as temporary:
        folder = Path(temporary).resolve() / "app"
        answer = folder.parent / "answer.json"
        write_files(folder, files)
        told = _run(folder, answer, [root.name for root in part.roots], part.secrets)
    if (wrong := told.get("wrong")) is not None:
        raise ExportError([_problem(wrong, part, files["actions.py"].decode())])
    return Pages(
        told["roots"],
        tuple(
            ShownPage(
                page["path"],
                page["title"],
                tuple(page["forms"]),
                page["templates"],
                page["cookies"],
                page["samples"],
                tuple(page["unknown"]),
            )
            for page in told["pages"]
        ),
        told["values"],
    )


def _run(
    folder: Path, answer: Path, names: Sequence[str], secrets: Mapping[str, str]
) -> dict[str, Any]:
    # -P: the folder of the script must not be on the path, its modules would hide others.
    command = [sys.executable, "-P", str(describe.__file__), str(folder), str(answer), *names]
    try:
        done = subprocess.run(  # noqa: S603 - our own script
            command,
            cwd=folder,
            env={**clean_environment(), **secrets},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"wrong": {"code": "E313", "detail": f"{TIMEOUT:g}"}}
    if not answer.is_file():
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        said = lines[-1] if lines else f"exit code {done.returncode}"
        return {"wrong": {"code": "E314", "detail": said}}
    told: dict[str, Any] = json.loads(answer.read_text("utf-8"))
    return told


def _problem(wrong: Mapping[str, Any], part: Slice, module: str) -> object:
    line = wrong.get("line")
    place = origin(part, module, line) if line is not None else None
    cell, cell_line = place or (None, None)
    remedy = "Correct the cell and run it."
    if "ModuleNotFoundError" in wrong["detail"]:
        remedy = "Install it, or put it beside the notebook."
    return problem(
        wrong["code"],
        cell=cell,
        line=cell_line,
        name=wrong.get("name"),
        detail=wrong["detail"],
        remedy=remedy,
    )


def clean_environment() -> dict[str, str]:
    """Return the environment for a process of the app: without what only a notebook has."""
    environment = dict(os.environ)
    # The app's own folder must lead the path, and the kernel's plotting backend is not there.
    environment.pop("PYTHONSAFEPATH", None)
    if environment.get("MPLBACKEND", "").startswith("module://"):
        del environment["MPLBACKEND"]
    return {**environment, "PYTHONDONTWRITEBYTECODE": "1"}


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files: path with forward slashes → content."""
    for path, content in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
