"""Writing an app: all of it or nothing, and never over what its user has changed."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from notebook_actions.errors import ExportError
from notebook_actions.exporter.analysis.problems import Problem, problem
from notebook_actions.exporter.data import is_database
from notebook_actions.exporter.manifest import MANIFEST, Fingerprint, Manifest, fingerprint
from notebook_actions.exporter.rehearse import write_files

__all__ = ["Written", "check_target", "write_app"]


@dataclass(slots=True)
class Written:
    """What became of a plan.

    Attributes
    ----------
    files : list of str
        What was written, or was there already as it should be.
    kept : list of str
        Edited files that were left alone.
    removed : list of str
        Files of the earlier export that are no longer part of the app.
    problems : list of Problem
        What to know about them.
    """

    files: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def check_target(target: Path) -> Manifest | None:
    """Return the manifest of the export that lies in the target; None where there is none.

    Raises
    ------
    ExportError
        When the target cannot be exported into: a file, or a folder with other things in it.
    """
    try:
        if not target.exists():
            return None
        if not target.is_dir():
            raise ExportError([problem("E321", detail=target)])
        manifest = Manifest.read(target)
        if manifest is None and any(target.iterdir()):
            raise ExportError([problem("E320", detail=target)])
    except ValueError:
        raise ExportError([problem("E323", detail=target / MANIFEST)]) from None
    except OSError as error:
        raise _unwritable(target, error) from None
    return manifest


def write_app(files: Mapping[str, bytes], target: Path, *, force: bool = False) -> Written:
    """Write an app into a folder that is new, empty, or holds an earlier export.

    Parameters
    ----------
    files
        Path in the app, with forward slashes → content.
    target
        The folder.
    force
        Whether to overwrite files that their user has edited. A database is never overwritten.

    Raises
    ------
    ExportError
        When it cannot be written; the target is then as it was.
    """
    earlier = check_target(target)
    done = Written()
    try:
        if earlier is None and not target.exists():
            prints = {path: fingerprint(path, content) for path, content in files.items()}
            _write_new({**files, MANIFEST: Manifest(prints).content()}, target)
            done.files = list(files)
        else:
            _update(files, target, earlier or Manifest({}), force, done)
    except OSError as error:
        raise _unwritable(target, error) from None
    return done


def _unwritable(target: Path, error: OSError) -> ExportError:
    return ExportError([problem("E322", detail=target, remedy=error.strerror or error)])


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


def _update(
    files: Mapping[str, bytes], target: Path, earlier: Manifest, force: bool, done: Written
) -> None:
    """Replace what nobody has edited."""
    prints: dict[str, Fingerprint] = {}
    to_write: dict[str, bytes] = {}
    for path, content in files.items():
        prints[path] = fingerprint(path, content)
        known = earlier.files.get(path)
        match _state(target, path, known, prints[path]):
            case "edited" if is_database(target / path):
                # The app's own data by now: not even force is meant to lose it.
                done.kept.append(path)
            case "edited" if not force:
                done.kept.append(path)
                new = f"{path}.new"
                if known is not None and known.same(prints[path]):
                    done.problems.append(problem("W311", detail=path))
                    if new in earlier.files:
                        prints[new] = earlier.files[new]
                else:
                    done.problems.append(problem("W310", detail=path))
                    to_write[new] = content
                    prints[new] = prints[path]
            case _:
                to_write[path] = content
    gone = [path for path in earlier.files if path not in prints and (target / path).is_file()]
    for path in gone:
        if _state(target, path, earlier.files[path], None) == "ours":
            done.removed.append(path)
        else:
            done.problems.append(problem("W312", detail=path))
    done.files = list(to_write)
    _replace({**to_write, MANIFEST: Manifest(prints).content()}, done.removed, target)


def _state(target: Path, path: str, known: Fingerprint | None, new: Fingerprint | None) -> str:
    """Return whether a file of the target is missing, ours, or edited by its user."""
    file = target / path
    if not file.is_file():
        return "missing"
    there = fingerprint(path, file.read_bytes())
    ours = any(one is not None and there.same(one) for one in (known, new))
    return "ours" if ours else "edited"


def _replace(files: Mapping[str, bytes], removed: list[str], target: Path) -> None:
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
