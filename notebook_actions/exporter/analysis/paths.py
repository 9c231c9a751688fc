"""The path that an expression stands for, as far as the source tells."""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath, PureWindowsPath

__all__ = ["HERE", "is_absolute", "is_outside", "literal_path"]

#: What stands for the folder of the module itself, in ``Path(__file__).parent / "x.csv"``.
HERE = "<here>"

#: What takes a package, and all but ``files`` the name of a file in it: ``importlib.resources``.
_OF_PACKAGE = {"files", "path", "get_data", "read_text", "read_binary", "open_text", "open_binary"}
_SAME = {"abspath", "realpath", "normpath", "fspath", "str", "resolve", "absolute", "as_posix"}


def literal_path(
    node: ast.expr, constants: Mapping[str, ast.expr] | None = None, depth: int = 8
) -> str | None:
    """Return the path that an expression gives, or None where it cannot be known.

    Parameters
    ----------
    node
        The expression.
    constants
        The values of names that are bound once.
    depth
        How many expressions may be looked through.
    """
    if depth == 0:
        return None
    known = constants or {}

    def path(part: ast.expr) -> str | None:
        return literal_path(part, known, depth - 1)

    def filled(part: ast.expr) -> str | None:
        """Return the text that a value has within a longer one: 2024 of ``f"{YEAR}.csv"``."""
        if isinstance(part, ast.Name):
            part = known.get(part.id, part)
        is_number = isinstance(part, ast.Constant) and type(part.value) is int
        return str(part.value) if is_number else path(part)  # type: ignore[attr-defined]

    match node:
        case ast.Constant(value=str(text)) if 0 < len(text) < 260 and "\n" not in text:
            return text
        case ast.Name(id="__file__"):
            return f"{HERE}/__file__"
        case ast.Name(id=name) if name in known:
            return path(known[name])
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            return _joined([path(left), path(right)])
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _text([path(left), path(right)])
        case ast.JoinedStr(values=values):
            return _text([path(v) if isinstance(v, ast.Constant) else _shown(v, filled)
                          for v in values])  # fmt: skip
        case ast.BinOp(left=ast.Constant(value=str(text)), op=ast.Mod(), right=right):
            given = right.elts if isinstance(right, ast.Tuple) else [right]
            return _put(text.__mod__, [filled(part) for part in given])
        case ast.Call(
            func=ast.Attribute(value=ast.Constant(value=str(text)), attr="format"),
            args=args,
            keywords=keywords,
        ):
            names = [word.arg or "" for word in keywords]
            parts = [filled(part) for part in [*args, *(word.value for word in keywords)]]
            return _put(
                lambda put: text.format(
                    *put[: len(args)], **dict(zip(names, put[len(args) :], strict=True))
                ),
                parts,
            )
        case ast.Attribute(value=value, attr="parent"):
            return _parent(path(value))
        case ast.Subscript(
            value=ast.Attribute(value=value, attr="parents"), slice=ast.Constant(value=int(count))
        ):
            found = path(value)
            for _ in range(count + 1):
                found = _parent(found)
            return found
        case ast.Call(
            func=ast.Name(id=name) | ast.Attribute(attr=name), args=[package, *names]
        ) if name in _OF_PACKAGE and (len(names) == 1) == (name != "files"):
            return _joined([_package(package, known), *map(path, names)])
        case ast.Call(func=ast.Name(id=name), args=args):
            return _called(name, None, [path(arg) for arg in args])
        case ast.Call(func=ast.Attribute(value=value, attr=name), args=args):
            return _called(name, path(value), [path(arg) for arg in args])
    return None


def _package(node: ast.expr, known: Mapping[str, ast.expr]) -> str | None:
    """Return the folder of a package, given as a module or by its name."""
    match node:
        case ast.Name(id="__package__" | "__name__"):
            return HERE
        case ast.Name(id=name) if name in known:
            node = known[name]
    module = node.value if isinstance(node, ast.Constant) else ast.unparse(node)
    parts = str(module).split(".")
    return "/".join(parts) if all(map(str.isidentifier, parts)) else None


def _called(name: str, owner: str | None, given: list[str | None]) -> str | None:
    """Return the path that a call gives: ``owner.name(given)``."""
    match name:
        case "Path" | "PurePath" | "join" if given:
            return _joined(given)
        case "cwd" | "getcwd":
            return "."
        case "Path" if not given:
            return "."
        case "joinpath":
            return _joined([owner, *given])
        case "dirname" if given:
            return _parent(given[0])
        case "home":
            return "~"
        case "expanduser":
            return "~/" if owner is None and not given else owner or given[0]
        case _ if name in _SAME:
            return owner if owner is not None else next(iter(given), None)
    return None


def _parent(path: str | None) -> str | None:
    if path is None or path == ".":
        return None if path is None else ".."
    return posixpath.dirname(path) or "."


def _joined(parts: list[str | None]) -> str | None:
    texts = [part for part in parts if part is not None]
    return "/".join(part for part in texts if part) if len(texts) == len(parts) else None


def _text(parts: list[str | None]) -> str | None:
    texts = [part for part in parts if part is not None]
    return "".join(texts) if len(texts) == len(parts) else None


def _shown(part: ast.expr, filled: Callable[[ast.expr], str | None]) -> str | None:
    """Return the text of ``{x}`` in an f-string; a conversion or format makes another one."""
    match part:
        case ast.FormattedValue(value=value, conversion=-1, format_spec=None):
            return filled(value)
    return None


def _put(put: Callable[[tuple[str, ...]], str], parts: list[str | None]) -> str | None:
    """Put texts into a template; None where one is not known, or does not fit."""
    texts = tuple(part for part in parts if part is not None)
    if len(texts) != len(parts):
        return None
    try:
        return put(texts)
    except (ValueError, TypeError, LookupError, AttributeError):
        return None


def is_absolute(text: str) -> bool:
    """Tell whether a path, written in a notebook, names the same place wherever it is used."""
    plain = PurePosixPath(text.replace("\\", "/"))
    return plain.is_absolute() or bool(PureWindowsPath(text).drive) or text.startswith("~")


def is_outside(text: str) -> bool:
    """Tell whether a path, written in a notebook, leads out of the notebook's folder."""
    if "://" in text:
        return False
    inner = PurePosixPath(posixpath.normpath(text.replace("\\", "/")))
    return is_absolute(text) or ".." in inner.parts
