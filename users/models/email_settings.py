"""One user's e-mail settings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Lower
from django.dispatch import Signal
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from users.choices import CopyMode, EmailMethod
from users.last_check import OWN, LastCheck, columns_for, last_check_of
from users.mail.access import Access
from users.methods import METHODS, Method
from users.models import rules
from users.models.fields import AddressField, LineField, SealedField, SignatureField
from users.models.installation import Installation
from users.models.microsoft_connection import KeptByUser, MicrosoftConnection
from users.models.secrets import KeepsSecrets
from users.models.user import User
from users.models.versions import Conflict, Versioned
from users.vault import Destination, Secret
from users.verification import StepResult

if TYPE_CHECKING:
    from users.models.activity_export import ExportQueue

READ_TOGETHER = ("email_settings__exchange_password_set_by", "microsoft_connection", "export_queue")

check_stored = Signal()
"""Sent with the `settings` whose check was stored, and whether it `is_passed`."""


class EmailSettings(KeepsSecrets, Versioned):
    """How one user's e-mail is sent. A user without a row has the defaults; the row comes with the first change."""

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="email_settings")
    method = models.CharField(_("E-mail method"), max_length=20, choices=EmailMethod, blank=True, default="")
    address = AddressField(_("E-mail address"), blank=True, default="")
    exchange_username = LineField(_("User name (Exchange)"), max_length=254, blank=True, default="")
    exchange_password = SealedField(_("Password (Exchange)"))
    exchange_password_set_at = models.DateTimeField(null=True, editable=False)
    exchange_password_set_by = models.ForeignKey(
        User, models.SET_NULL, null=True, editable=False, related_name="+", db_index=False
    )
    exchange_password_server = models.TextField(default="", editable=False)
    """The server or tenant that the stored password is sealed for: so lists know an invalid one without opening it."""
    copy_mode = models.CharField(
        _("Send copy to own e-mail address"), max_length=4, choices=CopyMode, default=CopyMode.NONE
    )
    signature_html = SignatureField(_("E-mail signature"), blank=True, default="")
    signature_text = models.TextField(_("E-mail signature as plain text"), blank=True, default="")
    signature_text_is_edited = models.BooleanField(_("Plain text"), default=False)
    """Whether the plain text was written by hand; otherwise it is made from the HTML."""
    export_activities = models.BooleanField(_("Export activities to calendar program by default"), default=False)
    checked_at = models.DateTimeField(_("last check"), null=True, editable=False)
    check_passed = models.BooleanField(null=True, editable=False)
    check_fingerprint = models.CharField(max_length=64, default="", editable=False)
    """Of the system-wide values with which it was checked; of the own ones, these three are copies."""
    checked_address = models.CharField(max_length=320, default="", db_default="", editable=False)
    checked_username = models.CharField(max_length=254, default="", db_default="", editable=False)
    checked_password_set_at = models.DateTimeField(null=True, editable=False)
    check_outcome = models.JSONField(default=dict, db_default={}, editable=False)
    """What each system-wide value came to, as hashes, and the step that failed."""

    class Meta:
        verbose_name = _("e-mail settings")
        verbose_name_plural = _("e-mail settings")
        indexes = [models.Index(fields=["method"], name="users_emailsettings_method")]
        constraints = [
            models.CheckConstraint(
                condition=Q(method__in=["", *EmailMethod.values]), name="users_emailsettings_method_known"
            ),
            models.CheckConstraint(
                condition=Q(copy_mode__in=CopyMode.values), name="users_emailsettings_copy_mode_known"
            ),
            models.CheckConstraint(
                condition=Q(copy_mode=CopyMode.NONE)
                | ~Q(method__in=[name for name, method in METHODS.items() if not method.can_copy]),
                name="users_emailsettings_copy_needs_server",
            ),
            models.CheckConstraint(
                condition=Q(exchange_password="") | Q(exchange_password_set_at__isnull=False),
                name="users_emailsettings_password_has_date",
            ),
            models.UniqueConstraint(
                Lower("address"),
                condition=~Q(address=""),
                name="users_emailsettings_address_unique",
                violation_error_code="address_taken",
                violation_error_message=_("Another user already has this address. Every user needs an own one."),
            ),
        ]

    def __str__(self) -> str:
        return f"E-mail settings of {self.user}"

    @classmethod
    def of(cls, user: User, installation: Installation | None = None) -> Self:
        """The settings of `user`, or new ones with the defaults, not stored yet."""
        stored = User.objects.filter(pk=user.pk).select_related(*READ_TOGETHER).first()
        row = getattr(stored, "email_settings", None) or cls()
        row.user = user
        row.connection_row = getattr(stored, "microsoft_connection", None)
        row.export_queue = getattr(stored, "export_queue", None)
        if installation is not None:
            row.installation = installation
        return row

    @classmethod
    def from_db(cls, db: str | None, field_names: Any, values: Any) -> Self:
        row = super().from_db(db, field_names, values)
        stored = row.__dict__
        row.stored_username = stored.get("exchange_username", "")
        row.stored_signature_html = stored.get("signature_html", "")
        row.stored_mailbox = stored.get("address", ""), stored.get("method", "")
        return row

    # --- The values in force --------------------------------------------------------------------------------------

    @cached_property
    def installation(self) -> Installation:
        return Installation.load()

    @property
    def effective_method(self) -> str:
        """The value of the method in force: the user's own, or else the system's sending method."""
        return self.method or self.installation.system.sending_method

    @property
    def traits(self) -> Method:
        """The method in force, as the row of the table."""
        return METHODS[self.effective_method]

    def look_up(self, name: str) -> Any:
        """The value with this dotted name, such as ``installation.system.smtp_host``."""
        return attrgetter(name)(self)

    @property
    def inherits_method(self) -> bool:
        return not self.method

    @property
    def asks_for_account(self) -> bool:
        """Whether the method in force needs the Exchange user name and password."""
        return self.traits.asks_for_account(self.installation.registration.flow)

    @property
    def has_locked_address(self) -> bool:
        """Whether only administrators may change the address, because it alone decides whose mailbox is used."""
        return self.installation.registration.traits.reaches_every_mailbox

    # --- Microsoft 365 --------------------------------------------------------------------------------------------

    @property
    def graph_access(self) -> Access:
        """The way to an access token for Microsoft Graph, by the flow of the app registration."""
        return self.installation.registration.traits.access_for(self)

    @property
    def graph_mailbox(self) -> str:
        """The mailbox in Graph's addresses, such as ``me`` or ``users/anna@example.com``."""
        return self.installation.registration.traits.mailbox.format(address=quote(self.address, safe="@"))

    @property
    def asks_for_connection(self) -> bool:
        """Whether the method in force needs a connection to Microsoft 365."""
        return self.traits.asks_for_connection(self.installation.registration.flow)

    @property
    def connection_target(self) -> str:
        """The registration that a connection to Microsoft 365 is made for now."""
        return "\n".join(self.installation.registration.target)

    @property
    def kept_connection(self) -> KeptByUser:
        """The user's connection, for whoever needs a token."""
        return KeptByUser(self)

    @cached_property
    def connection_row(self) -> MicrosoftConnection | None:
        """What is stored of the user's connection, for whatever settings it is."""
        return MicrosoftConnection.objects.filter(pk=self.user.pk).first()

    @cached_property
    def export_queue(self) -> ExportQueue | None:
        """How the export into the user's calendar stands; None, before the first one."""
        return getattr(self.user, "export_queue", None)

    @property
    def connection(self) -> MicrosoftConnection | None:
        """The user's connection to Microsoft 365 if it is for these settings, usable or not."""
        row = self.connection_row
        return row if row is not None and row.belongs_to(self) else None

    @property
    def is_connected(self) -> bool:
        return self.connection is not None and self.connection.serves(self)

    # --- The Exchange password ------------------------------------------------------------------------------------

    def secret_owner(self) -> str:
        return str(self.user.uid)

    def secret_destination(self, field: str) -> Destination:
        return (*self.traits.account_destination(self.installation), self.exchange_username)

    @property
    def exchange_secret(self) -> Secret:
        """The Exchange password. Raises :class:`users.vault.UnreadableSecret`."""
        return self.open_secret("exchange_password")

    @property
    def password_server(self) -> str:
        """The server or tenant for which a password that is set now is sealed."""
        return "\n".join(self.traits.account_destination(self.installation))

    @sensitive_variables("secret")
    def set_secret(self, field: str, secret: str | Secret, *, by: User | None) -> None:
        super().set_secret(field, secret, by=by)
        self.exchange_password_server = self.password_server

    def remove_secret(self, field: str) -> None:
        super().remove_secret(field)
        self.exchange_password_server = ""

    @sensitive_variables("text")
    def set_exchange_password(self, text: str, *, by: User | None) -> None:
        """Seal the Exchange password for the method, server and user name in force, and store it if the row exists."""
        self.set_secret("exchange_password", text, by=by)
        if not self._state.adding:
            self._store_password()

    def _store_password(self) -> None:
        """Store the password alone. The version counts on in the database, so that older copies of the row conflict."""
        columns = {name: getattr(self, name) for name in self.PASSWORD_COLUMNS}
        stored = type(self)._default_manager.filter(pk=self.pk)
        if not stored.update(**columns, version=F("version") + 1):
            raise Conflict(None)
        self.version += 1

    CHECK_COLUMNS = (
        "checked_at",
        "check_passed",
        "check_fingerprint",
        "checked_address",
        "checked_username",
        "checked_password_set_at",
        "check_outcome",
    )
    STORED_APART = frozenset(CHECK_COLUMNS)
    PASSWORD_COLUMNS = (
        "exchange_password",
        "exchange_password_set_at",
        "exchange_password_set_by",
        "exchange_password_server",
    )
    edited_by: User | None = None
    """Who changes the settings by a form; None for programs, which may do everything."""
    stored_username = ""
    stored_signature_html = ""
    stored_mailbox = "", ""
    """Address and method as they were read."""

    @contextmanager
    def around_saving(self) -> Iterator[None]:
        """With another address or method, a connection to Microsoft 365 goes that these settings do not use."""
        is_same = self._state.adding or (self.address, self.method) == self.stored_mailbox
        if is_same or self.connection_row is None or not self.connection_row.is_made:
            yield
            return
        with transaction.atomic():
            yield
            MicrosoftConnection.disconnect(self._unused_connections())

    def _unused_connections(self) -> QuerySet[MicrosoftConnection]:
        rows = MicrosoftConnection.objects.filter(pk=self.pk)
        used = Q(address=self.address, registration=self.connection_target)
        return rows.exclude(used) if self.asks_for_connection else rows

    # --- The last check -------------------------------------------------------------------------------------------

    @property
    def last_check(self) -> LastCheck:
        """What the stored result says of these settings."""
        return last_check_of(self)

    def is_stored_as_it_is(self) -> bool:
        """Whether the database has just these settings, as far as a check is concerned."""
        return self._stored_alike().exists()

    def _stored_alike(self) -> QuerySet[EmailSettings]:
        alike = {name: getattr(self, name) for name in ("method", *OWN)}
        return EmailSettings.objects.filter(pk=self.pk, **alike)

    def store_check(self, failure: StepResult | None) -> bool:
        """Store the result of a check of these settings, unless others are stored by now; says whether it did.

        The version does not count on: whoever edits the settings at the same time has no conflict with a check.
        """
        columns = columns_for(self, failure) | {"checked_at": timezone.now()}
        if not self._stored_alike().update(**columns):
            return False
        for name, value in columns.items():
            setattr(self, name, value)
        check_stored.send(type(self), settings=self, is_passed=failure is None)
        return True

    # --- Rules ----------------------------------------------------------------------------------------------------

    def clean(self) -> None:
        """Apply the rules of ``users/models/rules.py``, all at once, and drop what the method in force does not use."""
        super().clean()
        if self.effective_method not in METHODS:
            return  # that is an error at the method's own field, and nothing else can be said
        self.seal_typed_secrets()
        rules.check(self)
        if not self.asks_for_account:
            self.exchange_username = ""
            self.remove_secret("exchange_password")

    def validate_constraints(self, exclude: Any = None) -> None:
        """Name the field of a violated constraint, where there is one, so that a form shows it there."""
        try:
            super().validate_constraints(exclude=exclude)
        except ValidationError as error:
            raise ValidationError(_by_field(error)) from error


CONSTRAINT_FIELDS = {"address_taken": "address"}


def _by_field(error: ValidationError) -> dict[str, list[ValidationError]]:
    errors: dict[str, list[ValidationError]] = {}
    for part in chain.from_iterable(error.update_error_dict({}).values()):
        errors.setdefault(CONSTRAINT_FIELDS.get(part.code or "", NON_FIELD_ERRORS), []).append(part)
    return errors
