"""A real browser, an app and a JupyterLab, for the tests of a module."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator

import pytest
from demo import Demo
from find import find_chromium
from lab import PATIENCE, Lab, Notebook
from playwright.sync_api import Browser, Page, expect, sync_playwright


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


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A JupyterLab."""
    with Lab(tmp_path_factory.mktemp("lab")) as lab:
        yield lab


@pytest.fixture
def notebook(
    lab: Lab, page: Page, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Notebook]]:
    """Make, open and run a notebook with the given cells."""
    expect.set_options(timeout=PATIENCE * 1000)
    page.set_default_timeout(PATIENCE * 1000)

    def run(*cells: str) -> Notebook:
        notebook = Notebook.write(lab, page, re.sub(r"\W", "-", request.node.name), *cells)
        notebook.open()
        notebook.run_all()
        return notebook

    yield run
    expect.set_options(timeout=5000)
    lab.stop_kernels()
