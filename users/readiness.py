"""Whether a user's e-mail settings are complete, and if not, what is missing and whose turn it is.

One table of requirements answers both for one user, in Python, and for lists of users, in SQL. Both answers are the
same, with one difference: whether a sealed password was tampered with is seen only by opening it, which lists do not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from django.apps import apps
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Coalesce, Left, NullIf
from django.db.models.lookups import In
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from users.methods import METHODS, Method
from users.vault import FORMAT, usable_key_ids

if TYPE_CHECKING:
    from users.models import EmailSettings, Installation, User

USER, ADMINISTRATOR = "user", "administrator"
ROW = "email_settings__"
"""The path from a user to the settings row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """Something that must be in place before e-mail can be sent.

    `applies` and `is_met` judge one user's settings; `condition` is the same in SQL, for users with the method given.
    """

    code: str
    label: str | Promise
    advice: str | Promise
    whose_turn: str
    applies: Callable[[Method, Installation], bool]
    is_met: Callable[[EmailSettings], bool]
    condition: Callable[[Method, Installation], Q]


@dataclass(frozen=True, slots=True)
class Item:
    """One requirement as it stands for one user."""

    requirement: Requirement
    is_done: bool

    @property
    def is_users_turn(self) -> bool:
        return self.requirement.whose_turn == USER


@dataclass(frozen=True, slots=True)
class Readiness:
    """What is in place, and what is missing."""

    items: tuple[Item, ...]

    @property
    def missing(self) -> list[Item]:
        return [item for item in self.items if not item.is_done]

    @property
    def is_complete(self) -> bool:
        return not self.missing


def _always(_method: Method, _installation: Installation) -> bool:
    return True


def _asks_for_account(method: Method, installation: Installation) -> bool:
    return method.asks_for_account(installation.registration.flow)


def _constant(is_met: bool) -> Q:  # noqa: FBT001
    """A condition that is the same for all users."""
    return Q(Value(is_met))


def _filled(field: str) -> Q:
    return Q(**{f"{ROW}{field}__gt": ""})


def _password_can_be_opened(method: Method, installation: Installation) -> Q:
    """The key is installed, and the server is the one that the password was sealed for."""
    known = [f"{FORMAT}.{key_id}." for key_id in usable_key_ids()]
    if not known:
        return _constant(is_met=False)
    has_key = Q(In(Left(F(f"{ROW}exchange_password"), len(known[0])), known))
    return has_key & Q(**{f"{ROW}exchange_password_server": "\n".join(method.account_destination(installation))})


REQUIREMENTS = (
    Requirement(
        code="registration",
        label=_("App registration in Microsoft Entra ID"),
        advice=_("An administrator has to complete the app registration."),
        whose_turn=ADMINISTRATOR,
        applies=lambda method, _installation: method.needs_app_registration,
        is_met=lambda settings: settings.traits.has_registration(settings.installation),
        condition=lambda method, installation: _constant(method.has_registration(installation)),
    ),
    Requirement(
        code="server",
        label=_("Mail server"),
        advice=_("An administrator has to complete the mail server in the system settings."),
        whose_turn=ADMINISTRATOR,
        applies=lambda method, _installation: bool(method.server),
        is_met=lambda settings: settings.traits.has_server(settings.installation),
        condition=lambda method, installation: _constant(method.has_server(installation)),
    ),
    Requirement(
        code="address",
        label=_("E-mail address"),
        advice=_("Enter the e-mail address that messages are sent from."),
        whose_turn=USER,
        applies=lambda method, _installation: method.is_server_based,
        is_met=lambda settings: bool(settings.address),
        condition=lambda _method, _installation: _filled("address"),
    ),
    Requirement(
        code="exchange_username",
        label=_("User name (Exchange)"),
        advice=_("Enter the user name that signs in to Exchange."),
        whose_turn=USER,
        applies=_asks_for_account,
        is_met=lambda settings: bool(settings.exchange_username),
        condition=lambda _method, _installation: _filled("exchange_username"),
    ),
    Requirement(
        code="exchange_password",
        label=_("Password (Exchange)"),
        advice=_("Enter the Exchange password."),
        whose_turn=USER,
        applies=_asks_for_account,
        is_met=lambda settings: settings.has_usable_secret("exchange_password"),
        condition=_password_can_be_opened,
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
            Item(requirement, requirement.is_met(settings))
            for requirement in REQUIREMENTS
            if requirement.applies(settings.traits, settings.installation)
        )
    )


# --- For lists of users, in SQL -------------------------------------------------------------------------------------


def with_effective_method(users: QuerySet[User], installation: Installation) -> QuerySet[User]:
    """Annotate users with ``effective_method``."""
    own = NullIf(F(f"{ROW}method"), Value(""))
    return users.annotate(effective_method=Coalesce(own, Value(installation.system.sending_method)))


def uses_method(value: str, installation: Installation) -> Q:
    """The users for whom the method `value` is in force."""
    own = Q(**{f"{ROW}method": value})
    return own | _inherits() if value == installation.system.sending_method else own


def is_complete(installation: Installation) -> Q:
    """The users whose settings lack nothing."""
    return reduce(or_, (_complete_with(method, installation) for method in METHODS.values()))


def _inherits() -> Q:
    return Q(**{f"{ROW}isnull": True}) | Q(**{f"{ROW}method": ""})


def _complete_with(method: Method, installation: Installation) -> Q:
    condition = uses_method(method.value, installation)
    for requirement in REQUIREMENTS:
        if requirement.applies(method, installation):
            condition &= requirement.condition(method, installation)
    return condition
