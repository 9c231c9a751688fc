"""Which literals of a text are given to which name, wherever the value passes on its way.

``password = "x"``, ``connect(password="x")``, ``{"password": "x"}``, ``("bob", "x")`` for ``auth``,
``os.getenv("PASSWORD", "x")``, ``SecretStr("x")``, ``form["password"] == "x"``: each gives "x" to a
password.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from notebook_actions.exporter.analysis.secret_forms import could_be_number, is_secret_name

__all__ = ["Literal", "Usage", "learned", "literals"]

# What hands a value on, or wraps it.
_WRAPPERS = {"str", "bytes", "bytearray", "SecretStr", "SecretBytes", "Secret", "Field", "field"}
_WRAPPERS |= {"Form", "Header", "Cookie", "Query", "quote", "quote_plus", "b64decode", "b64encode"}
_WRAPPERS |= {"fromhex", "urlsafe_b64decode", "getenv", "Setting", "Default"}
# get("PASSWORD", "x"): the value belongs to the text before it.
_KEYED = {"get", "getenv", "setdefault", "set", "put", "putenv", "setenv", "pop", "add_header"}
_KEYED |= {"setattr", "getattr", "header", "config", "option"}
# Functions of well-known libraries that take a secret by position.
_POSITIONS: Mapping[str, Mapping[int, str]] = {
    "login": {1: "password"},
    "authenticate": {1: "password"},
    "HTTPBasicAuth": {1: "password"},
    "HTTPDigestAuth": {1: "password"},
    "BasicAuth": {1: "password"},
    "jwt.encode": {1: "secret"},
    "jwt.decode": {1: "secret"},
    "hmac.new": {0: "secret"},
    "Fernet": {0: "secret"},
    "SecretStr": {0: "password"},
    "SecretBytes": {0: "password"},
    "Github": {0: "auth_token"},
    "URLSafeTimedSerializer": {0: "secret"},
    "URLSafeSerializer": {0: "secret"},
}
_AUTH = re.compile(r"(?:^|_)(?:auth|basic_auth|login|creds|credentials?)$", re.I)
_AFTER_SCHEME = re.compile(r"\b(?:Bearer|Basic|Token)\s+$|://[^/@\s]*:$", re.I)
_PLACES = re.compile(r"%s|\{[^{}]*\}")
_PASSWORD_PLACE = re.compile(
    r"://[^/@\s]*:(?=(?:%s|\{[^{}]*\})@)|\b(?:password|pwd)=(?=%s|\{)", re.I
)


@dataclass(frozen=True, slots=True)
class Literal:
    """A text in the source.

    Attributes
    ----------
    node
        Its expression.
    value
        The text, with ``{}`` for each part that is not known.
    name
        What it is given to, or None.
    place
        ``"whole"`` where another expression can take its place, ``"part"`` where it is one part of
        a longer text that cannot be taken out, ``"chain"`` for such a text as a whole.
    """

    node: ast.expr
    value: str
    name: str | None
    place: str


@dataclass(slots=True)
class Usage:
    """What is known of a notebook's names: which hold secrets, and what functions take.

    Attributes
    ----------
    secret
        Names that are used as a secret → as which, such as ``pw2`` of ``connect(password=pw2)``.
    parameters
        Functions and classes → their parameters.
    """

    secret: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, Sequence[str]] = field(default_factory=dict)

    def learn(self, tree: ast.AST) -> None:
        """Learn from a piece of source."""
        for node in ast.walk(tree):
            match node:
                case ast.FunctionDef() | ast.AsyncFunctionDef():
                    self.parameters[node.name] = _parameters(node)
                case ast.ClassDef():
                    self.parameters[node.name] = _fields(node)
        for name, part in _given(tree, self):
            holder = _holder(part)
            if holder is not None and is_secret_name(name):
                self.secret.setdefault(holder, name)


def _holder(node: ast.expr) -> str | None:
    """Return the name of what an expression is, or is taken from by a key that is not known."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Subscript(slice=ast.Constant(value=str())):
            return None  # form["password"] says nothing about the rest of the form
        case ast.Subscript(value=part):
            return _holder(part)
        case ast.Call(func=ast.Attribute(value=part, attr="get"), args=[key, *_]):
            return None if _key(key) is not None else _holder(part)
        case ast.Call(func=ast.Attribute(value=part, attr="items" | "values" | "encode")):
            return _holder(part)
    return None


def _parameters(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    return [arg.arg for arg in [*node.args.posonlyargs, *node.args.args]]


def _fields(node: ast.ClassDef) -> list[str]:
    for part in node.body:
        if isinstance(part, ast.FunctionDef) and part.name == "__init__":
            return _parameters(part)[1:]
    return [part.target.id for part in node.body
            if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name)]  # fmt: skip


def literals(tree: ast.AST, usage: Usage) -> Iterator[Literal]:
    """Yield the literals of a piece of source, each with the name that it is given to."""
    names: dict[int, str] = {}
    for name, part in _given(tree, usage):
        if id(part) not in names or (is_secret_name(name) and not is_secret_name(names[id(part)])):
            names[id(part)] = name
    fixed = _fixed(tree)
    done: set[int] = set()
    for node in ast.walk(tree):
        if id(node) in done or not isinstance(node, ast.expr):
            continue
        if isinstance(node, ast.JoinedStr) or _is_sum(node):
            pieces = list(_pieces(node))
            text = "".join("{}" if piece is None else piece for _, piece in pieces)
            known = all(piece is not None for _, piece in pieces)
            done.update(id(part) for part in ast.walk(node) if _is_sum(part))
            if known and isinstance(node, ast.BinOp):
                done.update(id(part) for part in ast.walk(node))
                yield Literal(node, text, names.get(id(node)), "whole")
                continue
            if any(piece for _, piece in pieces):
                yield Literal(node, text, None, "chain")
            if isinstance(node, ast.JoinedStr):
                done.update(id(part) for part in node.values)
                for part in node.values:
                    if isinstance(part, ast.Constant) and isinstance(part.value, str):
                        yield Literal(part, part.value, names.get(id(part)), "part")
        elif isinstance(node, ast.Constant):
            text_of = _text(node.value, names.get(id(node)))
            if text_of is not None:
                place = "part" if id(node) in fixed else "whole"
                yield Literal(node, text_of, names.get(id(node)), place)


def _text(value: object, name: str | None) -> str | None:
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if type(value) is int and value >= 1000 and could_be_number(name):
        return str(value)
    return value if isinstance(value, str) else None


def _fixed(tree: ast.AST) -> set[int]:
    """Return what must stay a literal: patterns, docstrings, annotations."""
    found: set[int] = set()
    for node in ast.walk(tree):
        match node:
            case ast.pattern():
                found |= {id(part) for part in ast.walk(node)}
            case ast.Expr(value=ast.Constant() as docstring):
                found.add(id(docstring))
            case ast.Subscript(value=ast.Name(id="Literal") | ast.Attribute(attr="Literal")):
                found |= {id(part) for part in ast.walk(node.slice)}
    return found


def _is_sum(node: ast.AST) -> bool:
    """Tell whether texts are added up."""
    return (
        isinstance(node, ast.BinOp)
        and isinstance(node.op, ast.Add)
        and any(
            isinstance(part, ast.JoinedStr) or _key(part) is not None for part in _operands(node)
        )
    )


def _operands(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        yield from _operands(node.left)
        yield from _operands(node.right)
    else:
        yield node


def _pieces(node: ast.expr) -> Iterator[tuple[ast.expr, str | None]]:
    """Yield the parts of a text that is put together, each with its text where it is known."""
    for part in _operands(node):
        if isinstance(part, ast.JoinedStr):
            for inner in part.values:
                known = isinstance(inner, ast.Constant)
                yield inner, str(inner.value) if known else None  # type: ignore[attr-defined]
        else:
            known = isinstance(part, ast.Constant) and isinstance(part.value, str)
            yield part, part.value if known else None  # type: ignore[attr-defined]


def _given(tree: ast.AST, usage: Usage) -> Iterator[tuple[str, ast.expr]]:
    """Yield (name, expression) for every value that is given to a name."""
    for node in ast.walk(tree):
        for name, value in _gifts(node, usage):
            if name is not None and value is not None:
                yield from _passed(name, value, usage)


def _gifts(node: ast.AST, usage: Usage) -> Iterator[tuple[str | None, ast.expr | None]]:
    match node:
        case ast.Assign(targets=targets, value=value):
            for target in targets:
                yield from _assigned(target, value)
        case (
            ast.AnnAssign(target=target, value=value)
            | ast.NamedExpr(target=target, value=value)
            | ast.AugAssign(target=target, value=value)
        ):
            yield _name(target), value
        case ast.keyword(arg=name, value=value):
            yield name, value
        case ast.Dict(keys=keys, values=values):
            yield from ((_key(key), value) for key, value in zip(keys, values, strict=True))
        case ast.Compare(left=left, comparators=[right]):
            for one in left.elts if isinstance(left, ast.Tuple) else [left]:
                yield _name(_bare(one)), right
            yield _name(_bare(right)), left
        case ast.For(target=target, iter=value) | ast.comprehension(target=target, iter=value):
            pair = target.elts if isinstance(target, ast.Tuple) else [target]
            yield _name(pair[-1]), ast.Subscript(value, ast.Constant(0), ast.Load())
        case ast.Match(subject=subject, cases=cases):
            for case in cases:
                for part in ast.walk(case.pattern):
                    if isinstance(part, ast.MatchValue):
                        yield _name(subject), part.value
        case ast.Tuple(elts=[key, value]) if is_secret_name(_key(key)) and _has_digit(value):
            yield _key(key), value
        case ast.arguments():
            positional = [*node.posonlyargs, *node.args]
            defaults = zip(positional[::-1], node.defaults[::-1], strict=False)
            yield from ((arg.arg, default) for arg, default in defaults)
            yield from ((arg.arg, one) for arg, one in zip(node.kwonlyargs, node.kw_defaults,
                                                           strict=True))  # fmt: skip
        case ast.FunctionDef(name=name, body=body) | ast.AsyncFunctionDef(name=name, body=body):
            for part in (inner for one in body for inner in ast.walk(one)):
                if isinstance(part, ast.Return):
                    yield name, part.value
        case ast.Call():
            yield from _arguments(node, usage)
        case ast.JoinedStr() | ast.BinOp(op=ast.Add()):
            before = ""
            for part, text in _pieces(node):
                if text is None and _AFTER_SCHEME.search(before):
                    inner = part.value if isinstance(part, ast.FormattedValue) else part
                    yield "password", inner
                before = text or ""
        case ast.BinOp(left=ast.Constant(value=str(text)), op=ast.Mod(), right=values):
            elements = values.elts if isinstance(values, ast.Tuple) else [values]
            yield from _placed(text, elements)


def _assigned(target: ast.expr, value: ast.expr) -> Iterator[tuple[str | None, ast.expr]]:
    match target, value:
        case (
            (ast.Tuple(elts=targets) | ast.List(elts=targets)),
            (ast.Tuple(elts=values) | ast.List(elts=values)),
        ):
            for one, its_value in zip(targets, values, strict=False):
                yield from _assigned(one, its_value)
        case _:
            yield _name(target), value


def _arguments(call: ast.Call, usage: Usage) -> Iterator[tuple[str | None, ast.expr]]:
    called = call.func.id if isinstance(call.func, ast.Name) else ""
    dotted = ""
    if isinstance(call.func, ast.Attribute):
        called = call.func.attr
        if isinstance(call.func.value, ast.Name):
            dotted = f"{call.func.value.id}.{called}"
        if called == "format" and isinstance(call.func.value, ast.Constant):
            yield from _placed(str(call.func.value.value), call.args)
    known = _POSITIONS.get(dotted) or _POSITIONS.get(called) or {}
    if known:
        yield from (
            ("secret", word.value) for word in call.keywords if word.arg in {"key", "secret"}
        )
    known = known or dict(enumerate(usage.parameters.get(called, ())))
    yield from ((known.get(place), one) for place, one in enumerate(call.args))
    if called in _KEYED and len(call.args) >= 2:
        yield _key(call.args[-2]), call.args[-1]
    if called == "compare_digest" and len(call.args) == 2:
        yield _name(_bare(call.args[0])), call.args[1]
        yield _name(_bare(call.args[1])), call.args[0]


def _placed(text: str, values: Sequence[ast.expr]) -> Iterator[tuple[str, ast.expr]]:
    """Yield the values that a template puts where a password stands."""
    starts = {match.end() for match in _PASSWORD_PLACE.finditer(text)}
    for place, value in zip(_PLACES.finditer(text), values, strict=False):
        if place.start() in starts:
            yield "password", value


def _passed(name: str, value: ast.expr, usage: Usage) -> Iterator[tuple[str, ast.expr]]:
    """Yield a value, and the parts of it that carry what it is given to."""
    yield name, value
    secret = usage.secret.get(name)
    if secret is not None and not is_secret_name(name):
        name = secret
        yield name, value
    parts: list[tuple[str, ast.expr]] = []
    match value:
        case ast.JoinedStr(values=values):
            parts = [(name, one) for one in values if isinstance(one, ast.Constant)]
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            parts = [(name, left), (name, right)]
        case ast.IfExp(body=one, orelse=other):
            parts = [(name, one), (name, other)]
        case ast.BoolOp(values=values):
            parts = [(name, one) for one in values]
        case ast.NamedExpr(value=one) | ast.Await(value=one) | ast.Starred(value=one):
            parts = [(name, one)]
        case ast.Lambda(body=one):
            parts = [(name, one)]
        case ast.Tuple(elts=[_, one]) if _AUTH.search(name):
            parts = [("password", one)]
        case ast.Tuple(elts=values) | ast.List(elts=values) | ast.Set(elts=values):
            parts = [(name, one) for one in map(_second, values)]
        case ast.Dict(keys=keys, values=values):
            # {"password": ...} of DB becomes DB_PASSWORD; the key alone tells if it is one
            pairs = zip(map(_key, keys), values, strict=True)
            for key, one in pairs:
                if is_secret_name(key):
                    parts.append((f"{name}_{key}", one))
                elif name == "cookies" and key is not None:
                    parts.append((f"{key}_cookie", one))
                elif is_secret_name(name):
                    parts.append((name if key is None else f"{key}_{name}", one))
        case ast.Call(func=ast.Attribute(value=ast.Constant() | ast.BinOp() as one)):
            parts = [(name, one)]  # "...".encode()
        case ast.Call(func=func, args=args, keywords=keywords) if _called(func) in _WRAPPERS:
            parts = [(name, one) for one in args]
            parts += [(name, word.value) for word in keywords if word.arg == "default"]
    for one_name, part in parts:
        yield from _passed(one_name, part, usage)


def _second(node: ast.expr) -> ast.expr:
    """Return the password of a pair with a name, or the expression itself."""
    match node:
        case ast.Tuple(elts=[ast.Constant(value=str()), ast.Constant(value=str()) as second]):
            return second
    return node


def _called(func: ast.expr) -> str:
    return _name(func) or ""


def _name(node: ast.expr | None) -> str | None:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Subscript(slice=ast.Constant(value=str(key))):
            return key
        case ast.Call(func=ast.Attribute(attr="get"), args=[ast.Constant(value=str(key)), *_]):
            return key
    return None


def _bare(node: ast.expr) -> ast.expr:
    """Return ``x`` of ``x.encode()`` and ``int(x)``."""
    match node:
        case ast.Call(func=ast.Name(id="int" | "str" | "bytes"), args=[inner, *_]):
            return inner
        case ast.Call(func=ast.Attribute(value=inner, attr="encode")):
            return inner
    return node


def _key(node: ast.expr | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _has_digit(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and bool(re.search(r"\d", str(node.value)))


def learned(trees: Iterable[ast.AST]) -> Usage:
    """Return what pieces of source tell about each other's names."""
    usage = Usage()
    pieces = list(trees)
    for _ in range(3):  # what a parameter or a local name hands on is seen the next time
        for tree in pieces:
            usage.learn(tree)
    return usage
