# ruff: noqa: E501 (one notebook a line)
"""Changes that no statement says outright: the slice keeps them, or the author is told."""

from __future__ import annotations

import pytest

from tests.exporter.notebooks import assert_same, codes, slice_of

ARRAYS = "import numpy as np\na, b = np.array([3., 5., -1.]), np.array([1., 2., 3.])"

WRITTEN_INTO = {
    "a function of two arrays": [ARRAYS, "c = np.add(a, b, a)", "wanted = a.tolist()"],
    "a function of one array": [ARRAYS, "np.sqrt(b, a)", "wanted = a.tolist()"],
    "a function without its module": ["from numpy import array, clip\na = array([5.])", "clip(a, 0, 1, a)", "wanted = a.tolist()"],
    "a sum along an axis": [ARRAYS, "c = np.cumsum(b, None, None, a)", "wanted = a.tolist()"],
    "a method": [ARRAYS, "c = b.cumsum(None, None, a)", "wanted = a.tolist()"],
    "places of an array": [ARRAYS, "np.put(a, [0], [9])\nc = np.add.at(b, [0], 5)", "wanted = [*a, *b]"],
    "not a copy": ["import numpy as np\na = np.array([np.nan])", "c = np.nan_to_num(a, copy=False)", "wanted = a.tolist()"],
    "a list kept in order": ["import bisect\nxs = [1, 5]", "r = bisect.insort(a=xs, x=3)", "wanted = xs"],
    "a buffer": ["import io\na = bytearray(3)", "n = io.BytesIO(b'xyz').readinto(a)", "wanted = bytes(a)"],
    "a text in memory": ["import csv, io\nb = io.StringIO()\nw = csv.writer(b)", "n = w.writerow([1])\nm = b.write('x')", "wanted = b.getvalue()"],
    "a part of a tree": ["import xml.etree.ElementTree as ET\nroot = ET.Element('a')", "x = ET.SubElement(root, 'b')", "wanted = len(root)"],
}  # fmt: skip

HANDED_ON = {
    "a bound method": ["xs = []", "r = list(map(xs.append, [1, 2]))", "wanted = xs"],
    "a method of a class": ["xs = []", "r = list(map(list.append, [xs], [1]))", "wanted = xs"],
    "a bound method of a library's loop": ["import pandas as pd\nxs = []", "r = pd.Series([1, 2]).map(xs.append)", "wanted = xs"],
    "a method in a list": ["xs = [1, 2]", "r = [f() for f in [xs.pop]]", "wanted = xs"],
    "a function of the notebook": ["import re\nxs = []\ndef note(m):\n    xs.append(m[0])\n    return ''", "r = re.sub('a', note, 'aa')", "wanted = xs"],
    "a method by its name": ["from operator import methodcaller\nxs = []\nadd = methodcaller('append', 1)", "r = add(xs)", "wanted = xs"],
    "an operator": ["from functools import reduce\nimport operator\nxs = []", "r = reduce(operator.iadd, [[1], [2]], xs)", "wanted = xs"],
    "the next of a bound iterator": ["from functools import partial as bind\nit = iter([1, 2, 3])\ntake = bind(next, it)", "r = take()", "wanted = list(it)"],
    "a bound item": ["from functools import partial\nimport operator\nd = {}\nput = partial(operator.setitem, d)", "r = put(4, 5)", "wanted = d"],
    "another name of a builtin": ["class Q: pass\nq = Q()\nput = setattr", "r = put(q, 'a', 1)", "wanted = vars(q)"],
    "the end of an iterator": ["xs = [1, 2, 0, 5]", "r = list(iter(xs.pop, 0))", "wanted = xs"],
    "a job": ["from concurrent.futures import ThreadPoolExecutor\nxs = []", "with ThreadPoolExecutor(1) as pool: r = pool.submit(xs.append, 4)", "wanted = xs"],
}  # fmt: skip

HEARD = {
    "a log in a buffer": ["import io, logging\nb = io.StringIO()\nlog = logging.getLogger('heard')\nlog.propagate = False\nlog.addHandler(logging.StreamHandler(b))", "log.warning('x')", "wanted = b.getvalue()"],
    "a log in a handler of its own": ["import logging\nseen = []\nclass Seen(logging.Handler):\n    def emit(self, record): seen.append(record.getMessage())\nlog = logging.getLogger('seen')\nlog.addHandler(Seen())", "log.warning('x')", "wanted = seen[:]"],
    "a print": ["import io, sys\nb = io.StringIO()", "old = sys.stdout\nsys.stdout = b\nprint('x')\nsys.stdout = old", "wanted = b.getvalue()"],
    "a print in a block": ["import io, contextlib\nb = io.StringIO()\nelsewhere = contextlib.redirect_stdout(b)", "with elsewhere: print('x')", "wanted = b.getvalue()"],
}  # fmt: skip

FILLED = {
    "within another": ["from collections import defaultdict\nd = {'a': defaultdict(list)}", "y = d['a']['x']", "wanted = dict(d['a'])"],
    "by a function": ["from collections import defaultdict\nd = defaultdict(list)\ndef size(m, k): return len(m[k])", "y = size(d, 'x')", "wanted = dict(d)"],
    "of an object": ["from collections import defaultdict\nclass Q:\n    def __init__(self): self.d = defaultdict(int)\nq = Q()", "y = q.d['x']", "wanted = dict(q.d)"],
}  # fmt: skip


def _class(method: str, result: str) -> str:
    return (
        "seen = []\nclass T:\n    def __init__(self): self.k = 1\n"
        f"    def {method}:\n        seen.append(1)\n        return {result}\nt = T()"
    )


SPECIAL = {
    "a truth": [_class("__bool__(self)", "True"), "if t:\n    x = 1"],
    "a truth within a call": [_class("__bool__(self)", "True"), "x = any([t])"],
    "a length as a truth": [_class("__len__(self)", "1"), "x = t and 1"],
    "a hash": [_class("__hash__(self)", "1"), "x = {t: 1}"],
    "a comparison within a list": [_class("__eq__(self, o)", "True"), "x = [t].index(1)"],
    "an order": [_class("__lt__(self, o)", "True"), "x = sorted([t, T()])"],
    "a text": [_class("__str__(self)", "'x'"), "x = f'{t}'"],
    "a text within a list": [_class("__repr__(self)", "'x'"), "x = f'{[t]}'"],
    "a text by a function": [_class("__str__(self)", "'x'") + "\ndef f(o): return f'{o}'", "x = f(t)"],
    "an unpacking": [_class("__iter__(self)", "iter([1])"), "[x] = t"],
    "a mapping": [_class("keys(self)", "[]"), "x = {**t}"],
    "an index": [_class("__index__(self)", "0"), "x = [1][t]"],
    "an end": [_class("__del__(self)", "None"), "t = None"],
    "a deep copy": [_class("__deepcopy__(self, m)", "self"), "import copy\nx = copy.deepcopy(t)"],
    "a question to a class": ["seen = []\nclass M(type):\n    def __instancecheck__(cls, o):\n        seen.append(1)\n        return True\nclass T(metaclass=M): pass", "x = isinstance(1, T)"],
    "a changed copy": ["import dataclasses\nseen = []\n@dataclasses.dataclass\nclass P:\n    x: int\n    def __post_init__(self): seen.append(self.x)\np = P(3)", "q = dataclasses.replace(p, x=4)"],
    "an object's own count": ["class T:\n    seen = ()\n    def __init__(self): self.c = []\n    def __str__(self):\n        self.c.append(1)\n        return 'x'\nt = T()\nseen = t.c", "x = f'{t}'"],
}  # fmt: skip


@pytest.mark.parametrize("cells", SPECIAL.values(), ids=SPECIAL.keys())
def test_what_a_special_method_changes_is_kept(cells: list[str]) -> None:
    """A special method that Python or a library calls unasked gives the notebook's value."""
    assert_same(*cells, "wanted = list(seen)")


SET = {
    "by texts in a loop": ["x_1 = 0", "for i in (1, 2): exec(f'x_{i} = {i}')", "wanted = x_1"],
    "by keys in a loop": ["x_1 = 0", "for i in (1, 2): globals()[f'x_{i}'] = i", "wanted = x_1"],
    "by a dict": ["x = 0", "globals().update({'x': 5})", "wanted = x"],
    "by a named dict": ["x = 0\nd = {'x': 5}", "globals().update(d)", "wanted = x"],
    "by a named namespace": ["x = 0\ng = globals()", "g['x'] = 7", "wanted = x"],
    "by a named text": ["x = 0\ncode = 'x = 5'", "exec(code)", "wanted = x"],
    "by a compiled text": ["x = []", "exec(compile('x.append(5)', 'c', 'exec'))", "wanted = x"],
    "by a text given to a function": ["x = [1]\ndef run(c): return eval(c)", "r = run('x.pop()')", "wanted = x"],
    "by a text for a value": ["x = [1]\ncode = 'x.pop()'", "r = eval(code)", "wanted = x"],
}  # fmt: skip

LOOKED_UP = {
    "by a key put together": ["check_a = 1\nk = 'a'", "wanted = globals()[f'check_{k}']"],
    "by a sum": ["check_a = 1\nk = 'a'", "wanted = globals()['check_' + k]"],
    "by a text": ["x_1 = 1\nx_2 = 2", "wanted = [eval(f'x_{i}') for i in (1, 2)]"],
    "by a question": ["x = 5", "wanted = 'x' in dir()"],
}

PUT_AWAY = {
    "a method given to a class": ["xs = []\nclass Q:\n    def __init__(self, cb): self.cb = cb\n    def fire(self): return self.cb(1)\nq = Q(xs.append)", "r = q.fire()", "wanted = xs"],
    "a function given to a class": ["xs = []\ndef note(x): xs.append(x)\nclass Q:\n    def __init__(self, cb): self.cb = cb\n    def fire(self): return self.cb(1)\nq = Q(note)", "r = q.fire()", "wanted = xs"],
    "methods that listen": ["xs = []\nclass S:\n    def __init__(self): self.heard = []\n    def on(self, f): self.heard.append(f)\n    def fire(self, x): return [f(x) for f in self.heard]\ns = S()\ns.on(xs.append)", "r = s.fire(4)", "wanted = xs"],
    "methods in a list": ["xs = []\ncalls = []\ncalls.append(xs.append)", "for call in calls: r = call(3)", "wanted = xs"],
    "a class that is called for each": ["xs = []\nclass T:\n    def __init__(self, x): xs.append(x)", "r = list(map(T, [1, 2]))", "wanted = xs"],
    "a property by its name": ["xs = []\nclass Q:\n    @property\n    def p(self):\n        xs.append(1)\n        return 2\nq = Q()", "r = getattr(q, 'p')", "wanted = xs"],
    "a method by a name that is not known": ["xs = []\nclass Q:\n    def p(self):\n        xs.append(1)\n        return 2\nq = Q()", "r = [getattr(q, name)() for name in ('p',)]", "wanted = xs"],
    "what a factory's object counts": ["def make():\n    n = 0\n    class C:\n        def inc(self):\n            nonlocal n\n            n += 1\n            return n\n    return C()\nc = make()", "r = c.inc()", "wanted = c.inc()"],
    "a default value": ["xs = []\ndef note(x):\n    xs.append(x)\n    return x", "def f(a=note(1)): return a", "wanted = xs"],
    "a lambda's default value": ["f = lambda x, xs=[]: xs.append(x) or xs", "r = f(1)", "wanted = f(2)"],
}  # fmt: skip

TABLES = {**PUT_AWAY, **SET, **LOOKED_UP, **WRITTEN_INTO, **HANDED_ON, **HEARD, **FILLED}


@pytest.mark.parametrize("cells", TABLES.values(), ids=TABLES.keys())
def test_a_hidden_change_is_kept(cells: list[str]) -> None:
    """What writes into its argument, hands a changer on or is heard gives the notebook's value."""
    assert_same(*cells)


NOT_CHANGED = [
    ["class T:\n    def __str__(self): return 'x'\nt = T()", "y = f'{t}'", "wanted = t"],
    [_class("__str__(self)", "'x'") + "\nu = [1]", "y = f'{u}'", "wanted = seen"],
    [ARRAYS, "c = np.add(a, b)", "wanted = b"],
    [ARRAYS, "c = np.clip(b, 0, 1)\nnp.dot(a, b)", "wanted = b"],
    ["import logging\nlog = logging.getLogger('plain')", "log.info('x')", "wanted = log"],
    ["import io\nb = io.StringIO()", "print('x')", "wanted = b"],
    ["d = {'a': 1}\ndef get(m, k): return m[k]", "y = get(d, 'a')", "wanted = d"],
]


@pytest.mark.parametrize("cells", NOT_CHANGED)
def test_what_changes_nothing_is_left_out(cells: list[str]) -> None:
    """A call that only reads its arguments stays behind, without a word."""
    part = slice_of(*cells)
    assert codes(part) == []
    assert not {one.cell.number for one in part.statements} & {2}


LOOKED_AT = {
    "a key that a look adds": [
        "from collections import defaultdict\nd = defaultdict(list)",
        "d['x']",
        "wanted = d",
    ],
    "a special method in a print": [_class("__str__(self)", "'x'"), "print(t)", "wanted = seen"],
    "a special method in a test": [_class("__bool__(self)", "1"), "assert t", "wanted = seen"],
    "a random number": [
        "import random\nrandom.seed(3)",
        "print(random.random())",
        "wanted = random.random()",
    ],
    "a warning that is heard": [
        "import warnings\nseen = []\nwarnings.showwarning = lambda *a, **k: seen.append(1)",
        "warnings.warn('x')",
        "wanted = seen",
    ],
}


@pytest.mark.parametrize("cells", LOOKED_AT.values(), ids=LOOKED_AT.keys())
def test_a_look_that_changes_something_is_told(cells: list[str]) -> None:
    """A display that is left out, and that changes what the app uses, is a warning."""
    assert codes(slice_of(*cells)) == ["W206"]
