"""What the slice tells the author: why a name is missing, and what to know about what is kept."""

from __future__ import annotations

import ast
import builtins
import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise

from notebook_actions.exporter.analysis.effects import Effects
from notebook_actions.exporter.analysis.expressions import assignments, root_name
from notebook_actions.exporter.analysis.magics import magic_call
from notebook_actions.exporter.analysis.modules import LocalModules
from notebook_actions.exporter.analysis.needs import Events
from notebook_actions.exporter.analysis.own_names import (
    scans,
    scans_of_objects,
    texts_of_classes,
    uses_of_name,
)
from notebook_actions.exporter.analysis.problems import Problem, problem
from notebook_actions.exporter.analysis.remembered import holds_state
from notebook_actions.exporter.analysis.repeats import superseded
from notebook_actions.exporter.analysis.run_files import why_no_module
from notebook_actions.exporter.analysis.scopes import returns_value
from notebook_actions.exporter.analysis.startup import needs_loop
from notebook_actions.exporter.analysis.statements import Statement, Statements, compares_name
from notebook_actions.exporter.analysis.symbols import Symbols
from notebook_actions.exporter.analysis.vocabulary import WIDGETS, belongs_to_process

__all__ = ["Findings"]

Chain = tuple[str, ...]

# Names that every module, or every IPython shell, has without binding them.
_ALWAYS = {*dir(builtins), "__file__", "display", "get_ipython", "__annotations__"}
_HISTORY = re.compile(r"_{1,3}|_\d+|_i{1,3}|_i\d+|_[oid]h|In|Out")
# Packages whose objects stand for something outside the process.
_CONNECTIONS = {"sqlalchemy", "sqlite3", "sqlmodel", "psycopg", "psycopg2", "redis", "pymongo"}
_CONNECTIONS |= {"motor", "aiosqlite", "databases", "peewee", "duckdb", "logging", "httpx"}


class Findings:
    """Collects the problems of one slice."""

    def __init__(
        self,
        split: Statements,
        symbols: Symbols,
        effects: Effects,
        events: Events,
        modules: LocalModules,
        values: Mapping[str, object],
    ) -> None:
        self.split = split
        self.symbols = symbols
        self.effects = effects
        self.events = events
        self.modules = modules
        self.values = values
        self.frozen: dict[str, str] = {}
        self._problems: dict[tuple[object, ...], Problem] = {}

    def add(self, one: Problem) -> None:
        """Note a problem once."""
        self._problems.setdefault((one.code, one.cell, one.name, one.line), one)

    def sorted(self) -> tuple[Problem, ...]:
        """Return all problems, errors first, in the order of the cells."""
        return tuple(sorted(self._problems.values(), key=lambda one: one.sort_key))

    def _note(
        self,
        code: str,
        statement: Statement | None,
        name: str | None,
        why: Chain = (),
        detail: object = "",
        line: int | None = None,
    ) -> None:
        cell = None if statement is None else statement.cell.number
        if statement is not None and line is None:
            line = statement.line
        self.add(problem(code, cell=cell, line=line, name=name, why=why, detail=detail))

    # names that nothing gives a value

    def missing(
        self, name: str, point: int, statement: Statement | None, line: int | None, why: Chain
    ) -> None:
        """Report that nothing binds a name at the point where it is needed, if that is wrong."""
        if name in _ALWAYS or (name.startswith("__") and name.endswith("__") and len(name) > 4):
            return  # get_ipython is dealt with where the statement is kept
        later = [one for one in self.events.binders(name) if one.index >= point]
        if later:
            self._note("E102", statement, name, why, later[0].cell.number, line)
            return
        deleted = self.events.before(name, point).deleted
        if deleted is not None:
            self._note("E109", deleted, name, why)
            return
        if _HISTORY.fullmatch(name):
            self._note("E104", statement, name, why, line=line)
            return
        if any(name in one.names.sets for one in self.split.all):
            if self._unset_as_in_notebook(name, point):
                return
            self._note("E105", statement, name, why, line=line)
            return
        if name in self.split.unreached:
            cell = self.split.unreached[name]
            self.add(problem("E112", cell=cell.number, line=cell.failed, name=name, why=why))
            return
        for cell, at, message in self.split.broken:
            if _seems_to_bind(cell.source, name):
                place = {"cell": cell.number, "line": at}
                self.add(problem("E106", **place, name=name, why=why, detail=message))
                return
        if name in self.values and (text := _literal(self.values[name])) is not None:
            self.frozen[name] = text
            self._note("W211", statement, name, why, line=line)
            return
        for cell, magic, given in self.split.magics:
            line_magic = not magic.startswith("%%") and re.search(rf"\b{re.escape(name)}\b", given)
            if line_magic or _seems_to_bind(given, name):
                self._note("E117", statement, name, why, f"{magic} in cell {cell.number}", line)
                return
        for _, module in self.split.stars:
            if module in self.modules.unreadable:
                path = self.modules.unreadable[module]
                self._note("E111", statement, name, why, path, line)
            else:
                self._note("E108", statement, name, why, module, line)
            return
        self._note("E101", statement, name, why, self._remedy(name), line)

    def _unset_as_in_notebook(self, name: str, point: int) -> bool:
        """Tell whether a name that functions set is used by functions only, and none has run."""
        ran = any(name in effect.sets for effect in self.effects.of.values())
        return point == self.events.end and name not in self.values and not ran

    def _remedy(self, name: str) -> str:
        if any(one.mark == "skip" and name in one.names.binds for one in self.split.all):
            return "Its definition is marked `# export: skip`."
        if any(
            one.names.dynamic is not None and name in ast.unparse(one.node)
            for one in self.split.all
            if not isinstance(one.node, ast.FunctionDef | ast.AsyncFunctionDef)
        ):
            return "What exec() or globals() define cannot be followed: assign it in plain Python."
        for one in self.split.all:
            for magic in filter(None, map(magic_call, ast.walk(one.node))):
                if magic.startswith("%run"):
                    place = f"cell {one.cell.number}"
                    return f"If {magic} in {place} defines it: put that at the start of a line."
        close = difflib.get_close_matches(name, self.events.names(), n=1, cutoff=0.7)
        close = close or difflib.get_close_matches(name, dir(builtins), n=1, cutoff=0.85)
        if close:
            return f"Did you mean `{close[0]}`?"
        return "Define it in a cell, or import it."

    def hidden(self, statement: Statement, *, instead: bool) -> None:
        """Report a page or form that no top-level name holds; something is exported instead."""
        code = "W217" if instead else "E116"
        self._note(code, statement, statement.title, detail=statement.summary)

    # what is kept

    def review(
        self,
        kept: Sequence[Statement],
        chain: Callable[[int], Chain],
        left_out: Mapping[int, Statement],
        needed: set[str],
    ) -> None:
        """Look through the kept statements, and what was left out beside them."""
        indexes = {statement.index for statement in kept}
        for statement in kept:
            self._review(statement, chain(statement.index))
        for statement in self.split.all:
            if statement.index in indexes or statement.mark == "skip":
                continue
            if self.effects.of[statement.index].wild:
                self._note("W216", statement, None, detail=statement.summary)
                continue
            trials = self.effects.of[statement.index].trials & needed
            if statement.index in left_out or any(map(self._has_state, trials)):
                self._note("W206", statement, None, detail=f"`{statement.summary}`")
        self._halted(needed)
        self._state(kept)

    def _halted(self, needed: set[str]) -> None:
        """Warn about what a statement that ended with an error may have changed before."""
        for statement in self.split.halted:
            for name in sorted(self.effects.of_halted(statement).touched & needed):
                later = (one for one in self.events.binders(name) if one.index >= statement.index)
                if statement.mark != "skip" and not any(name in one.names.surely for one in later):
                    self._note("W218", statement, name, detail=f"`{statement.summary}`")

    def _has_state(self, name: str) -> bool:
        """Tell whether a name is a variable, or belongs to a module that the notebook brings."""
        return self.symbols.is_variable(name) or any(
            self.modules.find(imported.module) is not None
            for imported in self.symbols.imports.get(name, ())
        )

    def _review(self, statement: Statement, why: Chain) -> None:
        names = statement.names
        name = why[-1] if why else statement.title
        if statement.magic is not None:
            self._note("E103", statement, name, why, statement.magic)
        elif "get_ipython" in names.now or "get_ipython" in names.later:
            magic = next(filter(None, map(magic_call, ast.walk(statement.node))), "get_ipython()")
            self._note("E110", statement, statement.title, why, magic)
        if any(map(compares_name, ast.walk(statement.node))):
            self._note("E120", statement, statement.title, why)
        else:
            for part, words in uses_of_name(statement.node, self.symbols):
                self._note("E115", statement, name, why, words, self._line(statement, part))
        for part, words in texts_of_classes(statement.node, self.symbols):
            self._note("W223", statement, name, why, words, self._line(statement, part))
        for part in scans(statement.node):
            words = f"`{ast.unparse(part)}`"
            self._note("E114", statement, name, why, words, self._line(statement, part))
        for part, words in scans_of_objects(statement.node, self.symbols):
            self._note("W224", statement, name, why, words, self._line(statement, part))
        if statement.in_main:
            self._note("W205", statement, name, why)
        if statement.cell.failed == 0:
            self._note("W214", statement, name, why)
        if names.dynamic is not None:
            self._note("W208", statement, None, why, line=names.dynamic)
        if needs_loop(statement, self.symbols):
            self._note("W202", statement, statement.title, why)
        self._displays(statement, why)
        self._of_process(statement, why)
        self._widgets(statement, why)
        if isinstance(statement.node, ast.ImportFrom) and statement.node.module in self.modules.run:
            self._note("W209", statement, None, why, self.modules.run[statement.node.module])
            self._run_file(statement, statement.node.module, why)
        self._kept_call(statement, why)

    def _line(self, statement: Statement, part: ast.expr) -> int:
        """Return the line of a part of a statement; some parts have none."""
        return getattr(part, "lineno", statement.line)

    def _run_file(self, statement: Statement, name: str, why: Chain) -> None:
        reason = why_no_module(name, statement, self.split.all, self.events, self.effects.of,
                               self.modules)  # fmt: skip
        if reason is not None:
            place = {"cell": statement.cell.number, "line": statement.line}
            detail = self.modules.run[name]
            self.add(problem("E119", name=name, why=why, detail=detail, remedy=reason, **place))

    def _displays(self, statement: Statement, why: Chain) -> None:
        used = statement.names.now | statement.names.later
        if "display" in used and (
            not self.events.binders("display") or self.symbols.imports["display"]
        ):
            self._note("W207", statement, "display", why, line=used["display"])

    def _of_process(self, statement: Statement, why: Chain) -> None:
        """Note engines, connections, pools and locks that are made at the top level."""
        for name, value in assignments([statement.node]):
            called = value.value if isinstance(value, ast.Await) else value
            if not isinstance(called, ast.Call):
                continue
            match called.func:
                case ast.Name(id=made) | ast.Attribute(attr=made):
                    if belongs_to_process(made) and self.symbols.origin(called) is not None:
                        self._note("W219", statement, name, why, made)

    def _widgets(self, statement: Statement, why: Chain) -> None:
        node = statement.node
        if self._is_widget(statement):
            self._note("E107", statement, why[-1], why)
        elif isinstance(node, ast.Import | ast.ImportFrom) and len(why) > 1:
            if any(map(self._is_widget, self.events.binders(why[-2]))):
                return  # told of that statement
            module = node.module if isinstance(node, ast.ImportFrom) else node.names[0].name
            if module and module.partition(".")[0] in WIDGETS:
                for user in self.events.binders(why[-2]):
                    for one in getattr(user.node, "decorator_list", []):
                        if root_name(one) == why[-1]:
                            made = ast.unparse(one.func if isinstance(one, ast.Call) else one)
                            self._note("E121", user, why[-2], why, made, one.lineno)
                            return
                self._note("E107", statement, why[-2], why)

    def _is_widget(self, statement: Statement) -> bool:
        node = statement.node
        return isinstance(node, ast.Assign) and self.symbols.origin(node.value) in WIDGETS

    def _kept_call(self, statement: Statement, why: Chain) -> None:
        changed = self.effects.of[statement.index].through_calls
        match statement.node:
            case ast.Expr(value=ast.Call(func=ast.Name(id=function))) if changed:
                if any(map(returns_value, self.symbols.functions.get(function, ()))):
                    self._note("W215", statement, why[-1], why, statement.summary)

    def _state(self, kept: Sequence[Statement]) -> None:
        """Warn about objects of the module that an action changes."""
        for statement in kept:
            for name in statement.names.binds & self.symbols.handlers:
                changed: set[str] = set()
                for function in self.symbols.functions[name]:
                    effect = self.effects.of_function(function)
                    changed |= effect.changes | effect.sets
                for one in sorted(changed):
                    origin = self.symbols.origin(ast.Name(one, ast.Load()))
                    if holds_state(one, self.symbols) and origin not in _CONNECTIONS:
                        self._note("W210", statement, one, (name, one))

    def runs(
        self,
        repeated: Mapping[int, int],
        kept: Sequence[Statement],
        chain: Callable[[int], Chain],
        needed: set[str],
    ) -> None:
        """Look at the order of the runs: what ran again, and what has been edited since."""
        again: dict[tuple[str, str], tuple[Statement, int]] = {}
        for index, times in repeated.items():
            statement = self.split.all[index]
            effect = self.effects.of[index]
            if (statement.names.binds | effect.touched) & needed:
                again[statement.cell.key, statement.text] = (statement, times)
        for statement, times in again.values():
            self._note("W201", statement, statement.title, detail=times)
        for statement in superseded(self.split.all, kept):
            why = chain(statement.index)
            self._note("W225", statement, why[-1] if why else statement.title, why)
        cells = dict.fromkeys(statement.cell for statement in kept)
        counts = [cell.execution_count for cell in cells if cell.execution_count is not None]
        if any(one > other for one, other in pairwise(counts)):
            self.add(problem("W212"))


def _seems_to_bind(text: str, name: str) -> bool:
    word = re.escape(name)
    pattern = (
        rf"(?:^|[;:])\W*(?:((async\s+)?def|class)\s+{word}\b|{word}\b[^=\n]*=)|"
        rf"\bimport\b.*\b{word}\b"
    )
    return re.search(pattern, text, re.MULTILINE) is not None


def _literal(value: object) -> str | None:
    """Return the text of a plain value, or None where it is not one."""
    if not _is_plain(value):
        return None
    text = repr(value)
    try:
        return text if ast.literal_eval(text) == value and len(text) < 10_000 else None
    except (ValueError, SyntaxError):
        return None


def _is_plain(value: object) -> bool:
    if isinstance(value, dict):
        return type(value) is dict and all(map(_is_plain, [*value.keys(), *value.values()]))
    if type(value) in {list, tuple, set}:
        parts: Iterable[object] = value  # type: ignore[assignment]
        return all(map(_is_plain, parts))
    return value is None or type(value) in {bool, int, float, str, bytes}
