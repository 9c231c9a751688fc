"""What asks for the notebook's own names, or for its name, and would be answered otherwise.

``dir()`` lists all names of the notebook, and ``__name__`` is ``"__main__"`` there; the app's
module has fewer names, and another name, which stands in the text of its classes too.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from notebook_actions.exporter.analysis.expressions import arguments, called
from notebook_actions.exporter.analysis.scopes import FunctionNode
from notebook_actions.exporter.analysis.strings import is_namespace
from notebook_actions.exporter.analysis.symbols import Symbols

__all__ = ["scans", "scans_of_objects", "texts_of_classes", "uses_of_name"]

# How a single name is looked up, or set, in a namespace.
_ONE = frozenset({"get", "pop", "setdefault", "update", "__getitem__", "__contains__"})
_ONE |= {"__setitem__", "copy"}
_KNOWN = frozenset({"eval", "exec", "getattr", "setattr", "hasattr", "delattr"})
_LISTS = frozenset({"dir", "vars", "getmembers", "list", "sorted", "set", "len", "dict", "tuple"})
_LISTS |= {"items", "keys", "values", "enumerate", "iter", "filter", "map", "any", "all"}
_OBJECTS = frozenset({"gc.get_objects", "gc.get_referrers", "sys.getrefcount"})
# What gives a text with the module of an exception, which its own text has not.
_OF_EXCEPTIONS = re.compile(r"traceback\.format_exc(?:eption(?:_only)?)?")
# What gives a function the names of `__main__` in place of those of its own module.
_INTO_MAIN = frozenset({"ipyparallel.interactive", "ipyparallel.util.interactive"})


def scans(node: ast.AST, *, at_top: bool = True) -> Iterator[ast.expr]:
    """Yield the expressions in a statement that go through all names of the notebook."""
    inside = not isinstance(node, FunctionNode)
    for part in ast.iter_child_nodes(node):
        if isinstance(node, ast.Compare) and _is_listing(part):
            continue  # "x" in dir()
        if isinstance(part, ast.expr) and _is_names(part, at_top and inside):
            yield part
        if isinstance(node, ast.For | ast.comprehension) and part is node.iter and _is_own(
            part, at_top and inside
        ):  # fmt: skip
            yield node.iter
        yield from scans(part, at_top=at_top and inside)


def _is_listing(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and called(node) == "dir" and not node.args


def _is_own(node: ast.AST, at_top: bool) -> bool:
    """Tell whether an expression is the notebook's namespace; in a function, not its own one."""
    if not isinstance(node, ast.expr) or not is_namespace(node):
        return False
    local = isinstance(node, ast.Call) and called(node) != "globals"
    return at_top or not local


def _is_names(node: ast.expr, at_top: bool) -> bool:
    match node:
        case ast.Call(func=ast.Name(id="dir"), args=[]):
            return at_top
        case ast.Call(func=ast.Attribute(value=owner, attr=name), args=args):
            if name in _LISTS and _is_own(owner, at_top):
                return True
            return name in _LISTS and any(_is_own(one, at_top) for one in args)
        case ast.Call(func=ast.Name(id=name), args=args) if name in _LISTS:
            return any(_is_own(one, at_top) for one in args)
    return False


def scans_of_objects(node: ast.AST, symbols: Symbols) -> Iterator[tuple[ast.expr, str]]:
    """Yield what in a statement asks about all objects of the process, each with words for it."""
    for part in ast.walk(node):
        if isinstance(part, ast.Call) and (name := symbols.dotted(part.func)) in _OBJECTS:
            yield part, f"`{name}()`"


def uses_of_name(node: ast.AST, symbols: Symbols) -> Iterator[tuple[ast.expr, str]]:
    """Yield what a statement does with the name of the module, each with words for it."""
    for part in ast.iter_child_nodes(node):
        match part:
            case ast.Subscript(value=ast.Attribute(attr="modules"), slice=key):
                if isinstance(key, ast.Constant) and key.value == "__main__":
                    yield part, "`sys.modules['__main__']`"
                continue
            case ast.Call(args=args) if args and _is_library(part, symbols):
                if not any(isinstance(one, ast.Name) and one.id == "__name__" for one in args):
                    yield from uses_of_name(part, symbols)
                continue
            case ast.Name(id="__name__", ctx=ast.Load()):
                yield part, "`__name__` as a value"
            case ast.Name(id=name) if any(
                one.module == "__main__" for one in symbols.imports.get(name, ())
            ):
                yield part, "the module `__main__`"
            case ast.Name() | ast.Attribute() if symbols.dotted(part) in _INTO_MAIN:
                yield part, f"the names of `{ast.unparse(part)}`"
            case (
                ast.Attribute(attr="__module__", ctx=ast.Load(), value=owner)
                | ast.Call(
                    func=ast.Name(id="getattr"), args=[owner, ast.Constant(value="__module__"), *_]
                )
            ) if _is_own_class(owner, symbols) or _is_own_function(owner, symbols):
                yield part, f"`{ast.unparse(part)}`"
            case ast.Attribute(attr="name", ctx=ast.Load(), value=ast.Name(id=name)) if any(
                _is_named_logger(value, symbols) for value in symbols.values.get(name, ())
            ):
                yield part, f"`{name}.name`"
        yield from uses_of_name(part, symbols)


def texts_of_classes(
    node: ast.AST, symbols: Symbols, *, shown: bool = False
) -> Iterator[tuple[ast.expr, str]]:
    """Yield what makes a text, or asks for the module, of a class that may be the notebook's.

    Parameters
    ----------
    node
        A statement, or a part of it.
    symbols
        What its names stand for.
    shown
        Whether the text is only printed, logged or raised.
    """
    if not symbols.classes:
        return
    for part in ast.iter_child_nodes(node):
        told = shown or _only_tells(part)
        for given in _made_text(part):
            if _is_own_class(given, symbols) or (not told and _may_be_own_class(given, symbols)):
                yield given, f"`{ast.unparse(given)}`"
        match part:
            case ast.Attribute(attr="__module__", ctx=ast.Load(), value=owner):
                if _may_be_own_class(owner, symbols) and not _is_own_class(owner, symbols):
                    yield part, f"`{ast.unparse(part)}`"
            case ast.Call(func=function) if not told:
                name = symbols.dotted(function) or ""
                if _OF_EXCEPTIONS.fullmatch(name) and _has_exceptions(symbols):
                    yield part, f"an exception of which `{name}()` makes a text"
        yield from texts_of_classes(part, symbols, shown=told)


def _has_exceptions(symbols: Symbols) -> bool:
    """Tell whether the notebook defines an exception."""
    bases = (base for several in symbols.classes.values() for cls in several for base in cls.bases)
    return any(re.search(r"(?:Error|Exception|Warning)$", ast.unparse(base)) for base in bases)


def _only_tells(node: ast.AST) -> bool:
    match node:
        case ast.Call():
            return called(node) in {"print", "debug", "info", "warning", "error", "exception"}
    return isinstance(node, ast.Raise | ast.Assert)


def _made_text(node: ast.AST) -> Iterable[ast.expr]:
    """Return the expressions of which a node makes a text."""
    match node:
        case ast.FormattedValue(value=value):
            return [value]
        case ast.Call(func=ast.Name(id="str" | "repr" | "format" | "ascii"), args=args):
            return args[:1]
        case ast.Call(func=ast.Attribute(attr="format")):
            return arguments(node)
        case ast.BinOp(left=ast.Constant(value=str()), op=ast.Mod(), right=ast.Tuple(elts=values)):
            return values
        case ast.BinOp(left=ast.Constant(value=str()), op=ast.Mod(), right=value):
            return [value]
    return []


def _is_own_class(node: ast.expr, symbols: Symbols) -> bool:
    """Tell whether an expression is, or shows, a class that the notebook defines."""
    match node:
        case ast.Name(id=name):
            return name in symbols.classes or any(
                not isinstance(value, ast.Name) and _is_own_class(value, symbols)
                for value in symbols.values.get(name, ())
            )
        case ast.List(elts=several) | ast.Tuple(elts=several) | ast.Set(elts=several):
            return any(_is_own_class(one, symbols) for one in several)
        case ast.Dict(values=several):
            return any(_is_own_class(one, symbols) for one in several)
    inner = _classified(node)
    return inner is not None and bool(symbols.classes_of(inner))


def _may_be_own_class(node: ast.expr, symbols: Symbols) -> bool:
    """Tell whether an expression is the class of something that is not known."""
    match _classified(node):
        case ast.Name(id=name):
            return not any(isinstance(one, ast.Constant) for one in symbols.values.get(name, ()))
        case ast.Attribute() | ast.Subscript():
            return True
    return False


def _classified(node: ast.expr) -> ast.expr | None:
    """Return ``x`` for ``type(x)`` and ``x.__class__``."""
    match node:
        case ast.Call(func=ast.Name(id="type"), args=[inner]):
            return inner
        case ast.Attribute(attr="__class__", value=inner):
            return inner
    return None


def _is_own_function(node: ast.expr, symbols: Symbols) -> bool:
    return isinstance(node, ast.Name) and node.id in symbols.functions


def _is_named_logger(node: ast.expr, symbols: Symbols) -> bool:
    match node:
        case ast.Call(args=[ast.Name(id="__name__"), *_]):
            return _is_library(node, symbols)
    return False


def _is_library(call: ast.Call, symbols: Symbols) -> bool:
    """Tell whether a call gives its module's name to a library, as the name of a logger."""
    if symbols.origin(call.func) is None:
        return False
    return re.fullmatch(r"get_?[lL]ogger|[A-Z]\w*", called(call)) is not None
