"""What calls change in the modules that a notebook brings along: ``counter = helper.next_id()``.

Their text is at hand, so it is analysed as the notebook itself is: a function that changes what its
module holds, or an argument, does so for whoever calls it, also where its value is used.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field

from notebook_actions.exporter.analysis.effects import Effects
from notebook_actions.exporter.analysis.modules import LocalModules, imported_by
from notebook_actions.exporter.analysis.notebook import make_cell
from notebook_actions.exporter.analysis.scopes import FunctionNode
from notebook_actions.exporter.analysis.statements import split_cells
from notebook_actions.exporter.analysis.symbols import Symbols

__all__ = ["ModuleStates"]

#: Characters of a module. A longer one takes too long to analyse, so that any call of what it
#: defines is taken to change what it holds.
LONGEST = 100_000


@dataclass(frozen=True, slots=True)
class _Module:
    """What the functions and classes of a module change when they are called.

    Attributes
    ----------
    packages
        By name, the packages whose modules hold something else after it.
    arguments
        Those that change what they are given.
    """

    packages: Mapping[str, Set[str]] = field(default_factory=dict)
    arguments: frozenset[str] = frozenset()


class ModuleStates:
    """Knows the notebook's own modules.

    Parameters
    ----------
    modules
        Where they are found.
    """

    def __init__(self, modules: LocalModules) -> None:
        self._modules = modules
        self._known: dict[str, _Module] = {}
        self._symbols: dict[str, Symbols] = {}
        self._reached: dict[str, frozenset[str]] = {}

    def is_local(self, module: str) -> bool:
        """Tell whether a module belongs to the notebook."""
        return self._modules.find(module) is not None

    def reached_by(self, module: str) -> Set[str]:
        """Return the packages that a local module imports, itself or through other local ones."""
        if module not in self._reached:
            self._reached[module] = frozenset(
                _package(name)
                for one in self._modules.closure([module])
                for name in (one.name, *imported_by(one))
            )
        return self._reached[module]

    def changed_by(self, module: str, name: str) -> Set[str]:
        """Return the packages whose modules hold something else after a call of a function."""
        home, own = self._home(module, name, frozenset())
        if self._is_long(home):
            return {_package(home), _package(module)}
        found = self._module(home).packages.get(own, frozenset())
        return found | {_package(module)} if found else found

    def changes_arguments(self, module: str, name: str) -> bool:
        """Tell whether a call of what a module defines changes what it is given."""
        home, own = self._home(module, name, frozenset())
        return self._is_long(home) or own in self._module(home).arguments

    def _home(self, module: str, name: str, seen: frozenset[str]) -> tuple[str, str]:
        """Return the module that defines a name, and its name there: ``from .core import f``."""
        self._module(module)
        symbols = self._symbols.get(module)
        for one in symbols.imports.get(name, ()) if symbols is not None else ():
            level = len(one.module) - len(one.module.lstrip("."))
            rest = one.module[level:]
            outer = (
                [module] if level == 1 and self._is_package(module) else [module.rpartition(".")[0]]
            )
            target = ".".join(filter(None, [*outer, rest])) if level else one.module
            if one.attribute is not None and target not in seen and self.is_local(target):
                return self._home(target, one.attribute, seen | {module})
        return module, name

    def _is_package(self, module: str) -> bool:
        found = self._modules.find(module)
        return found is not None and found.path.endswith("__init__.py")

    def _is_long(self, module: str) -> bool:
        found = self._modules.find(module)
        return found is not None and len(found.text) > LONGEST

    def _module(self, module: str) -> _Module:
        if module not in self._known:
            self._known[module] = _Module()  # for modules that import each other
            found = self._modules.find(module)
            if found is not None and found.text and not self._is_long(module):
                self._known[module] = self._analysed(module, found.text)
        return self._known[module]

    def _analysed(self, module: str, text: str) -> _Module:
        statements = split_cells([make_cell(1, text)], self._modules.star_names).all
        self._symbols[module] = symbols = Symbols(statements)
        effects = Effects(statements, symbols, self)
        packages: defaultdict[str, set[str]] = defaultdict(set)
        arguments: set[str] = set()
        for name in {*effects.knowledge.changers.bound, *symbols.moving}:
            packages[name].add(_package(module))
        for name, functions in _called(symbols):
            for function in functions:
                effect = effects.of_function(function)
                changed = effect.changes | effect.sets | effect.trained
                if changed:
                    packages[name].add(_package(module))
                for one in changed:
                    packages[name].update(found.root for found in symbols.imports.get(one, ()))
                if effect.parameters and name in symbols.functions:
                    arguments.add(name)
        return _Module(packages, frozenset(arguments))


def _called(symbols: Symbols) -> Iterator[tuple[str, Sequence[FunctionNode]]]:
    """Yield the functions of a module, and its classes with what a call of them runs."""
    yield from symbols.functions.items()
    for name, classes in symbols.classes.items():
        for cls in classes:
            yield name, [*symbols.methods(cls, "__init__"), *symbols.methods(cls, "__new__")]


def _package(module: str) -> str:
    return module.partition(".")[0]
