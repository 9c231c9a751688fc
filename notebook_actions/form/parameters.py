"""Parameters: what an action's function wants, and how form data becomes its arguments."""

from __future__ import annotations

import copy
import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from enum import Enum
from typing import Any

from pydantic import TypeAdapter, ValidationError

from ..errors import DefinitionError, FormError
from ..fields import Control, Submit
from ..formdata import FormData
from ..messages import say
from ..progress import Progress
from ..request import Request
from .annotation import default_of, is_model, unwrap
from .field import MISSING, Field, Reading
from .infer import INPUTS, by_hand, infer, override
from .rules import unfit
from .tree import Group, Node, Rows, join
from .wording import worded

__all__ = ["Parameters"]

_REQUIRED: Any = inspect.Parameter.empty


class Parameters:
    """What an action's function wants to be called with, read from its signature.

    ``form`` (or anything annotated ``FormData``) is the raw form data, ``request`` (or anything
    annotated ``Request``) the request, ``progress`` (or anything annotated ``Progress``) tells how
    far the action has come; these names with the type of a field are fields. Every other parameter
    is one field; a pydantic model or dataclass is a
    group of them. Where it is all that there is, its fields are the form's own, without the
    parameter's name before theirs.

    Parameters
    ----------
    function : callable
        The action's function.

    Raises
    ------
    DefinitionError
        When a parameter has a type that no field can have; names the parameter.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._roles: dict[str, str] = {}
        self._positional: list[str] = []
        self._variadic = False
        self._owner = _name(function)
        self._adapters: dict[str, TypeAdapter[Any]] = {}
        self._defaults: dict[str, Any] = {}
        self._nodes: dict[str, Node] = {}
        self._extra: dict[str, Field] = {}
        self.buttons: tuple[Submit, ...] = ()
        try:
            signature = inspect.signature(function)
        except ValueError as error:
            raise DefinitionError(f"{self._owner} cannot be an action: {error}") from None
        asked: dict[str, tuple[Any, Any]] = {}
        for name, parameter in signature.parameters.items():
            match parameter.kind:
                case inspect.Parameter.VAR_POSITIONAL:
                    self._variadic = True
                    continue
                case inspect.Parameter.VAR_KEYWORD:
                    continue
                case inspect.Parameter.POSITIONAL_ONLY:
                    self._positional.append(name)
                case _:
                    pass
            annotation = _resolve(function, name, parameter.annotation)
            named = name in ("form", "request") and not _is_field(annotation)
            if annotation is FormData or (named and name == "form"):
                self._roles[name] = "form"
            elif annotation is Request or (named and name == "request"):
                self._roles[name] = "request"
            elif annotation is Progress or (name == "progress" and annotation is _REQUIRED):
                self._roles[name] = "progress"
            else:
                self._roles[name] = "field"
                asked[name] = (annotation, parameter.default)
        for name, (annotation, default) in asked.items():
            self._add(name, annotation, default, whole=len(asked) == 1)

    def _add(self, name: str, annotation: Any, default: Any, *, whole: bool) -> None:
        owner = f"parameter {name!r} of {self._owner}"
        given = default_of(annotation) if default is _REQUIRED else default
        if annotation is _REQUIRED:
            annotation = _like(owner, given)
        node = infer(owner, name, annotation, given, whole=whole)
        if given is MISSING and node.optional:
            given = None
        try:
            self._adapters[name] = TypeAdapter(annotation)
        except Exception as error:
            raise unfit(owner, error) from None
        self._defaults[name] = given
        self._nodes[name] = node

    @property
    def fields(self) -> tuple[Node, ...]:
        """What the form shows, in order: the parameters' fields, then those by hand."""
        hidden = {button.name for button in self.buttons if button.name}
        nodes = [*self._nodes.values(), *self._extra.values()]
        return tuple(node for node in nodes if node.name not in hidden)

    def leaves(self) -> Iterator[Field]:
        """Yield the fields, those in groups and rows too."""
        for node in self.fields:
            yield from node.leaves()

    def with_fields(self, controls: Iterable[Control]) -> Parameters:
        """Return these parameters with fields by hand.

        Parameters
        ----------
        controls : iterable of Control
            One that has the name of a field changes it; the others are added.

        Raises
        ------
        DefinitionError
            When one does not fit, or two have the same name.
        """
        changed = copy.copy(self)
        changed._nodes, changed._extra = dict(self._nodes), dict(self._extra)
        seen: set[str] = set()
        buttons = []
        owner = f"fields= of {self._owner}"
        if not isinstance(controls, Iterable):
            raise DefinitionError(f"{owner} is {controls!r}; give a list of fields")
        for control in controls:
            if not isinstance(control, Control):
                raise DefinitionError(
                    f"{owner} has {control!r}; use the classes of notebook_actions.fields"
                )
            if isinstance(control, Submit):
                buttons.append(control)
                continue
            if control.name in seen:
                raise DefinitionError(f"{owner} has two fields called {control.name!r}")
            seen.add(control.name)
            for name, node in changed._nodes.items():
                found, replaced = _replaced(owner, node, control)
                if found:
                    changed._nodes[name] = replaced
                    break
            else:
                changed._extra[control.name] = by_hand(owner, control)
        changed.buttons = tuple(buttons)
        return changed

    def check(self, form: FormData) -> dict[str, str]:
        """Return what is wrong with form data: name of a field → message; "" is the form."""
        return self._read(form)[1]

    def bind(
        self, form: FormData, request: Request, progress: Progress | None = None
    ) -> tuple[list[Any], dict[str, Any]]:
        """Return the arguments to call the function with.

        A decorator that hides the signature behind ``*args`` is given the form data and the
        request.

        Raises
        ------
        FormError
            With one message for each field that is wrong, all at once.
        """
        read, wrong = self._read(form)
        if wrong:
            message = wrong.pop("", "")
            raise FormError(message, wrong)
        given = {"form": form, "request": request, "progress": progress or Progress()}
        values = {
            name: read[name] if role == "field" else given[role]
            for name, role in self._roles.items()
        }
        if self._variadic and not self._roles:
            return [form, request], {}
        return [values.pop(name) for name in self._positional], values

    def _read(self, form: FormData) -> tuple[dict[str, Any], dict[str, str]]:
        given = Reading(form)
        values: dict[str, Any] = {}
        for name, node in self._nodes.items():
            raw = node.read(given, node.name)
            if raw is MISSING:
                if self._defaults[name] is MISSING:
                    given.note(node.name, say("required", label=node.label))
                values[name] = self._defaults[name]
                continue
            if raw is None:  # not for the type to judge: ``day: date = None``
                values[name] = None
                continue
            try:
                values[name] = self._adapters[name].validate_python(
                    raw, by_name=True, by_alias=False
                )
            except ValidationError as error:
                for one in error.errors(include_url=False, include_input=False):
                    place, label, kind = _place(node, node.name, one["loc"], given)
                    given.note(place, worded(one, label, kind))
        for name, field in self._extra.items():
            field.read(given, name)
        return values, _in_order(given.wrong, self.fields)


def _like(owner: str, default: Any) -> Any:
    """Return the type of what is not annotated: that of its default, a text without one."""
    if default is MISSING or default is None:
        return str
    if type(default) in INPUTS or isinstance(default, Enum):
        return type(default)
    raise DefinitionError(
        f"{owner} has no type, and its default is a {type(default).__name__}; write its type"
    )


def _replaced(owner: str, node: Node, control: Control) -> tuple[bool, Node]:
    """Return a node in which the field of this name is changed, and whether there is one."""
    if node.name == control.name:
        return True, override(owner, node, control)
    if isinstance(node, Group):
        for key, inner in node.nodes.items():
            found, replaced = _replaced(owner, inner, control)
            if found:
                return True, replace(node, nodes={**node.nodes, key: replaced})
    return False, node


def _place(node: Node, name: str, loc: Sequence[Any], given: Reading) -> tuple[str, str, str]:
    """Return the name and label of what an error of pydantic is about, and its input's type."""
    match node, loc:
        case Group(), [key, *rest] if key in node.nodes:
            return _place(node.nodes[key], join(name, str(key)), rest, given)
        case Rows(row=Group() as row), [int(number), *rest]:
            return _place(row, f"{name}[{number}]", rest, given)
        case Rows(row=Field() as row), [int(number), *_]:
            places = given.rows.get(name, [])
            place = places[number] if number < len(places) else number
            return f"{name}[{place}]", row.label, row.type
        case Field(), _:
            return name, node.label, node.type
        case _:
            return name, node.label if name else "", ""


def _in_order(wrong: Mapping[str, str], nodes: Iterable[Node]) -> dict[str, str]:
    """Return messages in the order in which the form shows its fields."""
    names = [leaf.name for node in nodes for leaf in node.leaves()]

    def first(name: str) -> int:
        under = (f"{name}.", f"{name}[")
        places = (n for n, one in enumerate(names) if one == name or one.startswith(under))
        return next(places, len(names))

    def rank(name: str) -> list[int]:
        ranks, before = [], ""
        for part in re.split(r"\[(\d+)\]", name):
            if part.isdecimal():
                ranks += [first(before), int(part)]
                before += "[#]"
            else:
                before += part
        return [*ranks, first(before)]

    return {name: wrong[name] for name in sorted(wrong, key=rank)}


def _resolve(function: Callable[..., Any], name: str, annotation: Any) -> Any:
    """Evaluate an annotation that is text, as ``from __future__ import annotations`` makes it."""
    if not isinstance(annotation, str):
        return annotation
    try:
        return eval(annotation, getattr(inspect.unwrap(function), "__globals__", {}))  # noqa: S307 - the author's own code
    except Exception as error:
        if name in ("form", "request"):
            return annotation
        raise DefinitionError(
            f"parameter {name!r} of {_name(function)}: its annotation {annotation!r} cannot be "
            f"evaluated ({error}); define the type before the action"
        ) from None


def _is_field(annotation: Any) -> bool:
    """Tell whether a type is that of a field, so that ``request: str`` is a text of the form."""
    if annotation is _REQUIRED or isinstance(annotation, str):
        return False
    try:
        infer("", "", annotation, MISSING)
    except DefinitionError:
        # What is wrong in a model is told where it is made a field.
        return is_model(unwrap(annotation).kind)
    return True


def _name(function: Callable[..., Any]) -> str:
    return f"{getattr(function, '__name__', repr(function))}()"
