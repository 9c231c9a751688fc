"""What hears the notebook's log calls, prints and warnings: ``StreamHandler(buffer)``.

A log call or a print only shows something, unless an object of the notebook listens to it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from notebook_actions.exporter.analysis.expressions import called
from notebook_actions.exporter.analysis.statements import Statement
from notebook_actions.exporter.analysis.symbols import Symbols

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
    """

    def __init__(self, symbols: Symbols, statements: Sequence[Statement]) -> None:
        self.symbols = symbols
        self.logs: list[ast.expr] = []
        self.prints: list[ast.expr] = []
        self.warns: list[ast.expr] = []
        for statement in statements:
            for node in ast.walk(statement.node):
                self._add(node)

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
