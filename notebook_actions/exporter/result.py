"""What an export tells the person who asked for it."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path

from notebook_actions.exporter.analysis.problems import Problem

__all__ = ["Export", "Preview"]

# Names and code stand in backticks, as in Markdown.
_CODE = re.compile("`([^`]+)`")


@dataclass(frozen=True, slots=True)
class Export:
    """An app that was written.

    Attributes
    ----------
    path : Path
        Its folder.
    files : tuple of str
        What was written, by path in the folder.
    warnings : tuple of Problem
        What to know about it.
    kept : tuple of str
        Files of an earlier export that were left alone, since their user has changed them.
    removed : tuple of str
        Files of an earlier export that are no longer part of the app.
    url : str
        Address of its first page, once it runs.
    """

    path: Path
    files: tuple[str, ...]
    warnings: tuple[Problem, ...] = ()
    kept: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    url: str = "http://127.0.0.1:8000/"

    def __str__(self) -> str:
        commands = "\n".join(f"    {line}" for line in self._commands())
        parts = [f"{self._summary()} To run it:\n\n{commands}\n\nThen open {self.url}"]
        parts += ["\n".join(str(one) for one in self.warnings), self._gone()]
        return "\n\n".join(part for part in parts if part)

    def __repr__(self) -> str:
        return f"<Export {os.fspath(self.path)!r}: {len(self.files)} files>"

    def _repr_html_(self) -> str:
        commands = "\n".join(escape(line) for line in self._commands())
        address = f'<a href="{escape(self.url)}" target="_blank">{escape(self.url)}</a>'
        notes = "".join(f"<li>{note}</li>" for note in self._notes())
        return (
            f"<p>{escape(self._summary())} To run it:</p><pre>{commands}</pre>"
            f"<p>Then open {address}</p>{f'<ul>{notes}</ul>' if notes else ''}"
        )

    def _summary(self) -> str:
        count = len(self.files)
        return f"Wrote {count} file{'s' if count != 1 else ''} to {self.path}."

    def _gone(self) -> str:
        names = ", ".join(self.removed)
        return f"Removed, as no longer part of the app: {names}" if names else ""

    def _commands(self) -> list[str]:
        return [
            f"cd {_argument(os.fspath(self.path))}",
            "python -m pip install -r requirements.txt",
            "python app.py",
        ]

    def _notes(self) -> Iterator[str]:
        for one in self.warnings:
            first, *more = (_CODE.sub(r"<code>\1</code>", escape(line)) for line in one.lines)
            yield "<br>".join([f"<b>{one.code}</b> {first}", *more])
        if self.removed:
            yield escape(self._gone())


@dataclass(frozen=True, slots=True, repr=False)
class Preview:
    """What an export would do; nothing was written.

    Attributes
    ----------
    export : Export
        What would be told of it.
    diff : str
        What it would change, as a unified diff; empty where nothing changes.
    """

    export: Export
    diff: str

    @property
    def notes(self) -> str:
        """What to know about it, beside the diff."""
        nothing = "Nothing was written." if self.diff else "Nothing would change."
        return "\n".join([*map(str, self.export.warnings), nothing])

    def __str__(self) -> str:
        return f"{self.diff}\n{self.notes}" if self.diff else self.notes

    def __repr__(self) -> str:
        return f"<Preview {os.fspath(self.export.path)!r}: {len(self.diff.splitlines())} lines>"

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"


def _argument(path: str) -> str:
    """Return a path as it can be pasted into a shell."""
    if path.startswith("-"):
        path = f".{os.sep}{path}"
    if os.name != "nt":
        return shlex.quote(path)
    # PowerShell and cmd agree on double quotes, which no name can hold there.
    return path if re.fullmatch(r"[\w\\/:.-]+", path) else f'"{path}"'
