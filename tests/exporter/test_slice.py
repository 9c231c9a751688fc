"""The slice holds what is needed, in an order that gives the notebook's own values."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.exporter.notebooks import IMPORT, assert_same, codes, exported, slice_of, value_in

SAME = {
    "a function's own constant": ["K = 2", "def wanted(): return K"],
    "the version that a value was computed with": [
        "def rate(): return 2",
        "BASE = rate() * 10",
        "def rate(): return 7",
        "def wanted(): return BASE + rate()",
    ],
    "the version that a helper saw, not only the value": [
        "STEP = 1",
        "def grow(x): return x + STEP",
        "ONE = grow(0)",
        "STEP = 5",
        "wanted = [ONE, grow(0)]",
    ],
    "names that swap": ["a, b = [1], [2]", "a, b = b, a\na.append(3)", "wanted = [a, b]"],
    "a binding that depends": ["x = 1", "if x > 5:\n    x = 2", "wanted = x"],
    "a name deleted and made again": ["x = 1\ndel x", "x = 2", "wanted = x"],
    "a function with a case for each type": [
        "CASES = {}",
        (
            "def dispatch(kind):\n    def add(f):\n        CASES[kind] = f\n"
            "        return lambda x: CASES[type(x)](x)\n    return add"
        ),
        "@dispatch(int)\ndef size(x): return x",
        "@dispatch(str)\ndef size(x): return len(x)",
        "wanted = [size(4), size('ab')]",
    ],
    "a name missed while it was deleted": [
        "def square(n): return n * n\ndef total(n): return square(n)",
        "kept = square\ndel square",
        "try:\n    total(1)\nexcept NameError:\n    missed = True\nelse:\n    missed = False",
        "square = kept",
        "wanted = [missed, total(2)]",
    ],
    "functions that call each other": [
        "def even(n): return n == 0 or odd(n - 1)",
        "def odd(n): return n != 0 and even(n - 1)",
        "wanted = even(7)",
    ],
    "a generator that runs later": [
        "K = 1\ng = (x * K for x in [1, 2])",
        "K = 5",
        "wanted = list(g)",
    ],
    "a class that extends its older self": [
        "class A: v = 1",
        "class A(A): w = 2",
        "wanted = [A.v, A.w]",
    ],
    "a function that wraps its older self": [
        "def f(x): return x",
        "old = f\ndef f(x): return old(x) + 1",
        "wanted = f(1)",
    ],
    "a fallback for a missing module": [
        "try:\n    import no_such_module as j\nexcept ImportError:\n    import json as j",
        "wanted = j.dumps({})",
    ],
    "a pattern's captures": ["match [1, 2, 3]:\n    case [first, *rest]: pass", "wanted = rest"],
    "an assignment expression": ["print(n := 4)", "wanted = n"],
    "one expression's name": ["vals = [last := v for v in range(3)]", "wanted = last"],
    "a class attribute read in a comprehension": [
        "x = 1",
        "class C:\n    x = 2\n    y = [x for _ in '1']\n    z = x",
        "wanted = C.y",
    ],
    "submodules imported apart": [
        "import xml.dom.minidom",
        "import xml.etree.ElementTree",
        "wanted = [xml.dom.minidom.__name__, xml.etree.ElementTree.__name__]",
    ],
    "a name first tried": ["try:\n    N\nexcept NameError:\n    N = 1", "wanted = N"],
    "a name that any handler misses": [
        "try:\n    N = missing\nexcept Exception:\n    N = 1",
        "try:\n    M = missing\nexcept:\n    M = 2",
        "wanted = [N, M]",
    ],
    "names in a main block": ["if __name__ == '__main__':\n    T = '''a\n  b'''", "wanted = T"],
    "an annotation that names a later class": [
        "from __future__ import annotations",
        "class A:\n    b: B",
        "class B: pass",
        "wanted = A.__annotations__",
    ],
    "a query's variable": ["LIMIT = 2", "def wanted(): return eval('LIMIT + 1')"],
    "a seed for a value computed at once": [
        "import random\nrandom.seed(4)",
        "wanted = random.random()",
    ],
    "a builtin shadowed for a while": [
        "len = lambda x: 9\na = len([])\ndel len",
        "wanted = [a, len([])]",
    ],
    "a query in a variable": ["A = 2\nexpr = 'A * 3'", "wanted = eval(expr)"],
    "a template in a variable": ["n = 2\nT = '{n}!'", "def wanted(): return T.format(**globals())"],
    "a query with an earlier value": [
        "A = 2\nclass Q:\n    def query(self, text): return eval(text[1:])\nq = Q()",
        "first = q.query('@A')",
        "A = 0",
        "wanted = first",
    ],
    "a module's own settings": [
        "import decimal\ndecimal.getcontext().prec = 3",
        "wanted = str(decimal.Decimal(1) / 3)",
        "decimal.getcontext().prec = 28",
    ],
}


@pytest.mark.parametrize("cells", SAME.values(), ids=SAME.keys())
def test_values_are_those_of_the_notebook(cells: list[str]) -> None:
    """What the exported module computes is what the notebook computed."""
    last = cells[-1]
    assert_same(*cells, expression="wanted()" if "def wanted" in last else "wanted")


def test_nothing_else_is_kept() -> None:
    """Displays, prints, plots, tests and unused names stay behind."""
    source = exported(
        """
        import json, math; K = math.pi
        import matplotlib.pyplot as plt
        print(K)
        unused = [1]
        """,
        """
        # why two digits
        def wanted():
            # inside
            return round(K, 2)  # trailing
        wanted()
        plt.plot([K]); plt.show()
        assert wanted() == 3.14
        len(unused)
        """,
    )
    assert source == (
        "import math\n\nK = math.pi\n\n\n"
        "# why two digits\ndef wanted():\n    # inside\n    return round(K, 2)  # trailing\n"
    )


def test_an_import_stands_once() -> None:
    """An import repeated in several cells is exported once, before its first use."""
    source = exported("import math", "import math\nX = math.pi", "wanted = X, math.e")
    assert source.count("import math") == 1


def test_a_star_import_becomes_explicit() -> None:
    """``from m import *`` names what is used."""
    assert "from math import ceil\n" in exported("from math import *", "wanted = ceil(1.5)")


def test_keep_and_skip_overrule_the_slice() -> None:
    """The comments ``# export: keep`` and ``# export: skip`` decide."""
    source = exported("X = 1", "X = 2  # export: skip", "Y = 3  # export: keep", "wanted = X")
    assert source == "X = 1\nY = 3  # export: keep\nwanted = X\n"


def test_a_mark_on_the_first_line_is_for_the_whole_cell() -> None:
    """A cell that begins with ``# export: skip`` is skipped."""
    assert "2" not in exported("X = 1", "# export: skip\n\nY = 2\nX = Y", "wanted = X")


def test_why_tells_the_chain() -> None:
    """Each kept statement tells by which names it is needed."""
    part = slice_of("RATE = 2", "def price(): return RATE", "def enroll(): return price()",
                    want="enroll")  # fmt: skip
    assert part.why[0] == ("enroll", "price", "RATE")


class TestStartup:
    """What awaits at the top level runs in ``startup()``."""

    def test_dependants_move_and_others_stay(self) -> None:
        """Only what must wait for an await is moved."""
        source = assert_same(
            "async def load(n): return [n]",
            "CAP = 5\nSEATS = await load(CAP)",
            "CAP = 6\nNAMES = sorted(SEATS)\nOTHER = 1",
            "def wanted(): return [SEATS, CAP, NAMES, OTHER]",
            expression="wanted()",
        )
        at_import, _, at_startup = source.partition("async def startup()")
        assert "OTHER = 1" in at_import
        assert "NAMES = sorted(SEATS)" in at_startup

    @pytest.mark.parametrize("start", ["asyncio.create_task(go())", "begin()"])
    def test_what_needs_a_loop_waits_for_it(self, start: str) -> None:
        """A task that a cell starts without waiting for it is started by the start-up."""
        assert_same(
            "import asyncio\nasync def go(): return 3",
            "def begin(): return asyncio.ensure_future(go())",
            f"task = {start}",
            "async def wanted(): return await task",
            expression="wanted()",
        )

    def test_strings_keep_their_lines(self) -> None:
        """Indenting a statement does not change the text of its strings."""
        assert_same('async def get(s): return s\nwanted = await get("""a\n  b {x}\nc""")')

    def test_annotated_names_are_legal(self) -> None:
        """An annotated assignment loses its annotation, which ``global`` forbids."""
        assert_same("async def get(): return 1", "wanted: int = await get()")

    def test_async_with_and_for(self) -> None:
        """Every form of top-level waiting is seen."""
        assert_same(
            """
            class D:
                async def __aenter__(self): return self
                async def __aexit__(self, *a): pass
                def __aiter__(self): self.n = 0; return self
                async def __anext__(self):
                    self.n += 1
                    if self.n > 2: raise StopAsyncIteration
                    return self.n
            """,
            "wanted = []",
            "async with D() as d:\n    async for n in d:\n        wanted.append(n)",
            "wanted += [m async for m in D()]",
        )


MADE = {
    "by another name": ("F = ActionForm\nf = F(enroll)", "f"),
    "by partial": (
        "from functools import partial\nf = partial(ActionForm, title='T')(enroll)",
        "f",
    ),
    "by a subclass": ("class P(Page): pass\np = P('/', enroll)", "p"),
    "by a function": ("def make():\n    p = Page('/', enroll)\n    return p\nq = make()", "q"),
    "by a lambda": ("make = lambda path: Page(path, enroll)\nq = make('/')", "q"),
    "and served at once": ("ActionForm(enroll).serve()", "enroll_form"),
    "and exported at once": ("Page('/', enroll).export('out')", "page"),
    "in an output": (
        "import ipywidgets as w\nout = w.Output()\nwith out:\n    display(ActionForm(enroll))",
        "enroll_form",
    ),
    "as an attribute": (
        "class App:\n    def __init__(self): self.f = ActionForm(enroll)\nform = App().f",
        "form",
    ),
    "by a loop": (
        "acts = []\nfor k in 'ab':\n    @action(name=k)\n    def f(n=k): pass\n    acts.append(f)",
        "acts",
    ),
}


class TestRoots:
    """What an export starts from."""

    ACTION = "@action\nasync def enroll(form): return 1"

    def test_pages_before_forms_before_actions(self) -> None:
        """Pages are exported if there are any, else forms, else actions."""
        form = "f = ActionForm(enroll)"
        page = "p = Page('/', f)"
        cells = [IMPORT, self.ACTION, form, page]
        kinds = [
            [(root.kind, root.name) for root in slice_of(*cells[:count], want=None).roots]
            for count in (2, 3, 4)
        ]
        assert kinds == [[("action", "enroll")], [("form", "f")], [("page", "p")]]

    def test_aliases_are_followed(self) -> None:
        """The names may be imported under others."""
        part = slice_of(
            "import notebook_actions as na\nfrom notebook_actions import Page as P",
            "@na.action\ndef enroll(form): return 1",
            "P('/', na.ActionForm(enroll))",
            want=None,
        )
        assert [root.name for root in part.roots] == ["page"]

    def test_a_bare_form_gets_a_name(self) -> None:
        """A form that is only shown, alone or in a layout, is given a name."""
        source = exported(
            IMPORT,
            self.ACTION,
            "import ipywidgets as w\nw.HBox([ActionForm(enroll), ActionForm(enroll, title='T')])",
            want=None,
        )
        assert "enroll_form = ActionForm(enroll)\nenroll_form_2 = ActionForm(" in source
        assert "ipywidgets" not in source

    def test_widget_calls_are_not_kept(self) -> None:
        """Showing, submitting, observing, testing and exporting do not belong to the app."""
        source = exported(
            IMPORT,
            "DONE = []\n@action\ndef enroll(form):\n    DONE.append(1)\n    return DONE",
            "form = ActionForm(enroll)\npage = Page('/', form)\npage\ndisplay(page)",
            "form.observe(print, 'result')\nawait form.submit(n=1)\npage.export('out')",
            "enroll({})\nr = enroll({})\nform.result",
            "from notebook_actions.testing import Browser, transitions\n"
            "with Browser(page) as browser, transitions(form) as seen:\n"
            "    browser.get('/').forms['enroll'].submit()",
            want=None,
        )
        assert source.endswith("form = ActionForm(enroll)\npage = Page('/', form)\n")

    @pytest.mark.parametrize(("text", "name"), MADE.values(), ids=MADE.keys())
    def test_however_they_are_made(self, text: str, name: str) -> None:
        """Pages, forms and actions are found by what makes them, not by how it is written."""
        start = "def enroll(n=1): return n" if name == "acts" else self.ACTION
        part = slice_of(IMPORT, start, text, want=None)
        assert [root.name for root in part.roots] == [name]
        assert not part.errors

    def test_a_form_without_a_name_is_refused(self) -> None:
        """A form that only an object holds is not silently replaced by its action."""
        held = "class App:\n    def __init__(self): self.f = ActionForm(enroll)\napp = App()"
        assert codes(slice_of(IMPORT, self.ACTION, held, want=None)) == ["E116"]

    def test_a_page_without_a_name_is_told(self) -> None:
        """Where forms are exported instead of a page that no name holds, the author is told."""
        held = "def main(): Page('/', form).serve()\nform = ActionForm(enroll)"
        assert codes(slice_of(IMPORT, self.ACTION, held, want=None)) == ["W217"]

    def test_no_root_is_an_error(self) -> None:
        """A notebook without anything to export is refused."""
        assert codes(slice_of("x = 1", want=None)) == ["E010"]


def test_a_value_of_the_kernel_can_be_frozen() -> None:
    """A plain value that no statement binds is frozen, with a warning."""
    part = slice_of("exec('F = 3')", "wanted = F", values={"F": [3]})
    assert codes(part) == ["W211"]
    assert value_in(exported("wanted = F", values={"F": [3]})) == [3]


@pytest.mark.parametrize("cell", ["import os\nos.environ['A'] = 'b'", "%env A=b"])
def test_the_environment_is_set_for_libraries_too(cell: str) -> None:
    """What a library reads from it nobody can see, so the statement is kept."""
    assert "os.environ['A'] = 'b'" in exported(cell, "wanted = 1")


def test_a_module_with_a_name_of_python_s_own_is_refused(tmp_path: Path) -> None:
    """In the app it would hide that module from every library."""
    (tmp_path / "queue.py").write_text("V = 1")
    assert codes(slice_of("import queue\nwanted = queue.V", folder=tmp_path)) == ["E118"]


TABLES = {
    "at once": "connect().execute('create table if not exists t (x)')",
    "in a block": "with connect() as db:\n    db.execute('CREATE TABLE IF NOT EXISTS t (x)')",
    "by a helper": "def setup():\n    connect().execute('create table t (x)')\nsetup()",
}


@pytest.mark.parametrize("creating", TABLES.values(), ids=TABLES.keys())
def test_tables_that_no_name_stands_for_are_created(creating: str) -> None:
    """What creates the tables of a database is kept, and a look at them is not."""
    source = exported(
        "import sqlite3\ndef connect(): return sqlite3.connect('a.db')",
        creating,
        "connect().execute('select * from t').fetchall()",
        "def open_it():\n    db = connect()\n    db.execute('create table u (x)')\n    return db",
        "open_it().execute('select 1')\nprint(len(open_it().execute('select 1').fetchall()))",
        "def wanted(): return open_it().execute('select * from t').fetchall()",
    )
    assert all(line in source for line in creating.split("\n"))
    assert source.count("select") == 1
