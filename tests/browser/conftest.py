"""A real browser, an app and a JupyterLab, for the tests of a module."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator

import pytest
from demo import Demo
from find import find_chromium
from lab import PATIENCE, Lab, Notebook
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

COMMON = ViewportSize(width=1200, height=900)

# What is expected comes in a moment, but the machine may be busy.
expect.set_options(timeout=PATIENCE * 1000)


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


@pytest.fixture(scope="module")
def window(browser: Browser) -> Iterator[Page]:
    """The window in which all tests of a module use JupyterLab: it takes seconds to load."""
    context = browser.new_context(viewport=COMMON)
    page = context.new_page()
    page.set_default_timeout(PATIENCE * 1000)
    yield page
    context.close()


@pytest.fixture
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page of a common size: in a fresh profile, or the window with JupyterLab."""
    lab = request.getfixturevalue("lab") if "lab" in request.fixturenames else None
    if lab is not None and request.node.get_closest_marker("reloads") is None:
        window: Page = request.getfixturevalue("window")
        window.set_viewport_size(COMMON)
        yield window
        lab.clear(window)
        return
    context = browser.new_context(viewport=COMMON)
    page = context.new_page()
    if lab is not None:
        page.set_default_timeout(PATIENCE * 1000)
    yield page
    context.close()
    if lab is not None:
        lab.stop_kernels()


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
def notebook(lab: Lab, page: Page, request: pytest.FixtureRequest) -> Callable[..., Notebook]:
    """Make, open and run a notebook with the given cells."""

    def run(*cells: str) -> Notebook:
        notebook = Notebook.write(lab, page, re.sub(r"\W", "-", request.node.name), *cells)
        notebook.open()
        notebook.run_all()
        return notebook

    return run
