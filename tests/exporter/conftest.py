"""Options for the tests of exports."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let more cases be tried than those of this folder."""
    parser.addoption("--cases", help="a Python file with more CASES, as in both_ways.py")
