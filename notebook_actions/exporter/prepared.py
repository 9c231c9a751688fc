"""An app that is ready to be written: to look at what would change, or to write it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

from notebook_actions.errors import ExportError
from notebook_actions.exporter.analysis.problems import Problem
from notebook_actions.exporter.analysis.slice import Slice
from notebook_actions.exporter.changes import Changes, check_target, decide
from notebook_actions.exporter.diff import diff
from notebook_actions.exporter.plan import Plan, plan_app
from notebook_actions.exporter.result import Export, Preview
from notebook_actions.exporter.write import write

__all__ = ["Prepared"]


@dataclass(frozen=True, slots=True)
class Prepared:
    """An app without errors, and the folder that it is meant for.

    Attributes
    ----------
    plan : Plan
        The app.
    path : Path
        The folder.
    force : bool
        Whether edited files are to be overwritten.
    """

    plan: Plan
    path: Path
    force: bool

    @classmethod
    def of(
        cls, found: Slice, folder: Path, notebook: str | None, path: Path, force: bool
    ) -> Prepared:
        """Plan the app of a slice.

        Raises
        ------
        ExportError
            With every problem, of the folder and of the app, when one is an error.
        """
        refused: list[object] = []
        try:
            check_target(path)
        except ExportError as error:
            refused += error.problems
        try:
            plan = plan_app(found, folder, notebook)
        except ExportError as error:
            refused += error.problems
        if refused:
            raise ExportError(refused)
        return cls(plan, path, force)

    def told(self, *problems: Problem) -> Prepared:
        """Return the same with more to know about it."""
        plan = replace(self.plan, problems=(*self.plan.problems, *problems))
        return replace(self, plan=plan)

    def preview(self) -> Preview:
        """Return what ``write()`` would do, as the folder is now.

        Raises
        ------
        ExportError
            When the folder cannot be exported into.
        """
        changes = decide(self.plan.files, self.path, force=self.force)
        return Preview(self._export(changes), diff(changes))

    def write(self) -> Export:
        """Write the app.

        Raises
        ------
        ExportError
            When it cannot be written; the folder is then as it was.
        """
        changes = decide(self.plan.files, self.path, force=self.force)
        write(changes)
        return self._export(changes)

    def _export(self, changes: Changes) -> Export:
        return Export(
            self.path,
            tuple(changes.files),
            (*self.plan.problems, *changes.problems),
            changes.kept,
            changes.removed,
            f"http://127.0.0.1:8000{quote(self.plan.pages.shown[0].path)}",
        )
