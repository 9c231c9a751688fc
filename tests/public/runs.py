"""Runs of notebooks and of apps in processes of their own; each answer is kept."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

from notebook_actions.exporter.rehearse import write_files

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
# Changed code makes new answers, and so does another environment.
CODE = "".join((HERE / name).read_text("utf-8") for name in ("child.py", "facts.py"))
INSTALLED = sorted(f"{one.name}=={one.version}" for one in metadata.distributions())
# Where even the limits in the process itself do not help, as in a loop of compiled code.
LONGEST = 180.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What a process told.

    Attributes
    ----------
    stops
        For each text that was run: the line at which it stopped, if it did, and the error.
    facts
        The facts of each name that it had.
    failure
        Why there is no answer, or None.
    """

    stops: Sequence[Mapping[str, Any]] = ()
    facts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    failure: str | None = None

    @property
    def cut_off(self) -> bool:
        """Whether the time was over before the last text was."""
        return bool(self.stops) and str(self.stops[-1]["error"]).startswith("_TimeUp")


@dataclass(frozen=True, slots=True)
class Runs:
    """Makes runs, and keeps their answers in a folder.

    Attributes
    ----------
    store
        The folder.
    seconds
        The processor time that the run of a notebook may take; an app may take twice as much.
    """

    store: Path
    seconds: float = 20.0

    def notebook(self, package: Path, notebook: Path, texts: list[str], names: list[str]) -> Answer:
        """Run all cells of a notebook in a copy of its folder."""
        request = _request("__main__", texts, names, self.seconds)
        key = str(notebook.relative_to(package.parent))

        def lay(folder: Path) -> Path:
            shutil.copytree(package, folder / package.name)
            return folder / key

        return self._kept(request, key, lambda folder: lay(folder).parent)

    def again(self, package: Path, notebook: Path, texts: list[str], names: list[str]) -> Answer:
        """Run all cells of a notebook a second time: what differs then is not to be compared."""
        return self.notebook(package, notebook, [*texts, "# again"], names)

    def app(self, text: str, files: Mapping[str, bytes], name: str) -> Answer:
        """Import an app's module beside its files."""
        request = _request("actions", [text], [name], 2 * self.seconds)
        digests = {path: hashlib.sha256(content).hexdigest() for path, content in files.items()}

        def lay(folder: Path) -> Path:
            (folder / "app").mkdir()
            write_files(folder / "app", files)
            return folder / "app"

        return self._kept(request, json.dumps(digests, sort_keys=True), lay)

    def _kept(self, request: dict[str, Any], key: str, lay: Any) -> Answer:
        text = json.dumps(request)
        parts = [sys.version, *INSTALLED, CODE, key, text]
        digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()
        kept = self.store / "answers" / f"{digest[:32]}.json"
        if not kept.is_file():
            kept.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix="public-", ignore_cleanup_errors=True) as name:
                temporary = Path(name).resolve()
                answer = self._run(lay(temporary), temporary, text)
            new = kept.with_suffix(f".{os.getpid()}.{id(answer)}")
            new.write_text(json.dumps(answer), "utf-8")
            new.rename(kept)
        return Answer(**json.loads(kept.read_text("utf-8")))

    def _run(self, folder: Path, temporary: Path, request: str) -> dict[str, Any]:
        asked, told = temporary / "request.json", temporary / "answer.json"
        asked.write_text(request, "utf-8")
        environment = {
            **os.environ,
            "MPLBACKEND": "Agg",
            "OMP_NUM_THREADS": "1",
            "PYTHONHASHSEED": "0",
            "PYTHONPATH": str(ROOT),
            "PYTHONWARNINGS": "ignore",
            "PYTHONDONTWRITEBYTECODE": "1",
            "TMPDIR": str(temporary),
        }
        with (
            (temporary / "errors").open("wb") as errors,
            subprocess.Popen(
                [sys.executable, str(HERE / "child.py"), str(asked), str(told)],
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                start_new_session=True,
            ) as process,
        ):
            try:
                process.wait(LONGEST)
                failure = None
            except subprocess.TimeoutExpired:
                failure = "it did not end"
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # and what it has started
            for daemon in _processes_of(temporary):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(daemon, signal.SIGKILL)
        if told.is_file():
            answer: dict[str, Any] = json.loads(told.read_text("utf-8"))
            return answer
        lines = (temporary / "errors").read_text("utf-8", "replace").strip().splitlines()
        return {"failure": failure or (lines[-1] if lines else f"exit code {process.returncode}")}


def _processes_of(temporary: Path) -> Iterator[int]:
    """Yield the processes that have a run's folder in their environment, in whatever session.

    A notebook that starts a cluster leaves a hundred of them. Where there is no ``/proc``, they
    stay.
    """
    mark = f"TMPDIR={temporary}".encode()
    for environment in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if mark in environment.read_bytes().split(b"\0"):
                yield int(environment.parent.name)


def _request(module: str, texts: list[str], names: list[str], seconds: float) -> dict[str, Any]:
    return {"module": module, "texts": texts, "names": names, "seconds": seconds}
