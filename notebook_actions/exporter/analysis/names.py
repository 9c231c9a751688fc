"""Which names a top-level statement binds, needs at once, and needs later.

"At once" is what is evaluated while the statement runs; "later" is what stands in the bodies of
functions, which look their names up whenever they are called. Scopes are followed as Python does,
but by an own walk over the syntax tree: the standard ``symtable`` refuses top-level ``await`` on
Python 3.14 and knows nothing about order within a statement.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from notebook_actions.exporter.analysis.bound import Bound
from notebook_actions.exporter.analysis.scopes import (
    FunctionNode,
    bound_names,
    imported_name,
    local_names,
    own_nodes,
)
from notebook_actions.exporter.analysis.strings import (
    dynamic_lookup,
    looks_names_up,
    names_in_annotation,
    names_in_arguments,
    names_in_query,
    names_in_subscript,
)

__all__ = ["Names", "names_of"]


@dataclass(frozen=True, slots=True)
class Names:
    """The names of one statement, as seen from the top level.

    Attributes
    ----------
    binds
        Names that it may bind.
    surely
        Those that it binds whenever it ends without an error.
    deletes
        Names that it deletes.
    now
        Names that it needs while it runs, each with the line of its first use.
    soft
        Names that it may need while it runs, which is no error where they are not bound.
    later
        Names that functions defined in it need when they are called, with the line.
    mentions
        Names that stand in strings; hints that are followed where they are bound.
    sets
        Names that functions defined in it rebind by ``global``.
    awaits
        Whether it awaits at the top level.
    dynamic
        The line of an ``eval``, ``exec`` or ``globals()`` in it, or None.
    looks_up
        Whether it may look up names that stand in strings anywhere.
    """

    binds: frozenset[str]
    surely: frozenset[str]
    deletes: frozenset[str]
    now: dict[str, int]
    soft: frozenset[str]
    later: dict[str, int]
    mentions: frozenset[str]
    sets: frozenset[str]
    awaits: bool
    dynamic: int | None
    looks_up: bool


def names_of(node: ast.stmt, *, postponed: bool = False) -> Names:
    """Return the names of a top-level statement.

    Parameters
    ----------
    node
        The statement.
    postponed
        Whether ``from __future__ import annotations`` is in force.
    """
    walker = _Walker(postponed)
    walker.visit(node)
    defined = walker.defined
    return Names(
        frozenset(walker.binds),
        frozenset(walker.binds if defined is None else walker.binds & defined),
        frozenset(walker.deletes),
        walker.now,
        frozenset(walker.soft - walker.now.keys()),
        walker.later,
        frozenset(walker.mentions),
        frozenset(walker.sets),
        walker.awaits,
        walker.dynamic,
        walker.looks_up,
    )


@dataclass(slots=True)
class _Scope:
    kind: Literal["function", "class", "comprehension", "types"]
    names: set[str]
    declared: set[str] = field(default_factory=set)


class _Walker(Bound, ast.NodeVisitor):
    """Walks a statement in the order in which Python evaluates it."""

    def __init__(self, postponed: bool) -> None:
        super().__init__()
        self.postponed = postponed
        self.scopes: list[_Scope] = []
        self.binds: set[str] = set()
        self.deletes: set[str] = set()
        self.now: dict[str, int] = {}
        self.soft: set[str] = set()
        self.later: dict[str, int] = {}
        self.mentions: set[str] = set()
        self.sets: set[str] = set()
        self.awaits = False
        self.dynamic: int | None = None
        self.looks_up = False

    # names

    def _in_function(self) -> bool:
        return any(scope.kind == "function" for scope in self.scopes)

    def load(self, name: str, line: int) -> None:
        innermost = True
        for scope in reversed(self.scopes):
            if name in scope.declared:
                break
            if name in scope.names and (scope.kind != "class" or innermost):
                return
            innermost = innermost and scope.kind == "types"
        if self._in_function():
            self.later.setdefault(name, line)
        elif self.defined is None or name in self.defined:
            return
        elif self.guarded or name in self.binds:
            self.soft.add(name)
        else:
            self.now.setdefault(name, line)

    def store(self, name: str) -> None:
        inner = ("comprehension", "types")
        owner = next((s for s in reversed(self.scopes) if s.kind not in inner), None)
        if owner is None:
            self.binds.add(name)
            if self.defined is not None:
                self.defined.add(name)
        elif name in owner.declared:
            (self.sets if self._in_function() else self.binds).add(name)
        else:
            owner.names.add(name)

    def visit_Name(self, node: ast.Name) -> None:
        match node.ctx:
            case ast.Store():
                if self.scopes and self.scopes[-1].kind == "comprehension":
                    self.scopes[-1].names.add(node.id)
                else:
                    self.store(node.id)
            case ast.Del() if not self.scopes:
                self.load(node.id, node.lineno)
                self.deletes.add(node.id)
                if self.defined is not None:
                    self.defined.discard(node.id)
            case _:
                self.load(node.id, node.lineno)

    # expressions

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.visit(node.value)
        self.store(node.target.id)

    def visit_Call(self, node: ast.Call) -> None:
        self.mentions |= names_in_arguments(node)
        self._dynamic(node)
        self.generic_visit(node)

    def _dynamic(self, node: ast.expr) -> None:
        if dynamic_lookup(node) and self.dynamic is None:
            self.dynamic = node.lineno
        self.looks_up = self.looks_up or looks_names_up(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str):
            self.mentions |= names_in_query(node.value)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self._dynamic(node)
        self.generic_visit(node)
        match node:
            case ast.Attribute(value=ast.Name(id="builtins"), attr=name, ctx=ast.Store()):
                self.binds.add(name)  # what builtins hold is known everywhere

    def visit_Subscript(self, node: ast.Subscript) -> None:
        self.mentions |= names_in_subscript(node)
        self._dynamic(node)
        self.generic_visit(node)

    def visit_Await(self, node: ast.Await) -> None:
        self.awaits = self.awaits or not self._in_function()
        self.generic_visit(node)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._function(node)

    def _comprehension(
        self, generators: list[ast.comprehension], *elements: ast.expr | None
    ) -> None:
        self.visit(generators[0].iter)
        self.scopes.append(_Scope("comprehension", set()))
        for place, generator in enumerate(generators):
            if generator.is_async and not self._in_function():
                self.awaits = True
            if place:
                self.visit(generator.iter)
            self.visit(generator.target)
            for condition in generator.ifs:
                self.visit(condition)
        for element in elements:
            if element is not None:
                self.visit(element)
        self.scopes.pop()

    def visit_ListComp(self, node: ast.ListComp) -> None:
        self._comprehension(node.generators, node.elt)

    def visit_SetComp(self, node: ast.SetComp) -> None:
        self._comprehension(node.generators, node.elt)

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> None:
        self._comprehension(node.generators, node.elt)
        # It runs when it is consumed, which may be later.
        taken = {name for generator in node.generators for name in bound_names([generator.target])}
        with self._aside(_Scope("function", taken)):
            self.visit(node.elt)
            for condition in (one for generator in node.generators for one in generator.ifs):
                self.visit(condition)

    def visit_DictComp(self, node: ast.DictComp) -> None:
        self._comprehension(node.generators, node.key, node.value)

    # definitions

    def _function(self, node: FunctionNode) -> None:
        names, declared = local_names(node)
        names |= {parameter.name for parameter in getattr(node, "type_params", [])}
        for default in [*node.args.defaults, *filter(None, node.args.kw_defaults)]:
            self.visit(default)
        with self._aside(_Scope("function", names, declared)):
            before = dict(self.later)
            for part in [node.body] if isinstance(node, ast.Lambda) else node.body:
                self.visit(part)
        if isinstance(node, ast.Lambda):
            # Often called at once: sorted(xs, key=lambda x: RANK[x]).
            self.soft |= self.later.keys() - before.keys()

    @contextmanager
    def _aside(self, scope: _Scope) -> Iterator[None]:
        """Walk a scope whose bindings say nothing about what is bound outside it."""
        defined, guarded = self.defined, self.guarded
        self.defined, self.guarded = set(), 0
        self.scopes.append(scope)
        yield
        self.scopes.pop()
        self.defined, self.guarded = defined, guarded

    def _definition(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for decorator in node.decorator_list:
            self.visit(decorator)
        type_names = {parameter.name for parameter in getattr(node, "type_params", [])}
        args = node.args
        named = [*args.posonlyargs, *args.args, *args.kwonlyargs]
        annotated = [arg.annotation for arg in [*named, *filter(None, (args.vararg, args.kwarg))]]
        for annotation in [*annotated, node.returns]:
            self._annotation(annotation, type_names)
        self._function(node)
        self.store(node.name)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._definition(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._definition(node)

    def _annotation(
        self, annotation: ast.expr | None, type_names: Iterable[str] = (), *, evaluated: bool = True
    ) -> None:
        """Note the names of an annotation: evaluated at once, or late (3.14), or never."""
        if annotation is None:
            return
        for part in ast.walk(annotation):
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                self.mentions |= names_in_annotation(part.value)
        inner = _Walker(self.postponed)
        inner.scopes = [*self.scopes, _Scope("types", set(type_names))]
        inner.visit(annotation)
        self.mentions |= inner.mentions
        names = inner.now | inner.later
        for name, line in names.items():
            if self.postponed or not evaluated:
                self.mentions.add(name)
            else:
                if self.defined is not None and name not in self.defined:
                    self.soft.add(name)
                self.later.setdefault(name, line)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for decorator in node.decorator_list:
            self.visit(decorator)
        types = {parameter.name for parameter in getattr(node, "type_params", [])}
        self.scopes.append(_Scope("types", types))
        for base in [*node.bases, *(keyword.value for keyword in node.keywords)]:
            self.visit(base)
        declared = {name for part in own_nodes(node.body) if isinstance(part, ast.Global)
                    for name in part.names}  # fmt: skip
        self.scopes.append(_Scope("class", {"__qualname__", "__module__"}, declared))
        for part in node.body:
            self.visit(part)
        self.scopes.pop()
        self.scopes.pop()
        self.store(node.name)

    def visit_TypeAlias(self, node: ast.AST) -> None:
        name: ast.Name = node.name  # type: ignore[attr-defined]
        types = {parameter.name for parameter in node.type_params}  # type: ignore[attr-defined]
        with self._aside(_Scope("function", types)):  # evaluated when it is first used
            self.visit(node.value)  # type: ignore[attr-defined]
        self.store(name.id)

    # statements

    def visit_Assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        for target in node.targets:
            self.visit(target)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name):
            self.load(node.target.id, node.lineno)
        self.visit(node.value)
        self.visit(node.target)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self._annotation(node.annotation, evaluated=not self._in_function())
        if node.value is not None:
            self.visit(node.value)
            self.visit(node.target)
        elif not isinstance(node.target, ast.Name):
            self.visit(node.target)

    def visit_Global(self, node: ast.Global) -> None:
        pass

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        for alias in node.names:
            if alias.name != "*":
                self.store(imported_name(alias))

    def visit_Import(self, node: ast.Import) -> None:
        self._import(node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        self._import(node)

    def visit_AsyncFor(self, node: ast.AsyncFor) -> None:
        self.awaits = self.awaits or not self._in_function()
        super().visit_AsyncFor(node)

    def visit_AsyncWith(self, node: ast.AsyncWith) -> None:
        self.awaits = self.awaits or not self._in_function()
        super().visit_AsyncWith(node)

    def visit_MatchAs(self, node: ast.MatchAs) -> None:
        self.generic_visit(node)
        if node.name:
            self.store(node.name)

    def visit_MatchStar(self, node: ast.MatchStar) -> None:
        if node.name:
            self.store(node.name)

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        self.generic_visit(node)
        if node.rest:
            self.store(node.rest)
