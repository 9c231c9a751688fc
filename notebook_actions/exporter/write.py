"""Writing an app: all of it or nothing."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from notebook_actions.exporter.changes import Changes, unwritable
from notebook_actions.exporter.manifest import MANIFEST
from notebook_actions.exporter.rehearse import write_files

__all__ = ["write"]


def write(changes: Changes) -> None:
    """Carry out what was decided.

    Raises
    ------
    ExportError
        When it cannot be written; the target is then as it was.
    """
    files = {**changes.files, MANIFEST: changes.manifest.content()}
    try:
        if changes.target.exists():
            _replace(files, changes.removed, changes.target)
        else:
            _write_new(files, changes.target)
    except OSError as error:
        raise unwritable(changes.target, error) from None


def _write_new(files: Mapping[str, bytes], target: Path) -> None:
    """Write a folder beside the target, and give it the target's name when it is complete."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with _staging(target.parent, target.name) as staging:
        app = staging / "app"
        write_files(app, files)
        app.rename(target)


@contextlib.contextmanager
def _staging(parent: Path, name: str) -> Iterator[Path]:
    staging = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=parent))
    try:
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _replace(files: Mapping[str, bytes], removed: Sequence[str], target: Path) -> None:
    """Write files and remove others; when one of it fails, put back what was there."""
    with _staging(target, "export") as staging:
        write_files(staging / "new", files)
        undo = contextlib.ExitStack()
        with undo:
            for path in [*removed, *files]:
                file, old = target / path, staging / "old" / path
                if file.exists():
                    old.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy2(file, old)
                    undo.callback(old.replace, file)
                else:
                    undo.callback(file.unlink, missing_ok=True)
                if path in files:
                    file.parent.mkdir(parents=True, exist_ok=True)
                    (staging / "new" / path).replace(file)
                else:
                    file.unlink()
            undo.pop_all()
    for path in removed:
        folder = (target / path).parent
        while folder != target and not any(folder.iterdir()):
            folder.rmdir()
            folder = folder.parent
