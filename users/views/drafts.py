"""Drafts for Outlook as downloads."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.functional import Promise
from django.utils.http import content_disposition_header

from users.mail.drafts import draft_filename


def draft_response(draft: bytes, subject: str | Promise) -> HttpResponse:
    """The file, named after the message's subject."""
    response = HttpResponse(draft, content_type="message/rfc822")
    name = content_disposition_header(as_attachment=True, filename=draft_filename(str(subject)))
    response.headers["Content-Disposition"] = name or "attachment"
    return response
