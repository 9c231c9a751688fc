"""Small notebooks for the tests: slice them, and run the result beside a run of all cells."""

from __future__ import annotations
import __future__

import ast
import asyncio
import contextlib
import inspect
import io
import sqlite3
import textwrap
from pathlib import Path
from typing import Any

from notebook_actions.exporter.analysis.notebook import Cell, make_cell
from notebook_actions.exporter.analysis.slice import Slice, slice_statements
from notebook_actions.exporter.analysis.source import module_source

IMPORT = "from notebook_actions import ActionForm, Page, action, loader"


def cells_of(*texts: str) -> list[Cell]:
    """Return code cells of these texts, dedented."""
    return [make_cell(n, textwrap.dedent(text).strip("\n")) for n, text in enumerate(texts, 1)]


def slice_of(*texts: str, want: str | None = "wanted", **options: Any) -> Slice:
    """Slice a notebook for one name, or for its own roots where ``want`` is None."""
    return slice_statements(cells_of(*texts), None if want is None else [want], **options)


def exported(*texts: str, want: str | None = "wanted", **options: Any) -> str:
    """Return the module that a notebook exports; it must have no errors."""
    part = slice_of(*texts, want=want, **options)
    assert not part.errors, [str(one) for one in part.errors]
    return module_source(part)


def value_in(source: str, expression: str = "wanted") -> Any:
    """Run a module, with its start-up, and return the value of an expression in it."""

    async def run() -> Any:
        namespace: dict[str, Any] = {"__name__": "actions"}
        exec(compile(source, "actions.py", "exec", dont_inherit=True), namespace)
        if "startup" in namespace:
            await namespace["startup"]()
        return await _evaluated(expression, namespace)

    with contextlib.redirect_stdout(io.StringIO()):
        return asyncio.run(run())


def value_in_notebook(*texts: str, expression: str = "wanted") -> Any:
    """Run all cells and return the value of an expression, as the kernel would give it."""

    async def run() -> Any:
        namespace: dict[str, Any] = {"__name__": "__main__", "display": print}
        flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        for cell in cells_of(*texts):
            if "from __future__ import annotations" in cell.source:
                flags |= __future__.annotations.compiler_flag  # as in IPython, for all later cells
            code = compile(cell.source, "cell", "exec", flags=flags, dont_inherit=True)
            done = eval(code, namespace)
            if inspect.isawaitable(done):
                await done
        return await _evaluated(expression, namespace)

    with contextlib.redirect_stdout(io.StringIO()):
        return asyncio.run(run())


async def _evaluated(expression: str, namespace: dict[str, Any]) -> Any:
    value = eval(expression, namespace)
    value = await value if inspect.isawaitable(value) else value
    for other in namespace.values():
        if isinstance(other, sqlite3.Connection):
            other.close()
    return value


def assert_same(*texts: str, expression: str = "wanted", folder: Path | None = None) -> str:
    """Assert that the exported module gives the value that the notebook gives."""
    source = exported(*texts, folder=folder)
    assert value_in(source, expression) == value_in_notebook(*texts, expression=expression), source
    return source


def codes(part: Slice) -> list[str]:
    """Return the codes of all problems."""
    return [one.code for one in part.problems]
