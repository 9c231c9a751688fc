"""The README says only what runs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from notebook_actions import FormError

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")


async def test_the_first_example_runs_as_it_says() -> None:
    """The code at the top, pasted into a cell, books a table and refuses seven; its test passes."""
    source = re.search(r"```python\n(.*?)```", README, re.DOTALL)
    assert source is not None
    names: dict[str, Any] = {}
    exec(source[1], names)
    (form,) = names["page"].forms.values()
    assert await form.submit(name="Luna", seats=2) == "See you, Luna!"
    assert names["guests"] == [("Luna", 2)]
    with pytest.raises(FormError) as caught:
        await form.submit(name="Luna", seats=7)
    assert caught.value.fields == {"seats": "6 seats at most"}
    (test,) = re.findall(r"```python\n(from notebook_actions.testing.*?)```", README, re.DOTALL)
    exec(test, names)
    names["page"].close()
    form.close()


def test_the_files_that_it_links_to_are_there() -> None:
    """Every relative link of the README leads to a file of the repository."""
    links = re.findall(r"\]\((?!http)([^)#]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_commands_that_it_names_are_targets_of_the_makefile() -> None:
    """Every `make …` of the README is there."""
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z]+)`", README)) <= targets
