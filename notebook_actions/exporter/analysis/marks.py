"""Noting that an object is changed, and by which names it is known.

Within a function, a local name is followed to the parameters and top-level names that it is taken
from, so that ``rows = TABLE["a"]; rows.append(1)`` is a change of ``TABLE``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Set
from dataclasses import dataclass, field
from typing import Protocol

from notebook_actions.exporter.analysis import vocabulary
from notebook_actions.exporter.analysis.callables import Callables
from notebook_actions.exporter.analysis.changers import Changers
from notebook_actions.exporter.analysis.expressions import arguments, assignments, called, root_name
from notebook_actions.exporter.analysis.listeners import Listeners
from notebook_actions.exporter.analysis.random_numbers import RandomNumbers, source_name
from notebook_actions.exporter.analysis.scopes import (
    FunctionNode,
    bound_names,
    local_names,
    parameters,
)
from notebook_actions.exporter.analysis.sharing import Sharing
from notebook_actions.exporter.analysis.symbols import Symbols

__all__ = ["Effect", "Knowledge", "Marks", "OwnModules"]


@dataclass(slots=True)
class Effect:
    """What running a statement, or calling a function, changes.

    Attributes
    ----------
    changes
        Top-level names whose objects it changes itself.
    trained
        Top-level names whose objects learn, from tables that do not change by that.
    through_calls
        Top-level names whose objects it changes by calling functions of the notebook.
    trials
        The same for calls that only show or test something, such as ``[next_id(), next_id()]``.
    sets
        Top-level names that it rebinds by calling a function with ``global``.
    parameters
        Parameters whose objects a function changes.
    draws
        Parameters on which a function draws, where they are part of a picture.
    looks_up
        Parameters in which a function looks items up, which adds them to a ``defaultdict``.
    sets_up
        Packages that it may set up, such as by ``random.seed(4)``.
    draws_from, seeds
        The random numbers of the process that it draws, and those that it begins anew.
    meets
        Top-level names of which one may come to hold the object of another, such as ``B`` and
        ``xs`` by ``B.append(xs)``.
    has_state
        Whether what the function returns changes its own state when it is called.
    wild
        Whether it may set any name, because the text that it runs is not known.
    process
        Whether it sets something of the whole process, such as an environment variable, which
        code may depend on that does not name it.
    """

    changes: set[str] = field(default_factory=set)
    trained: set[str] = field(default_factory=set)
    through_calls: set[str] = field(default_factory=set)
    trials: set[str] = field(default_factory=set)
    sets: set[str] = field(default_factory=set)
    parameters: set[str] = field(default_factory=set)
    draws: set[str] = field(default_factory=set)
    looks_up: set[str] = field(default_factory=set)
    sets_up: set[str] = field(default_factory=set)
    draws_from: set[str] = field(default_factory=set)
    seeds: set[str] = field(default_factory=set)
    meets: set[frozenset[str]] = field(default_factory=set)
    has_state: bool = False
    wild: bool = False
    process: bool = False

    @property
    def touched(self) -> set[str]:
        """All names that a statement with this effect gives another value or state."""
        return self.changes | self.through_calls | self.sets


class OwnModules(Protocol):
    """Knows the modules that belong to the notebook."""

    def is_local(self, module: str) -> bool:
        """Tell whether a module belongs to the notebook."""

    def reached_by(self, module: str) -> Set[str]:
        """Return the packages that a local module imports, itself or through other local ones."""

    def changed_by(self, module: str, name: str) -> Set[str]:
        """Return the packages whose modules hold something else after a call of a function."""

    def changes_arguments(self, module: str, name: str) -> bool:
        """Tell whether a call of what a module defines changes what it is given."""


@dataclass(slots=True)
class Knowledge:
    """What is known about a notebook when a statement is looked at.

    Attributes
    ----------
    symbols
        What its names stand for.
    sharing
        Which names share objects.
    modules
        The notebook's own modules.
    callables
        Which functions its expressions may stand for.
    changers
        Which of them stand for functions of libraries that change something.
    listeners
        What hears log calls and prints.
    numbers
        What draws random numbers of the process.
    functions
        The effects of its functions, as far as they are known yet.
    enclosing
        For functions within functions, the local names of those around them.
    """

    symbols: Symbols
    sharing: Sharing
    modules: OwnModules
    callables: Callables
    changers: Changers
    listeners: Listeners
    numbers: RandomNumbers
    functions: dict[int, Effect] = field(default_factory=dict)
    enclosing: dict[int, set[str]] = field(default_factory=dict)
    _users: dict[str, frozenset[str]] = field(default_factory=dict)

    def users_of(self, package: str) -> frozenset[str]:
        """Return the names imported from a package, or from local modules that import it."""
        if package not in self._users:
            self._users[package] = frozenset(
                name
                for name, imports in self.symbols.imports.items()
                for one in imports
                if one.root == package
                or (
                    self.modules.is_local(one.module)
                    and package in self.modules.reached_by(one.module)
                )
            )
        return self._users[package]

    def of_function(self, function: FunctionNode) -> Effect:
        """Return what a call of the function changes."""
        return self.functions.get(id(function)) or Effect()


class Marks:
    """Notes the effects of one statement, or of one function's body."""

    def __init__(self, knowledge: Knowledge, function: FunctionNode | None) -> None:
        self.knowledge = knowledge
        self.symbols = knowledge.symbols
        self.function = function
        self.found = Effect()
        self.showing = False
        self.local: set[str] = set()
        self.declared: set[str] = set()
        self.taken: dict[str, set[str]] = {}
        self.values: dict[str, list[ast.expr]] = {}
        if function is not None:
            self._enter(function)

    def is_translation(self, node: ast.expr) -> bool:
        """Tell whether this is the mapping of the texts that forms show."""
        return (self.symbols.dotted(node) or "").startswith(vocabulary.TEXTS)

    def _enter(self, function: FunctionNode) -> None:
        """Learn the local names of a function and of the functions in it."""
        for part in ast.walk(function):
            if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                names, declared = local_names(part)
                self.local |= names
                self.declared |= declared
                if declared and isinstance(part.body, list):
                    self.found.sets |= declared & set(bound_names(part.body))
            self.learn(part)
        self.local -= self.declared

    def learn(self, node: ast.AST) -> None:
        """Learn from a node what local names are taken from."""
        for name, value in assignments([node]):
            sources = self.knowledge.sharing.sources(value)
            if isinstance(value, ast.Call) and called(value)[:1].isupper():
                # An object made with a function, Minuit(cost), holds it as it is.
                sources -= self.symbols.functions.keys()
            self.taken.setdefault(name, set()).update(sources)
            self.values.setdefault(name, []).append(value)
        if isinstance(node, ast.comprehension):
            self.local |= set(bound_names([node.target]))

    def origin(self, node: ast.expr, _seen: frozenset[str] = frozenset()) -> str | None:
        """Return the package that an expression's value comes from; local names hide others."""
        if isinstance(node, ast.BinOp):
            return self.origin(node.left, _seen)
        name = root_name(node)
        if name is None or name not in self.local:
            return self.symbols.origin(node)
        values = [] if name in _seen else self.values.get(name, [])
        return next(filter(None, (self.origin(one, _seen | {name}) for one in values)), None)

    def change(self, node: ast.expr, *, called: bool = False) -> None:
        """Note that the object of an expression is changed."""
        names = self.knowledge.sharing.sources(node)
        if isinstance(node, ast.Name):
            names = {node.id}
        names |= self._classes_changed(node)
        origin = None if names else self.origin(node)
        if origin is not None and not vocabulary.is_noise(origin):
            names = self.symbols.from_module(origin)  # decimal.getcontext().prec = 4
        self.change_names(names, called=called)

    def _classes_changed(self, node: ast.expr) -> set[str]:
        """Return the classes that are changed with an object: by type(self), or as its holders."""
        found: set[str] = set()
        part: ast.expr | None = node
        while part is not None:
            match part:
                case (
                    ast.Call(func=ast.Name(id="type"), args=[inner])
                    | ast.Attribute(value=inner, attr="__class__")
                ):
                    found.update(cls.name for cls in self.classes_of(inner))
                    part = None
                case ast.Attribute(value=inner, attr=attribute):
                    for cls in self.classes_of(inner):
                        found |= self.symbols.holders(cls, attribute)
                    part = inner
                case ast.Subscript(value=inner) | ast.Call(func=inner):
                    part = inner
                case _:
                    part = None
        return found

    def classes_of(self, node: ast.expr) -> list[ast.ClassDef]:
        """Return the classes that an expression may be, or be an instance of."""
        match node:
            case ast.Name(id=name) if name in self.local:
                function = self.function
                owner = None if function is None else self.symbols.owners.get(id(function))
                if owner and function and [name] == parameters(function)[:1]:
                    return [owner]
                return []
            case ast.Name(id=name) if name in self.symbols.classes:
                return self.symbols.classes[name]
        return self.symbols.classes_of(node)

    def patch(self, target: ast.expr) -> None:
        """Note that an attribute or item is set in what may belong to an imported module."""
        name = self.symbols.dotted(target)
        if name is None or (root_name(target) or "") in self.local:
            return
        root = self.symbols.origin(target)
        if root is not None and not vocabulary.is_noise(root):
            self.change_names(self.symbols.from_module(root))
        if vocabulary.is_of_process(name):
            self.found.process = True

    def train(self, node: ast.expr) -> None:
        """Note that the object of an expression learns; a new one, in no variable, is left out."""
        while isinstance(node, ast.Attribute | ast.Subscript | ast.Await):
            node = node.value
        if isinstance(node, ast.Name):
            outside, own = self._resolve({node.id})
            self.found.trained |= outside
            self.found.parameters |= own

    def draw(self, node: ast.expr, *, called: bool = False) -> bool:
        """Note that the object of an expression is drawn on; tell whether it may be."""
        if self.origin(node) in vocabulary.PLOTS:
            self.change(node, called=called)
            return True
        own = self._resolve(self.knowledge.sharing.sources(node))[1]
        self.found.draws |= own
        return bool(own)

    def change_names(self, names: Iterable[str], *, called: bool = False) -> None:
        """Note that the objects of these names are changed; by a called function, or at once."""
        outside, own = self._resolve(names)
        self._note(outside, called)
        self.found.parameters |= own

    def _resolve(self, names: Iterable[str]) -> tuple[set[str], set[str]]:
        """Follow local names to the top-level names and parameters that they are taken from."""
        seen: set[str] = set()
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                if name in self.local:
                    waiting += self.taken.get(name, ())
        own = set() if self.function is None else seen & set(parameters(self.function))
        return seen - self.local, own

    def draw_numbers(self, packages: Iterable[str]) -> None:
        """Note that random numbers of these packages are drawn."""
        names = set(map(source_name, packages))
        if self.showing and self.function is None:
            self.found.trials |= names
        else:
            self.found.draws_from |= names

    def meet(self, names: set[str]) -> None:
        """Note that one of these names may come to hold the object of another."""
        for name in names & self.local:
            self.taken.setdefault(name, set()).update(names - {name})
        outside = self._resolve(names)[0]
        outside = {name for name in outside if self.symbols.is_variable(name)}
        if len(outside) > 1:
            self.found.meets.add(frozenset(outside))

    def meet_in_call(self, call: ast.Call, others: set[str]) -> None:
        """Note that a call may put its arguments into each other, or into other objects."""
        sources = self.knowledge.sharing.sources
        self.meet(others.union(*(sources(argument) for argument in arguments(call))))

    def _note(self, names: set[str], called: bool) -> None:
        if called and self.showing and self.function is None:
            self.found.trials |= names
        elif called and self.function is None:
            self.found.through_calls |= names
        else:
            self.found.changes |= names

    def change_arguments(self, call: ast.Call, *, called: bool = False) -> None:
        """Note that an unknown function may change the objects it is given."""
        self.meet_in_call(call, set())
        for argument in arguments(call):
            names = self.knowledge.sharing.sources(argument)
            self.change_names(
                [
                    name
                    for name in names
                    if name in self.local
                    or self.symbols.is_variable(name)
                    or name in self.symbols.classes  # event.listen(User, ...)
                ],
                called=called,
            )
