"""The signed-in user's own pages."""

from __future__ import annotations

from copy import copy
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from users import services
from users.forms import EmailSettingsForm, SignatureForm
from users.mail.receipts import Receipt
from users.models import EmailSettings, Installation
from users.views.access import AuthenticatedRequest
from users.views.beside import settings_context, signature_context
from users.views.pages import SettingsPage, make_form


class ProfilePage(SettingsPage):
    """The own e-mail settings."""

    template_name = "users/profile.html"
    saved = gettext_lazy("Your e-mail settings are saved.")

    def prepare(self) -> None:
        self.settings = EmailSettings.of(self.editor, Installation.load())
        self.stored = copy(self.settings)

    def context(self) -> dict[str, Any]:
        return settings_context(self.stored)

    def padlock_target(self) -> str:
        return str(self.editor.uid)

    def make_forms(self, **options: Any) -> dict[str, Any]:
        return {"form": make_form(EmailSettingsForm, self.settings, editor=self.editor, **options)}


class SignaturePage(SettingsPage):
    """The own signature."""

    template_name = "users/signature.html"
    saved = gettext_lazy("Your signature is saved.")

    def prepare(self) -> None:
        self.settings = EmailSettings.of(self.editor, Installation.load())
        self.stored = copy(self.settings)

    def context(self) -> dict[str, Any]:
        return signature_context(self.stored)

    def make_forms(self, padlocks: Any = None, **options: Any) -> dict[str, Any]:
        return {"form": make_form(SignatureForm, self.settings, editor=self.editor, **options)}


@require_POST
def send_test_message(request: AuthenticatedRequest) -> HttpResponse:
    """Send a message to the own address, and say on the profile page what became of it."""
    receipt = services.send_test_message(request.user)
    level = messages.SUCCESS if receipt.is_sent else messages.ERROR
    messages.add_message(request, level, what_became_of_it(receipt))
    return redirect("users:profile")


def what_became_of_it(receipt: Receipt) -> str:
    """A sentence, and on the next line what to do."""
    if receipt.error is not None:
        return f"{receipt.error}\n{receipt.error.hint}"
    return _("The test message is sent. Look for it in your mailbox.")
