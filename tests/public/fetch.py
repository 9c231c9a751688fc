"""The notebooks of source distributions, fetched by pip; nothing is built or installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

# What may stand beside a notebook and be read or imported by it.
BESIDE = {".py", ".ipynb", ".csv", ".tsv", ".txt", ".dat", ".json", ".npy", ".npz", ".xml"}
BESIDE |= {".xls", ".xlsx", ".yaml", ".yml", ".toml", ".mat", ".png", ".jpg", ".zip", ".gz", ".cfg"}
MAX_SIZE = 2_000_000


def fetch(requirement: str, store: Path) -> Path:
    """Return the folder with a distribution's notebooks and what stands beside them.

    Parameters
    ----------
    requirement
        Name and version, such as ``"arch==8.0.0"``.
    store
        Where the folders are kept; one that is there is not fetched again.
    """
    store = store.resolve()
    folder = store / requirement.replace("==", "-")
    if folder.is_dir():
        return folder
    store.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=store) as temporary:
        unpacked = _unpack(requirement, Path(temporary))
        chosen = Path(temporary) / "chosen"
        for file in _wanted(unpacked):
            target = chosen / file.relative_to(unpacked)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
        if not chosen.is_dir():
            raise LookupError(f"{requirement} ships no notebooks")
        chosen.rename(folder)
    return folder


def _unpack(requirement: str, temporary: Path) -> Path:
    """Return the folder into which pip has unpacked the source distribution.

    pip goes on to ask the distribution's build system for its dependencies. Whether that succeeds
    does not matter: with ``--no-clean`` the sources stay where they were unpacked.
    """
    options = ["--no-deps", "--no-binary", ":all:", "--no-build-isolation", "--no-clean"]
    done = subprocess.run(
        [sys.executable, "-m", "pip", "download", *options, "--dest", "downloads", requirement],
        cwd=temporary,
        env={**os.environ, "TMPDIR": str(temporary)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    found = list(temporary.glob("pip-*/*/PKG-INFO"))
    if not found:
        raise LookupError(f"pip did not fetch {requirement}:\n{done.stdout}\n{done.stderr}")
    return found[0].parent


def _wanted(unpacked: Path) -> Iterator[Path]:
    """Yield the notebooks, and the modules and small data files at or below where they stand."""
    folders = {file.parent for file in unpacked.rglob("*.ipynb")} - {unpacked}
    files = {file for folder in folders for file in folder.rglob("*")}
    for file in sorted(files | set(unpacked.glob("*.ipynb"))):
        if file.is_file() and file.suffix.lower() in BESIDE and file.stat().st_size <= MAX_SIZE:
            yield file


if __name__ == "__main__":
    for name in sys.argv[2:]:
        print(fetch(name, Path(sys.argv[1])))
