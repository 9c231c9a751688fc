"""Rules: those of an annotation as HTML attributes, and those of HTML attributes as checks."""

from __future__ import annotations

import datetime as dt
import math
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import annotated_types

from ..errors import DefinitionError
from ..messages import say
from .field import Check

__all__ = ["attributes_of", "check_of", "flat", "html_pattern"]


def flat(rules: Iterable[Any]) -> Iterator[Any]:
    """Yield the rules, those that stand for several one by one."""
    for rule in rules:
        if isinstance(rule, annotated_types.GroupedMetadata):
            yield from flat(rule)
        else:
            yield rule


def attributes_of(kind: Any, rules: Iterable[Any]) -> dict[str, str]:
    """Return the HTML attributes that repeat a field's rules in the browser.

    Parameters
    ----------
    kind : type
        The field's type.
    rules : iterable of object
        What the annotation says beside it.
    """
    found: dict[str, str] = {}
    if kind in (float, Decimal):
        found["step"] = "any"
    for rule in rules:
        match rule:
            case annotated_types.Ge(ge=bound):
                found["min"] = _written(bound)
            case annotated_types.Gt(gt=bound):
                found["min"] = _written(_beside(kind, bound, 1))
            case annotated_types.Le(le=bound):
                found["max"] = _written(bound)
            case annotated_types.Lt(lt=bound):
                found["max"] = _written(_beside(kind, bound, -1))
            case annotated_types.MultipleOf(multiple_of=size):
                found["step"] = str(size)
            case annotated_types.MinLen(min_length=length):
                found["minlength"] = str(length)
            case annotated_types.MaxLen(max_length=length):
                found["maxlength"] = str(length)
            case _:
                places = getattr(rule, "decimal_places", None)
                if isinstance(places, int) and found.get("step") in (None, "any"):
                    found["step"] = str(Decimal(1).scaleb(-places))
                pattern = getattr(rule, "pattern", None)
                if pattern is not None:
                    text = html_pattern(getattr(pattern, "pattern", pattern))
                    found |= {} if text is None else {"pattern": text}
    if "min" in found and found.get("step", "any") != "any":
        # A browser counts steps from the minimum, so that has to be a step itself.
        low, step = Decimal(found["min"]), Decimal(found["step"])
        found["min"] = str(math.ceil(low / step) * step)
    return found


def _beside(kind: Any, bound: Any, direction: int) -> Any:
    """Return the first value beyond a bound; the bound where there is none (HTML has no "more")."""
    if kind is int:
        number = Decimal(str(bound))
        return math.floor(number) + 1 if direction > 0 else math.ceil(number) - 1
    if isinstance(bound, dt.date) and not isinstance(bound, dt.datetime):
        return bound + dt.timedelta(days=direction)
    return bound


def _written(bound: Any) -> str:
    if isinstance(bound, dt.datetime):
        return bound.replace(tzinfo=None).isoformat(timespec="minutes")
    return bound.isoformat() if isinstance(bound, dt.date | dt.time) else str(bound)


#: What Unicode-aware engines mean, and JavaScript only when it is spelled out.
_CLASSES = {"d": r"\p{Nd}", "w": r"\p{Alphabetic}\p{M}\p{Nd}\p{Pc}", "s": r"\s"}
_NEGATED = {"D": r"\P{Nd}", "S": r"\S"}


def html_pattern(pattern: str) -> str | None:
    r"""Return a regular expression as HTML's ``pattern``; None where it cannot be said there.

    HTML asks for a match of the whole text and reads it by JavaScript's strictest rules (the flag
    ``v``), under which many a character in a set has to be escaped.

    Parameters
    ----------
    pattern : str
        As pydantic takes it: a match anywhere in the text.

    Examples
    --------
    >>> html_pattern("^[a-z-]+$"), html_pattern("x"), html_pattern("(?i)x")
    ('[a-z\\-]+', '.*(?:x).*', None)
    """
    try:
        with warnings.catch_warnings():
            # Of what Python and JavaScript may come to read in different ways.
            warnings.simplefilter("error", FutureWarning)
            re.compile(pattern)
    except (re.error, FutureWarning):
        return None
    body = pattern
    starts = body.startswith("^")
    ends = body.endswith("$") and not body.endswith(r"\$")
    body = body[starts : len(body) - ends]
    written, in_set, depth, position = [], False, 0, 0
    while position < len(body):
        char = body[position]
        if char == "\\":
            part = _escape(body[position + 1 : position + 2], in_set)
            if part is None:
                return None
            written.append(part)
            position += 2
            continue
        if char == "[" and not in_set:
            in_set = True
            if body.startswith("[^", position):
                char = "[^"
        elif char == "]" and in_set:
            in_set = False
        elif in_set:
            char = _in_set(body, position)
        elif char == "|" and depth == 0 and (starts or ends):
            return None  # The anchor belongs to one of the choices alone.
        elif (
            char in "^$"
            or (char == "(" and _is_special_group(body, position))
            or (char == "{" and not re.match(r"\{\d+(,\d*)?\}", body[position:]))
        ):
            return None
        elif char in "()":
            depth += 1 if char == "(" else -1
        written.append(char)
        position += 1 + (char == "[^")
    text = "".join(written)
    return text if starts and ends else f"{'' if starts else '.*'}(?:{text}){'' if ends else '.*'}"


def _escape(char: str, in_set: bool) -> str | None:
    if char in _CLASSES:
        return _CLASSES[char] if in_set or char != "w" else f"[{_CLASSES[char]}]"
    if char in _NEGATED:
        return _NEGATED[char]
    if (char.isalnum() and char not in "nrtfv") or not char.isascii():
        return None
    # JavaScript lets only these be escaped.
    return f"\\{char}" if char in r"nrtfv^$\.*+?()[]{}|/-" and (in_set or char != "-") else char


def _in_set(body: str, position: int) -> str:
    char = body[position]
    if char == "-":
        at_edge = body[position - 1] in "[^" or body[position + 1 : position + 2] == "]"
        return r"\-" if at_edge else char
    return f"\\{char}" if char in "()[{}/|&!#%,:;<=>@`~" else char


def _is_special_group(body: str, position: int) -> bool:
    return body.startswith("(?", position) and not body.startswith("(?:", position)


# --- the rules of a field by hand -----------------------------------------------------------------


def check_of(owner: str, input_type: str, attributes: Mapping[str, str]) -> Check:
    """Return a check that repeats, where the action runs, what the browser checks.

    Parameters
    ----------
    owner : str
        What is named in an error.
    input_type : str
        The ``type`` of the input.
    attributes : mapping of str to str
        Its HTML attributes.

    Returns
    -------
    callable
        Gets a text and the label, returns what is wrong or "".

    Raises
    ------
    DefinitionError
        When a rule cannot be read.

    Notes
    -----
    Source: HTML, "Input, constraint validation", and the section on each type of input.
    """
    try:
        least, most = (int(attributes.get(name, -1)) for name in ("minlength", "maxlength"))
        pattern = re.compile(attributes["pattern"]) if "pattern" in attributes else None
        numbers = input_type in ("number", "range")
        low, high, step = (_bound(attributes.get(key), numbers) for key in ("min", "max", "step"))
        if numbers and "step" not in attributes:
            step = Decimal(1)
    except (ValueError, InvalidOperation, re.error) as error:
        raise DefinitionError(f"{owner}: a rule cannot be read ({error})") from None
    form = _FORMS.get(input_type)

    def check(text: str, label: str) -> str:
        if form is not None and not re.fullmatch(form, text):
            return say(_FORM_TEXTS.get(input_type, "pattern"), label=label)
        value: Any = Decimal(text) if numbers else text
        length = len(text.replace("\r\n", "\n"))
        if length < least:
            return say("too_short", label=label, min_length=least)
        if 0 <= most < length:
            return say("too_long", label=label, max_length=most)
        if pattern is not None and not pattern.fullmatch(text):
            return say("pattern", label=label)
        if low is not None and value < low:
            return say("greater_than_equal", label=label, ge=low)
        if high is not None and value > high:
            return say("less_than_equal", label=label, le=high)
        if numbers and step is not None and (value - (low or 0)) % step:
            return say("multiple_of", label=label, multiple_of=step)
        return ""

    return check


def _bound(text: str | None, is_number: bool) -> Any:
    if text is None or text == "any":
        return None
    return Decimal(text) if is_number else text


_NUMBER = r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?"
_DATE, _TIME = r"\d{4,}-\d\d-\d\d", r"\d\d:\d\d(:\d\d(\.\d+)?)?"
#: Type of an input → what its value looks like. Texts of a date or time sort as their values do.
_FORMS = {
    "number": _NUMBER,
    "range": _NUMBER,
    "date": _DATE,
    "time": _TIME,
    "datetime-local": f"{_DATE}T{_TIME}",
    "month": r"\d{4,}-\d\d",
    "week": r"\d{4,}-W\d\d",
    "color": r"#[0-9a-fA-F]{6}",
    "email": r"[^@\s]+@[^@\s]+",
    "url": r"[a-zA-Z][a-zA-Z0-9+.-]*:\S+",
}
_FORM_TEXTS = {
    "number": "number",
    "range": "number",
    "date": "date",
    "time": "time",
    "datetime-local": "datetime",
    "email": "email",
    "url": "url",
}
