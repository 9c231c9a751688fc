"""What a function is made of, and all that it reaches, as plain text by path.

Two processes that hold the same function give the same facts: its code, its defaults, what its
closures and global names hold, and what is in these. It runs in the notebook's own process and so
imports only the standard library.
"""

from __future__ import annotations

import dis
import functools
import hashlib
import inspect
import re
import sys
import types
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

# Names of the modules in which a notebook's own code runs: the kernel's, and the app's.
OWN = {"__main__", "actions"}
MAX_FACTS = 20_000
MAX_DEPTH = 12

_PLAIN = (bool, int, float, complex, str, bytes, type(None), type(...), range, slice)
_NO_STATE = {"__dict__", "__weakref__", "__module__", "__doc__", "__firstlineno__", "_abc_impl"}
_NO_STATE |= {"__static_attributes__", "__annotate_func__", "__annotations_cache__"}
_OWN_NAME = re.compile(r"\b(?:__main__|actions)\.")
_ADDRESS = re.compile(r"\b0x[0-9a-f]{6,}\b")
# Libraries number their objects as they are made, whatever they are: Curve00042, id='p1049'.
_NUMBERED = re.compile(r"\b([A-Za-z]\w*?)\d{5}\b|\b(id='p)\d+(?=')")


def facts_of(name: str, namespace: Mapping[str, Any], folder: str) -> dict[str, str]:
    """Return the facts about a name of a namespace.

    Parameters
    ----------
    name
        The name.
    namespace
        The module's names.
    folder
        The folder in which the process runs; its path is left out of texts.
    """
    walk = _Walk(folder)
    walk.name(name, name, namespace)
    return walk.found


def _name_of(one: Any) -> str:
    """Return the qualified name of a class, function or module."""
    module = getattr(one, "__module__", None)
    name = getattr(one, "__qualname__", None) or getattr(one, "__name__", "?")
    return str(name) if module in OWN else f"{module}.{name}"


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


class _Walk:
    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.found: dict[str, str] = {}
        self.seen: dict[int, str] = {}
        self.alive: list[Any] = []  # an id is only one's own as long as one is alive

    def note(self, path: str, text: str) -> None:
        text = _OWN_NAME.sub("", _ADDRESS.sub("0x", text.replace(self.folder, "<folder>")))
        path = _OWN_NAME.sub("", path)  # a key may be a class of the notebook
        self.found[path] = text if len(text) < 200 else f"{text[:80]}... {_digest(text.encode())}"

    def name(self, path: str, name: str, namespace: Mapping[str, Any]) -> None:
        if name in namespace:
            self.value(path, namespace[name])
        elif name not in vars(__import__("builtins")):
            self.note(path, "missing")

    def value(self, path: str, one: Any, depth: int = 0) -> None:
        if len(self.found) > MAX_FACTS or depth > MAX_DEPTH:
            return
        if type(one) in _PLAIN:
            self.note(path, f"{type(one).__name__} {one!r}")
            return
        if id(one) in self.seen:
            self.note(path, f"the same as {self.seen[id(one)]}")
            return
        self.alive.append(one)
        if not isinstance(one, tuple | frozenset | types.ModuleType | types.BuiltinFunctionType):
            self.seen[id(one)] = path
        try:
            self._value(path, one, depth)
        except RecursionError:
            raise
        except Exception as error:  # an object that cannot be looked into
            self.note(path, f"{_name_of(type(one))}: {type(error).__name__}")

    def _value(self, path: str, one: Any, depth: int) -> None:
        match one:
            case types.ModuleType():
                self.note(path, f"module {one.__name__}")
            case type():
                self._class(path, one, depth)
            case types.FunctionType():
                self._function(path, one, depth)
            case types.MethodType():
                self.note(path, f"method {_name_of(one.__func__)}")
                self.value(f"{path}.__func__", one.__func__, depth + 1)
                self.value(f"{path}.__self__", one.__self__, depth + 1)
            case staticmethod() | classmethod():
                self.note(path, type(one).__name__)
                self.value(f"{path}.__func__", one.__func__, depth + 1)
            case property():
                self.note(path, "property")
                for part in ("fget", "fset", "fdel"):
                    self.value(f"{path}.{part}", getattr(one, part), depth + 1)
            case functools.partial():
                self.note(path, "partial")
                for part in ("func", "args", "keywords"):
                    self.value(f"{path}.{part}", getattr(one, part), depth + 1)
            case dict() | types.MappingProxyType():
                self._dict(path, one, depth)
            case list() | tuple():
                self.note(path, f"{_name_of(type(one))} of {len(one)}")
                for index, part in enumerate(one):
                    self.value(f"{path}[{index}]", part, depth + 1)
            case set() | frozenset():
                texts = sorted(repr(part) for part in one)
                self.note(path, f"{_name_of(type(one))} {texts}")
            case _:
                self._instance(path, one, depth)

    def _dict(self, path: str, one: Mapping[Any, Any], depth: int) -> None:
        items = list(one.items())
        if isinstance(one, defaultdict) and one.default_factory is not None:
            # A look-up leaves the default there; the next one finds it either way.
            default = repr(one.default_factory())
            items = [(key, part) for key, part in items if repr(part) != default]
        keys = [key if isinstance(key, str) else repr(key) for key, _ in items]
        self.note(path, f"{_name_of(type(one))} {keys}")
        for key, (_, part) in zip(keys, items, strict=True):
            self.value(f"{path}[{key}]", part, depth + 1)

    def _class(self, path: str, one: type, depth: int) -> None:
        self.note(path, f"class {_name_of(one)}")
        if one.__module__ not in OWN:
            return
        self.value(f"{path}.__bases__", one.__bases__, depth + 1)
        for name, part in sorted(vars(one).items()):
            if name not in _NO_STATE:
                self.value(f"{path}.{name}", part, depth + 1)

    def _function(self, path: str, one: types.FunctionType, depth: int) -> None:
        self.note(path, f"function {_name_of(one)}")
        if one.__globals__.get("__name__") not in OWN:
            return
        for number, code in enumerate(_codes(one.__code__)):
            self.note(f"{path}.__code__[{number}]", _digest(repr(_instructions(code)).encode()))
        for part in ("__defaults__", "__kwdefaults__"):
            self.value(f"{path}.{part}", getattr(one, part), depth + 1)
        for name, part in vars(one).items():
            if not type(part).__module__.startswith("ipywidgets"):  # left there by interact()
                self.value(f"{path}.{name}", part, depth + 1)
        for name, cell in zip(one.__code__.co_freevars, one.__closure__ or (), strict=True):
            try:
                self.value(f"{path}.<{name}>", cell.cell_contents, depth + 1)
            except ValueError:
                self.note(f"{path}.<{name}>", "empty")
        for name in sorted(set(_global_names(one.__code__))):
            self.name(f"{path}:{name}", name, one.__globals__)

    def _instance(self, path: str, one: Any, depth: int) -> None:
        kind = type(one)
        root = (kind.__module__ or "").partition(".")[0]
        self.note(path, _name_of(kind))
        if root == "numpy":
            self._array(path, one, depth)
        elif root == "pandas":
            self._table(path, one, depth)
        elif kind.__module__ in OWN:
            for name, part in sorted(_state(one).items()):
                self.value(f"{path}.{name}", part, depth + 1)
        elif hasattr(one, "__wrapped__"):  # what a compiler made of a function is its own affair
            self.value(f"{path}.__wrapped__", one.__wrapped__, depth + 1)
        else:
            if kind.__repr__ is not object.__repr__:
                text = _NUMBERED.sub(r"\1\2", repr(one))
                self.note(path, f"{_name_of(kind)} {text}")
            # A library's private attributes, and cached properties, are caches.
            if root not in sys.stdlib_module_names and depth < 4:
                for name, part in sorted(_state(one).items()):
                    numbered = isinstance(part, str) and _NUMBERED.fullmatch(part)
                    kept = isinstance(
                        inspect.getattr_static(kind, name, None), functools.cached_property
                    )
                    if not (name.startswith("_") or numbered or kept):
                        self.value(f"{path}.{name}", part, depth + 3)

    def _array(self, path: str, one: Any, depth: int) -> None:
        if not hasattr(one, "dtype") or not hasattr(one, "tobytes"):
            return  # a ufunc, a source of random numbers
        text = f"{_name_of(type(one))} {one.dtype} {one.shape}"
        if one.dtype.hasobject:
            self.note(path, text)
            self.value(f"{path}[:]", one.tolist(), depth + 1)
        else:
            self.note(path, f"{text} {_digest(one.tobytes())}")

    def _table(self, path: str, one: Any, depth: int) -> None:
        if hasattr(one, "columns"):
            self.value(f"{path}.columns", list(one.columns), depth + 1)
            self.value(f"{path}.index", one.index, depth + 1)
            for number in range(len(one.columns)):
                column = one.iloc[:, number]
                self.note(f"{path}[{number}]", f"{column.dtype}")
                self.value(f"{path}[{number}][:]", column.to_numpy(), depth + 1)
        elif hasattr(one, "to_numpy"):
            self.note(path, f"{_name_of(type(one))} {one.dtype} {getattr(one, 'name', None)}")
            self.value(f"{path}[:]", one.to_numpy(), depth + 1)
            if hasattr(one, "index"):
                self.value(f"{path}.index", one.index, depth + 1)
        else:
            self.note(path, f"{_name_of(type(one))} {one!r}")


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for part in code.co_consts:
        if isinstance(part, types.CodeType):
            yield from _codes(part)


def _instructions(code: types.CodeType) -> list[object]:
    """Return what code does, the same for all ways in which the compiler says it.

    It calls ``np.sin`` by other instructions where ``np`` is imported in the same text.
    """
    found: list[object] = [code.co_varnames, code.co_flags]
    for instruction in dis.get_instructions(code):
        name, value = instruction.opname, instruction.argval
        if name in {"LOAD_ATTR", "LOAD_METHOD"}:
            found.append(value)
        elif isinstance(value, frozenset):
            found.append((name, sorted(map(repr, value))))
        elif name not in {"EXTENDED_ARG", "PRECALL", "PUSH_NULL"}:
            is_place = instruction.opcode in {*dis.hasjrel, *dis.hasjabs}
            is_code = isinstance(value, types.CodeType)
            found.append((name, None if is_place or is_code else value))
    return found


def _global_names(code: types.CodeType) -> Iterator[str]:
    for one in _codes(code):
        for instruction in dis.get_instructions(one):
            if instruction.opname in {"LOAD_GLOBAL", "LOAD_NAME"}:
                yield str(instruction.argval)


def _state(one: Any) -> dict[str, Any]:
    state = dict(getattr(one, "__dict__", {}))
    for kind in type(one).__mro__:
        slots = vars(kind).get("__slots__", ())
        for name in [slots] if isinstance(slots, str) else slots:
            if name not in {"__dict__", "__weakref__"} and hasattr(one, name):
                state[name] = getattr(one, name)
    return state
