"""The exported example in a browser: what the notebook promises, with JavaScript and without."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from exported import running
from playwright.sync_api import Browser, Locator, Page, expect

from notebook_actions.exporter import export_notebook

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "enrollment.ipynb"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Export the notebook, run the app in a process of its own, and give its address."""
    folder = tmp_path_factory.mktemp("exported") / "enroll_app"
    export_notebook(NOTEBOOK, folder)
    with running(folder) as address:
        yield address


@pytest.fixture(params=[True, False], ids=["script", "plain"])
def page(request: pytest.FixtureRequest, browser: Browser, app: str) -> Iterator[Page]:
    """Open the page in a browser whose JavaScript is on, or really off."""
    context = browser.new_context(java_script_enabled=request.param)
    page = context.new_page()
    page.goto(app)
    yield page
    context.close()


def waiting_list(page: Page) -> Locator:
    return page.locator('form[data-action="join_waitlist"]')


def test_enrolling_adds_a_row_to_the_list(page: Page) -> None:
    """The click inserts one row, the page shows it, and it is still there after a reload."""
    rows = page.locator('[data-loader="enrollments"] tbody tr')
    before = rows.count()
    page.get_by_role("button", name="Enroll").click()
    expect(rows).to_have_count(before + 1)
    expect(rows.last).to_contain_text("Defense against the Dark Arts")
    assert page.url.endswith("/enrollment")
    page.reload()
    expect(rows).to_have_count(before + 1)


def test_a_failure_keeps_the_input_and_says_where(page: Page) -> None:
    """A message stands beside the field, the summary leads to it, and what was typed is there."""
    form = waiting_list(page)
    form.get_by_label("Subject").fill("Potions")
    form.get_by_label("Seats").fill("4")
    form.get_by_role("button").click()
    expect(form.locator('[data-slot="error:subject"]')).to_have_text("Potions is full this year")
    expect(form.locator('[data-slot="errors"]')).to_contain_text("We could not add you.")
    expect(form.get_by_label("Subject")).to_have_attribute("aria-invalid", "true")
    expect(form.get_by_label("Subject")).to_have_value("Potions")
    expect(form.get_by_label("Seats")).to_have_value("4")


def test_a_result_is_shown_once(page: Page) -> None:
    """The value that the action returned stands in the form, and is gone after a reload."""
    form = waiting_list(page)
    form.get_by_label("Subject").fill("Charms")
    form.get_by_role("button").click()
    result = form.locator('[data-slot="result"]')
    expect(result).to_have_text("You are on the list for Charms, with 1 seat.")
    page.reload()
    expect(result).to_be_empty()


@pytest.mark.parametrize("page", [True], ids=["script"], indirect=True)
def test_waiting_can_be_seen_without_a_reload(page: Page) -> None:
    """With JavaScript the form is busy from the click on, and the page is never left."""
    page.evaluate("window.stayed = true")
    form = waiting_list(page)
    form.get_by_label("Subject").fill("Charms")
    form.get_by_role("button").click()
    expect(form).to_have_attribute("aria-busy", "true")
    expect(form.get_by_role("button")).to_be_disabled()
    expect(form.locator('[data-slot="result"]')).to_contain_text("Charms")
    expect(form).not_to_have_attribute("aria-busy", "true")
    assert page.evaluate("window.stayed")
