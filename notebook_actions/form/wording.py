"""Wording: what pydantic finds wrong and what it is about, in the words of a person."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

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
    if name is not None:
        return say(name, **{**context, "label": label})
    # A validator of the author raises ValueError("..."): these are the author's words.
    said = str(context.get("error") or error["msg"])
    return say("other", label=label, said=said) if label else said


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
