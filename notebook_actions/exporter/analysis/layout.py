"""Moving lines of code right or left without touching the text of strings."""

from __future__ import annotations

import io
import tokenize

__all__ = ["indent", "string_lines"]

_OPENS = {"FSTRING_START", "TSTRING_START"}
_CLOSES = {"FSTRING_END", "TSTRING_END"}


def string_lines(source: str) -> set[int]:
    """Return the numbers (from 1) of the lines that begin inside a string."""
    inside: set[int] = set()
    opened: list[int] = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            kind = tokenize.tok_name[token.type]
            if kind in _OPENS:
                opened.append(token.start[0])
            elif kind in _CLOSES:
                inside.update(range(opened.pop() + 1, token.end[0] + 1))
            elif kind == "STRING":
                inside.update(range(token.start[0] + 1, token.end[0] + 1))
    except (tokenize.TokenError, SyntaxError):
        pass  # what was read until here still holds
    return inside


def indent(source: str, by: str = "    ") -> str:
    """Return the code indented, its multi-line strings as they were."""
    inside = string_lines(source)
    lines = source.split("\n")
    return "\n".join(
        line if number in inside or not line.strip() else by + line
        for number, line in enumerate(lines, 1)
    )
