"""What becomes of attacks, read by a browser: nothing runs, loads, covers the page, or has a name in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.users.signatures.attacks import attacks
from users.signatures import SignatureRefused, sanitize_html
from users.signatures.allow_list import ATTRIBUTES, SCHEMES, TAGS
from users.signatures.outgoing import for_recipients
from users.signatures.paste import read_paste

MADE = 300
AT_ONCE = 250
OWN = {"html", "head", "meta", "body", "main"}
"""Elements of the page itself."""

DESCRIBE = """() => [...document.querySelectorAll("*")].map(element => {
    const style = getComputedStyle(element);
    return {
        tag: element.localName,
        space: element.namespaceURI,
        attributes: element.getAttributeNames(),
        scheme: element.getAttribute("href") === null ? "" : element.protocol,
        source: element.getAttribute("src") ?? "",
        position: style.position,
        pictures: [style.backgroundImage, style.listStyleImage, style.borderImageSource, style.maskImage],
        margins: [style.marginTop, style.marginRight, style.marginBottom, style.marginLeft].map(parseFloat),
    };
})"""


@pytest.fixture
def bare_page(browser: Browser) -> Iterator[tuple[Page, list[str]]]:
    """A page without a policy, in which attacks would succeed, and what happened on it."""
    context = browser.new_context()
    page = context.new_page()
    happened: list[str] = []
    page.expose_function("attack", lambda: happened.append("a script ran"))
    page.on("request", lambda request: happened.append(f"{request.url} was asked for"))
    page.on("dialog", lambda dialog: happened.append(dialog.message))
    page.on("framenavigated", lambda frame: happened.append(frame.url))
    yield page, happened
    context.close()


def answers(html: str) -> Iterator[str]:
    """The HTML that is kept, what a paste of it gives, and what messages carry."""
    try:
        kept = sanitize_html(html)
        yield from (kept, for_recipients(kept), read_paste(html).html)
    except SignatureRefused:
        return


def complaints(element: dict[str, Any]) -> Iterator[str]:
    tag = element["tag"]
    allowed = {"style", *ATTRIBUTES["*"], *ATTRIBUTES.get(tag, {}), *(("href",) if tag == "a" else ())}
    yield from (f"<{tag}>" for _once in range(tag not in TAGS or not element["space"].endswith("xhtml")))
    yield from (f"{tag} {name}" for name in element["attributes"] if name not in allowed)
    if element["scheme"] not in {"", *(f"{scheme}:" for scheme in SCHEMES)}:
        yield f"a link to {element['scheme']}"
    if element["source"] and not element["source"].startswith("cid:"):
        yield f"a picture from {element['source']}"
    if element["position"] != "static" or min(element["margins"], default=0) < 0:
        yield f"{tag} leaves its place"
    yield from (f"{tag} shows {picture}" for picture in element["pictures"] if "url" in picture or "image" in picture)


def test_nothing_comes_of_attacks(bare_page: tuple[Page, list[str]]) -> None:
    page, happened = bare_page
    kept = [answer for attack in attacks(MADE) for answer in answers(attack)]
    assert len(kept) > 3 * MADE
    wrong: list[str] = []
    for begin in range(0, len(kept), AT_ONCE):
        main = "\n".join(f"<main>{html}</main>" for html in kept[begin : begin + AT_ONCE])
        page.set_content(f'<!DOCTYPE html><html><head><meta charset="utf-8"></head><body>{main}</body></html>')
        elements = [one for one in page.evaluate(DESCRIBE) if one["tag"] not in OWN or one["attributes"]]
        elements = [one for one in elements if one["tag"] != "meta"]
        wrong += [complaint for element in elements for complaint in complaints(element)]
    page.wait_for_timeout(300)
    assert wrong == []
    assert [one for one in happened if not one.startswith(("cid:", "about:"))] == []


def test_the_page_would_show_an_attack_that_gets_through(bare_page: tuple[Page, list[str]]) -> None:
    page, happened = bare_page
    page.set_content("<img src='https://evil.example/x' onerror=attack()><p style='position: fixed' id=x>x</p>")
    page.wait_for_function("true")
    page.wait_for_timeout(300)
    wrong = [complaint for element in page.evaluate(DESCRIBE) for complaint in complaints(element)]
    assert {"img onerror", "a picture from https://evil.example/x", "p leaves its place", "p id"} <= set(wrong)
    assert {"a script ran", "https://evil.example/x was asked for"} <= set(happened)
