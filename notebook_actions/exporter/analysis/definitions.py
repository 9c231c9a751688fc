"""What defining a function or a class changes: decorators, default values, bases, registries."""

from __future__ import annotations

import ast

from notebook_actions.exporter.analysis import vocabulary
from notebook_actions.exporter.analysis.expressions import arguments, root_name
from notebook_actions.exporter.analysis.operations import Operations
from notebook_actions.exporter.analysis.scopes import bound_names

__all__ = ["Definitions"]


class Definitions(Operations, ast.NodeVisitor):
    """Notes the effects of definitions."""

    def parts(self, call: ast.Call) -> None:
        """Visit what is within a call that was already dealt with."""
        if isinstance(call.func, ast.Attribute):
            self.visit(call.func.value)
        elif not isinstance(call.func, ast.Name):
            self.visit(call.func)
        for argument in arguments(call):
            self.visit(argument)

    def _definition(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for decorator in node.decorator_list:
            self.decorate(decorator)
        self._signature(node.args)
        if node.returns is not None:
            self.visit(node.returns)
        if self.function is not None:
            for part in node.body:  # a function within: taken as called
                self.visit(part)

    def _signature(self, args: ast.arguments) -> None:
        """Note what the default values and annotations change while they are made."""
        defaults = [*args.defaults, *args.kw_defaults]
        named = [*args.posonlyargs, *args.args, *args.kwonlyargs, args.vararg, args.kwarg]
        for part in filter(None, [*defaults, *(arg.annotation for arg in named if arg)]):
            self.visit(part)

    def visit_Import(self, node: ast.Import) -> None:
        """Note what importing a module within a package changes."""
        for alias in node.names:
            self._import(alias.name)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        """Note what importing a module within a package changes."""
        if not node.level and node.module:
            self._import(node.module)
            for alias in node.names:
                self._import(f"{node.module}.{alias.name}")

    def _import(self, module: str) -> None:
        """Note that a package gets the module as an attribute, where the notebook uses that."""
        if module in self.symbols.spelled:
            self.change_names(self.symbols.packages_of(module))

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """Note what defining a function changes."""
        self._definition(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        """Note what defining a function changes."""
        self._definition(node)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        """Note what defining a function changes; within another, it is taken as called."""
        if self.function is not None:
            self.generic_visit(node)
        else:
            self._signature(node.args)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        """Note what defining a class changes: its decorators, bases, metaclass and body."""
        for decorator in node.decorator_list:
            self.decorate(decorator)
        for base in node.bases:
            root = root_name(base)
            if root and self._keeps_book_of_subclasses(root, node, frozenset()):
                self.change_names([root, *(one.name for one in self.symbols.ancestors(node))])
        for cls in [node, *self.symbols.ancestors(node)]:
            if any(self.symbols.origin(base) == "enum" for base in cls.bases):
                self.make(node, ast.Call(ast.Name(node.name, ast.Load()), [], []))  # its members
            if cls is not node:
                self.apply_methods([cls], "__init_subclass__", None, ast.Name(cls.name))
            for keyword in cls.keywords:
                if keyword.arg == "metaclass" and isinstance(keyword.value, ast.Name):
                    for meta in self.symbols.classes.get(keyword.value.id, ()):
                        for method in ("__prepare__", "__new__", "__init__"):
                            self.apply_methods([meta], method, None, None)
        outer = self.local
        self.local = outer | set(bound_names(node.body))
        for part in node.body:
            if self.function is not None or not isinstance(
                part, ast.FunctionDef | ast.AsyncFunctionDef
            ):
                self.visit(part)
            else:
                for decorator in part.decorator_list:
                    self.decorate(decorator)
        self.local = outer

    def _keeps_book_of_subclasses(
        self, name: str, node: ast.ClassDef, seen: frozenset[str]
    ) -> bool:
        """Tell whether defining a subclass changes the base: a registry, an ORM's tables."""
        if name in seen:
            return False
        if name in self.symbols.imports:
            return bool(seen) or bool(node.keywords)
        if name not in self.symbols.classes:
            return name in self.symbols.values  # Base = declarative_base()
        if self.symbols.uses_subclasses:
            return True
        for cls in self.symbols.classes[name]:
            if any(isinstance(part, ast.FunctionDef) and part.name == "__init_subclass__"
                   for part in cls.body):  # fmt: skip
                return True
            if any(keyword.arg == "metaclass" for keyword in cls.keywords):
                return True
            for base in cls.bases:
                root = root_name(base)
                if root in vocabulary.PLAIN_BASES:
                    continue
                if root and self._keeps_book_of_subclasses(root, node, seen | {name}):
                    return True
        return False

    def decorate(self, decorator: ast.expr) -> None:
        """Note what a decorator does: it is called with the function."""
        if self.symbols.stands_for(decorator, "action"):
            self.generic_visit(decorator)
            return
        name = self.symbols.dotted(decorator) or ""
        if self.symbols.uses_overloads and name.endswith(".overload"):
            self.change_names(self.symbols.from_module(name.partition(".")[0]))
        sets_up = set(self.found.sets_up)
        call = decorator if isinstance(decorator, ast.Call) else ast.Call(decorator, [], [])
        self.call(call, thrown_away=True)
        if isinstance(decorator, ast.Call):  # @register("a"), where register is a class
            self.apply_methods(self.symbols.classes_of(decorator), "__call__", None, decorator)
        self.parts(call)
        self.found.sets_up = sets_up  # @functools.wraps(f) says nothing about functools
