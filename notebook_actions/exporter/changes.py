"""What an export would change in a folder, decided before anything is done.

The same decision is shown by ``--diff`` and carried out by ``write``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from notebook_actions.errors import ExportError
from notebook_actions.exporter.analysis.problems import Problem, problem
from notebook_actions.exporter.data import is_database
from notebook_actions.exporter.manifest import MANIFEST, Fingerprint, Manifest, fingerprint

__all__ = ["Changes", "check_target", "decide", "unwritable"]


@dataclass(frozen=True, slots=True)
class Changes:
    """What becomes of a folder.

    Attributes
    ----------
    target : Path
        The folder.
    files : mapping of str to bytes
        What is written, or is there already as it should be: path with forward slashes → content.
    kept : tuple of str
        Edited files that are left alone.
    removed : tuple of str
        Files of the earlier export that are no longer part of the app.
    manifest : Manifest
        The folder's next manifest.
    problems : tuple of Problem
        What to know about them.
    """

    target: Path
    files: Mapping[str, bytes]
    kept: tuple[str, ...]
    removed: tuple[str, ...]
    manifest: Manifest
    problems: tuple[Problem, ...]


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
        raise unwritable(target, error) from None
    return manifest


def decide(files: Mapping[str, bytes], target: Path, *, force: bool = False) -> Changes:
    """Return what an app would change in a folder that is new, empty, or holds an earlier export.

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
        When the target cannot be exported into, or read.
    """
    earlier = check_target(target) or Manifest({})
    try:
        return _decide(files, target, earlier, force)
    except OSError as error:
        raise unwritable(target, error) from None


def unwritable(target: Path, error: OSError) -> ExportError:
    """Return the refusal of a folder for what the system says about it."""
    return ExportError([problem("E322", detail=target, remedy=error.strerror or error)])


def _decide(files: Mapping[str, bytes], target: Path, earlier: Manifest, force: bool) -> Changes:
    prints: dict[str, Fingerprint] = {}
    to_write: dict[str, bytes] = {}
    kept: list[str] = []
    removed: list[str] = []
    problems: list[Problem] = []
    for path, content in files.items():
        prints[path] = fingerprint(path, content)
        known = earlier.files.get(path)
        match _state(target, path, known, prints[path]):
            case "edited" if is_database(target / path):
                # The app's own data by now: not even force is meant to lose it.
                kept.append(path)
            case "edited" if not force:
                kept.append(path)
                new = f"{path}.new"
                if known is not None and known.same(prints[path]):
                    problems.append(problem("W311", detail=path))
                    if new in earlier.files:
                        prints[new] = earlier.files[new]
                else:
                    problems.append(problem("W310", detail=path))
                    to_write[new] = content
                    prints[new] = prints[path]
            case _:
                to_write[path] = content
    gone = [path for path in earlier.files if path not in prints and (target / path).is_file()]
    for path in gone:
        if _state(target, path, earlier.files[path], None) == "ours":
            removed.append(path)
        else:
            problems.append(problem("W312", detail=path))
    return Changes(target, to_write, tuple(kept), tuple(removed), Manifest(prints), tuple(problems))


def _state(target: Path, path: str, known: Fingerprint | None, new: Fingerprint | None) -> str:
    """Return whether a file of the target is missing, ours, or edited by its user."""
    file = target / path
    if not file.is_file():
        return "missing"
    there = fingerprint(path, file.read_bytes())
    ours = any(one is not None and there.same(one) for one in (known, new))
    return "ours" if ours else "edited"
