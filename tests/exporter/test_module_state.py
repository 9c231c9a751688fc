# ruff: noqa: E501 (one notebook a line)
"""What the notebook's own modules hold is, in the app, what the notebook made of it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.exporter.notebooks import codes, exported, slice_of

MODULE = """\
import itertools, random
from core import *
from core import note as log
STATE = []
RATE = 1
ids = itertools.count(1)
class Owl:
    all = {}
    def __init__(self, name): Owl.all[name] = self
def next_id(): return next(ids)
def add(x): STATE.append(x); return len(STATE)
def size(): return len(STATE)
def rate(): return RATE
def set_rate(r):
    global RATE
    RATE = r
    return r
def noise(): return random.random()
def fill(xs): xs.append(1); return len(xs)
def note_inside(x):
    from core import HEARD as heard
    heard.append(x)
"""
CORE = "HEARD = []\ndef note(x):\n    HEARD.append(x)\n    return x\n"

READER = """\
import core, html
def heard(): return core.HEARD
def escaped(text): return html.escape(text)
"""

LONG = MODULE + "# A long story.\n" * 7_000

CELLS = {
    "a function": ["import school", "x = school.add(3)", "wanted = school.STATE"],
    "a function by its name": ["from school import add, STATE", "x = add(3)", "wanted = STATE"],
    "a count": ["from school import next_id", "xs = [next_id() for _ in range(3)]", "wanted = next_id()"],
    "a count in a helper": ["import school\ndef new(): return school.next_id()", "x = new()", "wanted = new()"],
    "a count as a factory": ["import school\nfrom dataclasses import dataclass, field\n@dataclass\nclass Q:\n    id: int = field(default_factory=school.next_id)", "x = Q()", "wanted = Q().id"],
    "a global name": ["import school", "r = school.set_rate(7)", "wanted = school.rate()"],
    "a class": ["import school", "o = school.Owl('a')", "wanted = list(school.Owl.all)"],
    "a subclass": ["from school import Owl\nclass Snowy(Owl): pass", "o = Snowy('a')", "wanted = list(Owl.all)"],
    "a function handed on": ["import school", "xs = list(map(school.add, [1, 2]))", "wanted = school.STATE"],
    "an argument that is filled": ["from school import fill\nxss = [[], []]", "ns = list(map(fill, xss))", "wanted = xss"],
    "a function of another module": ["import school, core", "x = school.log(4)", "wanted = core.HEARD"],
    "random numbers": ["import school, random\nrandom.seed(3)", "x = school.noise()", "wanted = random.random()"],
    "a module that a function imports": ["def f():\n    import school\n    school.RATE += 1", "f()", "def g():\n    import school as s\n    return s.RATE\nwanted = g()"],
    "a function that a function imports": ["def f():\n    from school import add\n    return add(3)", "x = f()", "wanted = f()"],
    "a module that a method imports": ["class Q:\n    def f(self):\n        import school\n        return [school.add(n) for n in range(3)]\nq = Q()", "x = q.f()", "import school\nwanted = school.STATE"],
    "a module that a module's function imports": ["import school", "school.note_inside(3)", "def f():\n    import core\n    return core.HEARD\nwanted = f()"],
    "an option of a library, within functions": ["def f():\n    import decimal\n    decimal.getcontext().prec = 4", "f()", "def g():\n    from decimal import Decimal\n    return Decimal(1) / 3\nwanted = g()"],
    "a long module": ["import long", "x = long.add(3)", "wanted = long.STATE"],
    "a long module by its names": ["from long import next_id", "xs = [next_id() for _ in range(3)]", "wanted = next_id()"],
    "a long module that a function imports": ["def f():\n    import long\n    return long.add(3)", "x = f()", "from long import STATE as wanted"],
    "a function that is patched": ["import school\nfrom unittest import mock", "mock.patch('school.rate', lambda: 9).start()", "wanted = school.rate()"],
    "a patch of a list": ["import school\nfrom unittest.mock import patch\npatches = [patch('school.rate', lambda: 9)]", "for one in patches: one.start()", "wanted = school.rate()"],
    "a patch that has ended": ["import school\nfrom unittest.mock import patch\npatched = patch('school.rate', lambda: 9)", "fake = patched.start()", "patched.stop()", "wanted = school.rate()"],
    "a patched setting of the process": ["import os\nfrom unittest.mock import patch", "patch.dict('os.environ', {'SCHOOL': 'H'}).start()", "wanted = os.environ.get('SCHOOL')"],
    "a module found by a finder": ["import sys, importlib.machinery as m\nclass Finder:\n    def find_spec(self, name, *args):\n        if name == 'hogwarts': return m.ModuleSpec(name, self)\n    def create_module(self, spec): return None\n    def exec_module(self, module): module.seats = 7", "sys.meta_path.append(Finder())", "import hogwarts\nwanted = hogwarts.seats"],
    "a module that its package gets": ["import wsgiref", "import wsgiref.util as util", "wanted = wsgiref.util.guess_scheme({})"],
    "a package's module, imported from there": ["from wsgiref import handlers", "import wsgiref", "wanted = wsgiref.handlers.format_date_time(0)"],
    "a module made by hand": ["import sys, types\nmade = types.ModuleType('hogwarts')\nsys.modules['hogwarts'] = made", "made.seats = 7", "import hogwarts\nwanted = hogwarts.seats"],
    "a module made by hand that a function imports": ["import sys\nfrom types import ModuleType\nmade = sys.modules['hogwarts'] = ModuleType('hogwarts')", "exec('seats = 7', made.__dict__)", "def f():\n    from hogwarts import seats\n    return seats\nwanted = f()"],
    "a module that only another one imports": ["import school, reader", "school.note_inside(3)", "wanted = reader.heard()"],
    "a list of a module that another one reads": ["import core, reader", "core.HEARD.append(3)", "wanted = reader.heard()"],
    "a library that a module uses": ["import html, reader", "html.escape = lambda text: 'new'", "wanted = reader.escaped('<')"],
    "a patch by a text": ["import html\nfrom pytest import MonkeyPatch\npatch = MonkeyPatch()", "patch.setattr('html.escape', lambda text: 'new')", "wanted = html.escape('<')"],
    "a patched variable of the environment": ["import os, pytest\npatch = pytest.MonkeyPatch()", "patch.setenv('SCHOOL', 'H')", "wanted = os.environ.get('SCHOOL')"],
    "a module that is loaded again": ["import school, importlib\nschool.STATE.append(1)", "importlib.reload(school)", "wanted = school.STATE"],
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with four modules."""
    (tmp_path / "reader.py").write_text(READER, "utf-8")
    (tmp_path / "school.py").write_text(MODULE, "utf-8")
    (tmp_path / "long.py").write_text(LONG, "utf-8")
    (tmp_path / "core.py").write_text(CORE, "utf-8")
    return tmp_path


def _wanted(text: str, folder: Path) -> str:
    """Run a text in a process of its own, where the modules are new."""
    return subprocess.run(
        [sys.executable, "-c", f"{text}\nprint(wanted)"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"},
        check=True,
        capture_output=True,
        text=True,
    ).stdout


@pytest.mark.parametrize("cells", CELLS.values(), ids=CELLS.keys())
def test_what_a_module_holds_is_the_notebook_s(cells: list[str], folder: Path) -> None:
    """A call that changes something in a module is kept, also where its value is used."""
    assert _wanted(exported(*cells, folder=folder), folder) == _wanted("\n".join(cells), folder)


def test_a_call_that_changes_nothing_is_left_out(folder: Path) -> None:
    """A question to a module stays behind."""
    cells = ["import school", "x = school.size()", "wanted = school.STATE"]
    assert "school.size()" not in exported(*cells, folder=folder)


def test_what_a_function_imports_needs_no_change(folder: Path) -> None:
    """A call that changes nothing in what it imports stays behind, and no name is missing."""
    cells = ["def f():\n    import school\n    return school.size()", "x = f()", "wanted = f"]
    assert "x = f()" not in exported(*cells, folder=folder)


def test_a_shown_call_that_changes_a_module_is_told(folder: Path) -> None:
    """A display that is left out, and that moves a count on, is a warning."""
    cells = ["import school", "print(school.next_id())", "wanted = school.next_id()"]
    assert codes(slice_of(*cells, folder=folder)) == ["W206"]
