"""The distributions that an app needs: from what its code imports to lines of requirements.txt."""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import metadata, util
from pathlib import Path
from urllib.parse import unquote, urlsplit

from notebook_actions.exporter.analysis.modules import imported_by_call
from notebook_actions.exporter.analysis.problems import Problem, problem
from notebook_actions.exporter.distributions import (
    DEFAULT_DRIVER,
    DEFAULT_DRIVERS,
    DRIVER,
    DRIVERS,
    EXTRAS,
    KNOWN,
    MODULES,
    ON_CALL,
)
from notebook_actions.exporter.vendor import RUNTIME

__all__ = ["Requirements", "requirements"]

#: What the runtime itself imports.
_RUNTIME_NEEDS = ("multipart", "pydantic", "tornado")

_OPTIONAL_ERRORS = frozenset({"ImportError", "ModuleNotFoundError", "Exception"})


@dataclass(frozen=True, slots=True)
class Requirements:
    """What has to be installed for an app.

    Attributes
    ----------
    lines : tuple of str
        Of requirements.txt, such as ``"tornado==6.6.1"``.
    problems : tuple of Problem
        Warnings: what is not installed here, or only from a folder.
    """

    lines: tuple[str, ...]
    problems: tuple[Problem, ...]


def requirements(trees: Iterable[ast.AST], local: Iterable[str] = ()) -> Requirements:
    """Return what the code of an app needs beside the standard library.

    Parameters
    ----------
    trees : iterable of ast.AST
        The app's code.
    local : iterable of str
        Top-level names of the modules that lie in the app.
    """
    own = {RUNTIME, "__future__", "__main__", *local, *sys.stdlib_module_names}
    wanted = {name: metadata.version(name) for name in _RUNTIME_NEEDS}
    problems: dict[str, Problem] = {}
    imported = _imports(trees)
    for module, is_optional in imported.items():
        top = module.partition(".")[0]
        if top in own:
            continue
        distribution = _distribution(module)
        if distribution is not None:
            wanted[distribution] = metadata.version(distribution)
            if _folder_of(distribution) is not None:
                problems[top] = problem("W302", name=top)
        elif is_optional and not _is_there(top):
            continue
        elif (known := _known(module)) is not None:
            wanted.setdefault(known, "")
            problems.setdefault(known, problem("W220", name=top, detail=known))
        elif top not in problems:
            wanted.setdefault(top, "")
            problems[top] = problem("W301", name=top)
    for module, (name, extra) in EXTRAS.items():
        if any(f"{one}.".startswith(f"{module}.") for one in imported):
            distribution = next((one for one in wanted if _normal(one) == name), name)
            wanted[f"{distribution}[{extra}]"] = wanted.pop(distribution, "")
    lines = {_normal(name): _pinned(name, version) for name, version in wanted.items()}
    return Requirements(tuple(line for _, line in sorted(lines.items())), tuple(problems.values()))


def _known(module: str) -> str | None:
    """Return the distribution of a module that is not installed, where its name is well known."""
    parts = module.split(".")
    names = (".".join(parts[:count]) for count in range(len(parts), 0, -1))
    return next((KNOWN[name] for name in names if name in KNOWN), None)


def _is_there(top: str) -> bool:
    try:
        return util.find_spec(top) is not None
    except (ImportError, ValueError):
        return False


def _pinned(name: str, version: str) -> str:
    # "2.3.0+cu121" is a build that the package index does not have.
    public = version.partition("+")[0]
    return f"{name}=={public}" if public else name


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _imports(trees: Iterable[ast.AST]) -> dict[str, bool]:
    """Return the modules that are imported, each with whether the code can do without it."""
    found: dict[str, bool] = {}
    for tree in trees:
        for module, is_optional in _within(tree, False):
            found[module] = found.get(module, True) and is_optional
        for name in _implied(tree, {module.partition(".")[0] for module in found}):
            found.setdefault(name, name not in DRIVERS)
    return found


def _within(node: ast.AST, optional: bool) -> Iterator[tuple[str, bool]]:
    match node:
        case ast.Import(names=names):
            yield from ((alias.name, optional) for alias in names)
        case ast.ImportFrom(module=str(module), level=0, names=names):
            # What is imported may be a module of its own, which tells namespace packages apart.
            yield from ((f"{module}.{alias.name}", optional) for alias in names)
        case ast.Call() if (name := imported_by_call(node)) and not name.startswith("."):
            yield name, optional
        case ast.Try(body=body, handlers=handlers):
            caught = optional or any(_catches_import(handler) for handler in handlers)
            for tried in body:
                yield from _within(tried, caught)
            for other in [*handlers, *node.orelse, *node.finalbody]:
                yield from _within(other, optional)
        case ast.If(test=ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING")):
            for other in node.orelse:
                yield from _within(other, optional)
        case _:
            for child in ast.iter_child_nodes(node):
                yield from _within(child, optional)


def _catches_import(handler: ast.ExceptHandler) -> bool:
    names = [] if handler.type is None else ast.walk(handler.type)
    caught = {name.id for name in names if isinstance(name, ast.Name)}
    return handler.type is None or bool(caught & _OPTIONAL_ERRORS)


def _implied(tree: ast.AST, imported: set[str]) -> Iterator[str]:
    """Yield modules that no import names: drivers in URLs, and what a called function needs."""
    calls = {name: need for top in imported for name, need in ON_CALL.get(top, {}).items()}
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(text)):
                yield from (MODULES.get(name, name) for name in DRIVER.findall(text))
                if "sqlalchemy" in imported or "sqlmodel" in imported:
                    yield from (DEFAULT_DRIVERS[one] for one in DEFAULT_DRIVER.findall(text))
            case ast.Attribute(attr=name) | ast.alias(name=name) if name in calls:
                yield calls[name]


@cache
def _distributions() -> Mapping[str, list[str]]:
    return metadata.packages_distributions()


def _distribution(module: str) -> str | None:
    """Return the name of the distribution that provides a module, None when there is none."""
    top = module.partition(".")[0]
    names = list(dict.fromkeys(_distributions().get(top, ())))
    if len(names) > 1:
        # A namespace package such as "google": which one has the files of this module?
        names = _owners(module, names) or names
    if not names:
        names = [one for one in (_editable(top),) if one is not None]
    return names[0] if names else None


def _owners(module: str, names: list[str]) -> list[str]:
    """Return the distributions that have the longest part of the module's path."""
    parts = module.split(".")
    for count in range(len(parts), 1, -1):
        stem = "/".join(parts[:count])
        owners = [
            name
            for name in names
            if any(
                str(file).replace("\\", "/").startswith((f"{stem}/", f"{stem}."))
                for file in metadata.files(name) or ()
            )
        ]
        if owners:
            return owners
    return []


def _editable(top: str) -> str | None:
    """Return the distribution whose folder, installed in place, has this module."""
    try:
        spec = util.find_spec(top)
    except (ImportError, ValueError):
        return None
    places = [] if spec is None else [spec.origin, *(spec.submodule_search_locations or ())]
    files = [Path(place).resolve() for place in places if place]
    for distribution in metadata.distributions():
        folder = _folder_of(distribution.name)
        if folder is not None and any(file.is_relative_to(folder) for file in files):
            return distribution.name
    return None


@cache
def _folder_of(distribution: str) -> Path | None:
    """Return the folder that a distribution was installed from, None when it came from an index."""
    try:
        told = json.loads(metadata.distribution(distribution).read_text("direct_url.json") or "{}")
    except (metadata.PackageNotFoundError, ValueError):
        return None
    if "dir_info" not in told:
        return None
    return Path(unquote(urlsplit(told["url"]).path)).resolve()
