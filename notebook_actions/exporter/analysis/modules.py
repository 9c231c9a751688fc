"""Modules that the notebook brings along: beside it, written by it, or run by it."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from notebook_actions.exporter.analysis.magics import module_name
from notebook_actions.exporter.analysis.notebook import Cell, NotebookUnreadable, read_notebook
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
    """

    name: str
    path: str
    text: str


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
        self._found: dict[str, LocalModule | None] = {}
        self.written: dict[str, str] = {}
        self.run: dict[str, str] = {}
        self.unreadable: dict[str, str] = {}
        for cell in cells:
            for path, text in cell.writes:
                plain = PurePosixPath(path.lstrip("+").replace("\\", "/")).as_posix()
                before = self.written.get(plain, "") if path.startswith("+") else ""
                self.written[plain] = before + text
            for _, path in cell.runs:
                self._add_run(path)
            if folder is not None and "sys.path" in cell.source:
                self._folders += [folder / entry for entry in path_entries(cell.source)]

    def _add_run(self, path: str) -> None:
        name = module_name(path)
        text = self.written.get(path)
        for folder in self._folders:
            file = folder / path
            if text is None and file.is_file():
                try:
                    is_notebook = file.suffix == ".ipynb"
                    text = _notebook_text(file) if is_notebook else file.read_text("utf-8")
                except (NotebookUnreadable, UnicodeDecodeError):
                    break
        if text is None:
            self.unreadable[name] = path
        else:
            self.run[name] = path
            self._found[name] = LocalModule(name, name.replace(".", "/") + ".py", text)

    def find(self, name: str) -> LocalModule | None:
        """Return the local module of this dotted name, or None where it is not a local one."""
        if name not in self._found:
            self._found[name] = self._search(name)
        return self._found[name]

    def _search(self, name: str) -> LocalModule | None:
        stem = name.replace(".", "/")
        for path in (f"{stem}/__init__.py", f"{stem}.py"):
            if path in self.written:
                return LocalModule(name, path, self.written[path])
            for folder in self._folders:
                if (folder / path).is_file():
                    text = (folder / path).read_text("utf-8", errors="replace")
                    return LocalModule(name, path, text)
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
                    waiting += _imports(module)
        return sorted((m for m in found.values() if m.path), key=lambda module: module.path)

    def star_names(self, name: str) -> list[str] | None:
        """Return the names that ``from name import *`` binds, or None where nobody knows."""
        if name in self.unreadable:
            return None
        module = self.find(name)
        if module is not None:
            return _public_names(module.text, everything=name in self.run)
        if name.startswith("."):
            return None
        try:
            loaded = importlib.import_module(name)
        except Exception:  # whatever an installed module may raise: then its names are not known
            return None
        public = getattr(loaded, "__all__", None)
        return list(public or [key for key in vars(loaded) if not key.startswith("_")])


def _notebook_text(path: Path) -> str:
    return "\n\n".join(cell.source.strip("\n") for cell in read_notebook(path)) + "\n"


def _prefixes(name: str) -> Iterator[str]:
    parts = name.split(".")
    for count in range(1, len(parts) + 1):
        yield ".".join(parts[:count])


def _imports(module: LocalModule) -> Iterator[str]:
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


def _public_names(text: str, *, everything: bool) -> list[str] | None:
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return None
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id="__all__")], value=value) if not everything:
                try:
                    return list(ast.literal_eval(value))
                except ValueError:
                    return None
    if any(isinstance(n, ast.ImportFrom) and n.names[0].name == "*" for n in tree.body):
        return None
    names = dict.fromkeys(bound_names(tree.body))
    return [name for name in names if everything or not name.startswith("_")]


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
                args=[*_, ast.Constant(value=str(entry))],
            ):
                yield entry
