"""Which functions of the notebook an expression may stand for when it is called.

A function need not be called by its name: it may stand in a dict, be a bound method, be bound by
``partial``, be returned by another function, or be put away by a decorator and called from there.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from notebook_actions.exporter.analysis.expressions import (
    arguments,
    is_partial,
    looked_for,
    makes_object,
    root_name,
)
from notebook_actions.exporter.analysis.scopes import FunctionNode
from notebook_actions.exporter.analysis.statements import Statement
from notebook_actions.exporter.analysis.symbols import Symbols
from notebook_actions.exporter.analysis.vocabulary import is_noise

__all__ = ["Callable", "Callables", "put_into_objects"]


@dataclass(frozen=True, slots=True)
class Callable:
    """A function that may be called, and the object that it is bound to, or None."""

    function: FunctionNode
    receiver: ast.expr | None = None


class Callables:
    """The functions that the expressions of a notebook may stand for."""

    def __init__(self, symbols: Symbols, statements: Sequence[Statement]) -> None:
        self.symbols = symbols
        self._known: dict[int, tuple[ast.expr | None, list[Callable]]] = {}
        self._cases: defaultdict[str, list[FunctionNode]] = defaultdict(list)
        for statement in statements:
            self._add_cases(statement.node)
        # Functions that are put away somewhere, and may be called by whatever calls what is there.
        self.put_away = [
            found
            for statement in statements
            for node in ast.walk(statement.node)
            for found in self._put_away(node)
        ]

    def of(self, node: ast.expr | None) -> list[Callable]:
        """Return the functions that an expression may stand for, or hold."""
        if id(node) not in self._known:
            self._known[id(node)] = (node, _once(self._find(node, set())))
        return self._known[id(node)][1]

    def called(self, node: ast.expr) -> list[Callable]:
        """Return the functions that a call of an expression that is not just a name may run."""
        return _once([*self.of(node), *self.put_away])

    def cases(self, name: str) -> list[FunctionNode]:
        """Return the functions that are registered as cases of a function: ``@size.register``."""
        return self._cases.get(name, [])

    def around(self, function: FunctionNode) -> list[Callable]:
        """Return the functions that decorators may have put in the place of a function."""
        return [
            Callable(inner)
            for decorator in getattr(function, "decorator_list", [])
            for outer in self.symbols.functions.get(root_name(decorator) or "", ())
            for inner in _inner(outer)
        ]

    def _add_cases(self, node: ast.stmt) -> None:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                for decorator in node.decorator_list:
                    register = decorator.func if isinstance(decorator, ast.Call) else decorator
                    match register:
                        case ast.Attribute(value=ast.Name(id=name), attr="register"):
                            self._cases[name].append(node)
            case ast.Expr(
                value=ast.Call(
                    func=ast.Attribute(value=ast.Name(id=name), attr="register"), args=[*_, last]
                )
            ) if name in self.symbols.functions:
                self._cases[name] += [one.function for one in self._plain(last)]

    def _find(self, node: ast.expr | None, seen: set[str]) -> Iterator[Callable]:
        symbols = self.symbols
        match node:
            case ast.Lambda():
                yield Callable(node)
            case ast.Name(id=name) if name not in seen and name not in symbols.handlers:
                seen.add(name)
                yield from map(Callable, symbols.functions.get(name, ()))
                yield from self._all(symbols.values.get(name, ()), seen)
            case (
                ast.Attribute(value=receiver, attr=method)
                | ast.Call(
                    func=ast.Name(id="getattr"),
                    args=[receiver, ast.Constant(value=str(method)), *_],
                )
            ):
                for cls in symbols.classes_of(receiver) or symbols.with_method(method):
                    for function in symbols.methods(cls, method):
                        yield Callable(function, receiver)
            case ast.Subscript(value=part) | ast.Starred(value=part) | ast.NamedExpr(value=part):
                yield from self._find(part, seen)
            case ast.Await(value=part) | ast.DictComp(value=part):
                yield from self._find(part, seen)
            case ast.ListComp(elt=part) | ast.SetComp(elt=part) | ast.GeneratorExp(elt=part):
                yield from self._find(part, seen)
            case ast.IfExp(body=one, orelse=other) | ast.BinOp(left=one, right=other):
                yield from self._all([one, other], seen)
            case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
                yield from self._all(parts, seen)
            case ast.Dict(values=parts) | ast.BoolOp(values=parts):
                yield from self._all(parts, seen)
            case ast.Call(func=ast.Name(id=name)) if name in symbols.functions:
                for function in symbols.functions[name]:
                    yield from map(Callable, _inner(function))
            case ast.Call() if names := looked_for(node):
                for name in names:
                    yield from map(Callable, symbols.properties.get(name, ()))
                    for cls in symbols.with_method(name):
                        yield from map(Callable, symbols.methods(cls, name))
            case ast.Call(func=called):
                if isinstance(called, ast.Attribute):  # TABLE.get(key)
                    yield from self._find(called.value, seen)
                for given in arguments(node):
                    yield from self._given(given, seen)

    def _given(self, node: ast.expr, seen: set[str]) -> Iterator[Callable]:
        """Yield the functions that an argument is; not what was called for its value before."""
        match node:
            case ast.Name(id=name) if name not in seen:
                seen.add(name)
                yield from self._plain(node)
                for value in self.symbols.values.get(name, ()):
                    yield from self._given(value, seen)
            case ast.Lambda() | ast.Attribute() | ast.List() | ast.Tuple() | ast.Dict():
                yield from self._find(node, seen)
            case ast.Call(func=ast.Name(id=name)) if name in self.symbols.functions:
                yield from self._find(node, seen)
            case ast.Call() if is_partial(node) or looked_for(node):
                yield from self._find(node, seen)

    def _all(self, nodes: Iterable[ast.expr], seen: set[str]) -> Iterator[Callable]:
        for node in nodes:
            yield from self._find(node, seen)

    def _put_away(self, node: ast.AST) -> Iterator[Callable]:
        """Yield the functions that a node puts into an object."""
        for value in put_into_objects(node, self.symbols):
            yield from self._plain(value)
        if (
            isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and node.name not in self.symbols.handlers
            and any(map(self._may_register, node.decorator_list))
        ):
            yield Callable(node)

    def _plain(self, node: ast.expr) -> Iterator[Callable]:
        """Yield what an expression stands for where it is a function itself."""
        match node:
            case ast.Lambda():
                yield Callable(node)
            case ast.Name(id=name) if name not in self.symbols.handlers:
                yield from map(Callable, self.symbols.functions.get(name, ()))
            case ast.Attribute(value=receiver) if self.symbols.classes_of(receiver):
                yield from self._find(node, set())

    def _may_register(self, decorator: ast.expr) -> bool:
        if isinstance(decorator, ast.Call):
            decorator = decorator.func
        if isinstance(decorator, ast.Attribute):
            return self.symbols.module_of(decorator.value) is None
        return isinstance(decorator, ast.Name) and decorator.id in {
            *self.symbols.functions,
            *self.symbols.values,
        }


def put_into_objects(node: ast.AST, symbols: Symbols) -> Iterator[ast.expr]:
    """Yield what a node puts into an object: ``bus.on(f)``, ``Button(f)``, ``d[k] = f``."""
    match node:
        case ast.Call(func=function):
            made = isinstance(function, ast.Name) and function.id in symbols.classes
            made = made or (makes_object(node) and not is_noise(symbols.origin(function)))
            is_method = isinstance(function, ast.Attribute)
            if made or (is_method and symbols.module_of(function.value) is None):  # type: ignore[attr-defined]
                yield from arguments(node)
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript()], value=value):
            yield value


def _once(found: Iterable[Callable]) -> list[Callable]:
    return list({id(one.function): one for one in found}.values())


def _inner(function: FunctionNode) -> Iterator[FunctionNode]:
    """Yield the functions within a function, which it may return."""
    for node in ast.walk(function):
        if node is not function and isinstance(
            node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
        ):
            yield node
