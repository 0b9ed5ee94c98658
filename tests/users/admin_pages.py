"""Pages of the Django admin, and a superuser who opens them."""

from __future__ import annotations

from typing import Any

from django.test import TestCase

from tests.factories import make_superuser
from tests.users.views.browser import Browser, Page, values_of
from users.models import User


class AdminPage(Page):
    """A page of the admin; its form is the one with the button *Save*."""

    @property
    def values(self) -> dict[str, Any]:
        (form,) = self.tree.xpath("//form[.//input[@name='_save']]")
        return values_of(form)

    @property
    def form(self) -> Any:
        return self.response.context["adminform"].form

    @property
    def text(self) -> str:
        return " ".join(self.tree.text_content().split())

    def codes(self, field: str = "__all__") -> list[str]:
        return [str(error.code) for error in self.form.errors.as_data().get(field, [])]

    def save(self, **changes: Any) -> AdminPage:
        posted = self.values | {"_save": "Save"} | changes
        return AdminPage(self.browser, self.browser.client.post(self.address, posted))


class AdminCase(TestCase):
    def setUp(self) -> None:
        self.root = make_superuser()
        self.browser = Browser(self.root)

    def open(self, path: str) -> AdminPage:
        return AdminPage(self.browser, self.browser.client.get(f"/admin/users/{path}"))

    def settings_page(self, user: User) -> AdminPage:
        return self.open(f"emailsettings/{user.pk}/change/")
