"""Runs axe-core, which finds what keeps people from using a page."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Locator, Page

AXE = Path(__file__).resolve().parents[2] / "js/node_modules/axe-core/axe.min.js"

# JupyterLab's body has no height of its own and hides what overflows, which does not hide anything
# in it; axe-core thinks that it does, and would leave out all texts.
RUN = """async (element) => {
    document.body.style.overflow = "visible";
    const results = await axe.run(element ?? document);
    document.body.style.overflow = "";
    return results;
}"""


def violations(part: Page | Locator) -> list[str]:
    """Return what is wrong with a page, or with a part of it: a line for each element.

    The script is read here, so that one that is not installed is an error.
    """
    page = part if isinstance(part, Page) else part.page
    page.evaluate(AXE.read_text("utf-8"))
    results = part.evaluate(RUN)
    judged = [rule for rule in results["passes"] if rule["id"] == "color-contrast"]
    texts = [node for rule in judged for node in rule["nodes"] if node["any"][0]["data"]]
    ratios = [node["any"][0]["data"].get("contrastRatio") for node in texts]
    assert any(ratios), "axe-core saw no text"
    return [
        f"{rule['id']}: {node['html'][:200]}\n{node['failureSummary']}"
        for rule in results["violations"]
        for node in rule["nodes"]
    ]
