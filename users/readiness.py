"""Whether a user's e-mail is ready, and if not, what is missing and whose turn it is.

Ready means that all settings are in place and that the last check passed with exactly these settings.

One table of requirements answers both for one user, in Python, and for lists of users, in SQL. Both answers are the
same, with one difference: whether a sealed value was tampered with is seen only by opening it, which lists do not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from users.choices import Turn
from users.entra.endings import ended_for_users
from users.last_check import LastCheck, fingerprint_of
from users.methods import METHODS, Method
from users.vault import key_prefixes, usable_key_ids

if TYPE_CHECKING:
    from users.models import EmailSettings, Installation, User

LISTING = "listing__kind__"
"""The path from a user to what lists know of the settings."""
NOBODY = Q(pk__in=[])
Lookups = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """Something that must be in place before e-mail can be sent.

    `applies` and `is_met` judge one user's settings. `lookups` are the same for the kinds of users with the method
    given (``users/models/listing.py``); None stands for nobody.
    """

    code: str
    label: str | Promise
    advice: str | Promise
    whose_turn: Turn
    is_check: bool = False
    """Not a setting, but that the settings work."""
    page: str = ""
    """The name of the administrators' page where it is done."""
    applies: Callable[[Method, Installation], bool]
    is_met: Callable[[EmailSettings], bool]
    lookups: Callable[[Method, Installation], Lookups | None]
    reason: Callable[[EmailSettings], str] = lambda _settings: ""
    """Why it is missing now and what to do, where that is more than `advice` says; or else empty."""


@dataclass(frozen=True, slots=True)
class Item:
    """One requirement as it stands for one user."""

    requirement: Requirement
    is_done: bool
    last_check: LastCheck | None = None
    """For the check: how it stands."""
    reason: str = ""

    @property
    def whose_turn(self) -> str:
        """Who can do it. Of a check that failed, what went wrong says so."""
        return (self.last_check and self.last_check.whose_turn) or self.requirement.whose_turn

    @property
    def is_users_turn(self) -> bool:
        return self.whose_turn == Turn.USER

    @property
    def advice(self) -> str:
        """What to do. A check that failed says itself what."""
        last = self.last_check
        return self.reason or (last and (last.reason or last.advice)) or str(self.requirement.advice)


@dataclass(frozen=True, slots=True)
class Readiness:
    """What is in place, and what is missing."""

    items: tuple[Item, ...]

    @property
    def missing(self) -> list[Item]:
        return [item for item in self.items if not item.is_done]

    @property
    def missing_settings(self) -> list[Item]:
        return [item for item in self.missing if not item.requirement.is_check]

    @property
    def is_complete(self) -> bool:
        """Whether all settings are in place, so that sending may be tried."""
        return not self.missing_settings

    @property
    def is_ready(self) -> bool:
        """Whether all settings are in place and the last check passed with exactly these settings."""
        return not self.missing


def _asks_for_account(method: Method, installation: Installation) -> bool:
    return method.asks_for_account(installation.registration.flow)


def _the_same_for_all(is_met: bool) -> Lookups | None:  # noqa: FBT001
    return {} if is_met else None


def _password_can_be_opened(method: Method, installation: Installation) -> Lookups | None:
    """The key is installed, and the server is the one that the password was sealed for."""
    server = "\n".join(method.account_destination(installation))
    return {"exchange_password_key__in": key_prefixes(usable_key_ids()), "exchange_password_server": server}


def _asks_for_connection(method: Method, installation: Installation) -> bool:
    return method.asks_for_connection(installation.registration.flow)


def _connection_can_be_opened(_method: Method, installation: Installation) -> Lookups | None:
    """The key is installed, and the registration is the one that the connection was made with."""
    registration = "\n".join(installation.registration.target)
    return {"connection_key__in": key_prefixes(usable_key_ids()), "connection_registration": registration}


REQUIREMENTS = (
    Requirement(
        code="registration",
        label=_("App registration in Microsoft Entra ID"),
        advice=_("An administrator has to complete the app registration."),
        whose_turn=Turn.ADMINISTRATOR,
        page="users:entra",
        applies=lambda method, _installation: method.needs_app_registration,
        is_met=lambda settings: settings.traits.has_registration(settings.installation),
        lookups=lambda method, installation: _the_same_for_all(method.has_registration(installation)),
        reason=lambda settings: ended_for_users(settings.installation.registration),
    ),
    Requirement(
        code="server",
        label=_("Mail server"),
        advice=_("An administrator has to complete the mail server in the system settings."),
        whose_turn=Turn.ADMINISTRATOR,
        page="users:system",
        applies=lambda method, _installation: bool(method.server),
        is_met=lambda settings: settings.traits.has_server(settings.installation),
        lookups=lambda method, installation: _the_same_for_all(method.has_server(installation)),
    ),
    Requirement(
        code="address",
        label=_("E-mail address"),
        advice=_("Enter the e-mail address that messages are sent from."),
        whose_turn=Turn.USER,
        applies=lambda method, _installation: method.is_server_based,
        is_met=lambda settings: bool(settings.address),
        lookups=lambda _method, _installation: {"has_address": True},
    ),
    Requirement(
        code="exchange_username",
        label=_("User name (Exchange)"),
        advice=_("Enter the user name that signs in to Exchange."),
        whose_turn=Turn.USER,
        applies=_asks_for_account,
        is_met=lambda settings: bool(settings.exchange_username),
        lookups=lambda _method, _installation: {"has_exchange_username": True},
    ),
    Requirement(
        code="exchange_password",
        label=_("Password (Exchange)"),
        advice=_("Enter the Exchange password."),
        whose_turn=Turn.USER,
        applies=_asks_for_account,
        is_met=lambda settings: settings.has_usable_secret("exchange_password"),
        lookups=_password_can_be_opened,
    ),
    Requirement(
        code="connection",
        label=_("Connection to Microsoft 365"),
        advice=_("Connect to Microsoft 365 with the work account."),
        whose_turn=Turn.USER,
        applies=_asks_for_connection,
        is_met=lambda settings: settings.is_connected,
        lookups=_connection_can_be_opened,
    ),
    Requirement(
        code="check",
        label=_("Check"),
        advice=_("Press “Check now”: it tries the settings out without sending anything."),
        whose_turn=Turn.USER,
        is_check=True,
        applies=lambda method, _installation: method.needs_check,
        is_met=lambda settings: settings.last_check.is_good,
        lookups=lambda method, installation: {"check_passed_with": fingerprint_of(method, installation)},
    ),
)


def readiness_of(user: User) -> Readiness:
    """What is done and what is missing in the settings of `user`."""
    # The models stand above this module, so that they may use it: hence by name.
    return readiness_of_settings(apps.get_model("users", "EmailSettings").of(user))


def readiness_of_settings(settings: EmailSettings) -> Readiness:
    """The same from settings that are at hand, stored or not."""
    return Readiness(
        tuple(
            _item(requirement, settings)
            for requirement in REQUIREMENTS
            if requirement.applies(settings.traits, settings.installation)
        )
    )


def _item(requirement: Requirement, settings: EmailSettings) -> Item:
    is_done = requirement.is_met(settings)
    last_check = settings.last_check if requirement.is_check else None
    return Item(requirement, is_done, last_check, "" if is_done else requirement.reason(settings))


# --- For lists of users, in SQL -------------------------------------------------------------------------------------


def uses_method(value: str, installation: Installation, *, at: str = LISTING) -> Q:
    """The users for whom the method `value` is in force. `at` is the path to their kind."""
    return Q(**{f"{at}method__in": [value, ""] if value == installation.system.sending_method else [value]})


def is_complete(installation: Installation, *, at: str = LISTING) -> Q:
    """The users whose settings are all in place. `at` is the path to their kind."""
    settings = [requirement for requirement in REQUIREMENTS if not requirement.is_check]
    return _fulfils(settings, installation, at)


def is_ready(installation: Installation, *, at: str = LISTING) -> Q:
    """The users whose settings are all in place and checked as they are. `at` is the path to their kind."""
    return _fulfils(REQUIREMENTS, installation, at)


def has_failed(installation: Installation, *, at: str = LISTING) -> Q:
    """The users whose settings are all in place, but failed the check as they are. `at` is the path to their kind."""
    failed = (_failed_with(method, installation, at) for method in METHODS.values() if method.needs_check)
    return is_complete(installation, at=at) & reduce(or_, failed)


def _failed_with(method: Method, installation: Installation, at: str) -> Q:
    failed = Q(**{f"{at}check_failed_with": fingerprint_of(method, installation)})
    return uses_method(method.value, installation, at=at) & failed


def _fulfils(requirements: Iterable[Requirement], installation: Installation, at: str) -> Q:
    return reduce(or_, (_fulfils_with(method, requirements, installation, at) for method in METHODS.values()))


def _fulfils_with(method: Method, requirements: Iterable[Requirement], installation: Installation, at: str) -> Q:
    condition = uses_method(method.value, installation, at=at)
    for requirement in requirements:
        if requirement.applies(method, installation):
            lookups = requirement.lookups(method, installation)
            condition &= NOBODY if lookups is None else Q(**{at + name: value for name, value in lookups.items()})
    return condition
