"""Names that stand in strings: annotations, queries, formulas, models that name each other.

A name found here is only a hint. It is followed where the notebook binds it, and is never an error
where it does not.
"""

from __future__ import annotations

import ast
import re

from notebook_actions.exporter.analysis.expressions import arguments

__all__ = [
    "dynamic_lookup",
    "is_module",
    "is_namespace",
    "looks_names_up",
    "names_in_annotation",
    "names_in_arguments",
    "names_in_query",
    "names_in_subscript",
    "parsed",
    "words_in_strings",
]

_AT_NAME = re.compile(r"@([^\W\d]\w*)")  # df.query("a > @LIMIT")
_SQL_TABLE = re.compile(r"\b(?:from|join)\s+([^\W\d]\w*)", re.IGNORECASE)  # duckdb reads variables
_DOTTED = re.compile(r"([^\W\d]\w*)(?:\.[^\W\d]\w*)*\Z")  # relationship("Course.id")
_NAMESPACES = {"globals", "locals", "vars"}


def names_in_annotation(text: str) -> set[str]:
    """Return the names that an annotation written as a string mentions."""
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError):
        return set()
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value != text:
            found |= names_in_annotation(node.value)
    return found


def names_in_query(text: str) -> set[str]:
    """Return the names in a text such as ``"a > @LIMIT"``."""
    return set(_AT_NAME.findall(text))


def names_in_arguments(call: ast.Call) -> set[str]:
    """Return the names that the string arguments of a call may look up.

    ``eval("price(2)")``, ``globals().get("price")``,
    ``ols("y ~ scale(x)")``, ``duckdb.sql("select * from df")``, ``relationship("Course")``.
    """
    found: set[str] = set()
    evaluates = isinstance(call.func, ast.Name) and call.func.id in {"eval", "exec"}
    for argument in arguments(call):
        for node in ast.walk(argument):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                text = node.value
                found.update(_SQL_TABLE.findall(text))
                if evaluates:
                    found |= _names_in_code(text)
                elif "~" in text:
                    found |= set(re.findall(r"[^\W\d]\w*", text))
                elif (dotted := _DOTTED.match(text)) and dotted[1][:1].isupper():
                    found.add(dotted[1])
    if any(word.arg is None and is_namespace(word.value) for word in call.keywords):
        for node in ast.walk(call):  # "{price}".format(**globals())
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.update(re.findall(r"\{([^\W\d]\w*)", node.value))
    if isinstance(call.func, ast.Attribute) and is_namespace(call.func.value):
        found |= {arg.value for arg in call.args[:1] if _is_text(arg)}  # type: ignore[attr-defined]
    return found


def parsed(text: str) -> list[ast.stmt]:
    """Return the statements of a text; none where it is not Python."""
    try:
        return ast.parse(text).body
    except (SyntaxError, ValueError):
        return []


def _names_in_code(text: str) -> set[str]:
    return {
        node.id
        for statement in parsed(text)
        for node in ast.walk(statement)
        if isinstance(node, ast.Name)
    }


def looks_names_up(node: ast.AST) -> bool:
    """Tell whether this expression looks names up that may stand in strings anywhere."""
    match node:
        case ast.Call(func=ast.Attribute(attr="eval")):
            return True
        case ast.expr():
            return dynamic_lookup(node) or is_namespace(node)
    return False


def words_in_strings(node: ast.AST) -> set[str]:
    """Return all words of the strings of a statement, each of which may be a name."""
    return {
        word
        for part in ast.walk(node)
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
        for word in re.findall(r"[^\W\d]\w*", part.value)
    }


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def is_namespace(node: ast.expr) -> bool:
    """Tell whether an expression is ``globals()``, or what is the same at the top level."""
    match node:
        case ast.Attribute(attr="__globals__" | "f_globals" | "user_ns" | "user_global_ns"):
            return True
        case ast.Attribute(value=part, attr="__dict__"):
            return is_module(part)
        case ast.Call(func=ast.Name(id="vars"), args=[part]):
            return is_module(part)
        case ast.Subscript():
            return is_module(node)
        case ast.Call(func=ast.Name(id=name), args=[], keywords=[]):
            return name in _NAMESPACES
    return False


def is_module(node: ast.AST) -> bool:
    """Tell whether an expression is the module of the notebook: ``sys.modules[__name__]``."""
    match node:
        case ast.Subscript(
            value=ast.Attribute(attr="modules") | ast.Name(id="modules"),
            slice=ast.Name(id="__name__") | ast.Constant(value="__main__"),
        ):
            return True
    return False


def dynamic_lookup(node: ast.AST) -> bool:
    """Tell whether this expression looks names up while it runs: ``eval(...)``, ``globals()``."""
    match node:
        case ast.Call(func=ast.Name(id="eval" | "exec")):
            return True
        case ast.Call(func=ast.Name(id="globals"), args=[], keywords=[]):
            return True
        case ast.Call(func=ast.Name(id="dir"), args=[], keywords=[]):
            return True
        case ast.Attribute(attr="__globals__" | "f_globals" | "user_ns"):
            return True
    return is_module(node)


def names_in_subscript(node: ast.Subscript) -> set[str]:
    """Return the name that ``globals()["price"]`` looks up, or those of ``Union[int, "Json"]``."""
    if is_namespace(node.value):
        return {node.slice.value} if _is_text(node.slice) else set()  # type: ignore[attr-defined]
    base = node.value.attr if isinstance(node.value, ast.Attribute) else None
    if isinstance(node.value, ast.Name):
        base = node.value.id
    if base is None or not (base in {"list", "dict", "set", "tuple", "type"} or _is_camel(base)):
        return set()
    found: set[str] = set()
    for part in ast.walk(node.slice):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            found |= names_in_annotation(part.value)
    return found


def _is_camel(name: str) -> bool:
    return name[:1].isupper() and any(letter.islower() for letter in name)
