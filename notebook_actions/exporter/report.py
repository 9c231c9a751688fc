"""What an export did, as data for tools: what ``notebook-actions export --json`` prints."""

from __future__ import annotations

import os
from typing import TypedDict

from notebook_actions.errors import ExportError
from notebook_actions.exporter.analysis.problems import Problem, Severity
from notebook_actions.exporter.result import Export, Preview

__all__ = ["ProblemReport", "Report", "report"]


class ProblemReport(TypedDict):
    """One problem; its keys are the attributes of :class:`Problem`."""

    code: str
    severity: Severity
    cell: int | None
    line: int | None
    name: str | None
    why: list[str]
    message: str
    remedy: str


class Report(TypedDict):
    """One document for every outcome: written, shown only, or refused.

    Attributes
    ----------
    written
        Whether the app was written: not where it was refused, or only shown (``--diff``).
    path
        The app's folder, as it was given.
    files, kept, removed
        Paths in it, with forward slashes: what was written, or was there already as it should be;
        edited files that were left alone; files that are no longer part of the app.
    url
        Address of its first page, once it runs; None where it was refused.
    diff
        What would change, with ``--diff``, else None.
    problems
        All of them, errors first; an error is why it was refused.
    """

    written: bool
    path: str
    files: list[str]
    kept: list[str]
    removed: list[str]
    url: str | None
    diff: str | None
    problems: list[ProblemReport]


def report(outcome: Export | Preview | ExportError, path: str | os.PathLike[str]) -> Report:
    """Return what became of an export.

    Parameters
    ----------
    outcome
        What the export returned or raised.
    path
        The app's folder.
    """
    told = Report(
        written=isinstance(outcome, Export),
        path=os.fspath(path),
        files=[],
        kept=[],
        removed=[],
        url=None,
        diff=outcome.diff if isinstance(outcome, Preview) else None,
        problems=[],
    )
    if isinstance(outcome, ExportError):
        told["problems"] = [_problem(one) for one in outcome.problems if isinstance(one, Problem)]
        return told
    export = outcome.export if isinstance(outcome, Preview) else outcome
    told["files"] = list(export.files)
    told["kept"] = list(export.kept)
    told["removed"] = list(export.removed)
    told["url"] = export.url
    told["problems"] = [_problem(one) for one in export.warnings]
    return told


def _problem(one: Problem) -> ProblemReport:
    return ProblemReport(
        code=one.code,
        severity=one.severity,
        cell=one.cell,
        line=one.line,
        name=one.name,
        why=list(one.why),
        message=one.message,
        remedy=one.remedy,
    )
