"""The app registration in Microsoft Entra ID as a form."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Fieldset, Layout
from django import forms
from django.utils.translation import gettext_lazy as _

from users.choices import Cloud, Flow
from users.forms.padlock import PadlockField, PadlockForm
from users.forms.parts import Part
from users.forms.versions import VersionedForm
from users.forms.widgets import ChoiceCards, ChoiceOfParts
from users.models import EntraAppRegistration

EXPLANATIONS = {
    Flow.PASSWORD: _(
        "Every user enters a user name and a password. Microsoft advises against it, and a second factor blocks it."
    ),
    Flow.APPLICATION: _(
        "The application itself opens the mailboxes, by the address of each user. Users enter nothing, and only "
        "administrators change addresses; look through those that users have entered before."
    ),
    Flow.SIGN_IN: _("Every user signs in to Microsoft once. Works with a second factor. Recommended."),
}


CUSTOM_CLOUD = "custom-cloud"


class EntraForm(PadlockForm, VersionedForm):
    """Cloud, ids, flow, and a client secret or a certificate."""

    instance: EntraAppRegistration
    client_secret = PadlockField(label=_("Client secret"), help_text=_("The value, not the Secret ID."))
    private_key = PadlockField(label=_("Private key of the certificate"), is_multiline=True)
    flow = forms.ChoiceField(label=_("Access"), choices=Flow.choices, widget=ChoiceCards)

    class Meta:
        model = EntraAppRegistration
        fields = (
            "cloud",
            "custom_authority",
            "custom_graph",
            "tenant_id",
            "client_id",
            "flow",
            "secret_expires_on",
            "certificate",
        )
        widgets = {
            "cloud": ChoiceOfParts(uses={Cloud.CUSTOM: CUSTOM_CLOUD}),
            "secret_expires_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "certificate": forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "class": "code"}),
            "tenant_id": forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
            "client_id": forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        }
        help_texts = {
            "custom_authority": _("Only for a custom cloud."),
            "custom_graph": _("Only for a custom cloud."),
            "secret_expires_on": _("As Entra shows it beside the secret."),
            "certificate": _("PEM text, instead of a client secret."),
        }
        error_messages = {"secret_expires_on": {"invalid": _("Enter the day like 2027-05-31.")}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["flow"].widget.explanations = EXPLANATIONS
        self.helper = FormHelper(self)
        self.helper.form_tag = False
        self.helper.layout = Layout(
            "version",
            Fieldset(
                str(_("Directory and application")),
                "cloud",
                # Without the page's script it stays in view, for it depends on what is chosen in this very form.
                Part("", "custom_authority", "custom_graph", name=CUSTOM_CLOUD, is_used=True, is_group=False),
                "tenant_id",
                "client_id",
                css_class="settings-group",
            ),
            Fieldset(str(_("How access is given")), "flow", css_class="settings-group"),
            Fieldset(
                str(_("How the application proves itself")),
                "client_secret",
                "secret_expires_on",
                "certificate",
                "private_key",
                css_class="settings-group",
            ),
        )
