"""Values that the fields of a form accept, for the smoke test of an app.

Loaded by path in the process that rehearses an app (see ``describe``): the standard library only,
and the app's own runtime. What the HTML of a form tells is left to the smoke test itself
(``sample.py``); here are the rules that HTML cannot say: more than 2.5, a pattern, a rule of
the author's own.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from importlib import import_module
from itertools import islice
from typing import Any

__all__ = ["matching", "samples"]

_BOUNDS = ("gt", "ge", "lt", "le", "multiple_of")


def samples(form: Any, sent: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return what a form's fields accept in place of what would be sent: field → text.

    Parameters
    ----------
    form
        An ``ActionForm`` of the app.
    sent
        The names and values that its HTML leads to.

    Returns
    -------
    dict
        Only fields that would be refused as sent, and for which a value was found.
    """
    from notebook_actions.formdata import FormData, unnumbered

    told = list(sent)
    found: dict[str, str] = {}
    fields = {field.name: field for field in form.parameters.leaves()}
    for name, first in dict(reversed(told)).items():

        def accepts(text: str, name: str = name) -> bool:
            pairs = [(one, text if one == name else found.get(one, old)) for one, old in told]
            return name not in form.parameters.check(FormData(pairs))

        field = fields.get(unnumbered(name))
        if field is not None and not accepts(first):
            tried = (text for text in _candidates(field.rules) if accepts(text))
            found.update((name, text) for text in islice(tried, 1))
    return found


def _candidates(rules: Sequence[Any]) -> Iterator[str]:
    """Yield texts at and beside each bound, between two bounds, and that match a pattern."""
    for rule in rules:
        if pattern := getattr(rule, "pattern", None):
            yield from matching(getattr(pattern, "pattern", pattern))
    given = [getattr(rule, name, None) for rule in rules for name in _BOUNDS]
    bounds = [bound for bound in given if bound is not None]
    for bound in bounds:
        if isinstance(bound, dt.date):
            yield from ((bound + dt.timedelta(days)).isoformat() for days in (1, -1))
        elif isinstance(bound, dt.time):
            yield from (bound.replace(hour=hour).isoformat() for hour in range(24))
    numbers = [Decimal(str(one)) for one in bounds if isinstance(one, int | float | Decimal)]
    yield from map(str, _numbers(numbers))


def _numbers(bounds: Sequence[Decimal]) -> Iterator[Decimal]:
    for one in bounds:
        yield from (one + 1, one - 1)
        yield from ((one + other) / 2 for other in bounds)
        yield from ((other // one + more) * one for other in bounds if one for more in (-1, 0, 1))
    yield from map(Decimal, range(100))


def matching(pattern: str) -> Iterator[str]:
    """Yield texts that a regular expression is likely to match; none where it is too involved."""
    try:
        # The module that ``re`` itself reads patterns with.
        tree = import_module("re._parser").parse(pattern)
        for sign in "1a A-_":
            yield "".join(_text(tree, sign))
    except (ImportError, AttributeError, KeyError, re.error):
        return


def _text(tree: Any, sign: str) -> Iterator[str]:
    """Yield the parts of a text for a parsed pattern, with ``sign`` where anything will do."""
    for kind, value in tree:
        match str(kind), value:
            case "LITERAL", code:
                yield chr(code)
            case "ANY", _:
                yield sign
            case "IN", choices:
                yield _one_of(choices, sign)
            case "NOT_LITERAL", code:
                yield sign if sign != chr(code) else "x"
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT", (least, _, part):
                yield "".join(_text(part, sign)) * least
            case "SUBPATTERN", (*_, part):
                yield from _text(part, sign)
            case "BRANCH", (_, [first, *_]):
                yield from _text(first, sign)
            case "ASSERT" | "ASSERT_NOT" | "AT", _:
                pass
            case other:
                raise KeyError(other)


_CATEGORIES = {
    "CATEGORY_DIGIT": "1",
    "CATEGORY_WORD": "1",
    "CATEGORY_SPACE": " ",
    "CATEGORY_NOT_DIGIT": "a",
    "CATEGORY_NOT_WORD": "-",
    "CATEGORY_NOT_SPACE": "1",
}


def _one_of(choices: list[Any], sign: str) -> str:
    """Return a character of a set such as ``[A-Z_]``."""
    if str(choices[0][0]) == "NEGATE":
        barred = {char for choice in choices[1:] for char in _members(choice)}
        return next(char for char in f"{sign}1aA-_ " if char not in barred)
    members = [char for choice in choices for char in _members(choice)]
    return sign if sign in members else members[0]


def _members(choice: tuple[Any, Any]) -> str:
    match str(choice[0]), choice[1]:
        case "LITERAL", code:
            return chr(code)
        case "RANGE", (first, last):
            return "".join(map(chr, range(first, min(last, first + 200) + 1)))
        case "CATEGORY", category:
            return _CATEGORIES[str(category)]
        case other:
            raise KeyError(other)
