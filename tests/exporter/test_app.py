"""The exported app at work: in an environment of its own, from any folder, and from the wheel."""

import os
import re
import shutil
import subprocess
import sys
import venv
from importlib import metadata
from pathlib import Path

import pytest
import tornado

import notebook_actions
from tests.exporter.apps import IMPORT, SMALL, content_of, export, write_notebook

CHECKOUT = Path(notebook_actions.__file__).parent.parent
NOTEBOOK = CHECKOUT / "notebooks" / "enrollment.ipynb"


def run(python, *arguments, cwd, check=True, **environment):
    """Run a Python of some environment and return what it printed."""
    known = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    done = subprocess.run(
        [python, *arguments],
        cwd=cwd,
        env={**known, "PYTHONDONTWRITEBYTECODE": "1", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert not check or done.returncode == 0, done.stdout
    return done.stdout


def make_environment(folder):
    """Make a virtual environment and return its Python."""
    venv.create(folder)
    return folder / ("Scripts" if os.name == "nt" else "bin") / "python"


def pip(python, *arguments, cwd):
    """Run the pip of here for the environment of some Python, which needs none of its own."""
    command = ("-m", "pip", "--python", str(python), *arguments)
    return run(sys.executable, *command, cwd=cwd, PIP_DEFAULT_TIMEOUT="100")


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """The example notebook as an app; read-only."""
    folder = tmp_path_factory.mktemp("export")
    notebook = shutil.copy(NOTEBOOK, folder)
    python = (
        "from notebook_actions.exporter import export_notebook as e; import sys; e(*sys.argv[1:])"
    )
    run(sys.executable, "-c", python, notebook, "app", cwd=folder)
    return folder / "app"


@pytest.fixture(scope="module")
def bare_python(tmp_path_factory, app):
    """The Python of an environment that holds only what requirements.txt says."""
    python = make_environment(tmp_path_factory.mktemp("bare") / "env")
    pip(python, "install", "--quiet", "-r", "requirements.txt", cwd=app)
    return python


def test_the_example_runs_where_only_its_requirements_are_installed(app, bare_python):
    """No Jupyter, no notebook-actions, no pytest: its own test passes, and leaves no trace."""
    installed = pip(bare_python, "list", "--format=freeze", cwd=app)
    assert "tornado==" in installed
    for name in ("notebook-actions", "ipython", "anywidget", "traitlets", "nbformat", "pytest"):
        assert not re.search(rf"^{name}==", installed, re.MULTILINE | re.IGNORECASE)
    before = content_of(app)
    told = run(bare_python, "test_app.py", "-v", cwd=app)
    assert "Ran 4 tests" in told
    assert told.rstrip().endswith("OK")
    assert content_of(app) == before


def test_the_runtime_has_the_names_that_notebooks_use(app, bare_python):
    """The author's imports work unchanged, without a widget behind them."""
    names = "ActionForm, Page, action, loader, FormData"
    told = run(bare_python, "-c", f"from notebook_actions import {names}; print({names})", cwd=app)
    assert "notebook_actions.page.ActionForm" in told
    assert "widget" not in told


def test_the_runtime_says_what_it_lacks(app, bare_python):
    """Export from an exported app is no puzzle: the module is not there."""
    told = run(bare_python, "-c", "from notebook_actions import export", cwd=app, check=False)
    assert "No module named 'notebook_actions.exporter'" in told


def test_the_installed_package_is_never_imported(app, tmp_path):
    """Where the package is installed too, the app uses its own copy of every module."""
    assert metadata.version("notebook-actions")
    code = (
        "import runpy, sys; sys.argv = ['app.py', '--help']\n"
        "import atexit; atexit.register(lambda: print(*(m.__file__ for n, m in sys.modules.items()"
        " if n.split('.')[0] == 'notebook_actions'), sep='\\n'))\n"
        f"sys.path[0] = {str(app)!r}; runpy.run_path({str(app / 'app.py')!r}, run_name='__main__')"
    )
    told = run(sys.executable, "-c", code, cwd=tmp_path)
    files = [line for line in told.splitlines() if line.endswith(".py") and os.sep in line]
    assert len(files) > 10
    assert [file for file in files if not file.startswith(f"{app}{os.sep}")] == []


def test_the_rehearsal_uses_the_copy_too(tmp_path):
    """What the export learns about the pages comes from the app, not from the package here."""
    check = (
        "import notebook_actions, sys\n"
        f"assert not notebook_actions.__file__.startswith({str(CHECKOUT)!r})\n"
        "assert 'notebook_actions.exporter' not in sys.modules\n"
        "LIMIT = 1"
    )
    target = export(tmp_path, IMPORT, check + "  # export: keep", "@action\ndef go(): LIMIT")
    assert (target / "app.py").is_file()


def test_it_finds_its_files_from_any_folder(tmp_path):
    """Data is opened relative to the app, wherever it is started."""
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "names.txt").write_text("luna")
    target = export(
        tmp_path,
        IMPORT,
        "NAMES = open('names.txt').read()",
        "@action\ndef go():\n    return open('names.txt').read() + NAMES",
    )
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    told = run(sys.executable, str(target / "test_app.py"), cwd=elsewhere)
    assert told.rstrip().endswith("OK")
    assert list(elsewhere.iterdir()) == []


def test_what_the_notebook_awaited_is_awaited_before_the_first_answer(tmp_path):
    """A connection made by a top-level await is there for the loaders and actions."""
    target = export(
        tmp_path,
        IMPORT,
        "import asyncio\nasync def connect():\n    await asyncio.sleep(0)\n    return ['luna']",
        "guests = await connect()",
        "@action\ndef go():\n    return guests[0]",
    )
    assert "startup=actions.startup" in (target / "app.py").read_text()
    told = run(sys.executable, "test_app.py", cwd=target)
    assert told.rstrip().endswith("OK")


# --- the smoke test -------------------------------------------------------------------------------


def smoke(folder, *cells):
    """Export a notebook, run the app's own test and return what it said."""
    target = export(folder, *cells)
    return run(sys.executable, "test_app.py", cwd=target, check=False)


def test_the_smoke_test_submits_every_kind_of_field(tmp_path):
    """Generated values pass the checks of typed fields, hand-written ones and files."""
    told = smoke(
        tmp_path,
        IMPORT,
        """
        import datetime as dt
        from typing import Annotated, Literal
        from pydantic import Field
        from notebook_actions import UploadedFile
        SEEN = []
        """,
        """
        @action
        def typed(
            name: Annotated[str, Field(min_length=3)], seats: Annotated[int, Field(ge=4, le=6)],
            price: float, day: dt.date, at: dt.time, when: dt.datetime,
            house: Literal["g", "r"], agree: bool = False,
        ):
            assert len(name) >= 3 and 4 <= seats <= 6 and house == "g" and isinstance(day, dt.date)
            return 0
        """,
        """
        @action
        def written(form: FormData):
            assert isinstance(form["upload"], UploadedFile) and form["upload"].read()
            assert form.pairs()[0] == ("kind", "a") and form["go"] == "now" and "off" not in form
            assert "@" in form["mail"] and int(form["free"]) and form["pick"] == "2"
        """,
        '''
        HTML = """
        <input type="hidden" name="kind" value="a"><input name="off" disabled value="x">
        <input type="email" name="mail"><input name="free"><textarea name="t"></textarea>
        <select name="pick"><option value=""></option><option value="2"></option></select>
        <input type="file" name="upload"><button name="go" value="now">Go</button>
        """
        page = Page("/all", ActionForm(typed), ActionForm(written, html=HTML), ActionForm(typed))
        ''',
    )
    assert told.rstrip().endswith("OK"), told


@pytest.mark.parametrize(
    ("verdict", "bodies"),
    [
        (
            "OK",
            [
                "raise FormError('No', {'name': 'is taken'})",
                "raise ActionError('Full', status=409)",
                "return redirect('/elsewhere')",
                "return redirect('/go3')",
                "return redirect('/go0')",
            ],
        ),
        ("FAILED (failures=4)", ["return 1 / 0", "return name.no_such_attribute"]),
    ],
)
def test_the_smoke_test_tells_a_refusal_from_a_bug(tmp_path, verdict, bodies):
    """An action may refuse made-up values or lead elsewhere; it may not crash, in either mode."""
    told = smoke(
        tmp_path,
        "from notebook_actions import ActionError, FormError",
        IMPORT,
        *(f"@action\ndef go{n}(name: str):\n    {body}" for n, body in enumerate(bodies)),
    )
    assert told.rstrip().splitlines()[-1] == verdict, told
    assert ("Traceback" in told) is (verdict != "OK")  # the app's log is shown


def test_the_smoke_test_waits_for_long_work(tmp_path):
    """What takes longer than its answer may take is followed to its end, listed ones too."""
    target = export(
        tmp_path,
        "import asyncio\nfrom notebook_actions import ActionError",
        IMPORT,
        """
        @action
        async def long(name: str):
            await asyncio.sleep(0.5)
            return name
        """,
        """
        @action(concurrency="queue")
        async def listed(name: str):
            await asyncio.sleep(0.5)
            raise ActionError("not today")
        """,
        """
        page = Page("/all", ActionForm(long), ActionForm(listed))
        """,
    )
    app = target / "app.py"
    app.write_text(app.read_text().replace("make_app(pages,", "make_app(pages, patience=0.1,"))
    told = run(sys.executable, "test_app.py", cwd=target, check=False)
    assert told.rstrip().endswith("OK"), told
    assert "refused its made-up values: not today" in told


@pytest.mark.parametrize("given", ["", ', html=\'<input name="seats" value="x">\''])
def test_the_smoke_test_knows_when_it_knows_nothing(tmp_path, given):
    """An action that reads what no form shows cannot be tried; with the form's HTML it can."""
    told = smoke(
        tmp_path,
        IMPORT,
        "@action\ndef go(form: FormData):\n    return int(form.get('seats'))",
        f"go_form = ActionForm(go{given})",
    )
    assert told.rstrip().splitlines()[-1] == ("FAILED (failures=2)" if given else "OK")


def test_the_smoke_test_meets_rules_that_html_cannot_say(tmp_path):
    """A pattern, a bound that is left out: the action runs, and nothing is refused."""
    told = smoke(
        tmp_path,
        "from typing import Annotated\nfrom pydantic import Field",
        f"{IMPORT}\nfrom pathlib import Path",
        """
        @action
        def order(code: Annotated[str, Field(pattern=r"^[A-Z]{2}-\\d+$")],
                  price: Annotated[float, Field(gt=0, lt=1)]):
            return 1 / 0
        """,
    )
    assert told.count("ZeroDivisionError") >= 2
    assert "refused" not in told


def test_the_smoke_test_notes_what_was_refused(tmp_path):
    """A form that accepts nothing of what can be made up is no failure, and is told."""
    told = smoke(
        tmp_path,
        "from typing import Annotated\nfrom pydantic import AfterValidator",
        IMPORT,
        """
        def known(name):
            raise ValueError("nobody of that name")
        """,
        "@action\ndef greet(name: Annotated[str, AfterValidator(known)]): ...",
    )
    assert told.rstrip().endswith("OK")
    (note,) = (line for line in told.splitlines() if line.startswith("note: "))
    assert note.startswith("note: greet on /greet refused its made-up values:")
    assert note.endswith("Name: nobody of that name")


def test_the_smoke_test_sees_a_form_that_was_lost(tmp_path):
    """Someone who edits a template until a form is gone is told."""
    target = export(tmp_path, *SMALL)
    page = target / "templates" / "party.html"
    page.write_text(page.read_text().replace('{% raw form("leave") %}', ""))
    told = run(sys.executable, "test_app.py", cwd=target, check=False)
    assert "FAILED (failures=1)" in told
    assert "'leave'" in told


def test_the_smoke_test_says_why_the_app_does_not_start(tmp_path):
    """What the app printed is shown."""
    target = export(tmp_path, *SMALL)
    with (target / "actions.py").open("a") as stream:
        stream.write("raise RuntimeError('no luck today')\n")
    told = run(sys.executable, "test_app.py", cwd=target, check=False)
    assert "no luck today" in told
    assert "FAILED (errors=1)" in told


def test_the_smoke_test_runs_under_pytest_too(tmp_path):
    """Who has pytest uses it, and finds four tests."""
    target = export(tmp_path, *SMALL)
    told = run(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=target)
    assert "4 passed" in told


# --- the wheel ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def wheel_python(tmp_path_factory):
    """The Python of an environment with the built wheel; its dependencies are those of here."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--outdir", str(folder), str(CHECKOUT)]
    done = subprocess.run(build, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = folder.glob("*.whl")
    python = make_environment(folder / "env")
    pip(python, "install", "--quiet", "--no-deps", str(wheel), cwd=folder)
    (packages,) = (folder / "env").rglob("site-packages")
    # A path in a .pth file is searched, but the .pth files in it (the checkout's) are not read.
    here = Path(tornado.__file__).parent.parent
    (packages / "here.pth").write_text(f"{here}\n")
    return python


def test_the_wheel_exports_the_example(wheel_python, tmp_path):
    """What people install exports, from the notebook that is in it, an app that works."""
    where = run(
        wheel_python, "-c", "import notebook_actions as n; print(n.__file__)", cwd=tmp_path
    ).strip()
    package = Path(where).parent
    assert not package.is_relative_to(CHECKOUT / "notebook_actions")
    notebook = package / "demo" / "enrollment.ipynb"
    assert notebook.read_bytes() == NOTEBOOK.read_bytes()
    run(wheel_python, "-m", "notebook_actions", "export", str(notebook), "-o", "app", cwd=tmp_path)
    for file in (tmp_path / "app" / "notebook_actions").rglob("*.py"):
        name = file.relative_to(tmp_path / "app" / "notebook_actions")
        assert file.read_bytes() == (package / name).read_bytes()
    assert "MIT License" in (tmp_path / "app" / "notebook_actions" / "LICENSE").read_text()
    told = run(wheel_python, "test_app.py", cwd=tmp_path / "app")
    assert told.rstrip().endswith("OK")


def test_the_wheel_has_the_scripts_that_pages_load(wheel_python, tmp_path):
    """The built JavaScript and the style sheet are in the wheel, or nothing would be exported."""
    export_notebook = f"export {write_notebook(tmp_path, *SMALL)} -o app"
    run(wheel_python, "-m", "notebook_actions", *export_notebook.split(), cwd=tmp_path)
    assert (tmp_path / "app" / "static" / "page.js").stat().st_size > 1000
    assert (tmp_path / "app" / "static" / "form.css").stat().st_size > 1000


def test_the_wheel_has_the_page_that_explains_codes(wheel_python, tmp_path):
    """The documentation of the problems is installed beside the code that finds them."""
    told = run(wheel_python, "-m", "notebook_actions", "explain", "E101", cwd=tmp_path)
    assert told.startswith("## E101: ")
