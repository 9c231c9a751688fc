"""One form, the same bytes: by the browser itself, by the page's script, and in JupyterLab."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from lab import PATIENCE, Lab, Notebook, until
from odd import ENTER, ODD, STATE
from playwright.sync_api import Browser, Page
from sent import CASES, Case, written

from notebook_actions import FormData
from notebook_actions.fill import fill

HERE = Path(__file__).resolve().parent

CELL = f"""
import sys
sys.path.insert(0, {str(HERE)!r})
from pathlib import Path
from notebook_actions import ActionForm, Page
from sent import forms
Page("/sent", *forms(Path.cwd(), ActionForm))
"""


@dataclass(frozen=True)
class Shown:
    """The forms in a browser, and where their actions write down what they get."""

    page: Page
    folder: Path
    #: Where the forms are; empty where one page shows them all the time.
    url: str = ""


@contextmanager
def served(browser: Browser, folder: Path, *, javascript: bool) -> Iterator[Shown]:
    """Show the forms in the app."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, str(HERE / "sent.py"), str(folder), str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith("Serving ")
    context = browser.new_context(java_script_enabled=javascript)
    yield Shown(context.new_page(), folder, f"http://127.0.0.1:{port}/sent")
    context.close()
    process.terminate()
    process.communicate(timeout=60)


@contextmanager
def in_a_notebook(browser: Browser, folder: Path) -> Iterator[Shown]:
    """Show the forms in JupyterLab."""
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    with Lab(folder) as lab:
        notebook = Notebook.write(lab, context.new_page(), "sent", CELL)
        notebook.open()
        notebook.run_all()
        yield Shown(notebook.page, notebook.folder)
        lab.stop_kernels()
    context.close()


@pytest.fixture(scope="module", params=["browser", "script", "lab"])
def shown(
    request: pytest.FixtureRequest, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Shown]:
    """The forms, in each of the three ways; opened once."""
    folder = tmp_path_factory.mktemp(request.param)
    if request.param == "lab":
        way = in_a_notebook(browser, folder)
    else:
        way = served(browser, folder, javascript=request.param == "script")
    with way as shown:
        shown.page.set_default_timeout(PATIENCE * 1000)
        yield shown


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_action_gets_what_html_prescribes(case: Case, shown: Shown) -> None:
    """Pair for pair: names, order, line breaks, files by their bytes, the button that was used."""
    if shown.url:
        shown.page.goto(shown.url)
    case.do(shown.page.locator(f'form[data-action="{case.name}"]'))
    arrived = shown.folder / f"{case.name}.json"
    until(arrived.exists, f"what {case.name} sends did not arrive")
    assert json.loads(arrived.read_text()) == [[name, written(value)] for name, value in case.pairs]


def test_each_control_gets_its_own_value_back(browser: Browser) -> None:
    """However odd the HTML: filled in with what it sent, it stands as the person left it."""
    page = browser.new_page()
    form = '<!DOCTYPE html><form id="odd">{}</form><form id="other"></form>'
    different = {}
    for name, html in ODD.items():
        for seed in (1, 2):
            page.set_content(form.format(html))
            page.evaluate(ENTER, seed)
            sent, left = page.evaluate(STATE)
            filled = fill(form.format(html), values=FormData([tuple(pair) for pair in sent]))
            page.set_content(filled)
            if page.evaluate(STATE) != [sent, left]:
                different[name] = (sent, filled)
    page.close()
    assert different == {}
