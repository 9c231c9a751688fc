"""No secret is ever written: literals that look like one become ``os.environ[...]``.

What looks like one is told by ``secret_forms``, what each is given to by ``secret_uses``.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial

from notebook_actions.exporter.analysis.problems import Problem, problem
from notebook_actions.exporter.analysis.secret_forms import (
    has_secret_form,
    is_distinctive,
    is_secret_name,
    looks_secret,
    redacted,
    without_secret,
)
from notebook_actions.exporter.analysis.secret_uses import Literal, Usage, learned, literals
from notebook_actions.exporter.analysis.slice import Slice
from notebook_actions.exporter.analysis.statements import Statement

__all__ = ["replace_secrets", "without_secrets"]

_ENVIRON = re.compile(r"(?:\w+\.)*environ(?:\[|\.setdefault\()(['\"])(\w+)\1(?:\]\s*=|,)")


@dataclass(slots=True)
class _Rewriter:
    """Rewrites one text after the other, with one variable for each secret."""

    usage: Usage
    variables: dict[str, str] = field(default_factory=dict)  # the secret -> its variable
    used: set[str] = field(default_factory=set)  # variables that a rewritten text reads

    def variable(self, secret: str, hint: str) -> str:
        """Return the environment variable of a secret."""
        if secret not in self.variables:
            stem = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", hint)
            stem = re.sub(r"[^A-Za-z0-9_]+", "_", stem).strip("_").upper() or "SECRET"
            stem = f"_{stem}" if stem[0].isdigit() else stem
            name, count = stem, 1
            while name in self.variables.values():
                count += 1
                name = f"{stem}_{count}"
            self.variables[secret] = name
        return self.variables[secret]

    def _is_secret(self, literal: Literal) -> bool:
        value = literal.value
        if value in self.variables and is_distinctive(value):
            return True
        if literal.place == "part" and not re.search(r"\d", value):
            return has_secret_form(value)  # f"session_token_{n}" is put together for something else
        return looks_secret(literal.name, value)

    def rewrite(self, text: str) -> tuple[str, list[str], str | None]:
        """Return the text without secrets, the variables it reads, and what could not be done."""
        try:
            tree = ast.parse(text)
        except (SyntaxError, ValueError):
            unsafe = has_secret_form(text) or self._holds_known(text)
            return text, [], "in a text that is not Python" if unsafe else None
        edits: list[tuple[ast.expr, str]] = []
        used: list[str] = []
        unsafe_names: list[str] = []
        for literal in literals(tree, self.usage):
            if not self._is_secret(literal):
                continue
            if literal.place != "whole" or not _is_one_value(literal):
                if literal.place != "chain" or not edits:
                    unsafe_names.append(f"in a longer text, for `{literal.name}`"
                                        if literal.name else "in a longer text")  # fmt: skip
                continue
            if not _fits_environment(literal):
                unsafe_names.append("in bytes that are no text")
                continue
            is_url = "://" in literal.value
            variable = self.variable(
                literal.value, literal.name or ("DATABASE_URL" if is_url else "SECRET")
            )
            used.append(variable)
            edits.append((literal.node, _reading(literal.node, variable)))
        text = self._without_secret_comments(_edit(text, edits))
        if not unsafe_names and self._holds_known(text):
            unsafe_names.append("in a longer text")
        self.used.update(used)
        return text, used, unsafe_names[0] if unsafe_names else None

    def _holds_known(self, text: str) -> bool:
        return any(is_distinctive(secret) and secret in text for secret in self.variables)

    def _without_secret_comments(self, text: str) -> str:
        lines = text.split("\n")
        for row, column, comment in _comments(text):
            if not without_secret(comment, self.variables):
                lines[row - 1] = lines[row - 1][:column].rstrip()
        return "\n".join(lines)


def _is_one_value(literal: Literal) -> bool:
    """Tell whether a text is nothing but what an environment variable would hold."""
    value = literal.value
    if "PRIVATE KEY" in value:
        return True
    blank = r"[^\S\n]|<" if is_secret_name(literal.name) and "\n" in value else r"[\n<]"
    return not re.search(blank, value)


def _fits_environment(literal: Literal) -> bool:
    """Tell whether an environment variable can hold a value, so that it comes back the same."""
    is_bytes = isinstance(literal.node, ast.Constant) and isinstance(literal.node.value, bytes)
    return "\0" not in literal.value and (not is_bytes or literal.value.isascii())


def _reading(node: ast.expr, variable: str) -> str:
    """Return the expression that reads a variable in place of a literal of the same type."""
    read = f'os.environ["{variable}"]'
    match node:
        case ast.Constant(value=bytes()):
            return f"{read}.encode()"
        case ast.Constant(value=int()):
            return f"int({read})"
    return read


def _comments(text: str) -> list[tuple[int, int, str]]:
    found = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                found.append((*token.start, token.string))
    except (tokenize.TokenError, SyntaxError):
        pass  # what was read until here still holds
    return found


def _edit(text: str, edits: list[tuple[ast.expr, str]]) -> str:
    lines = text.encode().split(b"\n")
    for node, new in sorted(edits, key=lambda e: (e[0].lineno, e[0].col_offset), reverse=True):
        first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
        tail = lines[last][node.end_col_offset :]
        lines[first : last + 1] = [lines[first][: node.col_offset] + new.encode() + tail]
    return b"\n".join(lines).decode()


def without_secrets(one: Problem, secrets: Iterable[str] = ()) -> Problem:
    """Return a problem without the secrets of the notebook in its words."""
    known = list(secrets)
    message, remedy = redacted(one.message, known), redacted(one.remedy, known)
    name = None if one.name is None else redacted(one.name, known)
    why = tuple(redacted(name, known) for name in one.why)
    return replace(one, message=message, remedy=remedy, name=name, why=why)


def replace_secrets(part: Slice) -> Slice:
    """Return the slice with its secret literals read from the environment.

    ``secrets`` of the result holds the environment variables that take their place, with the
    values; a secret that cannot be replaced is an error (E113).
    """
    rewriter = _Rewriter(learned(_trees(part)))
    found: list[Problem] = []
    statements: list[Statement] = []
    first_use: int | None = None
    # First all of the notebook: a value that one statement shows to be secret is so in the others.
    for text in [*(one.text for one in part.notebook), *(one.text for one in part.modules)]:
        rewriter.rewrite(text)
    rewriter.used.clear()
    prelude = []
    for line in part.prelude:
        text, used, _ = rewriter.rewrite(line)
        prelude.append(text)
        first_use = -1 if used else first_use
    for one in part.statements:
        text, used, unsafe = rewriter.rewrite(one.text)
        here = partial(problem, cell=one.cell.number, line=one.line)
        why = part.why.get(one.index, ())
        if unsafe is not None:
            found.append(here("E113", name=one.title, why=why, detail=unsafe))
        for variable in dict.fromkeys(used):
            found.append(here("W203", name=variable, why=why))
        set_by_hand = _ENVIRON.match(text)
        if set_by_hand and used == [set_by_hand[2]]:
            # os.environ["KEY"] = "...": the environment has it already
            statements.append(replace(one, text=f"# {used[0]} comes from the environment"))
            continue
        if used and first_use is None:
            first_use = one.index
        statements.append(one if text == one.text else replace(one, text=text))
    modules = []
    for module in part.modules:
        text, used, unsafe = rewriter.rewrite(module.text)
        if unsafe:
            found.append(problem("E113", name=module.name, detail=f"in {module.path}"))
        for variable in dict.fromkeys(used):
            found.append(problem("W203", name=variable))
        modules.append(replace(module, text=_with_import(text) if used else text))
    if first_use is not None and not any(
        one.index < first_use and ast.unparse(one.node) == "import os" for one in part.statements
    ):
        prelude.insert(0, "import os")
    problems = {without_secrets(one, rewriter.variables) for one in [*part.problems, *found]}
    by_name = ((name, secret) for secret, name in rewriter.variables.items())
    return replace(
        part,
        statements=tuple(statements),
        modules=tuple(modules),
        problems=tuple(sorted(problems, key=lambda one: one.sort_key)),
        prelude=tuple(prelude),
        secrets={name: secret for name, secret in sorted(by_name) if name in rewriter.used},
    )


def _trees(part: Slice) -> Iterator[ast.AST]:
    yield from (one.node for one in part.notebook)
    for module in part.modules:
        try:
            yield ast.parse(module.text)
        except (SyntaxError, ValueError):
            continue  # looked through as a plain text


def _with_import(text: str) -> str:
    """Return a module that has ``os``, from where its own statements begin."""
    body = ast.parse(text).body
    after = 0
    for node in body:
        is_docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        is_future = isinstance(node, ast.ImportFrom) and node.module == "__future__"
        if not (is_docstring or is_future):
            break
        after = node.end_lineno or 0
    lines = text.split("\n")
    return "\n".join([*lines[:after], "import os", *lines[after:]])
