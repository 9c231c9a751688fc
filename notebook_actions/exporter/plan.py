"""The plan: every file of an app with its content, before anything is written."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from notebook_actions.errors import ExportError
from notebook_actions.exporter.analysis.problems import Problem, problem
from notebook_actions.exporter.analysis.secret_forms import is_distinctive
from notebook_actions.exporter.analysis.secret_literals import replace_secrets, without_secrets
from notebook_actions.exporter.analysis.slice import Slice
from notebook_actions.exporter.analysis.source import module_source
from notebook_actions.exporter.data import data_content
from notebook_actions.exporter.rehearse import Pages, rehearse
from notebook_actions.exporter.requirements import requirements
from notebook_actions.exporter.texts import (
    app_text,
    docker_text,
    ignore_text,
    module_text,
    readme_text,
    smoke_text,
)
from notebook_actions.exporter.vendor import RUNTIME, runtime_files, static_files

__all__ = ["Plan", "plan_app"]

#: Modules of the app that would hide the notebook's own while it is rehearsed.
_OWN_CODE = ("app.py", "actions.py", "test_app.py")


@dataclass(frozen=True, slots=True)
class Plan:
    """An app that is ready to be written.

    Attributes
    ----------
    files : mapping of str to bytes
        Path in the app, with forward slashes → content.
    part : Slice
        What it was made of, without its secrets.
    pages : Pages
        What it serves.
    problems : tuple of Problem
        Warnings.
    """

    files: Mapping[str, bytes]
    part: Slice
    pages: Pages
    problems: tuple[Problem, ...]


def plan_app(found: Slice, folder: Path, notebook: str | None) -> Plan:
    """Return the app that a slice gives.

    Parameters
    ----------
    found
        The slice, with the author's own text.
    folder
        The notebook's folder.
    notebook
        The notebook's file name, where it is known, for people who read the app.

    Raises
    ------
    ExportError
        With every problem, when one is an error.
    """
    part = replace_secrets(found)
    problems = list(part.problems)
    module = module_text(module_source(part), notebook)
    modules = {
        one.path: one.text.encode() for one in part.modules if one.name.split(".")[0] != RUNTIME
    }
    data, about_data = data_content(part, folder)
    needed = requirements(
        _trees(part, modules), {path.split("/")[0].removesuffix(".py") for path in modules}
    )
    problems += [*about_data, *needed.problems]
    problems += _taken([*modules, *data], _OWN_CODE)
    problems += _made_late(part)
    _stop_at_errors(problems)
    runtime = runtime_files()
    code = {"actions.py": module.encode(), **modules, **data, **runtime}
    try:
        pages = rehearse(code, part)
    except ExportError as error:
        # What the notebook's code says when it fails is not ours to word.
        secrets = part.secrets.values()
        told = (one for one in error.problems if isinstance(one, Problem))
        raise ExportError([without_secrets(one, secrets) for one in told]) from None
    texts = {
        "app.py": app_text(pages, startup=bool(part.startup)),
        "requirements.txt": "\n".join([*needed.lines, ""]),
        "test_app.py": smoke_text(pages, part.secrets.values()),
        "Dockerfile": docker_text(),
        ".dockerignore": ignore_text(),
        "README.md": readme_text(pages, notebook, part.secrets),
        **{
            f"templates/{name}": text
            for page in pages.shown
            for name, text in page.templates.items()
        },
    }
    if part.secrets:
        texts[".env.example"] = "".join(f"{name}=\n" for name in part.secrets)
    given = {**runtime, **static_files()}
    problems += _taken([*modules, *data], [*texts, *given])
    files = {**code, **{path: text.encode() for path, text in texts.items()}, **given}
    problems += _leaks(files, given, part.secrets.values())
    _stop_at_errors(problems)
    return Plan(dict(sorted(files.items())), part, pages, tuple(problems))


def _stop_at_errors(problems: Iterable[Problem]) -> None:
    listed = sorted(problems, key=lambda one: one.sort_key)
    if any(one.severity == "error" for one in listed):
        raise ExportError(listed)


def _taken(paths: Iterable[str], own: Iterable[str]) -> Iterator[Problem]:
    """Yield a problem for each path that is one of the app's own, on a disk without cases too."""
    taken = {path.casefold() for path in own}
    for path in paths:
        if path.casefold() in taken:
            yield problem("E316", detail=path)


def _made_late(part: Slice) -> Iterator[Problem]:
    """Yield a problem for each page that only the start-up makes."""
    roots = {root.name for root in part.roots}
    for one in part.statements:
        for name in sorted(one.names.binds & roots if one.index in part.startup else ()):
            yield problem("E315", cell=one.cell.number, line=one.line, name=name)


def _trees(part: Slice, modules: Mapping[str, bytes]) -> list[ast.AST]:
    trees: list[ast.AST] = [one.node for one in part.statements]
    for path, text in modules.items():
        try:
            trees.append(ast.parse(text, path))
        except (SyntaxError, ValueError):
            continue  # the rehearsal says so, if it is imported
    return trees


def _leaks(
    files: Mapping[str, bytes], given: Mapping[str, bytes], secrets: Iterable[str]
) -> Iterator[Problem]:
    """Yield a problem for each file that has a secret in it: a template with its value, say."""
    # An ordinary word may stand anywhere by chance, but not as the value of a control.
    values = [
        (secret if is_distinctive(secret) else f'value="{secret}"').encode() for secret in secrets
    ]
    for path, content in files.items():
        if path not in given and any(value in content for value in values):
            yield problem("E317", detail=path)
