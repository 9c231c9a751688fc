"""The content of the data files that go into an app, and of those that do not."""

from __future__ import annotations

import contextlib
import re
import sqlite3
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from notebook_actions.exporter.analysis.data_files import data_files
from notebook_actions.exporter.analysis.problems import Problem, problem
from notebook_actions.exporter.analysis.secret_forms import has_secret_form
from notebook_actions.exporter.analysis.slice import Slice

__all__ = ["data_content", "is_database"]

#: Bytes of a data file that are copied at most.
MAX_SIZE = 20_000_000

#: Bytes of a text in which secrets are looked for.
_MAX_TEXT = 1_000_000

_KEEPS_SECRETS = re.compile(
    r"^\.env(\..*)?$|^id_(rsa|dsa|ecdsa|ed25519)$|\.(pem|key|p12|pfx|jks|keystore|kdbx|ppk)$|"
    r"^\.(netrc|pgpass|htpasswd|npmrc|pypirc)$|"
    r"^(client_)?(secrets?|credentials?|tokens?|service[-_]?account)\b[^.]*(\.(json|ya?ml|toml|ini|txt|pickle))?$",
    re.I,
)
_SQLITE = b"SQLite format 3\0"
_CREATES = re.compile(
    r"create\s+(?:virtual\s+)?table\s+(?:if\s+not\s+exists\s+)?[\"'`\[]?(\w+)", re.I
)


def data_content(part: Slice, folder: Path) -> tuple[dict[str, bytes], list[Problem]]:
    """Return the data files of a slice: path in the app → content, and what to know about them.

    Parameters
    ----------
    part
        The slice.
    folder
        The notebook's folder.
    """
    found, folders, problems = data_files(part, folder)
    files: dict[str, bytes] = {}
    instead: dict[str, Problem] = {}
    for file in found:
        try:
            content = _content(file.source, file.size, part)
        except (OSError, sqlite3.Error):
            content = "W306"
        if isinstance(content, bytes):
            files[file.path] = content
        else:
            instead[file.path] = problem(content, detail=file.path)
    for path, text in part.written.items():
        if path in files or path.endswith(".py") or not _is_mentioned(path, part):
            continue
        if _KEEPS_SECRETS.search(PurePosixPath(path).name) or _holds_secret(text.encode()):
            problems.append(problem("W305", detail=path))
        else:
            files[path] = text.encode()
    for path in folders:
        files[f"{path}/.gitkeep"] = b""
        problems.append(problem("W222", detail=path))
    told = [_or_instead(one, instead) for one in problems]
    return files, list(dict.fromkeys(told))


def _or_instead(one: Problem, instead: dict[str, Problem]) -> Problem:
    """Return what is to be said about a file that is not copied, in place of "it is copied"."""
    if one.code == "W204":
        for path, other in instead.items():
            if one.message.endswith(f" {path}"):
                return replace(other, cell=one.cell, line=one.line)
    return one


def _content(file: Path, size: int, part: Slice) -> bytes | str:
    """Return the content of a data file, or the code of why it is not copied."""
    if _KEEPS_SECRETS.search(file.name):
        return "W305"
    if size > MAX_SIZE:
        return "W303"
    if not is_database(file):
        content = file.read_bytes()
        return "W305" if _holds_secret(content) else content
    # Not the file's bytes: another process may be writing, and the newest rows lie beside it.
    with contextlib.closing(
        sqlite3.connect(f"file:{quote(str(file))}?mode=ro", uri=True)
    ) as database:
        rows = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        tables = {name for (name,) in rows if not name.startswith("sqlite_")}
        return "W304" if _makes(part, tables) else database.serialize()


def _holds_secret(content: bytes) -> bool:
    """Tell whether a text has something in it that is known to be a secret by its form."""
    if len(content) > _MAX_TEXT or b"\0" in content:
        return False
    return has_secret_form(content.decode("utf-8", errors="replace"))


def is_database(file: Path) -> bool:
    """Tell whether a file is an SQLite database."""
    with file.open("rb") as stream:
        return stream.read(len(_SQLITE)) == _SQLITE


def _makes(part: Slice, tables: Iterable[str]) -> bool:
    """Tell whether the slice makes these tables itself."""
    text = "\n".join(one.text for one in part.statements)
    if ".create_all(" in text:
        return True
    made = {name.lower() for name in _CREATES.findall(text)}
    return {name.lower() for name in tables} <= made


def _is_mentioned(path: str, part: Slice) -> bool:
    return any(path in one.text for one in part.statements)
