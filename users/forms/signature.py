"""The signature as HTML in a text area; what is stored is sanitised."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Fieldset, Layout
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from users.forms.versions import VersionedForm
from users.models import EmailSettings, User
from users.signatures import SignatureRefused, plain_text_of, sanitize_html

ROWS = 14


def clean_signature(html: str) -> str:
    """The sanitised HTML. Raises ValidationError with the reason when it can't be kept."""
    try:
        return sanitize_html(html)
    except SignatureRefused as refused:
        raise ValidationError(str(refused), code="signature_refused") from refused


class SignatureForm(VersionedForm):
    """One user's signature. Its plain-text twin is made from the HTML."""

    instance: EmailSettings

    class Meta:
        model = EmailSettings
        fields = ("signature_html",)
        widgets = {"signature_html": forms.Textarea(attrs={"rows": ROWS, "spellcheck": "false", "class": "code"})}
        help_texts = {
            "signature_html": _(
                "HTML. Text, links, tables and simple styles are kept; scripts, pictures and anything unsafe are "
                "taken out."
            )
        }

    def __init__(self, *args: Any, editor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.editor = editor
        self.helper = FormHelper(self)
        self.helper.form_tag = False
        self.helper.layout = Layout("version", Fieldset("", "signature_html", css_class="settings-group"))

    def clean_signature_html(self) -> str:
        return clean_signature(self.cleaned_data["signature_html"])

    def _post_clean(self) -> None:
        """The other settings are not on this page, so that their rules are not applied here."""
        self.instance.signature_html = self.cleaned_data.get("signature_html", self.instance.signature_html)
        self.instance.signature_text = plain_text_of(self.instance.signature_html)
