"""What a call changes.

What the notebook defines itself is analysed; well-known names are known (``vocabulary``); an
unknown call whose value is used is taken as a question, and one whose value is thrown away as an
order, which changes its object and its arguments.
"""

from __future__ import annotations

import ast

from notebook_actions.exporter.analysis import vocabulary
from notebook_actions.exporter.analysis.expressions import (
    arguments,
    called,
    is_partial,
    root_name,
)
from notebook_actions.exporter.analysis.module_calls import ModuleCalls
from notebook_actions.exporter.analysis.random_numbers import source_name
from notebook_actions.exporter.analysis.remembered import remembers
from notebook_actions.exporter.analysis.scopes import (
    FunctionNode,
    parameters,
    returns_value,
)

__all__ = ["Calls"]


class Calls(ModuleCalls, ast.NodeVisitor):
    """Notes the effects of calls."""

    def call(self, node: ast.Call, *, thrown_away: bool) -> None:
        """Note what a call changes."""
        origin = self.origin(node.func)
        is_module = self._is_of_module(node.func, origin)
        self.write_into(node, called(node), origin, is_module)
        self.write_file(node)
        self.hear(node)
        if self.symbols.properties:
            self.read_by_text(node)
        self.found.seeds.update(map(source_name, self.knowledge.numbers.seeds(node)))
        self.draw_numbers(self.knowledge.numbers.drawn(node, origin, self.values))
        if thrown_away and self.is_of_process(node):
            self.found.process = True
        if not vocabulary.is_noise(origin) and (origin or not self.symbols.is_fresh(node)):
            for argument in arguments(node):
                self.called_by(argument, node)
        if self.knowledge.changers.takes(node.func, self.values):
            self.change_arguments(node)
        match node.func:
            case ast.Name(id=name) if name in self.local:
                self._call_local(name, node, thrown_away)
            case ast.Name(id=name):
                self._call_name(name, node, thrown_away)
            case ast.Attribute(value=receiver, attr=method):
                name = root_name(receiver) or ""
                if is_module:
                    imports = self.symbols.imports[name]
                    self.call_imported(name, imports, method, node, thrown_away)
                elif self._is_type(receiver, method) and node.args:
                    call = ast.Call(node.func, node.args[1:], node.keywords)
                    self._call_method(node.args[0], method, call, None, thrown_away)
                else:
                    self._call_method(receiver, method, node, origin, thrown_away)
            case _:
                self._call_held(node, thrown_away)

    def _is_of_module(self, function: ast.expr, origin: str | None) -> bool:
        """Tell whether a function is one of an imported module, not a method of an object."""
        match function:
            case ast.Name(id=name):
                return name in self.symbols.imports and name not in self.local
            case ast.Attribute(value=receiver, attr=method):
                return self.symbols.module_of(receiver) is not None and (
                    isinstance(receiver, ast.Name)
                    or not vocabulary.changes_receiver(method, origin)
                )
        return False

    def _call_held(self, node: ast.Call, thrown_away: bool) -> None:
        """Note a call of what an object holds: ``TABLE[key](x)``."""
        self.change_put_away()
        self.apply_methods(self.symbols.classes_of(node.func), "__call__", node, node.func)
        for one in self.knowledge.callables.called(node.func):
            self.apply(one.function, node, one.receiver, 0 if one.receiver is None else 1)
            if self._changes_enclosing(one.function):
                self.change(node.func, called=True)
        if thrown_away and not self.knowledge.callables.of(node.func):
            self.change_names(self.knowledge.sharing.sources(node.func), called=True)
            self.change_arguments(node)

    def _changes_enclosing(self, function: FunctionNode) -> bool:
        """Tell whether a function changes what the function around it holds."""
        around = self.knowledge.enclosing.get(id(function), set())
        return bool(self.knowledge.of_function(function).changes & around)

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

    def _call_local(self, name: str, node: ast.Call, thrown_away: bool) -> None:
        nested = [
            part
            for part in (ast.walk(self.function) if self.function else ())
            if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef) and part.name == name
        ]
        for function in nested:
            self.apply(function, node, None, 0)
        if nested:
            return
        if self.function is None or name not in parameters(self.function):
            self._call_held(node, thrown_away)
        elif thrown_away:
            self.change_arguments(node)

    def _call_name(self, name: str, node: ast.Call, thrown_away: bool) -> None:
        symbols = self.symbols
        if name in symbols.handlers:
            return
        if name in self.knowledge.changers.bound or name in symbols.moving:
            self.change(ast.Name(name, ast.Load()))
        for function in symbols.functions.get(name, ()):
            self.apply(function, node, None, 0)
            if remembers(function, symbols) or any(
                map(self._keeps_state, getattr(function, "decorator_list", []))
            ):
                self.change_names([name], called=True)
            for wrapper in self.knowledge.callables.around(function):
                self.apply(wrapper.function, node, None, 0)
            for decorator in getattr(function, "decorator_list", []):
                classes = symbols.classes.get(root_name(decorator) or "", ())
                self.apply_methods(classes, "__call__", node, ast.Name(name, ast.Load()))
        for case in self.knowledge.callables.cases(name):
            self.apply(case, node, None, 0)
        for cls in symbols.classes.get(name, ()):
            self.make(cls, node)
        for value in symbols.values.get(name, ()):
            self.call_value(name, value, node)
        if name in symbols.imports:
            imports = symbols.imports[name]
            self.call_imported(name, imports, imports[-1].attribute or "", node, thrown_away)
        elif name == "type" and len(node.args) == 3 and isinstance(node.args[1], ast.Tuple):
            self.visit(ast.ClassDef("", node.args[1].elts, [], [], []))  # type("C", (B,), {})
        elif name in {"getattr", "hasattr", "setattr"} and len(node.args) > 1:
            self.named_attribute(node.args[0], node.args[1])
        elif node.args and f"__{name}__" in symbols.special:
            self.apply_methods(self.classes_of(node.args[0]), f"__{name}__", None, node.args[0])
        elif thrown_away and name in symbols.values and not self._known_value(name):
            self.change_arguments(node)

    def _keeps_state(self, decorator: ast.expr) -> bool:
        """Tell whether what a decorator returns changes its own state when it is called."""
        functions = self.symbols.functions.get(root_name(decorator) or "", [])
        return any(self.knowledge.of_function(function).has_state for function in functions)

    def _holds_state(self, receiver: ast.expr) -> bool:
        """Tell whether an object was made by a function whose results have a state of their own."""
        if not isinstance(receiver, ast.Name) or receiver.id in self.local:
            return False
        return any(
            isinstance(value, ast.Call)
            and any(
                self.knowledge.of_function(function).has_state
                for function in self.symbols.functions.get(root_name(value.func) or "", ())
            )
            for value in self.symbols.values.get(receiver.id, ())
        )

    def _known_value(self, name: str) -> bool:
        return any(isinstance(value, ast.Lambda) for value in self.symbols.values[name])

    def call_value(self, name: str, value: ast.expr, node: ast.Call) -> None:
        """Note a call of a variable: a closure, a partial, an instance, a bound method."""
        symbols = self.symbols
        if isinstance(value, ast.Call) and is_partial(value):
            for keyword in value.keywords:  # partial(print, file=out)
                if keyword.arg in {"file", "out"}:
                    self.change(keyword.value)
        match value:
            case ast.Lambda():
                self.apply(value, node, None, 0)
            case ast.Name(id=other) if other != name and other in symbols.functions:
                for function in symbols.functions[other]:
                    self.apply(function, node, None, 0)
            case ast.Attribute(value=receiver, attr=method):
                if vocabulary.changes_receiver(method, symbols.origin(receiver)):
                    self.change(receiver)
                self.apply_methods(symbols.classes_of(receiver), method, node, receiver)
            case ast.Call(args=[ast.Name(id=inner), *bound]) if inner in symbols.functions:
                for function in symbols.functions[inner]:  # functools.partial(add, COURSES)
                    keywords = [*value.keywords, *node.keywords]
                    call = ast.Call(value.func, [*bound, *node.args], keywords)
                    self.apply(function, call, None, 0)
            case _:
                factory = root_name(value) or ""
                for function in symbols.functions.get(factory, ()):
                    if isinstance(value, ast.Call):
                        self.apply(function, value, None, 0)
                    if self.knowledge.of_function(function).has_state:
                        self.change_names([name], called=True)
                for given in arguments(value) if isinstance(value, ast.Call) else ():
                    self.move_bound(given)  # f = weakref.finalize(q, xs.append); f()
                callables = self.knowledge.callables
                is_part = isinstance(value, ast.Subscript)
                if is_part:
                    self.change_put_away()
                for one in callables.called(value) if is_part else callables.of(value):
                    self.apply(one.function, node, one.receiver, 0 if one.receiver is None else 1)
        self.apply_methods(symbols.classes_of(value), "__call__", node, ast.Name(name, ast.Load()))

    def _call_method(
        self, receiver: ast.expr, method: str, node: ast.Call, origin: str | None, thrown: bool
    ) -> None:
        if origin == "notebook_actions":
            if self.is_translation(receiver):
                self.found.sets_up.add(origin)  # MESSAGES.update(...)
            return
        if method in {"start", "stop", "__enter__", "__exit__"}:
            self.start_patch(receiver)
        if any(keyword.arg == "inplace" and not _is_false(keyword.value)
               for keyword in node.keywords):  # fmt: skip
            self.change(receiver)
        if _is_super(receiver) and self.function is not None:
            receiver = ast.Name((parameters(self.function) or ["self"])[0], ast.Load())
        classes = self.symbols.classes_of(receiver)
        if isinstance(receiver, ast.Name):
            classes = classes + self.symbols.classes.get(receiver.id, [])
        if self.apply_methods(classes, method, node, receiver):
            for cls in classes:
                if any(remembers(one, self.symbols) for one in self.symbols.methods(cls, method)):
                    self.change_names([cls.name], called=True)
            return
        if not classes and origin is None:  # an object within another: any class may be its own
            self.apply_methods(self.symbols.with_method(method), method, node, receiver)
        for cls in classes:
            if self.symbols.inherits(cls):  # the method of a library may call those of the class
                self.apply_all(cls, receiver)
        if method in self.symbols.attributes or method in self.symbols.fields:
            self._call_held(node, thrown)
        if self._holds_state(receiver):
            self.change(receiver, called=True)
        for value in self.symbols.attributes.get(method, ()):  # o.call = f, C.f = f
            for one in self.knowledge.callables.of(value):
                self.apply(one.function, node, receiver, 1)
                self.apply(one.function, node, one.receiver, 0 if one.receiver is None else 1)
            self.move_bound(value)
        if vocabulary.learns(method) and not vocabulary.is_table(origin):
            self.train(receiver)
            return
        if origin is None and vocabulary.is_picture_method(method) and self.draw(receiver):
            return
        if vocabulary.writes_to_arguments(method):
            self.change_arguments(node)
        if (
            vocabulary.sets_in_argument(method)
            and root_name(receiver) in self.symbols.imports
            and node.args
        ):
            self.change(node.args[0])  # from dowhy import gcm: what is imported may be a module
        if origin in {"pytest", "_pytest"}:
            self.patch_by_hand(method, node)
        runs = method in {"execute", "executemany", "executescript", "exec"}
        if runs and self._creates_tables(node):
            self.found.process = True  # whoever opens the database depends on it
        if (
            vocabulary.changes_receiver(method, origin)
            or vocabulary.draws(method, origin)
            or (runs and not self._only_looks(method, origin, node))
        ):
            self.change(receiver)
            if not vocabulary.is_noise(origin):
                self.meet_in_call(node, self.knowledge.sharing.sources(receiver))
        elif thrown and not self._only_looks(method, origin, node):
            known = bool(self.knowledge.sharing.sources(receiver))
            for one in self.knowledge.callables.of(receiver):  # thread.start(), pool.submit()
                self.apply(one.function, None, one.receiver, 0 if one.receiver is None else 1)
            if known or origin is None or vocabulary.registers(method):
                self.change(receiver)
                if not vocabulary.is_noise(origin):
                    self.meet_in_call(node, self.knowledge.sharing.sources(receiver))
            else:
                self.found.sets_up.add(origin)
            if not vocabulary.is_noise(origin):
                self.change_arguments(node)
        elif vocabulary.may_keep_functions(origin) and self._gives_function(node):
            self.change(receiver)  # doubled = stream.map(double)

    def _gives_function(self, node: ast.Call) -> bool:
        """Tell whether a call is given a function of the notebook."""
        return any(
            isinstance(one, ast.Lambda)
            or (isinstance(one, ast.Name) and one.id in self.symbols.functions)
            for one in arguments(node)
        )

    def _creates_tables(self, node: ast.Call) -> bool:
        """Tell whether a call is there to create tables, not a step on the way to a value."""
        if self.showing or (self.function is not None and returns_value(self.function)):
            return False
        match node.args:
            case [
                ast.Constant(value=str(text)) | ast.Call(args=[ast.Constant(value=str(text))]),
                *_,
            ]:
                return text.lstrip().lower().startswith("create ")
        return False

    def _only_looks(self, method: str, origin: str | None, node: ast.Call) -> bool:
        match node.args:
            case [ast.Constant(value=str(text)), *_] if method in {"execute", "sql", "query"}:
                return text.lstrip().lower().startswith(("select", "pragma table", "explain"))
            case [ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)), *_]:
                if name == "select":
                    return True
        return vocabulary.only_shows(method, origin)

    def call_lazily(self, value: ast.expr) -> None:
        """Note what moving an iterator on calls: a generator's body, what ``map`` was given."""
        for part in ast.walk(value):
            if isinstance(part, ast.Call):
                self.call(part, thrown_away=False)
                for given in arguments(part):  # Mock(side_effect=f)
                    self.call_back(given, part)


def _is_super(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super"
    )


def _is_false(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and not node.value
