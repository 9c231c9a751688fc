"""Files that the slice opens by a path in its text are found."""

from __future__ import annotations

from pathlib import Path

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
    files, problems = data_files(part, tmp_path)
    assert [file.path for file in files] == [
        "a.csv", "d/e.png", "data/b.txt", "data/c.json", "logs/x1.log"
    ]  # fmt: skip
    assert {one.code for one in problems} == {"W204"}


def test_a_path_outside_the_folder_is_a_warning(tmp_path: Path) -> None:
    """An absolute path, or one with ``..``, will not be there in the app; a URL's path is none."""
    part = slice_of(
        "wanted = [open('/etc/hosts'), open('../x.csv'), '/enrollment', open('C:\\\\x.csv')]"
    )
    files, problems = data_files(part, tmp_path)
    assert files == []
    assert [one.code for one in problems] == ["W213"] * 3
