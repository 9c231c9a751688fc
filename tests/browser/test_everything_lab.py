"""A form with a field of every kind, in JupyterLab: who can use it, and its look."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from axe import violations
from lab import Lab, Notebook
from person import LINKS, by_keyboard, fails, fresh, is_refused, succeeds, target
from playwright.sync_api import Locator, Page, expect

SCREENSHOTS = Path(__file__).resolve().parents[1] / "screenshots"

#: The same text as the app's, with the widget in place of the plain form.
FORM = (Path(__file__).with_name("everything.py")).read_text("utf-8").replace(
    "notebook_actions.page import", "notebook_actions import"
) + "\neverything"

#: What a notebook may show of its own.
OWN = '''from IPython.display import HTML
HTML("""<div id="own"><h1>a</h1><h2>a</h2><p>a <a href="#">b</a> <code>c</code></p><pre>a</pre>
<form><fieldset><legend>a</legend><label>a <input required aria-invalid="true"></label>
<input type="checkbox"><input type="radio"><input type="file"><select><option>a</option></select>
<textarea></textarea><button data-busy>a</button><progress></progress></fieldset></form>
<table><thead><tr><th>a</th></tr></thead><tbody><tr><td>1</td></tr></tbody></table>
<ul><li>a</li></ul><div role="alert">a</div><section data-loader="x">a</section></div>""")'''

# Spans are JupyterLab's: it puts one into each heading, some time later.
STYLES = """() => [...document.querySelectorAll("#own, #own :not(span), body")].flatMap((element) =>
    ["", "::before", "::after"].map((part) => {
        const style = getComputedStyle(element, part || null);
        const all = [...style].map((name) => `${name}: ${style.getPropertyValue(name)}`);
        return [element.tagName + part, ...all];
    }))"""


def theme(opened: Notebook, name: str) -> None:
    """Switch to JupyterLab Light or Dark."""
    opened.command("apputils:change-theme", theme=f"JupyterLab {name}")
    light = "true" if name == "Light" else "false"
    expect(opened.page.locator("body")).to_have_attribute("data-jp-theme-light", light)
    expect(opened.page.locator("#jupyterlab-splash")).to_have_count(0)


def root(form: Locator) -> Locator:
    """Return what the widget put into the notebook."""
    return form.locator("xpath=ancestor::*[contains(@class, 'na-root')]")


@pytest.mark.parametrize("reach", [fresh, fails, is_refused, succeeds])
def test_axe_finds_nothing(
    page: Page, notebook: Callable[..., Notebook], reach: Callable[[Locator], None]
) -> None:
    """In every state and both themes, axe-core finds no violation in the output."""
    # It judges the contrast of what is in sight only.
    page.set_viewport_size({"width": 1200, "height": 4800})
    opened = notebook(FORM)
    form = opened.form("register")
    expect(form).to_be_visible()
    theme(opened, "Light")
    reach(form)
    assert violations(root(form)) == []
    theme(opened, "Dark")
    assert violations(root(form)) == []


def test_by_keyboard_alone(notebook: Callable[..., Notebook]) -> None:
    """The whole form needs no mouse, and neither focus nor cell is lost to the notebook's keys."""
    opened = notebook(FORM)
    by_keyboard(opened.form("register"))
    assert (opened.cells.count(), opened.prompt(0)) == (1, "[1]:")


def test_links_of_the_summary_lead_to_the_fields(notebook: Callable[..., Notebook]) -> None:
    """In each of two views of a form, its links lead to a set, a group, a row, a field in it."""
    opened = notebook(FORM, "everything")
    expect(opened.form("register", 1)).to_be_visible()
    for view in (0, 1):
        form = opened.form("register", view)
        is_refused(form)
        expect(form.get_by_role("alert")).to_be_focused()
        for link, name in LINKS.items():
            form.get_by_role("link", name=link).press("Enter")
            expect(target(form, name)).to_be_focused()


def test_nothing_else_changes(lab: Lab, page: Page) -> None:
    """What the notebook shows beside the form looks as it did before the form was there."""
    opened = Notebook.write(lab, page, "own", OWN, FORM)
    opened.open()
    seen = []
    for cell, shown in enumerate(("#own", "form[data-action=register]")):
        opened.cells.nth(cell).locator(".jp-InputPrompt").click()
        opened.command("notebook:run-cell")
        expect(page.locator(shown)).to_be_visible()
        seen.append(page.evaluate(STYLES))
    before, after = seen
    assert len(before) > 75
    assert [one for old, new in zip(before, after, strict=True) for one in {*new} ^ {*old}] == []


def test_the_look(page: Page, notebook: Callable[..., Notebook]) -> None:
    """The form follows the theme: its colours are those of the notebook, light and dark."""
    page.set_viewport_size({"width": 1200, "height": 3400})
    opened = notebook(FORM)
    form = opened.form("register")
    form.get_by_role("button", name="Add to Nicknames").click()
    fails(form)
    SCREENSHOTS.mkdir(exist_ok=True)
    style = """(form) => {
        const { color, colorScheme } = getComputedStyle(form);
        return [color, colorScheme];
    }"""
    shown = []
    for name in ("Light", "Dark"):
        theme(opened, name)
        root(form).screenshot(path=SCREENSHOTS / f"everything-lab-{name.lower()}.png")
        shown.append(form.evaluate(style))
    assert shown == [["rgba(0, 0, 0, 0.87)", "light"], ["rgb(255, 255, 255)", "dark"]]
