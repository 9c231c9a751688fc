"""The texts: all in one mapping, which a translation changes, and none anywhere else."""

from __future__ import annotations

import ast
import re
import string
from pathlib import Path

import pytest

import notebook_actions
from notebook_actions.messages import MESSAGES, say, script_texts

ROOT = Path(notebook_actions.__file__).parent
SOURCES = {
    path.name: path.read_text("utf-8")
    for path in ROOT.rglob("*.py")
    if "exporter" not in path.parts
}
SCRIPTS = [path.read_text("utf-8") for path in (ROOT / "static").glob("*.js")]
#: What the code says by itself, its docstrings left out.
SAID = [
    one.value
    for name, source in SOURCES.items()
    for one in ast.walk(ast.parse(source))
    if name != "messages.py" and isinstance(one, ast.Constant) and isinstance(one.value, str)
    if "\n" not in one.value
]


@pytest.mark.parametrize("name", MESSAGES)
def test_each_text_is_said_by_somebody(name: str) -> None:
    """A translator does no work for nothing."""
    bare = name.removesuffix("_title")
    found = [source.count(f'"{name}"') + source.count(f'"{bare}"') for source in SOURCES.values()]
    assert sum(found) > 1 or any(f"'{name}'" in source for source in SOURCES.values())


@pytest.mark.parametrize("name", MESSAGES)
def test_no_text_stands_anywhere_else(name: str) -> None:
    """The texts of the package are in its mapping alone, and the scripts have none."""
    sentence = max(re.split(r"\{\w+\}", MESSAGES[name]), key=len).strip(" .:…")
    if sentence.count(" ") < 2:  # A word or two, such as "Add", may well be something of code.
        return
    assert not any(sentence in one for one in SAID)
    assert not any(sentence in script for script in SCRIPTS)


def test_a_text_need_not_mention_all() -> None:
    """What a translation leaves out is left out."""
    for name, text in MESSAGES.items():
        names = [one for _, one, _, _ in string.Formatter().parse(text) if one is not None]
        assert say(name, **dict.fromkeys([*names, "more"], "x"))
    assert "\\u" not in script_texts()
