"""Which kept statements run in the async start-up: those that await, and what depends on them.

Those that need a running event loop do too, such as ``asyncio.create_task(refresh())``: a kernel
has one while a cell runs, an import has none.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

from notebook_actions.exporter.analysis.effects import Effect
from notebook_actions.exporter.analysis.expressions import assignments
from notebook_actions.exporter.analysis.needs import Events
from notebook_actions.exporter.analysis.scopes import own_nodes
from notebook_actions.exporter.analysis.statements import Statement
from notebook_actions.exporter.analysis.symbols import Symbols

__all__ = ["needs_loop", "startup_statements"]

_OF_LOOP = frozenset(
    f"asyncio.{name}"
    for name in ("create_task", "ensure_future", "gather", "get_running_loop", "get_event_loop",
                 "current_task", "all_tasks", "shield", "start_server")
)  # fmt: skip


def startup_statements(
    kept: Sequence[Statement], effects: Mapping[int, Effect], events: Events, symbols: Symbols
) -> frozenset[int]:
    """Return the indexes of the statements that cannot run while the module is imported.

    The start-up runs after all other statements. So a statement after the first await joins it
    when it reads what the start-up writes, or writes what the start-up reads or writes; all others
    may stay where they are.
    """
    moved: set[int] = set()
    reads: set[str] = set()
    writes: set[str] = set()
    for statement in kept:
        its_reads = _reads(statement, effects[statement.index].draws_from, events, symbols)
        its_writes = _writes(statement, effects)
        if (
            needs_loop(statement, symbols)
            or its_reads & writes
            or (not _is_import(statement) and its_writes & (reads | writes))
        ):
            moved.add(statement.index)
            reads |= its_reads
            writes |= its_writes
    return frozenset(moved)


def needs_loop(statement: Statement, symbols: Symbols) -> bool:
    """Tell whether a statement can only run where an event loop runs."""
    return statement.names.awaits or _uses_loop([statement.node], symbols, set())


def _uses_loop(nodes: Sequence[ast.AST], symbols: Symbols, seen: set[str]) -> bool:
    for node in own_nodes(nodes):
        if not isinstance(node, ast.Call):
            continue
        if symbols.dotted(node.func) in _OF_LOOP:
            return True
        if isinstance(node.func, ast.Name) and node.func.id not in seen:
            seen.add(node.func.id)
            for function in symbols.functions.get(node.func.id, ()):
                if isinstance(function, ast.FunctionDef) and _uses_loop(
                    function.body, symbols, seen
                ):
                    return True
    return False


def _is_import(statement: Statement) -> bool:
    return isinstance(statement.node, ast.Import | ast.ImportFrom)


def _reads(
    statement: Statement, draws_from: set[str], events: Events, symbols: Symbols
) -> set[str]:
    names = {*statement.names.now, *statement.names.soft, *draws_from}
    if _declares(statement, symbols):
        return names  # a form or page calls nothing while it is made
    for name in list(names):
        for binder in events.binders(name):
            names |= events.late(binder)
    return names


def _declares(statement: Statement, symbols: Symbols) -> bool:
    return any(
        isinstance(value, ast.Call)
        and (symbols.stands_for(value, "Page") or symbols.stands_for(value, "ActionForm"))
        for _, value in assignments([statement.node])
    )


def _writes(statement: Statement, effects: Mapping[int, Effect]) -> set[str]:
    effect = effects[statement.index]
    names = statement.names
    return {*names.binds, *names.deletes, *effect.touched, *effect.draws_from, *effect.seeds}
