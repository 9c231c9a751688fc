"""Work that takes longer than a request, in a browser with JavaScript and without."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe import violations
from demo import Demo
from playwright.sync_api import Browser, Locator, Page, Route, expect

APP = Path(__file__).resolve().parent / "long_app.py"
SCREENSHOTS = Path(__file__).resolve().parents[1] / "screenshots"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    demo = Demo(tmp_path_factory.mktemp("long"), APP)
    demo.start()
    yield demo
    demo.stop()


def staying(route: Route) -> None:
    """Answer with a page that does not ask again, and so is there as long as it is looked at."""
    answer = route.fetch()
    headers = {name: value for name, value in answer.headers.items() if name != "refresh"}
    assert headers != answer.headers
    route.fulfill(response=answer, headers=headers)


class LongWork:
    """What a person can do while something runs."""

    javascript: bool

    @pytest.fixture
    def page(self, browser: Browser, demo: Demo) -> Iterator[Page]:
        context = browser.new_context(java_script_enabled=self.javascript)
        page = context.new_page()
        demo.hold()
        page.goto(f"{demo.url}/post")
        yield page
        context.close()

    def sort(self, page: Page, what: str = "Letters") -> None:
        page.get_by_label("What").fill(what)
        page.get_by_role("button", name="Sort").click()

    def test_progress_is_seen_and_then_the_result(self, page: Page, demo: Demo) -> None:
        """How far it is can be read, and what came of it stands in the page, done once."""
        self.sort(page)
        expect(page.get_by_role("progressbar", name="Progress")).to_have_attribute("value", "3")
        expect(page.get_by_text("3 of 10: letters")).to_be_visible()
        demo.release()
        expect(page.locator("[data-slot=result]")).to_have_text("Letters are sorted.")
        expect(page.locator("[data-loader=sorted]")).to_contain_text("Letters")
        assert demo.rows() == ["Letters"]

    def test_cancel(self, page: Page, demo: Demo) -> None:
        """The button cancels the action where it runs, and the input is still there."""
        self.sort(page)
        expect(page.get_by_role("progressbar", name="Progress")).to_be_visible()
        page.get_by_role("button", name="Cancel").click()
        expect(page.get_by_text("Cancelled.")).to_be_visible()
        expect(page.get_by_label("What")).to_have_value("Letters")
        demo.until_rows(1)
        assert demo.rows() == ["cancelled Letters"]

    def test_each_submission_has_a_row(self, page: Page, demo: Demo) -> None:
        """Several run at once, each with a row that can be cancelled, tried again and cleared."""
        page.goto(f"{demo.url}/collect")
        listed = page.get_by_role("list", name="Submissions").locator(".na-submission")
        for what in ("Letters", "Howlers", "Parcels"):
            page.get_by_label("What").fill(what)
            page.get_by_role("button", name="Collect").click()
            expect(listed.filter(has_text=what)).to_be_visible()
        expect(listed.nth(1)).to_contain_text("Not these.")
        expect(page.get_by_role("progressbar", name="Progress")).to_have_count(2)
        page.get_by_role("button", name="Cancel: Letters").click()
        expect(listed.nth(0)).to_contain_text("Cancelled.")
        page.get_by_role("button", name="Clear: Howlers").click()
        expect(listed).to_have_count(2)
        demo.release()
        page.get_by_role("button", name=re.compile("^Try again")).first.click()
        expect(listed.nth(0)).to_contain_text("Letters are sorted.")
        self.see(page, listed.nth(1), "Parcels are sorted.")
        assert sorted(demo.rows()) == ["Letters", "Parcels", "cancelled Letters"]

    def test_a_reload_shows_the_list_again(self, page: Page, demo: Demo) -> None:
        """What runs and what has ended is there after a reload, and is followed to its end."""
        page.goto(f"{demo.url}/collect")
        listed = page.get_by_role("list", name="Submissions").locator(".na-submission")
        for what in ("Howlers", "Letters"):
            page.get_by_label("What").fill(what)
            page.get_by_role("button", name="Collect").click()
            expect(listed.filter(has_text=what)).to_be_visible()
        expect(listed.nth(0)).to_contain_text("Not these.")
        page.goto(page.url)
        expect(listed).to_have_count(2)
        expect(listed.nth(1).get_by_role("progressbar")).to_be_visible()
        demo.release()
        self.see(page, listed.nth(1), "Letters are sorted.")
        assert demo.rows() == ["Letters"]

    def see(self, page: Page, row: Locator, text: str) -> None:
        """Wait for what a row says; without a script it is as it was when it was loaded."""
        while not self.javascript and text not in row.inner_text():
            page.goto(page.url)
        expect(row).to_contain_text(text)

    def test_reload_and_back_are_harmless(self, page: Page, demo: Demo) -> None:
        """To reload, to go back and to come again repeats nothing and loses nothing."""
        self.sort(page)
        expect(page.get_by_role("progressbar", name="Progress")).to_be_visible()
        page.reload()
        page.goto("about:blank")
        page.go_back()
        demo.release()
        demo.until_rows(1)
        expect(page.locator("form[aria-busy]")).to_have_count(0)
        expect(page.locator("[data-action=sort]")).to_be_visible()
        page.reload()
        page.go_back()
        page.go_forward()
        assert demo.rows() == ["Letters"]


class TestWithoutJavaScript(LongWork):
    javascript = False

    def test_leaving_and_coming_back(self, page: Page, demo: Demo) -> None:
        """Who keeps the address of the run finds its result later."""
        self.sort(page)
        expect(page.get_by_text("3 of 10: letters")).to_be_visible()
        run = page.url
        page.get_by_role("link", name="Back to the page").click()
        expect(page.get_by_role("heading", name="Owlery")).to_be_visible()
        demo.release()
        demo.until_rows(1)
        page.goto(run)
        expect(page.locator("[data-slot=result]")).to_have_text("Letters are sorted.")
        page.goto(run)
        expect(page.locator("[data-slot=result]")).to_be_hidden()

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_its_look(self, page: Page, browser: Browser, demo: Demo, scheme: str) -> None:
        """It can be seen in tests/screenshots, and axe-core finds no violation in it."""
        SCREENSHOTS.mkdir(exist_ok=True)
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.set_viewport_size({"width": 700, "height": 500})
        self.sort(page)
        expect(page.get_by_text("3 of 10: letters")).to_be_visible()
        file = SCREENSHOTS / f"run-{scheme}.png"
        page.screenshot(path=file, full_page=True)
        assert file.stat().st_size > 5000
        # axe-core itself needs scripts.
        context = browser.new_context(color_scheme=scheme)  # type: ignore[arg-type]
        scripted = context.new_page()
        scripted.route("**/_run/*", staying)
        scripted.goto(page.url.partition("?")[0])
        expect(scripted.get_by_text("3 of 10: letters")).to_be_visible()
        assert violations(scripted) == []
        context.close()
        demo.release()
        demo.until_rows(1)


class TestWithJavaScript(LongWork):
    javascript = True

    def test_the_page_stays(self, page: Page, demo: Demo) -> None:
        """The script shows all of it in the page, and the focus is never lost."""
        page.evaluate("window.marker = 'same document'")
        self.sort(page)
        expect(page.get_by_text("3 of 10: letters")).to_be_visible()
        expect(page.get_by_role("button", name="Sort")).to_be_focused()
        demo.release()
        expect(page.locator("[data-slot=result]")).to_have_text("Letters are sorted.")
        assert page.evaluate("window.marker") == "same document"
