# ruff: noqa: E501 (one notebook a line)
"""Objects that are changed in place have, in the exported module, all their changes."""

from __future__ import annotations

import pytest

from tests.exporter.notebooks import assert_same, exported

CHANGES = {
    "methods": ["wanted = [3]", "wanted.append(1)\nwanted.sort()"],
    "an item": ["wanted = {}", "wanted['a'] = 1\ndel wanted['a']\nwanted['b'] = 2"],
    "an operator": ["wanted = {1}", "wanted |= {2}"],
    "another name for it": ["wanted = [1]\nother = wanted", "other.append(2)\nother += [3]"],
    "a name for a part": ["wanted = {'a': []}", "part = wanted['a']", "part.append(1)"],
    "a loop over its parts": ["wanted = [{}, {}]", "for i, d in enumerate(wanted):\n    d['n'] = i"],
    "a method whose value is used": ["wanted = [1, 2]", "last = wanted.pop()", "print(wanted.pop())"],
    "a helper's argument": ["wanted = []", "def add(xs, n): xs.append(n)", "add(wanted, 1)\nadd(n=2, xs=wanted)"],
    "a helper's helper": ["wanted = []\ndef a(n): b(n)\ndef b(n): wanted.append(n)", "a(1)\nfor n in [2]: a(n)"],
    "a helper's local name": ["wanted = {'k': []}", "def a():\n    xs = wanted['k']\n    xs.append(1)\na()"],
    "a helper's default": ["wanted = {}\ndef f(x, cache=wanted): cache[x] = 1", "f(3)"],
    "a variable argument": ["def a(xs, *ns):\n    for n in ns: xs.append(n)", "wanted = []\na(wanted, 1, 2)"],
    "a mapped function": ["wanted = []\ndef a(n): wanted.append(n)", "list(map(a, [1]))\n[a(n) for n in [2]]"],
    "a lambda": ["wanted = []\na = lambda n: wanted.append(n)", "a(1)"],
    "a partial": ["from functools import partial\nwanted = []\ndef a(xs, n): xs.append(n)\nb = partial(a, wanted)", "b(1)"],
    "a bound method": ["wanted = []\nput = wanted.append", "put(1)"],
    "a class's own method": ["class C:\n    def __init__(s): s.d = {}\n    def put(s, k): s.d[k] = 1; return s\nc = C()", "c.put('a').put('b')\nlist.append([], 1)\nC.put(c, 'z')\nwanted = c.d"],
    "a class's registry": ["class C:\n    all = []\n    def __init__(s): C.all.append(1)", "C()\nc = C()\nwanted = C.all"],
    "subclasses that register": ["class C:\n    all = []\n    def __init_subclass__(cls): C.all.append(cls.__name__)", "class D(C): pass", "class E(D): pass", "wanted = C.all"],
    "a metaclass": ["wanted = []\nclass M(type):\n    def __new__(m, n, b, d):\n        wanted.append(n)\n        return super().__new__(m, n, b, d)", "class A(metaclass=M): pass", "class B(A): pass"],
    "a decorator": ["wanted = {}\ndef reg(k):\n    def deco(f):\n        wanted[k] = f(2)\n        return f\n    return deco", "K = 3\n@reg('a')\ndef fa(n): return n * K"],
    "a generic function": ["from functools import singledispatch\n@singledispatch\ndef size(x): return 0", "@size.register\ndef _(x: int): return x", "wanted = size(4)"],
    "state in a closure": ["def make():\n    n = 0\n    def f():\n        nonlocal n\n        n += 1\n        return n\n    return f\nf = make()", "f()", "wanted = f()"],
    "an iterator": ["it = iter([1, 2, 3])", "next(it)", "wanted = list(it)"],
    "loops over iterators": ["it = iter([1, 2, 3, 4])", "for x in it: break\nfirst, = zip([next(it)])", "wanted = list(it)"],
    "a source of random numbers": ["import random\nr = random.Random(1)", "a = r.random()", "wanted = r.random()"],
    "a seed and the numbers before": ["import random\nrandom.seed(1)", "a = random.random()", "wanted = random.random()"],
    "a decorator with a memory": ["def memo(f):\n    seen = []\n    def w(x):\n        seen.append(x)\n        return f(x)\n    w.seen = seen\n    return w", "@memo\ndef sq(x): return x * x", "sq(3)", "wanted = sq.seen"],
    "a descriptor that registers": ["class F:\n    all = []\n    def __set_name__(s, o, n): F.all.append(n)", "class M:\n    a = F()", "wanted = F.all"],
    "an attribute or item as a target": ["import io\nclass C: pass\no = C()\nd = {}", "o.a, o.b = 1, 2\nfor d['k'] in [1, 2]: pass\nwith io.StringIO('x') as o.f: o.g = o.f.read()", "wanted = [o.a, o.b, o.g, d]"],
    "a table of a database": ["import pandas as pd, sqlite3\nc = sqlite3.connect(':memory:')", "pd.DataFrame({'a': [1]}).to_sql('t', c, index=False)\npd.read_sql('select a from t', c)", "wanted = c.execute('select * from t').fetchall()"],
    "an object within another": ["class In:\n    def __init__(s): s.v = []\n    def keep(s, x): s.v.append(x)\nclass Out(In):\n    def keep(s, x): super().keep(x)", "class H:\n    def __init__(s): s.i = Out()\nh = H()\nall = [In(), Out()]", "q = h.i.keep(1)\nr = [o.keep(2) for o in all]\nt = all[0].keep(3)", "wanted = [h.i.v, [o.v for o in all]]"],
    "an object put into another": ["xs = [1]\nwanted = []", "wanted.append(xs)\nxs.append(2)\nys = {}\nys['a'] = wanted\nys['a'][0].append(3)"],
    "an object put away by a helper": ["xs = [1]\nwanted = {}\ndef put(k, v):\n    row = []\n    row.append(v)\n    wanted[k] = row", "put('a', xs)", "xs.append(2)"],
    "a global statement": ["n = 0\ndef inc():\n    global n\n    n += 1", "inc()", "wanted = n"],
    "setattr and heapq": ["import heapq\nclass C: pass\nh = [3, 1, 2]", "setattr(C, 'x', 1)\nheapq.heapify(h)\nsmall = heapq.heappop(h)", "wanted = [C.x, h]"],
    "a method put into a class": ["class C:\n    def f(self): return 1", "C.f = lambda self: K", "K = 2", "wanted = C().f()"],
    "a setter and special methods": ["class C:\n    def __init__(s): s.d = {}\n    def __setitem__(s, k, v): s.d[k] = v\n    def __enter__(s): s.d['e'] = 1; return s\n    def __exit__(s, *a): pass\nc = C()", "c['x'] = 1\nwith c: pass\nwith c as q: q['z'] = 2", "wanted = c.d"],
    "an object held by another": ["rows = []\nclass S:\n    def __init__(s, db): s.db = db\n    def add(s, r): s.db.append(r)\ns = S(rows)", "s.add(1)", "wanted = rows"],
    "a parameter with the name of a table": ["import pandas as pd\nrows = pd.DataFrame()\nwanted = []", "def put(rows): return rows.append(1)\nq = put(wanted)"],
    "a file in memory": ["import io, json\nwanted = io.StringIO()", "wanted.write('a')\nprint('b', file=wanted)\njson.dump([1], wanted)\nwanted = wanted.getvalue()"],
    "suppressed and looped": ["from contextlib import suppress\nwanted = {'a': 1}", "with suppress(KeyError):\n    del wanted['a']\n    del wanted['z']\nwhile len(wanted) < 2: wanted[len(wanted)] = 1"],
    "awaited helpers": ["wanted = []\nasync def seed(): wanted.append(1)", "await seed()"],
    "a database": ["import sqlite3\ndb = sqlite3.connect(':memory:')\ndb.execute('create table t (x)')", "cur = db.cursor()\ncur.execute('insert into t values (4)')\ndb.commit()", "wanted = db.execute('select * from t').fetchall()"],
    "arrays and views": ["import numpy as np\na = np.zeros(3)", "view = a[1:]\nview[0] = 7\nnp.add(a, 1, out=a)", "np.random.seed(1)\nr = np.random.rand()\nwanted = [a.tolist(), float(r)]"],
    "functions held by a dict": ["wanted = []\ndef a(): wanted.append(1)\nOPS = {'a': a, 'b': lambda: wanted.append(2)}", "for k in OPS: OPS[k]()"],
    "a bound method held by an object": ["class C:\n    def __init__(s): s.v = []\n    def add(s, x): s.v.append(x)\nc = C()\nops = {'add': c.add}", "ops['add'](1)\ngetattr(c, 'add')(2)\nwanted = c.v"],
    "a function put away and fired": ["wanted = []\nhandlers = {}\ndef on(k):\n    def deco(f):\n        handlers.setdefault(k, []).append(f)\n        return f\n    return deco", "@on('x')\ndef h(v): wanted.append(v)\ndef fire(v):\n    for f in handlers['x']: f(v)", "fire(1)"],
    "a wrapper's own doing": ["wanted = []\ndef logged(f):\n    def w(*a):\n        wanted.append(a)\n        return f(*a)\n    return w", "@logged\ndef g(x): return x", "g(1)\nv = g(2)"],
    "closures that share state": ["def make():\n    n = [0]\n    def inc(): n[0] += 1\n    return inc, lambda: n[0]\ninc, get = make()", "inc()\ninc()\nwanted = get()"],
    "a default that fills up": ["def add(x, into=[]):\n    into.append(x)\n    return into", "add(1)", "wanted = list(add(2))"],
    "properties and setters": ["LOG = []\nclass C:\n    @property\n    def x(s): return 1\n    @x.setter\n    def x(s, v): LOG.append(v)\nc = C()", "c.x = 3\nwanted = LOG"],
    "operators": ["class S:\n    log = []\n    def __add__(s, o): S.log.append(o); return s\n    def __getitem__(s, k): S.log.append(k)\ns = S()", "t = s + 1\nu = s['a']\nwanted = S.log"],
    "a counter of a class": ["class C:\n    n = 0\n    def __init__(s): type(s).n += 1\n    def put(s): s.__class__.n += 10", "a = C()\nC().put()\nclass D(C): pass\nwanted = C.n"],
    "an object of a class, or its base": ["class A:\n    xs = []\n    def add(s, v): s.xs.append(v)\nclass B(A): pass", "B().add(1)\nB.xs.append(2)\nwanted = A.xs"],
    "a class that gives one instance": ["class S:\n    one = None\n    def __new__(c):\n        c.one = c.one or super().__new__(c)\n        return c.one", "a = S()\nb = S()\na.x = 1\nwanted = b.x"],
    "a method put into a class with instances": ["class P: pass\np = P()", "P.two = lambda s: 2", "wanted = p.two()"],
    "a function put into an object": ["wanted = []\nclass O: pass\no = O()\ndef f(v): wanted.append(v)", "o.cb = f\no.cb(1)"],
    "numbers drawn by an object": ["import random\nclass Sim:\n    def __init__(s): s.r = random.Random(1)\n    def step(s): return s.r.random()\nsim = Sim()", "a = sim.step()", "wanted = sim.step()"],
    "a lazy map": ["wanted = []\ndef f(x): wanted.append(x); return x\nm = map(f, [1, 2])", "a = next(m)"],
    "threads": ["import threading\nwanted = []\nt = threading.Thread(target=wanted.append, args=(1,))", "t.start()\nt.join()"],
    "tasks": ["import asyncio\nwanted = []\nasync def work(n): wanted.append(n)\nts = [asyncio.create_task(work(n)) for n in [1, 2]]", "await asyncio.gather(*ts)"],
    "a queue": ["import queue\nq = queue.Queue()\nq.put(1)\nq.put(2)", "x = q.get()", "wanted = q.get()"],
    "output that is redirected": ["import io, contextlib\nbuf = io.StringIO()", "with contextlib.redirect_stdout(buf): print('a')", "wanted = buf.getvalue()"],
    "statements in a helper": ["import sqlite3\ndb = sqlite3.connect(':memory:')\ndef run(sql): return db.execute(sql).fetchall()", "run('create table t (x)')\nrun('insert into t values (1)')", "wanted = run('select x from t')"],
    "parts of a copy": ["import copy\na = {'k': []}\nwanted = copy.deepcopy(a)", "wanted['k'].append(1)\na['k'].append(2)"],
    "a name bound with a part": ["wanted = {}", "wanted['x'] = xs = []\nxs.append(1)"],
    "code in a string": ["wanted = [1]\nn = 1", "exec('wanted.append(2)')\nglobals()['n'] = 5\nwanted.append(n)"],
    "an imported class that is patched": ["from string import Formatter\nFormatter.two = lambda s: 2", "import string\nwanted = string.Formatter().two()"],
    "settings of the process": ["import codecs\ncodecs.register_error('q', lambda e: ('?', e.end))", "wanted = 'é'.encode('ascii', 'q')"],
    "a module that is made": ["import sys, types\nsys.modules['made_here'] = types.SimpleNamespace(V=4)", "from made_here import V\nwanted = V"],
}  # fmt: skip


@pytest.mark.parametrize("cells", CHANGES.values(), ids=CHANGES.keys())
def test_changes_are_kept(cells: list[str]) -> None:
    """Whatever changed an object in the notebook changes it in the app."""
    assert_same(*cells)


NO_CHANGES = {
    "looking at it": ["wanted = [1]", "len(wanted)\nwanted\nprint(wanted)\nsorted(wanted)\nwanted[0]"],
    "plotting it": ["import matplotlib.pyplot as plt\nwanted = [1]", "plt.plot(wanted)\nfig, ax = plt.subplots()\nax.plot(wanted)\nax.set_title('t')\nplt.show()"],
    "plotting it in a function": ["import matplotlib.pyplot as plt\nwanted = [1]", "def plot():\n    fig, axes = plt.subplots(2)\n    for ax in axes: ax.errorbar(wanted, wanted)\nplot()"],
    "calculating with a library's number": ["import numpy as np\ndef wanted(n): return np.arange(n)", "def f(t): return 2 * np.pi * t\nxs = [f(1)]\nxs.append(2)"],
    "a type of a library in an argument": ["import numpy as np\ndef wanted(n): return np.arange(n)", "xs = np.zeros(3, dtype=np.uint8)\nxs[0] = 1\nxs.fill(2)"],
    "plots by any name": ["import numpy as np, control as ct\nwanted = np.arange(3)\ndef f(): return ct.ss(wanted)", "ct.bode_plot(f(), wanted)\nnp.testing.assert_allclose(wanted, wanted)"],
    "describing it": ["import pandas as pd\nwanted = pd.DataFrame({'a': [1]})", "wanted.head()\nwanted.describe()\nwanted.sort_values('a')\nwanted.plot\nwanted.rename(columns=str)"],
    "a copy of it": ["import copy\nwanted = [1]", "c = copy.deepcopy(wanted)\nc.append(2)\nt = sum(wanted)\nt += 1"],
    "testing a helper": ["STATE = []\ndef wanted(): STATE.append(1); return 1", "[wanted(), wanted()]\nassert wanted()\nprint(wanted())"],
}  # fmt: skip


@pytest.mark.parametrize("cells", NO_CHANGES.values(), ids=NO_CHANGES.keys())
def test_questions_are_not_kept(cells: list[str]) -> None:
    """A statement that only looks at an object is left out."""
    assert exported(*cells) == exported(cells[0])


def test_each_case_of_a_function_is_kept() -> None:
    """With a library's ``dispatch``, a later function of the same name joins the earlier one."""
    cells = ["from plum import dispatch", "@dispatch\ndef size(x: int): return x"]
    cells.append("@dispatch\ndef size(x: str): return len(x)")
    assert exported(*cells, want="size").count("def size") == 2


LEARNING = [
    "import pandas as pd\nfrom sklearn.cluster import KMeans\nfrom statsmodels.api import OLS",
    "table = pd.DataFrame({'a': [1, 2]})",
    "model = KMeans(2)\nlabels = model.fit_predict(table)",
    "model.fit(table)",
    "print(OLS(table, table).fit())\nols = OLS(table, table)\nfound = ols.fit()",
]


def test_a_model_is_trained_where_it_is_needed() -> None:
    """A model learns in the app too, also where the notebook looks at what ``fit`` returns."""
    assert "labels = model.fit_predict(table)\nmodel.fit(table)" in exported(
        *LEARNING, want="model"
    )
    assert "found = ols.fit()" in exported(*LEARNING, want="ols")


def test_a_problem_is_solved_where_its_values_are_needed() -> None:
    """``solve`` puts values into a problem's variables, whatever it returns."""
    cells = ["import cvxpy as cp\nx = cp.Variable()\nproblem = cp.Problem(cp.Minimize(x**2))"]
    assert "best = problem.solve()" in exported(*cells, "best = problem.solve()", want="x")


def test_a_table_does_not_change_when_a_model_learns_from_it() -> None:
    """What an app needs of a table does not make it train the models of the notebook."""
    assert exported(*LEARNING, want="table") == f"import pandas as pd\n\n{LEARNING[1]}\n"


def test_a_helper_draws_on_the_figure_only() -> None:
    """A function that draws data on a figure is called for the figure, and not for the data."""
    cells = [
        "import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\ndata = [1]\nmore = [ax]",
        "def mark(a, xs, t):\n    a.plot(xs)\n    a.set_title(t)\n    a.errorbar(xs, xs)",
        "def draw(a, xs): mark(a, xs, 'x')",
        "draw(ax, data)",
    ]
    assert "draw(ax, data)" in exported(*cells, want="fig")
    assert exported(*cells, want="data") == "data = [1]\n"


def test_a_figure_that_is_needed_is_drawn() -> None:
    """Plot calls are kept where the app needs the figure itself."""
    source = exported(
        "import matplotlib.pyplot as plt\nfig, ax = plt.subplots()",
        "ax.plot([1])\nplt.xlabel('x')\nplt.show()",
        "wanted = fig",
    )
    assert "ax.plot([1])\nplt.xlabel('x')\n" in source
    assert "show" not in source


LIBRARY = [
    "import holoviews as hv, streams, gcm, bars, fits\nfrom holoviews import opts\nfrom causes import auto",
    "hv.extension('bokeh')",
    "source = streams.Stream()\nbar = bars.Bar()\nmodel = gcm.Model()",
    "def double(x): return 2 * x",
    "doubled = source.map(double)",
    "for i in bar(range(3)): print(i)",
    "import panel as pn\nbox = pn.widgets.TextInput()\nchat = pn.chat.ChatInterface(widgets=[box])",
    "print(gcm.assign_mechanisms(model))\nprint(auto.assign_weights(model))",
    "def compute(n):\n    fit = fits.Fit(double)\n    fit.limit = n\n    return fit",
    "found = [compute(n) for n in range(2)]",
]


@pytest.mark.parametrize(
    ("want", "kept"),
    [
        ("opts", "hv.extension('bokeh')"),
        ("source", "doubled = source.map(double)"),
        ("bar", "for i in bar(range(3)):"),
        ("model", "gcm.assign_mechanisms(model)"),
        ("model", "auto.assign_weights(model)"),
        ("box", "chat = pn.chat.ChatInterface(widgets=[box])"),
    ],
)
def test_what_a_library_changes_is_kept(want: str, kept: str) -> None:
    """A back end that is loaded, a function handed over, a bar that moves: the app has them."""
    assert kept in exported(*LIBRARY, want=want)


def test_an_object_made_with_a_function_leaves_it_as_it_is() -> None:
    """Setting something in an object does not change the function that it was made with."""
    assert "compute" not in exported(*LIBRARY, want="double")
