"""EXAMPLES.md: each block runs, and its tests pass."""

from __future__ import annotations

import doctest
import inspect
import re
import threading
from pathlib import Path
from typing import Any

import notebook_actions
from notebook_actions import testing

PAGE = Path(testing.__file__).with_name("EXAMPLES.md").read_text("utf-8")


def in_a_thread(call: Any) -> None:
    """Call where no event loop runs, as a plain test is called."""
    raised: list[BaseException] = []

    def run() -> None:
        try:
            call()
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if raised:
        raise raised[0]


async def test_the_tests_of_the_page_pass() -> None:
    """All of them, in their order, with every public function in one of them."""
    names: dict[str, Any] = {}
    for block in re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE):
        exec(block, names)
    tests = [value for name, value in names.items() if name.startswith("test_")]
    assert len(tests) == 6
    for test in tests:
        if inspect.iscoroutinefunction(test):
            await test()
        else:
            in_a_thread(test)
    assert {"Browser", "FrontEnd", "submit", "transitions"} <= names.keys()
    names["page"].close()
    names["form"].close()


def test_the_example_of_the_module_is_true() -> None:
    """What its docstring shows is what happens."""
    in_a_thread(lambda: check(doctest.testmod(testing)))


def check(result: doctest.TestResults) -> None:
    assert (result.failed, result.attempted > 5) == (0, True)


def test_its_public_names_are_sorted_and_there() -> None:
    """And none of them is one of the package itself."""
    assert testing.__all__ == sorted(testing.__all__, key=lambda name: (name.islower(), name))
    assert all(hasattr(testing, name) for name in testing.__all__)
    assert not set(testing.__all__) & set(notebook_actions.__all__)
