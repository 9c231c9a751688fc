"""The plan of an app: which files, with what in them, and what stops it."""

import ast
import re
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

import notebook_actions
from notebook_actions import ExportError
from tests.exporter.apps import IMPORT, SMALL, make_database, plan

PACKAGE = Path(notebook_actions.__file__).parent


def codes(problems):
    """Return the codes of problems."""
    return [one.code for one in problems]


def refused(folder, *cells, **options):
    """Return the problems for which a notebook is not exported."""
    with pytest.raises(ExportError) as caught:
        plan(folder, *cells, **options)
    return caught.value.problems


def own_files(planned):
    """Return the paths of the plan without the runtime."""
    return [path for path in planned.files if not path.startswith("notebook_actions/")]


# --- the tree -------------------------------------------------------------------------------------


def test_the_tree_is_as_documented(tmp_path):
    """An app consists of these files and no others, beside its runtime."""
    assert own_files(plan(tmp_path, *SMALL)) == [
        ".dockerignore",
        "Dockerfile",
        "README.md",
        "actions.py",
        "app.py",
        "requirements.txt",
        "static/form.css",
        "static/page.js",
        "templates/party.html",
        "templates/party.invite.html",
        "templates/party.leave.html",
        "test_app.py",
    ]


#: Packages of the runtime.
PARTS = ("executors", "form", "server")


def test_the_runtime_is_the_package_byte_by_byte(tmp_path):
    """The core and the server are copied whole, and nothing that needs Jupyter."""
    files = plan(tmp_path, *SMALL).files
    core = [path for path in PACKAGE.glob("*.py") if path.stem not in ("cli", "__main__")]
    packages = [file for part in PARTS for file in (PACKAGE / part).glob("*.py")]
    expected = [*core, *packages, PACKAGE / "py.typed"]
    runtime = {path for path in files if path.startswith("notebook_actions/")}
    assert runtime - {"notebook_actions/LICENSE"} == {
        f"notebook_actions/{path.relative_to(PACKAGE).as_posix()}" for path in expected
    }
    for path in expected:
        name = path.relative_to(PACKAGE).as_posix()
        assert files[f"notebook_actions/{name}"] == path.read_bytes()
    for name in ("page.js", "form.css"):
        assert files[f"static/{name}"] == (PACKAGE / "static" / name).read_bytes()


def test_the_licence_goes_with_the_runtime(tmp_path):
    """The MIT licence asks to be part of every copy."""
    assert b"MIT License" in plan(tmp_path, *SMALL).files["notebook_actions/LICENSE"]


def test_every_python_file_is_valid_and_says_what_it_is(tmp_path):
    """What is written can be compiled, and begins with a docstring."""
    for path, content in plan(tmp_path, *SMALL).files.items():
        if path.endswith(".py"):
            assert ast.get_docstring(ast.parse(content, path)), path


def test_the_statements_are_verbatim_with_their_comments(tmp_path):
    """The author finds their own code again."""
    cell = "# Who may come.\nLIMIT = {'a' : 1}  # odd spacing"
    used = "@action\nasync def come():\n    return LIMIT  # a comment"
    actions = plan(tmp_path, IMPORT, cell, used, "ActionForm(come)").files["actions.py"].decode()
    assert cell in actions
    assert used in actions
    assert "party.ipynb" in actions.splitlines()[0]


def test_templates_are_the_texts_of_the_page(tmp_path):
    """The editable form is the one that the notebook shows."""
    files = plan(tmp_path, *SMALL).files
    form = files["templates/party.invite.html"].decode()
    assert 'data-action="invite"' in form
    assert 'name="seats"' in form
    assert "<title>Party</title>" in files["templates/party.html"].decode()


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["page = Page('/a')"], "[actions.page]"),
        (["Page('/a')"], "[actions.page]"),
        (["a = Page('/a')", "b = Page('/b')"], "[actions.a, actions.b]"),
        (["a = b = Page('/a')"], "[actions.a]"),
        (["pages = [Page('/a'), Page('/b')]"], "[*actions.pages]"),
        (["pages = {'a': Page('/a'), 'b': Page('/b')}"], "[*actions.pages.values()]"),
        (["@action\ndef go(): ..."], "[actions.go]"),
        (["@action\ndef go(): ...", "form = ActionForm(go)"], "[actions.form]"),
        (["@action\ndef go(): ...", "ActionForm(go)"], "[actions.go_form]"),
    ],
)
def test_app_names_what_the_notebook_shows(tmp_path, cells, expected):
    """Pages with a name, without one, and in a list or dict are all served."""
    text = plan(tmp_path, IMPORT, *cells).files["app.py"].decode()
    assert f"pages = {expected}\n" in text


def test_a_form_of_its_own_gets_a_page(tmp_path):
    """A notebook without a Page serves each form at its own path."""
    planned = plan(tmp_path, IMPORT, "@action\ndef go(): ...", "ActionForm(go, path='/x/y')")
    assert [page.path for page in planned.pages.shown] == ["/x/y"]
    assert "templates/x-y.go.html" in planned.files


def test_the_readme_and_the_test_name_the_pages(tmp_path):
    """What is generated is the data of this app: its paths, forms and stand-in cookies."""
    files = plan(
        tmp_path,
        IMPORT,
        "@action\ndef go(): ...",
        "Page('/größe', ActionForm(go, request=Request(cookies={'user': 'luna'})))",
    ).files
    assert "| `/größe` | `go` |" in files["README.md"].decode()
    assert '"/größe": ["go"],' in files["test_app.py"].decode()
    assert '"user": "luna",' in files["test_app.py"].decode()


def test_the_dockerfile_runs_this_python_as_nobody_special(tmp_path):
    """The image has the Python that exported, its own user, and listens for the outside."""
    text = plan(tmp_path, *SMALL).files["Dockerfile"].decode()
    assert f"FROM python:{sys.version_info.major}.{sys.version_info.minor}-slim\n" in text
    assert re.search(r"^USER (?!root)\w+$", text, re.MULTILINE)
    assert '"--host", "0.0.0.0"' in text


# --- modules and data -----------------------------------------------------------------------------


def test_local_modules_and_data_come_along(tmp_path):
    """What the statements import from beside the notebook, and open there, is in the app."""
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "__init__.py").write_text("from . import prices\n")
    (tmp_path / "shop" / "prices.py").write_text("PRICE = 3\n")
    (tmp_path / "unused.py").write_text("")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "names.csv").write_bytes(b"a\r\nb\r\n")
    planned = plan(
        tmp_path,
        IMPORT,
        "import shop, unused",
        "NAMES = open('data/names.csv').read()",
        "@action\ndef go():\n    return shop.prices.PRICE, NAMES",
    )
    assert planned.files["shop/prices.py"] == b"PRICE = 3\n"
    assert planned.files["data/names.csv"] == b"a\r\nb\r\n"
    assert "unused.py" not in planned.files
    assert "W204" in codes(planned.problems)


def test_a_copy_of_the_package_beside_the_notebook_is_no_local_module(tmp_path):
    """In a checkout the package's folder may lie there: the runtime is what goes in."""
    (tmp_path / "notebook_actions").mkdir()
    (tmp_path / "notebook_actions" / "__init__.py").write_text("raise SystemExit\n")
    (tmp_path / "notebook_actions" / "other.py").write_text("")
    files = plan(tmp_path, *SMALL).files
    assert files["notebook_actions/__init__.py"] == (PACKAGE / "__init__.py").read_bytes()
    assert "notebook_actions/other.py" not in files


@pytest.mark.parametrize("name", ["app", "actions", "test_app", "App"])
def test_a_local_module_cannot_take_the_name_of_a_file_of_the_app(tmp_path, name):
    """It would be overwritten, so it has to be renamed, also where a disk ignores case."""
    (tmp_path / f"{name}.py").write_text("X = 1\n")
    (problem,) = refused(tmp_path, IMPORT, f"import {name}", f"@action\ndef go(): {name}.X")
    assert problem.code == "E316"
    assert f"{name}.py" in str(problem)


@pytest.mark.parametrize("name", ["templates/party.html", "readme.md", "static/page.js"])
def test_a_data_file_cannot_take_the_name_of_a_file_of_the_app(tmp_path, name):
    """A file that the statements open is not replaced by one of ours without a word."""
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("mine")
    opening = f"@action\ndef party():\n    return open('{name}').read()"
    assert "E316" in codes(refused(tmp_path, IMPORT, opening))


def test_other_files_in_the_app_s_folders_are_the_notebook_s(tmp_path):
    """A notebook may have a folder called templates."""
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "mail.txt").write_text("mine")
    opening = "@action\ndef party():\n    return open('templates/mail.txt').read()"
    assert plan(tmp_path, IMPORT, opening).files["templates/mail.txt"] == b"mine"


def test_a_database_that_the_app_makes_itself_starts_empty(tmp_path):
    """What was entered while trying the notebook stays in the notebook, and that is said."""
    make_database(tmp_path / "guests.db", "guests", "secret guest")
    planned = plan(
        tmp_path,
        IMPORT,
        "import sqlite3\ndb = sqlite3.connect('guests.db')",
        "db.execute('CREATE TABLE IF NOT EXISTS guests (text TEXT)')",
        "@action\ndef go():\n    return db.execute('select * from guests').fetchall()",
    )
    assert "guests.db" not in planned.files
    assert codes(planned.problems) == ["W219", "W304"]
    assert planned.problems[1].cell == 2


def test_a_database_that_came_with_the_notebook_is_copied_whole(tmp_path):
    """Its newest rows are in it, though another process has it open and has not merged them."""
    make_database(tmp_path / "music.db", "songs", "one")
    with closing(sqlite3.connect(tmp_path / "music.db")) as other:
        other.execute("PRAGMA journal_mode = WAL")
        other.execute("INSERT INTO songs VALUES ('two')")
        other.commit()
        planned = plan(
            tmp_path,
            IMPORT,
            "import sqlite3",
            "@action\ndef go():\n    return sqlite3.connect('music.db').execute('select 1')",
        )
    copy = tmp_path / "copy.db"
    copy.write_bytes(planned.files["music.db"])
    with closing(sqlite3.connect(copy)) as database:
        rows = database.execute("SELECT text FROM songs ORDER BY text").fetchall()
    assert rows == [("one",), ("two",)]
    assert codes(planned.problems) == ["W204"]


@pytest.mark.parametrize(
    ("name", "size", "code"),
    [
        (".env", 10, "W305"),
        ("key.pem", 10, "W305"),
        ("credentials.json", 10, "W305"),
        ("large.bin", 20_000_001, "W303"),
    ],
)
def test_some_files_are_named_and_not_copied(tmp_path, name, size, code):
    """Secrets and large files stay where they are, with a word about it."""
    with (tmp_path / name).open("wb") as stream:
        stream.truncate(size)
    planned = plan(tmp_path, IMPORT, f"@action\ndef go():\n    return open('{name}').read()")
    assert name not in planned.files
    assert codes(planned.problems) == [code]


def test_a_file_with_a_secret_in_it_is_not_copied(tmp_path):
    """What its name does not tell, its text does."""
    (tmp_path / "conf.json").write_text('{"user": "bob", "password": "hunter2Zq9"}')
    planned = plan(tmp_path, IMPORT, "@action\ndef go():\n    return open('conf.json').read()")
    assert "conf.json" not in planned.files
    assert codes(planned.problems) == ["W305"]


def test_what_the_import_leaves_behind_is_not_exported(tmp_path):
    """Files that the notebook's code makes when it is imported are no part of the app."""
    planned = plan(
        tmp_path,
        IMPORT,
        "from pathlib import Path\nplace = Path('made.txt')\nplace.write_text('x')",
        "@action\ndef go():\n    return place.read_text()",
    )
    assert "made.txt" not in planned.files
    assert not [path for path in planned.files if path.endswith(".pyc")]
    assert not (tmp_path / "made.txt").exists()


# --- secrets and paths ----------------------------------------------------------------------------


def test_no_secret_and_no_path_of_this_machine_is_in_any_file(tmp_path):
    """A secret becomes an environment variable, and nobody learns where the notebook was."""
    secret = "sk_live_51Habcdefghijklmnop"
    planned = plan(
        tmp_path,
        IMPORT,
        f"API_KEY = '{secret}'\nassert API_KEY.startswith('sk_live')",
        "@action\ndef go():\n    return len(API_KEY)",
    )
    assert planned.files[".env.example"] == b"API_KEY=\n"
    assert "API_KEY" in planned.files["README.md"].decode()
    unwanted = [secret, str(tmp_path), str(Path.home()), str(PACKAGE.parent), sys.prefix]
    for path, content in planned.files.items():
        found = [one for one in unwanted if one != "/" and one.encode() in content]
        assert not found, path


def test_a_secret_that_a_form_would_show_stops_the_export(tmp_path):
    """A template with the secret's value in it is not written."""
    problems = refused(
        tmp_path,
        IMPORT,
        "TOKEN = 'ghp_abcdefghij0123456789'",
        """
        @action
        def go(form: FormData): ...
        """,
        """ActionForm(go, html=f'<input name="t" type="hidden" value="{TOKEN}">')""",
    )
    assert "E317" in codes(problems)
    assert not any("ghp_" in str(one) for one in problems)


def test_an_exception_of_the_notebook_is_told_without_its_secret(tmp_path):
    """What the code says when it fails may quote what it was given."""
    problems = refused(
        tmp_path,
        IMPORT,
        "PASSWORD = 'hunter2Zq9'\ndef f(x): raise ValueError(x)\nX = f(PASSWORD)",
        "@action\ndef go(): X",
    )
    assert "E310" in codes(problems)
    assert not any("hunter2" in str(one) for one in problems)


# --- what stops it --------------------------------------------------------------------------------


def test_all_problems_are_told_at_once(tmp_path):
    """Two mistakes in two cells need one look, not two."""
    problems = refused(tmp_path, IMPORT, "@action\ndef go(): one()", "@action\ndef do(): two()")
    assert [(one.code, one.name, one.cell) for one in problems if one.severity == "error"] == [
        ("E101", "one", 2),
        ("E101", "two", 3),
    ]


def test_a_notebook_without_anything_to_show_is_refused(tmp_path):
    """An export needs a page, a form or an action."""
    assert codes(refused(tmp_path, "x = 1")) == ["E010"]


@pytest.mark.parametrize(
    ("cell", "line", "said"),
    [
        ("X = 1\nimport no_such_module as used", 2, "No module named 'no_such_module'"),
        ("def half(x):\n    y = x\n    return 1 / y\n\n\nused = half(0)", 3, "ZeroDivisionError"),
        ("# why\n\n# a comment\nused = int('x')", 4, "invalid literal for int()"),
        ("class Stop(BaseException): ...\ndef f(): raise Stop\nused = f()", 2, "Stop"),
        ("import os\nused = os.environ['NO_SUCH_VARIABLE']", 2, "KeyError: 'NO_SUCH_VARIABLE'"),
    ],
)
def test_an_import_that_fails_is_told_with_cell_and_line(tmp_path, cell, line, said):
    """The author is sent to the innermost line of the notebook, not into the exported file."""
    (problem,) = [
        one
        for one in refused(tmp_path, IMPORT, cell, "@action\ndef go(): used")
        if one.severity == "error"
    ]
    assert (problem.code, problem.cell, problem.line) == ("E310", 2, line)
    assert said in problem.message
    assert problem.remedy


@pytest.mark.parametrize(
    ("cell", "code"),
    [("import os\nused = os._exit(3)", "E314"), ("import sys\nused = sys.exit('no')", "E310")],
)
def test_an_import_that_ends_the_process_is_told(tmp_path, cell, code):
    """The export survives what the notebook's code does to its process."""
    assert code in codes(refused(tmp_path, IMPORT, cell, "@action\ndef go(): used"))


def test_an_import_that_never_ends_is_given_up(tmp_path, monkeypatch):
    """A loop at the top level does not hang the export."""
    monkeypatch.setattr("notebook_actions.exporter.rehearse.TIMEOUT", 0.5)
    cell = "import threading\nused = threading.Event().wait()"
    assert "E313" in codes(refused(tmp_path, IMPORT, cell, "@action\ndef go(): used"))


def test_pages_that_do_not_fit_together_are_refused(tmp_path):
    """Two pages at one address are seen when exporting, not when serving."""
    (problem,) = refused(tmp_path, IMPORT, "a = Page('/same')", "b = Page('/same')")
    assert problem.code == "E312"
    assert "'/same'" in str(problem)


def test_a_page_that_has_to_be_awaited_is_refused(tmp_path):
    """What it shows could not be known before the app runs."""
    cells = ["async def title():\n    return 'x'", "page = Page('/a', title=await title())"]
    assert "E315" in codes(refused(tmp_path, IMPORT, *cells))


def test_a_page_whose_action_uses_an_awaited_value_is_exported(tmp_path):
    """Only the value waits for the start-up; the action, its form and the page do not."""
    planned = plan(
        tmp_path,
        IMPORT,
        "async def load():\n    return [1]",
        "SEATS = await load()",
        "@action\nasync def go(n: int):\n    return n in SEATS",
        "page = Page('/go', ActionForm(go))",
    )
    source = planned.files["actions.py"].decode()
    at_import, _, at_startup = source.partition("async def startup()")
    assert "page = Page" in at_import
    assert "SEATS = await load()" in at_startup


def test_a_name_that_holds_no_page_is_refused(tmp_path):
    """What is exported by name must be something that can be served."""
    (problem,) = refused(tmp_path, IMPORT, "thing = 3", roots=["thing"])
    assert (problem.code, problem.name) == ("E311", "thing")


def test_what_the_code_prints_does_not_disturb(tmp_path):
    """Output at import, and a module that replaces sys.stdout, change nothing."""
    planned = plan(
        tmp_path,
        IMPORT,
        "import sys\ndef shout(): print('{'); sys.stdout.write('}'); return 1\nused = shout()",
        "@action\ndef go(): used",
    )
    assert [page.path for page in planned.pages.shown] == ["/go"]


def test_what_the_code_changes_in_json_does_not_disturb(tmp_path):
    """A notebook that puts a function of its own in the place of ``json.dumps`` is exported."""
    made = plan(
        tmp_path, *SMALL, "import json\njson.dumps = lambda *given: 'patched'  # export: keep"
    )
    assert [page.path for page in made.pages.shown] == ["/party"]
