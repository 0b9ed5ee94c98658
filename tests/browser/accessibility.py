"""Checks a page against WCAG 2.2 AA with axe-core."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

from tests.browser.looks import WIDE_LIGHT, Look

OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
    # Frames show what people have written; axe is not in them, and would wait half a second for each to answer.
    "iframes": False,
}
# All else that axe found would take longer to bring here than to find.
RUN = "(options) => axe.run(options).then(({ violations }) => violations)"


def assert_accessible(page: Page, look: Look = WIDE_LIGHT) -> None:
    """Fail with every finding of axe in plain words: the rule, its explanation, the elements."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    findings = [describe(violation) for violation in page.evaluate(RUN, OPTIONS)]
    assert not findings, f"axe objects to {page.url}, {look}:\n" + "\n".join(findings)


def describe(violation: dict[str, Any]) -> str:
    head = f"{violation['id']} ({violation['impact']}): {violation['help']}, see {violation['helpUrl']}"
    nodes = [f"  {node['html']}\n    {node['failureSummary']}" for node in violation["nodes"]]
    return "\n".join([head, *nodes])
