"""Random straight-line notebooks: the slice computes what a run of all cells computes."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.exporter.notebooks import exported, value_in, value_in_notebook

# Names by what they stand for, so that all statements run: lists of lists, dicts of such lists,
# boxes of one, functions that take one and return one.
LISTS = ("a", "b", "c")
DICTS = ("d", "e")
BOXES = ("o", "p")
FUNCTIONS = ("f", "g", "h")
START = """
from functools import partial
a, b, c = [[1]], [[2]], [[3]]
d, e = {'x': [[4]]}, {'x': [[5]], 'y': [[6]]}
log, registered, table = [[7]], [], {}
def f(x): return x
g = h = f
registered.append(f)
table['k'] = f
class Box:
    shared = [[8]]
    made = 0
    def __init__(self, xs):
        Box.made += 1
        self.xs = xs
    def add(self, x):
        self.xs.append(x)
        return self.xs
    def top(self): return self.xs
    def extra(self): return self.xs
    def again(self): return Box(self.xs)
    @property
    def last(self):
        log.append(self.xs[-1])
        return self.xs[-1]
    @property
    def held(self): return self.xs
    @held.setter
    def held(self, xs):
        log.append([len(xs)])
        self.xs = xs
    def __setitem__(self, i, x): self.xs[i] = x
    def __enter__(self): return self.xs
    def __exit__(self, *raised): self.xs.append([9])
    def __iadd__(self, x):
        self.xs.append(x)
        return self
o, p = Box([[10]]), Box([[11]])
def keep(xs):
    def put(x):
        xs.append(x[0])
        return xs
    return put
def counter():
    n = 0
    def count(x):
        nonlocal n
        n += 1
        return [*x, [n]]
    return count
def registers(f):
    registered.append(f)
    return f
def logs(f):
    def logged(x):
        log.append(x[0])
        return f(x)
    return logged
def call(f, x): return f(x)
"""
TEMPLATES = """
{a} = [[{n}]]
{a} = {b}
{a} = [*{b}, *{c}]
{a} = {b} + [[len({c})]]
{a}.append([{n}])
{a}[0].append(len({b}))
{a} += [{b}[0]]
{a}, {b} = {b}, {a}
{a} = {b}[:]; {a}[0] = [len({c})]
{a}, *{b} = [{c}, {a}[0]]
for x in {a}: x.append({n})
for x, y in zip({a}, [{b}, {c}]): y.append(x)
if len({a}) > 2: {b} = {a}[:2]
while len({a}) < 3: {a}.append([len({b})])
try: {a}.append({b}[9])~except IndexError: {a} = {c}
({a} := {b}).append([{n}])
{a}[0] = {b}[0]
{a}.insert(0, {b}[0])
{a} = [{b}, {c}][0]
{a} = [x for x in {b} if len(x)]
{a} = sorted({b}, key=lambda x: len({c}))
{a} = {b} if len({c}) > 1 else {c}
match {a}:~    case [x, *_]: x.append({n})
{b} = {a}; del {a}; {a} = [[{n}]]
exec("{a}.append([{n}])")
globals()['{a}'] = {b}
print({a}); len({b})
{d} = {{'x': {a}}}
{d}['y'] = {a}
{a} = {d}.get('x', [[0]])
{a} = {d}.setdefault('z', {b})
{d}.update({e})
{d} = dict({e})
{d} = {{k: [*v, {a}[0]] for k, v in {e}.items()}}
for k, v in {d}.items(): v.append([{n}])
for v in list({d}.values()): v[0].append(len({a}))
{a} = [v[0] for v in {d}.values()]
{o} = Box({a})
{o} = {p}
{o} = {p}.again()
{o}.add([{n}])
{o}.xs.append({a}[0])
{o}.xs = {a}
{o}.held = {a}
{o}[0] = {a}[0]
{o} += {a}[0]
{a} = {o}.top()
{a} = {o}.extra()
{a} = [{o}.last]
{d}['z'] = {o}.xs
with {o} as x: x.append([{n}])
Box.shared.append({a}[0])
{o}.shared.append([{n}])
{a} = Box.shared
{a} = [[Box.made]]
Box.extra = lambda self: {a}
setattr(Box, 'extra', Box.top)
vars({o})['xs'] = {a}
table['k'] = {o}.add
table['k'] = {f}
table['k']([[{n}]])
{a} = log
def {f}(x): return x[:1] + {a}
def {f}(x):~    x.append([len({a})])~    return x
def {f}(x):~    y = {a}~    y.append([1])~    return x
def {f}(x):~    global {a}~    {a} = x[:]~    return x
def {f}(x):~    {a}.append(x[0])~    return x
def {f}(x):~    y = []~    y += {a}[:1]~    return y
def {f}(x, y={a}):~    y.append(x[0])~    return y
def {f}(x, y=[[0]]):~    y.append(x[0])~    return y
def {f}(x):~    {d}['w'] = x~    return [*x, *{e}['x']]
def {f}(x):~    {o}.add(x[0])~    return {p}.top()
def {f}(x):~    def inner(): {a}.append(x[0])~    inner()~    return x
@registers~def {f}(x):~    {a}.append(x[0])~    return x
@logs~def {f}(x): return [*x, {a}[0]]
{f} = lambda x, k={a}: x + k
{f} = {g}
{f} = keep({a})
{f} = counter()
{f} = partial(call, {g})
{f} = keep({d}['x'])
{a} = {f}({b})
{f}({a})
{a} = call({f}, {b})
{a} = next(map({f}, [{b}]))
[{f}(x) for x in [{a}]]
registered[-1]({a})
for x in registered: x({a})
{o}.call = {f}; {o}.call({a})
"""
KINDS = {**dict.fromkeys("abc", LISTS), **dict.fromkeys("de", DICTS), **dict.fromkeys("op", BOXES)}
KINDS |= dict.fromkeys("fg", FUNCTIONS)


def _filled(template: str) -> st.SearchStrategy[str]:
    """Return the statements that a template gives, with names of the right kinds."""
    names = {key: st.sampled_from(kind) for key, kind in KINDS.items() if f"{{{key}}}" in template}
    filled = st.fixed_dictionaries({**names, "n": st.integers(0, 9)})
    return filled.map(lambda values: template.replace("~", "\n").format(**values))


STATEMENTS = st.one_of([_filled(line) for line in TEMPLATES.strip().split("\n")])
WANTED = {**dict.fromkeys((*LISTS, *DICTS), "{}"), **dict.fromkeys(BOXES, "{}.xs")}
WANTED |= {**dict.fromkeys(FUNCTIONS, "{}([[0]])"), "log": "{}", "Box": "[{0}.shared, {0}.made]"}


@given(st.lists(STATEMENTS, max_size=12), st.sampled_from(list(WANTED)), st.sampled_from(LISTS))
@settings(max_examples=100)
def test_the_slice_gives_the_notebooks_values(statements: list[str], name: str, other: str) -> None:
    """Whatever straight-line code ran, the slice for two names gives their values."""
    cells = [START, *statements, f"wanted = [{name}, {other}]"]
    expression = f"repr([{WANTED[name].format('wanted[0]')}, wanted[1]])"
    try:
        expected = value_in_notebook(*cells, expression=expression)
    except (MemoryError, RecursionError, UnboundLocalError):
        return
    source = exported(*cells)
    assert value_in(source, expression) == expected, source
