"""What hears the notebook's calls: ``StreamHandler(buffer)``, ``db.create_function("f", 1, f)``.

A log call or a print only shows something, unless an object of the notebook listens to it.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Sequence

from notebook_actions.exporter.analysis.expressions import arguments, called, root_name
from notebook_actions.exporter.analysis.statements import Statement
from notebook_actions.exporter.analysis.symbols import Symbols
from notebook_actions.exporter.analysis.vocabulary import changes_receiver, is_noise, is_table

__all__ = ["STREAMS", "Listeners"]

_LEVELS = frozenset(
    {"debug", "info", "warning", "warn", "error", "exception", "critical", "fatal", "log"}
)
_HANDLER = ("emit", "handle", "format", "filter", "flush")
_STREAM = ("write", "flush")
#: What the process prints to.
STREAMS = ("sys.stdout", "sys.stderr")


class Listeners:
    """The objects that listen, and the methods of the notebook's classes by which they do.

    Attributes
    ----------
    logs, prints, warns
        Expressions for what a log call, a print and a warning may change.
    weak
        Names of what lets go of an object when it is gone, such as a ``WeakSet``.
    """

    def __init__(self, symbols: Symbols, statements: Sequence[Statement]) -> None:
        self.symbols = symbols
        self.logs: list[ast.expr] = []
        self.prints: list[ast.expr] = []
        self.warns: list[ast.expr] = []
        # Objects of libraries, by name, that were given functions, and the calls that gave them.
        self._given: defaultdict[str, dict[int, ast.Call]] = defaultdict(dict)
        # What is called when an object of a name is gone: weakref.finalize(q, f).
        self.watches: defaultdict[str, list[ast.Call]] = defaultdict(list)
        self.weak = {
            name
            for name, values in symbols.values.items()
            if any((symbols.dotted(value) or "").startswith("weakref.Weak") for value in values)
        }
        for statement in statements:
            for node in ast.walk(statement.node):
                self._add(node)
                self._add_given(node)
        if self._given:
            for name, values in symbols.values.items():  # cursor = connection.cursor()
                for value in values:
                    if isinstance(value, ast.Call):
                        self._given[name].update(self._given.get(root_name(value) or "", {}))

    def _add(self, node: ast.AST) -> None:
        match node:
            case ast.Call(args=args, keywords=keywords):
                name = called(node)
                if name in {"addHandler", "addFilter"} or (
                    name in {"basicConfig", "dictConfig", "StreamHandler", "MemoryHandler"}
                    and self.symbols.origin(node.func) == "logging"
                ):
                    self.logs += [*args, *(one.value for one in keywords)]
            case ast.Assign(targets=[target], value=value) if isinstance(target, ast.Attribute):
                name = self.symbols.dotted(target) or ""
                if target.attr == "handlers":
                    self.logs.append(value)
                elif name in STREAMS:
                    self.prints.append(value)
                elif name == "warnings.showwarning":
                    self.warns.append(value)

    def _add_given(self, node: ast.AST) -> None:
        match node:
            case ast.Call(func=function, args=[ast.Name(id=name), _, *_]) if (
                called(node) in {"finalize", "ref"} and self.symbols.origin(function) == "weakref"
            ):
                self.watches[name].append(node)
            case ast.Call() if self._gives_function(node):
                self._given[root_name(node.func) or ""][id(node)] = node
            case ast.FunctionDef(name=name, decorator_list=decorators):
                for one in decorators:  # @atexit.register
                    if self.symbols.dotted(one) == "atexit.register":
                        call = ast.Call(one, [ast.Name(name, ast.Load())], [])
                        self._given[root_name(one) or ""][id(node)] = call

    def _gives_function(self, call: ast.Call) -> bool:
        """Tell whether a call gives an object of a library a function, which it may keep."""
        match call.func:
            case ast.Attribute(value=receiver):
                origin = self.symbols.origin(receiver)
                of_library = any(map(self.symbols.inherits, self.symbols.classes_of(receiver)))
                if origin == "notebook_actions" or is_table(origin) or is_noise(origin):
                    return False
                if origin is None and not of_library:
                    return False
                is_object = root_name(receiver) in self.symbols.values
                return (is_object or self.symbols.module_of(receiver) == "atexit") and any(
                    map(self._is_function, arguments(call))
                )
        return False

    def _is_function(self, node: ast.expr) -> bool:
        match node:
            case ast.Name(id=name):
                return name in self.symbols.functions
            case ast.Attribute(value=owner, attr=method):
                return changes_receiver(method, None) or bool(self.symbols.classes_of(owner))
        return isinstance(node, ast.Lambda)

    def run_by(self, call: ast.Call) -> Iterator[ast.expr]:
        """Yield the functions that an object of a library was given, and may run in a call."""
        if not self._given:
            return
        shows = called(call) == "display" or is_noise(self.symbols.origin(call.func))
        for part in [call.func, *(() if shows else arguments(call))]:
            yield from self.given(part, call)

    def given(self, node: ast.expr, call: ast.Call | None = None) -> Iterator[ast.expr]:
        """Yield the functions that the object of an expression was given, but for in this call."""
        for giving in self._given.get(root_name(node) or "", {}).values():
            if giving is not call:
                yield from arguments(giving)

    def heard(self, call: ast.Call) -> Iterator[tuple[ast.expr, Sequence[str]]]:
        """Yield what hears a call, each with the names of its methods that are then called."""
        name = called(call)
        if name in _LEVELS and isinstance(call.func, ast.Attribute):
            yield from ((one, _HANDLER) for one in self.logs)
        elif name in {"print", "pprint", "write"} and not any(
            one.arg in {"file", "stream"} for one in call.keywords
        ):
            yield from ((one, _STREAM) for one in self.prints)
        if name in {"warn", "warn_explicit"}:
            yield from ((one, ("__call__",)) for one in self.warns)
