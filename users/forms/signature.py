"""The signature as HTML in a text area, which a script makes an editor; what is stored is sanitised."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Fieldset, Layout
from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import normalize_newlines
from django.utils.translation import gettext_lazy as _

from users.forms.parts import Part
from users.forms.versions import Difference, VersionedForm
from users.forms.widgets import Segments, SignatureArea
from users.models import EmailSettings, User, Versioned
from users.picture_references import with_content_ids
from users.signature_pictures import refuse_what_can_not_be_kept, settle
from users.signatures import SignatureRefused, plain_text_of, sanitize_html

MAX_TEXT = 10_000
OWN_TEXT = "own-text"
MADE, EDITED = "", "edited"


def clean_signature(html: str, editor: User) -> str:
    """The sanitised HTML. Raises ValidationError with the reason when it can't be kept."""
    try:
        cleaned = sanitize_html(with_content_ids(html))
        refuse_what_can_not_be_kept(cleaned, editor)
    except SignatureRefused as refused:
        raise ValidationError(str(refused), code="signature_refused") from refused
    return cleaned


class KeepsPictures(VersionedForm):
    """A form that saves a signature, and settles whose its pictures are."""

    html_field: str
    editor: User

    def save_unless_changed(self) -> None:
        super().save_unless_changed()
        settle(getattr(self.instance, self.html_field), self.holder(), self.editor)

    def holder(self) -> Any:
        """Whose pictures they become."""
        raise NotImplementedError

    def _difference(self, name: str, stored: Versioned | None) -> Difference | None:
        """Signatures differ by what they say, and only where they say the same, by their HTML."""
        difference = super()._difference(name, stored)
        if difference is None or name != self.html_field:
            return difference
        theirs, own = plain_text_of(difference.stored), plain_text_of(difference.own)
        return Difference(difference.label, theirs, own) if theirs != own else difference


class SignatureForm(KeepsPictures):
    """One user's signature. Its plain-text twin is made from the HTML, unless somebody wrote it by hand."""

    instance: EmailSettings
    html_field = "signature_html"
    signature_text_is_edited = forms.TypedChoiceField(
        label=_("Plain-text version"),
        choices=[(MADE, _("Made from it")), (EDITED, _("Written by hand"))],
        coerce=bool,
        empty_value="",
        required=False,
        widget=Segments,
    )

    class Meta:
        model = EmailSettings
        fields = ("signature_html", "signature_text_is_edited", "signature_text")
        widgets = {
            "signature_html": SignatureArea(),
            "signature_text": forms.Textarea(attrs={"rows": 6, "class": "signature-twin"}),
        }

    def __init__(self, *args: Any, editor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.editor = editor
        self.initial["signature_text_is_edited"] = EDITED if self.initial.get("signature_text_is_edited") else MADE
        is_edited = self["signature_text_is_edited"].value() == EDITED
        self.fields["signature_html"].help_text = _(
            "Paste it from Outlook, with its pictures. What is unsafe in e-mail, such as scripts, is taken out."
        )
        text = self.fields["signature_text"]
        text.help_text = _("For mail programs that show no HTML.")
        text.label = _("Plain text")
        self.fields["signature_text_is_edited"].widget.uses = {MADE: "", EDITED: OWN_TEXT}
        self.helper = FormHelper(self)
        self.helper.form_tag = False
        self.helper.layout = self._layout(is_text_edited=is_edited)

    def _layout(self, *, is_text_edited: bool) -> Layout:
        return Layout(
            "version",
            Fieldset("", "signature_html", css_class="settings-group"),
            Fieldset(
                "",
                "signature_text_is_edited",
                Part("", "signature_text", name=OWN_TEXT, is_used=is_text_edited, is_group=False),
                css_class="settings-group",
            ),
        )

    def holder(self) -> User:
        return self.instance.user

    def clean_signature_html(self) -> str:
        return clean_signature(self.cleaned_data["signature_html"], self.editor)

    def clean_signature_text(self) -> str:
        text = normalize_newlines(self.cleaned_data["signature_text"])
        if len(text) > MAX_TEXT:
            raise ValidationError(
                _("The plain text is too long. Keep it under %(limit)d characters."),
                code="max_length",
                params={"limit": MAX_TEXT},
            )
        visible = "".join(character for character in text if character in "\n\t" or character.isprintable())
        return "\n".join(line.rstrip() for line in visible.strip("\n").split("\n"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not cleaned.get("signature_html"):
            cleaned["signature_text_is_edited"] = False
        if "signature_text" not in self.data:  # without scripts, its field may be out of sight
            cleaned["signature_text"] = plain_text_of(cleaned.get("signature_html", ""))
        if cleaned.get("signature_text_is_edited") and not cleaned.get("signature_text", "x").strip():
            sentence = _("Write the plain text, or choose “Made from it”.")
            self.add_error("signature_text", ValidationError(sentence, code="required"))
        return cleaned

    def _post_clean(self) -> None:
        """The other settings are not on this page, so that their rules are not applied here."""
        row, cleaned = self.instance, self.cleaned_data
        row.signature_html = cleaned.get("signature_html", row.signature_html)
        row.signature_text_is_edited = bool(cleaned.get("signature_text_is_edited"))
        if row.signature_text_is_edited:
            row.signature_text = cleaned.get("signature_text", row.signature_text)
        else:
            cleaned["signature_text"] = row.signature_text = plain_text_of(row.signature_html)

    def _difference(self, name: str, stored: Versioned | None) -> Difference | None:
        is_made = not self.cleaned_data.get("signature_text_is_edited")
        if name == "signature_text" and is_made and not getattr(stored, "signature_text_is_edited", False):
            return None  # it differs because the signature does
        return super()._difference(name, stored)

    def _read_aloud(self, name: str, value: Any) -> str:
        if name == "signature_text_is_edited":
            value = EDITED if value else MADE
        return super()._read_aloud(name, value)
