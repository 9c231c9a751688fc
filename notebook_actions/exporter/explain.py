"""What a problem's code means: the sections of ``PROBLEMS.md``, which lies beside this module."""

from __future__ import annotations

import re
from pathlib import Path

__all__ = ["PAGE", "explain", "overview", "sections"]

#: The page of the documentation that lists all codes.
PAGE = Path(__file__).with_name("PROBLEMS.md")

_HEADING = re.compile(r"^## (?=[EW]\d{3}: )", re.MULTILINE)


def sections() -> dict[str, str]:
    """Return the page's sections: code → Markdown, from its heading on."""
    _, *found = _HEADING.split(PAGE.read_text("utf-8"))
    return {text[:4]: f"## {text.strip()}\n" for text in found}


def explain(code: str) -> str:
    """Return the section of a code, as Markdown.

    Raises
    ------
    ValueError
        When there is no such code.
    """
    try:
        return sections()[code.upper()]
    except KeyError:
        message = f"there is no code {code!r}; notebook-actions explain lists them"
        raise ValueError(message) from None


def overview() -> str:
    """Return the codes with their titles, one a line."""
    titles = (text.partition("\n")[0].removeprefix("## ") for text in sections().values())
    return "".join(f"{title.replace(': ', '  ', 1)}\n" for title in titles)
