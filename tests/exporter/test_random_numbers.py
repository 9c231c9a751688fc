# ruff: noqa: E501 (one notebook a line)
"""Random numbers of the process are those of the notebook, whichever library draws them."""

from __future__ import annotations

import pytest

from tests.exporter.notebooks import assert_same, codes, exported, slice_of

PANDAS = "import numpy as np, pandas as pd, random\ndf = pd.DataFrame({'a': range(90)})"

SEEDED = {
    "a table's sample": [PANDAS + "\nnp.random.seed(3)", "wanted = df.sample(3).index.tolist()"],
    "numbers drawn before": [PANDAS + "\nnp.random.seed(3)", "x = np.random.rand(5)", "wanted = df.sample(3).index.tolist()"],
    "a sample drawn before": [PANDAS + "\nnp.random.seed(3)", "x = df.sample(5)", "wanted = np.random.rand(2).tolist()"],
    "a module of a package": ["from numpy import random\nimport pandas as pd\nrandom.seed(3)", "wanted = pd.Series(range(90)).sample(3).tolist()"],
    "a function that seeds": [PANDAS + "\ndef set_seed(n):\n    np.random.seed(n)\n    random.seed(n)", "set_seed(3)", "wanted = df.sample(3).index.tolist()"],
    "a function that does not seed": [PANDAS + "\ndef set_seed(n):\n    if n: np.random.seed(n)", "set_seed(3)\nset_seed(0)", "wanted = df.sample(3).index.tolist()"],
    "a function that draws": [PANDAS + "\nnp.random.seed(3)\ndef pick(t): return t.sample(3)", "x = pick(df)", "wanted = pick(df).index.tolist()"],
    "a second seed": [PANDAS + "\nnp.random.seed(3)", "x = np.random.rand()\nnp.random.seed(3)\ny = df.sample(2)", "wanted = df.sample(3).index.tolist()"],
    "another name of a function": ["import random\nrandom.seed(3)\npick = random.choice", "x = pick(range(90))", "wanted = pick(range(90))"],
    "a function handed on": ["import random\nrandom.seed(3)", "x = [f() for f in [random.random]]", "wanted = random.random()"],
    "an awaited draw": [PANDAS + "\nasync def f(): return df.sample(3).index.tolist()", "np.random.seed(3)\nx = await f()", "wanted = df.sample(3).index.tolist()"],
    "a bound function": ["import random\nfrom functools import partial\nrandom.seed(1)\nroll=partial(random.randint,1,6)", "a=roll()", "wanted=[roll() for _ in range(9)]"],
    "a special method": ["import random\nrandom.seed(1)\nclass Die:\n    def __str__(s): return str(random.randint(1,6))\nd=Die()", "a=f'{d}'", "wanted=[str(d) for _ in range(9)]"],
    "a function in a dict": ["import random\nrandom.seed(1)\nops={'r':random.random}", "a=ops['r']()", "wanted=ops['r']()"],
    "a field": ["import random\nfrom dataclasses import dataclass, field\nrandom.seed(1)\n@dataclass\nclass Q:\n    v:float=field(default_factory=random.random)", "a=Q()", "wanted=Q().v"],
    "another name of a module": ["import numpy as np\nrnd=np.random\nrnd.seed(3)", "x=rnd.rand(2)", "wanted=rnd.rand(2).tolist()"],
    "a state that is kept": ["import numpy as np\nnp.random.seed(3)\nst=np.random.get_state()", "x=np.random.rand()", "np.random.set_state(st)\nwanted=float(np.random.rand())"],
    "a source in a dict": ["import numpy as np\ncfg={'rng':np.random.default_rng(0)}", "x=cfg['rng'].random()", "wanted=float(cfg['rng'].random())"],
    "a source as a default value": ["import numpy as np\ndef boot(n,r=np.random.default_rng(0)): return r.integers(0,9,n)", "x=boot(3)", "wanted=boot(3).tolist()"],
    "a sequence of seeds": ["import numpy as np\nss=np.random.SeedSequence(4)", "a=ss.spawn(2)", "wanted=ss.spawn(1)[0].spawn_key"],
}  # fmt: skip


@pytest.mark.parametrize("cells", SEEDED.values(), ids=SEEDED.keys())
def test_a_seeded_number_is_the_notebook_s(cells: list[str]) -> None:
    """After a seed, the app draws what the notebook drew."""
    assert_same(*cells)


MODELS = "import numpy as np\nfrom sklearn.ensemble import RandomForestClassifier as Forest\nfrom sklearn.linear_model import LinearRegression\nnp.random.seed(3)\nX, y = [[1], [2]], [0, 1]"


@pytest.mark.parametrize(
    ("model", "kept"),
    [("Forest()", True), ("Forest(random_state=None)", True), ("Forest(random_state=4)", False), ("LinearRegression()", False)],
)  # fmt: skip
def test_what_a_model_draws_is_kept(model: str, kept: bool) -> None:
    """Learning draws numbers, unless the model calculates or has a seed of its own."""
    other = f"other = {model}\nother.fit(X, y)"
    source = exported(MODELS, other, "wanted = Forest().fit(X, y)")
    assert "np.random.seed(3)" in source
    assert ("other.fit(X, y)" in source) is kept


def test_without_a_seed_nothing_depends_on_what_was_drawn() -> None:
    """Numbers that differ in every run are drawn where they are needed only."""
    cells = [PANDAS, "x = df.sample(5)\ny = np.random.rand()", "wanted = df.sample(3)"]
    assert exported(*cells) == exported(cells[0], cells[2])


def test_a_shown_draw_is_told() -> None:
    """A sample that is only shown moves on the numbers after it."""
    cells = [PANDAS + "\nnp.random.seed(3)", "print(df.sample(2))", "wanted = df.sample(3)"]
    assert codes(slice_of(*cells)) == ["W206"]


def test_a_source_that_is_not_needed_is_left_out() -> None:
    """A table that nobody draws from needs no numbers."""
    cells = ["import numpy as np\nnp.random.seed(3)", "x = np.random.rand(9)", "wanted = [1]"]
    assert exported(*cells) == "wanted = [1]\n"
