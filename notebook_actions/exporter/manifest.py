"""The manifest: what an export wrote, so that the next one can tell what its user has changed."""

from __future__ import annotations

import ast
import hashlib
import io
import json
import sys
import tokenize
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath

__all__ = ["MANIFEST", "Fingerprint", "Manifest", "fingerprint"]

#: The manifest's name in the app.
MANIFEST = ".notebook-actions.json"

#: Python's syntax trees differ between versions: those of two versions are not compared.
_PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What stays the same when a file's line endings change, or a formatter runs over it.

    Attributes
    ----------
    sha256 : str
        Of the content, each line ending in LF.
    code : str
        For Python code: of its syntax tree and comments; empty where it has none.
    """

    sha256: str
    code: str = ""

    def same(self, other: Fingerprint) -> bool:
        """Tell whether two files mean the same."""
        return self.sha256 == other.sha256 or bool(self.code and self.code == other.code)


def fingerprint(path: str, content: bytes) -> Fingerprint:
    """Return the fingerprint of a file."""
    plain = content.replace(b"\r\n", b"\n")
    code = _code(plain) if path.endswith((".py", ".py.new")) else ""
    return Fingerprint(_sha256(plain), f"{_PYTHON}:{code}" if code else "")


@lru_cache(256)  # the runtime's files are the same in every export, and the most of its time
def _code(content: bytes) -> str:
    try:
        tree = ast.dump(ast.parse(content))
        tokens = tokenize.tokenize(io.BytesIO(content).readline)
        comments = [token.string for token in tokens if token.type == tokenize.COMMENT]
    except (SyntaxError, ValueError, tokenize.TokenError):
        return ""
    return _sha256("\n".join([tree, *comments]).encode())


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@dataclass(frozen=True, slots=True)
class Manifest:
    """The files that an export wrote.

    Attributes
    ----------
    files : mapping of str to Fingerprint
        By path in the app, with forward slashes.
    """

    files: Mapping[str, Fingerprint]

    def content(self) -> bytes:
        """Return the manifest as it is written."""
        files = {
            path: {"sha256": one.sha256, **({"code": one.code} if one.code else {})}
            for path, one in sorted(self.files.items())
        }
        about = "Written by notebook-actions: how it tells which files you have edited."
        return (json.dumps({"about": about, "files": files}, indent=1) + "\n").encode()

    @classmethod
    def read(cls, folder: Path) -> Manifest | None:
        """Return the manifest of an app; None where there is none.

        Raises
        ------
        ValueError
            When it is not one of ours.
        """
        try:
            told = json.loads((folder / MANIFEST).read_text("utf-8"))
        except FileNotFoundError:
            return None
        try:
            files = {
                str(path): Fingerprint(str(one["sha256"]), str(one.get("code", "")))
                for path, one in told["files"].items()
            }
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError("not a manifest") from error
        # It may have been tampered with, and names files that are deleted.
        if any(not _lies_within(path) for path in files):
            raise ValueError("a path leads out of the app")
        return cls(files)


def _lies_within(path: str) -> bool:
    pure = PurePosixPath(path)
    return (
        not pure.is_absolute() and ".." not in pure.parts and "\\" not in path and ":" not in path
    )
