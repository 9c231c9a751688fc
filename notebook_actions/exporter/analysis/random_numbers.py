"""Random numbers that a whole process shares: what seeds them, and what draws from them.

Each number depends on all that were drawn since the seed, by whichever library, so that
``df.sample(3)`` depends on ``np.random.seed(4)`` without naming it. A source without a seed gives
other numbers in every run, and nothing depends on what was drawn from it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping, Sequence

from notebook_actions.exporter.analysis.expressions import called, root_name
from notebook_actions.exporter.analysis.symbols import Symbols
from notebook_actions.exporter.analysis.vocabulary import is_noise, is_standard, is_table

__all__ = ["RandomNumbers", "is_seed", "source_name"]

# Packages with numbers of the whole process, and which of their functions draw them.
_OWN = {
    "random": re.compile(r"random\.[a-z]\w*"),
    "numpy": re.compile(r"numpy\.random\.(?:mtrand\.)?[a-z]\w*"),
    "torch": re.compile(r"torch\.\w.*"),
    "tensorflow": re.compile(r"(?:tensorflow|keras)\.\w.*"),
}
_NO_DRAWS = frozenset({"default_rng", "get_state", "getstate", "set_state", "setstate"})
_SEEDS = re.compile(r"(?:\w+_)?seed(?:_\w+)?|set_?state")
# By their names, functions and methods of libraries that draw where they are given no seed.
_DRAWS = re.compile(
    r"sample\w*|\w*shuffle\w*|permut\w*|\w*_split|split|resample|rvs|boot\w*|\w*rand(?:om|n|int)?\w*|"
    r"(?:\w+_)?fit(?:_\w+)?|train\w*|cross_val\w*|make_\w+|minimize|optimi[sz]e\w*|search|simulate|"
    r"generate\w*|\w+_layout|augment\w*|noise\w*|evolve|mutate|evaluate|run|differential_evolution|"
    r"dual_annealing|basinhopping|kmeans\w*"
)
_TABLE_DRAWS = re.compile(r"sample|shuffle")
# What learns by calculating alone.
_EXACT = re.compile(
    r"(?:Linear|Logistic|Poisson|Huber|Isotonic|Bayesian)Regression|Ridge\w*|Lasso\w*|OLS|GLS|WLS|"
    r"Lin(?:ear)?Discriminant\w*|\w*(?:Scaler|Encoder|Imputer|Vectorizer|Normalizer|Binarizer|NB|"
    r"Neighbors\w*|Features|Selector|Percentile|KBest)"
)
_GIVEN = re.compile(r"random_?state|seed|random_seed|rng|generator")


def source_name(package: str) -> str:
    """Return what the random numbers of a package are called; no name of a notebook is like it."""
    return f"random numbers of {package}"


def is_seed(function: str) -> bool:
    """Tell whether a module's function of this name seeds random numbers."""
    return _SEEDS.fullmatch(function) is not None


class RandomNumbers:
    """Which calls draw random numbers of the process.

    Attributes
    ----------
    seeded
        The packages whose random numbers the notebook seeds, so that each run has the same.
    """

    def __init__(self, symbols: Symbols, is_local: Callable[[str], bool]) -> None:
        self.symbols = symbols
        self.is_local = is_local
        self.seeded: set[str] = set()
        for node in symbols.nodes:
            if isinstance(node, ast.Call) and is_seed(called(node)):
                self.seeded |= self.seeds(node)

    def seeds(self, call: ast.Call) -> set[str]:
        """Return the packages whose random numbers a call seeds."""
        name = self._of_module(call.func)
        if name is None or not is_seed(called(call)):
            return set()
        root = name.partition(".")[0]
        root = "tensorflow" if root == "keras" else root
        if called(call) in {"set_random_seed", "seed_everything"} or root not in _OWN:
            return set(_OWN)
        return {root}

    def drawn(
        self, call: ast.Call, origin: str | None, values: Mapping[str, Sequence[ast.expr]]
    ) -> set[str]:
        """Return the packages from whose random numbers a call draws.

        Parameters
        ----------
        call
            The call.
        origin
            The package that the called function comes from, or None.
        values
            What the local names of a function may stand for.
        """
        if not self.seeded:
            return set()
        found = self.mentioned(call.func)
        if isinstance(call.func, ast.Name | ast.Subscript):  # roll = partial(random.randint, 1, 6)
            name = root_name(call.func) or ""
            for value in values.get(name, self.symbols.values.get(name, ())):
                parts = [part for part in ast.walk(value) if isinstance(part, ast.expr)]
                found = found.union(*map(self.mentioned, parts))
        if origin is None or found or self.seeds(call):
            return found
        if origin in {"torch", "keras", "tensorflow"}:
            found = {"torch"} if origin == "torch" else {"random", "tensorflow"}
        elif self.is_local(origin):
            found = set(_OWN)
        elif not self._has_seed(call) and self._draws(call, origin):
            found = {"numpy"} if is_table(origin) else set(_OWN)
        return found & self.seeded

    def mentioned(self, node: ast.expr) -> set[str]:
        """Return the packages whose functions for random numbers an expression is."""
        name = self._of_module(node) if self.seeded else None
        if name is None or name.rpartition(".")[2] in _NO_DRAWS or is_seed(name.rpartition(".")[2]):
            return set()
        return {source for source in self.seeded if _OWN[source].fullmatch(name)}

    def _of_module(self, node: ast.expr) -> str | None:
        """Return the full name of a module's function; not that of an object's method."""
        part = node
        while isinstance(part, ast.Attribute):
            part = part.value
        return self.symbols.dotted(node) if isinstance(part, ast.Name) else None

    def _draws(self, call: ast.Call, origin: str) -> bool:
        if is_standard(origin) or is_noise(origin):
            return False
        if is_table(origin):
            return _TABLE_DRAWS.fullmatch(called(call)) is not None
        maker = self._maker(call)
        if maker is not None and (_EXACT.fullmatch(called(maker)) or self._has_seed(maker)):
            return False
        return _DRAWS.fullmatch(called(call)) is not None

    def _maker(self, call: ast.Call) -> ast.Call | None:
        """Return the call that made the object whose method is called, if it is known."""
        node = call.func.value if isinstance(call.func, ast.Attribute) else None
        if isinstance(node, ast.Name):
            node = next(iter(self.symbols.values.get(node.id, ())), None)
        return node if isinstance(node, ast.Call) else None

    def _has_seed(self, call: ast.Call) -> bool:
        return any(
            keyword.arg is not None
            and _GIVEN.fullmatch(keyword.arg)
            and not (isinstance(keyword.value, ast.Constant) and keyword.value.value is None)
            for keyword in call.keywords
        )
