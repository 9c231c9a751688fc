"""What operators, attributes, items and ``with`` change: the special methods that they call."""

from __future__ import annotations

import ast

from notebook_actions.exporter.analysis.calls import Calls
from notebook_actions.exporter.analysis.expressions import root_name

__all__ = ["Operations"]

_OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.MatMult: "matmul", ast.Div: "truediv",
    ast.FloorDiv: "floordiv", ast.Mod: "mod", ast.Pow: "pow", ast.LShift: "lshift",
    ast.RShift: "rshift", ast.BitAnd: "and", ast.BitOr: "or", ast.BitXor: "xor", ast.Eq: "eq",
    ast.NotEq: "ne", ast.Lt: "lt", ast.LtE: "le", ast.Gt: "gt", ast.GtE: "ge", ast.In: "contains",
    ast.NotIn: "contains", ast.USub: "neg", ast.UAdd: "pos", ast.Invert: "invert", ast.Not: "bool",
}  # fmt: skip


class Operations(Calls, ast.NodeVisitor):
    """Notes the effects of what is no call, but calls methods of the notebook's classes."""

    def special(self, node: ast.expr, *names: str) -> None:
        """Note that special methods of an object are called."""
        wanted = [f"__{name}__" for name in names]
        wanted = [name for name in wanted if name in self.symbols.special]
        if wanted:
            for cls in self.classes_of(node):
                for name in wanted:
                    self.apply_methods([cls], name, None, node)

    def visit_For(self, node: ast.For) -> None:
        """Note what iterating calls."""
        self.special(node.iter, "iter", "next")
        match node.iter:  # for i in bar(range(10)): the bar moves on
            case ast.Call(func=ast.Name(id=name) as func) if self._is_made(name):
                self.change(func)
        self.generic_visit(node)

    def _is_made(self, name: str) -> bool:
        """Tell whether a name stands for an object that a library has made."""
        return (
            name not in self.local
            and self.symbols.is_variable(name)
            and self.symbols.origin(ast.Name(name)) is not None
        )

    def visit_Attribute(self, node: ast.Attribute) -> None:
        """Note what getting or setting an attribute calls."""
        symbols = self.symbols
        self.draw_numbers(self.knowledge.numbers.mentioned(node))
        if node.attr in symbols.moving_parts:
            self.change(node)
        self.read(node.value, node.attr)
        is_store = isinstance(node.ctx, ast.Store)
        if not is_store and self.knowledge.changers.is_bound(node):
            self.change(node.value)  # map(xs.append, ys)
        self.special(node.value, *(("setattr",) if is_store else ("getattr", "getattribute")))
        self.generic_visit(node)

    def visit_Match(self, node: ast.Match) -> None:
        """Note what patterns of classes read: ``case Course(seats=0)``."""
        part = ast.Subscript(node.subject, ast.Constant(0), ast.Load())  # or a part of a part
        for pattern in (inner for case in node.cases for inner in ast.walk(case.pattern)):
            if isinstance(pattern, ast.MatchClass):
                for name in pattern.kwd_attrs:
                    self.read(part, name)
                if pattern.patterns:
                    for cls in self.symbols.classes.get(root_name(pattern.cls) or "", ()):
                        self.read_all(cls, part)
        self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        """Note what looking an item up calls."""
        if isinstance(node.ctx, ast.Load):
            self.special(node.value, "getitem", "missing", "class_getitem")
            self.look_up(node.value)
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        """Note what an operator calls."""
        name = _OPERATORS[type(node.op)]
        self.special(node.left, name)
        self.special(node.right, f"r{name}")
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        """Note what an operator calls."""
        self.special(node.operand, _OPERATORS[type(node.op)])
        self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> None:
        """Note what a comparison calls."""
        for op, one in zip(node.ops, node.comparators, strict=True):
            name = _OPERATORS.get(type(op))
            if name is not None:
                self.special(one if name == "contains" else node.left, name)
        self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        """Note that a use of an iterator moves it on."""
        if isinstance(node.ctx, ast.Store) or node.id in self.local:
            return
        self.draw_numbers(self.knowledge.numbers.mentioned(node))
        around = self.knowledge.enclosing.get(id(self.function), set())
        if (
            node.id in self.symbols.moving
            or node.id in self.knowledge.changers.bound
            or (node.id in around and node.id in self.symbols.moving_parts)
        ):
            self.change(node)
            for value in self.symbols.values.get(node.id, ()):
                self.call_lazily(value)
