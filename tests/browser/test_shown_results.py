"""Results in a real browser: what is seen of them, and the files that they offer."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe import violations
from exported import running
from exporter.apps import export
from lab import Notebook
from playwright.sync_api import Browser, Locator, Page, expect
from results import ACTION, KINDS, VALUES

CONTENT = bytes(range(256)) * 8000


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Export the notebook, run the app in a process of its own, and give its address."""
    folder = export(tmp_path_factory.mktemp("results"), VALUES, ACTION)
    with running(folder) as address:
        yield address


@pytest.fixture(params=[True, False], ids=["script", "plain"])
def visited(request: pytest.FixtureRequest, browser: Browser, app: str) -> Iterator[Page]:
    """Open the app in a browser whose JavaScript is on, or really off."""
    context = browser.new_context(java_script_enabled=request.param)
    page = context.new_page()
    page.goto(app)
    yield page
    context.close()


def shown(form: Locator, which: str) -> Locator:
    """Have a value shown; return where it is."""
    form.get_by_label("Which").fill(which)
    form.get_by_role("button", name="Show").click()
    result = form.locator('[data-slot="result"]')
    if which != "nothing":
        expect(result.locator("*").first).to_be_attached()
    expect(form.locator('[data-slot="status"]')).to_have_text("Done.")
    return result


def saved(page: Page, link: Locator) -> tuple[str, bytes]:
    """Click a link; return the name and the content of the file that the browser saves."""
    with page.expect_download() as waiting:
        link.click()
    path = waiting.value.path()
    return waiting.value.suggested_filename, Path(path).read_bytes()


def check_files(page: Page, form: Locator) -> None:
    file = shown(form, "file").get_by_role("link")
    expect(file).to_have_text("größe.bin")
    assert saved(page, file) == ("größe.bin", CONTENT)
    table = shown(form, "long")
    expect(table).to_contain_text("500 of 40,000 shown.")
    name, content = saved(page, table.get_by_role("link"))
    rows = list(csv.DictReader(content.decode("utf-8-sig").splitlines()))
    assert name == "table.csv"
    assert [float(row["third"]) for row in rows] == [n / 3 for n in range(40_000)]


def test_the_files_of_a_result_are_saved_by_a_click(visited: Page) -> None:
    """In an exported app, with JavaScript and without."""
    check_files(visited, visited.locator("form"))


def test_the_files_of_a_result_are_saved_in_jupyterlab(
    page: Page, notebook: Callable[..., Notebook]
) -> None:
    """The same names and bytes come from the kernel."""
    check_files(page, notebook(VALUES, ACTION).form("show"))


def test_an_app_shows_results_within_its_policy(visited: Page, app: str) -> None:
    """No kind of result needs what the content security policy forbids, or is found by axe."""
    said: list[str] = []
    visited.on("console", lambda message: said.append(message.text))
    for kind in KINDS:
        visited.goto(app)
        result = shown(visited.locator("form"), kind)
        for picture in result.locator("img").all():
            width = picture.evaluate("(image) => image.decode().then(() => image.naturalWidth)")
            assert width > 0
    assert said == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_results(browser: Browser, app: str, scheme: str) -> None:
    """Results of each kind can be read by everybody, in both colour schemes."""
    context = browser.new_context(
        color_scheme="dark" if scheme == "dark" else "light",
        viewport={"width": 700, "height": 1400},
        bypass_csp=True,
    )
    page = context.new_page()
    for kind in KINDS:
        page.goto(app)
        shown(page.locator("form"), kind)
        assert violations(page) == [], kind
    context.close()
