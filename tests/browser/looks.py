"""The looks in which a page is tried: width by colour scheme."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pytest
from playwright.sync_api import Page, ViewportSize, expect


@dataclass(frozen=True, slots=True)
class Look:
    """How a browser window shows a page."""

    name: str
    viewport: ViewportSize
    colors: Literal["light", "dark"]

    def __str__(self) -> str:
        return f"{self.name}-{self.colors}"


WIDE = ViewportSize(width=1280, height=900)
PHONE = ViewportSize(width=360, height=800)

WIDE_LIGHT = Look("wide", WIDE, "light")
WIDE_DARK = Look("wide", WIDE, "dark")
PHONE_LIGHT = Look("phone", PHONE, "light")
PHONE_DARK = Look("phone", PHONE, "dark")
LOOKS = (WIDE_LIGHT, WIDE_DARK, PHONE_LIGHT, PHONE_DARK)

in_every_look = pytest.mark.parametrize("look", LOOKS, ids=str)
"""Decorates a test, whose `page` then is opened in each of the looks."""

on_a_phone = pytest.mark.parametrize("look", [PHONE_LIGHT], ids=str)
"""Decorates a test, whose `page` then is 360 pixels wide."""


def look_at(page: Page, look: Look) -> None:
    """Let the page look so, and wait until its script has followed."""
    page.set_viewport_size(look.viewport)
    page.emulate_media(color_scheme=look.colors)
    if page.locator("html[data-bs-theme]").count():
        expect(page.locator("html")).to_have_attribute("data-bs-theme", look.colors)
