"""A form with a field of every kind, in the app: who can use it, by which means, and its look."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe import violations
from demo import Demo
from person import LINKS, by_keyboard, fails, fill, fresh, is_refused, succeeds, target
from playwright.sync_api import Browser, Locator, Page, expect

SCREENSHOTS = Path(__file__).resolve().parents[1] / "screenshots"


@pytest.fixture
def form(page: Page, demo: Demo) -> Locator:
    """The form, fresh."""
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
            const alert = form.querySelector("[role=alert]");
            new MutationObserver(() => (form.dataset.said = `${form.dataset.said ?? ""}${
                alert.textContent === "" ? "-" : "!"}`)).observe(alert, { childList: true });
        }"""
    )
    fails(form)
    form.get_by_role("button", name="Check only").click()
    expect(form).to_have_attribute("data-said", "!-!")


LOOKS = {
    "light-1200": {},
    "dark-1200": {"color_scheme": "dark"},
    "light-320": {"width": 320},
    "zoomed-600": {"width": 600},  # 1200, at 200 %
    "rtl-800": {"width": 800, "direction": "rtl"},
    "forced-800": {"width": 800, "forced_colors": "active"},
    "print-800": {"width": 800, "media": "print"},
}


#: Puts a word that is too long for any line behind each text that is not the package's own.
LONG_WORDS = """() => {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const text = texts.currentNode;
        const own = text.parentElement.closest(".na-remove, .na-file label");
        if (text.data.trim() && !own) text.data += "x".repeat(200);
    }
}"""


@pytest.mark.parametrize("look", LOOKS)
def test_the_look(page: Page, form: Locator, look: str) -> None:
    """Nothing is cut off or has to be scrolled sideways; the rest can be seen in a screenshot."""
    given: dict[str, Any] = dict(LOOKS[look])
    page.set_viewport_size({"width": given.pop("width", 1200), "height": 900})
    page.evaluate("to => document.documentElement.dir = to", given.pop("direction", "ltr"))
    page.emulate_media(**given)
    form.get_by_label("Photo").set_input_files(
        {"name": "portrait.png", "mimeType": "image/png", "buffer": b"owl"}
    )
    if look != "print-800":
        for _ in range(2):
            form.get_by_role("button", name="Add to Nicknames").click()
        fails(form)
        expect(form.locator(".na-file")).to_contain_text("portrait.png")
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"everything-{look}.png", full_page=True)
    wide = "() => document.documentElement.scrollWidth > innerWidth"
    assert not page.evaluate(wide)
    edges = form.bounding_box()
    assert edges is not None
    for part in form.locator(":scope :is(input, select, textarea, button, label, p):visible").all():
        box = part.bounding_box()
        assert box is not None
        assert box["x"] >= edges["x"], part
        assert box["x"] + box["width"] <= edges["x"] + edges["width"], part
    page.evaluate(LONG_WORDS)
    assert not page.evaluate(wide)


def test_paper_has_nothing_to_press(page: Page, form: Locator) -> None:
    """What can only be done on a screen is not printed; what is wrong and what is kept is."""
    form.get_by_label("Photo").set_input_files(
        {"name": "portrait.png", "mimeType": "image/png", "buffer": b"owl"}
    )
    fails(form)
    page.emulate_media(media="print")
    expect(form.locator("button:visible, [name=_drop]:visible, .na-running:visible")).to_have_count(
        0
    )
    expect(form.get_by_text("portrait.png (3 bytes) is kept.")).to_be_visible()
    expect(form.get_by_text("Your name is required.").last).to_be_visible()
    assert (
        form.get_by_label("Your name").evaluate(
            "one => { one.focus(); return getComputedStyle(one).outlineStyle; }"
        )
        == "none"
    )


def test_forced_colours_leave_marks(page: Page, form: Locator) -> None:
    """Where colours tell nothing, a border, a bar, an outline and a star still do."""
    page.emulate_media(forced_colors="active")
    fails(form)
    marks = """(name) => {
        const control = document.getElementsByName(name)[0];
        control.focus();
        const field = control.closest(".na-field"), style = getComputedStyle(control);
        const error = getComputedStyle(field.querySelector(".na-error"));
        const star = getComputedStyle(field.querySelector("label"), "::after").content;
        return [style.borderTopWidth, error.borderInlineStartWidth, error.display,
                style.outlineStyle, star.includes("*")];
    }"""
    assert page.evaluate(marks, "name") == ["2px", "4px", "block", "solid", True]
    assert page.evaluate(marks, "seats") == ["1px", "4px", "none", "solid", False]


def test_a_few_properties_restyle_it(page: Page, form: Locator) -> None:
    """A colour that is set on the page is that of what can be pressed, and so with the rest."""
    page.locator(".na-page").evaluate(
        """(page) => {
            page.style.setProperty("--na-accent", "rgb(1, 2, 3)");
            page.style.setProperty("--na-radius", "0");
        }"""
    )
    register = form.get_by_role("button", name="Register")
    expect(register).to_have_css("background-color", "rgb(1, 2, 3)")
    expect(register).to_have_css("border-radius", "0px")
    expect(form.get_by_role("button", name="Check only")).to_have_css("color", "rgb(1, 2, 3)")
    expect(form.get_by_label("Your name")).to_have_css("border-radius", "0px")


def test_the_page_stays_where_it_was_scrolled_to(page: Page, form: Locator) -> None:
    """After a success, which moves no focus, the person is where the button was pressed."""
    fill(form)
    form.get_by_role("button", name="Register").scroll_into_view_if_needed()
    before = page.evaluate("scrollY")
    form.get_by_role("button", name="Register").click()
    expect(form.locator("[data-slot=result]")).to_contain_text("Luna is registered")
    assert before > 0
    assert page.evaluate("scrollY") == before
