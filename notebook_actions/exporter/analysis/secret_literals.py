"""No secret is ever written: literals that look like one become ``os.environ[...]``.

A literal is judged by the name it is given (``password=...``, ``API_KEY = ...``) or by its own form
(a known token prefix, a private key, a URL with a password).
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial

from notebook_actions.exporter.analysis.problems import Problem, problem
from notebook_actions.exporter.analysis.slice import Slice
from notebook_actions.exporter.analysis.statements import Statement

__all__ = ["looks_secret", "replace_secrets"]

_NAMED = re.compile(
    r"(?:^|_|(?<=[a-z]))(?:password|passwd|pwd|pw|passphrase|secret|secret_?key|credentials?)$",
    re.I,
)
_NAMED_TOKEN = re.compile(
    r"(?:^|_|(?<=[a-z]))(?:token|api_?key|access_?key|private_?key|auth_?key|signing_?key|"
    r"encryption_?key)$|^[A-Z0-9_]+_KEY$|(?<=[a-z])(?:Token|Key|Secret)$",
    re.I,
)
_FORM = re.compile(
    r"sk_(?:live|test)_\w{8}|\bsk-[\w-]{16}|\bgh[pousr]_\w{16}|\bgithub_pat_\w{16}|\bAKIA[0-9A-Z]{12}|"
    r"\bxox[abprs]-[\w-]{10}|\beyJ[\w-]{10,}\.[\w-]{10,}\.|-----BEGIN [A-Z ]*PRIVATE KEY|"
    r"\bAIza[\w-]{30}|\bhf_\w{20}|\bglpat-[\w-]{16}"
)
_URL_PASSWORD = re.compile(r"[a-z][a-z0-9+.-]*://[^\s:/@{}]*:([^\s/@{}]+)@", re.I)
_IN_TEXT = re.compile(
    r"\b(?:password|passwd|pwd|api_?key|secret|(?:access_)?token)=[^\s;&{}'\"<>]{4,}", re.I
)
_ENVIRON = re.compile(r"os\.environ\[(['\"])(\w+)\1\]\s*=")


def looks_secret(name: str | None, value: str) -> bool:
    """Tell whether a text, given to something of this name, looks like a secret."""
    if any(form.search(value) for form in (_FORM, _URL_PASSWORD, _IN_TEXT)):
        return True
    if name is None or not value or re.search(r"\s", value) or value.startswith(("/", "http")):
        return False
    plain = value.lower().strip("*<>.x")
    if not plain or plain in name.lower() or name.lower() in plain.replace("-", "_"):
        return False  # password_field = "password"; token = "<token>"
    if _NAMED.search(name):
        return len(value) >= 3
    if _NAMED_TOKEN.search(name):
        return len(value) >= 8 and bool(re.search(r"[\d_-]", value))
    return False


@dataclass(slots=True)
class _Rewriter:
    """Rewrites one text after the other, with one variable for each secret."""

    variables: dict[str, str] = field(default_factory=dict)  # the secret -> its variable

    def variable(self, secret: str, hint: str) -> str:
        """Return the environment variable of a secret."""
        if secret not in self.variables:
            stem = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", hint)
            stem = re.sub(r"\W+", "_", stem).strip("_").upper() or "SECRET"
            name, count = stem, 1
            while name in self.variables.values():
                count += 1
                name = f"{stem}_{count}"
            self.variables[secret] = name
        return self.variables[secret]

    def rewrite(self, text: str) -> tuple[str, list[str], str | None]:
        """Return the text without secrets, the variables it reads, and what could not be done."""
        try:
            tree = ast.parse(text)
        except SyntaxError:
            return text, [], None
        edits: list[tuple[ast.Constant, str]] = []
        used: list[str] = []
        unsafe: str | None = None
        for node, hint, is_safe in _literals(tree):
            value = node.value.decode("latin-1") if isinstance(node.value, bytes) else node.value
            if not isinstance(value, str):
                continue
            if value not in self.variables and not looks_secret(hint, value):
                continue
            if not is_safe:
                unsafe = f"in a longer text, for `{hint}`" if hint else "in a longer text"
                continue
            url = _URL_PASSWORD.search(value)
            variable = self.variable(value, hint or ("DATABASE_URL" if url else "SECRET"))
            used.append(variable)
            encode = ".encode()" if isinstance(node.value, bytes) else ""
            edits.append((node, f'os.environ["{variable}"]{encode}'))
        text = _edit(text, edits)
        text = self._without_secret_comments(text)
        if any(secret in text for secret in self.variables) and unsafe is None:
            unsafe = "in a longer text"
        return text, used, unsafe

    def _without_secret_comments(self, text: str) -> str:
        lines = text.split("\n")
        for row, column, comment in _comments(text):
            given = re.search(r"(\w+)['\"]?\s*[:=]\s*['\"]([^'\"]+)['\"]", comment)
            if (
                any(secret in comment for secret in self.variables)
                or _FORM.search(comment)
                or _URL_PASSWORD.search(comment)
                or (given and looks_secret(given[1], given[2]))
            ):
                lines[row - 1] = lines[row - 1][:column].rstrip()
        return "\n".join(lines)


def _comments(text: str) -> list[tuple[int, int, str]]:
    found = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                found.append((*token.start, token.string))
    except (tokenize.TokenError, SyntaxError):
        pass  # what was read until here still holds
    return found


def _edit(text: str, edits: list[tuple[ast.Constant, str]]) -> str:
    lines = text.encode().split(b"\n")
    for node, new in sorted(edits, key=lambda e: (e[0].lineno, e[0].col_offset), reverse=True):
        first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
        tail = lines[last][node.end_col_offset :]
        lines[first : last + 1] = [lines[first][: node.col_offset] + new.encode() + tail]
    return b"\n".join(lines).decode()


def _literals(tree: ast.AST) -> Iterator[tuple[ast.Constant, str | None, bool]]:
    """Yield the texts, the name that each is given to, and whether it may be replaced."""
    hints: dict[int, str | None] = {}
    unsafe: set[int] = set()

    def hint(node: ast.AST | None, name: str | None) -> None:
        if isinstance(node, ast.Constant | ast.JoinedStr | ast.BinOp) and name:
            hints.setdefault(id(node), name)

    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=targets, value=value):
                hint(value, _name(targets[-1]))
                _hint_dict(value, _name(targets[-1]), hint)
            case (
                ast.AnnAssign(target=target, value=value)
                | ast.NamedExpr(target=target, value=value)
            ):
                hint(value, _name(target))
                _hint_dict(value, _name(target), hint)
            case ast.keyword(arg=name, value=value):
                hint(value, name)
                _hint_dict(value, None, hint)
            case ast.Dict():
                _hint_dict(node, None, hint)
            case ast.Compare(left=left, comparators=[right]):
                hint(right, _name(left))
                hint(left, _name(right))
            case ast.Call(args=[ast.Constant(value=str(key)), value]):
                hint(value, key)  # os.getenv("API_KEY", "...")
            case ast.arguments():
                positional = [*node.posonlyargs, *node.args]
                for arg, default in zip(positional[::-1], node.defaults[::-1], strict=False):
                    hint(default, arg.arg)
                for arg, kw_default in zip(node.kwonlyargs, node.kw_defaults, strict=True):
                    hint(kw_default, arg.arg)
            case ast.JoinedStr() | ast.BinOp():
                parts = ast.walk(node)
                name = hints.get(id(node))
                for part in parts:
                    if isinstance(part, ast.Constant) and isinstance(node, ast.JoinedStr):
                        unsafe.add(id(part))
                        hint(part, name)
            case ast.pattern():
                unsafe |= {id(part) for part in ast.walk(node)}
            case ast.Expr(value=ast.Constant() as docstring):
                unsafe.add(id(docstring))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
            yield node, hints.get(id(node)), id(node) not in unsafe


def _hint_dict(node: ast.AST | None, owner: str | None, hint: object) -> None:
    if isinstance(node, ast.Dict) and callable(hint):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                # {"password": ...} of DB becomes DB_PASSWORD; the key alone tells if it is one
                name = f"{owner}_{key.value}" if owner and _NAMED.search(key.value) else key.value
                hint(value, name)


def _name(node: ast.expr) -> str | None:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Subscript(slice=ast.Constant(value=str(key))):
            return key
    return None


def replace_secrets(part: Slice) -> Slice:
    """Return the slice with its secret literals read from the environment.

    ``secrets`` of the result holds the environment variables that take their place, with the
    values; a secret that cannot be replaced is an error (E113).
    """
    rewriter = _Rewriter()
    found: list[Problem] = []
    statements: list[Statement] = []
    first_use: int | None = None
    prelude = []
    for line in part.prelude:
        text, used, _ = rewriter.rewrite(line)
        prelude.append(text)
        first_use = -1 if used else first_use
    # Twice: a value that one statement shows to be secret is secret in the others too.
    for one in part.statements:
        rewriter.rewrite(one.text)
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
    for module in part.modules:
        text, used, unsafe = rewriter.rewrite(module.text)
        if used or unsafe:
            found.append(problem("E113", name=module.name, detail=f"in {module.path}"))
    if first_use is not None and not any(
        one.index < first_use and ast.unparse(one.node) == "import os" for one in part.statements
    ):
        prelude.insert(0, "import os")
    by_name = ((name, secret) for secret, name in rewriter.variables.items())
    problems = tuple(sorted({*part.problems, *found}, key=lambda one: one.sort_key))
    return replace(
        part,
        statements=tuple(statements),
        problems=problems,
        prelude=tuple(prelude),
        secrets=dict(sorted(by_name)),
    )
