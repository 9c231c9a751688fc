"""Which objects a statement changes in place, and which it changes through functions it calls."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence

from notebook_actions.exporter.analysis import vocabulary
from notebook_actions.exporter.analysis.callables import Callables
from notebook_actions.exporter.analysis.changers import Changers
from notebook_actions.exporter.analysis.definitions import Definitions
from notebook_actions.exporter.analysis.expressions import called, root_name
from notebook_actions.exporter.analysis.implicit import add_implicit_effects
from notebook_actions.exporter.analysis.listeners import STREAMS, Listeners
from notebook_actions.exporter.analysis.marks import Effect, Knowledge, OwnModules
from notebook_actions.exporter.analysis.namespaces import Namespaces
from notebook_actions.exporter.analysis.random_numbers import RandomNumbers
from notebook_actions.exporter.analysis.scopes import FunctionNode, local_names
from notebook_actions.exporter.analysis.sharing import Sharing
from notebook_actions.exporter.analysis.statements import Statement
from notebook_actions.exporter.analysis.strings import is_namespace
from notebook_actions.exporter.analysis.symbols import Symbols

__all__ = ["Effect", "Effects"]


class Effects:
    """The effects of the statements and functions of a notebook."""

    def __init__(self, statements: list[Statement], symbols: Symbols, modules: OwnModules) -> None:
        callables = Callables(symbols, statements)
        changers, listeners = Changers(symbols, statements), Listeners(symbols, statements)
        numbers = RandomNumbers(symbols, modules.is_local)
        self.knowledge = Knowledge(
            symbols, Sharing(symbols), modules, callables, changers, listeners, numbers
        )
        functions = [
            node
            for statement in statements
            for node in ast.walk(statement.node)
            if isinstance(node, FunctionNode)
        ]
        for function in functions:
            own = local_names(function)[0]
            for part in ast.walk(function):
                if part is not function and isinstance(part, FunctionNode):
                    self.knowledge.enclosing.setdefault(id(part), set()).update(own)
        known = self.knowledge.functions
        # Functions call each other, so look again until nothing new is found.
        for _ in range(10):
            before = dict(known)
            for function in functions:
                known[id(function)] = _Collector(self.knowledge, function).call_of(function)
            if before == known:
                break
        self.of = {
            statement.index: _Collector(self.knowledge, None).run(statement.node)
            for statement in statements
        }
        for effect in [*known.values(), *self.of.values()]:
            for names in effect.meets:
                self.knowledge.sharing.join(names)
        for names in symbols.made_modules():
            self.knowledge.sharing.join(names)
        add_implicit_effects(statements, self.knowledge, self.of)
        for statement in statements:
            self._share(statement, self.of[statement.index])

    def of_function(self, function: FunctionNode) -> Effect:
        """Return what a call of the function changes."""
        return self.knowledge.of_function(function)

    def drawn_later(self, statement: Statement) -> set[str]:
        """Return the random numbers that functions defined in a statement draw when called."""
        if not self.knowledge.numbers.seeded:
            return set()
        functions = (one for one in ast.walk(statement.node) if isinstance(one, FunctionNode))
        return set().union(*(self.of_function(one).draws_from for one in functions))

    def of_halted(self, statement: Statement) -> Effect:
        """Return what a statement that ended with an error may have changed before."""
        effect = _Collector(self.knowledge, None).run(statement.node)
        self._share(statement, effect)
        return effect

    def _share(self, statement: Statement, effect: Effect) -> None:
        """Add the other names of the objects that a statement changes."""
        own = set(statement.names.binds)
        for names in (effect.changes, effect.through_calls):
            names |= self._made_of(names) | self._made_by(names)
        for names in (effect.changes, effect.through_calls, effect.trials):
            names.update(*(self._shared(name) for name in list(names)))
            names |= self._made_of(names)  # an instance has what its class holds
        for name in effect.trained:
            effect.changes |= self.knowledge.sharing.learners(name)
        effect.through_calls -= effect.changes
        effect.sets -= own

    def _made_of(self, names: set[str]) -> set[str]:
        """Return the subclasses and instances of the classes that are among these names."""
        symbols = self.knowledge.symbols
        changed = {name for name in names if name in symbols.classes}
        if not changed:
            return set()
        below = {
            name
            for name, classes in symbols.classes.items()
            if any(one.name in changed for cls in classes for one in symbols.ancestors(cls))
        }
        return below | {
            name
            for name in symbols.values
            if any(cls.name in changed | below for cls in symbols.classes_of(ast.Name(name)))
        }

    def _made_by(self, names: set[str]) -> set[str]:
        """Return what the modules have made that are among these names: they hold for it too."""
        symbols = self.knowledge.symbols
        roots = {one.root for name in names for one in symbols.imports.get(name, ())}
        if not roots:
            return set()
        return {name for name in symbols.values if symbols.origin(ast.Name(name)) in roots}

    def _shared(self, name: str) -> frozenset[str]:
        symbols = self.knowledge.symbols
        found = set(self.knowledge.sharing.group(name))
        for one in list(found):
            for imported in symbols.imports.get(one, ()):
                if imported.attribute is None or self.knowledge.modules.is_local(imported.module):
                    found |= self.knowledge.users_of(imported.root)
        return frozenset(found)


class _Collector(Definitions, Namespaces, ast.NodeVisitor):
    """Walks one statement, or one function's body."""

    def call_of(self, function: FunctionNode) -> Effect:
        """Return the effects of a call of the collector's function."""
        body: Sequence[ast.AST] = (
            [function.body] if isinstance(function, ast.Lambda) else function.body
        )
        for part in body:
            self.visit(part)
        own = local_names(function)[0]
        for part in (inner for one in body for inner in ast.walk(one)):
            if isinstance(part, ast.Nonlocal) or (
                isinstance(part, FunctionNode) and self.knowledge.of_function(part).changes & own
            ):
                self.found.has_state = True
            elif isinstance(part, ast.Return) and part.value is not None:
                self.found.has_state |= _gives_changer(part.value, own)
        return self.found

    def run(self, node: ast.stmt) -> Effect:
        """Return the effects of a top-level statement."""
        for part in ast.walk(node):
            if isinstance(part, ast.comprehension):
                self.learn(part)
        self.visit(node)
        return self.found

    # statements

    def _store(self, targets: Iterable[ast.expr], value: ast.expr) -> None:
        """Note that a value is put into the objects, or top-level names, that are its targets."""
        sources = self.knowledge.sharing.sources
        for target in targets:
            if isinstance(target, ast.Tuple | ast.List):
                self._store(target.elts, value)
            elif not isinstance(target, ast.Name) or target.id in self.declared:
                self.meet(self._named(target) | sources(value))

    def _targets(self, targets: Iterable[ast.expr]) -> None:
        for target in targets:
            match target:
                case ast.Subscript(value=value, slice=key) if self.is_namespace(value):
                    self.set_key(key)
                case ast.Attribute(value=value, attr=name) if self.is_own_module(value):
                    self.found.sets.add(name)
                case ast.Attribute() if self.symbols.dotted(target) in STREAMS:
                    for listener in self.knowledge.listeners.prints:
                        self.change(listener)
                    self.patch(target)
                case ast.Attribute(value=value) | ast.Subscript(value=value):
                    if self.is_translation(value):
                        self.found.sets_up.add("notebook_actions")
                    elif not self._is_look(value):
                        self.change(value)
                        self.patch(target)
                        for one in self.knowledge.listeners.given(value):
                            self.call_back(one, ast.Call(value, [], []))
                case ast.Tuple(elts=parts) | ast.List(elts=parts):
                    self._targets(parts)
                case ast.Starred(value=value):
                    self._targets([value])
                case ast.Name(id=name) if name in self.declared:
                    self.found.sets.add(name)
                case ast.Name(id=name) if self.function is None:
                    for watch in self.knowledge.listeners.watches.get(name, ()):
                        self.call_back(watch.args[1], watch)
                    if len(self.symbols.values.get(name, ())) > 1:
                        self.change_names(self.knowledge.listeners.weak)

    def _is_look(self, node: ast.expr) -> bool:
        """Tell whether this is how a form looks in the notebook: ``form.layout``."""
        return (
            isinstance(node, ast.Attribute)
            and node.attr == "layout"
            and self.symbols.origin(node) == "notebook_actions"
        )

    def visit_Assign(self, node: ast.Assign) -> None:
        self._targets(node.targets)
        self._store(node.targets, node.value)
        if len(node.targets) > 1:  # d["x"] = xs = []
            self.meet(set().union(*map(self._named, node.targets)))
        self.generic_visit(node)

    def _named(self, target: ast.expr) -> set[str]:
        match target:
            case ast.Name(id=name):
                return {name}
            case ast.Subscript(slice=ast.Constant(value=str(name))) if is_namespace(target.value):
                return {name}
        return self.knowledge.sharing.sources(target)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self._targets([node.target])
        if node.value is not None:
            self._store([node.target], node.value)
            self.visit(node.value)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self._targets([node.target])
        self._store([node.target], node.value)
        if isinstance(node.target, ast.Subscript):
            self.look_up(node.target.value)
        if isinstance(node.target, ast.Name) and not self.symbols.is_immutable(node.target.id):
            self.change(node.target)
        self.generic_visit(node)

    def visit_Delete(self, node: ast.Delete) -> None:
        self._targets(node.targets)
        self.change_names(self.knowledge.listeners.weak)
        self.generic_visit(node)

    def visit_For(self, node: ast.For) -> None:
        self._targets([node.target])
        super().visit_For(node)

    def visit_AsyncFor(self, node: ast.AsyncFor) -> None:
        self._targets([node.target])
        self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> None:
        value = node.value.value if isinstance(node.value, ast.Await) else node.value
        match value:
            case ast.Call():
                self.run_text(value)
                self.set_by_call(value)
                self.showing = self._only_shows(value)
                self.call(value, thrown_away=True)
                self.parts(value)
            case ast.ListComp(elt=ast.Call() as element) | ast.SetComp(elt=ast.Call() as element):
                self.call(element, thrown_away=True)
                self.generic_visit(value)
            case ast.BinOp(left=left, op=ast.LShift() | ast.RShift(), right=right):
                self.change(left)  # extract >> load: pipelines are written so
                self.change(right)
            case _:
                works = isinstance(node.value, ast.Await | ast.NamedExpr | ast.DictComp | ast.Yield)
                self.showing = not works
                self.generic_visit(node)
        self.showing = False

    def visit_Assert(self, node: ast.Assert) -> None:
        self.showing = True
        self.generic_visit(node)
        self.showing = False

    def _only_shows(self, call: ast.Call) -> bool:
        match call.func:
            case ast.Name(id="print" | "display" | "repr" | "len" | "type" | "help"):
                return True
        return vocabulary.is_noise(self.origin(call.func))

    def visit_Call(self, node: ast.Call) -> None:
        self.run_text(node)
        self.set_by_call(node)
        self.call(node, thrown_away=False)
        self.parts(node)

    def visit_With(self, node: ast.With) -> None:
        self._with(node)

    def visit_AsyncWith(self, node: ast.AsyncWith) -> None:
        self._with(node)

    def _with(self, node: ast.With | ast.AsyncWith) -> None:
        self._targets(item.optional_vars for item in node.items if item.optional_vars)
        for item in node.items:
            for value in self._contexts(item.context_expr):  # redirect_stdout(buffer)
                self.change_arguments(value)
            for cls in self.symbols.classes_of(item.context_expr):
                for method in ("__enter__", "__exit__", "__aenter__", "__aexit__"):
                    self.apply_methods([cls], method, None, item.context_expr)
        self.generic_visit(node)

    def _contexts(self, node: ast.expr) -> list[ast.Call]:
        """Return the calls that make a context, and may use what they are given within it."""
        if isinstance(node, ast.Call):
            tries = (self.symbols.dotted(node) or "").startswith(vocabulary.TESTS)
            return [] if tries else [node]
        values = self.symbols.values.get(node.id, ()) if isinstance(node, ast.Name) else ()
        return [
            value
            for value in values
            if isinstance(value, ast.Call) and called(value).startswith("redirect_")
        ]


def _gives_changer(value: ast.expr, own: set[str]) -> bool:
    """Tell whether a value holds a method that changes one of these objects: ``xs.append``."""
    parts = list(ast.walk(value))
    called = {id(part.func) for part in parts if isinstance(part, ast.Call)}
    return any(
        isinstance(part, ast.Attribute)
        and id(part) not in called
        and root_name(part) in own
        and vocabulary.changes_receiver(part.attr, None)
        for part in parts
    )
