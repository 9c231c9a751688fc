"""What a statement sets through the namespace, or by running a text: ``exec(f"x_{n} = 1")``."""

from __future__ import annotations

import ast

from notebook_actions.exporter.analysis.expressions import called
from notebook_actions.exporter.analysis.marks import Marks
from notebook_actions.exporter.analysis.scopes import bound_names
from notebook_actions.exporter.analysis.strings import is_module, is_namespace, parsed
from notebook_actions.exporter.analysis.templates import WILD, matching, texts_of

__all__ = ["Namespaces"]

_HOLE = "_unknown_part_"


class Namespaces(Marks, ast.NodeVisitor):
    """Notes which top-level names are set without being written as names."""

    def is_namespace(self, node: ast.expr) -> bool:
        """Tell whether an expression is the notebook's namespace, or the name of it."""
        if isinstance(node, ast.Name) and node.id not in self.local:
            return any(map(is_namespace, self.symbols.values.get(node.id, ())))
        return is_namespace(node)

    def is_own_module(self, node: ast.expr) -> bool:
        """Tell whether an expression is the module of the notebook."""
        match node:
            case ast.Name(id=name) if name not in self.local:
                imports = self.symbols.imports.get(name, ())
                values = self.symbols.values.get(name, ())
                return any(one.module == "__main__" for one in imports) or any(
                    map(is_module, values)
                )
        return is_module(node)

    def set_key(self, key: ast.expr) -> None:
        """Note that the names that a text may be are set."""
        names = self.symbols.bound
        for text in texts_of(key, {**self.symbols.values, **self.values}):
            found = {text} if WILD not in text else matching(text, names)
            self.found.sets |= found
            self.found.wild |= WILD in text and not text.strip(WILD)

    def set_by_call(self, call: ast.Call) -> None:
        """Note what ``globals().update(x=1)`` and ``setattr(sys.modules[__name__], ...)`` set."""
        match call:
            case ast.Call(func=ast.Attribute(value=value, attr="update")) if self.is_namespace(
                value
            ):
                self.found.sets.update(word.arg for word in call.keywords if word.arg)
                for given in call.args:
                    self._set_keys(given)
            case ast.Call(
                func=ast.Attribute(value=value, attr="setdefault" | "__setitem__"), args=[key, *_]
            ) if self.is_namespace(value):
                self.set_key(key)
            case ast.Call(func=ast.Name(id="setattr"), args=[owner, key, *_]):
                if self.is_own_module(owner):
                    self.set_key(key)
            case ast.Call(func=ast.Name(id=name), args=args) if name in self.symbols.functions:
                self.found.wild |= any(map(self.is_namespace, args))

    def _set_keys(self, node: ast.expr) -> None:
        match node:
            case ast.Dict(keys=keys):
                for key in keys:
                    if key is not None:
                        self.set_key(key)
            case ast.Name(id=name) if name in self.symbols.values and name not in self.local:
                for value in self.symbols.values[name]:
                    if not isinstance(value, ast.Name):
                        self._set_keys(value)
            case _:
                self.found.wild = True

    def run_text(self, call: ast.Call) -> None:
        """Note what ``exec("...")`` does, and a function of the notebook that runs a text."""
        match call:
            case ast.Call(func=ast.Name(id="exec" | "eval"), args=[given, *others]):
                values = {**self.symbols.values, **self.values}
                if not all(map(self.is_namespace, others)):
                    for namespace in others:  # exec("x = 1", settings)
                        self.change(namespace)
                    return
                for text in texts_of(given, values):
                    self._run(text)
                    unknown = not text.strip(WILD) and called(call) == "exec"
                    self.found.wild |= unknown and all(map(self.is_namespace, others))
            case ast.Call(func=ast.Name(id=name), args=args) if name in self.symbols.functions:
                if any(map(_runs_a_text, self.symbols.functions[name])):
                    for given in args:
                        if isinstance(given, ast.Constant) and isinstance(given.value, str):
                            self._run(given.value)

    def _run(self, text: str) -> None:
        for statement in parsed(text.replace(WILD, _HOLE)):
            self.visit(statement)
            for name in bound_names([statement]):
                self.found.sets |= matching(name.replace(_HOLE, WILD), self.symbols.bound) or {name}


def _runs_a_text(function: ast.AST) -> bool:
    return any(
        isinstance(part, ast.Call)
        and isinstance(part.func, ast.Name)
        and part.func.id in {"exec", "eval"}
        for part in ast.walk(function)
    )
