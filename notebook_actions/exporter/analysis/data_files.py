"""The data files that a slice, and the modules that it imports, open by a path in their text."""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePosixPath

from notebook_actions.exporter.analysis.paths import HERE, is_absolute, is_outside, literal_path
from notebook_actions.exporter.analysis.problems import Problem, problem
from notebook_actions.exporter.analysis.scopes import own_nodes
from notebook_actions.exporter.analysis.slice import Slice

__all__ = ["DataFile", "data_files"]

_OPENS = re.compile(r"open|chdir|connect|create_(?:async_)?engine|(?:read|load|scan|from)\w*|Path")
_WRITES = re.compile(r"(?:to|save|write|dump)(?:_\w+|fig|txt|z)?|imwrite")
_FOLDERS = {"Path", "join", "glob", "rglob", "iglob", "iterdir", "listdir", "scandir", "walk"}
_FOLDERS |= {"FileSystemLoader", "Jinja2Templates", "StaticFiles", "Loader", "joinpath"}
_SQLITE = re.compile(r"sqlite(?:\+\w+)?:///")
_NO_DATA = re.compile(
    r"(?:^|/)(?:\.git|__pycache__|\.ipynb_checkpoints|\.venv|node_modules)(?:/|$)"
)

#: Files of one folder that are copied at most.
MAX_FILES = 200


@dataclass(frozen=True, slots=True)
class DataFile:
    """A file to be copied into the app.

    Attributes
    ----------
    path
        Its place in the app, with forward slashes.
    source
        Where it is now.
    size
        In bytes.
    """

    path: str
    source: Path
    size: int


@dataclass(frozen=True, slots=True)
class _Piece:
    """A piece of source: a statement, or a module with its own constants and folder."""

    tree: ast.AST
    place: Mapping[str, object]
    constants: Mapping[str, ast.expr]
    here: tuple[str, Path] | None = None


@dataclass(frozen=True, slots=True)
class _Use:
    """One path in a text: whether it is opened, written, or may be a folder."""

    node: ast.expr
    text: str
    opens: bool = False
    writes: bool = False
    folder: bool = False


def data_files(part: Slice, folder: Path) -> tuple[list[DataFile], list[str], list[Problem]]:
    """Return the data files of a slice, and what the author should know about them.

    Parameters
    ----------
    part
        The slice.
    folder
        The notebook's folder.

    Returns
    -------
    files : list of DataFile
        What is copied.
    folders : list of str
        Folders that must be there although no file of them is copied, since they are written into.
    problems : list of Problem
        What to know.
    """
    found: dict[str, DataFile] = {}
    folders: set[str] = set()
    problems: list[Problem] = []
    modules = {module.path for module in part.modules}
    pieces = list(_pieces(part, folder))
    working = _working_folders(pieces)
    for piece in pieces:
        for use in _uses(piece):
            text = _SQLITE.sub("", use.text)
            place = {"line": use.node.lineno, **piece.place}
            if (use.opens or use.writes) and is_outside(text):
                problems.append(problem("W213", detail=_named(text), **place))  # type: ignore[arg-type]
            for at, base in _bases(text, piece, folder, working):
                rest = text.removeprefix(f"{HERE}/") if text.startswith(HERE) else text
                parent = posixpath.dirname(posixpath.normpath(posixpath.join(at, rest)))
                if parent and not is_outside(parent) and (base / rest).parent.is_dir():
                    folders.add(parent)
                if use.writes:
                    continue
                files = list(islice(_existing(base, rest, use.folder), MAX_FILES + 1))
                if len(files) > MAX_FILES:
                    problems.append(problem("W221", detail=text, **place))  # type: ignore[arg-type]
                    files = []
                elif not files and use.folder and (base / rest).is_dir():
                    folders.add(posixpath.normpath(posixpath.join(at, rest)))
                for file in files:
                    path = posixpath.normpath(posixpath.join(at, file.relative_to(base).as_posix()))
                    if path in found or path in modules or _NO_DATA.search(path):
                        continue
                    if not file.resolve().is_relative_to(folder.resolve()):
                        problems.append(problem("W213", detail=_named(path), **place))  # type: ignore[arg-type]
                        continue
                    found[path] = DataFile(path, file, file.stat().st_size)
                    problems.append(problem("W204", detail=path, **place))  # type: ignore[arg-type]
    copied = sorted(found.values(), key=lambda file: file.path)
    filled = {str(parent) for path in [*found, *modules] for parent in PurePosixPath(path).parents}
    return copied, sorted(folders - filled - {".", ""}), list(dict.fromkeys(problems))


def _pieces(part: Slice, folder: Path) -> Iterator[_Piece]:
    constants = _constants([one.node for one in part.statements])
    for one in part.statements:
        place = {"cell": one.cell.number, "why": part.why[one.index]}
        yield _Piece(one.node, place, constants)
    for module in part.modules:
        try:
            tree = ast.parse(module.text)
        except (SyntaxError, ValueError):
            continue  # the rehearsal says so, if it is imported
        at = posixpath.dirname(module.path)
        here = (at, module.folder if module.folder is not None else folder / at)
        yield _Piece(tree, {"name": module.name, "line": None}, _constants(tree.body), here)


def _constants(nodes: Sequence[ast.AST]) -> dict[str, ast.expr]:
    """Return the values of names that are bound once; of imported names, where they come from."""
    values: dict[str, list[ast.expr]] = {}
    for node in own_nodes(nodes):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                values.setdefault(name, []).append(value)
            case ast.Import(names=aliases):
                for alias in aliases:
                    module = alias.name if alias.asname else alias.name.partition(".")[0]
                    values.setdefault(alias.asname or module, []).append(_dotted(module))
            case ast.ImportFrom(module=str(module), names=aliases, level=0):
                for alias in aliases:
                    where = _dotted(f"{module}.{alias.name}")
                    values.setdefault(alias.asname or alias.name, []).append(where)
            case ast.Name(id=name, ctx=ast.Store()):
                values.setdefault(name, [])
    return {name: found[0] for name, found in values.items() if len(found) == 1}


def _dotted(module: str) -> ast.expr:
    return ast.parse(module.replace("*", "_"), mode="eval").body


def _working_folders(pieces: Sequence[_Piece]) -> list[str]:
    """Return the folders that relative paths may be relative to: those of ``os.chdir``."""
    found = ["."]
    for piece in pieces:
        for node in ast.walk(piece.tree):
            match node:
                case ast.Call(func=ast.Attribute(attr="chdir"), args=[argument]):
                    text = literal_path(argument, piece.constants)
                    if text is not None and not is_outside(text):
                        found.append(posixpath.normpath(posixpath.join(found[-1], text)))
    return list(dict.fromkeys(found))


def _named(path: str) -> str:
    return f"{'absolute ' if is_absolute(path) else ''}path {path!r}"


def _bases(
    text: str, piece: _Piece, folder: Path, working: Sequence[str]
) -> Iterator[tuple[str, Path]]:
    """Yield where a path may begin: in the app, and on disk."""
    if text.startswith(HERE):
        if piece.here is not None:
            yield piece.here
    elif not is_outside(text) and "\0" not in text and "://" not in text:
        yield from ((at, folder / at) for at in working)


def _uses(piece: _Piece) -> Iterator[_Use]:
    """Yield what may be a path."""
    written: set[int] = set()
    for node in ast.walk(piece.tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            name = node.func.id if isinstance(node.func, ast.Name) else name
            writes = bool(_WRITES.fullmatch(name)) or (name == "open" and _mode(node) in {"w", "x"})
            for argument in [*node.args, *(word.value for word in node.keywords)]:
                text = literal_path(argument, piece.constants)
                if not text:
                    continue
                if writes:
                    written.update(id(part) for part in ast.walk(argument))
                opens = bool(_OPENS.fullmatch(name)) and argument in node.args[:1]
                yield _Use(argument, text, opens, writes, name in _FOLDERS)
        if isinstance(node, ast.expr) and id(node) not in written:
            text = literal_path(node, piece.constants)
            if text:
                yield _Use(node, text)


def _mode(call: ast.Call) -> str:
    """Return the first letter of the mode in which a call of ``open`` opens."""
    modes = [*call.args[1:2], *(word.value for word in call.keywords if word.arg == "mode")]
    if isinstance(call.func, ast.Attribute) and not isinstance(call.func.value, ast.Name):
        modes += call.args[:1]  # Path("x").open("w")
    texts = [one.value for one in modes if isinstance(one, ast.Constant)]
    return str(texts[0])[:1] if texts else "r"


def _existing(folder: Path, text: str, in_folder: bool) -> Iterator[Path]:
    try:
        if in_folder and any(sign in text for sign in "*?["):
            yield from (file for file in sorted(folder.glob(text)) if file.is_file())
            return
        path = folder / text.replace("\\", "/")
        if path.is_file():
            yield path
        elif in_folder and path.is_dir() and path.resolve() != folder.resolve():
            some = islice(path.rglob("*"), 50 * MAX_FILES)
            yield from (file for file in sorted(some) if file.is_file())
    except (OSError, ValueError, NotImplementedError):
        return
