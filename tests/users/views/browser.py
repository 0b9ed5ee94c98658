"""A browser without scripts: it reads the forms out of the pages, fills them in and presses their buttons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.test import Client
from lxml import html

from users.models import User

NOT_POSTED = {"submit", "button", "image", "reset"}


class Browser:
    """One person's browser, signed in unless nobody is named."""

    def __init__(self, user: User | None = None, **options: Any) -> None:
        self.client = Client(**options)
        if user is not None:
            self.client.force_login(user)

    def open(self, address: str) -> Page:
        return Page(self, self.client.get(address))

    def post(self, address: str, posted: Mapping[str, Any]) -> Page:
        return Page(self, self.client.post(address, posted))


@dataclass
class Page:
    """What the server answered."""

    browser: Browser
    response: Any

    @property
    def status(self) -> int:
        return int(self.response.status_code)

    @property
    def address(self) -> str:
        return str(self.response.request["PATH_INFO"])

    @property
    def source(self) -> str:
        return str(self.response.content.decode())

    @property
    def tree(self) -> Any:
        return html.fromstring(self.source)

    @property
    def text(self) -> str:
        """What a person reads in the main part, with single blanks."""
        (main,) = self.tree.xpath("//main")
        return " ".join(main.text_content().split())

    @property
    def form(self) -> Any:
        """The Django form behind the page."""
        return self.response.context["form"]

    @property
    def secret_inputs(self) -> list[str]:
        """The names of the fields into which a secret could be typed."""
        return list(self.tree.xpath("//input[@type='password']/@name | //textarea[@name='private_key']/@name"))

    @property
    def buttons(self) -> list[str]:
        return list(self.tree.xpath("//main//button[@name='action']/@value"))

    @property
    def values(self) -> dict[str, Any]:
        """What a browser would post with the form for the settings, without a button."""
        (form,) = self.tree.xpath("//main//form[.//button[@name='action'][@value='save']]")
        return values_of(form)

    def error_codes(self, field: str | None = None, form: str = "form") -> list[str]:
        name = field or "__all__"
        return [str(error.code) for error in self.response.context[form].errors.as_data().get(name, [])]

    def press(self, button: str = "save", changes: Mapping[str, Any] | None = None, **more: Any) -> Page:
        """Post the form with these changes; a field that is changed to None is not posted."""
        posted = self.values | {"action": button} | dict(changes or {}) | more
        return self.browser.post(self.address, {name: value for name, value in posted.items() if value is not None})

    def follow(self) -> Page:
        """Open where the answer redirects to."""
        assert self.status == 302, f"{self.status}: {self.source[:200]}"
        return self.browser.open(self.response["Location"])


def values_of(form: Any) -> dict[str, Any]:
    """The names and values that a browser would post with a form."""
    return {
        field.get("name"): _value_of(field)
        for field in form.xpath(".//input[@name] | .//select[@name] | .//textarea[@name]")
        if _is_posted(field)
    }


def _is_posted(field: Any) -> bool:
    if field.get("disabled") is not None or field.xpath("ancestor::fieldset[@disabled]"):
        return False
    if field.get("type") in {"radio", "checkbox"}:
        return field.get("checked") is not None
    return field.get("type") not in NOT_POSTED


def _value_of(field: Any) -> Any:
    if field.tag == "select":
        return list(field.value) if field.multiple else field.value or ""
    if field.tag == "textarea":
        return (field.text or "").removeprefix("\n")
    return field.get("value", "on" if field.get("type") == "checkbox" else "")
