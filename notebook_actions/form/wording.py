"""Wording: what pydantic finds wrong, in the words of a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..messages import say

__all__ = ["worded"]

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
