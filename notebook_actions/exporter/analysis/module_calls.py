"""What a call of a module's function changes, by its name: ``np.seterr``, ``load_dotenv``."""

from __future__ import annotations

import ast
import re

from notebook_actions.exporter.analysis import vocabulary
from notebook_actions.exporter.analysis.imports import Imported
from notebook_actions.exporter.analysis.passed import Passed

__all__ = ["ModuleCalls"]


class ModuleCalls(Passed):
    """Notes the effects of calls of what libraries define."""

    def is_of_process(self, node: ast.Call) -> bool:
        """Tell whether a call sets something of the whole process."""
        name = self.symbols.dotted(node.func) or ""
        match node.args:
            case [action, *_] if re.match(r"warnings\.(?:simplefilter|filterwarnings)", name):
                return not isinstance(action, ast.Constant) or action.value == "error"
        return vocabulary.is_of_process(name)

    def call_imported(
        self, name: str, imports: list[Imported], function: str, node: ast.Call, thrown_away: bool
    ) -> None:
        """Note what a call of a function changes that is imported, or belongs to a module."""
        module = imports[-1]
        if thrown_away and function == "extension" and not self.is_local(module):
            # hv.extension("bokeh"): without it the package does not work, now or later.
            self.change_names(self.symbols.from_module(module.root))
            return
        if vocabulary.links(function, module.root) and self._only_shown(node):
            return
        if vocabulary.is_noise(module.root) and not self.is_local(module):
            if vocabulary.draws(function, module.root):
                self.change_names(self.symbols.drawings)
            if thrown_away and vocabulary.styles(function, module.root):
                for package in vocabulary.PLOTS:
                    self.change_names(self.symbols.from_module(package))
            return
        if vocabulary.writes_to_arguments(function):
            self.change_arguments(node)
        if vocabulary.changes_first(function, module.root):
            return
        if module.root == "dataclasses" and function == "replace":
            for cls in self.classes_of(node.args[0]) if node.args else ():
                self.make(cls, node)
        if self.is_local(module):
            self.change_arguments(node)
            self.change_module(node.func)
            if thrown_away and not vocabulary.only_shows(function, None):
                self.change_names([name])
            return
        if vocabulary.takes_over(self.symbols.dotted(node.func) or ""):
            self.change_arguments(node)
        if vocabulary.sets_in_argument(function) and node.args:
            self.change(node.args[0])
        if vocabulary.records(self.symbols.dotted(node.func) or ""):
            self.found.process |= self.is_of_process(node)
            self.change_names(self.symbols.from_module(module.root))
        if vocabulary.sets_module(function):
            self.change_names(self.symbols.from_module(module.root))
        if not thrown_away or vocabulary.only_shows(function, None):
            return
        if vocabulary.makes_table(function, module.root):
            return
        if function == "load_dotenv":
            self.change_names(self.symbols.from_module("os"))
            return
        if module.root.startswith("nest_asyncio"):
            self.change_names(self.symbols.from_module("asyncio"))
            return
        if not (vocabulary.is_standard(module.root) or vocabulary.is_table(module.root)):
            self.change_arguments(node)
        if vocabulary.registers(function):
            self.change_names(self.symbols.from_module(module.root))
        else:
            self.found.sets_up.add(module.root)

    def _only_shown(self, node: ast.Call) -> bool:
        """Tell whether a call links forms to widgets: ``dlink((form, "result"), (label, ...))``."""
        linked = [pair.elts[0] for pair in node.args if isinstance(pair, ast.Tuple) and pair.elts]
        origins = list(map(self.symbols.origin, linked))
        return "notebook_actions" in origins and all(
            one == "notebook_actions" or vocabulary.is_noise(one) for one in origins
        )

    def change_module(self, function: ast.expr) -> bool:
        """Note that a function is called that may change what its module holds.

        Tells whether it changes what it is given.
        """
        module, _, name = (self.symbols.dotted(function) or "").rpartition(".")
        modules = self.knowledge.modules
        if not module or not modules.is_local(module):
            return False
        for package in modules.changed_by(module, name):
            self.change_names(self.knowledge.users_of(package), called=True)
        return modules.changes_arguments(module, name)

    def start_patch(self, patch: ast.expr) -> None:
        """Note that a patch begins or ends: ``mock.patch("math.floor", f).start()``."""
        seen: set[str] = set()
        waiting = [patch]
        while waiting:
            for part in ast.walk(waiting.pop()):
                match part:
                    case ast.Name(id=name) if name not in seen:
                        seen.add(name)
                        waiting += self.values.get(name, self.symbols.values.get(name, ()))
                    case ast.Call(func=function, args=[target, *_]) if vocabulary.patches(
                        self.symbols.dotted(function) or ""
                    ):
                        self._patch_target(target)

    def patch_by_hand(self, method: str, node: ast.Call) -> None:
        """Note what a call of a ``MonkeyPatch`` changes: ``patch.setattr("math.floor", f)``."""
        if method in {"setattr", "delattr", "setitem", "delitem"} and node.args:
            self._patch_target(node.args[0])
        elif method in {"setenv", "delenv", "syspath_prepend", "chdir", "undo"}:
            self.found.process = True

    def _patch_target(self, target: ast.expr) -> None:
        self.change(target)
        if isinstance(target, ast.Constant) and isinstance(target.value, str):
            self.change_names(self.knowledge.users_of(target.value.partition(".")[0]))
            self.found.process |= vocabulary.is_of_process(target.value)

    def is_local(self, imported: Imported) -> bool:
        """Tell whether a module belongs to the notebook."""
        return self.knowledge.modules.is_local(imported.module)
