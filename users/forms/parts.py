"""The parts of the e-mail settings form that not every method has, as the page and its script need them.

The script holds no list of methods: each choice carries the parts it uses in ``data-uses``, each part of the form its
own name in ``data-part``.
"""

from __future__ import annotations

from crispy_forms.layout import Fieldset
from django.utils.functional import Promise

from users.methods import METHODS, Method
from users.models import Installation

ACCOUNT, NO_ACCOUNT, CONNECTION, COPY, SIGNATURE = "account", "no-account", "connection", "copy", "signature"
CALENDAR = "calendar"


def parts_of(method: Method, installation: Installation) -> list[str]:
    """The parts that a method uses. One that may ask for an account and does not do so now says why, in its place."""
    asks = method.asks_for_account(installation.registration.flow)
    has = {
        ACCOUNT: asks,
        NO_ACCOUNT: method.may_ask_for_account() and not asks,
        CONNECTION: method.asks_for_connection(installation.registration.flow),
        COPY: method.can_copy,
        SIGNATURE: method.carries_signature,
        CALENDAR: bool(method.calendar_transport),
    }
    return [part for part, is_used in has.items() if is_used]


def uses_by_choice(installation: Installation) -> dict[str, str]:
    """For each choice of a method, including "as the system setting", the names of the parts it uses."""
    inherited = {"": installation.sending_method}
    return {value: " ".join(parts_of(method, installation)) for value, method in (inherited | METHODS).items()}


class Part(Fieldset):
    """A group of fields that only some methods use. While it is not used, nothing of it is posted.

    It then goes out of sight, or stays in view disabled; the reason, if there is one, stands in its place or below it.
    With a `status`, what is closed of it opens by itself when a check has changed how the settings stand.
    """

    template = "users/widgets/part.html"

    def __init__(  # noqa: PLR0913  (these are what a page says of a part)
        self,
        legend: str,
        *fields: object,
        name: str,
        is_used: bool,
        reason: str | Promise = "",
        stays_in_view: bool = False,
        is_group: bool = True,
        status: str = "",
    ) -> None:
        super().__init__(legend, *fields, css_class="settings-group" if is_group else "settings-part")
        self.name = name
        self.is_used = is_used
        self.reason = reason
        self.stays_in_view = stays_in_view
        self.status = status


class NotNeeded(Part):
    """Stands in the place of a padlock that is not needed, and says why."""

    template = "users/widgets/not_needed.html"


class Notice(Part):
    """Nothing but the reason, where the part is not used."""

    template = "users/widgets/notice.html"

    def __init__(self, *, name: str, is_used: bool, reason: str | Promise) -> None:
        super().__init__("", name=name, is_used=is_used, reason=reason)
