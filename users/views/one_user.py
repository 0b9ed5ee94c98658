"""Pages about one user: the own ones, and, for staff, those of the user whose ``uid`` stands in the address."""

from __future__ import annotations

from copy import copy
from typing import Any

from django.http import HttpResponse, QueryDict
from django.utils.translation import gettext as _

from users import checking, exports
from users.calendar_state import calendar_state_of
from users.forms import EmailSettingsForm, SignatureForm
from users.forms.signature_preview import PreviewForm
from users.in_force import signature_sent, values_in_force
from users.models import EmailSettings, Installation, SignatureTemplate, User
from users.readiness import readiness_of_settings
from users.sandbox import FRAMES, allow
from users.services import filled_in, signature_in_force
from users.views.access import user_to_edit
from users.views.checks import as_shown, refuse, remember, remembered, show_run, wants_progress
from users.views.entra import allow_sign_in
from users.views.finding import FindsSettings
from users.views.pages import SettingsPage, make_form
from users.views.signature_pages import SignatureEditorPage


class OneUsersPage(SettingsPage):
    """A page about one user's settings. Beside the form stands what is stored, whatever was typed into the form."""

    def subject(self) -> User:
        uid = self.kwargs.get("uid")
        return user_to_edit(self.editor, uid) if uid else self.editor

    def prepare(self) -> None:
        self.user = self.subject()
        self.settings = EmailSettings.of(self.user, Installation.load())
        self.stored = copy(self.settings)
        self.stored.user = copy(self.user)

    def padlock_target(self) -> str:
        return str(self.user.uid)

    def context(self) -> dict[str, Any]:
        return {"edited": self.stored.user, "settings": self.stored}


class OneUsersSettings(FindsSettings, OneUsersPage):
    """Method, address, Exchange account and copy mode, with what is missing and what is in force."""

    def show(self, page_forms: dict[str, Any], status: int = 200) -> HttpResponse:
        response = super().show(page_forms, status)
        allow(response, FRAMES)
        if self.stored.asks_for_connection:
            allow_sign_in(response, self.stored.installation.registration)
        return response

    def make_forms(self, **options: Any) -> dict[str, Any]:
        return {"form": make_form(EmailSettingsForm, self.settings, editor=self.editor, **options)}

    def store(self, page_forms: dict[str, Any]) -> None:
        super().store(page_forms)
        exports.go_on(self.user.pk)

    def context(self) -> dict[str, Any]:
        signature, template = signature_sent(self.stored)
        return super().context() | {
            "calendar_state": calendar_state_of(self.stored),
            "readiness": readiness_of_settings(self.stored),
            "in_force": values_in_force(self.stored, signature, template),
            "has_signature": bool(signature),
            "is_own": self.stored.user == self.editor,
            "can_connect": bool(self.stored.address) and self.stored.traits.has_registration(self.stored.installation),
            "can_send": bool(self.stored.traits.transport),
            "check": remembered(self.request, checking.subject_of(self.user)),
        }

    def check(self, name: str) -> HttpResponse:
        """Check what is on the screen, with the stored password unless its owner has typed another one here."""
        data, note = self._posted_for_check()
        page_forms = self.make_forms(data=data, padlocks=self.padlocks.modes() if self._is_own else {})
        if not page_forms["form"].is_valid():
            return refuse(self.request, page_forms["form"]) or self.show(page_forms)
        progressive = wants_progress(self.request)
        run = checking.check_settings(self.settings, by=self.editor, in_background=progressive, note=note)
        if progressive:
            remember(self.request, run)
            return show_run(self.request, run)
        self.stored = EmailSettings.of(self.user, self.settings.installation)
        self.extra |= {"is_changed": page_forms["form"].has_changed(), "check": as_shown(run, self.editor)}
        return self.show(page_forms)

    @property
    def _is_own(self) -> bool:
        return self.user == self.editor

    def _posted_for_check(self) -> tuple[QueryDict, str]:
        """What was posted; for another user without a password, and with the sentence that says so if there was one."""
        if self._is_own:
            return self.request.POST, ""
        data = self.request.POST.copy()
        typed = [data.pop(name) for name in ("exchange_password", "exchange_password-remove") if data.get(name)]
        return data, _("The password on the page was left out: a check uses the stored one.") if typed else ""


class OneUsersSignature(SignatureEditorPage, OneUsersPage):
    """The signature, with the company signatures to start from."""

    html_field = "signature_html"

    def make_forms(self, padlocks: Any = None, **options: Any) -> dict[str, Any]:
        return {"form": make_form(SignatureForm, self.settings, editor=self.editor, **options)}

    def edited_row(self) -> EmailSettings:
        return self.stored

    def context(self) -> dict[str, Any]:
        html, mandatory = signature_in_force(self.stored)
        offered = SignatureTemplate.objects.filter(use=SignatureTemplate.Use.OFFERED)
        return super().context() | {
            "has_signature": bool(html),
            "mandatory": mandatory,
            "offered": [(template.name, filled_in(template, self.stored)) for template in offered],
            "preview_form": PreviewForm(),
        }
