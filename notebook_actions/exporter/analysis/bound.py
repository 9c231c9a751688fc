"""Which names are surely bound after the parts of a statement: definite assignment.

What a branch binds may be missing after it; what a part that never ends binds does not count.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence

__all__ = ["Bound"]


class Bound(ast.NodeVisitor):
    """Walks the statements that branch, in the order in which Python runs them.

    Attributes
    ----------
    defined
        Top-level names that are surely bound at this point; None where it is never reached.
    guarded
        How many ``try`` statements around this point catch a ``NameError``.
    """

    def __init__(self) -> None:
        self.defined: set[str] | None = set()
        self.guarded = 0

    def store(self, name: str) -> None:
        """Note that a name is bound."""
        raise NotImplementedError

    def _block(self, body: Iterable[ast.AST], start: set[str] | None) -> set[str] | None:
        """Walk a block that starts with these names bound; return what is bound after it."""
        self.defined = None if start is None else set(start)
        for part in body:
            self.visit(part)
        return self.defined

    def visit_If(self, node: ast.If) -> None:
        """Count what both branches bind."""
        self.visit(node.test)
        start = self.defined
        self.defined = _either(self._block(node.body, start), self._block(node.orelse, start))

    def _loop(self, body: Sequence[ast.stmt], orelse: Sequence[ast.stmt]) -> None:
        start = None if self.defined is None else set(self.defined)
        self._block(body, start)
        self._block(orelse, start)
        self.defined = start

    def _for(self, node: ast.For | ast.AsyncFor) -> None:
        self.visit(node.iter)
        start = None if self.defined is None else set(self.defined)
        self.visit(node.target)
        self._block(node.body, self.defined)
        self._block(node.orelse, start)
        # A loop that never ran would leave its names unbound, but then nobody could use them.
        self.defined = start

    def visit_For(self, node: ast.For) -> None:
        """Count nothing: a loop may run never."""
        self._for(node)

    def visit_AsyncFor(self, node: ast.AsyncFor) -> None:
        """Count nothing: a loop may run never."""
        self._for(node)

    def visit_While(self, node: ast.While) -> None:
        """Count nothing: a loop may run never."""
        self.visit(node.test)
        self._loop(node.body, node.orelse)

    def _with(self, node: ast.With | ast.AsyncWith) -> None:
        for item in node.items:
            self.visit(item.context_expr)
            if item.optional_vars is not None:
                self.visit(item.optional_vars)
        start = None if self.defined is None else set(self.defined)
        after = self._block(node.body, start)
        # `with suppress(...)` may leave its body at any point.
        swallows = any("suppress" in ast.unparse(item.context_expr) for item in node.items)
        self.defined = start if swallows else after

    def visit_With(self, node: ast.With) -> None:
        """Count the body, unless the context swallows what it raises."""
        self._with(node)

    def visit_AsyncWith(self, node: ast.AsyncWith) -> None:
        """Count the body, unless the context swallows what it raises."""
        self._with(node)

    def _try(self, node: ast.Try | ast.TryStar) -> None:
        start = self.defined
        guarded = any(_catches_name_error(handler) for handler in node.handlers)
        self.guarded += guarded
        done = self._block(node.body, start)
        self.guarded -= guarded
        after = self._block(node.orelse, done)
        for handler in node.handlers:
            self.defined = None if start is None else set(start)
            if handler.type is not None:
                self.visit(handler.type)
            if handler.name:
                self.store(handler.name)
            end = self._block(handler.body, self.defined)
            if handler.name and end is not None:
                end.discard(handler.name)
            after = _either(after, end)
        reached = self._block(node.finalbody, start)
        self.defined = None if after is None or reached is None else after | reached

    def visit_Try(self, node: ast.Try) -> None:
        """Count what every way through binds."""
        self._try(node)

    def visit_TryStar(self, node: ast.TryStar) -> None:
        """Count what every way through binds."""
        self._try(node)

    def visit_Match(self, node: ast.Match) -> None:
        """Count what every case binds."""
        self.visit(node.subject)
        start = self.defined
        after: set[str] | None = None
        complete = False
        for case in node.cases:
            self.defined = None if start is None else set(start)
            self.visit(case.pattern)
            if case.guard is not None:
                self.visit(case.guard)
            after = _either(after, self._block(case.body, self.defined))
            complete = complete or (
                case.guard is None
                and isinstance(case.pattern, ast.MatchAs)
                and case.pattern.pattern is None
            )
        self.defined = after if complete else _either(after, start)

    def _leaves(self, node: ast.stmt) -> None:
        self.generic_visit(node)
        self.defined = None

    def visit_Raise(self, node: ast.Raise) -> None:
        """Reach nothing after it."""
        self._leaves(node)

    def visit_Return(self, node: ast.Return) -> None:
        """Reach nothing after it."""
        self._leaves(node)

    def visit_Break(self, node: ast.Break) -> None:
        """Reach nothing after it."""
        self._leaves(node)

    def visit_Continue(self, node: ast.Continue) -> None:
        """Reach nothing after it."""
        self._leaves(node)


def _either(one: set[str] | None, other: set[str] | None) -> set[str] | None:
    """Return what is bound after one of two branches; None stands for one that never ends."""
    if one is None or other is None:
        return other if one is None else one
    return one & other


def _catches_name_error(handler: ast.ExceptHandler) -> bool:
    caught = [] if handler.type is None else ast.walk(handler.type)
    names = {part.id for part in caught if isinstance(part, ast.Name)}
    return handler.type is None or bool(names & {"NameError", "Exception", "BaseException"})
