"""Runs axe-core, which finds what keeps people from using a page."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Locator, Page

AXE = Path(__file__).resolve().parents[2] / "js/node_modules/axe-core/axe.min.js"


def violations(part: Page | Locator) -> list[str]:
    """Return what is wrong with a page, or with a part of it: a line for each element.

    The script is read here, so that one that is not installed is an error.
    """
    page = part if isinstance(part, Page) else part.page
    page.evaluate(AXE.read_text("utf-8"))
    context = "document" if isinstance(part, Page) else "element"
    run = f"async (element) => await axe.run({context}, {{resultTypes: ['violations']}})"
    results = page.evaluate(run) if isinstance(part, Page) else part.evaluate(run)
    return [
        f"{rule['id']}: {node['html'][:200]}\n{node['failureSummary']}"
        for rule in results["violations"]
        for node in rule["nodes"]
    ]
