"""Modules that the notebook brings along: beside it, written by it, or run by it."""

from __future__ import annotations

import ast
import importlib
import posixpath
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from notebook_actions.exporter.analysis.magics import Run, module_name
from notebook_actions.exporter.analysis.notebook import Cell, NotebookUnreadable, read_notebook
from notebook_actions.exporter.analysis.paths import is_outside, literal_path
from notebook_actions.exporter.analysis.scopes import bound_names

__all__ = ["LocalModule", "LocalModules", "imported_by_call", "path_entries"]


@dataclass(frozen=True, slots=True)
class LocalModule:
    """A module to be copied into the app.

    Attributes
    ----------
    name
        Its dotted name.
    path
        Where it goes in the app, with forward slashes, such as ``"mypkg/util.py"``.
    text
        Its source.
    folder
        Where it is now; None where the notebook writes it.
    """

    name: str
    path: str
    text: str
    folder: Path | None = None


class LocalModules:
    """Finds the modules that belong to a notebook.

    Parameters
    ----------
    folder
        The notebook's folder; None where there is none, and then only written modules are found.
    cells
        The cells, for what they write (``%%writefile``), run (``%run``) and add to ``sys.path``.
    """

    def __init__(self, folder: Path | None, cells: Iterable[Cell] = ()) -> None:
        self._folders: list[Path] = [] if folder is None else [folder]
        self._entries = ["."]
        self._found: dict[str, LocalModule | None] = {}
        self.written: dict[str, str] = {}
        self.run: dict[str, str] = {}
        self.runs: dict[str, list[Run]] = {}
        self.unreadable: dict[str, str] = {}
        for cell in cells:
            for path, text in cell.writes:
                plain = PurePosixPath(path.lstrip("+").replace("\\", "/")).as_posix()
                before = self.written.get(plain, "") if path.startswith("+") else ""
                self.written[plain] = before + text
            for run in cell.runs:
                self._add_run(run)
            if "sys.path" in cell.source:
                self._entries += path_entries(cell.source)
        if folder is not None:
            self._folders += [folder / entry for entry in self._entries[1:]]

    def _add_run(self, run: Run) -> None:
        path, name = run.path, module_name(run.path)
        self.runs.setdefault(name, []).append(run)
        text = self.written.get(path)
        for folder in self._folders:
            file = folder / path
            if text is None and file.is_file():
                try:
                    is_notebook = file.suffix == ".ipynb"
                    text = self._notebook_text(file) if is_notebook else file.read_text("utf-8")
                except (NotebookUnreadable, UnicodeDecodeError):
                    break
        if text is None:
            self.unreadable[name] = path
        else:
            self.run[name] = path
            text = _as_main(text) if run.is_main else text
            self._found[name] = LocalModule(name, name.replace(".", "/") + ".py", text)
            # While a script runs, it finds the modules beside it.
            beside = posixpath.dirname(path.replace("\\", "/"))
            if beside and not is_outside(beside):
                self._folders += [folder / beside for folder in self._folders[:1]]

    def _notebook_text(self, path: Path) -> str:
        cells = read_notebook(path)
        for run in (run for cell in cells for run in cell.runs):
            if module_name(run.path) not in self.runs:
                self._add_run(run)
        return "\n\n".join(cell.source.strip("\n") for cell in cells) + "\n"

    def find(self, name: str) -> LocalModule | None:
        """Return the local module of this dotted name, or None where it is not a local one."""
        if name not in self._found:
            self._found[name] = self._search(name)
        return self._found[name]

    def _search(self, name: str) -> LocalModule | None:
        stem = name.replace(".", "/")
        for path in (f"{stem}/__init__.py", f"{stem}.py"):
            for entry in self._entries:
                inside = posixpath.normpath(posixpath.join(entry, path))
                if inside in self.written:
                    return LocalModule(name, path, self.written[inside])
            for folder in self._folders:
                if (folder / path).is_file():
                    text = (folder / path).read_text("utf-8", errors="replace")
                    return LocalModule(name, path, text, (folder / path).parent)
        if any((folder / stem).is_dir() and any((folder / stem).glob("*.py"))
               for folder in self._folders):  # fmt: skip
            return LocalModule(name, "", "")  # a namespace package: nothing to copy
        return None

    def closure(self, names: Iterable[str]) -> list[LocalModule]:
        """Return these modules, where local, and all local ones that they import."""
        found: dict[str, LocalModule] = {}
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            for prefix in _prefixes(name):
                module = self.find(prefix)
                if module is not None and prefix not in found:
                    found[prefix] = module
                    waiting += imported_by(module)
        return sorted((m for m in found.values() if m.path), key=lambda module: module.path)

    def star_names(self, name: str) -> list[str] | None:
        """Return the names that ``from name import *`` binds, or None where nobody knows."""
        if name in self.unreadable:
            return None
        module = self.find(name)
        if module is not None:
            return self._public_names(module)
        if name.startswith("."):
            return None
        try:
            loaded = importlib.import_module(name)
        except Exception:  # whatever an installed module may raise: then its names are not known
            return None
        public: Sequence[str] | None = getattr(loaded, "__all__", None)
        return list(public or [key for key in vars(loaded) if not key.startswith("_")])

    def _public_names(self, module: LocalModule) -> list[str] | None:
        """Return what a star import takes from a local module: all of it where it was run."""
        everything = module.name in self.run
        try:
            body = ast.parse(module.text).body
        except SyntaxError:
            return None
        names = dict.fromkeys(bound_names(body))
        for node in body:
            match node:
                case ast.Assign(targets=[ast.Name(id="__all__")], value=value) if not everything:
                    try:
                        return list(ast.literal_eval(value))
                    except ValueError:
                        return None
                case ast.ImportFrom(names=[ast.alias(name="*")]):
                    (inner, *_) = imported_by(replace(module, text=ast.unparse(node)))
                    more = None if inner == module.name else self.star_names(inner)
                    if more is None:
                        return None
                    names |= dict.fromkeys(more)
        return [name for name in names if everything or not name.startswith("_")]


def _as_main(text: str) -> str:
    """Return a script that does, when it is imported, what it does when it is run."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return text
    lines = text.encode().split(b"\n")
    for node in tree.body:
        if isinstance(node, ast.If) and ast.unparse(node.test) == "__name__ == '__main__'":
            test = node.test
            if any(bound_names(node.body)) and test.lineno == test.end_lineno:
                row = test.lineno - 1
                line = lines[row]
                lines[row] = line[: test.col_offset] + b"True" + line[test.end_col_offset :]
    return b"\n".join(lines).decode()


def _prefixes(name: str) -> Iterator[str]:
    parts = name.split(".")
    for count in range(1, len(parts) + 1):
        yield ".".join(parts[:count])


def imported_by(module: LocalModule) -> Iterator[str]:
    """Yield the full names of what a module imports: of modules, or of what may be one."""
    try:
        tree = ast.parse(module.text)
    except SyntaxError:
        return
    package = module.name.split(".")
    if not module.path.endswith("/__init__.py"):
        package = package[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif (name := imported_by_call(node)) is not None:
            yield name if not name.startswith(".") else ".".join([*package, name.lstrip(".")])
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            name = ".".join([*base, *filter(None, [node.module])])
            yield name
            yield from (f"{name}.{alias.name}" for alias in node.names if name)


def imported_by_call(node: ast.AST) -> str | None:
    """Return the module of ``importlib.import_module("name")``, or None."""
    match node:
        case ast.Call(
            func=ast.Name(id="import_module" | "__import__") | ast.Attribute(attr="import_module"),
            args=[ast.Constant(value=str(name)), *_],
        ):
            return name
    return None


def path_entries(source: str) -> Iterator[str]:
    """Yield the folders that a cell adds to ``sys.path`` by a literal."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Attribute(
                    value=ast.Attribute(value=ast.Name(id="sys"), attr="path"),
                    attr="append" | "insert",
                ),
                args=[*_, entry],
            ):
                path = literal_path(entry)
                if path is not None and not is_outside(path):
                    yield path
