"""The signed-in user's own pages."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from users import services
from users.forms import EmailSettingsForm, SignatureForm
from users.in_force import values_in_force
from users.mail.receipts import Receipt
from users.models import EmailSettings, Installation
from users.readiness import readiness_of_settings
from users.views.pages import SettingsPage, make_form
from users.views.signatures import signature_context


class ProfilePage(SettingsPage):
    """The own e-mail settings."""

    template_name = "users/profile.html"
    saved = gettext_lazy("Your e-mail settings are saved.")

    def prepare(self) -> None:
        self.settings = EmailSettings.of(self.editor, Installation.load())
        self.extra |= {
            "settings": self.settings,
            "readiness": readiness_of_settings(self.settings),
            "in_force": values_in_force(self.settings),
            "can_send": bool(self.settings.traits.transport),
        }

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
        self.extra |= signature_context(self.settings)

    def make_forms(self, padlocks: Any = None, **options: Any) -> dict[str, Any]:
        return {"form": make_form(SignatureForm, self.settings, editor=self.editor, **options)}


@require_POST
def send_test_message(request: HttpRequest) -> HttpResponse:
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
