"""The runtime: the modules that an app needs, copied byte by byte from the installed package."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

__all__ = ["RUNTIME", "runtime_files", "static_files"]

#: The package, and the folder of the app that its copy lies in.
RUNTIME = "notebook_actions"

_PACKAGE = Path(__file__).resolve().parent.parent

#: Modules and edges of the package that an app never loads.
_NOT_NEEDED = frozenset({"cli.py", "__main__.py", "widget", "exporter", "testing"})

_STATIC = ("page.js", "form.css")


def runtime_files() -> dict[str, bytes]:
    """Return the runtime: path in the app → content."""
    files = [*_PACKAGE.rglob("*.py"), _PACKAGE / "py.typed"]
    paths = {file.relative_to(_PACKAGE): file for file in files}
    found = {
        f"{RUNTIME}/{path.as_posix()}": file
        for path, file in paths.items()
        if path.parts[0] not in _NOT_NEEDED
    }
    licences = {f"{RUNTIME}/{file.name}": file for file in _licences()}
    return {path: file.read_bytes() for path, file in sorted({**found, **licences}.items())}


def _licences() -> Iterator[Path]:
    """Yield the licence of the package, which asks to go with every copy."""
    try:
        files = metadata.files("notebook-actions") or []
    except metadata.PackageNotFoundError:
        files = []
    for file in files:
        if file.name == "LICENSE":
            path = Path(str(file.locate()))
            if path.is_file():
                yield path
                return


def static_files() -> dict[str, bytes]:
    """Return what a browser loads: path in the app → content."""
    return {f"static/{name}": (_PACKAGE / "static" / name).read_bytes() for name in _STATIC}
