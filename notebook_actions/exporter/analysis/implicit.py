"""What statements change by methods that nobody calls by name: ``f"{x}"``, ``if x``.

Python, and any library, may call special methods for whatever object it is given, and the library
of a base class the other ones: validators, observers, ``run``. So, where such a method of a class
of the notebook changes something, each statement that uses what may be, or hold, an instance of
that class is taken to change it. Most such methods change nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from notebook_actions.exporter.analysis.marks import Effect, Knowledge
from notebook_actions.exporter.analysis.scopes import FunctionNode, own_nodes, parameters
from notebook_actions.exporter.analysis.statements import Statement
from notebook_actions.exporter.analysis.vocabulary import (
    SPECIAL_BY_SYNTAX,
    SPECIAL_CHANGES,
    is_standard,
)

__all__ = ["add_implicit_effects"]


def add_implicit_effects(
    statements: Sequence[Statement], knowledge: Knowledge, effects: dict[int, Effect]
) -> None:
    """Add to the effects of the statements what special methods change."""
    for classes in list(knowledge.symbols.classes.values()):
        for cls in classes:
            found = _Active(cls, knowledge)
            if found.changed or found.changes_self or found.draws:
                _add(found, statements, knowledge, effects)


class _Active:
    """What the special methods of a class change besides what they are called for."""

    def __init__(self, cls: ast.ClassDef, knowledge: Knowledge) -> None:
        self.cls = cls
        self.changed: set[str] = set()
        self.draws: set[str] = set()
        self.changes_self = False
        inherits = knowledge.symbols.inherits(cls)
        for method in _methods(cls):
            special = _is_special(method)
            if not (special or inherits) or method.name in SPECIAL_BY_SYNTAX:
                continue
            effect = knowledge.of_function(method)
            self.changed |= effect.changes | effect.sets | effect.trained
            self.draws |= effect.draws_from
            own = parameters(method)[:1]
            asked = special or _is_hook(method, knowledge)
            if asked and method.name not in SPECIAL_CHANGES and effect.parameters & {*own}:
                self.changes_self = True


def _methods(cls: ast.ClassDef) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (one for one in cls.body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef))


def _is_special(method: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    name = method.name
    return (name.startswith("__") and name.endswith("__")) or (
        name == "keys" or name.startswith("_repr_")
    )


def _is_hook(method: ast.FunctionDef | ast.AsyncFunctionDef, knowledge: Knowledge) -> bool:
    """Tell whether a library is told to call a method: ``@field_validator("seats")``."""
    origins = map(knowledge.symbols.origin, method.decorator_list)
    return any(origin is not None and not is_standard(origin) for origin in origins)


def _add(
    active: _Active,
    statements: Sequence[Statement],
    knowledge: Knowledge,
    effects: dict[int, Effect],
) -> None:
    makers, holders = _reached(active.cls, statements, knowledge)
    changed = active.changed | (holders if active.changes_self else set())
    for name in list(changed):
        changed |= knowledge.sharing.group(name) & knowledge.symbols.values.keys()
    for statement in statements:
        names = statement.names
        used = {*names.now, *names.soft, *(names.binds & holders)}
        if used & (makers | holders) and not _only_defines(statement.node):
            effect = effects[statement.index]
            if _is_look(statement.node):
                effect.trials |= (changed | active.draws) - effect.changes
            else:
                effect.through_calls |= changed - effect.changes
                effect.draws_from |= active.draws


def _reached(
    cls: ast.ClassDef, statements: Sequence[Statement], knowledge: Knowledge
) -> tuple[set[str], set[str]]:
    """Return what may make or use an instance, and the names that may be or hold one."""
    symbols = knowledge.symbols
    makers = {cls.name} | {
        name
        for name, classes in symbols.classes.items()
        if any(cls in (*symbols.ancestors(one), *_metaclasses(one, knowledge)) for one in classes)
    }
    holders: set[str] = set()
    while True:
        count = len(makers) + len(holders)
        reached = makers | holders
        for statement in statements:
            node = statement.node
            if (
                isinstance(node, FunctionNode | ast.ClassDef)
                and reached & statement.names.later.keys()
            ):
                makers |= statement.names.binds - symbols.handlers
        for name, values in symbols.values.items():
            if name not in reached and symbols.is_variable(name) and any(
                _mentions(value, makers) or knowledge.sharing.sources(value) & holders
                for value in values
            ):  # fmt: skip
                holders |= {
                    one
                    for one in knowledge.sharing.group(name)
                    if one in symbols.values and symbols.is_variable(one)
                }
        if count == len(makers) + len(holders):
            return makers, holders


def _metaclasses(cls: ast.ClassDef, knowledge: Knowledge) -> Iterator[ast.ClassDef]:
    for keyword in cls.keywords:
        if keyword.arg == "metaclass" and isinstance(keyword.value, ast.Name):
            yield from knowledge.symbols.classes.get(keyword.value.id, ())


def _mentions(node: ast.expr, names: set[str]) -> bool:
    return any(isinstance(part, ast.Name) and part.id in names for part in ast.walk(node))


def _only_defines(node: ast.stmt) -> bool:
    """Tell whether a statement only defines a function, a class or the name of a module."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return not node.decorator_list
    return isinstance(node, ast.Import | ast.ImportFrom)


def _is_look(node: ast.stmt) -> bool:
    """Tell whether a statement is there to show or test something."""
    match node:
        case ast.Assert():
            return True
        case ast.Expr(value=ast.Call(func=ast.Name(id=name))):
            return name in {"print", "display", "repr", "len", "type", "help"}
        case ast.Expr(value=value):
            return not any(
                isinstance(part, ast.Call | ast.Await | ast.NamedExpr | ast.Yield)
                for part in own_nodes([value])
            )
    return False
