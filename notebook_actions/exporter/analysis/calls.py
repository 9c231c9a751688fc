"""What a call changes.

What the notebook defines itself is analysed; well-known names are known (``vocabulary``); an
unknown call whose value is used is taken as a question, and one whose value is thrown away as an
order, which changes its object and its arguments.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from notebook_actions.exporter.analysis import vocabulary
from notebook_actions.exporter.analysis.marks import Marks
from notebook_actions.exporter.analysis.scopes import FunctionNode, parameters
from notebook_actions.exporter.analysis.symbols import Imported, root_name

__all__ = ["Calls"]


class Calls(Marks):
    """Notes the effects of calls."""

    def call(self, node: ast.Call, *, thrown_away: bool) -> None:
        """Note what a call changes."""
        for keyword in node.keywords:
            if keyword.arg in {"out", "file"}:
                self.change(keyword.value)
        origin = self.origin(node.func)
        if not vocabulary.is_noise(origin):
            for argument in [*node.args, *(keyword.value for keyword in node.keywords)]:
                self._called_by(argument)
        match node.func:
            case ast.Name(id=name) if name in self.local:
                self._call_local(name, node, thrown_away)
            case ast.Name(id=name):
                self._call_name(name, node, thrown_away)
            case ast.Attribute(value=receiver, attr=method):
                name = root_name(receiver) or ""
                is_module = self.symbols.module_of(receiver) is not None and (
                    isinstance(receiver, ast.Name)
                    or not vocabulary.changes_receiver(method, origin)
                )
                if is_module:
                    imports = self.symbols.imports[name]
                    self._call_imported(name, imports, method, node, thrown_away)
                elif self._is_type(receiver, method) and node.args:
                    call = ast.Call(node.func, node.args[1:], node.keywords)
                    self._call_method(node.args[0], method, call, None, thrown_away)
                else:
                    self._call_method(receiver, method, node, origin, thrown_away)
            case _ if thrown_away:
                self.change_arguments(node)

    def _is_type(self, receiver: ast.expr, method: str) -> bool:
        """Tell whether this is ``list.append(xs, 1)``: a method called on its class."""
        if not isinstance(receiver, ast.Name):
            return False
        if receiver.id in {"list", "dict", "set"}:
            return receiver.id not in self.symbols.functions
        functions = [
            function
            for cls in self.symbols.classes.get(receiver.id, ())
            for function in self.symbols.methods(cls, method)
        ]
        return bool(functions) and not any(
            isinstance(decorator, ast.Name) and decorator.id in {"classmethod", "staticmethod"}
            for function in functions
            for decorator in getattr(function, "decorator_list", [])
        )

    def _called_by(self, argument: ast.expr) -> None:
        """Note that a function given to a call may be called by it: map(add, names)."""
        match argument:
            case ast.Lambda():
                self._apply(argument, None, None, 0)
            case ast.Name(id=name) if name in self.symbols.functions and name not in self.local:
                if name not in self.symbols.handlers:
                    for function in self.symbols.functions[name]:
                        self._apply(function, None, None, 0)

    def _call_local(self, name: str, node: ast.Call, thrown_away: bool) -> None:
        nested = [
            part
            for part in (ast.walk(self.function) if self.function else ())
            if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef) and part.name == name
        ]
        for function in nested:
            self._apply(function, node, None, 0)
        if thrown_away and not nested:
            self.change_arguments(node)

    def _call_name(self, name: str, node: ast.Call, thrown_away: bool) -> None:
        symbols = self.symbols
        if name in symbols.handlers:
            return
        for function in symbols.functions.get(name, ()):
            self._apply(function, node, None, 0)
            if any(map(self._keeps_state, getattr(function, "decorator_list", []))):
                self.change_names([name], called=True)
        for cls in symbols.classes.get(name, ()):
            for method in ("__init__", "__new__", "__post_init__", "__set_name__"):
                self.apply_methods([cls], method, node, None)
        for value in symbols.values.get(name, ()):
            self._call_value(name, value, node)
        if name in symbols.imports:
            imports = symbols.imports[name]
            self._call_imported(name, imports, imports[-1].attribute or "", node, thrown_away)
        elif name in vocabulary.CHANGES_FIRST and node.args and name not in symbols.functions:
            self.change(node.args[0])
        elif thrown_away and name in symbols.values and not self._known_value(name):
            self.change_arguments(node)

    def _keeps_state(self, decorator: ast.expr) -> bool:
        """Tell whether what a decorator returns changes its own state when it is called."""
        functions = self.symbols.functions.get(root_name(decorator) or "", [])
        return any(self.knowledge.of_function(function).has_state for function in functions)

    def _known_value(self, name: str) -> bool:
        return any(isinstance(value, ast.Lambda) for value in self.symbols.values[name])

    def _call_value(self, name: str, value: ast.expr, node: ast.Call) -> None:
        """Note a call of a variable: a closure, a partial, an instance, a bound method."""
        symbols = self.symbols
        match value:
            case ast.Lambda():
                self._apply(value, node, None, 0)
            case ast.Name(id=other) if other != name and other in symbols.functions:
                for function in symbols.functions[other]:
                    self._apply(function, node, None, 0)
            case ast.Attribute(value=receiver, attr=method):
                if vocabulary.changes_receiver(method, symbols.origin(receiver)):
                    self.change(receiver)
                self.apply_methods(symbols.classes_of(receiver), method, node, receiver)
            case ast.Call(func=ast.Name(id=factory)) if factory in symbols.functions:
                if any(self.knowledge.of_function(f).has_state for f in symbols.functions[factory]):
                    self.change_names([name], called=True)
                for function in symbols.functions[factory]:
                    self._apply(function, value, None, 0)
            case ast.Call(args=[ast.Name(id=inner), *bound]) if inner in symbols.functions:
                for function in symbols.functions[inner]:  # functools.partial(add, COURSES)
                    keywords = [*value.keywords, *node.keywords]
                    call = ast.Call(value.func, [*bound, *node.args], keywords)
                    self._apply(function, call, None, 0)
        self.apply_methods(symbols.classes_of(value), "__call__", node, ast.Name(name, ast.Load()))

    def _call_imported(
        self, name: str, imports: list[Imported], function: str, node: ast.Call, thrown_away: bool
    ) -> None:
        module = imports[-1]
        if self.symbols.is_seeded and not self.showing and "random" in ast.unparse(node.func):
            self.found.sets_up.add(module.root)  # each random number depends on those before
        if vocabulary.is_noise(module.root) and not self.is_local(module):
            if vocabulary.draws(function, module.root):
                self.change_names(self.symbols.drawings)
            return
        if vocabulary.writes_to_arguments(function):
            self.change_arguments(node)
        if function in vocabulary.CHANGES_FIRST and node.args:
            self.change(node.args[0])
            return
        if self.is_local(module):
            self.change_arguments(node)
            if thrown_away and not vocabulary.only_shows(function, None):
                self.change_names([name])
            return
        if not thrown_away or vocabulary.only_shows(function, None):
            return
        if function == "load_dotenv":
            self.change_names(self.symbols.from_module("os"))
            return
        if not (vocabulary.is_standard(module.root) or vocabulary.is_table(module.root)):
            self.change_arguments(node)
        if vocabulary.registers(function):
            self.change_names([name])
        else:
            self.found.sets_up.add(module.root)

    def is_local(self, imported: Imported) -> bool:
        """Tell whether a module belongs to the notebook."""
        return self.knowledge.is_local(imported.module)

    def _call_method(
        self, receiver: ast.expr, method: str, node: ast.Call, origin: str | None, thrown: bool
    ) -> None:
        if origin == "notebook_actions":
            return
        if method in vocabulary.CHANGES_FIRST and node.args:
            self.change(node.args[0])
        if any(keyword.arg == "inplace" and not _is_false(keyword.value)
               for keyword in node.keywords):  # fmt: skip
            self.change(receiver)
        if _is_super(receiver) and self.function is not None:
            receiver = ast.Name((parameters(self.function) or ["self"])[0], ast.Load())
        classes = self.symbols.classes_of(receiver)
        if isinstance(receiver, ast.Name):
            classes = classes + self.symbols.classes.get(receiver.id, [])
        if not classes and origin is None:  # an object within another: any class may be its own
            classes = self.symbols.with_method(method)
        if self.apply_methods(classes, method, node, receiver):
            return
        if vocabulary.writes_to_arguments(method):
            self.change_arguments(node)
        if vocabulary.changes_receiver(method, origin) or vocabulary.draws(method, origin):
            self.change(receiver)
            if not vocabulary.is_noise(origin):
                self.meet_in_call(node, self.knowledge.sharing.sources(receiver))
        elif thrown and not self._only_looks(method, origin, node):
            known = bool(self.knowledge.sharing.sources(receiver))
            if known or origin is None or vocabulary.registers(method):
                self.change(receiver)
                if not vocabulary.is_noise(origin):
                    self.meet_in_call(node, self.knowledge.sharing.sources(receiver))
            else:
                self.found.sets_up.add(origin)
            if not vocabulary.is_noise(origin):
                self.change_arguments(node)

    def _only_looks(self, method: str, origin: str | None, node: ast.Call) -> bool:
        match node.args:
            case [ast.Constant(value=str(text)), *_] if method in {"execute", "sql", "query"}:
                return text.lstrip().lower().startswith(("select", "pragma table", "explain"))
        return vocabulary.only_shows(method, origin)

    def apply_methods(
        self,
        classes: Iterable[ast.ClassDef],
        method: str,
        node: ast.Call | None,
        receiver: ast.expr | None,
    ) -> bool:
        """Note what a method of these classes changes; tell whether one has it."""
        found = False
        for cls in classes:
            for function in self.symbols.methods(cls, method):
                static = any(isinstance(d, ast.Name) and d.id == "staticmethod"
                             for d in getattr(function, "decorator_list", []))  # fmt: skip
                self._apply(function, node, receiver, 0 if static else 1)
                found = True
            if not found and method == "__post_init__":
                continue
        return found

    def _apply(
        self, function: FunctionNode, node: ast.Call | None, receiver: ast.expr | None, shift: int
    ) -> None:
        """Note what a call of a function of the notebook changes."""
        effect = self.knowledge.of_function(function)
        held = effect.changes | effect.sets
        if held or effect.parameters:
            sources = self.knowledge.sharing.sources
            held = held if receiver is None else held | sources(receiver)
            self.meet_in_call(node or ast.Call(ast.Constant(None), [], []), held)
        outside = {name for name in effect.changes if name not in self.local}
        self.change_names(outside, called=True)
        if self.function is not None or not self.showing:
            self.found.sets |= effect.sets
        self.found.sets_up |= effect.sets_up
        for parameter in effect.parameters:
            for argument in _arguments(function, parameter, node, receiver, shift):
                self.change(argument, called=True)


def _arguments(
    function: FunctionNode,
    parameter: str,
    node: ast.Call | None,
    receiver: ast.expr | None,
    shift: int,
) -> list[ast.expr]:
    """Return the expressions that a call gives for a parameter."""
    names = parameters(function)
    place = names.index(parameter) if parameter in names else 0
    if shift and place == 0:
        return [receiver] if receiver is not None else []
    args = function.args
    positional = [*args.posonlyargs, *args.args]
    defaults: dict[str, ast.expr | None] = dict(
        zip([arg.arg for arg in positional[::-1]], args.defaults[::-1], strict=False)
    )
    defaults.update(zip([arg.arg for arg in args.kwonlyargs], args.kw_defaults, strict=True))
    default = defaults.get(parameter)
    if node is None:
        return [] if default is None else [default]
    for gathering in (args.vararg, args.kwarg):
        if gathering is not None and gathering.arg == parameter:
            return [*node.args, *(keyword.value for keyword in node.keywords)]
    given = [keyword.value for keyword in node.keywords if keyword.arg in {parameter, None}]
    given += [part for part in node.args if isinstance(part, ast.Starred)]
    if place < len(positional) and place - shift < len(node.args):
        given.append(node.args[place - shift])
    if not given and default is not None:
        given.append(default)
    return given


def _is_super(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super"
    )


def _is_false(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and not node.value
