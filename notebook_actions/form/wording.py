"""Wording: what pydantic finds wrong and what it is about, in the words of a person."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, get_args

from pydantic_core.core_schema import ErrorType

from ..messages import say
from .field import Field, humanize
from .tree import Group, Node, Rows

__all__ = ["labels_of", "value_text", "worded"]

#: Kind of a pydantic error → name of the text in ``MESSAGES``.
_TEXTS = {
    "missing": "required",
    "int_parsing": "whole_number",
    "int_from_float": "whole_number",
    "int_parsing_size": "too_large",
    "float_parsing": "number",
    "finite_number": "number",
    "decimal_parsing": "number",
    "decimal_max_digits": "digits",
    "decimal_max_places": "decimals",
    "decimal_whole_digits": "too_large",
    "bool_parsing": "yes_or_no",
    "greater_than": "greater_than",
    "greater_than_equal": "greater_than_equal",
    "less_than": "less_than",
    "less_than_equal": "less_than_equal",
    "multiple_of": "multiple_of",
    "predicate_failed": "pattern",
    "not_operation_failed": "pattern",
    "string_too_short": "too_short",
    "string_too_long": "too_long",
    "string_pattern_mismatch": "pattern",
    "date_from_datetime_parsing": "date",
    "date_from_datetime_inexact": "date",
    "date_parsing": "date",
    "date_past": "past",
    "date_future": "future",
    "time_parsing": "time",
    "datetime_from_date_parsing": "datetime",
    "datetime_parsing": "datetime",
    "datetime_past": "past",
    "datetime_future": "future",
    "url_parsing": "url",
    "url_scheme": "url",
    "url_syntax_violation": "url",
    "url_too_long": "too_large",
    # What a strict type says of a text.
    "int_type": "whole_number",
    "float_type": "number",
    "decimal_type": "number",
    "bool_type": "yes_or_no",
    "date_type": "date",
    "time_type": "time",
    "datetime_type": "datetime",
}

#: Kinds of errors whose words are the author's, or those of a library that knows better.
_OWN = frozenset({"value_error", "assertion_error"})
_PYDANTICS = frozenset(get_args(ErrorType)) - _OWN

#: Of a date or a time a person says it like this.
_MOMENTS = {
    "greater_than": "after",
    "greater_than_equal": "from",
    "less_than": "before",
    "less_than_equal": "until",
}

#: Of a list; pydantic says of a SecretStr that it is too short in the same words.
_COUNTS = {"too_short": "too_few", "too_long": "too_many"}
_LISTS = frozenset({"List", "Set", "Frozenset", "Tuple"})


def worded(error: Mapping[str, Any], label: str, input_type: str = "") -> str:
    """Return what a person is told.

    Parameters
    ----------
    error : mapping
        One of ``ValidationError.errors()``.
    label : str
        Of the field; empty for the form as a whole.
    input_type : str
        The ``type`` of the field's input.
    """
    kind, context = error["type"], error.get("ctx", {})
    if kind == "value_error" and input_type == "email" and "reason" in context:
        return say("email", label=label)
    name = _TEXTS.get(kind)
    if kind in _COUNTS:
        name = _COUNTS[kind] if context.get("field_type") in _LISTS else kind
    if input_type in ("date", "time", "datetime-local"):
        name = _MOMENTS.get(kind, name)
    if name is not None:
        return say(name, **{key: _written(one) for key, one in context.items()} | {"label": label})
    # A validator of the author raises ValueError("..."): these are the author's words.
    said = "" if kind in _PYDANTICS else str(context.get("error", error["msg"]))
    if not said:
        return say("pattern", label=label) if label else say("check")
    return say("other", label=label, said=said) if label else said


def _written(value: Any) -> Any:
    """Return a bound as a person writes it: ``0`` for ``0.0``, ``09:00`` for ``09:00:00``."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and (match := re.fullmatch(_MOMENT, value)):
        return " ".join(part for part in match.groups() if part)
    return value


_MOMENT = r"(?:(\d+-\d\d-\d\d)T)?(\d\d:\d\d(?::(?!00(?:Z|$))\d\d(?:\.\d+)?)?)(?::00)?Z?"


def labels_of(nodes: Iterable[Node], name: str) -> list[str]:
    """Return the labels of what a field stands in, such as "Guests 2", and its own.

    Parameters
    ----------
    nodes : iterable of Field, Group or Rows
        The fields of a form.
    name : str
        The field's name; one that is not there is put into words.
    """
    return _found(nodes, name)[0]


def value_text(nodes: Iterable[Node], name: str, text: str) -> str:
    """Return what a person calls a value that was sent: the label of a choice, yes for a tick.

    Parameters
    ----------
    nodes, name
        As for :func:`labels_of`.
    text : str
        What was sent; of a field that is not there it says enough.
    """
    field = _found(nodes, name)[1]
    return text if field is None else field.label_of(text)


def _found(nodes: Iterable[Node], name: str) -> tuple[list[str], Field | None]:
    for node in nodes:
        if name == node.name:
            return [node.label], node if isinstance(node, Field) else None
        match node:
            case Group(name=""):
                return _found(node.nodes.values(), name)
            case Group() if name.startswith(f"{node.name}."):
                labels, field = _found(node.nodes.values(), name)
                return [node.label, *labels], field
            case Rows() if match := re.match(rf"{re.escape(node.name)}\[(\d+)\]", name):
                entry = say("entry", label=node.label, number=int(match[1]) + 1)
                rest = f"{node.name}[#]{name[match.end() :]}"
                if isinstance(node.row, Field) or rest == node.row.name:
                    return [entry], None
                labels, field = _found(node.row.nodes.values(), rest)
                return [entry, *labels], field
            case _:
                pass
    return [humanize(name)], None
