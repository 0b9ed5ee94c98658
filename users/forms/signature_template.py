"""A company signature as a form."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Fieldset, Layout
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from users.forms.signature import KeepsPictures, clean_signature
from users.forms.widgets import SignatureArea
from users.models import SignatureTemplate, User
from users.signatures.placeholders import PLACEHOLDERS, unknown_placeholders


class SignatureTemplateForm(KeepsPictures):
    """Name, use and HTML with placeholders."""

    instance: SignatureTemplate
    html_field = "html"

    class Meta:
        model = SignatureTemplate
        fields = ("name", "use", "html")
        widgets = {"use": forms.Select, "html": SignatureArea()}

    def __init__(self, *args: Any, editor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.editor = editor
        self.fields["html"].help_text = _("These placeholders are filled in for each user: %(names)s.") % {
            "names": ", ".join(f"{{{{\N{NO-BREAK SPACE}{name}\N{NO-BREAK SPACE}}}}}" for name in PLACEHOLDERS)
        }
        self.helper = FormHelper(self)
        self.helper.form_tag = False
        self.helper.layout = Layout("version", Fieldset("", "name", "use", "html", css_class="settings-group"))

    def holder(self) -> SignatureTemplate:
        return self.instance

    def clean_html(self) -> str:
        html = clean_signature(self.cleaned_data["html"], self.editor)
        if unknown := unknown_placeholders(html):
            raise ValidationError(
                _("There is no placeholder named “%(name)s”. Known are: %(known)s."),
                code="unknown_placeholder",
                params={"name": unknown[0], "known": ", ".join(PLACEHOLDERS)},
            )
        return html
