"""Packing: what crosses to a worker, and what comes back.

Neither is left to the executor: a function and classes of a notebook live in ``__main__``, which no
worker has; an exception that cannot be pickled breaks a whole pool; and neither a progress nor the
cookies that were set would come along.
"""

from __future__ import annotations

import importlib
import io
import linecache
import pickle
import re
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.cookies import Morsel
from typing import Any

from ..errors import ActionFailure, DefinitionError, WorkerError
from ..progress import Progress, Step

__all__ = ["Ending", "call_packed", "call_unpacked", "ending_packed", "ending_unpacked"]


@dataclass(frozen=True, slots=True)
class Ending:
    """How a call ended: with a value or an error, the cookies that were set, what was printed.

    The last step that it told comes along, since the result may overtake it on its own way.
    """

    value: Any = None
    error: BaseException | None = None
    cookies: Mapping[str, Morsel[str]] = field(default_factory=dict)
    step: Step | None = None
    printed: str = ""


def _pickler() -> Any:
    # What Dask and loky need anyway, and so not required: a pool of processes that only runs
    # functions of modules does without.
    try:
        from cloudpickle import Pickler
    except ImportError:
        return pickle.Pickler
    return Pickler


def _dumps(thing: Any, stand_ins: Callable[[Any], Any] = lambda _: None) -> bytes:
    file = io.BytesIO()

    class Packer(_pickler()):  # type: ignore[misc]
        def persistent_id(self, one: Any) -> Any:
            return stand_ins(one)

    Packer(file, protocol=pickle.HIGHEST_PROTOCOL).dump(thing)
    return file.getvalue()


def call_packed(
    function: Callable[..., Any],
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
    progress: Progress,
) -> bytes:
    """Return a call as bytes.

    Raises
    ------
    DefinitionError
        When something in it cannot be pickled; says which function, and what to do.
    """
    where = _address(function)

    def stand_ins(one: Any) -> Any:
        if one is progress:
            return "progress"
        return where if where is not None and one is function else None

    try:
        return _dumps((function, args, kwargs), stand_ins)
    except BaseException as error:  # what else leaves it ends the thread that feeds a pool
        name = getattr(function, "__name__", repr(function))
        remedy = "keep out of it what belongs to this process"
        if _pickler() is pickle.Pickler:
            remedy = "install cloudpickle, or move the function into a module"
        raise DefinitionError(
            f"{name}() cannot be sent to its executor= with all that it uses ({error}); {remedy}"
        ) from error


def _address(function: Callable[..., Any]) -> tuple[str, str] | None:
    """Return module and name of a function that is found there as an action, and so not itself."""
    module, name = getattr(function, "__module__", ""), getattr(function, "__qualname__", "")
    try:
        found = _found(sys.modules[module], name)
    except (AttributeError, KeyError):
        return None
    decorated = getattr(found, "__wrapped__", None) is function
    return (module, name) if decorated and module != "__main__" else None


def _found(module: Any, name: str) -> Any:
    found = module
    for part in name.split("."):
        found = getattr(found, part)
    return found


def call_unpacked(packed: bytes, progress: Progress) -> Any:
    """Return function, arguments and keywords of a call, with the worker's own progress."""

    class Unpacker(pickle.Unpickler):
        def persistent_load(self, stand_in: Any) -> Any:
            if stand_in == "progress":
                return progress
            module, name = stand_in
            return _found(importlib.import_module(module), name).__wrapped__

    return Unpacker(io.BytesIO(packed)).load()


def ending_packed(ending: Ending, name: str) -> bytes:
    """Return how the function of this name ended, as bytes; always."""
    error, more = ending.error, (ending.cookies, ending.step, ending.printed)
    if error is None:
        try:
            return _dumps((ending.value, None, "", *more))
        except BaseException as problem:
            error = TypeError(f"what {name} returned cannot leave its worker ({problem})")
    trace = error.__traceback__
    try:
        told = "".join(traceback.format_exception(type(error), error, trace and trace.tb_next))
    except BaseException:  # an author's class may break what tells it
        error, told = WorkerError(f"a {type(error).__name__} that cannot be shown"), ""
    return _dumps((None, _able_to_cross(error), told, *more))


def ending_unpacked(packed: bytes, function: Callable[..., Any]) -> Ending:
    """Return how a function ended; an exception has the worker's traceback as its cause."""
    value, error, told, *more = pickle.loads(packed)  # noqa: S301 - of our own worker
    if error is not None:
        error.__cause__ = WorkerTraceback(_with_sources(told, function))
    return Ending(value, error, *more)


def _able_to_cross(error: BaseException) -> BaseException:
    """Return the exception, or what comes closest to it among those that can be pickled."""
    try:
        if type(pickle.loads(_dumps(error))) is type(error):  # noqa: S301 - packed the line before
            return error
    except BaseException:  # noqa: S110 - whatever an author's exception does here, it cannot cross
        pass
    if isinstance(error, ActionFailure):
        return ActionFailure(error.message, fields=error.fields, status=error.status)
    return WorkerError("".join(traceback.format_exception_only(error)).strip())


def _with_sources(told: str, function: Callable[..., Any]) -> str:
    """Return a traceback with the lines that the worker did not have: those of cells.

    cloudpickle takes from a function the file that it came from.
    """
    known = {**getattr(function, "__globals__", {}), getattr(function, "__name__", ""): function}
    whole = []
    for line in told.splitlines():
        where = re.fullmatch(r'\s*File "<dynamic-code>", line (\d+), in (.*)', line)
        code = None if where is None else getattr(known.get(where[2]), "__code__", None)
        if where is None or code is None:
            whole.append(line)
            continue
        file, number = code.co_filename, int(where[1])
        whole.append(f'  File "{file}", line {number}, in {where[2]}')
        whole.append(f"    {linecache.getline(file, number).strip()}")
    return "\n".join(whole)


class WorkerTraceback(Exception):
    """The traceback of a worker, as text: shown above the exception, as its cause."""

    def __init__(self, text: str) -> None:
        super().__init__(text)

    def __str__(self) -> str:
        return f"\n{self.args[0]}"
