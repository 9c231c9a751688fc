"""A person who uses the form of ``everything.py``, in an app or in a notebook."""

from __future__ import annotations

from playwright.sync_api import Locator, expect


def fresh(form: Locator) -> None:
    """Leave the form as it is."""


def fill(form: Locator, name: str = "Luna") -> None:
    """Enter what is needed."""
    form.get_by_label("Your name").fill(name)
    form.get_by_label("Arrival").fill("1996-09-01")
    form.get_by_label("Password").fill("nargles")
    form.get_by_label("Street").fill("Ottery Road")
    for row, guest in enumerate(("Ginny", "Cho")):
        form.locator(f'[name="guests[{row}].name"]').fill(guest)
    form.get_by_label("Feast").check()


def fails(form: Locator) -> None:
    """Send it without what is needed."""
    form.get_by_role("button", name="Check only").click()
    expect(form.get_by_role("alert")).to_contain_text("Guests 2: Name is required")


def is_refused(form: Locator) -> None:
    """Send it with what the action does not like."""
    fill(form, "Peeves")
    form.get_by_role("button", name="Register").click()
    expect(form.get_by_role("alert")).to_contain_text("Peeves cannot be registered.")


def succeeds(form: Locator) -> None:
    """Send it with what is needed."""
    fill(form)
    form.get_by_role("button", name="Register").click()
    said = "Luna is registered, 1 seats, ravenclaw, Feast, Ginny, Cho"
    expect(form.locator("[data-slot=result]")).to_have_text(said)


#: What a link in the summary says → the control that it leads to; after ``is_refused``.
LINKS = {
    "First meal: No feast for ghosts.": "Feast",
    "Pets: No pets for ghosts.": "Owl",
    "Address: Ghosts have no address.": "Address",
    "Guests 2: Name: Ghosts bring no guests.": "Guests 2 Name",
    "Guests 1: A living guest is needed.": "Guests 1",
}


def target(form: Locator, name: str) -> Locator:
    """Return what a link leads to."""
    match name:
        case "Address" | "Guests 1":
            return form.get_by_role("group", name=name, exact=True)
        case "Guests 2 Name":
            return form.get_by_role("group", name="Guests 2").get_by_label("Name")
        case _:
            return form.get_by_label(name, exact=True)


class Keys:
    """A person without a mouse, who always sees where the focus is."""

    def __init__(self, form: Locator) -> None:
        self._form = form
        self._keyboard = form.page.keyboard

    def press(self, key: str) -> None:
        self._keyboard.press(key)
        lost = self._form.evaluate("() => document.activeElement === document.body")
        assert not lost, f"the focus was lost with {key}"

    def tab_to(self, name: str) -> None:
        """Press Tab until the control with this name has the focus."""
        for _ in range(12):
            self.press("Tab")
            if self._form.evaluate("() => document.activeElement.name") == name:
                return
        raise AssertionError(f"{name} is not reached")

    def type(self, text: str) -> None:
        self._keyboard.type(text)

    def here(self, label: str) -> None:
        """Check what has the focus."""
        focused = self._form.locator(":focus")
        expect(focused).to_have_accessible_name(label)


def by_keyboard(form: Locator) -> None:
    """Fill in and send the form, with rows added and removed, without a mouse."""
    keys = Keys(form)
    form.get_by_label("Your name").focus()
    keys.type("Luna")
    keys.tab_to("arrival")
    keys.type("09011996")
    keys.tab_to("password")
    keys.type("nargles")
    keys.tab_to("address.street")
    keys.type("Ottery Road")
    keys.tab_to("address.country")
    keys.press("ArrowDown")
    keys.tab_to("photo")
    keys.tab_to("seats")
    keys.press("ArrowUp")
    keys.tab_to("house")
    keys.press("ArrowDown")
    keys.tab_to("electives")
    keys.press("ArrowDown")
    keys.tab_to("pets")
    keys.press("Space")
    keys.tab_to("about")
    keys.type("a")
    keys.press("Enter")
    keys.tab_to("guests[0].name")
    keys.type("Ginny")
    keys.tab_to("_remove")
    keys.tab_to("_remove")
    keys.here("Remove Guests 2")
    keys.press("Enter")
    keys.here("Remove Guests 1")
    keys.tab_to("_add")
    keys.press("Enter")
    keys.type("Cho")
    keys.tab_to("_add")
    keys.tab_to("_add")
    keys.here("Add to Nicknames")
    keys.press("Space")
    keys.type("Loony")
    # The browser leads to what is missing.
    keys.press("Enter")
    keys.here("Feast")
    keys.press("ArrowDown")
    keys.press("Enter")
    said = "Luna is registered, 2 seats, slytherin, owl, Soup, Ginny, Cho, Loony"
    expect(form.locator("[data-slot=result]")).to_have_text(said)
    keys.here("Soup")
