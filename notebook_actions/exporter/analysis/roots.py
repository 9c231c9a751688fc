"""What an export starts from: the pages, else the forms, else the actions of a notebook."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from notebook_actions.exporter.analysis.expressions import assignments, root_name
from notebook_actions.exporter.analysis.names import names_of
from notebook_actions.exporter.analysis.scopes import FunctionNode, own_nodes
from notebook_actions.exporter.analysis.statements import Statement
from notebook_actions.exporter.analysis.symbols import Symbols
from notebook_actions.exporter.analysis.vocabulary import is_noise

__all__ = ["Root", "Roots", "find_roots"]

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


@dataclass(frozen=True, slots=True)
class Roots:
    """What was found.

    Attributes
    ----------
    all
        The roots.
    statements
        The statements with a name given to every page and form shown bare.
    hidden
        A statement that makes what would rather be exported where no top-level name holds it.
    """

    all: list[Root]
    statements: list[Statement]
    hidden: Statement | None = None


def find_roots(
    statements: Sequence[Statement], symbols: Symbols, names: Sequence[str] | None
) -> Roots:
    """Return what to export.

    A cell that only shows ``ActionForm(enroll)`` binds no name; its statement becomes
    ``enroll_form = ActionForm(enroll)``.
    """
    if names is not None:
        return Roots([Root("name", name) for name in names], list(statements))
    wanted: tuple[tuple[Kind, str], ...] = (
        ("page", "Page"),
        ("form", "ActionForm"),
        ("action", "action"),
    )
    taken = {name for statement in statements for name in statement.names.binds}
    hidden: Statement | None = None
    for kind, maker in wanted:
        if kind == "action" and hidden is not None:
            break
        finder = _Finder(symbols, kind, maker, taken)
        named = [finder.name_bare(statement) for statement in statements]
        found = dict.fromkeys(name for statement in named for name in finder.made_by(statement))
        if found:
            return Roots([Root(kind, name) for name in found], named, hidden)
        hidden = hidden or next(filter(finder.hides, statements), None)
    return Roots([], list(statements), hidden)


class _Finder:
    """Finds where a notebook makes its pages, its forms, or its actions."""

    def __init__(self, symbols: Symbols, kind: Kind, maker: str, taken: set[str]) -> None:
        self.symbols = symbols
        self.kind = kind
        self.maker = maker
        self.taken = set(taken)
        self.seen: set[str] = set()
        # Functions, and attributes of objects, that give what is looked for.
        self.makers = {
            name
            for name, functions in symbols.functions.items()
            if any(self._returns_one(function) for function in functions)
        } | {
            name
            for name, values in symbols.values.items()
            if any(isinstance(value, ast.Lambda) and self._holds(value.body) for value in values)
        }
        self.attributes = {
            name
            for name, values in symbols.attributes.items()
            if any(self._is_made(value) for value in values)
        }

    def _is_made(self, node: ast.AST) -> bool:
        return self.symbols.makes(node, self.maker)

    def _is_decorated(self, node: ast.AST) -> bool:
        return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and any(
            self.symbols.stands_for(decorator, self.maker) for decorator in node.decorator_list
        )

    def _holds(self, node: ast.AST) -> bool:
        return any(self._is_made(part) for part in ast.walk(node))

    def _returns_one(self, function: FunctionNode) -> bool:
        if isinstance(function, ast.Lambda):
            return False
        made = {name for name, value in assignments(function.body) if self._holds(value)}
        made |= {part.name for part in ast.walk(function)  # type: ignore[attr-defined]
                 if part is not function and self._is_decorated(part)}  # fmt: skip
        return any(
            isinstance(part, ast.Return)
            and part.value is not None
            and (self._holds(part.value) or root_name(part.value) in made)
            for part in own_nodes(function.body)
        )

    def made_by(self, statement: Statement) -> Iterator[str]:
        """Yield the names that a statement binds to what is looked for."""
        if statement.mark == "skip":
            return
        nodes = list(own_nodes([statement.node]))
        decorated = {node.name for node in nodes if self._is_decorated(node)}  # type: ignore[attr-defined]
        for name, value in assignments([statement.node]):
            if any(self._gives_one(node) for node in [value, *_within(value)]):
                yield name
        # pages.append(Page(...)), pages["/a"] = Page(...): the list or dict is the root
        for node in nodes:
            match node:
                case ast.Call(
                    func=ast.Attribute(value=ast.Name(id=name), attr="append" | "add" | "insert"),
                    args=[*_, last],
                ) if self._is_made(last):
                    yield name
                case ast.Assign(targets=[ast.Subscript(value=ast.Name(id=name))], value=value):
                    if self._is_made(value):
                        yield name
        yield from self._collected(statement.node, decorated) or decorated

    def _collected(self, node: ast.stmt, decorated: set[str]) -> list[str]:
        """Return where a loop puts the actions that it defines, one after the other."""
        if not decorated or not isinstance(node, ast.For | ast.While):
            return []
        found = []
        for part in own_nodes([node]):
            match part:
                case ast.Call(
                    func=ast.Attribute(value=ast.Name(id=name), attr="append" | "add"),
                    args=[ast.Name(id=one)],
                ) if one in decorated:
                    found.append(name)
                case ast.Assign(
                    targets=[ast.Subscript(value=ast.Name(id=name))], value=ast.Name(id=one)
                ) if one in decorated:
                    found.append(name)
        return found

    def _gives_one(self, node: ast.AST) -> bool:
        match node:
            case ast.Call(func=ast.Name(id=name)) if name in self.makers:
                return True
            case ast.Attribute(attr=name) if name in self.attributes:
                return True  # form = app.form
        return self._is_made(node)

    def hides(self, statement: Statement) -> bool:
        """Tell whether a statement makes what is looked for where no name holds it."""
        return statement.mark != "skip" and any(
            self._is_made(node) or self._is_decorated(node) for node in ast.walk(statement.node)
        )

    # giving names

    def name_bare(self, statement: Statement) -> Statement:
        """Give names to what a statement makes and only shows, alone or within a layout."""
        if statement.mark == "skip" or self.kind == "action":
            return statement
        lines = []
        for shown in self._shown(statement.node):
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

    def _shown(self, node: ast.stmt) -> Iterator[ast.expr]:
        """Yield the expressions of a statement that only show, serve or export what they make."""
        match node:
            case ast.Expr(value=shown):
                if not isinstance(shown, ast.Call) or self._only_uses(shown):
                    yield shown
            case ast.Assign(value=shown) | ast.AnnAssign(value=ast.expr() as shown):
                if self._is_layout(shown):
                    yield shown
            case ast.With(items=items, body=body):  # with output: display(...)
                if all(is_noise(self.symbols.origin(item.context_expr)) for item in items):
                    for part in body:
                        yield from self._shown(part)

    def _only_uses(self, call: ast.Call) -> bool:
        if self._is_made(call) or self._is_layout(call):
            return True
        if any(self.symbols.stands_for(call, name) for name in ("export", "serve", "make_app")):
            return True
        return isinstance(call.func, ast.Attribute) and self._is_made(call.func.value)

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


def _within(value: ast.expr) -> Iterator[ast.AST]:
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
                yield from _within(child)
