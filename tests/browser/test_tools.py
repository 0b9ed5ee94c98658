"""The checks of the browser tests are able to fail."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route

from tests.browser.accessibility import assert_accessible
from tests.browser.looks import Look, in_every_look
from tests.browser.problems import Problems

POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'"
PAGE = """<!doctype html><html lang="en"><title>A page</title><main><h1>A page</h1>{}</main></html>"""


def serve(page: Page, content: str, *, policy: str = POLICY) -> None:
    """Open a page of this content in the place of a page of the site."""

    def answer(route: Route) -> None:
        route.fulfill(body=PAGE.format(content), content_type="text/html", headers={"Content-Security-Policy": policy})

    page.route("**/made-up/", answer)
    page.goto("/made-up/")


def test_a_clean_page_has_no_problems(page: Page, problems: Problems) -> None:
    serve(page, "<p>Good morning</p>")
    assert_accessible(page)
    problems.settle(page)
    assert problems == []


@pytest.mark.parametrize(
    ("content", "directive"),
    [
        ('<p style="color: red">Good morning</p>', "style-src-attr"),
        ("<style>p { color: red }</style>", "style-src-elem"),
        ("<script>document.title = 'Mine'</script>", "script-src-elem"),
        ("""<button onclick="alert('Hello')">Hello</button>""", "script-src-attr"),
        ('<img alt="" src="https://example.com/picture.png">', "img-src"),
    ],
)
def test_sees_what_the_security_policy_forbids(page: Page, problems: Problems, content: str, directive: str) -> None:
    serve(page, content)
    problems.settle(page)
    assert any(text.startswith(f"Content-Security-Policy: {directive}") for text in problems)
    problems.clear()


def test_remembers_a_problem_after_the_page_was_left(page: Page, problems: Problems) -> None:
    serve(page, '<p style="color: red">Good morning</p>')
    page.goto("about:blank")
    problems.settle(page)
    assert problems
    problems.clear()


def test_sees_a_script_that_fails(page: Page, problems: Problems) -> None:
    serve(page, "<script>missing()</script>", policy="script-src 'unsafe-inline'")
    problems.settle(page)
    assert any("missing is not defined" in text for text in problems)
    problems.clear()


def test_sees_a_file_that_is_missing(page: Page, problems: Problems) -> None:
    serve(page, '<img alt="" src="/static/no-such-picture.png">')
    problems.settle(page)
    assert any("no-such-picture.png gave 404" in text for text in problems)
    problems.clear()


def test_axe_sees_a_field_without_a_label(page: Page) -> None:
    serve(page, '<input name="address">')
    with pytest.raises(AssertionError, match=r"label \(critical\): Form elements must have labels"):
        assert_accessible(page)


def test_axe_sees_a_target_that_is_too_small(page: Page) -> None:
    serve(page, "<button>a</button><button>b</button><button>c</button>", policy="")
    page.add_style_tag(content="button { inline-size: 9px; block-size: 9px; padding: 0; margin: 0; border: 0 }")
    with pytest.raises(AssertionError, match="target-size"):
        assert_accessible(page)


@in_every_look
def test_opens_pages_in_the_look_asked_for(page: Page, look: Look) -> None:
    serve(page, "")
    width = page.evaluate("window.innerWidth")
    assert width == look.viewport["width"]
    assert page.evaluate(f"matchMedia('(prefers-color-scheme: {look.colors})').matches")
    assert page.evaluate("matchMedia('(prefers-reduced-motion: reduce)').matches")


def test_switches_scripts_off(page_without_scripts: Page) -> None:
    serve(page_without_scripts, "<noscript>No scripts here</noscript>")
    assert page_without_scripts.locator("noscript").is_visible()
