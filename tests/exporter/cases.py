# ruff: noqa: E501 (one cell a line)
"""Notebooks for test_both_ways.py; what a case may hold is told in both_ways.py."""

from __future__ import annotations

from typing import Any

START = "from notebook_actions import ActionForm, FormData, Page, Request, action, loader, redirect"
ASK = "await ask({'n': '3'}, None)"

CASES: list[dict[str, Any]] = [
    # --- the order of the runs ---
    {
        "name": "an action is edited and run again after its form",
        "cells": [
            START,
            "@action\nasync def ask(form, request): return 'old'",
            "asking = ActionForm(ask)",
        ],
        "order": [0, 1, 2, 1],
        "edit_after": {},
        "probes": ["await asking.action({}, None)"],
        "once": ["async def ask", "ActionForm(ask)"],
    },
    {
        "name": "cells run upwards",
        "cells": [
            START,
            "PRICE = BASE * 2",
            "BASE = 4",
            "@action\nasync def ask(form, request): return PRICE",
        ],
        "order": [0, 2, 1, 3],
        "probes": [ASK],
        "static": {"want": "error", "msg": "used before the cell that defines it"},
    },
    {
        "name": "a constant changed by running another cell",
        "cells": [
            START,
            "RATE = 2",
            "RATE = 5",
            "@action\nasync def ask(form, request): return RATE",
        ],
        "order": [0, 2, 3, 1],
        "probes": [ASK],
        "static": {"expect": ["5"]},
    },
    {
        "name": "a seed list filled three times",
        "cells": [
            START,
            "ROWS = []",
            "ROWS.append({'id': len(ROWS)})",
            "@action\nasync def ask(form, request): return ROWS",
        ],
        "order": [0, 1, 2, 2, 2, 3],
        "probes": [ASK],
        "expect": ['[{"id": 0}]'],
        "live": {
            "warns": [
                "a cell ran more than once (3 times)",
                "`ROWS` is [{'id': 0}, {'id': 1}, {'id': 2}] in the kernel, but",
            ]
        },
    },
    {
        "name": "a cell edited and not run again",
        "cells": [START, "LIMIT = 3", "@action\nasync def ask(form, request): return LIMIT"],
        "edit_after": {1: "LIMIT = 4"},
        "probes": [ASK],
        "live": {"warns": ["the app takes what ran"]},
        "static": {"expect": ["4"]},
    },
    {
        "name": "a cell deleted after it ran",
        "cells": [
            START,
            "def fee(n): return int(n) * 2",
            "@action\nasync def ask(form, request): return fee(form['n'])",
        ],
        "delete_after": [1],
        "probes": [ASK],
        "live": {"warns": ["the cell that made `fee` was deleted"]},
        "static": {"want": "error", "msg": "`fee` is not defined needed by ask → fee"},
    },
    {
        "name": "a cell that failed half way",
        "cells": [START, "A = 1\n1 / 0\nA = 2", "@action\nasync def ask(form, request): return A"],
        "probes": [ASK],
        "static": {"expect": ["2"]},
        "live": {"expect": ["1"]},
    },
    {
        "name": "a call that changed something before it failed",
        "cells": [
            START,
            "SEATS = {'potions': 0}\nKEPT = 1\ndef take(number):\n    SEATS['potions'] += 1\n    return 10 // number",
            "take(0)",
            "@action\nasync def ask(form, request): return [SEATS, KEPT]",
        ],
        "probes": [ASK],
        "static": {"want": "error", "msg": "ZeroDivisionError"},
        "live": {
            "expect": ['[{"potions": 0}, 1]'],
            "warns": [
                "cell 3, line 1: the cell stopped with an error in `take(0)`, which may have changed `SEATS`",
                "`SEATS` is {'potions': 1} in the kernel, but {'potions': 0} when the app starts",
            ],
        },
    },
    {
        "name": "a name that an action sets for its next call",
        "cells": [
            START,
            "@action\nasync def ask(form, request):\n    global LAST\n    try: return LAST\n    except NameError: return 'none'\n    finally: LAST = form['n']",
        ],
        "probes": [ASK, ASK],
        "expect": ['"none"', '"3"'],
    },
    {
        "name": "state that came from trying the form",
        "cells": [
            START,
            "GUESTS = []",
            "@action\nasync def ask(form, request):\n    GUESTS.append(form['n'])\n    return len(GUESTS)",
            "await ask({'n': 'Luna'}, None)",
        ],
        "probes": [ASK],
        "expect": ["1"],
        "warns": ["module-level state that an action changes"],
        "live": {"warns": ["`GUESTS` is ['Luna'] in the kernel, but [] when the app starts"]},
    },
    {
        "name": "names from before a reset",
        "cells": [START, "K = 1", "%reset -f", "@action\nasync def ask(form, request): return K"],
        "order": [0, 1, 2, 0, 3],
        "probes": [],
        "live": {"want": "error", "msg": "`K` is not defined"},
    },
    # --- what is kept ---
    {
        "name": "a page with a table, two forms and helpers",
        "cells": [
            START,
            "import sqlite3\ndb = sqlite3.connect('class.db')\ndb.execute('create table if not exists pupils (name text)')",
            "db.execute('select count(*) from pupils').fetchone()",
            "def names(): return [row[0] for row in db.execute('select name from pupils order by 1')]\nnames()",
            "@loader(key='pupils')\nasync def pupils(): return [{'Name': name} for name in names()]",
            "@action(invalidate=['pupils'])\nasync def join(name: str):\n    with db: db.execute('insert into pupils values (?)', [name])\n    return names()",
            "@action\nasync def leave(form: FormData, request: Request): return redirect('/bye')",
            "page = Page('/class', pupils, ActionForm(join), ActionForm(leave), title='Class')\npage",
        ],
        "probes": ["await join('Luna')", "page.title", "list(page.forms)"],
        "absent": ["count(*)"],
        "once": ["def names", "sqlite3.connect"],
    },
    {
        "name": "registries filled by decorators and loops",
        "cells": [
            START,
            "RULES = {}\ndef rule(name):\n    def keep(function):\n        RULES[name] = function\n        return function\n    return keep",
            "@rule('twice')\ndef twice(n): return n * 2",
            "for power in (2, 3):\n    RULES[f'power {power}'] = lambda n, power=power: n ** power",
            "@action\nasync def ask(form, request): return {name: RULES[name](int(form['n'])) for name in sorted(RULES)}",
        ],
        "probes": [ASK],
    },
    {
        "name": "models that name each other in strings",
        "cells": [
            START,
            "from sqlalchemy import Column, ForeignKey, String, Table, create_engine, select\nfrom sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship",
            "class Base(DeclarativeBase): ...",
            "in_class = Table('in_class', Base.metadata, Column('pupil', ForeignKey('pupil.id')), Column('lesson', ForeignKey('lesson.id')))",
            "class Pupil(Base):\n    __tablename__ = 'pupil'\n    id: Mapped[int] = mapped_column(primary_key=True)\n    name: Mapped[str] = mapped_column(String(40))\n    lessons: Mapped[list['Lesson']] = relationship(secondary='in_class', back_populates='pupils')",
            "class Lesson(Base):\n    __tablename__ = 'lesson'\n    id: Mapped[int] = mapped_column(primary_key=True)\n    pupils: Mapped[list[Pupil]] = relationship(secondary=in_class, back_populates='lessons')",
            "engine = create_engine('sqlite://')\nBase.metadata.create_all(engine)",
            "@action\nasync def ask(form, request):\n    with Session(engine) as session:\n        session.add(Pupil(name=form['n'], lessons=[Lesson(), Lesson()]))\n        session.flush()\n        return [len(one.lessons) for one in session.scalars(select(Pupil))]",
        ],
        "probes": [ASK],
    },
    {
        "name": "a table that is worked on in place",
        "cells": [
            START,
            "import pandas as pd\nLIMIT = 2",
            "seats = pd.read_csv('data/seats.csv', index_col='subject')",
            "seats.head()\nseats['free'] = seats.total - seats.taken",
            "seats.loc['Potions', 'free'] = 9\nseats.drop(columns='taken', inplace=True)",
            "seats.plot if False else seats.describe()",
            "@action\nasync def ask(form, request): return seats.query('free > @LIMIT').to_dict()",
        ],
        "files": {"data/seats.csv": "subject,total,taken\nPotions,3,3\nCharms,8,1\nRunes,2,1\n"},
        "probes": [ASK],
        "absent": ["head()", "describe"],
        "warns": ["the app uses the data file data/seats.csv"],
    },
    {
        "name": "values that are awaited before the server accepts",
        "cells": [
            START,
            "import asyncio\nasync def fetch(n):\n    await asyncio.sleep(0)\n    return [n, n + 1]",
            "A, B = await asyncio.gather(fetch(1), fetch(5))\nTOTAL = sum(A)\nLATER = 7",
            "@action\nasync def ask(form, request): return [A, B, TOTAL, LATER, await fetch(0)]",
        ],
        "probes": [ASK],
        "present": ["async def startup()"],
        "warns": ["top-level await moved to start-up"],
    },
    # --- what is not plain Python ---
    {
        "name": "magics that run code, and magics that only help",
        "cells": [
            "%matplotlib inline\n%load_ext autoreload\n!echo hello",
            START,
            "%%time\nA = 1",
            "%time B = A + 1\n%timeit A\nB?",
            "@action\nasync def ask(form, request): return [A, B]",
        ],
        "probes": [ASK],
        "absent": ["%", "get_ipython", "echo"],
    },
    {
        "name": "the output of a shell command",
        "cells": [
            START,
            "files = !ls",
            "SHOWN = files[:1]",
            "@action\nasync def ask(form, request): return SHOWN",
        ],
        "probes": [],
        "want": "error",
        "msg": "needed by ask → SHOWN → files",
    },
    {
        "name": "files that the notebook writes, runs and imports",
        "cells": [
            START,
            "%%writefile tools/words.py\nfrom .shapes import ROUND\ndef say(x): return [x, ROUND]",
            "%%writefile tools/shapes.py\nROUND = 'o'",
            "from tools.words import say\nimport late",
            "%run more.py\nC = FACTOR * 2",
            "@action\nasync def ask(form, request):\n    from deeper import depth\n    return [say('a'), late.VALUE, C, factor(2), depth()]",
        ],
        "files": {
            "tools/__init__.py": "",
            "late.py": "import settings\nVALUE = settings.VALUE\n",
            "settings.py": "VALUE = 4\n",
            "more.py": "FACTOR = 3\ndef factor(n): return FACTOR * n\n",
            "deeper/__init__.py": "from deeper.inner import depth\n",
            "deeper/inner.py": "def depth(): return 2\n",
            "unrelated.py": "raise SystemExit\n",
        },
        "probes": [ASK],
        "warns": ["%run turned into a module"],
    },
    {
        "name": "types that are only there for checkers, and star imports",
        "cells": [
            "from __future__ import annotations",
            START + "\nfrom typing import TYPE_CHECKING",
            "if TYPE_CHECKING:\n    from nowhere import Ghost",
            "from math import *\nfrom helpers import *",
            "def area(r: Ghost) -> Ghost: return round(pi * r ** 2, 2)",
            "@action\nasync def ask(form, request): return [area(int(form['n'])), SIDE]",
        ],
        "files": {"helpers.py": "SIDE = 4\n_hidden = 5\n"},
        "probes": [ASK],
        "absent": ["import *"],
    },
    {
        "name": "secrets in several places",
        "cells": [
            START,
            "import os\nos.environ['MAIL_PASSWORD'] = 'correct-horse-9'\nAPI_KEY = 'abc-123-def-456'  # abc-123-def-456",
            "SETTINGS = {'host': 'db', 'password': 'hunter2!'}\nURL = 'postgresql://bob:s3cr3t@db/school'",
            "@action\nasync def ask(form, request): return [len(os.environ['MAIL_PASSWORD']), len(API_KEY), len(SETTINGS['password']), URL[:10]]",
        ],
        "probes": [ASK],
        "env": {
            "MAIL_PASSWORD": "correct-horse-9",
            "API_KEY": "abc-123-def-456",
            "SETTINGS_PASSWORD": "hunter2!",
            "URL": "postgresql://bob:s3cr3t@db/school",
        },
        "absent": ["correct-horse", "abc-123", "hunter2", "s3cr3t"],
        "warns": ["literal secret replaced by an environment variable"],
    },
    {
        "name": "a value made by exec",
        "cells": [
            START,
            "exec('SIZES = [1, 2]')",
            "@action\nasync def ask(form, request): return SIZES",
        ],
        "probes": [ASK],
        "live": {"warns": ["value frozen from the kernel"]},
        "static": {"want": "error", "msg": "assign it in plain Python"},
    },
    {
        "name": "forms in a layout, made in a loop",
        "cells": [
            START,
            "def make(word):\n    @action(name=f'say-{word}')\n    async def say(form, request): return word\n    return say",
            "forms = {word: ActionForm(make(word)) for word in ('hello', 'bye')}",
            "from ipywidgets import HBox\nHBox(list(forms.values()))",
        ],
        "probes": ["[await form.action({}, None) for form in forms.values()]"],
        "absent": ["HBox"],
    },
    # --- changes and names that no statement says outright ---
    {
        "name": "changes by functions that are handed on",
        "cells": [
            START,
            "from functools import partial\nimport numpy as np\nDONE, SEEN, a = [], [], np.array([3., 5.])",
            "r = list(map(DONE.append, [1, 2]))\nc = np.add(a, a, a)\nput = partial(DONE.append, 7)\nput()",
            "class Course:\n    def __str__(self):\n        SEEN.append(1)\n        return 'Potions'\ntitle = f'{Course()}'",
            "@action\nasync def ask(form, request): return [DONE, SEEN, a.tolist()]",
        ],
        "probes": [ASK],
    },
    {
        "name": "names that are set and looked up by texts",
        "cells": [
            START,
            "x_1 = x_2 = 0",
            "for n in (1, 2): exec(f'x_{n} = {n} * 10')\nglobals()['x_2'] += 1",
            "@action\nasync def ask(form, request): return [globals()[f'x_{n}'] for n in (1, 2)]",
        ],
        "probes": [ASK],
        "warns": ["names looked up by eval or globals()"],
    },
    {
        "name": "all names of the notebook",
        "cells": [
            START,
            "def check_a(): return 1\ndef check_b(): return 2",
            "@action\nasync def ask(form, request): return [f() for name, f in globals().items() if name.startswith('check_')]",
        ],
        "probes": [],
        "want": "error",
        "msg": "goes through all names of the notebook",
    },
    {
        "name": "the name of the module as a value",
        "cells": [START, "@action\nasync def ask(form, request): return __name__"],
        "probes": [],
        "want": "error",
        "msg": "`ask` uses `__name__` as a value",
    },
    {
        "name": "calls that nothing says outright",
        "cells": [
            START,
            "from collections import defaultdict\nfrom operator import attrgetter\nfrom types import SimpleNamespace\nMADE, HELD, READ = [], [1, 2], []",
            "class Seat:\n    def __init__(self): MADE.append(1)\n    @property\n    def price(self):\n        READ.append(1)\n        return 7\nseats = defaultdict(Seat)\ntill = SimpleNamespace(next=HELD.pop)",
            "first = till.next()\nseat = seats['a']",
            "texts = ['{0.price}'.format(seat), attrgetter('price')(seat)]\nmatch seat:\n    case Seat(price=7): texts.append('seven')",
            "@action\nasync def ask(form, request): return [MADE, HELD, READ]",
        ],
        "probes": [ASK],
    },
    {
        "name": "what is remembered, and what is called later",
        "cells": [
            START,
            "import sqlite3\nfrom functools import cache\nfrom unittest.mock import Mock\nHEARD = []\nowl = Mock(return_value=1)",
            "db = sqlite3.connect(':memory:')\ndef note(x):\n    HEARD.append(x)\n    return x\ndb.create_function('note', 1, note)",
            "@cache\ndef rows():\n    found = ['a']\n    return found",
            "row = rows()\nrow.append('b')\nnoted = db.execute('select note(3)').fetchall()\nsent = owl('x')",
            "@action\nasync def ask(form, request): return [rows(), HEARD, owl.call_count]",
        ],
        "probes": [ASK],
    },
    {
        "name": "a sample after a seed",
        "cells": [
            START,
            "import numpy as np, pandas as pd\nnp.random.seed(3)",
            "noise = np.random.rand(4)\ntable = pd.DataFrame({'a': range(90)})",
            "drawn = table.sample(3).index.tolist()",
            "@action\nasync def ask(form, request): return drawn",
        ],
        "probes": [ASK],
    },
    {
        "name": "the text of a class",
        "cells": [
            START,
            "class Wand: pass\nwands = {'a': Wand()}",
            "@action\nasync def ask(form, request): return str(type(wands['a'])).count('Wand')",
        ],
        "probes": [ASK],
        "warns": ["may show where `type(wands['a'])` is defined"],
    },
    # --- fields ---
    {
        "name": "texts are translated, and models are fields",
        "cells": [
            START,
            "from notebook_actions.messages import MESSAGES\nMESSAGES['required'] = '{label} fehlt.'",
            "from notebook_actions import messages\nmessages.MESSAGES.update(too_few='Zu wenig {label}.')",
            "from pydantic import BaseModel, Field\nfrom typing import Annotated",
            "class Item(BaseModel):\n    qty: int\nItem(qty=3)",
            "class Order(BaseModel):\n    town: str\n    items: Annotated[list[Item], Field(min_length=1)]",
            "from notebook_actions.fields import Submit, Textarea",
            "@action\nasync def ask(order: Order): return order.items[0].qty",
            "asking = ActionForm(ask, fields=[Textarea('town'), Submit('Los')])",
        ],
        "probes": [
            "asking.parameters.check(__import__('notebook_actions').FormData())",
            "await ask(Order(town='x', items=[Item(qty=2)]))",
        ],
        "expect": ['{"town": "Town fehlt.", "items": "Zu wenig Items."}', "2"],
    },
]
