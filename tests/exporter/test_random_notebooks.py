"""Random straight-line notebooks: the slice computes what a run of all cells computes."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.exporter.notebooks import exported, value_in, value_in_notebook

NAMES = st.sampled_from("abcde")
FUNCTIONS = st.sampled_from("fgh")

# Every name is a list of lists and every function takes one and returns one, so all of these run.
STATEMENTS = st.one_of(
    st.builds("{0} = [[{1}]]".format, NAMES, st.integers(0, 9)),
    st.builds("{0} = {1}".format, NAMES, NAMES),
    st.builds("{0} = [*{1}, *{2}]".format, NAMES, NAMES, NAMES),
    st.builds("{0} = {1} + [[len({2})]]".format, NAMES, NAMES, NAMES),
    st.builds("{0}.append([{1}])".format, NAMES, st.integers(0, 9)),
    st.builds("{0}[0].append(len({1}))".format, NAMES, NAMES),
    st.builds("{0} += [{1}[0]]".format, NAMES, NAMES),
    st.builds("{0}, {1} = {1}, {0}".format, NAMES, NAMES),
    st.builds("{0} = {1}[:]; {0}[0] = [len({1})]".format, NAMES, NAMES),
    st.builds("for x in {0}:\n    x.append({1})".format, NAMES, st.integers(0, 9)),
    st.builds("if len({0}) > 2:\n    {1} = {0}[:2]".format, NAMES, NAMES),
    st.builds("def {0}(x):\n    return x[:1] + {1}".format, FUNCTIONS, NAMES),
    st.builds("def {0}(x):\n    x.append([len({1})])\n    return x".format, FUNCTIONS, NAMES),
    st.builds("def {0}(x):\n    y = {1}\n    y.append([1])\n    return x".format, FUNCTIONS, NAMES),
    st.builds("def {0}(x):\n    global {1}\n    {1} = x[:]\n    return x".format, FUNCTIONS, NAMES),
    st.builds("{0}[0] = {1}[0]".format, NAMES, NAMES),
    st.builds("{0}.insert(0, {1}[0])".format, NAMES, NAMES),
    st.builds("def {0}(x):\n    {1}.append(x[0])\n    return x".format, FUNCTIONS, NAMES),
    st.builds("def {0}(x):\n    x.append({1}[0])\n    return x".format, FUNCTIONS, NAMES),
    st.builds("def {0}(x):\n    y = []\n    y += {1}[:1]\n    return y".format, FUNCTIONS, NAMES),
    st.builds("{0} = [{1}, {2}][0]".format, NAMES, NAMES, NAMES),
    st.builds("{0} = {1}({2})".format, NAMES, FUNCTIONS, NAMES),
    st.builds("{0}({1})".format, FUNCTIONS, NAMES),
    st.builds("{0} = lambda x, k={1}: x + k".format, FUNCTIONS, NAMES),
    st.builds("print({0}); len({1})".format, NAMES, NAMES),
)
START = "a, b, c, d, e = [[1]], [[2]], [[3]], [[4]], [[5]]\ndef f(x): return x\ng = h = f"


@given(st.lists(STATEMENTS, max_size=12), NAMES, FUNCTIONS)
@settings(
    max_examples=300, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
def test_the_slice_gives_the_notebooks_values(
    statements: list[str], name: str, function: str
) -> None:
    """Whatever straight-line code ran, the slice for a value and a function gives the same."""
    cells = [START, *statements, f"wanted = [{name}, {function}]"]
    expression = "[wanted[0], wanted[1]([[0]])]"
    source = exported(*cells)
    try:
        expected = value_in_notebook(*cells, expression=expression)
    except (MemoryError, RecursionError):
        return
    assert value_in(source, expression) == expected, source
