"""A user's e-mail settings as a form: for the user, for administrators, and for the Django admin."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Fieldset, Layout
from django import forms
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from users.choices import CopyMode, EmailMethod
from users.forms import parts
from users.forms.padlock import PadlockField, PadlockForm, PadlockMode
from users.forms.versions import VersionedForm
from users.forms.widgets import ChoiceCards, Segments
from users.methods import METHODS
from users.models import EmailSettings, Installation
from users.models.rules import ADDRESS_LOCKED
from users.readiness import readiness_of_settings

FROM_ADMINISTRATOR = gettext_lazy("Your administrator sets this.")


class EmailSettingsForm(PadlockForm, VersionedForm):
    """Method, address, Exchange account and copy mode. The rules are the model's; this adds how they look."""

    instance: EmailSettings
    exchange_password = PadlockField(label=gettext_lazy("Password (Exchange)"))
    method = forms.ChoiceField(
        label=gettext_lazy("E-mail method"), required=False, choices=EmailMethod.choices, widget=ChoiceCards
    )
    copy_mode = forms.ChoiceField(
        label=gettext_lazy("Send copy to own e-mail address"), required=False, choices=CopyMode.choices, widget=Segments
    )

    class Meta:
        model = EmailSettings
        fields = ("method", "address", "exchange_username", "copy_mode", "export_activities")
        widgets = {
            "address": forms.EmailInput(attrs={"autocomplete": "email", "maxlength": None}),
            "exchange_username": forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        }
        help_texts = {
            "address": gettext_lazy("Messages are sent from this address, and copies go to it."),
            "export_activities": gettext_lazy("New activities then go into your calendar without being told."),
            "exchange_username": gettext_lazy("As you sign in to Exchange, such as FIRM\\anna or anna@example.com."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.edited_by = self.editor
        self._describe_methods()
        self._lock_what_the_policies_lock()
        self._show_only_what_is_used()
        self._close_the_calendar_until_ready()
        self.helper = self._helper()

    @property
    def installation(self) -> Installation:
        return self.instance.installation

    @property
    def is_own(self) -> bool:
        return self.instance.user == self.editor

    def clean_copy_mode(self) -> str:
        """A disabled choice is not posted at all."""
        return self.cleaned_data["copy_mode"] or CopyMode.NONE

    def clean_export_activities(self) -> bool:
        """A method without a calendar on a server leaves the choice as it is: it is not posted then."""
        method = METHODS.get(self.cleaned_data.get("method", ""), self.installation.sending_method)
        is_asked = bool(method.calendar_transport)
        return bool(self.cleaned_data["export_activities"] if is_asked else self.instance.export_activities)

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if self.has_error("method", "registration_incomplete") and self.editor.is_superuser:
            self.add_error("method", _link(reverse("users:entra"), _("Open the app registration")))

    def _describe_methods(self) -> None:
        inherited = _("As the system setting (now: %(method)s)") % {"method": self.installation.sending_method.label}
        self.fields["method"].choices = [("", inherited), *EmailMethod.choices]  # type: ignore[attr-defined]
        widget = self.fields["method"].widget
        widget.explanations = {"": _("Follows the system settings when they change.")} | {
            value: method.explanation for value, method in METHODS.items()
        }
        widget.uses = parts.uses_by_choice(self.installation)

    def _lock_what_the_policies_lock(self) -> None:
        """Policies bind users; those who may edit all users may do so here as well."""
        if not self.is_own or self.editor.may_edit_everybody:
            return
        system = self.installation.system
        if not system.users_may_choose_method:
            self._lock("method", FROM_ADMINISTRATOR)
        if self.instance.has_locked_address:
            self._lock("address", ADDRESS_LOCKED)
        elif not system.users_may_edit_address:
            self._lock("address", FROM_ADMINISTRATOR)

    def _lock(self, name: str, reason: str | Promise) -> None:
        self.fields[name].disabled = True
        self.fields[name].help_text = str(reason)

    def _show_only_what_is_used(self) -> None:
        method = METHODS.get(self.chosen_method, self.installation.sending_method)
        self.used_parts = parts.parts_of(method, self.installation)
        if method.may_ask_for_account() and not method.asks_for_account(self.installation.registration.flow):
            self.set_padlock("exchange_password", PadlockMode.NOT_USED, self._why_no_account())

    def _close_the_calendar_until_ready(self) -> None:
        """Offered only to those whose stored settings lead to a calendar and are ready."""
        if not self.instance.traits.calendar_transport:
            self._lock("export_activities", NO_EXPORT_YET)
        elif not readiness_of_settings(self.instance).is_ready:
            self._lock("export_activities", NO_EXPORT)

    @property
    def chosen_method(self) -> str:
        """The method that the form shows: the posted one, or the stored one."""
        return str(self["method"].value() or "")

    def _why_no_account(self) -> str:
        registration = self.installation.registration
        text = _("Not needed: the app registration uses “%(flow)s”, so no password is entered here.")
        reason = text % {"flow": registration.get_flow_display()}
        is_to_do = self.is_own and not self._has_connection()
        return f"{reason} {registration.traits.instead_of_password}".strip() if is_to_do else reason

    def _has_stored_account(self) -> bool:
        return bool(self.instance.stored_username or self.instance.exchange_password)

    def _has_connection(self) -> bool:
        return self.instance.asks_for_connection and self.instance.connection is not None

    def _helper(self) -> FormHelper:
        helper = FormHelper(self)
        helper.form_tag = False
        helper.layout = Layout(
            "version",
            Fieldset(self._title(), "method", "address", css_class="settings-group"),
            self._part(
                _("Exchange account"),
                "exchange_username",
                "exchange_password",
                name=parts.ACCOUNT,
                reason=LOSES_ACCOUNT if self._has_stored_account() else "",
            ),
            parts.NotNeeded(
                _("Exchange account"),
                name=parts.NO_ACCOUNT,
                is_used=parts.NO_ACCOUNT in self.used_parts,
                reason=self._why_no_account(),
            ),
            parts.Notice(
                name=parts.CONNECTION,
                is_used=parts.CONNECTION in self.used_parts,
                reason=LOSES_CONNECTION if self._has_connection() else "",
            ),
            self._part("", "copy_mode", name=parts.COPY, reason=NO_COPY, stays_in_view=True),
            self._part(_("Calendar"), "export_activities", name=parts.CALENDAR, status="export"),
        )
        return helper

    def _title(self) -> str:
        return _("How your e-mail is sent") if self.is_own else _("How e-mail is sent")

    def _part(self, legend: str, *fields: object, name: str, **options: Any) -> parts.Part:
        return parts.Part(legend, *fields, name=name, is_used=name in self.used_parts, **options)


LOSES_ACCOUNT = gettext_lazy(
    "The chosen method does not use the Exchange account: its stored user name and password are removed when you save."
)
LOSES_CONNECTION = gettext_lazy(
    "The chosen method does not use the connection to Microsoft 365: it is removed when you save."
)
NO_EXPORT = gettext_lazy("Closed until the settings are ready and saved: see what is left beside this form.")
NO_EXPORT_YET = gettext_lazy("Closed until this method is saved and its settings are ready.")
NO_COPY = gettext_lazy("Not available with Microsoft Outlook: there you choose the copies yourself.")


def _link(address: str, text: str) -> Any:
    return format_html('<a href="{}">{}</a>', address, text)
