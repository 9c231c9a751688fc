"""What an export starts from: the pages, else the forms, else the actions of a notebook."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from notebook_actions.exporter.analysis.names import names_of
from notebook_actions.exporter.analysis.scopes import own_nodes
from notebook_actions.exporter.analysis.statements import Statement
from notebook_actions.exporter.analysis.symbols import Symbols, assignments
from notebook_actions.exporter.analysis.vocabulary import is_noise

__all__ = ["Root", "find_roots"]

Kind = Literal["page", "form", "action", "name"]


@dataclass(frozen=True, slots=True)
class Root:
    """One thing to export.

    Attributes
    ----------
    kind
        What it is; ``"name"`` where the caller gave the name.
    name
        The top-level name that holds it in the exported module: a page, form or action, or a
        list or dict of them.
    """

    kind: Kind
    name: str


def find_roots(
    statements: Sequence[Statement], symbols: Symbols, names: Sequence[str] | None
) -> tuple[list[Root], list[Statement]]:
    """Return the roots, and the statements with a name given to every page and form shown bare.

    A cell that only shows ``ActionForm(enroll)`` binds no name; its statement becomes
    ``enroll_form = ActionForm(enroll)``.
    """
    if names is not None:
        return [Root("name", name) for name in names], list(statements)
    wanted: tuple[tuple[Kind, str], ...] = (("page", "Page"), ("form", "ActionForm"))
    for kind, maker in wanted:
        finder = _Finder(symbols, kind, maker, {n for s in statements for n in s.names.binds})
        changed = [finder.name_bare(statement) for statement in statements]
        found = dict.fromkeys(name for statement in changed for name in finder.made_by(statement))
        if found:
            return [Root(kind, name) for name in found], changed
    actions = dict.fromkeys(
        name for statement in statements for name in _actions(statement, symbols)
    )
    return [Root("action", name) for name in actions], list(statements)


def _actions(statement: Statement, symbols: Symbols) -> Iterator[str]:
    if statement.mark == "skip":
        return
    for node in own_nodes([statement.node]):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and any(
            symbols.stands_for(decorator, "action") for decorator in node.decorator_list
        ):
            yield node.name
    for name, value in assignments([statement.node]):
        if isinstance(value, ast.Call) and (
            symbols.stands_for(value, "action")
            or (isinstance(value.func, ast.Call) and symbols.stands_for(value.func, "action"))
        ):
            yield name


class _Finder:
    """Finds where a notebook makes its pages, or its forms."""

    def __init__(self, symbols: Symbols, kind: Kind, maker: str, taken: set[str]) -> None:
        self.symbols = symbols
        self.kind = kind
        self.maker = maker
        self.taken = set(taken)
        self.seen: set[str] = set()
        self.makers = {
            name
            for name, functions in symbols.functions.items()
            if any(self._returns_one(function) for function in functions)
        }

    def _is_made(self, node: ast.AST) -> bool:
        return isinstance(node, ast.Call) and self.symbols.stands_for(node, self.maker)

    def _returns_one(self, function: ast.AST) -> bool:
        return any(
            isinstance(part, ast.Return)
            and part.value is not None
            and any(self._is_made(inner) for inner in ast.walk(part.value))
            for part in ast.walk(function)
        )

    def made_by(self, statement: Statement) -> Iterator[str]:
        """Yield the names that a statement binds to what is looked for."""
        if statement.mark == "skip":
            return
        for name, value in assignments([statement.node]):
            if any(
                self._is_made(node)
                or (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Name)
                    and node.func.id in self.makers
                )
                for node in _within(value, self.symbols)
            ):
                yield name
        # pages.append(Page(...)), pages["/a"] = Page(...): the list or dict is the root
        for node in own_nodes([statement.node]):
            match node:
                case ast.Call(
                    func=ast.Attribute(value=ast.Name(id=name), attr="append" | "add" | "insert"),
                    args=[*_, last],
                ) if self._is_made(last):
                    yield name
                case ast.Assign(targets=[ast.Subscript(value=ast.Name(id=name))], value=value):
                    if self._is_made(value):
                        yield name

    def name_bare(self, statement: Statement) -> Statement:
        """Give names to what a statement makes and only shows, alone or within a layout."""
        if statement.mark == "skip":
            return statement
        match statement.node:
            case ast.Expr(value=shown):
                pass
            case ast.Assign(value=shown) | ast.AnnAssign(value=ast.expr() as shown):
                if not self._is_layout(shown):
                    return statement
            case _:
                return statement
        if isinstance(shown, ast.Call) and not (self._is_made(shown) or self._is_layout(shown)):
            return statement
        lines = []
        for call in self._outermost(shown):
            text = ast.get_source_segment(statement.cell.source, call) or ast.unparse(call)
            if ast.dump(call) not in self.seen:
                self.seen.add(ast.dump(call))
                lines.append(f"{self._new_name(call)} = {text}")
        if not lines:
            return statement
        text = "\n".join(lines)
        body = ast.parse(text).body
        node = body[0] if len(body) == 1 else ast.If(ast.Constant(True), body, [])
        ast.fix_missing_locations(node)
        for part in ast.walk(node):
            if isinstance(part, ast.stmt | ast.expr):
                part.lineno += statement.line - 1
        return replace(statement, node=node, text=text, names=names_of(node))

    def _is_layout(self, node: ast.expr) -> bool:
        if not isinstance(node, ast.Call):
            return False
        origin = self.symbols.origin(node.func)
        is_display = isinstance(node.func, ast.Name) and node.func.id == "display"
        return is_display or (is_noise(origin) and origin != "notebook_actions")

    def _outermost(self, node: ast.AST) -> Iterator[ast.expr]:
        if self._is_made(node) and isinstance(node, ast.expr):
            yield node
            return
        for child in ast.iter_child_nodes(node):
            yield from self._outermost(child)

    def _new_name(self, call: ast.expr) -> str:
        stem: str = self.kind
        match call:
            case ast.Call(args=[ast.Name(id=action), *_]) if self.kind == "form":
                stem = f"{action}_form"
        name, count = stem, 1
        while name in self.taken:
            count += 1
            name = f"{stem}_{count}"
        self.taken.add(name)
        return name


def _within(value: ast.expr, symbols: Symbols) -> Iterator[ast.AST]:
    """Yield the parts of a value that are the value's own: not the arguments of a layout."""
    if isinstance(value, ast.Call):
        yield value
        return
    if isinstance(value, ast.Lambda):
        return
    for child in ast.iter_child_nodes(value):
        if isinstance(child, ast.expr | ast.comprehension):
            yield child
            if not isinstance(child, ast.Call) and isinstance(child, ast.expr):
                yield from _within(child, symbols)
