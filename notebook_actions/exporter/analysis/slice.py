"""The backward slice: the notebook's own statements that its pages, forms and actions need.

From the roots, every name that a kept statement needs is followed to the statements that give it
its value: at the statement's own place for what it evaluates while it runs, at the end of the
notebook for what its functions look up later. What is kept stays in working order, so that a name
with several versions has, at each point, the version that it had in the notebook.
"""

from __future__ import annotations

import ast
import sys
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from notebook_actions.exporter.analysis.effects import Effects
from notebook_actions.exporter.analysis.findings import Findings
from notebook_actions.exporter.analysis.module_state import ModuleStates
from notebook_actions.exporter.analysis.modules import LocalModule, LocalModules, imported_by_call
from notebook_actions.exporter.analysis.needs import Events, Kind
from notebook_actions.exporter.analysis.notebook import Cell
from notebook_actions.exporter.analysis.problems import Problem, problem
from notebook_actions.exporter.analysis.repeats import once, repeated_changes
from notebook_actions.exporter.analysis.roots import Root, find_roots
from notebook_actions.exporter.analysis.startup import startup_statements
from notebook_actions.exporter.analysis.statements import Statement, split_cells
from notebook_actions.exporter.analysis.strings import words_in_strings
from notebook_actions.exporter.analysis.symbols import Symbols
from notebook_actions.exporter.analysis.templates import matching, templates_in

__all__ = ["Slice", "slice_statements"]


@dataclass(frozen=True, slots=True)
class Slice:
    """The part of a notebook that is exported.

    Attributes
    ----------
    statements
        The kept statements in working order.
    roots
        The pages, forms or actions that it was made for.
    problems
        All problems, errors first; with an error the slice must not be exported.
    why
        For each kept statement, by its index, the chain of names that needs it, from the root.
    imports
        The modules that the kept statements import, dotted, without local ones.
    modules
        The local modules that they import, with those that these import.
    startup
        Indexes of the statements that must run in the async start-up, not at import.
    prelude
        Lines that go before them: values frozen from the kernel, an ``import os``.
    written
        Files that the notebook writes by ``%%writefile``: path and text.
    notebook
        All statements of the notebook, kept or not.
    secrets
        The environment variables that replace secrets, each with the secret; empty before
        ``replace_secrets``.
    """

    statements: tuple[Statement, ...]
    roots: tuple[Root, ...]
    problems: tuple[Problem, ...]
    why: Mapping[int, tuple[str, ...]]
    imports: tuple[str, ...]
    modules: tuple[LocalModule, ...]
    startup: frozenset[int]
    prelude: tuple[str, ...]
    written: Mapping[str, str]
    notebook: tuple[Statement, ...] = field(default=(), repr=False)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that stop the export."""
        return tuple(one for one in self.problems if one.severity == "error")


def slice_statements(
    cells: Sequence[Cell],
    roots: Sequence[str] | None = None,
    *,
    folder: Path | None = None,
    values: Mapping[str, object] | None = None,
) -> Slice:
    """Return the statements that the roots need.

    Parameters
    ----------
    cells
        The code cells in working order.
    roots
        Names to start from; by default the notebook's pages, else its forms, else its actions.
    folder
        The notebook's folder, where its own modules are found.
    values
        The kernel's values by name, where there is a kernel. A plain value that no statement
        binds is then frozen, with a warning.
    """
    modules = LocalModules(folder, cells)
    split = split_cells(cells, modules.star_names)
    symbols = Symbols(split.all)
    start = find_roots(split.all, symbols, roots)
    found, statements = start.all, start.statements
    effects = Effects(statements, symbols, ModuleStates(modules))
    repeated = repeated_changes(statements, effects.of, effects.knowledge.sharing)
    events = Events(statements, effects.of, symbols, without=repeated)
    split = replace(split, all=statements)
    findings = Findings(split, symbols, effects, events, modules, values or {})
    slicer = _Slicer(events, effects, findings)
    if start.hidden is not None:
        findings.hidden(start.hidden, instead=bool(found))
    elif not found:
        findings.add(problem("E010"))
    for root in found:
        slicer.need(root.name, events.end, hard=True, parent=None)
    slicer.run()  # first, so that messages lead from a page where they can
    for statement in statements:
        if (
            statement.mark == "keep"
            or _is_future(statement)
            or (effects.of[statement.index].process and statement.mark is None)
        ):
            slicer.keep(statement, None, statement.title)
    slicer.run()
    kept = list(once([one for one in statements if one.index in slicer.kept], effects.of))
    startup = startup_statements(kept, effects.of, events, symbols)
    findings.review(kept, slicer.chain, slicer.left_out, slicer.needed)
    findings.runs(repeated, kept, slicer.chain, slicer.needed)
    imported = list(dict.fromkeys(name for one in kept for name in _imported(one)))
    copied = modules.closure([*imported, *_imported_attributes(kept)])
    for name in sorted({module.name.partition(".")[0] for module in copied}):
        if name in sys.stdlib_module_names:
            findings.add(problem("E118", name=name))
    return Slice(
        tuple(kept),
        tuple(found),
        findings.sorted(),
        {statement.index: slicer.chain(statement.index) for statement in kept},
        tuple(sorted(name for name in set(imported) if modules.find(name.split(".")[0]) is None)),
        tuple(copied),
        startup,
        tuple(f"{name} = {text}" for name, text in findings.frozen.items()),
        dict(modules.written),
        tuple(split.all),
    )


def _is_future(statement: Statement) -> bool:
    return isinstance(statement.node, ast.ImportFrom) and statement.node.module == "__future__"


def _imported(statement: Statement) -> list[str]:
    """Return the modules that a statement, or a function in it, imports."""
    names = []
    for node in ast.walk(statement.node):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif (name := imported_by_call(node)) is not None:
            names.append(name)
        elif isinstance(node, ast.ImportFrom) and node.module != "__future__":
            names.append("." * node.level + (node.module or ""))
    return names


def _imported_attributes(statements: Sequence[Statement]) -> list[str]:
    """Return ``a.b`` for ``from a import b``, which may be a module too."""
    return [
        f"{node.module}.{alias.name}"
        for statement in statements
        for node in ast.walk(statement.node)
        if isinstance(node, ast.ImportFrom) and node.module and not node.level
        for alias in node.names
    ]


@dataclass(frozen=True, slots=True)
class _Need:
    name: str
    point: int
    hard: bool
    parent: int | None
    line: int


class _Slicer:
    """Follows needs to statements, and statements to their needs, until nothing is missing."""

    def __init__(self, events: Events, effects: Effects, findings: Findings) -> None:
        self.events = events
        self.effects = effects
        self.findings = findings
        self.kept: dict[int, tuple[int | None, str]] = {}
        self.left_out: dict[int, Statement] = {}
        self.needed: set[str] = set()
        self._waiting: deque[_Need] = deque()
        self._seen: set[tuple[str, int, bool]] = set()
        self._walked: dict[tuple[str, bool], dict[int, bool]] = {}
        self._missed: set[tuple[str, int, bool]] = set()

    def need(self, name: str, point: int, *, hard: bool, parent: int | None, line: int = 0) -> None:
        """Ask for the statements that give a name its value at a point."""
        self._waiting.append(_Need(name, point, hard, parent, line))

    def keep(self, statement: Statement, parent: int | None, name: str) -> None:
        """Keep a statement, and ask for all that it needs."""
        if statement.index in self.kept:
            return
        self.kept[statement.index] = (parent, name)
        names = statement.names
        index = statement.index
        for needed, line in names.now.items():
            self.need(needed, index, hard=True, parent=index, line=line)
        for needed in names.soft:
            self.need(needed, index, hard=False, parent=index)
        for needed, line in names.later.items():
            hard = needed.isidentifier()
            self.need(needed, self.events.end, hard=hard, parent=index, line=line)
        for needed in sorted(self.effects.of[index].draws_from):
            self.need(needed, index, hard=False, parent=index)
        for needed in sorted(self.effects.drawn_later(statement)):
            self.need(needed, self.events.end, hard=False, parent=index)
        for needed in names.mentions:
            self._hint(needed, index)
        # While it runs, it may call what it uses, and that looks its own names up at this point.
        looked_up: set[str] = set()
        for used in [*names.now, *names.soft]:
            for binder in self.events.binders(used):
                if binder.index < index:
                    looked_up |= self.events.late(binder)
        for late in sorted(looked_up):
            if self.events.version(late, index) not in self._seen:
                self.need(late, index, hard=False, parent=index)

    def _hint(self, name: str, index: int) -> None:
        """Ask for a name that a statement may look up, while it runs or later."""
        for point in (index, self.events.end):
            self.need(name, point, hard=False, parent=index)

    def run(self) -> None:
        """Follow all needs to their end."""
        read: set[int] = set()
        self._follow_all()
        while any(self.events.statements[index].names.looks_up for index in self.kept):
            # What looks names up while it runs may find them in any string.
            for index in self.kept.keys() - read:
                for word in sorted(words_in_strings(self.events.statements[index].node)):
                    if self.events.binders(word):
                        self._hint(word, index)
                if self.events.statements[index].names.looks_up:
                    for text in sorted(templates_in(self.events.statements[index].node)):
                        for name in sorted(matching(text, self.events.names())):
                            self._hint(name, index)
            read |= self.kept.keys()
            if not self._waiting:
                break
            self._follow_all()

    def _follow_all(self) -> None:
        while self._waiting:
            need = self._waiting.popleft()
            key = self.events.version(need.name, need.point)
            if key not in self._seen:
                self._seen.add(key)
                self._follow(need)
            if need.hard and key in self._missed:
                self._missed.discard(key)
                self._report(need)

    def _follow(self, need: _Need) -> None:
        at_end = need.point == self.events.end
        walked = self._walked.setdefault((need.name, at_end), {})
        found = self.events.before(need.name, need.point, walked)
        self.needed.add(need.name)
        for event in found.events:
            if event.kind is Kind.CHANGES and not found.bound:
                continue  # nothing to change; the missing binding is the problem
            self.keep(event.statement, need.parent, need.name)
        if found.deleted is not None and not need.hard and not at_end:
            # What may be looked up where it was deleted must be missing in the app too.
            self.keep(found.deleted, need.parent, need.name)
        for statement in found.left_out:
            self.left_out.setdefault(statement.index, statement)
        if not found.bound:
            self._missed.add(self.events.version(need.name, need.point))

    def _report(self, need: _Need) -> None:
        statement = None if need.parent is None else self.events.statements[need.parent]
        chain = () if need.parent is None else self.chain(need.parent)
        self.findings.missing(
            need.name, need.point, statement, need.line or None, (*chain, need.name)
        )

    def chain(self, index: int) -> tuple[str, ...]:
        """Return the names that lead from a root to a kept statement."""
        names: list[str] = []
        at: int | None = index
        while at is not None:
            at, name = self.kept[at]
            if not names or names[-1] != name:
                names.append(name)
        return tuple(reversed(names))
