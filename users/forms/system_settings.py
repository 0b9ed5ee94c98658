"""The system settings as a form."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Column, Fieldset, Layout, Row
from django import forms
from django.utils.translation import gettext_lazy as _

from users.choices import STANDARD_SMTP_PORTS, EmailMethod
from users.forms.padlock import PadlockField, PadlockForm
from users.forms.versions import VersionedForm
from users.forms.widgets import ChoiceCards
from users.methods import METHODS
from users.models import SystemSettings

NO_PORT = _("Enter the port as a number from 1 to 65535, or 0 for the standard port.")
PORTS = ", ".join(f"{security.label}: {port}" for security, port in STANDARD_SMTP_PORTS.items())


class SystemSettingsForm(PadlockForm, VersionedForm):
    """Sending method, servers and policies."""

    instance: SystemSettings
    smtp_password = PadlockField(label=_("Password (SMTP)"))
    sending_method = forms.ChoiceField(
        label=_("E-mail sending method"), choices=EmailMethod.choices, widget=ChoiceCards
    )
    smtp_port = forms.IntegerField(
        label=_("Port"),
        required=False,
        min_value=0,
        max_value=65535,
        help_text=_("0 for the standard port (%(ports)s)") % {"ports": PORTS},
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), NO_PORT),
    )

    class Meta:
        model = SystemSettings
        fields = (
            "sending_method",
            "exchange_url",
            "exchange_auth",
            "smtp_host",
            "smtp_security",
            "smtp_port",
            "smtp_username",
            "users_may_choose_method",
            "users_may_edit_address",
            "calendar_feeds",
            "allowed_domains",
        )
        widgets = {
            "allowed_domains": forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
            "exchange_url": forms.TextInput(attrs={"inputmode": "url", "spellcheck": "false"}),
            "smtp_host": forms.TextInput(attrs={"spellcheck": "false"}),
            "smtp_username": forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        }
        help_texts = {
            "exchange_url": _("Such as https://mail.example.com/EWS/Exchange.asmx. Not for Exchange Online."),
            "smtp_host": _("The name alone, such as smtp.example.com."),
            "smtp_username": _("Empty when the server takes messages without a sign-in."),
            "calendar_feeds": _(
                "Users of Outlook and SMTP can make a secret address at which calendar programs read their activities. "
                "Whoever has the address reads them without signing in."
            ),
            "allowed_domains": _("One a line, such as example.com. Empty: addresses of every domain are allowed."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sending_method"].widget.explanations = {
            value: method.explanation for value, method in METHODS.items()
        }
        self.helper = FormHelper(self)
        self.helper.form_tag = False
        self.helper.layout = _layout()

    def clean_smtp_port(self) -> int:
        return self.cleaned_data["smtp_port"] or 0


def _layout() -> Layout:
    return Layout(
        "version",
        Fieldset(str(_("How e-mail is sent")), "sending_method", css_class="settings-group"),
        Fieldset(
            str(_("SMTP server")),
            "smtp_host",
            Row(Column("smtp_security", css_class="col-sm"), Column("smtp_port", css_class="col-sm")),
            "smtp_username",
            "smtp_password",
            css_class="settings-group",
        ),
        Fieldset(str(_("Exchange server")), "exchange_url", "exchange_auth", css_class="settings-group"),
        Fieldset(
            str(_("What users may do")),
            "users_may_choose_method",
            "users_may_edit_address",
            "calendar_feeds",
            "allowed_domains",
            css_class="settings-group",
        ),
    )
