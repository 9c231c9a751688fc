"""A form in a real JupyterLab, as a person uses it: clicks, keys, reloads, two views, no kernel."""

from __future__ import annotations

import hashlib
import random
import shutil
from pathlib import Path

import pytest
from lab import Notebook, until
from playwright.sync_api import expect

ROOT = Path(__file__).resolve().parents[2]
SCREENSHOTS = ROOT / "tests" / "screenshots"

IMPORTS = """
import asyncio, time
from pathlib import Path
from typing import Literal
from notebook_actions import *
"""

HELD = (
    IMPORTS
    + """
async def enroll(subject: str):
    Path("begun").touch()
    while not Path("go").exists():
        await asyncio.sleep(0.01)
    return f"Enrolled in {subject}"

form = ActionForm(
    enroll,
    html='<label>Subject <input name="subject"></label>'
    '<button type="submit" data-pending="Enrolling…">Enroll</button>',
)
form
"""
)

KEYS = (
    IMPORTS
    + """
runs = []
async def choose(name: str, house: Literal["gryffindor", "ravenclaw", "slytherin"], form: FormData):
    runs.append(name)
    return f"{name} in {house}, run {len(runs)}: {form.get('essay', '')}"

form = ActionForm(
    choose,
    html='<input name="name"><select name="house"><option>gryffindor</option>'
    '<option>ravenclaw</option><option>slytherin</option></select>'
    '<textarea name="essay"></textarea><button type="submit">Choose</button>',
)
form
"""
)


def busy(form):
    expect(form).to_have_attribute("aria-busy", "true")


def idle(form):
    expect(form).not_to_have_attribute("aria-busy", "true")


def slot(form, name):
    return form.locator(f'[data-slot="{name}"]')


def test_the_example_notebook_does_what_it_says(lab, page, notebook):
    """Run all, click "Enroll", see the list refreshed; fail and succeed with the second form."""
    folder = lab.root / "example"
    folder.mkdir()
    shutil.copy(ROOT / "notebooks" / "enrollment.ipynb", folder)
    opened = Notebook(lab, page, folder / "enrollment.ipynb")
    page.set_viewport_size({"width": 1200, "height": 1400})
    opened.open()
    opened.run_all()
    enroll, join = opened.form("enroll"), opened.form("join_waitlist")
    subjects = page.locator('[data-loader="enrollments"]')
    expect(subjects).to_contain_text("Nothing here yet")
    enroll.locator("button[type=submit]").click()
    expect(subjects).to_contain_text("Defense against the Dark Arts")
    expect(slot(enroll, "result")).to_contain_text("/enrollment")
    assert opened.page.url.endswith("enrollment.ipynb")

    join.locator("[name=subject]").fill("Potions")
    join.locator("[name=seats]").fill("2")
    join.locator("button[type=submit]").click()
    busy(join)
    expect(slot(join, "errors")).to_contain_text("Potions is full this year")
    expect(slot(join, "errors")).to_be_focused()
    expect(slot(join, "error:subject")).to_have_text("Potions is full this year")
    expect(join.locator("[name=subject]")).to_have_value("Potions")
    expect(join.locator("[name=seats]")).to_have_value("2")
    expect(join.locator("[name=subject]")).to_have_attribute("aria-invalid", "true")
    slot(join, "errors").locator("a").click()
    expect(join.locator("[name=subject]")).to_be_focused()
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / "lab-light-error.png")
    opened.command("apputils:change-theme", theme="JupyterLab Dark")
    expect(page.locator("body")).to_have_attribute("data-jp-theme-light", "false")
    expect(page.locator("#jupyterlab-splash")).to_have_count(0)
    page.screenshot(path=SCREENSHOTS / "lab-dark-error.png")

    join.locator("[name=subject]").fill("Charms")
    join.locator("[name=subject]").press("Enter")
    expect(slot(join, "result")).to_have_text("You are on the list for Charms, with 2 seats.")
    expect(slot(join, "errors")).to_be_empty()
    slot(join, "result").scroll_into_view_if_needed()
    page.screenshot(path=SCREENSHOTS / "lab-dark-result.png")
    opened.command("apputils:change-theme", theme="JupyterLab Light")
    expect(page.locator("body")).to_have_attribute("data-jp-theme-light", "true")
    expect(page.locator("#jupyterlab-splash")).to_have_count(0)
    page.screenshot(path=SCREENSHOTS / "lab-light-result.png")


def test_pending_is_shown_from_the_click_to_the_outcome(notebook):
    """At the click the form is busy, its button says so and keeps the focus; then all is back."""
    opened = notebook(HELD)
    form = opened.form("enroll")
    button = form.locator("button[type=submit]")
    form.locator("[name=subject]").fill("Charms")
    button.click()
    busy(form)
    expect(button).to_have_text("Enrolling…")
    expect(button).to_have_attribute("aria-disabled", "true")
    expect(button).to_be_focused()
    until((opened.folder / "begun").exists, "the action has not begun")
    busy(form)
    (opened.folder / "go").touch()
    idle(form)
    expect(slot(form, "result")).to_have_text("Enrolled in Charms")
    expect(button).to_have_text("Enroll")
    expect(button).not_to_have_attribute("aria-disabled", "true")
    expect(button).to_be_focused()


@pytest.mark.reloads
def test_a_reload_while_pending_shows_pending_and_then_the_result(notebook):
    """The page is loaded again while an action runs; the new view goes on from there."""
    opened = notebook(HELD)
    form = opened.form("enroll")
    form.locator("[name=subject]").fill("Charms")
    form.locator("button[type=submit]").click()
    until((opened.folder / "begun").exists, "the action has not begun")
    opened.save()
    opened.page.reload()
    form = opened.form("enroll")
    busy(form)
    expect(form.locator("[name=subject]")).to_have_value("Charms")
    (opened.folder / "go").touch()
    idle(form)
    expect(slot(form, "result")).to_have_text("Enrolled in Charms")


def test_views_of_one_form_follow_each_other(notebook):
    """Every view shows the same outcome, keeps its own typing, and has ids of its own."""
    opened = notebook(HELD, "form")
    first, second = opened.form("enroll", 0), opened.form("enroll", 1)
    expect(second).to_be_visible()
    opened.cells.nth(0).click(position={"x": 5, "y": 5})
    opened.command("notebook:create-output-view")
    third = opened.page.locator('.jp-LinkedOutputView form[data-action="enroll"]')
    expect(third).to_be_visible()
    second.locator("[name=subject]").fill("unsent")
    first.locator("[name=subject]").fill("Charms")
    first.locator("button[type=submit]").click()
    for view in (first, second, third):
        busy(view)
    (opened.folder / "go").touch()
    for view in (first, second, third):
        idle(view)
        expect(slot(view, "result")).to_have_text("Enrolled in Charms")
    expect(second.locator("[name=subject]")).to_have_value("unsent")
    ids = [view.locator("[name=subject]").get_attribute("id") for view in (first, second, third)]
    assert len(set(ids)) == 3


def test_unsent_typing_stays_when_another_form_is_submitted(notebook):
    """An update of the page touches no input and no focus."""
    opened = notebook(
        HELD,
        "async def other(note: str):\n    return note\n"
        'page = Page("/p", form, ActionForm(other))\npage',
    )
    enroll, other = opened.form("enroll", 1), opened.form("other")
    note = other.locator("[name=note]")
    enroll.locator("[name=subject]").fill("Charms")
    enroll.locator("button[type=submit]").click()
    note.press_sequentially("half a th")
    (opened.folder / "go").touch()
    expect(slot(enroll, "result")).to_have_text("Enrolled in Charms")
    expect(note).to_be_focused()
    note.press_sequentially("ought")
    expect(note).to_have_value("half a thought")


def test_what_an_action_prints_is_shown_in_the_form(notebook):
    """Text that is printed appears while the action runs, in the form and nowhere else."""
    opened = notebook(
        HELD.replace('    Path("begun").touch()', '    print("looking for", subject)')
    )
    form = opened.form("enroll")
    form.locator("[name=subject]").fill("<Charms>")
    form.locator("button[type=submit]").click()
    expect(slot(form, "log").locator("pre")).to_have_text("looking for <Charms>\n")
    busy(form)
    (opened.folder / "go").touch()
    expect(slot(form, "result")).to_have_text("Enrolled in <Charms>")
    expect(slot(form, "log").locator("pre")).to_have_text("looking for <Charms>\n")
    expect(
        opened.page.locator(".jp-OutputArea-output pre").filter(has_text="looking")
    ).to_have_count(1)


def test_a_bug_is_shown_with_its_traceback_folded(notebook):
    """The author sees the exception, unfolds the traceback, and finds the line of the cell."""
    opened = notebook(
        IMPORTS + "\nasync def divide(by: int):\n    return 1 / by\nform = ActionForm(divide)\nform"
    )
    form = opened.form("divide")
    form.locator("[name=by]").fill("0")
    form.locator("button[type=submit]").click()
    errors = slot(form, "errors")
    expect(errors).to_contain_text("ZeroDivisionError: division by zero")
    expect(errors.locator("pre")).to_be_hidden()
    errors.locator("summary").click()
    expect(errors.locator("pre")).to_contain_text("return 1 / by")


def test_enter_submits_and_shift_enter_does_not_run_the_cell(notebook):
    """In a text field both keys belong to the form."""
    opened = notebook(KEYS)
    form = opened.form("choose")
    name = form.locator("[name=name]")
    name.press_sequentially("Luna")
    prompt = opened.prompt(0)
    name.press("Enter")
    expect(slot(form, "result")).to_contain_text("Luna in gryffindor, run 1")
    name.press("Shift+Enter")
    expect(slot(form, "result")).to_contain_text("run 2")
    form.locator("button[type=submit]").press("Shift+Enter")
    expect(slot(form, "result")).to_contain_text("run 3")
    assert opened.prompt(0) == prompt
    expect(opened.cells).to_have_count(1)


@pytest.mark.parametrize("control", ["button[type=submit]", "select"])
def test_d_d_does_not_delete_the_cell(notebook, control):
    """The shortcuts of command mode do not reach a notebook from a button or a list."""
    opened = notebook(KEYS, "1 + 1")
    form = opened.form("choose")
    control = form.locator(control)
    control.focus()
    for key in ("d", "d", "x", "a", "b"):
        control.press(key)
    expect(control).to_be_focused()
    expect(opened.cells).to_have_count(2)


def test_an_arrow_key_chooses_in_a_list(notebook):
    """ArrowDown in a list changes its value and leaves the focus there."""
    opened = notebook(KEYS, "1 + 1")
    house = opened.form("choose").locator("select")
    house.focus()
    house.press("ArrowDown")
    expect(house).to_have_value("ravenclaw")
    house.press("ArrowDown")
    expect(house).to_have_value("slytherin")
    expect(house).to_be_focused()


def test_a_text_area_takes_every_key(notebook):
    """Letters that are shortcuts, Enter and the arrows write and move in a text area."""
    opened = notebook(KEYS)
    form = opened.form("choose")
    essay = form.locator("textarea")
    essay.press_sequentially("dd az")
    essay.press("Enter")
    essay.press_sequentially("00 m")
    essay.press("ArrowUp")
    essay.press("Home")
    essay.press("Shift+Enter")
    expect(essay).to_have_value("\ndd az\n00 m")
    expect(opened.cells).to_have_count(1)
    form.locator("[name=name]").fill("Luna")
    form.locator("button[type=submit]").click()
    expect(slot(form, "result")).to_contain_text("00 m")


def test_running_the_cell_again_gives_a_new_form(notebook):
    """The old form's task is cancelled, the new form is fresh and works."""
    opened = notebook(HELD)
    form = opened.form("enroll")
    form.locator("[name=subject]").fill("Charms")
    form.locator("button[type=submit]").click()
    until((opened.folder / "begun").exists, "the action has not begun")
    opened.run_all()
    idle(form)
    expect(form.locator("[name=subject]")).to_have_value("")
    (opened.folder / "go").touch()
    form.locator("[name=subject]").fill("Runes")
    form.locator("button[type=submit]").click()
    expect(slot(form, "result")).to_have_text("Enrolled in Runes")


def test_a_restarted_kernel_is_told(notebook):
    """After a restart the form says what to do, also when it was pending, and comes back."""
    opened = notebook(HELD)
    form = opened.form("enroll")
    form.locator("[name=subject]").fill("Charms")
    form.locator("button[type=submit]").click()
    until((opened.folder / "begun").exists, "the action has not begun")
    opened.command("notebook:restart-kernel")
    opened.page.locator(".jp-Dialog .jp-mod-accept").click()
    notice = opened.page.locator('.na-root > [data-slot="notice"]')
    expect(notice).to_be_visible()
    expect(notice).to_contain_text("run this cell again")
    expect(form.locator("[name=subject]")).to_have_value("Charms")
    opened.ready()
    (opened.folder / "go").touch()
    opened.run_all()
    expect(notice).to_be_hidden()
    form.locator("[name=subject]").fill("Runes")
    form.locator("button[type=submit]").click()
    expect(slot(form, "result")).to_have_text("Enrolled in Runes")


@pytest.mark.reloads
def test_a_saved_notebook_with_a_fresh_kernel_is_told(lab, notebook):
    """A view restored from the file has no function behind it, and says so."""
    manager = "@jupyter-widgets/jupyterlab-manager"
    lab.set(manager, "plugin", saveState=True)
    opened = notebook(HELD)
    expect(opened.form("enroll")).to_be_visible()
    opened.save()
    until(lambda: "_html" in opened.path.read_text(), "the widgets were not saved")
    lab.set(manager, "plugin")
    opened.page.goto("about:blank")
    lab.stop_kernels()
    opened.open()
    form = opened.form("enroll")
    form.locator("[name=subject]").fill("Charms")
    form.locator("button[type=submit]").click()
    notice = opened.page.locator('.na-root > [data-slot="notice"]')
    expect(notice).to_be_visible()
    expect(notice).to_contain_text("run this cell again")
    expect(form.locator("[name=subject]")).to_have_value("Charms")


def test_a_submission_during_a_cell_that_blocks_says_that_it_is_queued(notebook):
    """While a cell holds the kernel the form says so; then the action runs."""
    opened = notebook(HELD, IMPORTS)
    form = opened.form("enroll")
    form.locator("[name=subject]").fill("Charms")
    opened.ready()
    opened.cells.nth(1).locator(".cm-content").fill(
        'Path("blocking").touch()\nwhile not Path("free").exists(): time.sleep(0.01)'
    )
    opened.command("notebook:run-cell")
    until((opened.folder / "blocking").exists, "the cell does not run")
    form.locator("button[type=submit]").click()
    expect(slot(form, "status")).to_contain_text("queued")
    assert not (opened.folder / "begun").exists()
    (opened.folder / "free").touch()
    until((opened.folder / "begun").exists, "the action has not begun")
    expect(slot(form, "status")).to_have_text("Working…")
    (opened.folder / "go").touch()
    expect(slot(form, "result")).to_have_text("Enrolled in Charms")


def test_the_outcome_arrives_after_an_output_that_was_cut(notebook):
    """When the server drops messages after a huge output, the form asks for its state."""
    opened = notebook(HELD, IMPORTS)
    form = opened.form("enroll")
    form.locator("[name=subject]").fill("Charms")
    opened.ready()
    form.locator("button[type=submit]").click()
    until((opened.folder / "begun").exists, "the action has not begun")
    # The action ends while the cell still runs: until it is idle the server drops what comes.
    opened.cells.nth(1).locator(".cm-content").fill(
        'for _ in range(60): print("x" * 100_000, flush=True)\n'
        'Path("go").touch()\nwhile form.pending: await asyncio.sleep(0)'
    )
    opened.command("notebook:run-cell")
    expect(opened.page.get_by_text("IOPub data rate exceeded")).to_be_visible()
    idle(form)
    expect(slot(form, "result")).to_have_text("Enrolled in Charms")


def test_an_export_knows_the_saved_notebook(notebook):
    """The app takes what ran; that a cell was edited or deleted since is told where it exports."""
    opened = notebook(
        IMPORTS,
        "LIMIT = 1\ndef fee(): return LIMIT",
        "SEATS = 2",
        "async def book(): return [fee(), SEATS]\nbooking = ActionForm(book)\nbooking",
        "print(booking.export('app'))",
    )
    shown = opened.cells.nth(4).locator(".jp-OutputArea")
    expect(shown).to_contain_text("python app.py")
    expect(shown).not_to_contain_text("the app takes what ran")
    opened.cells.nth(1).locator(".cm-content").fill("LIMIT = 5\ndef fee(): return LIMIT")
    opened.cells.nth(2).locator(".jp-InputPrompt").click()
    opened.command("notebook:delete-cell")
    expect(opened.cells).to_have_count(4)
    opened.save()
    opened.cells.nth(3).locator(".jp-InputPrompt").click()
    opened.command("notebook:run-cell")
    shown = opened.cells.nth(3).locator(".jp-OutputArea")
    expect(shown).to_contain_text("the cell that made `LIMIT` was edited and not run again")
    expect(shown).to_contain_text("the cell that made `SEATS` was deleted")
    assert "LIMIT = 1" in (opened.folder / "app" / "actions.py").read_text()


FILES = (
    IMPORTS
    + """
import hashlib

async def send(form: FormData):
    Path("begun").touch()
    if not form["title"]:
        raise FormError("Check the form", {"title": "Give it a title"})
    film = form["film"]
    return f"{film.filename}, {film.size}, {hashlib.sha256(film.read()).hexdigest()}"

form = ActionForm(
    send,
    html='<label>Title <input name="title"></label>'
    '<label>Film <input type="file" name="film" data-max-size="100000000" required></label>'
    '<button type="submit">Send</button>',
)
form
"""
)


def test_a_file_of_100_mb_arrives_byte_for_byte(notebook):
    """What the form allows goes through the notebook's connection, and the action gets it whole."""
    opened = notebook(FILES)
    form = opened.form("send")
    film = opened.folder / "film ☃.bin"
    film.write_bytes(random.Random(1).randbytes(100_000_000))
    form.locator("[name=film]").set_input_files(film)
    form.locator("[name=title]").fill("Owls")
    form.locator("button[type=submit]").click()
    expect(form.locator("[data-upload]")).to_be_visible()
    form.locator("[data-upload]:not([value='0'])").wait_for()
    digest = hashlib.sha256(film.read_bytes()).hexdigest()
    expect(slot(form, "result")).to_have_text(f"film ☃.bin, 100000000, {digest}")
    expect(form.locator("[data-upload]")).to_be_hidden()
    idle(form)


def test_a_file_that_is_too_large_is_refused_before_it_is_sent(notebook):
    """The message names the file and the limit, and stands beside the field."""
    opened = notebook(FILES)
    form = opened.form("send")
    film = opened.folder / "film.bin"
    with film.open("wb") as file:
        file.truncate(100_000_001)
    form.locator("[name=film]").set_input_files(film)
    form.locator("button[type=submit]").click()
    expect(slot(form, "error:film")).to_have_text("film.bin is too large: 100 MB at most.")
    expect(slot(form, "errors")).to_be_focused()
    expect(form.locator("[name=film]")).to_have_attribute("aria-invalid", "true")
    assert not (opened.folder / "begun").exists()


def test_an_upload_can_be_cancelled(notebook):
    """Cancel ends it, nothing runs, and the file is still chosen for another try."""
    opened = notebook(FILES, IMPORTS)
    form = opened.form("send")
    film = opened.folder / "film.bin"
    with film.open("wb") as file:
        file.truncate(100_000_000)
    form.locator("[name=film]").set_input_files(film)
    form.locator("button[type=submit]").click()
    form.locator("[data-cancel]").click()
    idle(form)
    expect(slot(form, "status")).to_have_text("Cancelled.")
    expect(form.locator("[data-upload]")).to_be_hidden()
    assert form.locator("[name=film]").evaluate("input => input.files[0].size") == 100_000_000
    opened.ready()
    opened.cells.nth(1).locator(".cm-content").fill("print(form.uploads.key, form.pending)")
    opened.command("notebook:run-cell")
    expect(opened.cells.nth(1).locator(".jp-OutputArea")).to_contain_text("None False")
    assert not (opened.folder / "begun").exists()


@pytest.mark.reloads
def test_a_file_survives_a_failure_and_a_reload(notebook):
    """The form says that it has the file; it is neither chosen nor sent again."""
    opened = notebook(FILES)
    form = opened.form("send")
    film = opened.folder / "film.bin"
    film.write_bytes(random.Random(1).randbytes(2_000_000))
    form.locator("[name=film]").set_input_files(film)
    form.locator("button[type=submit]").click()
    expect(slot(form, "error:title")).to_have_text("Give it a title")
    expect(slot(form, "kept:film")).to_contain_text("film.bin (2 MB) is kept")
    assert form.locator("[name=film]").evaluate("input => input.files.length") == 0
    opened.save()
    opened.page.reload()
    form = opened.form("send")
    expect(slot(form, "kept:film")).to_contain_text("film.bin (2 MB) is kept")
    form.locator("[name=title]").fill("Owls")
    form.locator("button[type=submit]").click()
    digest = hashlib.sha256(film.read_bytes()).hexdigest()
    expect(slot(form, "result")).to_have_text(f"film.bin, 2000000, {digest}")
    expect(slot(form, "kept:film")).to_be_empty()


LISTED = (
    IMPORTS
    + """
@action(concurrency="parallel")
async def mark(name: str, seats: int = 1, progress: Progress = None):
    (Path("begun") / name).parent.mkdir(exist_ok=True)
    (Path("begun") / name).touch()
    progress(1, 4, "reading")
    while not Path(f"go-{name}").exists():
        await asyncio.sleep(0.01)
    if name == "Neville" and not Path("again").exists():
        Path("again").touch()
        raise ActionError("The toad is gone")
    return f"{name} has {seats}"

form = ActionForm(mark)
form
"""
)


@pytest.mark.reloads
def test_submissions_are_listed_each_in_its_own_row(notebook, page):
    """Several run at once; each row shows its own progress and outcome, and its buttons work."""
    opened = notebook(LISTED)
    form = opened.form("mark")
    rows = page.locator(".na-submission:visible")

    def row(name: str):
        return rows.filter(has_text=name)

    for name in ("Luna", "Neville", "Harry"):
        form.locator("[name=name]").fill(name)
        form.locator("[name=name]").press("Enter")
        expect(row(name)).to_have_attribute("aria-busy", "true")
        idle(form)
    expect(rows).to_have_count(3)
    expect(row("Luna").locator("progress")).to_have_attribute("value", "1")
    expect(row("Luna")).to_contain_text("1 of 4: reading")
    (opened.folder / "go-Neville").touch()
    expect(row("Neville")).to_contain_text("The toad is gone")
    expect(row("Luna")).to_have_attribute("aria-busy", "true")
    row("Luna").get_by_role("button", name="Cancel").click()
    expect(row("Luna")).to_contain_text("Cancelled.")
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / "lab-light-rows.png")
    opened.command("apputils:change-theme", theme="JupyterLab Dark")
    expect(page.locator("body")).to_have_attribute("data-jp-theme-light", "false")
    expect(page.locator("#jupyterlab-splash")).to_have_count(0)
    page.screenshot(path=SCREENSHOTS / "lab-dark-rows.png")
    row("Neville").get_by_role("button", name="Try again").press("Enter")
    expect(row("Neville")).to_contain_text("Neville has 1")
    row("Neville").get_by_role("button", name="Clear").press("Enter")
    expect(row("Neville")).to_have_count(0)
    # The focus went to the next row, and not to nowhere.
    expect(row("Harry").get_by_role("button", name="Cancel")).to_be_focused()
    opened.save()
    opened.page.reload()
    expect(rows).to_have_count(2)
    (opened.folder / "go-Harry").touch()
    expect(row("Harry")).to_contain_text("Harry has 1")
    expect(row("Luna")).to_contain_text("Cancelled.")
