"""The data files that a slice opens by a path that stands in its text."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath

from notebook_actions.exporter.analysis.problems import Problem, problem
from notebook_actions.exporter.analysis.scopes import own_nodes
from notebook_actions.exporter.analysis.slice import Slice

__all__ = ["DataFile", "data_files"]

_OPENS = re.compile(r"open|connect|create_engine|(?:read|load|scan|from)\w*|Path")
_FOLDERS = {"Path", "join", "glob", "rglob", "iglob", "iterdir", "listdir", "scandir", "walk"}
_SQLITE = re.compile(r"sqlite(?:\+\w+)?:///")


@dataclass(frozen=True, slots=True)
class DataFile:
    """A file to be copied into the app.

    Attributes
    ----------
    path
        Relative to the notebook's folder, with forward slashes.
    size
        In bytes.
    """

    path: str
    size: int


def data_files(part: Slice, folder: Path) -> tuple[list[DataFile], list[Problem]]:
    """Return the data files of a slice, and what the author should know about them.

    Parameters
    ----------
    part
        The slice.
    folder
        The notebook's folder.
    """
    found: dict[str, DataFile] = {}
    problems: list[Problem] = []
    constants = _constants(part)
    modules = {module.path for module in part.modules}
    for one in part.statements:
        for node, text, opens, in_folder in _paths(one.node, constants):
            place = {"cell": one.cell.number, "line": node.lineno, "why": part.why[one.index]}
            text = _SQLITE.sub("", text)
            if opens and _is_outside(text):
                problems.append(problem("W213", detail=repr(text), **place))  # type: ignore[arg-type]
            for file in _existing(folder, text, in_folder):
                path = file.relative_to(folder).as_posix()
                if path not in found and path not in modules:
                    found[path] = DataFile(path, file.stat().st_size)
                    problems.append(problem("W204", detail=path, **place))  # type: ignore[arg-type]
    return sorted(found.values(), key=lambda file: file.path), problems


def _constants(part: Slice) -> dict[str, ast.expr]:
    """Return the values of names that are bound once."""
    values: dict[str, list[ast.expr]] = {}
    for one in part.statements:
        for node in own_nodes([one.node]):
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    values.setdefault(name, []).append(value)
                case ast.Name(id=name, ctx=ast.Store()):
                    values.setdefault(name, [])
    return {name: found[0] for name, found in values.items() if len(found) == 1}


def _paths(
    tree: ast.AST, constants: dict[str, ast.expr]
) -> Iterator[tuple[ast.expr, str, bool, bool]]:
    """Yield what may be a path: the expression, its text, if it is opened, if a folder will do."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            name = node.func.id if isinstance(node.func, ast.Name) else name
            for argument in node.args[:1]:
                text = _fold(argument, constants, 8)
                if text:
                    yield argument, text, bool(_OPENS.fullmatch(name)), name in _FOLDERS
        if isinstance(node, ast.expr):
            text = _fold(node, constants, 8)
            if text:
                yield node, text, False, False


def _fold(node: ast.expr, constants: dict[str, ast.expr], depth: int) -> str | None:
    """Return the text of a path expression that can be known from the source, or None."""
    if depth == 0:
        return None

    def fold(part: ast.expr) -> str | None:
        return _fold(part, constants, depth - 1)

    match node:
        case ast.Constant(value=str(text)) if 0 < len(text) < 260 and "\n" not in text:
            return text
        case ast.Name(id=name) if name in constants:
            return fold(constants[name])
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            return _joined([fold(left), fold(right)])
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            parts = [fold(left), fold(right)]
            return None if None in parts else "".join(filter(None, parts))
        case ast.JoinedStr(values=values):
            parts = [
                fold(value.value if isinstance(value, ast.FormattedValue) else value)
                for value in values
            ]
            return None if None in parts else "".join(filter(None, parts))
        case ast.Call(func=ast.Name(id="Path" | "PurePath"), args=[_, *_] as args):
            return _joined([fold(arg) for arg in args])
        case ast.Call(func=ast.Attribute(attr="Path" | "join"), args=[_, _, *_] as args):
            return _joined([fold(arg) for arg in args])
        case ast.Call(func=ast.Attribute(value=value, attr="resolve" | "absolute"), args=[]):
            return fold(value)
    return None


def _joined(parts: list[str | None]) -> str | None:
    if None in parts:
        return None
    return "/".join(part for part in parts if part)


def _is_outside(text: str) -> bool:
    if "://" in text:
        return False
    posix = PurePosixPath(text.replace("\\", "/"))
    return (
        posix.is_absolute()
        or bool(PureWindowsPath(text).drive)
        or ".." in posix.parts
        or text.startswith("~")
    )


def _existing(folder: Path, text: str, in_folder: bool) -> Iterator[Path]:
    if _is_outside(text) or "\0" in text:
        return
    try:
        if in_folder and any(sign in text for sign in "*?["):
            yield from (file for file in sorted(folder.glob(text)) if file.is_file())
            return
        path = folder / text.replace("\\", "/")
        if path.is_file():
            yield path
        elif in_folder and path.is_dir() and path != folder and text not in {".", "./"}:
            yield from (file for file in sorted(path.rglob("*")) if file.is_file())
    except (OSError, ValueError, NotImplementedError):
        return
