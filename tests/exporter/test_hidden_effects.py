# ruff: noqa: E501 (one notebook a line)
"""Changes that no statement says outright: the slice keeps them, or the author is told."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.exporter.notebooks import assert_same, codes, slice_of

ROOT = Path(__file__).resolve().parents[2]

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
    "a file of pprint": ["import io, pprint\nb=io.StringIO()", "pprint.pprint([1], stream=b)", "wanted=b.getvalue()"],
    "a bound file": ["import io\nfrom functools import partial\nb=io.StringIO()\nout=partial(print,file=b)", "out('x')", "wanted=b.getvalue()"],
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
    "by an import in a function": ["def f():\n    global x\n    import json as x\nx = None", "f()", "wanted = x.dumps(1)"],
    "by a pattern in a function": ["x = 0\ndef f():\n    global x\n    match [5, 6]:\n        case [_, x]: pass", "f()", "wanted = x"],
    "by a walrus in a function": ["x = 0\ndef f():\n    global x\n    return [x := n for n in range(3)]", "y = f()", "wanted = x"],
    "by a definition in a function": ["def f():\n    global x\n    def x(): return 2\ndef x(): return 1", "f()", "wanted = x()"],
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
    "a method that a function gives": ["def make():\n    xs = []\n    return xs.append, xs\nput, got = make()", "put(5)", "wanted = got"],
    "a lambda's default value": ["f = lambda x, xs=[]: xs.append(x) or xs", "r = f(1)", "wanted = f(2)"],
}  # fmt: skip

MADE = {
    "by a lambda": ["from collections import defaultdict\nlog=[]\nd=defaultdict(lambda: log.append(1))", "y=d['a']", "wanted=list(log)"],
    "by a function that counts": ["from collections import defaultdict\nn=0\ndef make():\n    global n\n    n+=1\n    return n\nd=defaultdict(make)", "y=d['a']", "wanted=n"],
    "by the next number": ["from collections import defaultdict\nimport itertools\nids=itertools.count()\nd=defaultdict(ids.__next__)", "y=d['a']", "wanted=d['b']"],
    "by a class, in a helper": ["from collections import defaultdict\nlog=[]\nclass T:\n    def __init__(self): log.append(1)\nd=defaultdict(T)\ndef use(k): return d[k]", "y=use('q')", "wanted=list(log)"],
    "by an operator": ["from collections import defaultdict\nlog=[]\ndef z():\n    log.append(1)\n    return 0\nd=defaultdict(z)", "d['a']+=1", "wanted=list(log)"],
}  # fmt: skip

HELD = {
    "an attribute": ["xs=[3]\nclass Q: pass\nq=Q()\nq.cb=xs.pop", "y=q.cb()", "wanted=xs"],
    "an argument by its name": ["from types import SimpleNamespace\nxs=[3]\nq=SimpleNamespace(cb=xs.pop)", "y=q.cb()", "wanted=xs"],
    "a function in a namespace": ["from types import SimpleNamespace\nxs=[3]\ndef f(): return xs.pop()\nq=SimpleNamespace(cb=f)", "y=q.cb()", "wanted=xs"],
    "an attribute that a class sets": ["xs=[3]\nclass Q:\n    def __init__(self): self.cb=xs.pop\nq=Q()", "y=q.cb()", "wanted=xs"],
    "an attribute of a class": ["xs=[3]\nclass Q:\n    cb=xs.pop", "y=Q.cb()", "wanted=xs"],
    "a field": ["from dataclasses import dataclass\nfrom typing import Callable\nxs=[3]\n@dataclass\nclass Q:\n    cb: Callable\nq=Q(xs.pop)", "y=q.cb()", "wanted=xs"],
    "a part of a tuple": ["from collections import namedtuple\nxs=[3]\nQ=namedtuple('Q','cb')\nq=Q(xs.pop)", "y=q.cb()", "wanted=xs"],
    "an attribute by a text": ["xs=[3]\nclass Q: pass\nq=Q()\nsetattr(q,'cb',xs.pop)", "y=q.cb()", "wanted=xs"],
    "a method of the notebook's own": ["from types import SimpleNamespace\nclass R:\n    def __init__(self): self.n=0\n    def inc(self):\n        self.n+=1\n        return self.n\nr=R()\nq=SimpleNamespace(cb=r.inc)", "y=q.cb()", "wanted=r.n"],
    "a method with the name of a list's": ["class Stack:\n    def __init__(s): s._i=[]\n    def push(s,x): s._i.append(x)\n    def pop(s): return s._i.pop()\nst=Stack()", "st.push(1)\nst.push(2)\nx=st.pop()", "wanted=st._i"],
}  # fmt: skip

READ = {
    "by a getter": ["from operator import attrgetter\nlog=[]\nclass Q:\n    @property\n    def p(self):\n        log.append(1)\n        return 2\nq=Q()\ng=attrgetter('p')", "y=g(q)", "wanted=list(log)"],
    "by a sorting": ["from operator import attrgetter\nlog=[]\nclass Q:\n    @property\n    def p(self):\n        log.append(1)\n        return 2\nqs=[Q(),Q()]", "y=sorted(qs,key=attrgetter('p'))", "wanted=list(log)"],
    "by a getter of a part": ["from operator import attrgetter\nlog=[]\nclass Q:\n    @property\n    def p(self):\n        log.append(1)\n        return 2\nclass W:\n    def __init__(self): self.q=Q()\nw=W()", "y=attrgetter('q.p')(w)", "wanted=list(log)"],
    "by a caller of a method": ["from operator import methodcaller\nclass Q:\n    def __init__(self): self.n=0\n    def m(self):\n        self.n+=1\n        return self.n\nqs=[Q(),Q()]", "y=list(map(methodcaller('m'),qs))", "wanted=[q.n for q in qs]"],
    "by a pattern": ["log=[]\nclass Q:\n    @property\n    def p(self):\n        log.append(1)\n        return 2\nq=Q()", "match q:\n    case Q(p=2): y=1", "wanted=list(log)"],
    "by a pattern of places": ["log=[]\nclass Q:\n    __match_args__=('p',)\n    @property\n    def p(self):\n        log.append(1)\n        return 2\nq=Q()", "match q:\n    case Q(2): y=1", "wanted=list(log)"],
    "by a pattern in a helper": ["log=[]\nclass Q:\n    @property\n    def p(self):\n        log.append(1)\n        return 2\nq=Q()\ndef f(v):\n    match v:\n        case Q(p=2): return 1", "y=f(q)", "wanted=list(log)"],
    "by a template": ["log=[]\nclass Q:\n    @property\n    def p(self):\n        log.append(1)\n        return 2\nq=Q()", "y='{0.p}'.format(q)", "wanted=list(log)"],
    "by a template of names": ["log=[]\nclass Q:\n    @property\n    def p(self):\n        log.append(1)\n        return 2\nq=Q()", "y='{q.p}'.format_map({'q':q})", "wanted=list(log)"],
    "by a template with a name": ["log=[]\nclass Q:\n    @property\n    def p(self):\n        log.append(1)\n        return 2\nq=Q()\ntpl='{x.p}'", "y=tpl.format(x=q)", "wanted=list(log)"],
    "by a list of members": ["import inspect\nlog=[]\nclass Q:\n    @property\n    def p(self):\n        log.append(1)\n        return 2\nq=Q()", "y=inspect.getmembers(q)", "wanted=list(log)"],
}  # fmt: skip

REMEMBERED = {
    "a list that is filled": ["from functools import cache\n@cache\ndef rows(n):\n    out=[n]\n    return out", "r=rows(1)\nr.append(5)", "wanted=rows(1)"],
    "a table that grows": ["from functools import cache\nimport pandas as pd\n@cache\ndef load(): return pd.DataFrame({'a':[1]})", "df=load()\ndf['b']=2", "wanted=list(load().columns)"],
    "a list that is turned around": ["from functools import cache\n@cache\ndef load(): return sorted([3,1,2])", "load().reverse()", "wanted=load()"],
    "a dict changed by a helper": ["from functools import cache\n@cache\ndef load(): return dict(a=1)\ndef add(d): d['b']=2", "add(load())", "wanted=load()"],
    "a count of calls": ["from functools import cache\n@cache\ndef f(n): return n*2", "y=f(2)", "wanted=f.cache_info().currsize"],
    "a value made before": ["from functools import cache\nRATE=2\n@cache\ndef f(n): return n*RATE", "y=f(2)", "RATE=3", "wanted=f(2)"],
    "a property made before": ["from functools import cached_property\nclass Q:\n    rate=2\n    @cached_property\n    def p(self): return self.rate*2\nq=Q()", "y=q.p", "q.rate=5", "wanted=q.p"],
    "a method's value made before": ["from functools import lru_cache\nclass Q:\n    rate=2\n    @lru_cache\n    def f(s,x): return x*s.rate\nq=Q()", "y=q.f(2)", "q.rate=5", "wanted=q.f(2)"],
    "a value made by a helper": ["from functools import cache\nRATE=1\ndef rate(): return RATE\n@cache\ndef get(k): return k*rate()", "x=get(2)", "RATE=2", "wanted=get(2)"],
    "the one object of a function": ["_inst=None\nclass S:\n    def __init__(s): s.items=[]\n    def add(s,x): s.items.append(x)\ndef get():\n    global _inst\n    if _inst is None: _inst=S()\n    return _inst", "s=get()\ns.add(1)", "wanted=get().items"],
}  # fmt: skip

CALLED_LATER = {
    "a count of calls": ["from unittest.mock import Mock\nm=Mock(return_value=3)", "y=m(1)", "wanted=m.call_count"],
    "values one after the other": ["from unittest.mock import Mock\nm=Mock(side_effect=[1,2,3])", "y=m()", "wanted=m()"],
    "a call of a part": ["from unittest.mock import MagicMock\nm=MagicMock()", "y=m.send(1)", "wanted=m.send.call_count"],
    "a mock of a module": ["from unittest import mock\nm=mock.Mock()", "y=m()", "wanted=m.call_count"],
    "a mock handed on": ["from unittest.mock import Mock\nm=Mock(return_value=1)", "y=list(map(m,[1,2]))", "wanted=m.call_count"],
    "a finalizer that is called": ["import weakref\nxs=[]\nclass Q: pass\nq=Q()\nf=weakref.finalize(q,xs.append,1)", "f()", "wanted=list(xs)"],
    "an object that is gone": ["import weakref\nxs=[]\nclass Q: pass\nq=Q()\nf=weakref.ref(q,lambda r: xs.append(1))", "del q", "wanted=list(xs)"],
    "an object that a table holds weakly": ["import weakref\nclass Q: pass\nq=Q()\nseen=weakref.WeakValueDictionary(q=q)", "del q", "wanted=list(seen)"],
    "an object that a set holds weakly": ["from weakref import WeakSet\nclass Q: pass\nq=Q()\nseen=WeakSet()\nseen.add(q)", "q=None", "wanted=len(seen)"],
    "a function of a database": ["import sqlite3\nxs=[]\ncon=sqlite3.connect(':memory:')\ndef note(x):\n    xs.append(x)\n    return x\ncon.create_function('note',1,note)", "y=con.execute('select note(3)').fetchall()", "wanted=list(xs)"],
    "a method of a list, in a database": ["import sqlite3\nxs=[]\ncon=sqlite3.connect(':memory:')\ncon.set_trace_callback(xs.append)", "y=con.execute('select 3').fetchall()", "wanted=list(xs)"],
    "a function of a database, by a cursor": ["import sqlite3\nxs=[]\ncon=sqlite3.connect(':memory:')\ndef note(x):\n    xs.append(x)\n    return x\ncon.create_function('note',1,note)\ncur=con.cursor()", "y=cur.execute('select note(3)').fetchone()", "wanted=list(xs)"],
    "a database handed on": ["import sqlite3, pandas as pd\nxs=[]\ncon=sqlite3.connect(':memory:')\ndef note(x):\n    xs.append(x)\n    return x\ncon.create_function('note',1,note)", "y=pd.read_sql('select note(3)',con)", "wanted=list(xs)"],
}  # fmt: skip

SETTINGS = {
    "a context by its name": ["from decimal import Decimal, getcontext\nctx=getcontext()\nctx.prec=5", "wanted=str(Decimal(1)/3)"],
    "a context that is set": ["from decimal import *\nsetcontext(Context(prec=4))", "wanted=str(Decimal(1)/3)"],
    "what becomes of warnings": ["import warnings\nmode='error'\nwarnings.simplefilter(mode)", "def f():\n    try:\n        warnings.warn('x')\n        return 'ok'\n    except UserWarning: return 'err'", "wanted=f()"],
    "what becomes of a division": ["from numpy import seterr, array\nimport numpy as np\nseterr(all='raise')", "def f():\n    try: return float(np.array(1.)/np.array(0.))\n    except FloatingPointError: return 'err'", "wanted=f()"],
    "a setting whose old value is taken": ["import numpy as np\nold=np.seterr(all='raise')", "def f():\n    try: return float(np.array(1.)/np.array(0.))\n    except FloatingPointError: return 'err'", "wanted=f()"],
    "how an array is shown": ["import numpy as np\na=np.array([1.23456])\nnp.set_printoptions(precision=2)", "wanted=str(a)"],
    "how long a table is": ["import pandas as pd\ns=pd.Series(range(99))\npd.options.display.max_rows=4", "wanted=str(s)"],
    "how a number is shown": ["import pandas as pd\ns=pd.Series([1.23456])\npd.set_option('display.precision',2)", "wanted=str(s)"],
    "a helper that sets options": ["import pandas as pd\ns=pd.Series([1.23456])\ndef setup(): pd.set_option('display.precision',2)\nsetup()", "wanted=str(s)"],
}  # fmt: skip

CLASSES = {
    "a descriptor by a text": ["log=[]\nclass D:\n    def __get__(s,o,t): log.append(1); return 3\nclass Q:\n    d=D()\nq=Q()", "y=getattr(q,'d')", "wanted=list(log)"],
    "a metaclass that prepares": ["log=[]\nclass M(type):\n    @classmethod\n    def __prepare__(m,n,b):\n        log.append(n)\n        return {}", "class A(metaclass=M): pass", "wanted=list(log)"],
    "the members of an enumeration": ["from enum import Enum\nlog=[]", "class E(Enum):\n    A=1\n    def __init__(self,v): log.append(v)", "wanted=list(log)"],
    "a class made by type": ["reg=[]\nclass B:\n    def __init_subclass__(cls): reg.append(cls.__name__)", "C=type('C',(B,),{})", "wanted=list(reg)"],
    "a factory of a field": ["import itertools\nfrom dataclasses import dataclass, field\nids=itertools.count(1)\n@dataclass\nclass Q:\n    id:int=field(default_factory=ids.__next__)", "a=Q()", "wanted=Q().id"],
    "a list that a class holds": ["ROWS=[1]\nclass Q:\n    items=ROWS\nq=Q()", "ROWS.append(2)", "wanted=list(q.items)"],
    "a method of the class, of an instance": ["class Q:\n    n=0\n    @classmethod\n    def inc(cls): cls.n+=1; return cls.n\nq=Q()", "y=q.inc()", "wanted=Q.n"],
    "a case of a function": ["from functools import singledispatch\nlog=[]\n@singledispatch\ndef f(x): return 'o'\n@f.register(int)\ndef _(x):\n    log.append(x)\n    return 'i'", "y=f(3)", "wanted=list(log)"],
    "a text with a namespace": ["ns={'xs':[]}", "exec('xs.append(1)',ns)", "wanted=ns['xs']"],
    "a value of a text with a namespace": ["xs=[1]", "r=eval('q.append(2)',{'q':xs})", "wanted=xs"],
}  # fmt: skip

LIBRARY_CALLS = {
    "a validator": ["from pydantic import BaseModel, field_validator\nseen=[]\nclass A(BaseModel):\n    x:int\n    @field_validator('x')\n    @classmethod\n    def v(c,x):\n        seen.append(x)\n        return x\ndef wanted(): return list(seen)", "a=A(x=3)", "wanted = wanted()"],
    "a method after a model is made": ["from pydantic import BaseModel\nseen=[]\nclass A(BaseModel):\n    x:int\n    def model_post_init(s,c): seen.append(s.x)\ndef wanted(): return list(seen)", "a=A(x=3)", "wanted = wanted()"],
    "a validator of a mapping": ["from pydantic import BaseModel, field_validator\nseen=[]\nclass A(BaseModel):\n    x:int\n    @field_validator('x')\n    @classmethod\n    def v(c,x):\n        seen.append(x)\n        return x\ndef wanted(): return list(seen)", "a=A.model_validate({'x':3})", "wanted = wanted()"],
    "a computed field": ["from pydantic import BaseModel, computed_field\nseen=[]\nclass A(BaseModel):\n    x:int\n    @computed_field\n    @property\n    def y(s)->int:\n        seen.append(1)\n        return 2\na=A(x=1)\ndef wanted(): return list(seen)", "d=a.model_dump()", "wanted = wanted()"],
    "an observer": ["import traitlets\nseen=[]\nclass M(traitlets.HasTraits):\n    x=traitlets.Int(0)\nm=M()\nm.observe(lambda c: seen.append(c.new),'x')\ndef wanted(): return list(seen)", "m.x=4", "wanted = wanted()"],
    "an observer in a class": ["import traitlets\nseen=[]\nclass M(traitlets.HasTraits):\n    x=traitlets.Int(0)\n    @traitlets.observe('x')\n    def _c(s,c): seen.append(c.new)\nm=M()\ndef wanted(): return list(seen)", "m.x=4", "wanted = wanted()"],
    "a method of a visitor": ["import ast\nclass V(ast.NodeVisitor):\n    def __init__(s): s.seen=[]\n    def visit_Name(s,n): s.seen.append(n.id)\nv=V()", "r=v.visit(ast.parse('a+b'))", "wanted=v.seen"],
}  # fmt: skip

WRITTEN_FILES = {
    "a text of a path": ["from pathlib import Path\nimport tempfile\nd=Path(tempfile.mkdtemp())\ndef wanted(): return (d/'a.txt').read_text()", "(d/'a.txt').write_text('hi')", "wanted = wanted()"],
    "an open file": ["import tempfile, os, pathlib\nd=tempfile.mkdtemp()\ndef wanted(): return pathlib.Path(d,'a.txt').read_text()", "with open(os.path.join(d,'a.txt'),'w') as f: f.write('hi')", "wanted = wanted()"],
    "a file for a dump": ["import tempfile, os, json, pathlib\nfp=os.path.join(tempfile.mkdtemp(),'a.json')\ndef wanted(): return json.loads(pathlib.Path(fp).read_text())", "with open(fp,'w') as f: json.dump({'a':1},f)", "wanted = wanted()"],
    "a copied file": ["import tempfile,os,shutil\nd=tempfile.mkdtemp()\nopen(os.path.join(d,'a'),'w').close()\ndef wanted(): return sorted(os.listdir(d))", "shutil.copy(os.path.join(d,'a'),os.path.join(d,'b'))", "wanted = wanted()"],
    "a removed file": ["import tempfile,os\nfp=os.path.join(tempfile.mkdtemp(),'a.txt')\nopen(fp,'w').close()\ndef wanted(): return os.path.exists(fp)", "os.remove(fp)", "wanted = wanted()"],
}  # fmt: skip

#: Each ends the process that it runs in, more or less.
AT_THE_END = {
    "what is run at the end": ["import atexit\nxs=[]\natexit.register(xs.append,1)", "atexit._run_exitfuncs()", "wanted=list(xs)"],
    "a function that is run at the end": ["import atexit\nxs=[]\n@atexit.register\ndef bye(): xs.append(1)", "atexit._run_exitfuncs()", "wanted=list(xs)"],
}  # fmt: skip

REGISTERED = {
    "how a class is copied": ["import copy, copyreg\nclass Q: pass\ndef reduced(q): return list, ()\nq = Q()", "_ = copyreg.pickle(Q, reduced)", "wanted = copy.copy(q)"],
    "how a class is stored": ["import sqlite3\nclass Q: pass\ndb = sqlite3.connect(':memory:')", "_ = sqlite3.register_adapter(Q, lambda q: 'q')", "wanted = db.execute('select ?', [Q()]).fetchone()"],
    "the overloads of a function": ["from typing import get_overloads, overload", "@overload\ndef f(x: int) -> int: ...\n@overload\ndef f(x: str) -> str: ...\ndef f(x): return x", "wanted = len(get_overloads(f))"],
}  # fmt: skip

REGISTRY = "seen={}\nclass put:\n    def __init__(self,key): self.key=key\n    def __call__(self,f):\n        seen[self.key]=f\n        return f"
DECORATED = {
    "a function by a class": [REGISTRY, "@put('a')\ndef f(): return 1", "wanted=seen['a']()"],
    "a class by a class": [REGISTRY, "@put('a')\nclass A: x=1", "wanted=seen['a'].x"],
    "a function by a class, without the sign": [REGISTRY, "f=put('a')(lambda: 1)", "wanted=seen['a']()"],
}  # fmt: skip

OWN = {
    "a function": ["def add(x,into=[]):\n    into.append(x)\n    return into\nxs=add(1)", "xs.append(2)", "wanted=add(3)"],
    "a function, as an attribute": ["def add(x):\n    add.seen.append(x)\n    return add.seen\nadd.seen=[]\nxs=add(1)", "xs.append(2)", "wanted=add(3)"],
    "a method": ["class Q:\n    def add(self,x,into=[]):\n        into.append(x)\n        return into\nxs=Q().add(1)", "xs.append(2)", "wanted=Q().add(3)"],
    "a class for all its objects": ["class Q:\n    def __init__(self,items=[]): self.items=items\nq=Q()", "q.items.append(2)", "wanted=Q().items"],
}  # fmt: skip

TABLES = {
    "put away": PUT_AWAY, "set": SET, "looked up": LOOKED_UP, "written into": WRITTEN_INTO, "heard": HEARD,
    "handed on": HANDED_ON, "filled": FILLED, "made": MADE, "held": HELD, "read": READ,
    "remembered": REMEMBERED, "called later": CALLED_LATER,
    "settings": SETTINGS, "classes": CLASSES,
    "called by a library": LIBRARY_CALLS, "files": WRITTEN_FILES,
    "registered": REGISTERED, "decorated": DECORATED, "held as its own by": OWN,
}  # fmt: skip
HIDDEN = {f"{table}: {name}": cells for table, of in TABLES.items() for name, cells in of.items()}


@pytest.mark.parametrize("cells", HIDDEN.values(), ids=HIDDEN.keys())
def test_a_hidden_change_is_kept(cells: list[str]) -> None:
    """What writes into its argument, hands a changer on or is heard gives the notebook's value."""
    assert_same(*cells)


@pytest.mark.parametrize("cells", AT_THE_END.values(), ids=AT_THE_END.keys())
def test_what_runs_at_the_end_is_kept(cells: list[str]) -> None:
    """A call that runs all that was registered for the end is followed to each of them."""
    code = f"from tests.exporter.notebooks import assert_same; assert_same(*{cells!r})"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=60)


NOT_CHANGED = [
    ["class T:\n    def __str__(self): return 'x'\nt = T()", "y = f'{t}'", "wanted = t"],
    [_class("__str__(self)", "'x'") + "\nu = [1]", "y = f'{u}'", "wanted = seen"],
    [ARRAYS, "c = np.add(a, b)", "wanted = b"],
    [ARRAYS, "c = np.clip(b, 0, 1)\nnp.dot(a, b)", "wanted = b"],
    ["import logging\nlog = logging.getLogger('plain')", "log.info('x')", "wanted = log"],
    ["import io\nb = io.StringIO()", "print('x')", "wanted = b"],
    [
        "from functools import cache\n@cache\ndef twice(n): return 2 * n",
        "y = twice(4)",
        "wanted = twice",
    ],
    [
        "from functools import cache\n@cache\ndef row(n): return [n]\nrate = 3",
        "y = rate + 1",
        "wanted = row",
    ],
    [
        "xs = []\nclass Q:\n    @property\n    def p(self): return xs\nq = Q()",
        "y = '{0.p}'.format(q)",
        "wanted = xs",
    ],
    [
        "import sqlite3\nxs = []\ndb = sqlite3.connect(':memory:')\ndef f(x): return len(xs)\ndb.create_function('f', 1, f)",
        "y = db.execute('select 1')",
        "wanted = xs",
    ],
    ["d = {'a': 1}\ndef get(m, k): return m[k]", "y = get(d, 'a')", "wanted = d"],
    [
        "class Q:\n    def __init__(self, items=[]): self.items = list(items)\nq = Q()",
        "q.items.append(2)",
        "wanted = Q",
    ],
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
