"""What cannot be exported is refused, with the place, the reason and the remedy."""

from __future__ import annotations

import pytest

from notebook_actions.exporter.analysis.problems import CODES, problem
from tests.exporter.notebooks import IMPORT, codes, exported, slice_of

REFUSED = {
    "a shell command's value": ("E103", ["files = !ls", "wanted = files"]),
    "a captured cell": ("E103", ["%%capture out\nprint(1)", "wanted = out"]),
    "a magic in a function": ("E110", ["def wanted():\n    !ls"]),
    "an earlier output": ("E104", ["1 + 1", "wanted = _"]),
    "a name set by global only": ("E105", ["def f():\n    global c\n    c = 1\nf()", "wanted = c"]),
    "a broken cell": ("E106", ["def helper(:\n  pass", "wanted = helper"]),
    "a widget's value": ("E107", ["import ipywidgets as w\ns = w.IntSlider()", "wanted = s.value"]),
    "a decorator that makes widgets": (
        "E121",
        ["from ipywidgets import widgets as w\n@w.interact(n=3)\ndef wanted(n): return n"],
    ),
    "an unknown star import": ("E108", ["from no_such_module_x import *", "wanted = thing"]),
    "a deleted name": ("E109", ["x = 1\ndel x", "wanted = x"]),
    "a name of a timed cell": ("E117", ["%%timeit\nx = 1", "wanted = x"]),
    "a name of a stored value": ("E117", ["%store -r x", "wanted = x"]),
    "a question about __main__": ("E120", ["def wanted(): return __name__ == '__main__'"]),
    "a part of a question": ("E120", ["if __name__ == '__main__' and 1:\n    wanted = 1"]),
    "a list of all names": ("E114", ["wanted = [name for name in globals()]"]),
    "the names as dir tells them": ("E114", ["wanted = sorted(dir())"]),
    "the names within a function": ("E114", ["def wanted(): return list(globals().values())"]),
    "the members of the module": (
        "E114",
        ["import inspect, sys", "wanted = inspect.getmembers(sys.modules[__name__])"],
    ),
    "the module's name": ("E115", ["wanted = f'app of {__name__}'"]),
    "the module's name in a function": ("E115", ["def wanted(): return __name__[:2]"]),
    "a class's module": ("E115", ["class Q: pass", "wanted = Q.__module__"]),
    "the module of an object's class": (
        "E115",
        ["class Q: pass\nq = Q()", "wanted = type(q).__module__"],
    ),
    "the module by its name": ("E115", ["class Q: pass", "wanted = getattr(Q, '__module__')"]),
    "a logger's name": (
        "E115",
        ["import logging\nlog = logging.getLogger(__name__)", "wanted = log.name"],
    ),
    "the notebook's module": ("E115", ["import __main__\nx = 1", "wanted = __main__.x"]),
    "a name set in the notebook's module": (
        "E115",
        ["import __main__\nwanted = 0", "__main__.wanted = 7"],
    ),
    "a function linked to the names of __main__": (
        "E115",
        ["import ipyparallel as ipp\n@ipp.interactive\ndef wanted(): return 1"],
    ),
    "a run of a missing file": ("E111", ["%run no_such.py", "wanted = thing"]),
    "an unknown name": ("E101", ["wanted = missing_thing"]),
    "a name used too early": ("E102", ["wanted = late", "late = 1"]),
    "a name made by exec": ("E101", ["exec('F = 1')\nglobals()['G'] = 2", "wanted = G"]),
}


@pytest.mark.parametrize(("code", "cells"), REFUSED.values(), ids=REFUSED.keys())
def test_refused(code: str, cells: list[str]) -> None:
    """A value that the app could not have is an error, not a guess; it says where."""
    first = slice_of(*cells).problems[0]
    assert first.code == code
    assert first.cell
    assert first.line
    assert first.remedy


SET_LATER = "def wanted():\n    global c\n    try: return c\n    finally: c = 1"


def test_a_name_that_no_call_has_set_yet_is_no_problem() -> None:
    """A function that sets a name for its next call finds it unset first, as in the notebook."""
    assert codes(slice_of(SET_LATER)) == []
    assert codes(slice_of(SET_LATER, "first = wanted()")) == ["E105"]


NO_QUESTION = [
    "def wanted():\n    a = 1\n    return sorted(locals())",
    "class Q: pass\nwanted = vars(Q())",
    "import logging\nwanted = logging.getLogger(__name__)",
]


@pytest.mark.parametrize("cell", NO_QUESTION)
def test_what_has_names_of_its_own_is_no_problem(cell: str) -> None:
    """A function's own names, an object's and a logger's are the same in the app."""
    assert codes(slice_of(cell)) == []


NOT_NEEDED = ["files = !ls\nprint(files)", "def broken(:\n  pass", "_ + 1", "x = undefined_name"]


@pytest.mark.parametrize("cell", NOT_NEEDED)
def test_what_is_not_needed_is_no_problem(cell: str) -> None:
    """A cell that cannot be exported does not matter where nothing needs it."""
    assert codes(slice_of("1 + 1", cell, "wanted = 1")) == []


def test_a_table_that_is_only_shown_sets_nothing_up() -> None:
    """A table made to look at it is neither kept nor told."""
    cells = ["import pandas as pd", "pd.DataFrame({'a': [1]})", "wanted = pd.DataFrame()"]
    assert codes(slice_of(*cells)) == []
    assert exported(*cells) == f"{cells[0]}\n\n{cells[2]}\n"


def test_all_problems_at_once() -> None:
    """Every problem is reported, with cell, line, chain and remedy."""
    part = slice_of(
        "LIMITS = 3\nfiles = !ls", "def price():\n    return LIMIT", "wanted = [price, files]"
    )
    first, second = map(str, part.errors)
    assert first.startswith("E103  cell 1, line 2: `files` gets its value from a magic or shell")
    assert second.splitlines() == [
        "E101  cell 2, line 2: `LIMIT` is not defined",
        "      needed by wanted → price → LIMIT",
        "      Did you mean `LIMITS`?",
    ]


@pytest.mark.parametrize("cell", ["if True:\n    %run t.py", "def load():\n    %run t.py\nload()"])
def test_a_run_within_a_block_is_told(cell: str) -> None:
    """A file that is run within a block or a function may define what is missing."""
    (first,) = slice_of(cell, "wanted = price").errors
    assert (first.code, first.name) == ("E101", "price")
    assert first.remedy == "If %run t.py in cell 1 defines it: put that at the start of a line."


def test_the_reason_is_a_page_where_it_can_be() -> None:
    """What is kept for its own sake as well is told as needed by the page."""
    part = slice_of(
        "import sqlite3\ndb = sqlite3.connect('a.db')",
        "db.execute('create table t (x)')",
        "def read(): return db.execute('select * from t')",
        "wanted = read",
    )
    assert [(one.code, one.why[0]) for one in part.problems] == [("W219", "wanted")]


def test_problems_have_an_order_of_their_own() -> None:
    """What is wrong in one line stands in the order of the names, in every run."""
    part = slice_of("wanted = [" + ", ".join(f"missing_{n}" for n in range(9)) + "]")
    names = [one.name for one in part.errors]
    assert names == [f"missing_{n}" for n in range(9)]


def test_a_starting_value_makes_global_work() -> None:
    """A name set by ``global`` is exported where it has a starting value."""
    assert "f()" in exported("c = None\ndef f():\n    global c\n    c = 1\nf()", "wanted = c")


CLASS = "class Q: pass\nq = Q()\nkinds = {'q': Q}"
TEXTS_OF_CLASSES = [
    "repr(Q)",
    "str(type(q))",
    "f'{type(q)}'",
    "'{}'.format(Q)",
    "'%s' % (Q,)",
    "str(kinds)",
    "[str(type(x)) for x in (1, q)]",
    "(lambda x: x.__class__.__module__)(q)",
]


@pytest.mark.parametrize("text", TEXTS_OF_CLASSES)
def test_the_text_of_a_class_is_told(text: str) -> None:
    """What may show the module of a class of the notebook is a warning, with its line."""
    (told,) = slice_of(
        CLASS if "where" in text else CLASS.replace("self.__class", "'x'.__class"),
        f"wanted = {text}",
    ).problems
    assert (told.code, bool(told.cell and told.line)) == ("W223", True)


BAD = "import traceback\nclass BadSpell(ValueError): pass"


@pytest.mark.parametrize("text", ["format_exc()", "format_exception_only(BadSpell('x'))"])
def test_the_text_of_a_traceback_is_told(text: str) -> None:
    """What names the module of an exception of the notebook is a warning, but not its own text."""
    cell = f"def wanted():\n    return traceback.{text}"
    (told,) = slice_of(BAD, cell).problems
    assert (told.code, told.cell, told.line) == ("W223", 2, 2)
    assert codes(slice_of(BAD.replace("ValueError", "str"), cell)) == []
    assert codes(slice_of(BAD, f"def wanted():\n    print(traceback.{text})")) == []


NO_TEXTS_OF_CLASSES = [
    "wanted = [Q.__name__, f'{type(q).__name__}', str(len(kinds)), f'{type(1)}']",
    "def wanted(x):\n    print(type(x))\n    raise TypeError(f'not {type(x)}')",
]


@pytest.mark.parametrize("cell", NO_TEXTS_OF_CLASSES)
def test_the_name_of_a_class_is_the_same(cell: str) -> None:
    """A class's own name, and what is only printed or raised, is no problem."""
    assert codes(slice_of("class Q: pass\nq = Q()\nkinds = {'q': Q}", cell)) == []


WARNED = {
    "W202": ["async def f(): return 1", "wanted = await f()"],
    "W205": ["if __name__ == '__main__':\n    K = 1", "wanted = K"],
    "W206": ["import random\nrandom.seed(1)", "def wanted(): return random.random()"],
    "W207": ["def wanted(x):\n    display(x)"],
    "W208": ["def wanted(x): return eval(x)"],
    "W216": ["wanted = 0", "exec(open('no.py').read())"],
    "W215": ["xs = []\ndef add():\n    xs.append(1)\n    return xs", "add()", "wanted = xs"],
}


MAIN = [
    "if __name__ == '__main__':\n    wanted = 1\nelse:\n    wanted = 2",
    "if '__main__' == __name__:\n    wanted = 1\nelse:\n    wanted = 2",
    "if __name__ != '__main__':\n    wanted = 2\nelse:\n    wanted = 1",
]


@pytest.mark.parametrize("cell", MAIN)
def test_the_main_block_is_the_notebook_s(cell: str) -> None:
    """A notebook is ``__main__``, so its branch of the question is part of the app."""
    assert exported(cell) == "wanted = 1\n"


@pytest.mark.parametrize(("code", "cells"), WARNED.items(), ids=WARNED.keys())
def test_warned(code: str, cells: list[str]) -> None:
    """What the author should know is a warning, and does not stop the export."""
    part = slice_of(*cells)
    assert (codes(part), part.errors) == ([code], ())


def test_state_that_an_action_changes() -> None:
    """Module-level state that an action changes, also through helpers, is a warning."""
    part = slice_of(
        IMPORT,
        "DONE = []\nn = 0\nREAD = [1]\ndef note(x): DONE.append(x)",
        "@action\ndef enroll(form):\n    global n\n    n += 1\n    note(READ[0])",
        want=None,
    )
    assert [(one.code, one.name) for one in part.problems] == [("W210", "DONE"), ("W210", "n")]


STATE = {
    "a class's number": ("Seats", "class Seats: taken = 0", "Seats.taken += 1"),
    "a class's list": ("Seats", "class Seats: taken = []", "Seats.taken.append(1)"),
    "a number that a class counts itself": (
        "Seats",
        "class Seats:\n    taken = 0\n    @classmethod\n    def take(cls): cls.taken += 1",
        "Seats.take()",
    ),
    "a number that objects count": (
        "Seats",
        "class Seats:\n    taken = 0\n    def take(self): type(self).taken += 1",
        "Seats().take()",
    ),
    "a closure": (
        "count",
        "def counter():\n    n = []\n    return lambda: n.append(1)\ncount = counter()",
        "return count()",
    ),
    "a default value": ("add", "def add(x, to=[]):\n    to.append(x)\n    return to", "add(1)"),
    "a function's attribute": ("add", "def add(): return 1", "add.calls = 1"),
    "a cache of what is filled": (
        "cart",
        "from functools import lru_cache\n@lru_cache\ndef cart(name): return []",
        "cart('luna').append(1)",
    ),
    "a cache of what is drawn": (
        "token",
        "import functools, uuid\n@functools.cache\ndef token(name): return uuid.uuid4().hex",
        "return token('luna')",
    ),
}


@pytest.mark.parametrize(("name", "start", "body"), STATE.values(), ids=STATE.keys())
def test_state_that_is_no_variable(name: str, start: str, body: str) -> None:
    """What a class, a closure, a default value or a cache keeps is module-level state too."""
    part = slice_of(IMPORT, start, f"@action\ndef enroll(form):\n    {body}", want=None)
    assert [(one.code, one.name) for one in part.problems] == [("W210", name)]


NO_STATE = {
    "an object of its own": ("class Seats:\n    def take(self): self.n = 1", "Seats().take()"),
    "a model": (
        "from pydantic import BaseModel\nclass Seat(BaseModel): n: int",
        "print(Seat(n=1))",
    ),
    "a cache of a sum": ("import functools\n@functools.cache\ndef add(n): return n", "add(1)"),
}


@pytest.mark.parametrize(("start", "body"), NO_STATE.values(), ids=NO_STATE.keys())
def test_what_is_made_anew_is_no_state(start: str, body: str) -> None:
    """An object of one call, and a cache that only saves time, are no state."""
    part = slice_of(IMPORT, start, f"@action\ndef enroll(form):\n    {body}", want=None)
    assert codes(part) == []


PER_PROCESS = {
    "an engine": "from sqlalchemy import create_engine\nwanted = create_engine('sqlite://')",
    "a connection": "import sqlite3\nwanted = sqlite3.connect(':memory:')",
    "a pool": "from concurrent.futures import ThreadPoolExecutor\nwanted = ThreadPoolExecutor()",
    "a lock": "import asyncio\nwanted = asyncio.Lock()",
    "a client": "import httpx\nwanted = httpx.AsyncClient()",
}


@pytest.mark.parametrize("cell", PER_PROCESS.values(), ids=PER_PROCESS.keys())
def test_what_each_process_makes_for_itself_is_noted(cell: str) -> None:
    """An engine or a lock at the top level is told once, and is no error."""
    (one,) = slice_of(cell).problems
    assert (one.code, one.name) == ("W219", "wanted")
    assert "re-created per process" in one.message


NOT_PER_PROCESS = [
    "class Client: pass\nwanted = Client()",
    "def wanted():\n    import sqlite3\n    return sqlite3.connect('x')",
    "import logging\nwanted = logging.getLogger('x')",
]


@pytest.mark.parametrize("cell", NOT_PER_PROCESS)
def test_what_is_made_when_it_is_used_is_not_noted(cell: str) -> None:
    """The notebook's own class, and what a function makes, are ordinary objects."""
    assert codes(slice_of(cell)) == []


@pytest.mark.parametrize("code", CODES)
def test_every_code_has_a_message_and_a_remedy(code: str) -> None:
    """Each problem says what is wrong and what to do."""
    one = problem(code, cell=1, name="x", detail="y", remedy="z")
    assert one.message
    assert one.remedy
    assert one.severity == ("error" if code.startswith("E") else "warning")


def test_a_widget_that_follows_a_form_is_left_out() -> None:
    """A label of the notebook that shows a form's result is no matter of the app."""
    cells = [
        f"{IMPORT}\nimport ipywidgets, traitlets\n@action\nasync def ask(): return 1",
        "asking = ActionForm(ask)",
        "label = ipywidgets.Label()\ntraitlets.dlink((asking, 'result'), (label, 'value'), str)",
    ]
    assert codes(slice_of(*cells, want=None)) == []
    assert "label" not in exported(*cells, want=None)
