"""The headings of Markdown cells stand in the exported module, each where its cells begin."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from notebook_actions.exporter.analysis.headings import last_heading
from notebook_actions.exporter.analysis.notebook import read_notebook
from notebook_actions.exporter.analysis.secret_literals import replace_secrets
from notebook_actions.exporter.analysis.slice import slice_statements
from notebook_actions.exporter.analysis.source import module_source
from notebook_actions.exporter.where import origin
from tests.exporter.notebooks import value_in


@pytest.mark.parametrize(
    ("markdown", "title"),
    [
        ("# Enrollment", "Enrollment"),
        ("text\n\n## The *second*  one ##\ntext", "The second one"),
        ("# First\n## Last", "Last"),
        ("# `enroll()` and [prices](http://x.example/a_b)", "enroll() and prices"),
        ("# <b style='x'>Bold</b> __words__ of snake_case", "Bold words of snake_case"),
        ("# A\tB\u2028C\x07", "A B C"),
        ("```\n# no title\n```", ""),
        ("```python\n# a comment that never ends", ""),
        ("no title", ""),
        ("#hashtag", ""),
        ("    # code", ""),
        ("# " + "x" * 200, ""),
        ("# ![Our logo](x.png)", "Our logo"),
    ],
)
def test_a_heading_becomes_one_plain_line(markdown: str, title: str) -> None:
    """Without markup, links, HTML and control characters; code and sentences are none."""
    assert last_heading(markdown) == title


def source_of(folder: Path, *cells: str) -> str:
    """Return the module of a notebook whose cells that begin with "md:" are Markdown."""
    document = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {},
        "cells": [
            {
                "cell_type": "markdown" if text.startswith("md:") else "code",
                "metadata": {},
                "source": text.removeprefix("md:"),
                **({} if text.startswith("md:") else {"outputs": [], "execution_count": None}),
            }
            for text in cells
        ],
    }
    path = folder / "x.ipynb"
    path.write_text(json.dumps(document), encoding="utf-8")
    part = replace_secrets(slice_statements(read_notebook(path), ["wanted"]))
    source = module_source(part)
    for number, line in enumerate(source.split("\n"), 1):
        place = origin(part, source, number)
        if line.startswith("# Title"):
            assert place is None
        elif line.startswith("wanted"):
            assert place is not None
            cell, own = place
            code = [text for text in cells if not text.startswith("md:")]
            assert code[cell - 1].split("\n")[own - 1] == line
    return source


def test_a_heading_stands_above_the_first_kept_statement_under_it(tmp_path: Path) -> None:
    """Once, and only where something of its cells is kept."""
    source = source_of(
        tmp_path,
        *("import os", "md:# Title one", "unused = 1", "A = 1", "B = 2"),
        *("md:# Title of nothing", "print(A)"),
        *("md:# Title two\ntext", "md:no heading", "import sys\ndef f():\n    return A + B"),
        "wanted = [f(), sys.maxsize]",
    )
    assert source == (
        "# Title one\nA = 1\nB = 2\n\n# Title two\nimport sys\n\n\n"
        "def f():\n    return A + B\n\n\nwanted = [f(), sys.maxsize]\n"
    )


def test_a_cell_that_says_it_already_says_it_once(tmp_path: Path) -> None:
    """The author's own comment is enough."""
    source = source_of(tmp_path, "md:# Title", "# --- title ---\nwanted = 1")
    assert source == "# --- title ---\nwanted = 1\n"


def test_headings_stand_in_the_start_up_too(tmp_path: Path) -> None:
    """Where the statements are that the notebook awaited."""
    source = source_of(
        tmp_path,
        *("async def f():\n    return 1", "md:# Title", "x = await f()", "wanted = [x]"),
    )
    assert "    global wanted, x\n    # Title\n    x = await f()\n" in source.replace("\n\n", "\n")
    assert value_in(source) == [1]


@pytest.mark.parametrize(
    "title",
    ["The key is hunter2!", "postgresql://luna:pw1@db.example/x", "ghp_abcdefghij0123456789"],
)
def test_a_heading_with_a_secret_is_left_out(tmp_path: Path, title: str) -> None:
    """No secret is ever written."""
    source = source_of(tmp_path, f"md:# {title}", "PASSWORD = 'hunter2!'\nwanted = PASSWORD")
    assert "#" not in source
