"""A cell's text as plain Python: magics are dropped, or replaced by what they run.

IPython's own input transformer makes the syntax plain. What remains are calls of
``get_ipython()``; those whose meaning is known become that meaning, a statement whose value
comes from a magic is left for the slice to refuse, and line numbers stay as they were.
"""

from __future__ import annotations

import ast
import re
import shlex
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

from IPython.core.inputtransformer2 import TransformerManager

__all__ = ["Plain", "Run", "dropped_magics", "magic_call", "make_plain", "module_name"]

# Magics that run their argument or body in the notebook's own namespace.
_RUNS_CODE = {"time", "prun", "capture", "snakeviz", "pyinstrument", "memray_flamegraph", "scalene"}
# Line magics that bind the names that they are given.
_BINDS = {"store", "R", "Rpull", "Rget", "cache", "sql", "octave_pull", "px", "macro", "run"}
_PYLAB = (
    "import numpy; import numpy as np; import matplotlib; from matplotlib import pylab, mlab, "
    "pyplot; import matplotlib.pyplot as plt; from pylab import *; from numpy import *"
)
_CELL_MAGIC = re.compile(r"\s*%%(\w+)[ \t]*(.*)")
_ASSIGNS_OUTPUT = re.compile(r"--(?:out|err|proc)[ =](\w+)|^(\w+)\s*<<")


@dataclass(frozen=True, slots=True)
class Run:
    """A file that a cell runs by ``%run``.

    Attributes
    ----------
    line
        The line of the cell.
    path
        The file as the author wrote it, with its suffix.
    shares
        Whether it runs among the notebook's own names, as notebooks do, and ``%run -i``.
    is_main
        Whether ``__name__`` is ``"__main__"`` in it.
    arguments
        What it is given on its command line.
    """

    line: int
    path: str
    shares: bool = False
    is_main: bool = True
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plain:
    """Plain Python text, and the files that its magics write and run."""

    source: str
    writes: tuple[tuple[str, str], ...] = ()
    runs: tuple[Run, ...] = ()


def make_plain(source: str) -> Plain:
    """Return the cell as plain Python with the same line numbers.

    A text that cannot be made plain is returned as it is; it then fails to parse.
    """
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    blank = len(source) - len(source.lstrip("\n \t"))
    leading = source[:blank].count("\n")
    body = source.split("\n", leading)[leading] if leading else source
    cell_magic = _CELL_MAGIC.match(body.partition("\n")[0])
    if cell_magic:
        plain = _cell_magic(cell_magic[1], cell_magic[2].strip(), body.partition("\n")[2])
    else:
        try:
            transform = TransformerManager().transform_cell  # type: ignore[no-untyped-call]
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # about unusual line ends
                plain = _line_magics(transform(body))
        except SyntaxError:
            plain = Plain(body)
    return Plain(
        "\n" * leading + plain.source,
        plain.writes,
        tuple(replace(run, line=run.line + leading) for run in plain.runs),
    )


def _cell_magic(name: str, argument: str, body: str) -> Plain:
    first = ""
    if name == "capture":
        targets = [word for word in argument.split() if word.isidentifier()]
        first = f"{targets[0]} = {_call('run_cell_magic', name)}" if targets else ""
    elif found := _ASSIGNS_OUTPUT.search(argument):
        first = f"{found[1] or found[2]} = {_call('run_cell_magic', name)}"
    if name in _RUNS_CODE:
        inner = make_plain(body)
        runs = tuple(replace(run, line=run.line + 1) for run in inner.runs)
        return Plain(f"{first}\n{inner.source}", inner.writes, runs)
    if name in {"writefile", "file"}:
        words = _words(argument)
        path = next((word for word in words if not word.startswith("-")), "")
        appended = any(word in {"-a", "--append"} for word in words)
        body += "" if body.endswith("\n") else "\n"
        return Plain("", ((("+" if appended else "") + path, body),) if path else ())
    return Plain(first)


def _call(method: str, name: str) -> str:
    return f"get_ipython().{method}({name!r})"


def _words(argument: str) -> list[str]:
    try:
        return shlex.split(argument)
    except ValueError:
        return argument.split()


def dropped_magics(source: str) -> Iterator[tuple[str, str]]:
    """Yield the magics of a cell that may bind names in a way that is not followed.

    Each with what it is given: a cell magic with the whole cell, a line magic with its line.
    """
    lines = source.strip().split("\n")
    if (cell_magic := _CELL_MAGIC.match(lines[0])) is not None:
        if cell_magic[1] not in {*_RUNS_CODE, "writefile", "file"}:
            yield f"%%{cell_magic[1]}", "\n".join([cell_magic[2], *lines[1:]])
        return
    for line in lines:
        match = re.match(r"\s*%(\w+)\s+(.*)", line)
        if match is not None and match[1] in _BINDS:
            yield f"%{match[1]}", match[2]


def magic_call(node: ast.AST) -> str | None:
    """Return the magic that this call of ``get_ipython()`` runs, as text, or None."""
    match node:
        case ast.Call(
            func=ast.Attribute(
                value=ast.Call(func=ast.Name(id="get_ipython")),
                attr="run_line_magic"
                | "run_cell_magic"
                | "magic"
                | "system"
                | "getoutput" as method,
            ),
            args=args,
        ):
            words = [str(arg.value) for arg in args if isinstance(arg, ast.Constant)]
            sign = {"run_line_magic": "%", "magic": "%", "run_cell_magic": "%%"}.get(method, "!")
            return sign + " ".join(word.strip() for word in words if word.strip())
    return None


def _line_magics(source: str) -> Plain:
    """Replace the calls of line magics by what they run."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return Plain(source)
    in_function = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for part in ast.walk(node)
    }
    edits: list[tuple[ast.expr, str]] = []
    runs: list[Run] = []
    for node in ast.walk(tree):
        match node:
            case ast.Expr(value=ast.Call() as call) if magic_call(call):
                name, argument = _line_magic(call)
                run = _run(argument, call.lineno) if name == "run" else None
                if run is not None and node in tree.body:
                    runs.append(run)
                    edits.append((call, f"from {module_name(run.path)} import *"))
                elif run is not None:
                    pass  # the names that it would bind there are not known
                elif (plain := _process_magic(name, argument)) is not None:
                    edits.append((call, plain))
                elif name in _RUNS_CODE and argument:
                    edits.append((call, make_plain(argument).source.strip() or "pass"))
                elif id(node) not in in_function:  # there it is left, and refused if needed
                    edits.append((call, "pass"))
            case ast.Assign(value=ast.Call() as call) if magic_call(call):
                name, argument = _line_magic(call)
                if name in _RUNS_CODE and argument:
                    edits.append((call, f"({argument})"))
    if not edits:
        return Plain(source)
    lines = source.encode().split(b"\n")
    for expression, text in sorted(edits, key=lambda edit: edit[0].lineno, reverse=True):
        row, end = expression.lineno - 1, (expression.end_lineno or expression.lineno) - 1
        tail = lines[end][expression.end_col_offset :]
        lines[row : end + 1] = [lines[row][: expression.col_offset] + text.encode() + tail]
    return Plain(b"\n".join(lines).decode(), (), tuple(sorted(runs, key=lambda run: run.line)))


def _line_magic(call: ast.Call) -> tuple[str, str]:
    method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    if method not in {"run_line_magic", "magic"}:
        return "", ""
    words = [str(arg.value) for arg in call.args if isinstance(arg, ast.Constant)]
    if method == "magic" and words:  # as old notebooks write it
        words = list(words[0].partition(" ")[::2])
    name, argument = [*words, "", ""][:2]
    while name in _RUNS_CODE and (option := re.match(r"--?[\w-]+\s+", argument)):
        argument = argument[option.end() :]
    return name, argument


def _process_magic(name: str, argument: str) -> str | None:
    """Return what a magic does to the environment or the working folder, as Python."""
    if name in {"env", "set_env"}:
        match = re.match(r"(\w+)\s*(?:=|\s)\s*(.+)", argument.strip())
        if match is None:
            return None  # it shows a variable
        text = re.sub(r"\$(\w+)", r"{\1}", match[2])
        prefix = "f" if "{" in text else ""
        return f"import os; os.environ[{match[1]!r}] = {prefix}{text!r}"
    if name in {"cd", "pushd"}:
        words = [word for word in _words(argument) if not word.startswith("-")]
        return f"import os; os.chdir({words[0]!r})" if words else None
    if name == "pylab":
        return _PYLAB
    return None


def _run(argument: str, line: int) -> Run | None:
    words = _words(argument)
    options = [word for word in words[: _first_path(words)] if word.startswith("-")]
    rest = words[len(options) :]
    if not rest:
        return None
    path = rest[0] if PurePath(rest[0]).suffix else rest[0] + ".py"
    shares = path.endswith(".ipynb") or "-i" in options
    return Run(line, path, shares, "-n" not in options, tuple(rest[1:]))


def _first_path(words: Sequence[str]) -> int:
    return next((n for n, word in enumerate(words) if not word.startswith("-")), len(words))


def module_name(path: str) -> str:
    """Return the name of the module that a file run by ``%run`` becomes."""
    parts = PurePath(path.replace("\\", "/")).with_suffix("").parts
    dotted = [re.sub(r"\W", "_", part) for part in parts if part not in {".", "/"}]
    return ".".join("_" + part if part[:1].isdigit() else part for part in dotted)
