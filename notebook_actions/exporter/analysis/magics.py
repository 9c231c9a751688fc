"""A cell's text as plain Python: magics are dropped, or replaced by what they run.

IPython's own input transformer makes the syntax plain. What remains are calls of
``get_ipython()``; those whose meaning is known become that meaning, a statement whose value
comes from a magic is left for the slice to refuse, and line numbers stay as they were.
"""

from __future__ import annotations

import ast
import re
import shlex
from dataclasses import dataclass
from pathlib import PurePath

from IPython.core.inputtransformer2 import TransformerManager

__all__ = ["Plain", "magic_call", "make_plain", "module_name"]

# Magics that run their argument or body in the notebook's own namespace.
_RUNS_CODE = {"time", "prun", "capture", "snakeviz", "pyinstrument", "memray_flamegraph", "scalene"}
_CELL_MAGIC = re.compile(r"\s*%%(\w+)[ \t]*(.*)")
_ASSIGNS_OUTPUT = re.compile(r"--(?:out|err|proc)[ =](\w+)|^(\w+)\s*<<")


@dataclass(frozen=True, slots=True)
class Plain:
    """Plain Python text, and the files that its magics write and run."""

    source: str
    writes: tuple[tuple[str, str], ...] = ()
    runs: tuple[tuple[int, str], ...] = ()


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
            plain = _line_magics(transform(body))
        except SyntaxError:
            plain = Plain(body)
    return Plain(
        "\n" * leading + plain.source,
        plain.writes,
        tuple((line + leading, path) for line, path in plain.runs),
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
        runs = tuple((line + 1, path) for line, path in inner.runs)
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


def magic_call(node: ast.AST) -> str | None:
    """Return the magic that this call of ``get_ipython()`` runs, as text, or None."""
    match node:
        case ast.Call(
            func=ast.Attribute(
                value=ast.Call(func=ast.Name(id="get_ipython")),
                attr="run_line_magic" | "run_cell_magic" | "system" | "getoutput" as method,
            ),
            args=args,
        ):
            words = [str(arg.value) for arg in args if isinstance(arg, ast.Constant)]
            sign = {"run_line_magic": "%", "run_cell_magic": "%%"}.get(method, "!")
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
    runs: list[tuple[int, str]] = []
    for node in ast.walk(tree):
        match node:
            case ast.Expr(value=ast.Call() as call) if magic_call(call):
                name, argument = _line_magic(call)
                path = _run_path(argument) if name == "run" else ""
                if path and node in tree.body:
                    runs.append((call.lineno, path))
                    edits.append((call, f"from {module_name(path)} import *"))
                elif path:
                    pass  # the names that it would bind there are not known
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
    return Plain(b"\n".join(lines).decode(), (), tuple(sorted(runs)))


def _line_magic(call: ast.Call) -> tuple[str, str]:
    if not (isinstance(call.func, ast.Attribute) and call.func.attr == "run_line_magic"):
        return "", ""
    words = [str(arg.value) for arg in call.args if isinstance(arg, ast.Constant)]
    name, argument = [*words, "", ""][:2]
    while name in _RUNS_CODE and (option := re.match(r"--?[\w-]+\s+", argument)):
        argument = argument[option.end() :]
    return name, argument


def _run_path(argument: str) -> str:
    words = [word for word in _words(argument) if not word.startswith("-")]
    if not words:
        return ""
    return words[0] if PurePath(words[0]).suffix else words[0] + ".py"


def module_name(path: str) -> str:
    """Return the name of the module that a file run by ``%run`` becomes."""
    parts = PurePath(path.replace("\\", "/")).with_suffix("").parts
    dotted = [re.sub(r"\W", "_", part) for part in parts if part not in {".", "/"}]
    return ".".join("_" + part if part[:1].isdigit() else part for part in dotted)
