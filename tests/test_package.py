"""The package as a whole: its public names, its layers, and what each may import."""

import ast
import doctest
import inspect
import os
import re
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import notebook_actions

ROOT = Path(notebook_actions.__file__).parent
FILES = sorted(path for path in ROOT.rglob("*.py") if "__pycache__" not in path.parts)

#: Each module of the core imports only those before it.
CORE = [
    *(
        "messages",
        "errors",
        "files",
        "download",
        "formdata",
        "kept",
        "texts",
        "fields",
        "progress",
        "request",
        "results",
        "submission",
        "concurrency",
        "output",
        "executors",
        "form",
        "action",
        "loader",
    ),
    *(
        "handwritten",
        "page",
        "plain",
        "tables",
        "pictures",
        "looks",
        "present",
        "tracebacks",
        "listing",
        "editor",
        "controls",
        "matching",
        "fill",
        "rows",
        "htmlform",
        "sample",
        "markup",
        "templates",
        "documents",
        "loading",
        "render",
    ),
]
EDGES = {"widget", "server", "exporter", "testing"}

#: Module, or beginning of its name → the one place where it may be imported.
HOMES = {
    "pydantic": "form",
    "pydantic_core": "form",
    "annotated_types": "form",
    "anywidget": "widget",
    "ipywidgets": "widget",
    "traitlets": "widget",
    "comm": "widget",
    "IPython": "exporter",
    "nbformat": "exporter",
    "mistune": "looks",
    "multipart": "server",
    "tornado": "server",
    "tqdm": "progress.py",
    "distributed": "executors",
    "cloudpickle": "executors",
}
#: The parts of tornado that serve nothing.
EVERYWHERE = ("tornado.escape.", "tornado.template.")


class Imports(ast.NodeVisitor):
    """Collects what a module imports, as (full name, whether inside a function)."""

    def __init__(self, code, *package):
        self.found = []
        self._package = ["notebook_actions", *package]
        self._depth = 0
        self.visit(ast.parse(code))

    def visit_Import(self, node):
        self.found += [(f"{alias.name}.", self._depth > 0) for alias in node.names]

    def visit_ImportFrom(self, node):
        above = self._package[: len(self._package) - node.level + 1] if node.level else []
        base = ".".join([*above, *([node.module] if node.module else [])])
        self.found += [(f"{base}.{alias.name}.", self._depth > 0) for alias in node.names]

    def visit_FunctionDef(self, node):
        self._depth += 1
        self.generic_visit(node)
        self._depth -= 1

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815


def imports(path):
    """Return what a file of the package imports."""
    return Imports(path.read_text(), *path.relative_to(ROOT).parent.parts).found


def name_of(path):
    """Return a file's name within the package."""
    return path.relative_to(ROOT).as_posix()


def python(code, **options):
    """Run code in a process of its own and return what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, **options
    )
    return done.stdout.split()


# --- public names ---------------------------------------------------------------------------------


def test_all_is_sorted_and_without_repeats():
    """The list of public names can be read, and a name is in it once."""
    assert notebook_actions.__all__ == sorted(set(notebook_actions.__all__))


@pytest.mark.parametrize("name", notebook_actions.__all__)
def test_each_public_name_can_be_imported(name):
    """Every name that is promised is there, lazily or not, and listed by dir()."""
    assert getattr(notebook_actions, name) is not None
    assert name in dir(notebook_actions)


def test_no_other_name_is_public():
    """What the package defines and does not hide is in ``__all__``, and nothing more."""
    for name in notebook_actions.__all__:
        getattr(notebook_actions, name)
    ours = {
        name
        for name, value in vars(notebook_actions).items()
        if getattr(value, "__module__", None) is not None
        and value.__module__.startswith("notebook_actions")
        and not name.startswith("_")
    }
    assert ours == set(notebook_actions.__all__)


def test_the_public_names_are_those_of_the_documentation():
    """A public name is added on purpose: here, in the documentation and in the changelog."""
    assert notebook_actions.__all__ == [
        *("Action", "ActionError", "ActionForm", "Download", "ExportError", "FormData"),
        *("FormError", "Page", "Progress", "Request", "UploadedFile", "action", "export"),
        *("loader", "make_app", "redirect", "serve"),
    ]


def test_an_unknown_name_is_an_attribute_error():
    """A misspelled import fails as it does with any module."""
    with pytest.raises(AttributeError, match="has no attribute 'redirekt'"):
        notebook_actions.redirekt  # noqa: B018
    with pytest.raises(ImportError):
        exec("from notebook_actions import redirekt")


@pytest.mark.parametrize("module", CORE)
def test_each_core_module_lists_its_public_names(module):
    """``__all__`` of a module is sorted, ignoring case, and names only what is there."""
    loaded = import_module(f"notebook_actions.{module}")
    assert all(hasattr(loaded, name) for name in loaded.__all__)
    assert sorted(loaded.__all__) == loaded.__all__


@pytest.mark.parametrize("module", ["__init__", *CORE])
def test_the_examples_in_the_docstrings_are_true(module):
    """What the documentation shows is what happens."""
    name = "notebook_actions" if module == "__init__" else f"notebook_actions.{module}"
    assert doctest.testmod(import_module(name)).failed == 0


def test_the_package_is_typed():
    """Type checkers of users are told that the annotations count."""
    assert (ROOT / "py.typed").exists()


# --- a clean import -------------------------------------------------------------------------------


def test_importing_the_package_loads_no_edge():
    """Neither Jupyter nor a server is loaded before it is asked for."""
    loaded = python("import notebook_actions, sys; print(*sys.modules)")
    assert "notebook_actions.action" in loaded
    unwanted = ("anywidget", "ipywidgets", "traitlets", "IPython", "nbformat", "multipart")
    unwanted += ("pandas", "matplotlib", "numpy")
    assert not [name for name in loaded if name.partition(".")[0] in unwanted]
    assert not {"tornado.web", "tornado.httpserver", "tornado.ioloop"} & set(loaded)
    assert not {f"notebook_actions.{edge}" for edge in EDGES} & set(loaded)


def test_the_server_needs_no_jupyter():
    """What an exported app loads has no widget in it."""
    loaded = python("from notebook_actions import make_app; import sys; print(*sys.modules)")
    assert "tornado.web" in loaded
    unwanted = {"anywidget", "ipywidgets", "traitlets", "IPython", "nbformat", "jupyter_client"}
    assert not unwanted & {name.partition(".")[0] for name in loaded}


def test_a_copy_without_widgets_and_exporter_is_the_runtime_of_an_app(tmp_path):
    """In an exported app Page and ActionForm are the same declarations without the widget."""
    skip = shutil.ignore_patterns("widget", "exporter", "testing", "__pycache__")
    shutil.copytree(ROOT, tmp_path / "notebook_actions", ignore=skip)
    said = python(
        "import notebook_actions as n, sys\n"
        "from notebook_actions import ActionForm, Page, action, make_app, serve\n"
        "Page('/', ActionForm(action(name='ping')(lambda: 1)))\n"
        "print(n.__file__, Page.__module__, ActionForm.__module__, 'traitlets' in sys.modules)",
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        cwd=tmp_path,
    )
    assert said == [
        str(tmp_path / "notebook_actions" / "__init__.py"),
        *("notebook_actions.page", "notebook_actions.page", "False"),
    ]


# --- layers ---------------------------------------------------------------------------------------


def test_every_file_of_the_core_has_its_place_in_the_line():
    """A new module is added to the line on purpose."""
    modules = {path.stem for path in ROOT.glob("*.py")} - {"__init__", "__main__", "cli"}
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - EDGES
    assert modules | packages == set(CORE)


@pytest.mark.parametrize("module", CORE)
def test_a_core_module_imports_only_those_before_it(module):
    """The core is a straight line: no cycle, no edge, and nothing lazily either."""
    allowed = CORE[: CORE.index(module)]
    file = ROOT / f"{module}.py"
    for path in [file] if file.is_file() else (ROOT / module).glob("*.py"):
        for name, _ in imports(path):
            root, _, rest = name.partition(".")
            inside = path != file and rest.startswith(f"{module}.")
            assert root != "notebook_actions" or inside or rest.partition(".")[0] in allowed


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_third_party_packages_stay_in_their_place(path):
    """Each dependency is known to one module or one edge, also where it is imported lazily."""
    own = path.relative_to(ROOT).parts[0]
    for name, _ in imports(path):
        if not name.startswith(EVERYWHERE):
            assert HOMES.get(name.partition(".")[0], own) == own, name


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_an_edge_imports_no_other_edge(path):
    """Only the widget may ask for the server or the exporter, and only inside a function.

    What tests use stands beside the widget and the server, and loads the one that a test asks for.
    """
    own = path.relative_to(ROOT).parts[0]
    for name, lazily in imports(path):
        package, _, rest = name.partition(".")
        other = rest.partition(".")[0]
        if package == "notebook_actions" and own in EDGES and other in EDGES - {own}:
            assert own == "testing" or (own == "widget" and other != "testing"), name
            assert lazily, name


def test_the_rules_see_imports_of_every_kind():
    """The tests above would notice an import in whatever way it is written."""
    code = (
        "import a.b\nfrom c import d\nfrom . import e\nfrom .f import g\nfrom .. import h\n"
        "from ..i import j\nclass X:\n def f(self):\n  from ..k import l\n"
    )
    assert Imports(code, "server").found == [
        ("a.b.", False),
        ("c.d.", False),
        ("notebook_actions.server.e.", False),
        ("notebook_actions.server.f.g.", False),
        ("notebook_actions.h.", False),
        ("notebook_actions.i.j.", False),
        ("notebook_actions.k.l.", True),
    ]


# --- documentation --------------------------------------------------------------------------------


def undocumented(node, where=""):
    """Yield the public classes, functions and methods that have no docstring."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If | ast.Try):
            yield from undocumented(child, where)
        if not isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        overload = any("overload" in ast.unparse(one) for one in child.decorator_list)
        if child.name.startswith("_") or overload:
            continue
        if ast.get_docstring(child) is None:
            yield f"{where}{child.name}"
        if isinstance(child, ast.ClassDef):
            yield from undocumented(child, f"{where}{child.name}.")


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_everything_public_has_a_docstring(path):
    """Every public class, function and method says what it is."""
    assert list(undocumented(ast.parse(path.read_text()))) == []


def test_an_undocumented_method_is_found():
    """The test above would notice one."""
    code = "class A:\n '''x'''\n def f(self): ...\n def _g(self): ...\nif 1:\n def h(): ..."
    assert list(undocumented(ast.parse(code))) == ["A.f", "h"]


@pytest.mark.parametrize("name", notebook_actions.__all__)
def test_help_tells_of_each_parameter(name):
    """What ``ActionForm?`` shows in a notebook names all that can be given."""
    shown = getattr(notebook_actions, name)
    given = [one.lstrip("*") for one in inspect.signature(shown).parameters]
    described = re.findall(
        r"^\*{0,2}(\w+(?:, \*{0,2}\w+)*)(?: :|$)", inspect.getdoc(shown), re.MULTILINE
    )
    known = {one.strip("* ") for names in described for one in names.split(",")}
    missing = set(given) - known - {"options"}  # of the decorators, whose docstrings name them
    assert missing == set()
