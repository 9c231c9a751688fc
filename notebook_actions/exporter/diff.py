"""What an export would change, as a unified diff."""

from __future__ import annotations

import difflib
import io
from collections.abc import Iterator
from pathlib import Path

from notebook_actions.exporter.changes import Changes

__all__ = ["diff"]

_NOTHING = "/dev/null"


def diff(changes: Changes) -> str:
    """Return a unified diff of what would be written and removed; empty where nothing changes.

    The new version of an edited file (``app.py.new``) is compared with the edited one. A file that
    is no text in UTF-8 is a line ("Binary files ... differ"). Line endings do not count, and the
    manifest is not shown.
    """
    told: list[str] = []
    for path, content in sorted(changes.files.items()):
        there = _read(changes.target / path)
        if there is not None and _plain(there) == _plain(content):
            continue
        edited = path.removesuffix(".new")
        if path != edited and edited in changes.kept:
            told += _compare(changes.target, edited, path, content)
        else:
            told += _compare(changes.target, path if there is not None else None, path, content)
    for path in sorted(changes.removed):
        told += _compare(changes.target, path, None, b"")
    return "".join(told)


def _compare(target: Path, old: str | None, new: str | None, content: bytes) -> Iterator[str]:
    before = b"" if old is None else (target / old).read_bytes()
    names = [_NOTHING if path is None else (target / path).as_posix() for path in (old, new)]
    try:
        lines = [list(io.StringIO(_text(one), newline="\n")) for one in (before, content)]
    except ValueError:
        yield f"Binary files {names[0]} and {names[1]} differ\n"
        return
    # A tab ends a name with a space in it, as in the diffs of git.
    marked = [f"{name}\t" if " " in name else name for name in names]
    found = list(difflib.unified_diff(lines[0], lines[1], marked[0], marked[1]))
    # An empty file that comes or goes has no lines to show.
    for line in found or [f"--- {marked[0]}\n", f"+++ {marked[1]}\n"]:
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _read(file: Path) -> bytes | None:
    return file.read_bytes() if file.is_file() else None


def _text(content: bytes) -> str:
    if b"\0" in content:
        raise ValueError("no text")
    return _plain(content).decode()


def _plain(content: bytes) -> bytes:
    return content.replace(b"\r\n", b"\n")
