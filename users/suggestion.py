"""*Find my settings*: the methods that fit an address, with the reason, and what stands in the way of each.

A suggestion is never applied by itself: pages offer it, and whoever edits the settings chooses and saves.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from django.conf import settings as django_settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from users.addresses import host_of, normalise_address
from users.choices import Cloud, Turn
from users.finding.homes import Home, home_of
from users.finding.records import records_of
from users.methods import METHODS, Method
from users.models import DomainLookUps, EmailSettings, Installation, User
from users.models.rules import address_is_in_an_allowed_domain
from users.readiness import REQUIREMENTS


@dataclass(frozen=True, slots=True)
class Offer:
    """One method that fits. `obstacle` says why it can't be chosen yet, and whose turn it is."""

    method: Method
    obstacle: str = ""
    is_in_use: bool = False
    """Whether the settings use it already."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What was found out of an address, in sentences; or a `problem` for which nothing was looked up."""

    text: str = ""
    offers: tuple[Offer, ...] = ()
    problem: str = ""


def suggest(settings: EmailSettings, address: str, *, by: User) -> Suggestion:
    """Look up what fits this address. `settings` are those on the screen, stored or not."""
    try:
        domain = _domain_of(settings, address)
    except ValidationError as error:
        return Suggestion(problem=" ".join(error.messages))
    wait = DomainLookUps.wait_of(by)
    if wait:
        return Suggestion(problem=_too_often(wait))
    records = records_of(domain, django_settings.MAILSETTINGS_NAME_SERVERS)
    home = home_of(domain, records, own_servers(settings.installation))
    return Suggestion(home.text, tuple(_offer(settings, METHODS[value], home) for value in home.methods))


def _domain_of(settings: EmailSettings, address: str) -> str:
    """The domain of an address that may be used. Raises ValidationError."""
    if not address:
        raise ValidationError(_("Enter the e-mail address first."), code="required")
    shown = copy(settings)
    shown.address = normalised = normalise_address(address)
    for _field, breach in address_is_in_an_allowed_domain(shown):
        raise breach
    return normalised.rpartition("@")[2]


def own_servers(installation: Installation) -> dict[str, str]:
    """The hosts of the system settings, with the method that uses each."""
    named = {method.server_in_force(installation): value for value, method in METHODS.items() if method.server}
    hosts = {host_of(name) or name.partition(":")[0]: value for name, value in named.items() if name}
    return {host.lower(): value for host, value in hosts.items()}


def _offer(settings: EmailSettings, method: Method, home: Home) -> Offer:
    if settings.effective_method == method.value:
        return Offer(method, is_in_use=True)
    changed = copy(settings)
    changed.method = method.value
    for requirement in REQUIREMENTS:
        is_asked = requirement.whose_turn == Turn.ADMINISTRATOR and requirement.applies(method, settings.installation)
        if is_asked and not requirement.is_met(changed):
            return Offer(method, str(requirement.advice))
    return Offer(method, _other_cloud(method, home, settings.installation))


def _other_cloud(method: Method, home: Home, installation: Installation) -> str:
    cloud = Cloud(installation.registration.cloud)
    if not method.needs_app_registration or not home.clouds or cloud in {*home.clouds, Cloud.CUSTOM}:
        return ""
    return _("The app registration is for another cloud (%(cloud)s). An administrator has to look at it.") % {
        "cloud": cloud.label
    }


def _too_often(wait: timedelta) -> str:
    minutes = max(1, ceil(wait.total_seconds() / 60))
    return ngettext(
        "You have looked up many addresses within a short time. Wait %(minutes)d minute, and try again.",
        "You have looked up many addresses within a short time. Wait %(minutes)d minutes, and try again.",
        minutes,
    ) % {"minutes": minutes}
