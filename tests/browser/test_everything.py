"""A form with a field of every kind, in the app: who can use it, by which means, and its look."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe import violations
from demo import Demo
from person import LINKS, by_keyboard, fails, fresh, is_refused, succeeds, target
from playwright.sync_api import Browser, Locator, Page, expect


@pytest.fixture
def form(page: Page, demo: Demo) -> Locator:
    """The form, fresh."""
    page.set_default_timeout(15_000)
    page.goto(f"{demo.url}/everything")
    return page.locator("form[data-action=register]")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("reach", [fresh, fails, is_refused, succeeds])
def test_axe_finds_nothing(
    page: Page, form: Locator, scheme: str, reach: Callable[[Locator], None]
) -> None:
    """In every state and both colour schemes, axe-core finds no violation on the page."""
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    reach(form)
    assert violations(page) == []


def test_links_of_the_summary_lead_to_the_fields(page: Page, form: Locator) -> None:
    """From the summary, which has the focus, links lead to a set, a group, a row, a field in it."""
    is_refused(form)
    expect(form.get_by_role("alert")).to_be_focused()
    for link, name in LINKS.items():
        form.get_by_role("link", name=link).press("Enter")
        expect(target(form, name)).to_be_focused()
    wrong = form.locator("[aria-invalid=true]")
    assert set(wrong.evaluate_all("all => all.map((one) => one.dataset.field ?? one.name)")) == {
        *("meal", "pets", "address", "guests[1].name")
    }


def test_links_lead_there_without_a_script(browser: Browser, demo: Demo) -> None:
    """The browser itself follows the same links to the same places."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{demo.url}/everything")
    form = page.locator("form[data-action=register]")
    is_refused(form)
    for link, name in LINKS.items():
        form.get_by_role("link", name=link).press("Enter")
        expect(target(form, name)).to_be_focused()
    context.close()


def test_by_keyboard_alone(form: Locator) -> None:
    """The whole form, with rows that come and go, needs no mouse, and the focus is never lost."""
    by_keyboard(form)


def test_two_identical_failures_are_said_twice(form: Locator) -> None:
    """What is said is emptied in between, so that assistive technology says it again."""
    form.evaluate(
        """(form) => {
            window.said = [];
            const alert = form.querySelector("[role=alert]");
            new MutationObserver(() => window.said.push(alert.textContent !== "")).observe(
                alert, { childList: true });
        }"""
    )
    fails(form)
    form.get_by_role("button", name="Check only").click()
    form.page.wait_for_function("window.said.length === 3")
    assert form.page.evaluate("window.said") == [True, False, True]
