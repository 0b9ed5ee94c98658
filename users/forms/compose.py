"""What somebody writes in the built-in client."""

from __future__ import annotations

import mimetypes
import re
import unicodedata
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Layout
from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from users.mail.headers import checked_line, parse_mailbox
from users.mail.transports.errors import ComposeError
from users.models import OutgoingAttachment, OutgoingMessage

MAX_RECIPIENTS = 500
"""What Exchange Online takes in one message unless told otherwise (Microsoft, "Exchange Online limits")."""

MAX_TEXT = 200_000
MAX_FILES = 20
MAX_NAME = 150
STRETCH = re.compile(r'(?:"(?:\\.|[^"\\])*"|[^;\r\n])+')
"""Up to a semicolon or line end that does not stand in quotes."""
ENTRY = re.compile(r'(?:"(?:\\.|[^"\\])*"|[^,])+')
"""One recipient in a stretch: up to a comma that does not stand in quotes."""
ONE_PERSON = re.compile(r"[^@<>]*[^@<>\s,]\s*<[^@<>]*@[^@<>]*>\s*")
"""A stretch with one address, in brackets after a name: Outlook copies ``Archer, Alice <alice@example.com>``."""


class RecipientsField(forms.CharField):
    """Several addresses, with or without names; cleaned to a list."""

    widget = forms.Textarea(attrs={"rows": 1, "autocapitalize": "off", "spellcheck": "false"})

    def __init__(self, *, name: str, **kwargs: Any) -> None:
        super().__init__(required=False, max_length=50_000, **kwargs)
        self.name = name

    def clean(self, value: Any) -> list[str]:
        text = super().clean(value)
        return list(dict.fromkeys(str(_valid(parse_mailbox, entry, self.name)) for entry in _entries(text)))


def _entries(text: str) -> Iterator[str]:
    for stretch in STRETCH.findall(text):
        entries = [stretch] if ONE_PERSON.fullmatch(stretch) else ENTRY.findall(stretch)
        yield from (entry.strip() for entry in entries if entry.strip())


class ManyFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Any number of files, also none."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        return list(data or [])


class ComposeForm(forms.Form):
    """To whom, what about, and the text. Files are stored as soon as they arrive: see :func:`attach`."""

    to = RecipientsField(name="to", label=gettext_lazy("To"))
    cc = RecipientsField(name="cc", label=gettext_lazy("Cc"))
    bcc = RecipientsField(name="bcc", label=gettext_lazy("Bcc"))
    subject = forms.CharField(label=gettext_lazy("Subject"), required=False, max_length=250)
    text = forms.CharField(
        label=gettext_lazy("Text"),
        required=False,
        strip=False,
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 12}),
    )
    attachments = ManyFilesField(label=gettext_lazy("Attachments"), required=False)

    def __init__(self, *args: Any, message: OutgoingMessage, limit: int, **kwargs: Any) -> None:
        kwargs.setdefault("initial", _written(message))
        super().__init__(*args, **kwargs)
        self.message = message
        self.fields["to"].help_text = _("Several addresses are separated by commas or semicolons.")
        self.fields["attachments"].help_text = _("At most %(limit)s for all files together.") % {
            "limit": filesizeformat(limit)
        }
        self.fields["attachments"].widget.attrs |= {
            "data-attachments": "",
            "data-limit": str(limit),
            "data-too-large": _("Together with what is attached, these have {size}, and at most {limit} fit."),
        }
        self.helper = FormHelper(self)
        self.helper.form_tag = False
        stored = HTML("{% include 'messages/_attachments.html' %}")
        self.helper.layout = Layout("to", "cc", "bcc", "subject", "text", "attachments", stored)

    def clean_subject(self) -> str:
        return str(_valid(checked_line, self.cleaned_data["subject"], "subject"))

    def clean(self) -> None:
        recipients = [entry for name in ("to", "cc", "bcc") for entry in self.cleaned_data.get(name, ())]
        if not recipients and not self.errors:
            self.add_error("to", ValidationError(_("Enter at least one address."), code="no_recipients"))
        if len(recipients) > MAX_RECIPIENTS:
            text = _(
                "These are %(count)d recipients. One message can go to %(limit)d at most; send it in several parts."
            )
            counts = {"count": len(recipients), "limit": MAX_RECIPIENTS}
            self.add_error("to", ValidationError(text, code="too_many", params=counts))

    def fill(self, message: OutgoingMessage) -> None:
        """Put what was written into the message; the form is valid."""
        for name in ("to", "cc", "bcc"):
            setattr(message, name, "\n".join(self.cleaned_data[name]))
        message.subject = self.cleaned_data["subject"]
        message.text = self.cleaned_data["text"]


def attach(message: OutgoingMessage, files: list[UploadedFile], *, limit: int) -> list[str]:
    """Store files with the message. Returns a sentence for each that there is no room for."""
    sizes = list(message.attachments.values_list("size", flat=True))
    total, number = sum(sizes), len(sizes)
    refused = []
    for file in files:
        name, size = clean_name(file.name or ""), file.size or 0
        if number >= MAX_FILES:
            refused.append(
                _("“%(name)s” is one file too many: %(limit)d can be attached.") % {"name": name, "limit": MAX_FILES}
            )
        elif total + size > limit:
            refused.append(
                _("“%(name)s” (%(size)s) does not fit: all files together may have %(limit)s.")
                % {"name": name, "size": filesizeformat(size), "limit": filesizeformat(limit)}
            )
        else:
            _store(message, file, name, size)
            total, number = total + size, number + 1
    return refused


def clean_name(name: str) -> str:
    """A file's name without folders and without characters that nobody sees, cut in front of its suffix."""
    visible = "".join(character for character in name if unicodedata.category(character)[0] != "C")
    path = PurePosixPath(re.split(r"[/\\]", visible)[-1].strip() or _("file"))
    return path.stem[: MAX_NAME - len(path.suffix[:20])] + path.suffix[:20]


def _store(message: OutgoingMessage, file: UploadedFile, name: str, size: int) -> None:
    # What the browser says of a file's kind is whatever its computer believes.
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    OutgoingAttachment.objects.create(message=message, name=name, media_type=media_type, size=size, content=file.read())


def _written(message: OutgoingMessage) -> dict[str, str]:
    recipients = {name: ", ".join(getattr(message, name).splitlines()) for name in ("to", "cc", "bcc")}
    return recipients | {"subject": message.subject, "text": message.text}


def _valid(check: Any, text: str, field: str) -> Any:
    try:
        return check(text, field)
    except ComposeError as error:
        raise ValidationError(f"{error} {error.hint}", code=error.code) from error
