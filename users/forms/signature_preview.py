"""How the preview of a signature looks, and for whom."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from django import forms
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from users.forms.compose import ManyFilesField
from users.forms.widgets import Segments


class Look(TextChoices):
    """What recipients see, by how they read."""

    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")
    NO_PICTURES = "no-pictures", _("No pictures")
    TEXT = "text", _("Plain text")


class PreviewForm(forms.Form):
    """Switches of the preview: sent as a question to the frame, whatever stands in the fields beside it."""

    look = forms.ChoiceField(label=_("Show it"), choices=Look, initial=Look.LIGHT, widget=Segments)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper(self)
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.layout = Layout(*self.fields)


class TemplatePreviewForm(PreviewForm):
    """The same for a company signature, which is another one for each user."""

    user = forms.CharField(
        label=_("For this user"),
        required=False,
        help_text=_("A user name or an address. Empty, it is shown for you."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    field_order = ["user", "look"]


class SignatureFilesForm(forms.Form):
    """Signature files of Outlook, where they are chosen by hand."""

    signature_files = ManyFilesField(
        label=_("Files of the signature"),
        required=False,
        help_text=_(
            "Outlook keeps its signatures in %APPDATA%\\Microsoft\\Signatures. Choose NAME.htm together with "
            "the pictures of the folder beside it, or a zip of both."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["signature_files"].widget.attrs |= {"accept": ".htm,.html,.zip,image/*", "data-signature-files": ""}
        self.helper = FormHelper(self)
        self.helper.form_tag = False
        self.helper.disable_csrf = True
