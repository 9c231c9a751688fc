"""Which statements give a name its value: at a point in the notebook, and at its end.

Every statement that binds a name, may bind it, changes its object or sets up its module is an
event of that name. What a name means at a point is the last sure binding before it, with the
other events since.
"""

from __future__ import annotations

import ast
import builtins
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Container, Sequence
from dataclasses import dataclass
from enum import Enum

from notebook_actions.exporter.analysis.effects import Effect
from notebook_actions.exporter.analysis.statements import Statement
from notebook_actions.exporter.analysis.symbols import Symbols

__all__ = ["Event", "Events", "Found", "Kind"]

_BUILTINS = frozenset(dir(builtins))


class Kind(Enum):
    """What a statement does to a name."""

    BINDS = "binds"
    MAY_BIND = "may bind"
    CHANGES = "changes"
    SETS_UP = "sets up"
    BEGINS = "begins anew"
    DELETES = "deletes"


@dataclass(frozen=True, slots=True)
class Event:
    """One statement's doing to one name."""

    statement: Statement
    kind: Kind


@dataclass(frozen=True, slots=True)
class Found:
    """What gives a name its value at some point.

    Attributes
    ----------
    events
        The events to be kept, the latest first.
    left_out
        Statements that set up its module, which matters for values computed at once only.
    bound
        Whether the name is bound at that point.
    deleted
        The statement that deleted it, or None.
    """

    events: list[Event]
    left_out: list[Statement]
    bound: bool
    deleted: Statement | None


class Events:
    """The events of all names, in working order; statements by index in ``without`` have none."""

    def __init__(
        self,
        statements: Sequence[Statement],
        effects: dict[int, Effect],
        symbols: Symbols,
        without: Container[int] = (),
    ) -> None:
        self.statements = statements
        self.end = len(statements)
        self._of: defaultdict[str, list[Event]] = defaultdict(list)
        for statement in statements:
            if statement.mark != "skip" and statement.index not in without:
                self._add(statement, effects[statement.index], symbols)
        kinds = (Kind.BINDS, Kind.MAY_BIND)
        self._binders = {
            name: [event.statement for event in events if event.kind in kinds]
            for name, events in self._of.items()
        }
        self._late: dict[int, frozenset[str]] = {}

    def _add(self, statement: Statement, effect: Effect, symbols: Symbols) -> None:
        names = statement.names
        kinds: dict[str, Kind] = {}
        for package in effect.sets_up:
            kinds.update(dict.fromkeys(symbols.from_module(package), Kind.SETS_UP))
        kinds.update(dict.fromkeys(effect.draws_from, Kind.SETS_UP))
        seeding = Kind.BEGINS if _is_call_of_module(statement.node, symbols) else Kind.SETS_UP
        kinds.update(dict.fromkeys(effect.seeds, seeding))
        kinds.update(dict.fromkeys(effect.touched, Kind.CHANGES))
        kinds.update(dict.fromkeys(names.deletes, Kind.DELETES))
        kinds.update(dict.fromkeys(names.binds, Kind.MAY_BIND))
        if not _adds_a_case(statement.node):
            kinds.update(dict.fromkeys(names.surely, Kind.BINDS))
        for name, kind in kinds.items():
            self._of[name].append(Event(statement, kind))

    def binders(self, name: str) -> list[Statement]:
        """Return all statements that bind a name."""
        return self._binders.get(name, [])

    def names(self) -> list[str]:
        """Return all names that are bound anywhere."""
        return [name for name in self._of if self.binders(name)]

    def version(self, name: str, point: int) -> tuple[str, int, bool]:
        """Return what is the same for all points between which a name means the same."""
        events = self._of.get(name, [])
        count = bisect_left(events, point, key=lambda event: event.statement.index)
        return name, count, point == self.end

    def before(self, name: str, point: int, walked: dict[int, bool] | None = None) -> Found:
        """Return what gives a name its value before a statement.

        Parameters
        ----------
        name
            The name.
        point
            The statement's place in working order; ``end`` for the end of the notebook.
        walked
            The versions of the name that were asked for before, and whether each was bound. The
            events of these are not given again, so that asking for all costs one walk.
        """
        found: list[Event] = []
        left_out: list[Statement] = []
        imports: dict[str, Event] = {}
        family = None
        bound = not name.isidentifier()  # random numbers, what functions import
        deleted = None
        version = self.version(name, point)[1]
        events = self._of.get(name, [])
        passed: list[int] = []
        while version > 0:
            if walked is not None and family is None:
                if version in walked:
                    bound = bound or walked[version]
                    break
                passed.append(version)
            version -= 1
            event = events[version]
            statement = event.statement
            match event.kind:
                case Kind.BINDS if family is not None:
                    # A repeated import adds nothing, and `import a.b` adds to `import a`: the
                    # first of each is kept.
                    if _family(statement.node) != family:
                        break
                    imports[ast.unparse(statement.node)] = event
                case Kind.BINDS:
                    bound = True
                    family = _family(statement.node)
                    if family is None:
                        found.append(event)
                        break
                    imports[ast.unparse(statement.node)] = event
                case Kind.DELETES if name in _BUILTINS:
                    found.append(event)  # it means the builtin again
                case Kind.DELETES:
                    deleted = None if bound else statement
                    break
                case Kind.SETS_UP if point == self.end:
                    left_out.append(statement)
                case Kind.BEGINS if point == self.end:
                    left_out.append(statement)
                    break
                case Kind.BEGINS:
                    found.append(event)
                    break
                case kind:
                    bound = bound or kind is Kind.MAY_BIND
                    found.append(event)
        found += imports.values()
        if walked is not None:
            start = family is not None or walked.get(version, False)
            for one in reversed(passed):
                start = start or events[one - 1].kind in (Kind.BINDS, Kind.MAY_BIND)
                walked[one] = start
        return Found(found, left_out, bound, deleted)

    def late(self, statement: Statement) -> frozenset[str]:
        """Return the names that may be looked up when something made by a statement is called."""
        if statement.index not in self._late:
            names: set[str] = set()
            seen = {statement.index}
            waiting = [statement]
            while waiting:
                one = waiting.pop()
                names.update(one.names.later)
                for name in [*one.names.later, *one.names.now, *one.names.soft]:
                    for binder in self.binders(name):
                        if binder.index not in seen:
                            seen.add(binder.index)
                            waiting.append(binder)
            self._late[statement.index] = frozenset(names)
        return self._late[statement.index]


def _is_call_of_module(node: ast.stmt, symbols: Symbols) -> bool:
    match node:
        case ast.Expr(value=ast.Call(func=function)):
            return symbols.dotted(function) is not None
    return False


def _adds_a_case(node: ast.stmt) -> bool:
    """Tell whether a function joins those of its name before it: ``@dispatch(int)``."""
    return any(
        re.search(r"\b(?:dispatch|multimethod|overload)\b", ast.unparse(decorator))
        for decorator in getattr(node, "decorator_list", [])
    )


def _family(node: ast.stmt) -> str | None:
    """Return what is the same for imports that bind the same module to the same name."""
    match node:
        case ast.Import(names=[ast.alias(name=module, asname=None)]):
            return "import " + module.partition(".")[0]
        case ast.Import(names=[_]) | ast.ImportFrom(names=[_]):
            return ast.unparse(node)
    return None
