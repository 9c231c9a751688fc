"""What a call changes besides its object: arguments that it writes into or hands on.

``np.add(a, b, a)``, ``map(xs.append, ys)``, ``log.info("x")`` where a buffer listens.
"""

from __future__ import annotations

import ast

from notebook_actions.exporter.analysis import vocabulary
from notebook_actions.exporter.analysis.applied import Applied
from notebook_actions.exporter.analysis.expressions import is_partial
from notebook_actions.exporter.analysis.outputs import outputs
from notebook_actions.exporter.analysis.scopes import parameters

__all__ = ["Passed"]


class Passed(Applied):
    """Notes what calls do to what they are given."""

    def call_value(self, name: str, value: ast.expr, node: ast.Call) -> None:
        """Note a call of a variable."""
        raise NotImplementedError

    def write_into(self, node: ast.Call, function: str, origin: str | None, module: bool) -> None:
        """Note the arguments that a function of a module, or a method, writes its result into."""
        for keyword in node.keywords:
            name, value = keyword.arg or "", keyword.value
            if name in {"out", "file"}:
                self.change(value)
            elif (
                (name in {"copy", "inplace"} and module) or name.startswith("overwrite")
            ) and _is_constant(value, name != "copy"):
                self.change_arguments(node)
        if vocabulary.changes_first(function, origin):
            for argument in node.args[:1] or [keyword.value for keyword in node.keywords]:
                self.change(argument)
        if vocabulary.is_table(origin):
            for argument in outputs(function, node, is_method=not module):
                self.change(argument)

    def hear(self, node: ast.Call) -> None:
        """Note what listens to a log call, a print or a warning."""
        for listener, methods in self.knowledge.listeners.heard(node):
            self.change(listener)
            for cls in self.symbols.classes_of(listener):
                for method in methods:
                    for function in self.symbols.methods(cls, method):
                        self.apply(function, None, listener, 1)
            for one in self.knowledge.callables.of(listener):
                self.apply(one.function, None, one.receiver, 0 if one.receiver is None else 1)

    def change_put_away(self) -> None:
        """Note that a call of what an object holds may be one of a method that was put there."""
        for receiver in self.knowledge.changers.put_away:
            self.change(receiver, called=True)

    def named_attribute(self, owner: ast.expr, name: ast.expr) -> None:
        """Note what an attribute, asked for by a text, changes: ``getattr(q, "total")``."""
        symbols = self.symbols
        known = name.value if isinstance(name, ast.Constant) else None
        for cls in self.classes_of(owner):
            for one in (cls, *symbols.ancestors(cls)):
                for method in one.body:
                    if isinstance(method, ast.FunctionDef) and (
                        known is None
                        or (method.name == known and method in symbols.properties[known])
                    ):
                        self.apply(method, None, owner, 1)

    def called_by(self, argument: ast.expr, call: ast.Call) -> None:
        """Note that a function given to a call may be called by it: map(add, names)."""
        if self.knowledge.changers.takes(argument, self.values):
            self.change_arguments(call)
        match argument:
            case ast.Lambda() | ast.Call():
                pass
            case ast.Name(id=name) if name not in self.local:
                for value in self.symbols.values.get(name, ()):
                    if self.knowledge.callables.of(value):
                        self.call_value(name, value, ast.Call(argument, [], []))
                for cls in self.symbols.classes.get(name, ()):
                    self.make(cls, ast.Call(argument, [], []))
            case ast.Attribute(value=receiver) if self.symbols.classes_of(receiver):
                pass
            case _:
                return
        if isinstance(argument, ast.Call) and not is_partial(argument):
            return
        for one in self.knowledge.callables.of(argument):
            self.apply(one.function, None, one.receiver, 0 if one.receiver is None else 1)
            effect = self.knowledge.of_function(one.function)
            if effect.parameters - set(parameters(one.function)[: one.receiver is not None]):
                self.change_arguments(call, called=True)


def _is_constant(node: ast.expr, wanted: bool) -> bool:
    return isinstance(node, ast.Constant) and bool(node.value) is wanted
