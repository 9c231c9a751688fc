"""What an export tells the person who asked for it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path

from notebook_actions.exporter.analysis.problems import Problem

__all__ = ["Export"]


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
        parts = [self._summary(), "\n".join(f"    {line}" for line in self._commands())]
        parts += ["\n".join(f"{one}" for one in self._notes())]
        return "\n\n".join(part for part in parts if part)

    def __repr__(self) -> str:
        return f"<Export {os.fspath(self.path)!r}: {len(self.files)} files>"

    def _repr_html_(self) -> str:
        commands = "\n".join(escape(line) for line in self._commands())
        notes = "".join(f"<li>{escape(note)}</li>" for note in self._notes())
        return (
            f"<p>{escape(self._summary())}</p><pre>{commands}</pre>"
            f"{f'<ul>{notes}</ul>' if notes else ''}"
        )

    def _summary(self) -> str:
        count = len(self.files)
        return f"Wrote {count} file{'s' if count != 1 else ''} to {self.path}. To run the app:"

    def _commands(self) -> list[str]:
        path = os.fspath(self.path)
        quoted = f'"{path}"' if " " in path else path
        return [
            f"cd {quoted}",
            "python -m pip install -r requirements.txt",
            f"python app.py          # then open {self.url}",
        ]

    def _notes(self) -> Iterator[str]:
        for one in self.warnings:
            yield str(one)
        if self.removed:
            yield f"Removed, as no longer part of the app: {', '.join(self.removed)}"
