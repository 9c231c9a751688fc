"""Inference: a type becomes a field, a group of fields, or a list of rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, get_args, get_origin

import annotated_types
import pydantic
from pydantic.fields import FieldInfo

from ..errors import DefinitionError
from ..fields import Control
from ..files import UploadedFile
from ..texts import text_of
from .annotation import choices_of, declared, is_model, unwrap
from .field import MISSING, Field, humanize
from .rules import attributes_of, check_of, check_rules, flat, lax
from .tree import Group, Node, Rows, join

__all__ = ["INPUTS", "by_hand", "infer", "override"]

#: Type → the ``type`` of its ``<input>``, and what it is parsed as.
INPUTS: dict[Any, tuple[str, str]] = {
    str: ("text", "text"),
    int: ("number", "int"),
    float: ("number", "float"),
    Decimal: ("number", "decimal"),
    bool: ("checkbox", "flag"),
    dt.date: ("date", "other"),
    pydantic.PastDate: ("date", "other"),
    pydantic.FutureDate: ("date", "other"),
    dt.time: ("time", "other"),
    dt.datetime: ("datetime-local", "other"),
    pydantic.PastDatetime: ("datetime-local", "other"),
    pydantic.FutureDatetime: ("datetime-local", "other"),
    pydantic.NaiveDatetime: ("datetime-local", "other"),
    pydantic.SecretStr: ("password", "text"),
    pydantic.EmailStr: ("email", "other"),
    UploadedFile: ("file", "file"),
}

#: Up to this many choices are shown as check boxes, more as a list.
FEW = 7

_LISTS = (list, set, frozenset, tuple)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A type that a node is wanted for.

    ``owner`` says where it stands, for errors; ``inside`` are the models that it stands in.
    """

    owner: str
    name: str
    key: str
    annotation: Any
    default: Any
    infos: tuple[FieldInfo, ...] = ()
    rules: tuple[Any, ...] = ()
    inside: tuple[type, ...] = ()
    strict: bool = False


def infer(owner: str, name: str, annotation: Any, default: Any, *, whole: bool = False) -> Node:
    """Return what stands in a form for a parameter.

    Parameters
    ----------
    owner : str
        Where it stands, such as ``"parameter 'seats' of enroll()"``.
    name : str
        The parameter's name.
    annotation : object
        Its type.
    default : object
        Its default, or ``MISSING``.
    whole : bool
        Whether a model's fields are the form's own, without the parameter's name before them.

    Raises
    ------
    DefinitionError
        When no field can hold the type.
    """
    if isinstance(default, FieldInfo):
        kind = _typename(unwrap(annotation).kind)
        raise DefinitionError(
            f"{owner} has Field(...) as its default; write {name}: Annotated[{kind}, Field(...)]"
        )
    whole = whole and is_model(unwrap(annotation).kind)
    return _node(_Asked(owner, "" if whole else name, name, annotation, default))


def _node(asked: _Asked) -> Node:
    unwrapped = unwrap(asked.annotation)
    kind = unwrapped.kind
    infos = (*asked.infos, *(one for one in unwrapped.metadata if isinstance(one, FieldInfo)))
    given = [*asked.rules, *unwrapped.metadata]
    rules = tuple(flat([*given, *(rule for info in infos for rule in info.metadata)]))
    label = next((info.title for info in infos if info.title), humanize(asked.key))
    about = next((info.description for info in infos if info.description), "")
    optional = unwrapped.optional or asked.default is None
    default = asked.default
    if isinstance(default, pydantic.RootModel):
        default = default.root
    strict = asked.strict or any(one.strict for one in rules if isinstance(one, pydantic.Strict))
    if get_origin(kind) in _LISTS:
        asked = replace(asked, default=default, strict=strict)
        return _list(asked, kind, label, about, rules, optional)
    if is_model(kind):
        default = None if default is MISSING and unwrapped.optional else default
        nodes = dict(_members(asked, kind))
        return Group(asked.name, label, nodes, about, default, optional)
    choices = choices_of(asked.owner, kind)
    one = Field(
        name=asked.name,
        label=label,
        type="select",
        kind="text",
        default=default,
        optional=optional,
        help=about,
        attributes={},
        choices={sent: value for sent, (value, _) in choices.items()},
        labels={sent: text for sent, (_, text) in choices.items()},
        rules=rules,
    )
    if get_args(kind) == (True,):
        one = replace(one, type="checkbox", kind="flag", choices={"on": True}, must=True, shown=())
    elif kind is bool and unwrapped.optional:
        one = replace(one, choices={"true": True, "false": False})
    elif not choices:
        type_, parsed = _input(asked.owner, kind, asked.annotation)
        check_rules(asked.owner, kind, rules)
        if getattr(default, "tzinfo", None) is not None:
            raise DefinitionError(
                f"{asked.owner} has a default with a time zone, which no browser sends; leave it "
                "out"
            )
        if strict:
            one = replace(one, typed=lax(kind))
        if kind is not UploadedFile:
            examples = next((info.examples for info in infos if info.examples), None)
            placeholder = {"placeholder": str(examples[0])} if examples else {}
            one = replace(one, attributes=attributes_of(kind, rules) | placeholder)
        one = replace(one, type=type_, kind=parsed, secret=type_ == "password")
    return _annotated(asked.owner, one, rules)


def _annotated(owner: str, node: Node, rules: Iterable[Any]) -> Node:
    """Apply the fields by hand that stand beside a type."""
    for rule in rules:
        if isinstance(rule, type) and issubclass(rule, Control):
            rule = rule()  # Annotated[str, Textarea] says the same
        if isinstance(rule, Control):
            node = override(owner, node, rule)
    return node


def _list(
    asked: _Asked, kind: Any, label: str, about: str, rules: tuple[Any, ...], optional: bool
) -> Node:
    args = [one for one in get_args(kind) if one is not Ellipsis]
    if len(args) != 1 or (get_origin(kind) is tuple and Ellipsis not in get_args(kind)):
        raise _refused(asked.owner, asked.annotation)
    if asked.strict and get_origin(kind) is not list:
        raise DefinitionError(f"{asked.owner} is strict, and a form sends lists; use list[...]")
    of_model = is_model(unwrap(args[0]).kind)
    row = _node(
        replace(
            asked,
            name=f"{asked.name}[#]" if of_model else asked.name,
            annotation=args[0],
            default=MISSING,
            infos=(),
            rules=(),
        )
    )
    bounds = {type(rule): rule for rule in rules}
    low, high = bounds.get(annotated_types.MinLen), bounds.get(annotated_types.MaxLen)
    least, most = getattr(low, "min_length", 0), getattr(high, "max_length", None)
    if isinstance(row, Rows) or (isinstance(row, Field) and row.many):
        raise _refused(asked.owner, asked.annotation)
    if isinstance(row, Field) and (row.kind == "flag" or set(row.choices) == {"true", "false"}):
        raise DefinitionError(
            f"{asked.owner}: a box that is not ticked sends nothing, so no list holds what several "
            'of them say; use a model with a bool for each, or list[Literal["yes", "no"]]'
        )
    if isinstance(row, Field) and (row.choices or row.kind == "file"):
        default = [] if asked.default is MISSING and not (least or optional) else asked.default
        one = replace(
            row, many=True, default=default, label=label, help=about, rules=rules, optional=optional
        )
        if row.choices:
            type_ = "checkboxes" if len(row.choices) <= FEW else "select"
            one = replace(one, type=type_, must=least > 0)
        return _annotated(asked.owner, one, rules)
    if isinstance(row, Field):
        row = replace(row, must=False, many=True)  # A blank entry is left out.
    rows = Rows(asked.name, label, row, about, asked.default, least, most, rules, optional)
    return _annotated(asked.owner, rows, rules)


# --- models ---------------------------------------------------------------------------------------


def _members(asked: _Asked, model: type) -> Iterator[tuple[str, Node]]:
    if model in asked.inside:
        raise DefinitionError(
            f"{asked.owner}: {model.__name__} holds itself, which no form can; take a model "
            "without that field, or the whole `form: FormData`"
        )
    config = getattr(model, "model_config", getattr(model, "__pydantic_config__", {}))
    strict = bool(config.get("strict"))
    inside = (*asked.inside, model)
    for key, annotation, default, infos in declared(asked.owner, model):
        owner = f"{key!r} of {model.__name__}, {asked.owner}"
        given = _Asked(owner, join(asked.name, key), key, annotation, default, infos)
        yield key, _node(replace(given, inside=inside, strict=strict))


def _input(owner: str, kind: Any, annotation: Any) -> tuple[str, str]:
    if isinstance(kind, Hashable) and kind in INPUTS:
        return INPUTS[kind]
    if isinstance(kind, type) and issubclass(kind, pydantic.AnyUrl):
        return "url", "other"
    raise _refused(owner, annotation)


def _refused(owner: str, annotation: Any) -> DefinitionError:
    known = (_typename(one) for one in INPUTS if one is not UploadedFile)
    allowed = ", ".join(sorted(known, key=str.lower))
    return DefinitionError(
        f"{owner} is of type {_typename(annotation)}, which no field can hold; use one of "
        f"{allowed}, AnyUrl, Literal, Enum, UploadedFile, a pydantic model or dataclass, or a "
        "list of one of these (such as list[str]), or take the whole `form: FormData`"
    )


def _typename(annotation: Any) -> str:
    return annotation.__name__ if isinstance(annotation, type) else str(annotation)


# --- fields by hand -------------------------------------------------------------------------------

#: Class of a field by hand → kinds of fields that it can stand for, where not all.
_MANY = {"checkboxes": True, "radio": False, "checkbox": False}


def override(owner: str, node: Node, control: Control) -> Node:
    """Return a field with what a field by hand says; the rest stays as it was inferred.

    Raises
    ------
    DefinitionError
        When the two do not fit together.
    """
    if isinstance(node, Rows) and isinstance(node.row, Field) and control.options is not None:
        one = replace(node.row, name=node.name, label=node.label, help=node.help, many=True)
        node = replace(one, default=node.default, must=node.least > 0)
    if not isinstance(node, Field):
        label = node.label if control.label is None else control.label
        return replace(node, label=label, help=node.help if control.help is None else control.help)
    type_ = control.type or ("text" if node.choices else node.type)
    if (type_ == "file") != (node.kind == "file") or _MANY.get(type_, node.many) != node.many:
        raise DefinitionError(f"{owner}: {control!r} cannot stand for this type; use another field")
    choices, labels = node.choices, node.labels
    if control.options is not None:
        choices = {value: node.choices.get(value, value) for value in control.options}
        labels = control.options
    elif type_ in ("radio", "select", "checkboxes") and node.kind == "flag":
        choices, labels = {"true": True, "false": False}, {}
    elif type_ in ("radio", "select", "checkboxes") and not choices:
        raise DefinitionError(f"{owner}: {control!r} needs options=[...]")
    shown = node.shown if control.value is None else _shown(control.value)
    attributes = {**node.attributes, **control.attributes}
    if type_ not in ("text", node.type):
        # Rules of the other kind of control mean nothing here.
        kept = {"minlength", "maxlength", "placeholder"} if type_ == "textarea" else set()
        attributes = {k: v for k, v in node.attributes.items() if k in kept} | control.attributes
    return replace(
        node,
        type=type_,
        label=node.label if control.label is None else control.label,
        help=node.help if control.help is None else control.help,
        choices=choices,
        labels=labels,
        attributes=attributes,
        secret=node.secret or control.secret or type_ == "password",
        shown=shown,
        must=node.must if control.required is None else control.required,
        check=check_of(owner, type_, attributes, "".join(replace(node, shown=shown).initial[:1]))
        if control.attributes
        else node.check,
    )


def _shown(value: object) -> tuple[str, ...]:
    if isinstance(value, list | tuple | set | frozenset):
        return tuple(map(text_of, value))
    return (text_of(value),)


def by_hand(owner: str, control: Control) -> Field:
    """Return the field for a field by hand that no parameter asks for."""
    if not control.name:
        raise DefinitionError(f"{owner}: {type(control).__name__}() needs a name")
    type_ = control.type or "text"
    multiple = "multiple" in control.attributes
    if type_ in ("radio", "select", "checkboxes") and not control.options:
        raise DefinitionError(f"{owner}: {control!r} needs options=[...]")
    kind = {"file": "file", "checkbox": "flag"}.get(type_, "text")
    options = control.options or {}
    shown = None if control.value is None else _shown(control.value)
    return Field(
        name=control.name,
        label=humanize(control.name) if control.label is None else control.label,
        type=type_,
        kind=kind,
        default=MISSING if control.required else None,
        many=multiple or type_ == "checkboxes",
        help=control.help or "",
        attributes=control.attributes,
        choices={value: value for value in options},
        labels=options,
        secret=control.secret or type_ == "password",
        shown=shown,
        must=bool(control.required),
        check=check_of(f"{owner}: {control!r}", type_, control.attributes, "".join(shown or ())),
    )
