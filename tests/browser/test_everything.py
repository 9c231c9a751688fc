"""A form with a field of every kind, in the app: who can use it, by which means, and its look."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe import violations
from demo import Demo
from playwright.sync_api import Locator, Page, expect


@pytest.fixture
def form(page: Page, demo: Demo) -> Locator:
    """The form, fresh."""
    page.set_default_timeout(15_000)
    page.goto(f"{demo.url}/everything")
    return page.locator("form[data-action=register]")


def fill(form: Locator, name: str = "Luna") -> None:
    """Enter what is needed."""
    form.get_by_label("Your name").fill(name)
    form.get_by_label("Arrival").fill("1996-09-01")
    form.get_by_label("Password").fill("nargles")
    form.get_by_label("Street").fill("Ottery Road")
    for row in (0, 1):
        form.locator(f'[name="guests[{row}].name"]').fill(f"Guest {row}")
    form.get_by_label("Feast").check()


def fails(form: Locator) -> None:
    """Send it without what is needed."""
    form.get_by_role("button", name="Check only").click()
    expect(form.get_by_role("alert")).to_contain_text("Guests 2: Name is required")


def succeeds(form: Locator) -> None:
    """Send it with what is needed."""
    fill(form)
    form.get_by_role("button", name="Register").click()
    expect(form.locator("[data-slot=result]")).to_have_text("Luna is registered, with 2 guests.")


def fresh(form: Locator) -> None:
    """Leave it as it is."""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("reach", [fresh, fails, succeeds])
def test_axe_finds_nothing(
    page: Page, form: Locator, scheme: str, reach: Callable[[Locator], None]
) -> None:
    """In every state and both colour schemes, axe-core finds no violation on the page."""
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    reach(form)
    assert violations(page) == []
