"""The headings of Markdown cells, as plain text that can stand in a comment."""

from __future__ import annotations

import re

__all__ = ["last_heading"]

_FENCED = re.compile(r"^ {0,3}(`{3,}|~{3,}).*?(?:^ {0,3}\1|\Z)", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]+(.+?)[ \t]*#*[ \t]*$", re.MULTILINE)
_LINK = re.compile(r"!?\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])")
_TAG = re.compile(r"<[^>]*>")
_EMPHASIS = re.compile(r"(\*{1,3}|`+|~~|(?<!\w)_{1,3}(?=\S)|(?<=\S)_{1,3}(?!\w))")

#: Longer ones are sentences, not titles.
_LONGEST = 80


def last_heading(markdown: str) -> str:
    """Return the last heading of a Markdown text; empty where it has none that is short."""
    found = _HEADING.findall(_FENCED.sub("", markdown.replace("\r\n", "\n")))
    if not found:
        return ""
    plain = _EMPHASIS.sub("", _LINK.sub(r"\1", _TAG.sub("", found[-1])))
    title = " ".join("".join(char if char.isprintable() else " " for char in plain).split())
    return title if len(title) <= _LONGEST else ""
