"""A real browser, and an app, for the tests of a module."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from demo import Demo
from find import find_chromium
from playwright.sync_api import Browser, Page, sync_playwright


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium. One that is missing is an error, never a skip.

    It is stopped at the end of the module: Playwright's sync API leaves a running loop behind,
    which would break asynchronous tests that come after it.
    """
    with sync_playwright() as playwright:
        root = hasattr(os, "geteuid") and os.geteuid() == 0
        browser = playwright.chromium.launch(
            executable_path=find_chromium(),
            # Chromium's sandbox does not start for root, as in most containers.
            args=["--no-sandbox"] if root else [],
        )
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page in a fresh profile, with a window of a common size."""
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    demo = Demo(tmp_path_factory.mktemp("demo"))
    demo.start()
    yield demo
    demo.stop()


@pytest.fixture
def demo(server: Demo) -> Iterator[Demo]:
    """The demo app with an empty list."""
    (server.folder / "rows").unlink(missing_ok=True)
    yield server
    server.release()
    if server.process is None:
        server.start()
