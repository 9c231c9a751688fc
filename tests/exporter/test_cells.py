# ruff: noqa: E501 (one notebook a line)
"""Cells become plain Python with the same lines, from a file and from a live shell."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell

from notebook_actions.exporter.analysis.history import executed_cells, record
from notebook_actions.exporter.analysis.magics import make_plain
from notebook_actions.exporter.analysis.notebook import NotebookUnreadable, read_notebook
from tests.exporter.notebooks import cells_of, exported, slice_of, value_in

PLAIN = {
    "%time x = f(1)\ny = 2": "x = f(1)\ny = 2",
    "\n\n%%time\nx = 1": "\n\n\nx = 1",
    "%%capture\n%%time\nx = 1": "\n\nx = 1",
    "%timeit f()\nx = 1": "pass\nx = 1",
    "if a:\n    !ls\n    %time x = 1": "if a:\n    pass\n    x = 1",
    "x = %time 3 + 4": "x = (3 + 4)",
    "%%bash\nls": "",
    "x?\n?y\n%matplotlib inline": "pass\npass\npass",
    "é = 'ü'; %time z = é": "é = 'ü'; %time z = é",
    "%run -i lib/tools.py": "from lib.tools import *",
    "x = 1\r\ny = 2": "x = 1\ny = 2",
    "%env A=b c": "import os; os.environ['A'] = 'b c'",
    "%set_env A $x": "import os; os.environ['A'] = f'{x}'",
    "%env A": "pass",
    "%cd -q data": "import os; os.chdir('data')",
    "get_ipython().magic('time x = 1')": "x = 1",
}


@pytest.mark.parametrize(("text", "plain"), PLAIN.items())
def test_magics_become_what_they_run(text: str, plain: str) -> None:
    """A magic is dropped or replaced by what it runs, on the same line."""
    assert make_plain(text).source.rstrip("\n") == plain


def test_a_written_file_is_remembered() -> None:
    """``%%writefile`` is no Python, but its file may be imported."""
    part = slice_of("%%writefile mine.py\nV = 4", "%%writefile -a mine.py\nW = 5",
                    "import mine\nwanted = mine.V")  # fmt: skip
    assert [(one.path, one.text) for one in part.modules] == [("mine.py", "V = 4\nW = 5\n")]


def test_local_modules_come_with_what_they_import(tmp_path: Path) -> None:
    """A module beside the notebook is found with its own local imports, and nothing else."""
    (tmp_path / "pkg").mkdir()
    for path, text in {
        "pkg/__init__.py": "",
        "pkg/a.py": "from . import b\nimport settings",
        "pkg/b.py": "",
        "pkg/unused.py": "",
        "settings.py": "import json",
        "other.py": "",
        "lib/deep.py": "",
    }.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    part = slice_of("import sys\nsys.path.append('lib')", "from pkg.a import x\nimport deep, json",
                    "wanted = [x, deep, json]", folder=tmp_path)  # fmt: skip
    assert [one.path for one in part.modules] == [
        "deep.py", "pkg/__init__.py", "pkg/a.py", "pkg/b.py", "settings.py"
    ]  # fmt: skip
    assert part.imports == ("json",)


def test_a_notebook_that_is_run_becomes_a_module(tmp_path: Path) -> None:
    """``%run other.ipynb`` becomes an import of the names that are used."""
    cells = [{"cell_type": "code", "source": ["K = 2\n", "def twice(n): return n * K"]}]
    (tmp_path / "tools.ipynb").write_text(_notebook(cells))
    part = slice_of("%run tools.ipynb", "wanted = twice(2)", folder=tmp_path)
    source = exported("%run tools.ipynb", "wanted = twice(2)", folder=tmp_path)
    assert source == "from tools import twice\n\nwanted = twice(2)\n"
    assert [one.path for one in part.modules] == ["tools.py"]
    assert [one.code for one in part.problems] == ["W209"]


def _notebook(cells: list[dict[str, object]], **metadata: object) -> str:
    whole = [{"metadata": {}, "outputs": [], "execution_count": None, **cell} for cell in cells]
    return json.dumps({"cells": whole, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})


def test_a_notebook_file_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Code cells come in document order, with ids and counts; nbformat, slow to load, is not."""
    monkeypatch.setitem(sys.modules, "nbformat", None)
    path = tmp_path / "Übung.ipynb"
    path.write_text(_notebook([
        {"cell_type": "markdown", "source": "# T"},
        {"cell_type": "code", "source": "x = 1", "id": "ab", "execution_count": 3},
        {"cell_type": "code", "source": ["y = 2\n", "z"], "outputs": [{"output_type": "error"}]},
    ]))  # fmt: skip
    cells = read_notebook(path)
    assert [(c.number, c.source, c.id, c.execution_count, c.failed) for c in cells] == [
        (1, "x = 1\n", "ab", 3, None),
        (2, "y = 2\nz\n", None, None, 0),
    ]


def test_a_notebook_in_an_old_format_is_read(tmp_path: Path) -> None:
    """Version 3 of the format has the cells in worksheets, and their lines in lists too."""
    cell = {"cell_type": "code", "language": "python", "metadata": {}, "outputs": []}
    sheet = {"cells": [{**cell, "input": ["x = 1\n", "y = x"]}]}
    path = tmp_path / "old.ipynb"
    path.write_text(json.dumps({"nbformat": 3, "metadata": {}, "worksheets": [sheet]}))
    assert [one.source for one in read_notebook(path)] == ["x = 1\ny = x\n"]


UNREADABLE = [
    ("E001", None),
    ("E002", "no json"),
    ("E002", '{"nbformat": 3, "worksheets": [{"cells": [{"cell_type": "code", "outputs": []}]}]}'),
    ("E002", '{"nbformat": 99}'),
    ("E003", _notebook([{"cell_type": "code", "source": "1"}], kernelspec={"language": "julia"})),
    ("E004", _notebook([{"cell_type": "markdown", "source": "only text"}])),
]


@pytest.mark.parametrize(("code", "text"), UNREADABLE)
def test_what_is_no_notebook_is_refused(tmp_path: Path, code: str, text: str | None) -> None:
    """A file that cannot be exported is a clear problem, not a traceback."""
    path = tmp_path / "n.ipynb"
    if text is not None:
        path.write_text(text)
    with pytest.raises(NotebookUnreadable) as caught:
        read_notebook(path)
    assert caught.value.problem.code == code


def test_a_folder_is_no_notebook(tmp_path: Path) -> None:
    """It is there, so that it is not said to be missing."""
    with pytest.raises(NotebookUnreadable) as caught:
        read_notebook(tmp_path)
    assert caught.value.problem.code == "E002"


def test_the_order_of_runs_is_checked() -> None:
    """Cells that were run in another order than they stand in are a warning."""
    import dataclasses

    from notebook_actions.exporter.analysis.slice import slice_statements

    first, second = cells_of("x = 1", "wanted = x")
    cells = [dataclasses.replace(first, execution_count=2),
             dataclasses.replace(second, execution_count=1)]  # fmt: skip
    assert [one.code for one in slice_statements(cells, ["wanted"]).problems] == ["W212"]


@pytest.fixture
def shell() -> InteractiveShell:
    """Give a fresh shell without history on disk."""
    from traitlets.config import Config

    config = Config()
    config.HistoryManager.enabled = False
    return InteractiveShell(config=config)


class TestLiveShell:
    """The cells of a kernel are those that ran, in the order in which they ran."""

    def test_every_run_counts(self, shell: InteractiveShell) -> None:
        """A cell run again is there again; its id or its text tells that it is the same."""
        shell.run_cell("a = 1", store_history=True)
        record(shell)
        record(shell)
        for text, cell_id in [("x = 1", "q"), ("a += 1", None), ("a += 1", None), ("x = 2", "q")]:
            shell.run_cell(text, store_history=True, cell_id=cell_id)
        cells = executed_cells(shell)
        assert [(cell.original, cell.key) for cell in cells] == [
            ("a = 1", "a = 1"), ("x = 1", "q"), ("a += 1", "a += 1"), ("a += 1", "a += 1"),
            ("x = 2", "q"),
        ]  # fmt: skip

    def test_a_failed_cell_binds_what_it_bound(
        self, shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """What stands after the line that failed never ran."""
        record(shell)
        shell.run_cell("\n\nb = 1\n1 / 0\nb = 2\nc = 3", store_history=True)
        shell.run_cell("wanted = b", store_history=True)
        from notebook_actions.exporter.analysis.slice import slice_statements
        from notebook_actions.exporter.analysis.source import module_source

        cells = executed_cells(shell)
        assert cells[0].failed == 4
        assert value_in(module_source(slice_statements(cells, ["wanted"]))) == 1
        refused = slice_statements(cells, ["c"]).errors[0]
        assert (refused.code, refused.cell, refused.line) == ("E112", 1, 4)

    def test_a_cell_run_three_times_is_told(self, shell: InteractiveShell) -> None:
        """A change that ran more than once is exported once, with a warning."""
        from notebook_actions.exporter.analysis.slice import slice_statements

        shell.run_cell("wanted = 10", store_history=True)
        for _ in range(3):
            shell.run_cell("wanted += 5", store_history=True)
        part = slice_statements(executed_cells(shell), ["wanted"])
        assert [one.code for one in part.problems] == ["W201"]


def _run(tmp_path: Path, files: dict[str, str], *cells: str) -> list[str]:
    """Return the codes of the problems of a notebook that runs files beside it."""
    for path, text in files.items():
        file = tmp_path / path
        file.parent.mkdir(exist_ok=True)
        file.write_text(text if path.endswith(".py") else _notebook(
            [{"cell_type": "code", "source": text}]))  # fmt: skip
    return [one.code for one in slice_of(*cells, folder=tmp_path).problems]


RUNS = {
    "a script's own names": ({"t.py": "K = 1\ndef get(): return K"}, ["%run t.py", "K = 7\nwanted = get()"]),
    "its main block": ({"t.py": "if __name__ == '__main__':\n    K = 1"}, ["%run t.py", "wanted = K"]),
    "a run within a run": ({"a.ipynb": "%run b.ipynb\nX = Y", "b.ipynb": "Y = 1"}, ["%run a.ipynb", "wanted = X"]),
    "a star within a run": ({"t.py": "from math import *"}, ["%run t.py", "wanted = sin(0)"]),
    "a module beside it": ({"lib/t.py": "import o\nX = o.V", "lib/o.py": "V = 1"}, ["%run lib/t.py", "wanted = X"]),
}  # fmt: skip


@pytest.mark.parametrize(("files", "cells"), RUNS.values(), ids=RUNS.keys())
def test_a_file_that_is_run_may_be_a_module(
    tmp_path: Path, files: dict[str, str], cells: list[str]
) -> None:
    """Where a module does the same as the run, it is one, and that is told."""
    assert _run(tmp_path, files, *cells) == ["W209"]


NO_MODULES = {
    "a name of the notebook": ({"t.py": "X = K"}, ["K = 1", "%run -i t.py", "wanted = X"]),
    "a name set anew": ({"t.ipynb": "K = 1\ndef get(): return K"}, ["%run t.ipynb", "K = 7\nwanted = get()"]),
    "arguments": ({"t.py": "import sys\nX = sys.argv"}, ["%run t.py 3", "wanted = X"]),
    "a second run": ({"t.py": "X = []"}, ["%run t.py", "X.append(1)", "%run t.py", "wanted = X"]),
}  # fmt: skip


@pytest.mark.parametrize(("files", "cells"), NO_MODULES.values(), ids=NO_MODULES.keys())
def test_a_file_that_shares_the_notebook_s_names_is_refused(
    tmp_path: Path, files: dict[str, str], cells: list[str]
) -> None:
    """A module has its own names, so it would silently do something else."""
    assert "E119" in _run(tmp_path, files, *cells)
