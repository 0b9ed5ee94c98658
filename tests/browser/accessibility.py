"""Checks a page against WCAG 2.2 AA with axe-core."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def assert_accessible(page: Page) -> None:
    """Fail with every finding of axe in plain words: the rule, its explanation, the elements."""
    results = Axe().run(page, options={"runOnly": TAGS, "resultTypes": ["violations"]})
    findings = [describe(violation) for violation in results.response["violations"]]
    assert not findings, f"axe objects to {page.url}:\n" + "\n".join(findings)


def describe(violation: dict[str, Any]) -> str:
    head = f"{violation['id']} ({violation['impact']}): {violation['help']}, see {violation['helpUrl']}"
    nodes = [f"  {node['html']}\n    {node['failureSummary']}" for node in violation["nodes"]]
    return "\n".join([head, *nodes])
