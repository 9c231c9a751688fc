"""What a call changes besides its object: arguments that it writes into or hands on.

``np.add(a, b, a)``, ``map(xs.append, ys)``, ``log.info("x")`` where a buffer listens.
"""

from __future__ import annotations

import ast
import re

from notebook_actions.exporter.analysis import vocabulary
from notebook_actions.exporter.analysis.expressions import (
    arguments,
    is_partial,
    looked_for,
    root_name,
)
from notebook_actions.exporter.analysis.outputs import outputs
from notebook_actions.exporter.analysis.reads import Reads
from notebook_actions.exporter.analysis.scopes import parameters

__all__ = ["Passed"]


class Passed(Reads):
    """Notes what calls do to what they are given."""

    def make(self, cls: ast.ClassDef, node: ast.Call) -> None:
        """Note that an instance of a class is made."""
        for method in ("__init__", "__post_init__", "__set_name__"):
            self.apply_methods([cls], method, node, None)
        self.apply_methods([cls], "__new__", node, ast.Name(cls.name, ast.Load()))
        for one in [cls, *self.symbols.ancestors(cls)]:
            for base in one.bases:
                self.change_module(base)
            for keyword in one.keywords:
                if keyword.arg == "metaclass":
                    metas = self.symbols.classes.get(root_name(keyword.value) or "", ())
                    self.apply_methods(metas, "__call__", node, ast.Name(cls.name, ast.Load()))
            for part in one.body:
                value = part.value if isinstance(part, ast.Assign | ast.AnnAssign) else None
                if not isinstance(value, ast.Call):
                    continue
                for given in value.keywords:
                    if given.arg and given.arg.endswith("factory"):  # field(default_factory=...)
                        self.call_back(given.value, value)

    def change_module(self, function: ast.expr) -> bool:
        """Note that a function is called that may change what its module holds."""
        raise NotImplementedError

    def call_value(self, name: str, value: ast.expr, node: ast.Call) -> None:
        """Note a call of a variable."""
        raise NotImplementedError

    def write_into(self, node: ast.Call, function: str, origin: str | None, module: bool) -> None:
        """Note the arguments that a function of a module, or a method, writes its result into."""
        for keyword in node.keywords:
            name, value = keyword.arg or "", keyword.value
            if name in {"out", "file"} or (name == "stream" and function in {"pprint", "pp"}):
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

    def write_file(self, node: ast.Call) -> None:
        """Note what a call does to a file whose path the notebook's variables tell."""
        match node.func:
            case ast.Name(id="open") if _writes(node):
                paths = node.args[:1]
            case ast.Attribute(value=path, attr="open") if _writes(node, 0):
                paths = [path]
            case ast.Attribute(value=path, attr=method) if vocabulary.changes_path(method):
                paths = [path]
            case _ if vocabulary.changes_file(self.symbols.dotted(node.func) or ""):
                paths = arguments(node)
            case _:
                return
        self.change_names(
            part.id
            for path in paths
            for part in ast.walk(path)
            if isinstance(part, ast.Name)
            and (part.id in self.local or part.id in self.symbols.values)
            and self.symbols.is_variable(part.id)
        )

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
        for given in self.knowledge.listeners.run_by(node):
            self.call_back(given, node)

    def change_put_away(self) -> None:
        """Note that a call of what an object holds may be one of a method that was put there."""
        for receiver in self.knowledge.changers.put_away:
            self.change(receiver, called=True)

    def look_up(self, node: ast.expr, *, called: bool = False) -> None:
        """Note that an item of an object is looked up, which may make and add it."""
        makers = self.symbols.fills_itself(node)
        if isinstance(node, ast.Name) and node.id in self.local:
            found = map(self.symbols.fills_itself, self.values.get(node.id, ()))
            makers = [maker for several in found for maker in several]
        if makers:
            if self.showing and self.function is None:
                called = True  # a look that may add the item is a trial
            self.change(node, called=called)
            for maker in makers:  # defaultdict(T): T is called for each new item
                for factory in maker.args[:1]:
                    self.call_back(factory, maker)
        elif self.function is not None:
            names = self.knowledge.sharing.sources(node)
            self.found.looks_up |= self._resolve(names)[1]

    def call_back(self, function: ast.expr, call: ast.Call) -> None:
        """Note that something that was given away is called: a function, a class, ``xs.append``."""
        self.called_by(function, call)
        self.draw_numbers(self.knowledge.numbers.mentioned(function))
        self.move_bound(function)

    def move_bound(self, function: ast.expr) -> None:
        """Note that a method is called that changes what it is bound to: ``xs.append``."""
        if isinstance(function, ast.Attribute) and self.knowledge.changers.is_bound(function):
            self.change(function.value, called=True)

    def called_by(self, argument: ast.expr, call: ast.Call) -> None:
        """Note that a function given to a call may be called by it: map(add, names)."""
        if self.knowledge.changers.takes(argument, self.values) or self.change_module(argument):
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
        if isinstance(argument, ast.Call) and not (is_partial(argument) or looked_for(argument)):
            return
        for one in self.knowledge.callables.of(argument):
            self.apply(one.function, None, one.receiver, 0 if one.receiver is None else 1)
            effect = self.knowledge.of_function(one.function)
            if effect.parameters - set(parameters(one.function)[: one.receiver is not None]):
                self.change_arguments(call, called=True)


def _writes(call: ast.Call, place: int = 1) -> bool:
    """Tell whether a call of ``open`` opens a file to write it."""
    modes = [*call.args[place : place + 1]]
    modes += [keyword.value for keyword in call.keywords if keyword.arg == "mode"]
    return any(
        isinstance(mode, ast.Constant) and re.search("[wax+]", str(mode.value)) for mode in modes
    )


def _is_constant(node: ast.expr, wanted: bool) -> bool:
    return isinstance(node, ast.Constant) and bool(node.value) is wanted
