"""Rules: those of an annotation as HTML attributes, and those of HTML attributes as checks."""

from __future__ import annotations

import datetime as dt
import math
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Annotated, Any

import annotated_types
import pydantic

from ..errors import DefinitionError
from ..messages import say
from ..texts import text_of
from .field import Check

__all__ = ["attributes_of", "check_of", "check_rules", "flat", "html_pattern", "lax", "unfit"]


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
    first: Callable[[Decimal], int] = math.ceil
    last: Callable[[Decimal], int] = math.floor
    for rule in rules:
        match rule:
            case annotated_types.Ge(ge=bound):
                found["min"], first = text_of(bound), math.ceil
            case annotated_types.Gt(gt=bound):
                found["min"] = text_of(_beside(kind, bound, 1))
                first = math.ceil if kind is int else _after
            case annotated_types.Le(le=bound):
                found["max"], last = text_of(bound), math.floor
            case annotated_types.Lt(lt=bound):
                found["max"] = text_of(_beside(kind, bound, -1))
                last = math.floor if kind is int else _before
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
    if found.get("step", "any") != "any":
        # A browser counts steps from the minimum, so that has to be a step itself; and with steps
        # there is a first one beyond a bound.
        step = Decimal(found["step"])
        for name, count in (("min", first), ("max", last)):
            if name in found:
                found[name] = text_of(count(Decimal(found[name]) / step) * step)
    if "pattern" in found and any(getattr(rule, "strip_whitespace", False) for rule in rules):
        found["pattern"] = rf"\s*(?:{found['pattern']})\s*"
    return found


def _after(steps: Decimal) -> int:
    return math.floor(steps) + 1


def _before(steps: Decimal) -> int:
    return math.ceil(steps) - 1


def _beside(kind: Any, bound: Any, direction: int) -> Any:
    """Return the first value beyond a bound; the bound where there is none (HTML has no "more")."""
    if kind is int:
        number = Decimal(str(bound))
        return math.floor(number) + 1 if direction > 0 else math.ceil(number) - 1
    if isinstance(bound, dt.date) and not isinstance(bound, dt.datetime):
        return bound + dt.timedelta(days=direction)
    return bound


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


#: Type → a value of it, to try rules with.
_SAMPLES: dict[Any, object] = {
    str: "1",
    int: 1,
    float: 1.0,
    Decimal: Decimal(1),
    dt.date: dt.date(2000, 1, 1),
    dt.time: dt.time(0),
    dt.datetime: dt.datetime(2000, 1, 1),
    pydantic.SecretStr: pydantic.SecretStr("1"),
}
_BOUNDS = (
    *(annotated_types.Ge, annotated_types.Gt, annotated_types.Le, annotated_types.Lt),
    *(annotated_types.MultipleOf, annotated_types.MinLen, annotated_types.MaxLen),
)


def check_rules(owner: str, kind: Any, rules: Iterable[Any]) -> None:
    """Refuse rules that pydantic would only find unfit when something is submitted."""
    names = ("max_digits", "decimal_places", "pattern")
    known = [
        one
        for one in rules
        if isinstance(one, _BOUNDS) or any(getattr(one, name, None) is not None for name in names)
    ]
    if kind not in _SAMPLES or not known:
        return
    try:
        pydantic.TypeAdapter(Annotated[kind, *known]).validate_python(_SAMPLES[kind])
    except pydantic.ValidationError:
        pass
    except Exception as error:
        raise unfit(owner, error) from None


def lax(kind: Any) -> Callable[[str], Any]:
    """Return what turns a text into a value of a type; what it is not goes on to be refused."""
    adapter = pydantic.TypeAdapter(kind)

    def typed(text: str) -> Any:
        try:
            return adapter.validate_python(text)
        except pydantic.ValidationError:
            return text

    return typed


def unfit(owner: str, error: Exception) -> DefinitionError:
    """Return what says that rules and type do not go together."""
    return DefinitionError(
        f"{owner}: its rules do not fit its type ({' '.join(str(error).split())})"
    )


# --- the rules of a field by hand -----------------------------------------------------------------


def check_of(owner: str, input_type: str, attributes: Mapping[str, str], shown: str = "") -> Check:
    """Return a check that repeats, where the action runs, what the browser checks.

    Parameters
    ----------
    owner : str
        What is named in an error.
    input_type : str
        The ``type`` of the input.
    attributes : mapping of str to str
        Its HTML attributes.
    shown : str
        What it holds at first: steps are counted from there where there is no minimum.

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
        if numbers and step is not None and step <= 0:
            raise ValueError(f"step={step} is not above 0")
        base = low if low is not None else _base(shown)
    except (ValueError, InvalidOperation, re.error) as error:
        raise DefinitionError(f"{owner}: a rule cannot be read ({error})") from None
    form = _FORMS.get(input_type)
    several = input_type == "email" and "multiple" in attributes

    def check(text: str, label: str) -> str:
        parts = [part.strip() for part in text.split(",")] if several else [text]
        if form is not None and not all(re.fullmatch(form, part) for part in parts):
            return say(_FORM_TEXTS.get(input_type, "pattern"), label=label)
        if "date" in input_type and not _is_day(text):
            return say(_FORM_TEXTS[input_type], label=label)
        if numbers and not math.isfinite(float(text)):
            return say("too_large", label=label)
        value: Any = Decimal(text) if numbers else text
        # As JavaScript counts.
        length = len(text.replace("\r\n", "\n").encode("utf-16-le", "surrogatepass")) // 2
        if length < least:
            return say("too_short", label=label, min_length=least)
        if 0 <= most < length:
            return say("too_long", label=label, max_length=most)
        if pattern is not None and not pattern.fullmatch(text):
            return say("pattern", label=label)
        if input_type == "time" and low is not None and high is not None and low > high:
            # From the evening to the morning.
            return say("from", label=label, ge=_told(low)) if high < value < low else ""
        if low is not None and value < low:
            return say("greater_than_equal" if numbers else "from", label=label, ge=_told(low))
        if high is not None and value > high:
            return say("less_than_equal" if numbers else "until", label=label, le=_told(high))
        if numbers and step is not None and _is_between(value, base, step):
            name = "steps" if _is_between(base, Decimal(0), step) else "multiple_of"
            return say(name, label=label, multiple_of=step, base=base)
        return ""

    return check


def _bound(text: str | None, is_number: bool) -> Any:
    if text is None or text == "any":
        return None
    # Texts are compared: a browser leaves seconds out that are zero.
    return Decimal(text) if is_number else re.sub(r"(?<=:\d\d):00(\.0+)?$", "", text)


def _told(bound: Any) -> Any:
    """Return a bound as a person writes it."""
    return bound.replace("T", " ") if isinstance(bound, str) else bound


def _base(shown: str) -> Decimal:
    return Decimal(shown) if re.fullmatch(_NUMBER, shown) else Decimal(0)


def _is_between(value: Decimal, base: Decimal, step: Decimal) -> bool:
    """Whether a number is no step; exact, where Decimal rounds or gives up."""
    return (Fraction(value) - Fraction(base)) % Fraction(step) != 0


def _is_day(text: str) -> bool:
    try:
        dt.date.fromisoformat(text.partition("T")[0])
    except ValueError:
        return False
    return True


_NUMBER = r"[+-]?(\d{1,400}(\.\d{0,400})?|\.\d{1,400})([eE][+-]?\d{1,3})?"
_MONTH = r"\d{4,}-(0[1-9]|1[0-2])"
_DATE, _TIME = rf"{_MONTH}-\d\d", r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?"
#: Type of an input → what its value looks like. Texts of a date or time sort as their values do.
_FORMS = {
    "number": _NUMBER,
    "range": _NUMBER,
    "date": _DATE,
    "time": _TIME,
    "datetime-local": f"{_DATE}T{_TIME}",
    "month": _MONTH,
    "week": r"\d{4,}-W(0[1-9]|[1-4]\d|5[0-3])",
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
