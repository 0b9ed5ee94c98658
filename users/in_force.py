"""The values in force for a user, each with where it comes from."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from users.models import EmailSettings, SignatureTemplate
from users.services import signature_in_force

OWN = gettext_lazy("own setting")
SYSTEM = gettext_lazy("from the system settings")


@dataclass(frozen=True, slots=True)
class ValueInForce:
    """One value as it is used, and its source; an empty value shows as not set."""

    label: str | Promise
    value: str
    source: str | Promise


def signature_sent(settings: EmailSettings) -> tuple[str, SignatureTemplate | None]:
    """What :func:`users.services.signature_in_force` says, and nothing where the method carries no signature."""
    return signature_in_force(settings) if settings.traits.carries_signature else ("", None)


def values_in_force(settings: EmailSettings, html: str, template: SignatureTemplate | None) -> list[ValueInForce]:
    """What is used when this user sends a message, with the :func:`signature_sent`."""
    method = settings.traits
    rows = [
        ValueInForce(_("E-mail method"), method.label, SYSTEM if settings.inherits_method else OWN),
        ValueInForce(_("E-mail address"), settings.address, OWN),
    ]
    if method.server_name:
        rows.append(ValueInForce(_("Mail server"), method.server_in_force(settings.installation), SYSTEM))
    if method.can_copy:
        rows.append(ValueInForce(_("Copy to own address"), str(settings.get_copy_mode_display()), OWN))
    return [*rows, _signature(settings, html, template)]


def _signature(settings: EmailSettings, html: str, template: SignatureTemplate | None) -> ValueInForce:
    label = _("E-mail signature")
    if not settings.traits.carries_signature:
        return ValueInForce(label, _("Outlook adds its own"), _("kept in Outlook"))
    if template is not None:
        return ValueInForce(label, template.name, _("company signature"))
    return ValueInForce(label, _("Set") if html else "", OWN)
