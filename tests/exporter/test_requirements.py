"""From imports to requirements.txt."""

import ast
import json
import sys
from importlib import invalidate_caches, metadata

import pytest

from notebook_actions.exporter import requirements as module
from notebook_actions.exporter.requirements import requirements


@pytest.fixture
def _forget():
    """Look at what is installed afresh, before and after a test that installs something."""
    for cached in (module._distributions, module._folder_of):
        cached.cache_clear()
    yield
    for cached in (module._distributions, module._folder_of):
        cached.cache_clear()


def needed(code, local=()):
    """Return the lines beside those of the runtime, and the codes of the warnings."""
    found = requirements([ast.parse(code)], local)
    runtime = {"tornado", "pydantic", "multipart"}
    lines = [line for line in found.lines if line.split("==")[0] not in runtime]
    return lines, [one.code for one in found.problems]


def pinned(name):
    """Return the line for what is installed here."""
    return f"{name}=={metadata.version(name)}"


@pytest.fixture
def install(tmp_path, monkeypatch, _forget):
    """Return a function that installs a distribution of nothing but its metadata and files."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def make(name, version, *files, direct_url=None):
        info = tmp_path / f"{name.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        if direct_url is not None:
            (info / "direct_url.json").write_text(json.dumps(direct_url))
        (info / "RECORD").write_text("".join(f"{file},,\n" for file in files))
        for file in files:
            (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / file).write_text("")
        invalidate_caches()

    return make


def test_the_runtime_needs_three_packages():
    """An app without imports of its own needs what the runtime needs, pinned, and no more."""
    assert requirements([]).lines == (pinned("multipart"), pinned("pydantic"), pinned("tornado"))


@pytest.mark.parametrize(
    "code",
    [
        "import asyncio, sqlite3, os.path",
        "from __future__ import annotations",
        "from notebook_actions import action",
        "import tornado.web, pydantic",
        "import mine.part\nfrom . import other",
    ],
)
def test_some_imports_need_nothing_more(code):
    """The standard library, the runtime and the notebook's own modules are there already."""
    assert needed(code, local={"mine"}) == ([], [])


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("import pandas as pd", ["pandas"]),
        ("from matplotlib.figure import Figure", ["matplotlib"]),
        ("import yaml", ["PyYAML"]),
        ("import dateutil.parser", ["python-dateutil"]),
        ("import PIL.Image", ["pillow"]),
        ("def f():\n    import pandas", ["pandas"]),
        ("class A:\n    try:\n        import pandas\n    except ImportError: pass", ["pandas"]),
        ("import pandas, numpy", ["numpy", "pandas"]),
    ],
)
def test_an_import_becomes_its_distribution(code, names):
    """The name on the index is not always that of the module, and stands pinned."""
    lines, codes = needed(code)
    assert [line.lower() for line in lines] == [pinned(name).lower() for name in names]
    assert codes == []


def test_what_is_not_installed_is_named_without_a_version():
    """The author is told, and the line is there to be corrected."""
    assert needed("import no_such_thing.part") == (["no_such_thing"], ["W301"])


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("import sklearn.svm", ["scikit-learn"]),
        ("import cv2", ["opencv-python-headless"]),
        ("from google.cloud import bigquery", ["google-cloud-bigquery"]),
        ("make('postgresql+asyncpg://host/x')", ["asyncpg"]),
        ("make('mysql+mysqldb://host/x')", ["mysqlclient"]),
        ("import jwt\ntry: import lxml2\nexcept ImportError: pass", ["PyJWT"]),
    ],
)
def test_a_well_known_package_is_named_where_it_is_not_installed(code, names):
    """The line is right but for the version, which nobody knows."""
    lines, found = needed(code)
    assert lines == names
    assert set(found) <= {"W220", "W301"}
    assert len(found) == len(names)


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("from pydantic import EmailStr", "pydantic[email]"),
        ("from sqlalchemy.ext.asyncio import create_async_engine", "SQLAlchemy[asyncio]"),
    ],
)
def test_what_needs_an_extra_names_it(code, line):
    """A name that its own package cannot give without another one."""
    name = line.partition("[")[0]
    assert f"{line}=={metadata.version(name)}" in requirements([ast.parse(code)]).lines


def test_the_default_driver_of_a_database_is_needed():
    """SQLAlchemy takes one where the URL names none; others that read the URL do not."""
    url = "make('postgresql://host/x')"
    assert needed(f"import sqlalchemy\n{url}")[0] == ["psycopg2-binary", pinned("SQLAlchemy")]
    assert needed(url)[0] == []


def test_a_module_imported_by_a_call_counts():
    """``importlib.import_module`` of a literal is an import."""
    assert needed("import importlib\nimportlib.import_module('pandas')")[0] == [pinned("pandas")]


@pytest.mark.parametrize(
    "code",
    [
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import pandas",
        "try:\n    import no_such_thing\nexcept ImportError:\n    import json",
        "try:\n    import no_such_thing\nexcept (ValueError, ModuleNotFoundError):\n    pass",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import no_such_thing",
    ],
)
def test_what_the_code_can_do_without_is_left_out(code):
    """It runs here without the package, so it does in the app."""
    assert needed(code) == ([], [])


def test_what_is_needed_elsewhere_is_not_optional():
    """An import that cannot be done without counts, however often it is tried besides."""
    code = "try:\n    import no_such_thing\nexcept ImportError: pass\nimport no_such_thing"
    assert needed(code) == (["no_such_thing"], ["W301"])


def test_a_namespace_package_is_the_distribution_that_has_the_module(install):
    """``google`` is many distributions; only the one whose files are imported is needed."""
    install("spacey-storage", "1.0", "spacey/storage/__init__.py")
    install("spacey-mail", "2.0", "spacey/mail/__init__.py", "spacey/post.py")
    assert needed("import spacey.storage")[0] == ["spacey-storage==1.0"]
    assert needed("from spacey import mail")[0] == ["spacey-mail==2.0"]
    assert needed("from spacey.mail import send")[0] == ["spacey-mail==2.0"]
    assert needed("import spacey.post, spacey.storage")[0] == [
        "spacey-mail==2.0",
        "spacey-storage==1.0",
    ]


def test_a_local_build_is_pinned_to_its_public_version(install):
    """The package index has 2.3.0, not 2.3.0+cu121."""
    install("torchy", "2.3.0+cu121", "torchy/__init__.py")
    assert needed("import torchy")[0] == ["torchy==2.3.0"]


def test_what_is_installed_from_a_folder_is_named_with_a_warning(install, tmp_path):
    """Another machine cannot get it, and the folder's path is not given away."""
    project = tmp_path / "project" / "src"
    (project / "homemade").mkdir(parents=True)
    (project / "homemade" / "__init__.py").write_text("")
    install(
        "home-made",
        "0.1",
        "_home_made.pth",
        direct_url={"url": project.parent.as_uri(), "dir_info": {"editable": True}},
    )
    sys.path.append(str(project))
    try:
        lines, codes = needed("import homemade")
    finally:
        sys.path.remove(str(project))
    assert (lines, codes) == (["home-made==0.1"], ["W302"])


@pytest.mark.parametrize(
    ("code", "distribution", "file"),
    [
        ("make('sqlite+aiosqly:///x.db')", "aiosqly", "aiosqly/__init__.py"),
        ("import pandas\npandas.read_odd('x')", "oddly", "oddly/__init__.py"),
    ],
)
def test_what_is_imported_without_an_import_is_named_where_installed(
    install, monkeypatch, code, distribution, file
):
    """A driver in a URL, and what a function of pandas loads, are needed too."""
    monkeypatch.setattr(module, "ON_CALL", {"pandas": {"read_odd": "oddly"}})
    before = needed(code)
    assert distribution not in str(before[0])
    assert before[1] == []
    install(distribution, "9.9", file)
    module._distributions.cache_clear()
    assert f"{distribution}==9.9" in needed(code)[0]
