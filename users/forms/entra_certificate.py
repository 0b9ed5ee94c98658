"""The two ways to a certificate of the app registration: from files, or made here."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from users.addresses import refuse_invisible
from users.entra.new_certificates import NewCertificate, make, read_files
from users.forms.compose import ManyFilesField, ManyFilesInput
from users.forms.padlock import MAX_CHARACTERS
from users.vault import Secret

MAX_FILES = 5
MAX_BYTES = 100_000
"""Of one file. A certificate with its key and authorities has a few thousand."""
PERIODS = ((365, _("One year")), (730, _("Two years")))
FIELDS_OF_ERRORS = {"passphrase": "passphrase"}


class CertificateForm(forms.Form):
    """A form that ends in a certificate and its key. `new` is there once the form is valid."""

    new: NewCertificate

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper(self)
        self.helper.form_tag = False


class UploadCertificateForm(CertificateForm):
    """One PFX file, or PEM files with the certificate and the key in them."""

    file = ManyFilesField(
        label=_("Files"),
        required=False,
        widget=ManyFilesInput(attrs={"accept": ".pfx,.p12,.pem,.cer,.crt,.key"}),
        help_text=_("A PFX file, or PEM files with the certificate and its private key. The key has to be an RSA key."),
    )
    passphrase = forms.CharField(
        label=_("Passphrase of the file"),
        required=False,
        strip=False,
        max_length=MAX_CHARACTERS,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("Empty when it has none. It is used once and not stored."),
    )

    def clean_file(self) -> list[bytes]:
        files = self.cleaned_data["file"]
        if not files:
            raise ValidationError(_("Choose the file with the certificate and its private key."), code="required")
        if len(files) > MAX_FILES or any((file.size or 0) > MAX_BYTES for file in files):
            raise ValidationError(
                _("This can't be a certificate: choose at most five files of 100 KB each."), code="too_large"
            )
        return [file.read() for file in files]

    @sensitive_variables()
    def clean(self) -> None:
        if self.errors:
            return
        try:
            self.new = read_files(self.cleaned_data["file"], Secret(self.cleaned_data["passphrase"]))
        except ValidationError as error:
            self.add_error(FIELDS_OF_ERRORS.get(error.code or "", "file"), error)


class MakeCertificateForm(CertificateForm):
    """A self-signed certificate."""

    name = forms.CharField(
        label=_("Name"),
        max_length=64,  # RFC 5280, ub-common-name
        validators=[refuse_invisible],
        help_text=_("By this name you find it in Entra."),
    )
    days = forms.TypedChoiceField(label=_("Valid for"), choices=PERIODS, coerce=int)

    def clean(self) -> None:
        if not self.errors:
            self.new = make(self.cleaned_data["name"], days=self.cleaned_data["days"])
