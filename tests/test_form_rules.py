"""Rules in two languages: what HTML says of an annotation's rules."""

from __future__ import annotations

import re
import subprocess
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notebook_actions.form.rules import html_pattern

PATTERNS = [
    *("^[a-z]+$", "^[a-z-]{2,3}$", r"^\d{5}(-\d{4})?$", "x", "^x", "x$", r"^\w+@\w+\.com$"),
    *(r"^[A-Z&/()]+$", r"^a\-b$", r"^(a|b)c$", r"^[^-x]+$", "^[.]$", r"^\S+ \D$", r"a\$$"),
]
TEXTS = ["", "a", "abc", "a-b", "12345", "12345-6789", "x", "axb", "xa", "ax", "luna@hogwarts.com"]
TEXTS += ["A&/()", "ac", "bc", "q", ".", "é٣ ٣", "ab c", "a$"]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_browser_takes_what_the_server_takes(pattern: str) -> None:
    """By JavaScript's rules for ``pattern`` the same texts match as by Python's."""
    written = html_pattern(pattern)
    assert written is not None
    code = (
        "const [pattern, ...texts] = process.argv.slice(1);"
        "const re = new RegExp(`^(?:${pattern})$`, 'v');"
        "console.log(JSON.stringify(texts.map((text) => re.test(text))))"
    )
    told = subprocess.run(
        ["node", "-e", code, "--", written, *TEXTS], capture_output=True, text=True, check=True
    )
    expected = [bool(re.search(pattern, text)) for text in TEXTS]
    assert told.stdout.strip() == str(expected).lower().replace(" ", "")


@pytest.mark.parametrize("pattern", ["(?i)x", r"\bx", "(?P<a>x)", "^a|b$", r"\Ax", "[", "(?=x)"])
def test_what_html_cannot_say_is_left_to_the_server(pattern: str) -> None:
    """No attribute is better than one that refuses what is right."""
    assert html_pattern(pattern) is None


@given(st.text(alphabet="ab[]()-{}|\\^$.*+?/&!# d1,", max_size=12))
def test_any_pattern(pattern: str) -> None:
    """No pattern makes it fail."""
    written: Any = html_pattern(pattern)
    assert written is None or isinstance(written, str)
