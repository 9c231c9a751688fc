"""What a call of the notebook's own functions, methods and classes changes."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from notebook_actions.exporter.analysis.expressions import root_name
from notebook_actions.exporter.analysis.marks import Marks
from notebook_actions.exporter.analysis.scopes import FunctionNode, arguments_for
from notebook_actions.exporter.analysis.vocabulary import SPECIAL_BY_SYNTAX

__all__ = ["Applied"]


class Applied(Marks):
    """Notes the effects of functions that are analysed themselves."""

    def look_up(self, node: ast.expr, *, called: bool = False) -> None:
        """Note that an item of an object is looked up."""
        raise NotImplementedError

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
                decorators = {root_name(one) for one in getattr(function, "decorator_list", [])}
                own = ast.Name(cls.name, ast.Load()) if "classmethod" in decorators else receiver
                self.apply(function, node, own, 0 if "staticmethod" in decorators else 1)
                found = True
        return found

    def apply_all(self, cls: ast.ClassDef, receiver: ast.expr) -> None:
        """Note what all methods of a class change, but for those that begin an instance."""
        for method in cls.body:
            if isinstance(method, ast.FunctionDef) and method.name not in SPECIAL_BY_SYNTAX:
                self.apply_methods([cls], method.name, None, receiver)

    def apply(
        self, function: FunctionNode, node: ast.Call | None, receiver: ast.expr | None, shift: int
    ) -> None:
        """Note what a call of a function of the notebook changes."""
        effect = self.knowledge.of_function(function)
        held = effect.changes | effect.sets
        if held or effect.parameters:
            sources = self.knowledge.sharing.sources
            held = held if receiver is None else held | sources(receiver)
            self.meet_in_call(node or ast.Call(ast.Constant(None), [], []), held)
        around = self.knowledge.enclosing.get(id(function), set())
        changed = (effect.changes | effect.trained) - around
        outside = {name for name in changed if name not in self.local}
        self.change_names(outside, called=True)
        if self.function is not None or not self.showing:
            self.found.sets |= effect.sets
        self.found.sets_up |= effect.sets_up
        self.found.seeds |= effect.seeds
        if self.showing and self.function is None:
            self.found.trials |= effect.draws_from
        else:
            self.found.draws_from |= effect.draws_from
        self.found.process |= effect.process
        self.found.wild |= effect.wild and node is not None
        defaults = [*function.args.defaults, *function.args.kw_defaults]
        if any(default is not None and self.symbols.moves(default) for default in defaults):
            self._change_holder(function)  # def draw(rng=np.random.default_rng(4))
        for parameter in effect.parameters:
            for argument in arguments_for(function, parameter, node, receiver, shift):
                self.change(argument, called=True)
                if argument in defaults and not self.knowledge.sharing.sources(argument):
                    self._change_holder(function)  # def add(x, into=[])
        for parameter in effect.looks_up - effect.parameters:
            for argument in arguments_for(function, parameter, node, receiver, shift):
                self.look_up(argument, called=True)
        for parameter in effect.draws - effect.parameters:
            for argument in arguments_for(function, parameter, node, receiver, shift):
                self.draw(argument, called=True)

    def _change_holder(self, function: FunctionNode) -> None:
        """Note that a function changes one of its own default values."""
        owner = self.symbols.owners.get(id(function))
        name = getattr(function, "name", None) if owner is None else owner.name
        for one, values in self.symbols.values.items():
            if any(value is function for value in values):
                self.change_names([one], called=True)  # f = lambda x, into=[]: into.append(x)
        if name is not None and (owner or function in self.symbols.functions.get(name, ())):
            self.change_names([name], called=True)
