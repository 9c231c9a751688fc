"""Which names may stand for the same object, or for one within the other.

``ys = xs`` makes a change of ``ys`` a change of ``xs``; so may ``ys = xs["a"]``, ``[xs]`` and
``Service(xs)``, but not ``len(xs)``. Too many are safe, too few are not.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Callable
from typing import TypeGuard

from notebook_actions.exporter.analysis.caches import gives_its_own
from notebook_actions.exporter.analysis.expressions import arguments, assignments, called
from notebook_actions.exporter.analysis.scopes import (
    FunctionNode,
    bound_names,
    local_names,
    parameters,
)
from notebook_actions.exporter.analysis.symbols import Symbols
from notebook_actions.exporter.analysis.vocabulary import (
    PLOTS,
    gives_kept,
    is_constant,
    is_number,
    is_standard,
    is_table,
)

__all__ = ["Sharing"]

# Operators whose value may hold, or be, an operand: [[1]] + xs, extract >> load.
_JOINS = (ast.Add, ast.BitOr, ast.Mult, ast.LShift, ast.RShift)


class Sharing:
    """The objects that top-level names share."""

    def __init__(self, symbols: Symbols) -> None:
        self.symbols = symbols
        self._returned: dict[int, set[str]] = {}
        self._neighbours: defaultdict[str, set[str]] = defaultdict(set)
        for name, values in symbols.values.items():
            if not symbols.is_immutable(name):
                for value in values:
                    self._join(name, self.sources(value))
        for name, functions in symbols.functions.items():
            for function in functions:
                self._join(name, self._defaults(function))
        for name, classes in symbols.classes.items():
            for cls in classes:
                held = (self.sources(value) for _, value in assignments(cls.body))
                self._join(name, set().union(*held) & {*symbols.values, *symbols.imports})
        self._groups: dict[str, frozenset[str]] = {}

    def _join(self, name: str, sources: set[str]) -> None:
        for source in sources - {name}:
            if source not in self.symbols.functions or source in self.symbols.caches:
                self._neighbours[name].add(source)
                self._neighbours[source].add(name)

    def _defaults(self, function: FunctionNode) -> set[str]:
        """Return the names whose objects a function holds as default values."""
        args = function.args
        return self._all([*args.defaults, *(default for default in args.kw_defaults if default)])

    def join(self, names: frozenset[str]) -> None:
        """Note that these names may share objects."""
        self._groups.clear()
        self._join(min(names), set(names))

    def group(self, name: str) -> frozenset[str]:
        """Return the names whose objects may change when the object of ``name`` does."""
        if name not in self._groups:
            if name in self.symbols.drawings:
                self._groups[name] = self._reached(name, self._is_shown)
            else:
                group = self._reached(name, lambda other: False)
                # All objects of a group share with each other, so each has this same group.
                others = {one for one in group if self.symbols.is_variable(one)}
                self._groups.update(dict.fromkeys(others - self.symbols.drawings, group))
                self._groups[name] = group
        return self._groups[name]

    def learners(self, name: str) -> frozenset[str]:
        """Return the names whose objects may change when the object of ``name`` learns."""
        return self._reached(name, self._is_table)

    def _reached(self, name: str, ends: Callable[[str], bool]) -> frozenset[str]:
        found = {name}
        waiting = [name]
        while waiting:
            for neighbour in self._neighbours.get(waiting.pop(), ()):
                if neighbour not in found and not ends(neighbour):
                    found.add(neighbour)
                    # Two objects of one module or class do not share because of it.
                    if self.symbols.is_variable(neighbour):
                        waiting.append(neighbour)
        return frozenset(found)

    def _is_shown(self, name: str) -> bool:
        """Tell whether a name stands for what a picture may show, and not for a part of it."""
        return self.symbols.origin(ast.Name(name, ast.Load())) not in {None, *PLOTS}

    def _is_symbolic(self, name: str) -> bool:
        package = self.symbols.origin(ast.Name(name, ast.Load()))
        return package is not None and not (is_standard(package) or is_table(package))

    def _is_table(self, name: str) -> bool:
        return is_table(self.symbols.origin(ast.Name(name, ast.Load())))

    def sources(self, node: ast.expr) -> set[str]:
        """Return the names whose objects the value of an expression may share."""
        match node:
            case ast.Name(id=name):
                return set() if self.symbols.is_immutable(name) else {name}
            case ast.Attribute(value=ast.Name(id=name), attr=attribute) if is_constant(
                self.symbols.module_of(ast.Name(name)), attribute
            ):
                return set()  # np.array(xs, dtype=np.uint8) shares nothing with np
            case ast.Attribute(value=part) | ast.Subscript(value=part) | ast.Starred(value=part):
                return self.sources(part)
            case ast.Await(value=part):
                return self.sources(part)
            case ast.NamedExpr(target=ast.Name(id=name), value=part):
                return {name} | self.sources(part)
            case ast.IfExp(body=body, orelse=orelse):
                return self.sources(body) | self.sources(orelse)
            case ast.BoolOp(values=parts) | ast.Tuple(elts=parts) | ast.List(elts=parts):
                return self._all(parts)
            case ast.Set(elts=parts):
                return self._all(parts)
            case ast.Dict(values=parts):
                return self._all(parts)
            case ast.BinOp(left=left, op=op, right=right) if isinstance(op, _JOINS):
                return self._operand(left) | self._operand(right)
            case ast.BinOp(left=left, right=right):
                # An expression of a modelling library holds its variables: cp.Minimize(x**2).
                return {name for name in self._all([left, right]) if self._is_symbolic(name)}
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp():
                return self._comprehension(node, node.elt)
            case ast.DictComp():
                return self._comprehension(node, node.value)
            case ast.Lambda():
                return self._defaults(node)
            case ast.Call():
                return self._call(node)
        return set()

    def _operand(self, node: ast.expr) -> set[str]:
        """Return the sources of an operand; 2 * np.pi shares nothing with np."""
        return set() if is_number(self.symbols.module_of(node)) else self.sources(node)

    def _all(self, parts: list[ast.expr]) -> set[str]:
        return set().union(*(self.sources(part) for part in parts))

    def _comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp, element: ast.expr
    ) -> set[str]:
        found = self.sources(element)
        taken = list(assignments(node.generators))
        for name, value in reversed(taken):
            if name in found:
                found |= self.sources(value)
        return found - {name for name, _ in taken}

    def _call(self, node: ast.Call) -> set[str]:
        if self.symbols.is_fresh(node):
            return set()
        found = self._all(arguments(node))
        if self.symbols.origin(node.func) in PLOTS:
            found &= self.symbols.drawings  # what is drawn on a figure does not change by that
        if gives_kept(called(node)):
            found |= self.symbols.from_module(self.symbols.origin(node.func) or "")
        match node.func:
            case ast.Name(id=name):
                symbols = self.symbols
                lambdas = [one for one in symbols.values.get(name, ()) if _is_lambda(one)]
                for function in [*symbols.functions.get(name, ()), *lambdas]:
                    found |= self._returned_by(function) | self._defaults(function)
                found.update(
                    one.name
                    for cls in symbols.classes.get(name, ())
                    for one in (cls, *symbols.ancestors(cls))
                    if self._has_state(one) or one.name in symbols.single
                )
                if name in symbols.caches:
                    found.add(name)
                if name in symbols.values and symbols.is_variable(name):
                    found.add(name)  # Session = sessionmaker(engine); Session()
            case ast.Attribute(value=receiver) if self.symbols.module_of(receiver) is None:
                found |= self.sources(receiver)
        return found

    def _has_state(self, cls: ast.ClassDef) -> bool:
        """Tell whether the class itself holds an object that its instances share."""
        return any(
            isinstance(node, FunctionNode) and gives_its_own(node) for node in cls.body
        ) or any(
            isinstance(value, ast.List | ast.Dict | ast.Set | ast.Call | ast.ListComp)
            or (isinstance(value, ast.Name) and self.symbols.is_variable(value.id))
            for node in cls.body
            if isinstance(node, ast.Assign | ast.AnnAssign)
            for value in [node.value]
        )

    def _returned_by(self, function: FunctionNode) -> set[str]:
        """Return the top-level names whose objects a function may return."""
        if id(function) in self._returned:
            return self._returned[id(function)]
        self._returned[id(function)] = set()
        local: set[str] = set()
        found: set[str] = set()
        if isinstance(function, ast.Lambda):
            found = self.sources(function.body)
        for part in ast.walk(function):
            if isinstance(part, FunctionNode):
                local |= local_names(part)[0]
            elif isinstance(part, ast.comprehension):
                local |= set(bound_names([part.target]))
            if isinstance(part, ast.Return | ast.Yield | ast.YieldFrom) and part.value is not None:
                found |= self.sources(part.value)
        body = [] if isinstance(function, ast.Lambda) else function.body
        taken = list(assignments(body))
        for _ in range(2):  # a local name of a local name
            for name, value in taken:
                if name in found:
                    found |= self.sources(value)
        if found & (local - set(parameters(function))):
            # What it builds and returns may hold anything that it reads.
            found |= {
                part.id
                for part in ast.walk(function)
                if isinstance(part, ast.Name)
                and self.symbols.is_variable(part.id)
                and part.id in self.symbols.values
            }
        self._returned[id(function)] = found - local
        return self._returned[id(function)]


def _is_lambda(node: ast.expr) -> TypeGuard[ast.Lambda]:
    return isinstance(node, ast.Lambda)
