"""Annotations: what stands in a type, such as choices, or the members of a model."""

from __future__ import annotations

import dataclasses
import enum
import inspect
import types
import typing
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal, TypeGuard, Union, get_args, get_origin

import pydantic
from pydantic.fields import FieldInfo

from ..errors import DefinitionError
from ..texts import text_of
from .field import MISSING, humanize

__all__ = ["Unwrapped", "choices_of", "declared", "default_of", "is_model", "unwrap"]


@dataclass(frozen=True, slots=True)
class Unwrapped:
    """A type, what an annotation says beside it, and whether None is allowed, too."""

    kind: Any
    metadata: tuple[Any, ...]
    optional: bool


def unwrap(annotation: Any) -> Unwrapped:
    """Take ``Annotated`` and ``| None`` off a type."""
    if hasattr(annotation, "__value__"):  # A TypeAliasType, of whichever library.
        return unwrap(annotation.__value__)
    if isinstance(annotation, typing.NewType):
        return unwrap(annotation.__supertype__)
    if _is_root(annotation):
        info = annotation.model_fields["root"]
        inner = unwrap(info.annotation)
        return replace(inner, metadata=(*inner.metadata, info))
    if get_origin(annotation) is Literal and len(get_args(annotation)) > 1:
        rest = [one for one in get_args(annotation) if one is not None]
        if len(rest) < len(get_args(annotation)):
            return Unwrapped(Literal[tuple(rest)], (), optional=True)
    if get_origin(annotation) is Annotated:
        inner = unwrap(get_args(annotation)[0])
        return replace(inner, metadata=(*inner.metadata, *get_args(annotation)[1:]))
    if get_origin(annotation) in (Union, types.UnionType):
        rest = [one for one in get_args(annotation) if one is not type(None)]
        if len(rest) == 1:
            return replace(unwrap(rest[0]), optional=True)
    return Unwrapped(annotation, (), optional=False)


def default_of(annotation: Any) -> Any:
    """Return the default in ``Annotated[..., Field(default=...)]``; ``MISSING`` without one."""
    if annotation is inspect.Parameter.empty:
        return MISSING
    infos = (one for one in unwrap(annotation).metadata if isinstance(one, FieldInfo))
    given = [one.default for one in infos if not one.is_required() and not one.default_factory]
    return given[-1] if given else MISSING


def choices_of(owner: str, kind: Any) -> dict[str, tuple[Any, str]]:
    """Return what is sent → the value, and what a person reads."""
    values: Iterable[Any] = ()
    if get_origin(kind) is Literal:
        values = get_args(kind)
    elif isinstance(kind, type) and issubclass(kind, enum.Enum):
        values = kind
    choices: dict[str, tuple[Any, str]] = {}
    for value in values:
        sent = text_of(value)
        if sent in choices:
            raise DefinitionError(f"{owner} has two choices that are sent as {sent!r}; rename one")
        choices[sent] = (value, _told(value))
    return choices


def _told(value: Any) -> str:
    """Return what a person reads of a choice: of an enum's numbers, the names."""
    if isinstance(value, enum.Enum) and not isinstance(value.value, str):
        name = value.name
        return humanize(name.lower() if name.isupper() else name)
    return humanize(str(value.value if isinstance(value, enum.Enum) else value))


def is_model(kind: Any) -> bool:
    """Whether a type is a pydantic model or a dataclass."""
    if not isinstance(kind, type):
        return False
    return issubclass(kind, pydantic.BaseModel) or dataclasses.is_dataclass(kind)


def declared(owner: str, model: type) -> Iterator[tuple[str, Any, Any, tuple[FieldInfo, ...]]]:
    """Yield the fields of a model: name, type, default, and what pydantic knows of it."""
    if issubclass(model, pydantic.BaseModel) and not model.__pydantic_complete__:
        model.model_rebuild(raise_errors=False)  # Its types may have been defined since.
        if not model.__pydantic_complete__:
            raise DefinitionError(
                f"{owner}: the types of {model.__name__} cannot be evaluated; define them before "
                "the action"
            )
    known: dict[str, FieldInfo] | None = getattr(
        model, "model_fields", getattr(model, "__pydantic_fields__", None)
    )
    if known is not None:
        for key, info in known.items():
            if info.init is not False:
                yield key, info.annotation, _default(info), (info,)
        return
    try:
        hints = typing.get_type_hints(model, include_extras=True)
    except Exception as error:
        raise DefinitionError(
            f"{owner}: the types of {model.__name__} cannot be evaluated ({error}); define them "
            "before the action"
        ) from None
    plain = {one.name for one in dataclasses.fields(model) if one.init}
    fields: dict[str, dataclasses.Field[Any]] = vars(model)["__dataclass_fields__"]
    for name, one in fields.items():
        hint = hints[name]
        if isinstance(hint, dataclasses.InitVar):  # ``dataclasses.fields`` leaves it out.
            hint = hint.type
        elif name not in plain:
            continue
        default = one.default
        if one.default_factory is not dataclasses.MISSING:
            default = one.default_factory()
        yield name, hint, MISSING if default is dataclasses.MISSING else default, ()


def _default(info: FieldInfo) -> Any:
    if info.is_required():
        return MISSING
    try:
        return info.get_default(call_default_factory=True)
    except Exception:  # a factory that wants the other fields
        return None


def _is_root(annotation: Any) -> TypeGuard[type[pydantic.RootModel[Any]]]:
    return isinstance(annotation, type) and issubclass(annotation, pydantic.RootModel)
