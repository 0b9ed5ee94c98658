"""What the pages of one user show beside the form: the settings as they are stored."""

from __future__ import annotations

from typing import Any

from users.in_force import values_in_force
from users.models import EmailSettings, SignatureTemplate
from users.readiness import readiness_of_settings
from users.services import filled_in, signature_in_force
from users.signatures import plain_text_of


def settings_context(settings: EmailSettings) -> dict[str, Any]:
    """How far the settings are, and the values in force with their sources."""
    return {
        "settings": settings,
        "readiness": readiness_of_settings(settings),
        "in_force": values_in_force(settings),
        "can_send": bool(settings.traits.transport),
    }


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
