"""What the pages with one user's signature show beside the form."""

from __future__ import annotations

from typing import Any

from users.models import EmailSettings, SignatureTemplate
from users.services import filled_in, signature_in_force
from users.signatures import plain_text_of


def signature_context(settings: EmailSettings) -> dict[str, Any]:
    """The signature in force, and the company signatures to start from."""
    html, mandatory = signature_in_force(settings)
    offered = SignatureTemplate.objects.filter(use=SignatureTemplate.Use.OFFERED)
    return {
        "settings": settings,
        "signature_text": plain_text_of(html),
        "mandatory": mandatory,
        "offered": [(template.name, filled_in(template, settings)) for template in offered],
    }
