"""The pages on which administrators find and edit users."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from users.directory import Directory
from users.entra.endings import worrying
from users.forms import AccountForm, EmailSettingsForm, NewAccountForm, UserSearchForm
from users.forms.search import READY
from users.models import EmailSettings, Installation, User
from users.retirements import retirements_for
from users.views.access import AuthenticatedRequest, StaffOnly
from users.views.one_user import OneUsersSettings, OneUsersSignature
from users.views.pages import SettingsPage, make_form


class UserList(StaffOnly):
    """All users, searched, filtered, sorted and paged."""

    permissions = ("users.view_emailsettings",)

    def get(self, request: AuthenticatedRequest) -> HttpResponse:
        form = UserSearchForm(request.GET)
        directory = Directory(Installation.load(), **form.chosen)
        page = directory.page(request.GET.get("page", ""), editor=request.user)
        endings = worrying(directory.installation.registration)
        context = {"form": form, "directory": directory, "page": page, "endings": endings}
        context["states"] = [(state, label, directory.counts[state]) for state, label in READY.items()]
        context["retirements"] = retirements_for(directory.installation)
        return render(request, "users/list.html", context)


class UserPage(StaffOnly, OneUsersSettings):
    """One user's account and e-mail settings."""

    permissions = ("users.change_emailsettings",)
    template_name = "users/edit.html"
    saved = _("The user's settings are saved.")

    def context(self) -> dict[str, Any]:
        return super().context() | {"endings": worrying(self.stored.installation.registration)}

    def make_forms(self, **options: Any) -> dict[str, Any]:
        return self._account_forms(**options) | super().make_forms(**options)

    def _account_forms(self, padlocks: Any = None, **options: Any) -> dict[str, Any]:
        if not self.editor.has_perm("users.change_user"):
            return {}
        return {"account_form": make_form(AccountForm, self.user, prefix="account", editor=self.editor, **options)}


class UserSignaturePage(StaffOnly, OneUsersSignature):
    """One user's signature."""

    permissions = ("users.change_emailsettings",)
    template_name = "users/edit_signature.html"
    saved = _("The user's signature is saved.")


class NewUserPage(StaffOnly, SettingsPage):
    """A new user, with e-mail settings."""

    permissions = ("users.add_user", "users.change_emailsettings")
    template_name = "users/add.html"
    saved = _("The user is added.")

    def prepare(self) -> None:
        self.user = User()
        self.settings = EmailSettings(user=self.user)
        self.settings.installation = Installation.load()

    def make_forms(self, padlocks: Any = None, **options: Any) -> dict[str, Any]:
        return {
            "account_form": make_form(NewAccountForm, self.user, prefix="account", **options),
            "form": make_form(EmailSettingsForm, self.settings, editor=self.editor, padlocks=padlocks, **options),
        }

    def next_address(self) -> str:
        return reverse("users:edit", args=[self.user.uid])
