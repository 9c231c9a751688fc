# ruff: noqa: E501 (one notebook a line)
"""Files that the slice opens by a path in its text are found."""

from __future__ import annotations

from pathlib import Path

import pytest

from notebook_actions.exporter.analysis.data_files import data_files
from tests.exporter.notebooks import slice_of


def test_found_however_the_path_is_written(tmp_path: Path) -> None:
    """Literals, joined paths, folders and patterns are found; other texts are not."""
    for name in ("a.csv", "data/b.txt", "data/c.json", "d/e.png", "logs/x1.log", "no.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    part = slice_of(
        "from pathlib import Path\nimport os, glob\nROOT = Path('data')",
        "A = open('a.csv')\nB = ROOT / 'b.txt'\nC = f'{ROOT}/c.json' if False else 1",
        "def wanted(): return [A, B, C, os.path.join('d', 'e.png'), glob.glob('logs/*.log')]",
        folder=tmp_path,
    )
    files, _, problems = data_files(part, tmp_path)
    assert [file.path for file in files] == [
        "a.csv", "d/e.png", "data/b.txt", "data/c.json", "logs/x1.log"
    ]  # fmt: skip
    assert {one.code for one in problems} == {"W204"}


PUT_TOGETHER = [
    "'data/%s_%s.csv' % (NAME, YEAR)",
    "'data/{}_{year}.csv'.format(NAME, year=YEAR)",
    "f'data/{NAME}_{YEAR}.csv'",
]


@pytest.mark.parametrize("text", PUT_TOGETHER)
def test_a_path_that_is_put_together_is_followed(tmp_path: Path, text: str) -> None:
    """Templates of all kinds are filled with what is known, numbers too."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data/seats_2024.csv").write_text("x")
    part = slice_of(f"NAME = 'seats'\nYEAR = 2024\nwanted = open({text})", folder=tmp_path)
    assert [file.path for file in data_files(part, tmp_path)[0]] == ["data/seats_2024.csv"]


RESOURCES = {
    "a module": "import pack\nwanted = resources.files(pack).joinpath('a.txt')",
    "a module by another name": "import pack as p\nwanted = resources.files(p) / 'a.txt'",
    "a name": "wanted = resources.files('pack') / 'a.txt'",
    "a part of a package": "from pack import sub\nwanted = resources.files(sub) / '../a.txt'",
    "a name and a file": "import pkgutil\nwanted = pkgutil.get_data('pack', 'a.txt')",
    "the package itself": "from pack import texts\nwanted = texts",
}


@pytest.mark.parametrize("cell", RESOURCES.values(), ids=RESOURCES.keys())
def test_a_file_of_a_package_is_found(tmp_path: Path, cell: str) -> None:
    """What ``importlib.resources`` is asked for comes along, by whatever the package is given."""
    (tmp_path / "pack/sub").mkdir(parents=True)
    (tmp_path / "pack/a.txt").write_text("x")
    for name in ("__init__", "sub/__init__", "texts"):
        (tmp_path / f"pack/{name}.py").write_text("")
    (tmp_path / "pack/texts.py").write_text("T = files(__package__).joinpath('a.txt')")
    part = slice_of(f"from importlib import resources\n{cell}", folder=tmp_path)
    assert [file.path for file in data_files(part, tmp_path)[0]] == ["pack/a.txt"]


NOT_KNOWN = ["'%s.csv' % x", "'{}.csv'.format()", "'%d.csv' % 'a'", "'{:02d}.csv'.format(3)"]


@pytest.mark.parametrize("text", NOT_KNOWN)
def test_a_path_that_is_not_known_is_no_file(tmp_path: Path, text: str) -> None:
    """A template that cannot be filled stands for no file, and for no error."""
    part = slice_of(f"def wanted(x): return open({text})", folder=tmp_path)
    assert data_files(part, tmp_path)[0] == []


def test_a_path_outside_the_folder_is_a_warning(tmp_path: Path) -> None:
    """An absolute path, or one with ``..``, will not be there in the app; a URL's path is none."""
    part = slice_of(
        "wanted = [open('/etc/hosts'), open('../x.csv'), '/enrollment', open('C:\\\\x.csv')]"
    )
    files, _, problems = data_files(part, tmp_path)
    assert files == []
    assert [one.code for one in problems] == ["W213"] * 3


def _files(folder: Path, files: dict[str, str], *cells: str) -> tuple[list[str], list[str]]:
    """Return the files and the empty folders that a notebook's app gets."""
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    found, folders, _ = data_files(slice_of(*cells, folder=folder), folder)
    return [file.path for file in found], folders


MODULES = {
    "the working folder": "def load(): return open('pkg/d.txt')",
    "the module's folder": "from pathlib import Path\nload = (Path(__file__).resolve().parent / 'd.txt').read_text()",
    "os.path": "import os\nHERE = os.path.dirname(os.path.abspath(__file__))\ndef load(): return open(os.path.join(HERE, 'd.txt'))",
    "resources": "from importlib import resources\ndef load(): return resources.files('pkg').joinpath('d.txt')",
}


@pytest.mark.parametrize("text", MODULES.values(), ids=MODULES.keys())
def test_what_a_module_opens_comes_along(tmp_path: Path, text: str) -> None:
    """A local module's own data files are found as it names them."""
    files = {"pkg/__init__.py": "", "pkg/m.py": text, "pkg/d.txt": "x", "pkg/other.txt": "x"}
    assert _files(tmp_path, files, "from pkg import m\nwanted = m")[0] == ["pkg/d.txt"]


def test_a_folder_that_is_written_into_is_there(tmp_path: Path) -> None:
    """An earlier output is not copied, but its folder is made."""
    files = {"out/old.csv": "x", "out/x.csv": "x"}
    cell = "def wanted(): return open('out/x.csv', 'w')"
    assert _files(tmp_path, files, cell) == ([], ["out"])


def test_paths_follow_the_working_folder(tmp_path: Path) -> None:
    """``%cd`` is kept, and what is opened after it is found there."""
    part = _files(tmp_path, {"data/x.csv": "x"}, "%cd data\nwanted = open('x.csv')")
    assert part[0] == ["data/x.csv"]


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    """What lies elsewhere is not copied because a link says so."""
    folder = tmp_path / "work"
    folder.mkdir()
    (tmp_path / "private.txt").write_text("x")
    (folder / "x.txt").symlink_to(tmp_path / "private.txt")
    files, _, problems = data_files(slice_of("wanted = open('x.txt')"), folder)
    assert files == []
    assert [one.code for one in problems] == ["W213"]


def test_a_huge_folder_is_left_to_the_author(tmp_path: Path) -> None:
    """Thousands of files are named as a folder, and not copied one by one."""
    files = {f"data/{n}.txt": "" for n in range(201)}
    part = slice_of("import os\ndef wanted(): return os.listdir('data')")
    assert _files(tmp_path, files, "wanted = 1")[0] == []
    found, _, problems = data_files(part, tmp_path)
    assert (found, [one.code for one in problems]) == ([], ["W221"])
