"""The app in a browser: the same promises with JavaScript and without."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from demo import Demo
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

SCREENSHOTS = Path(__file__).resolve().parents[1] / "screenshots"

SUBJECT = "Defense against the Dark Arts"


class Enrollment:
    """What a person can do on the page, whether its script runs or not."""

    javascript: bool

    @pytest.fixture
    def page(self, browser: Browser, demo: Demo, request: pytest.FixtureRequest) -> Iterator[Page]:
        context = browser.new_context(
            java_script_enabled=self.javascript, viewport={"width": 1200, "height": 900}
        )
        page = context.new_page()
        said: list[str] = []
        # Chromium itself writes a line for each answer with an error status.
        network = request.node.get_closest_marker("network_fails")
        expected = "^Failed to load resource" + ("|Failed to fetch" if network else "")

        def hear(message: ConsoleMessage) -> None:
            if message.type in ("error", "warning") and not re.search(expected, message.text):
                said.append(message.text)

        page.on("console", hear)
        page.on("pageerror", lambda error: said.append(str(error)))
        self.open(page, demo)
        yield page
        context.close()
        assert said == [], "the browser's console"

    def open(self, page: Page, demo: Demo) -> None:
        page.goto(f"{demo.url}/enrollment")

    def join(self, page: Page, subject: str, seats: str = "2") -> None:
        page.get_by_label("Subject").fill(subject)
        page.get_by_label("Seats").fill(seats)
        page.get_by_role("button", name="Join the list").click()

    def test_enroll_refreshes_the_list(self, page: Page, demo: Demo) -> None:
        """A click enrolls once, and the list shows it."""
        expect(page.locator("[data-loader=enrollments]")).to_have_text("Nothing here yet.")
        page.get_by_role("button", name="Enroll").click()
        expect(page.locator("[data-loader=enrollments] td").first).to_have_text(SUBJECT)
        assert demo.rows() == [SUBJECT]
        assert page.url == f"{demo.url}/enrollment"

    def test_a_message_beside_the_field(self, page: Page, demo: Demo) -> None:
        """A failure stands in the summary and beside its field, and the input is still there."""
        form = page.locator("form[data-action=join_waitlist]")
        page.get_by_label("House").select_option("gryffindor")
        page.get_by_label("Quiet").check()
        self.join(page, "Potions", "5")
        expect(form.locator('[data-slot="error:subject"]')).to_have_text(
            "Potions is full this year"
        )
        expect(form.get_by_role("alert")).to_contain_text("We could not add you.")
        expect(page.get_by_label("Subject")).to_have_value("Potions")
        expect(page.get_by_label("Subject")).to_have_attribute("aria-invalid", "true")
        expect(page.get_by_label("Seats")).to_have_value("5")
        expect(page.get_by_label("House")).to_have_value("gryffindor")
        expect(page.get_by_label("Quiet")).to_be_checked()
        expect(page.get_by_label("Seats")).not_to_have_attribute("aria-invalid", "true")
        expect(form.locator('[data-slot="result"]')).to_be_hidden()
        assert demo.rows() == []

    def test_the_summary_leads_to_the_field(self, page: Page) -> None:
        """The link in the summary puts the focus into the field."""
        self.join(page, "Potions")
        page.get_by_role("link", name="Subject: Potions is full this year").click()
        expect(page.get_by_label("Subject")).to_be_focused()

    def test_after_a_correction_the_message_is_gone(self, page: Page, demo: Demo) -> None:
        """Who corrects the field and submits again gets through."""
        form = page.locator("form[data-action=join_waitlist]")
        self.join(page, "Potions")
        expect(form.get_by_role("alert")).to_be_visible()
        self.join(page, "Charms")
        expect(form.locator('[data-slot="result"]')).to_have_text(
            "You are on the list for Charms, with 2 seats."
        )
        expect(form.get_by_role("alert")).to_be_hidden()
        expect(form.locator('[data-slot="error:subject"]')).to_be_hidden()

    def test_the_result_is_shown_once(self, page: Page, demo: Demo) -> None:
        """A result is there after the submission, gone after a reload, and nothing ran twice."""
        result = page.locator("form[data-action=join_waitlist] [data-slot=result]")
        self.join(page, "Charms")
        expect(result).to_have_text("You are on the list for Charms, with 2 seats.")
        page.reload()
        expect(result).to_be_hidden()
        assert demo.rows() == ["waiting for Charms"]

    def test_the_other_form_shows_nothing(self, page: Page) -> None:
        """Each form has its own outcome."""
        self.join(page, "Potions")
        expect(page.locator("form[data-action=join_waitlist]").get_by_role("alert")).to_be_visible()
        other = page.locator("form[data-action=enroll]")
        expect(other.get_by_role("alert", include_hidden=True)).to_have_text("")
        expect(other.get_by_role("status")).to_have_text("")

    def test_a_bug_tells_nothing(self, page: Page) -> None:
        """An unexpected error is a generic text with an id; the input is still there."""
        self.join(page, "crash")
        alert = page.locator("form[data-action=join_waitlist]").get_by_role("alert")
        expect(alert).to_contain_text("Something went wrong on our side.")
        expect(alert.locator("code")).to_have_text(re.compile("^[0-9a-f]{8}$"))
        expect(page.get_by_label("Subject")).to_have_value("crash")
        assert "swordfish" not in page.content()

    def test_the_browser_checks_first(self, page: Page, demo: Demo) -> None:
        """What the rules in the markup refuse is not sent."""
        self.join(page, "Charms", "9")
        expect(page.get_by_label("Seats")).to_be_focused()
        self.join(page, "", "2")
        expect(page.get_by_label("Subject")).to_be_focused()
        assert demo.rows() == []

    def test_by_keyboard_alone(self, page: Page, demo: Demo) -> None:
        """Everything can be reached, filled in and submitted without a mouse."""
        for _ in range(2):
            page.keyboard.press("Tab")
        expect(page.get_by_label("Subject")).to_be_focused()
        page.keyboard.type("Charms")
        page.keyboard.press("Tab")
        page.keyboard.press("ControlOrMeta+a")
        page.keyboard.type("3")
        page.keyboard.press("Tab")
        page.keyboard.press("ArrowUp")
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
        expect(page.get_by_label("Quiet")).to_be_checked()
        page.keyboard.press("Enter")
        result = page.locator("form[data-action=join_waitlist] [data-slot=result]")
        expect(result).to_have_text("You are on the list for Charms, with 3 seats.")
        assert demo.rows() == ["waiting for Charms"]

    def test_back_submits_nothing(self, page: Page, demo: Demo) -> None:
        """Back and Forward around a submission neither repeat it nor show its result again."""
        self.join(page, "Charms")
        result = page.locator("form[data-action=join_waitlist] [data-slot=result]")
        expect(result).to_be_visible()
        page.goto(f"{demo.url}/forms")
        page.go_back()
        expect(page.get_by_role("heading", name="Your subjects")).to_be_visible()
        if not self.javascript:
            expect(result).to_be_hidden()
        page.go_back()
        page.go_forward()
        expect(page.locator("form[data-action=enroll]")).not_to_have_attribute("aria-busy", "true")
        assert demo.rows() == ["waiting for Charms"]

    def test_what_arrives_is_the_same(self, page: Page, demo: Demo, tmp_path: Path) -> None:
        """Names, order, line breaks, files and the button arrive the same in both modes."""
        page.goto(f"{demo.url}/forms")
        page.locator("textarea").fill("a\nb <ü>")
        files = [tmp_path / name for name in ("größe ☃.bin", "b.txt")]
        for file in files:
            file.write_bytes(b"\x00\r\n\xff")
        page.locator('[name="photo"]').set_input_files(files)
        page.get_by_role("button", name="Keep").click()
        items = page.locator("form[data-action=keep] [data-slot=result] li")
        expect(items).to_have_text(
            [
                "action='x'",
                r"größe='a\r\nb <ü>'",
                "größe='2'",
                r"photo=" + repr("größe ☃.bin|application/octet-stream|b'\\x00\\r\\n\\xff'"),
                r"photo=" + repr("b.txt|text/plain|b'\\x00\\r\\n\\xff'"),
                "how='now \"x\"'",
            ]
        )

    @pytest.mark.parametrize("where", ["/enrollment", "enrollment", "#list", "?page=2"])
    def test_redirects_reach_the_same_place(self, page: Page, demo: Demo, where: str) -> None:
        """Where a redirect leads does not depend on the script."""
        page.goto(f"{demo.url}/forms?tab=1")
        page.get_by_label("Where").first.fill(where)
        page.get_by_role("button", name="Leave").first.click()
        expected = {"#list": "/forms?tab=1#list", "?page=2": "/forms?page=2"}
        page.wait_for_url(demo.url + expected.get(where, "/enrollment"))

    def test_an_external_redirect(self, page: Page, demo: Demo) -> None:
        """A redirect to another site, which the author allowed, gets there."""
        there = f"http://localhost:{demo.port}/enrollment"
        page.goto(f"{demo.url}/forms")
        page.get_by_label("Where").first.fill(there)
        page.get_by_role("button", name="Leave").first.click()
        page.wait_for_url(there)

    def test_a_narrow_window(self, page: Page, demo: Demo) -> None:
        """At 360 pixels nothing has to be scrolled sideways, with messages and results too."""
        page.set_viewport_size({"width": 360, "height": 740})
        self.join(page, "Potions")
        expect(page.locator("form[data-action=join_waitlist]").get_by_role("alert")).to_be_visible()
        page.get_by_role("button", name="Enroll").click()
        expect(page.locator("[data-loader=enrollments] td").first).to_have_text(SUBJECT)
        for locator in page.locator("main, form, h1, input, button, table, p, select").all():
            box = locator.bounding_box()
            if box is not None:
                assert box["x"] >= 0
                assert box["x"] + box["width"] <= 360, locator

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    @pytest.mark.parametrize("width", [1200, 360])
    def test_screenshots(self, page: Page, demo: Demo, scheme: str, width: int) -> None:
        """What it looks like can be seen in tests/screenshots."""
        SCREENSHOTS.mkdir(exist_ok=True)
        mode = "js" if self.javascript else "plain"
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.set_viewport_size({"width": width, "height": 900})

        def shoot(what: str) -> None:
            file = SCREENSHOTS / f"app-{mode}-{what}-{scheme}-{width}.png"
            page.screenshot(path=file, full_page=True)
            assert file.stat().st_size > 5000

        shoot("fresh")
        page.get_by_role("button", name="Enroll").click()
        expect(page.locator("[data-loader=enrollments] td").first).to_have_text(SUBJECT)
        self.join(page, "Potions")
        expect(page.locator("form[data-action=join_waitlist]").get_by_role("alert")).to_be_visible()
        shoot("failure")
        self.join(page, "Charms")
        expect(page.locator("form[data-action=join_waitlist] [data-slot=result]")).to_be_visible()
        shoot("result")
        if self.javascript:
            demo.hold()
            self.join(page, "Charms")
            expect(page.locator("form[data-action=join_waitlist]")).to_have_attribute(
                "aria-busy", "true"
            )
            shoot("pending")
            demo.release()
            expect(page.locator("form[aria-busy]")).to_have_count(0)


class TestWithoutJavaScript(Enrollment):
    javascript = False

    def test_no_script_runs(self, page: Page) -> None:
        """The page that these tests see is really the one without a script."""
        expect(page.get_by_role("button", name="Enroll")).to_be_visible()
        page.get_by_role("button", name="Enroll").click()
        assert page.evaluate("performance.getEntriesByType('navigation').length") == 1
        assert (
            page.evaluate("document.querySelector('[data-loader=visits]').textContent") != "Load 1"
        )


class TestWithJavaScript(Enrollment):
    javascript = True

    def open(self, page: Page, demo: Demo) -> None:
        super().open(page, demo)
        page.evaluate("window.marker = 'same document'")

    def same_document(self, page: Page) -> bool:
        return bool(page.evaluate("window.marker === 'same document'"))

    def test_nothing_is_loaded_anew(self, page: Page, demo: Demo) -> None:
        """A submission brings its fresh data in one answer; the page and its other data stay."""
        asked: list[str] = []
        page.on("request", lambda request: asked.append(f"{request.method} {request.url}"))
        loads = page.locator("[data-loader=visits]").inner_text()
        page.get_by_role("button", name="Enroll").click()
        expect(page.locator("[data-loader=enrollments] td").first).to_have_text(SUBJECT)
        assert page.locator("[data-loader=visits]").inner_text() == loads
        assert asked == [f"POST {demo.url}/enrollment?_action=enroll"]
        assert self.same_document(page)

    def test_pending_shows_at_the_click(self, page: Page, demo: Demo) -> None:
        """Before any answer the form is busy, keeps the focus, and ignores another click."""
        demo.hold()
        form = page.locator("form[data-action=enroll]")
        button = form.locator("button:not([data-cancel])")
        button.click()
        expect(form).to_have_attribute("aria-busy", "true")
        expect(button).to_have_text("Enrolling…")
        expect(button).to_have_attribute("aria-disabled", "true")
        expect(button).to_be_focused()
        expect(form.get_by_role("status")).to_have_text("Working…")
        button.click(force=True)
        page.keyboard.press("Enter")
        demo.until_rows(1)
        expect(page.locator("[data-loader=enrollments]")).to_have_text("Nothing here yet.")
        demo.release()
        expect(button).to_have_text("Enroll")
        expect(form).not_to_have_attribute("aria-busy", "true")
        expect(button).to_be_focused()
        expect(page.locator("[data-loader=enrollments] tbody tr")).to_have_count(1)
        assert demo.rows() == [SUBJECT]

    def test_a_double_click_submits_once(self, page: Page, demo: Demo) -> None:
        """Two quick clicks are one submission."""
        demo.hold()
        page.get_by_role("button", name="Enroll").dblclick()
        demo.release()
        expect(page.locator("[data-loader=enrollments] tbody tr")).to_have_count(1)
        expect(page.locator("form[aria-busy]")).to_have_count(0)
        assert demo.rows() == [SUBJECT]

    def test_two_forms_at_once(self, page: Page, demo: Demo) -> None:
        """While one form waits the other can be submitted, and each gets its own answer."""
        demo.hold()
        page.get_by_role("button", name="Enroll").click()
        self.join(page, "Charms")
        expect(page.locator("form[aria-busy=true]")).to_have_count(2)
        demo.release()
        expect(page.locator("form[aria-busy]")).to_have_count(0)
        expect(page.locator("form[data-action=join_waitlist] [data-slot=result]")).to_be_visible()
        expect(page.locator("[data-loader=enrollments] td").first).to_have_text(SUBJECT)

    def test_typing_elsewhere_survives(self, page: Page) -> None:
        """What is typed into another form stays, with its focus, while this one is answered."""
        page.get_by_label("Subject").fill("half a wor")
        page.get_by_role("button", name="Enroll").click()
        page.get_by_label("Subject").focus()
        expect(page.locator("[data-loader=enrollments] td").first).to_have_text(SUBJECT)
        expect(page.get_by_label("Subject")).to_have_value("half a wor")
        expect(page.get_by_label("Subject")).to_be_focused()

    def test_the_focus_goes_to_the_summary(self, page: Page) -> None:
        """After a failure the summary has the focus, so that it is read and Tab goes on from it."""
        self.join(page, "Potions")
        form = page.locator("form[data-action=join_waitlist]")
        expect(form.get_by_role("alert")).to_be_focused()
        page.keyboard.press("Tab")
        expect(form.get_by_role("link")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.get_by_label("Subject")).to_be_focused()

    @pytest.mark.network_fails
    def test_without_a_server(self, page: Page, demo: Demo) -> None:
        """When nobody answers the person is told, keeps the input, and can try again."""
        demo.stop()
        self.join(page, "Charms")
        form = page.locator("form[data-action=join_waitlist]")
        expect(form.get_by_role("alert")).to_contain_text("This could not be sent.")
        expect(form).not_to_have_attribute("aria-busy", "true")
        expect(page.get_by_label("Subject")).to_have_value("Charms")
        demo.start()
        page.get_by_role("button", name="Join the list").click()
        expect(form.locator("[data-slot=result]")).to_contain_text("You are on the list for Charms")
        expect(form.get_by_role("alert")).to_be_hidden()
        assert self.same_document(page)

    def test_typed_before_the_script_is_there(self, browser: Browser, demo: Demo) -> None:
        """What was typed while the script was on its way is kept, and submits as ever."""
        context = browser.new_context()
        page = context.new_page()
        late = []
        page.route("**/page.js*", lambda route: late.append(route))
        page.goto(f"{demo.url}/enrollment", wait_until="commit")
        page.get_by_label("Subject").fill("Charms")
        assert len(late) == 1
        late[0].continue_()
        page.wait_for_load_state("load")
        page.evaluate("window.marker = 'same document'")
        page.get_by_role("button", name="Join the list").click()
        result = page.locator("form[data-action=join_waitlist] [data-slot=result]")
        expect(result).to_contain_text("Charms")
        assert self.same_document(page)
        context.close()

    def test_the_token_leaves_the_address(self, page: Page, demo: Demo) -> None:
        """After a submission without the script, with it the address is the page's own again."""
        page.route("**/page.js*", lambda route: route.abort())
        page.goto(f"{demo.url}/enrollment?tab=2")
        page.unroute("**/page.js*")
        self.join(page, "Charms")
        result = page.locator("form[data-action=join_waitlist] [data-slot=result]")
        expect(result).to_be_visible()
        page.wait_for_url(f"{demo.url}/enrollment?tab=2")

    def test_back_from_another_page_finds_a_form_at_rest(self, page: Page, demo: Demo) -> None:
        """Who is led elsewhere and comes back finds the form ready."""
        page.goto(f"{demo.url}/forms")
        page.get_by_label("Where").first.fill("/enrollment")
        page.get_by_role("button", name="Leave").first.click()
        page.wait_for_url(f"{demo.url}/enrollment")
        page.go_back()
        expect(page.get_by_role("button", name="Leave").first).to_be_visible()
        expect(page.locator("form[aria-busy]")).to_have_count(0)
        page.get_by_label("Where").first.fill("#list")
        page.get_by_role("button", name="Leave").first.click()
        page.wait_for_url(f"{demo.url}/forms#list")

    def test_an_identical_failure_is_announced_again(self, page: Page) -> None:
        """The alert is emptied in between, so that assistive technology says it again."""
        alert = page.locator("form[data-action=join_waitlist] [data-slot=errors]")
        self.join(page, "Potions")
        expect(alert).to_contain_text("We could not add you.")
        page.evaluate(
            """() => {
                window.said = [];
                const form = document.querySelector("[data-action=join_waitlist]");
                const alert = form.querySelector("[data-slot=errors]");
                new MutationObserver(() => window.said.push(alert.textContent !== "")).observe(
                    alert, { childList: true });
            }"""
        )
        page.get_by_role("button", name="Join the list").click()
        expect(page.locator("form[aria-busy]")).to_have_count(0)
        expect(alert).to_be_focused()
        assert page.evaluate("window.said") == [False, True]
