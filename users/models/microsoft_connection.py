"""Users' connections to Microsoft 365: what msal keeps of a sign-in, sealed, and renewed by one process at a time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Self

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from users.entra.errors import ConnectionEnded, ConnectionMissing, EntraError
from users.models.fields import AddressField, SealedField
from users.models.secrets import KeepsSecrets
from users.models.user import User
from users.vault import Destination, Secret, UnreadableSecret

if TYPE_CHECKING:
    from users.models.email_settings import EmailSettings

Renew = Callable[[Secret, str], tuple[Secret, Secret | None]]


def first_generation() -> int:
    """Milliseconds: a row that is made anew never counts on from where an old one was."""
    return time.time_ns() // 1_000_000


class MicrosoftConnection(KeepsSecrets):
    """One user's connection. After disconnecting the row stays, empty, so that its generation counts on.

    It belongs to one address and one registration: with others it does not count, even where nobody removed it.
    """

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="microsoft_connection")
    address = AddressField(_("E-mail address"), default="", editable=False)
    """The address in the settings for which the account was accepted."""
    registration = models.TextField(default="", editable=False)
    """Authority, tenant and client, one a line: so lists know one for another registration without opening it."""
    account = models.CharField(_("Account"), max_length=320, default="", editable=False)
    """The account as Microsoft calls it."""
    account_id = models.CharField(max_length=320, default="", editable=False)
    token_cache = SealedField(_("Connection to Microsoft 365"))
    token_cache_set_at = models.DateTimeField(_("Last renewed"), null=True, editable=False)
    token_cache_set_by = models.ForeignKey(
        User, models.SET_NULL, null=True, editable=False, related_name="+", db_index=False
    )
    connected_at = models.DateTimeField(_("Connected"), null=True, editable=False)
    has_ended = models.BooleanField(_("Has to be connected again"), default=False, editable=False)
    generation = models.BigIntegerField(default=first_generation, editable=False)
    """Counts connections and disconnections: what was read before one of these is not written after it."""

    class Meta:
        verbose_name = _("connection to Microsoft 365")
        verbose_name_plural = _("connections to Microsoft 365")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(token_cache="")
                | models.Q(connected_at__isnull=False, token_cache_set_at__isnull=False),
                name="users_microsoftconnection_has_date",
            ),
        ]

    def __str__(self) -> str:
        return f"Connection to Microsoft 365 of {self.user}"

    # --- What it is for -------------------------------------------------------------------------------------------

    def secret_owner(self) -> str:
        return str(self.user.uid)

    def secret_destination(self, field: str) -> Destination:
        return (*self.registration.split("\n"), self.account_id)

    @property
    def is_made(self) -> bool:
        """Whether there is something stored, usable or not."""
        return bool(self.token_cache)

    def belongs_to(self, settings: EmailSettings) -> bool:
        """Whether it was made for exactly this address and this registration."""
        return self.is_made and (self.address, self.registration) == (settings.address, settings.connection_target)

    def serves(self, settings: EmailSettings) -> bool:
        """Whether messages can go out by it, as far as can be told without asking Microsoft."""
        return self.belongs_to(settings) and not self.has_ended and self.has_usable_secret("token_cache")

    # --- Connecting and disconnecting -----------------------------------------------------------------------------

    @classmethod
    @sensitive_variables()
    def connect(cls, settings: EmailSettings, *, account: str, account_id: str, cache: Secret) -> Self:
        """Store a connection for these settings, in place of the one that there was. Raises KeyringError."""
        with transaction.atomic():
            row, _is_new = cls.objects.select_for_update().get_or_create(user=settings.user)
            row.address, row.registration = settings.address, settings.connection_target
            row.account, row.account_id = account, account_id
            row.set_secret("token_cache", cache, by=settings.user)
            row.connected_at, row.has_ended = timezone.now(), False
            row.generation += 1
            row.save()
            # What a check found out with another sign-in does not count any more.
            type(settings)._default_manager.filter(pk=settings.pk).update(check_fingerprint="")
        return row

    @classmethod
    def disconnect(cls, rows: models.QuerySet[Self]) -> int:
        """Remove what is kept in these rows; returns how many connections there were."""
        return rows.exclude(token_cache="").update(**EMPTY, generation=models.F("generation") + 1)


EMPTY = {
    "address": "",
    "registration": "",
    "account": "",
    "account_id": "",
    "token_cache": "",
    "token_cache_set_at": None,
    "token_cache_set_by": None,
    "connected_at": None,
    "has_ended": False,
}


class KeptByUser:
    """The stored connection of one user, for whoever needs a token (``users/entra/access.py`` has the promise)."""

    def __init__(self, settings: EmailSettings) -> None:
        self.settings = settings
        self._used: MicrosoftConnection | None = None

    @sensitive_variables()
    def cache(self) -> Secret:
        return self._open(self._rows().first())[1]

    @sensitive_variables()
    def renew(self, renew: Renew) -> Secret:
        """Renew while the row is locked: a second one waits, and then finds the new token.

        On SQLite the transaction keeps other writers out by itself. `renew` makes one short request.
        """
        with transaction.atomic():
            row, kept = self._open(self._rows().select_for_update(of=("self",)).first())
            try:
                token, changed = renew(kept, row.account_id)
            except EntraError as error:
                problem = error
                self._note(row, error)
            else:
                self._keep(row, changed)
                return token
        raise problem

    def end(self) -> None:
        if self._used is not None:
            _same(self._used).update(has_ended=True)

    def _rows(self) -> models.QuerySet[MicrosoftConnection]:
        return MicrosoftConnection.objects.filter(pk=self.settings.user.pk).select_related("user")

    def _open(self, row: MicrosoftConnection | None) -> tuple[MicrosoftConnection, Secret]:
        server = self.settings.installation.application.server
        if row is None or not row.belongs_to(self.settings):
            raise ConnectionMissing(server=server)
        if row.has_ended:
            raise ConnectionEnded(server=server)
        self._used = row
        try:
            return row, row.open_secret("token_cache")
        except UnreadableSecret as error:
            raise ConnectionEnded(str(error), server=server) from error

    @staticmethod
    def _note(row: MicrosoftConnection, error: EntraError) -> None:
        """Remember that only its owner can help, so that nobody asks Microsoft in vain."""
        if error.needs_the_user:
            _same(row).update(has_ended=True)

    @staticmethod
    @sensitive_variables()
    def _keep(row: MicrosoftConnection, changed: Secret | None) -> None:
        if changed is not None:
            row.set_secret("token_cache", changed, by=row.token_cache_set_by)
            _same(row).update(token_cache=row.token_cache, token_cache_set_at=row.token_cache_set_at)


def _same(row: MicrosoftConnection) -> models.QuerySet[MicrosoftConnection]:
    """The row, unless somebody has connected or disconnected since it was read."""
    return MicrosoftConnection.objects.filter(pk=row.pk, generation=row.generation)
