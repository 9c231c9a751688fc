"""Fields: how an action's parameters become a form, and a submitted form its arguments.

The only module that knows pydantic, which turns text into values and checks them.
"""

from __future__ import annotations

import datetime as dt
import enum
import inspect
import math
import types
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import annotated_types
from pydantic import ConfigDict, SecretStr, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from .errors import DefinitionError, FormError
from .files import UploadedFile
from .formdata import FormData
from .progress import Progress
from .request import Request

__all__ = ["Field", "Parameters", "humanize"]

_REQUIRED: Any = inspect.Parameter.empty

#: Type of a parameter → the ``type`` of its ``<input>``.
_INPUT_TYPES: dict[Any, str] = {
    str: "text",
    int: "number",
    float: "number",
    Decimal: "number",
    bool: "checkbox",
    dt.date: "date",
    dt.time: "time",
    dt.datetime: "datetime-local",
    SecretStr: "password",
}

#: Kind of a pydantic error → what a person is told. ``{label}`` and the error's context fill it.
MESSAGES: dict[str, str] = {
    "missing": "{label} is required.",
    "choice": "{label} must be one of {choices}.",
    "file": "{label} cannot be a file.",
    "int_parsing": "{label} must be a whole number.",
    "int_from_float": "{label} must be a whole number.",
    "int_parsing_size": "{label} is too large.",
    "float_parsing": "{label} must be a number.",
    "finite_number": "{label} must be a number.",
    "decimal_parsing": "{label} must be a number.",
    "decimal_max_digits": "{label} must have {max_digits} or fewer digits.",
    "decimal_max_places": "{label} must have {decimal_places} or fewer decimals.",
    "decimal_whole_digits": "{label} is too large.",
    "bool_parsing": "{label} must be yes or no.",
    "greater_than": "{label} must be more than {gt}.",
    "greater_than_equal": "{label} must be {ge} or more.",
    "less_than": "{label} must be less than {lt}.",
    "less_than_equal": "{label} must be {le} or less.",
    "multiple_of": "{label} must be a multiple of {multiple_of}.",
    "string_too_short": "{label} must have {min_length} or more characters.",
    "string_too_long": "{label} must have {max_length} or fewer characters.",
    # pydantic's words for a SecretStr.
    "too_short": "{label} must have {min_length} or more characters.",
    "too_long": "{label} must have {max_length} or fewer characters.",
    "string_pattern_mismatch": "{label} does not have the right form.",
    "date_from_datetime_parsing": "{label} must be a date.",
    "date_from_datetime_inexact": "{label} must be a date.",
    "date_parsing": "{label} must be a date.",
    "time_parsing": "{label} must be a time.",
    "datetime_from_date_parsing": "{label} must be a date and time.",
    "datetime_parsing": "{label} must be a date and time.",
}


def humanize(name: str) -> str:
    """Turn a name of code into words: ``"first_name"`` → ``"First name"``."""
    words = name.replace("_", " ").replace("-", " ").strip()
    return words[:1].upper() + words[1:]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form, as declared by a parameter of the action.

    Attributes
    ----------
    name : str
        Name of the parameter and of the control.
    label : str
        What the person reads.
    type : str
        The ``type`` of the ``<input>``, or ``"select"``.
    default : object
        The parameter's default; ``inspect.Parameter.empty`` when a value must be given.
    help : str
        A line under the label.
    attributes : mapping of str to str
        HTML attributes that repeat the rules in the browser (``min``, ``max``, ``maxlength`` ...).
    choices : mapping of str to object
        Text of each option → its value; empty when the field is free.
    rules : tuple of object
        What the annotation says beside the type, such as ``annotated_types.Ge(1)``.
    """

    name: str
    label: str
    type: str
    default: Any
    help: str
    attributes: Mapping[str, str]
    choices: Mapping[str, Any]
    rules: tuple[Any, ...] = field(repr=False)
    _adapter: TypeAdapter[Any] = field(repr=False)

    @property
    def required(self) -> bool:
        """Whether the person must fill it in; a check box may always be left empty."""
        return self.default is _REQUIRED and self.type != "checkbox"

    @property
    def initial(self) -> str:
        """The default as the text of a control; empty when there is none, or for a password."""
        if self.default is _REQUIRED or self.default is None or self.type == "password":
            return ""
        value = self.default.value if isinstance(self.default, enum.Enum) else self.default
        if isinstance(value, dt.date | dt.time):
            return value.isoformat()
        return str(value)

    def parse(self, form: FormData) -> Any:
        """Return the field's value from the form data.

        Raises
        ------
        FormError
            With the message for this field.
        """
        given = form.get(self.name)
        if isinstance(given, UploadedFile):
            raise self._wrong("file")
        text = given or ""
        if self.type == "checkbox":
            text = text or "false"
        elif not text:
            if self.default is _REQUIRED:
                raise self._wrong("missing")
            # A text that was emptied is a value, unless None says that there is none.
            if given is None or self.type != "text" or self.default is None:
                return self.default
        if self.choices:
            if text not in self.choices:
                raise self._wrong("choice", choices=", ".join(self.choices))
            return self.choices[text]
        try:
            return self._adapter.validate_python(text)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            context = first.get("ctx", {})
            # A validator of the author raises ValueError("..."): these are the author's words.
            said = str(context.get("error") or first["msg"])
            raise self._wrong(first["type"], said, **{**context, "label": self.label}) from None

    def _wrong(self, kind: str, said: str = "", /, **context: Any) -> FormError:
        template = MESSAGES.get(kind)
        if template is None:
            return FormError(fields={self.name: f"{self.label}: {said}"})
        return FormError(fields={self.name: template.format(**{"label": self.label, **context})})


class Parameters:
    """What an action's function wants to be called with, read from its signature.

    ``form`` (or anything annotated ``FormData``) is the raw form data, ``request`` (or anything
    annotated ``Request``) the request, ``progress`` (or anything annotated ``Progress``) tells how
    far the action has come, every other parameter is one field.

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
        fields: list[Field] = []
        try:
            signature = inspect.signature(function)
        except ValueError as error:
            raise DefinitionError(f"{_name(function)} cannot be an action: {error}") from None
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
            if annotation is FormData or name == "form":
                self._roles[name] = "form"
            elif annotation is Request or name == "request":
                self._roles[name] = "request"
            elif annotation is Progress or (name == "progress" and annotation is _REQUIRED):
                self._roles[name] = "progress"
            else:
                self._roles[name] = "field"
                fields.append(_field(function, name, annotation, parameter.default))
        self.fields: tuple[Field, ...] = tuple(fields)

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
        given: dict[str, Any] = {
            "form": form,
            "request": request,
            "progress": progress or Progress(),
        }
        by_name = {field.name: field for field in self.fields}
        values: dict[str, Any] = {}
        wrong: dict[str, str] = {}
        for name, role in self._roles.items():
            if role != "field":
                values[name] = given[role]
                continue
            try:
                values[name] = by_name[name].parse(form)
            except FormError as error:
                wrong.update(error.fields)
        if wrong:
            raise FormError(fields=wrong)
        if self._variadic and not self._roles:
            return [form, request], {}
        return [values.pop(name) for name in self._positional], values


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


def _name(function: Callable[..., Any]) -> str:
    return f"{getattr(function, '__name__', repr(function))}()"


def _field(function: Callable[..., Any], name: str, annotation: Any, default: Any) -> Field:
    if annotation is _REQUIRED:
        # What is not annotated is as its default is.
        annotation = type(default) if type(default) in _INPUT_TYPES else str
    kind, metadata = _unwrap(annotation)
    if default is _REQUIRED and type(None) in get_args(annotation):
        default = None
    choices = dict(_choices(kind))
    if isinstance(default, FieldInfo):
        raise DefinitionError(
            f"parameter {name!r} of {_name(function)} has Field(...) as its default; write "
            f"{name}: Annotated[{_typename(kind)}, Field(...)]"
        )
    if not choices and not (isinstance(kind, Hashable) and kind in _INPUT_TYPES):
        allowed = ", ".join(sorted(_typename(one) for one in _INPUT_TYPES))
        raise DefinitionError(
            f"parameter {name!r} of {_name(function)} is a {_typename(annotation)}, which no field "
            f"can hold; use one of {allowed}, Literal or Enum, or take the whole `form: FormData`"
        )
    infos = [one for one in metadata if isinstance(one, FieldInfo)]
    checked: Any = Annotated[kind, *metadata] if metadata else kind
    rules = tuple(_flat([*metadata, *(rule for info in infos for rule in info.metadata)]))
    try:
        adapter: TypeAdapter[Any] = TypeAdapter(checked, config=ConfigDict(allow_inf_nan=False))
    except Exception as error:
        raise DefinitionError(
            f"parameter {name!r} of {_name(function)}: its rules do not fit its type ({error})"
        ) from None
    return Field(
        name=name,
        label=next((info.title for info in infos if info.title), humanize(name)),
        type="select" if choices else _INPUT_TYPES[kind],
        default=default,
        help=next((info.description for info in infos if info.description), ""),
        attributes=_attributes(kind, rules),
        choices=choices,
        rules=rules,
        _adapter=adapter,
    )


def _typename(annotation: Any) -> str:
    return annotation.__name__ if isinstance(annotation, type) else str(annotation)


def _unwrap(annotation: Any) -> tuple[Any, list[Any]]:
    """Return the type without ``Annotated`` and ``| None`` around it, and what annotates it."""
    if get_origin(annotation) is Annotated:
        kind, inner = _unwrap(get_args(annotation)[0])
        return kind, [*inner, *get_args(annotation)[1:]]
    if get_origin(annotation) in (Union, types.UnionType):
        rest = [one for one in get_args(annotation) if one is not type(None)]
        if len(rest) == 1:
            return _unwrap(rest[0])
    return annotation, []


def _choices(annotation: Any) -> Iterator[tuple[str, Any]]:
    if get_origin(annotation) is Literal:
        yield from ((str(value), value) for value in get_args(annotation))
    elif isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        yield from ((str(member.value), member) for member in annotation)


def _flat(rules: Iterable[Any]) -> Iterator[Any]:
    for rule in rules:
        if isinstance(rule, annotated_types.GroupedMetadata):
            yield from _flat(rule)
        else:
            yield rule


def _attributes(kind: Any, rules: Iterable[Any]) -> dict[str, str]:
    """Return the HTML attributes that repeat a field's rules in the browser."""
    found: dict[str, str] = {}
    if kind in (float, Decimal):
        found["step"] = "any"
    for rule in rules:
        match rule:
            case annotated_types.Ge(ge=bound):
                found["min"] = str(bound)
            case annotated_types.Gt(gt=bound) if kind is int:
                found["min"] = str(math.floor(Decimal(str(bound))) + 1)
            case annotated_types.Le(le=bound):
                found["max"] = str(bound)
            case annotated_types.Lt(lt=bound) if kind is int:
                found["max"] = str(math.ceil(Decimal(str(bound))) - 1)
            case annotated_types.MultipleOf(multiple_of=size):
                found["step"] = str(size)
            case annotated_types.MinLen(min_length=length):
                found["minlength"] = str(length)
            case annotated_types.MaxLen(max_length=length):
                found["maxlength"] = str(length)
            case _:
                pass
    if "min" in found and found.get("step", "any") != "any":
        # A browser counts steps from the minimum, so that has to be a step itself.
        low, step = Decimal(found["min"]), Decimal(found["step"])
        found["min"] = str(math.ceil(low / step) * step)
    return found
