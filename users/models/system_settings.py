"""The settings that all users share."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from users.addresses import normalise_domain, validate_host_name
from users.choices import STANDARD_SMTP_PORTS, EmailMethod, ExchangeAuth, SmtpSecurity
from users.models import system_rules
from users.models.entra_app_registration import EntraAppRegistration
from users.models.fields import LineField, SealedField
from users.models.secrets import KeepsSecrets
from users.models.singleton import Singleton
from users.vault import Destination, Secret

MOST_ERRORS = 10
"""So many wrong domains are named at once; the rest after these are mended."""


class SystemSettings(KeepsSecrets, Singleton):
    """The sending method, the servers and the policies."""

    sending_method = models.CharField(
        _("E-mail sending method"), max_length=20, choices=EmailMethod, default=EmailMethod.OUTLOOK
    )
    exchange_url = LineField(
        _("Exchange server (EWS address)"),
        max_length=500,
        blank=True,
        default="",
        validators=[system_rules.ews_address],
    )
    exchange_auth = models.CharField(
        _("Sign-in to the Exchange server"), max_length=10, choices=ExchangeAuth, default=ExchangeAuth.NTLM
    )
    smtp_host = LineField(_("SMTP server"), max_length=253, blank=True, default="", validators=[validate_host_name])
    smtp_port = models.PositiveIntegerField(_("Port"), default=0, validators=[MaxValueValidator(65535)])
    smtp_security = models.CharField(
        _("Encryption"), max_length=10, choices=SmtpSecurity, default=SmtpSecurity.STARTTLS
    )
    smtp_username = LineField(_("User name (SMTP)"), max_length=254, blank=True, default="")
    smtp_password = SealedField(_("Password (SMTP)"))
    smtp_password_set_at = models.DateTimeField(null=True, editable=False)
    smtp_password_set_by = models.ForeignKey(
        "users.User", models.SET_NULL, null=True, editable=False, related_name="+", db_index=False
    )
    users_may_choose_method = models.BooleanField(_("Users may choose their e-mail method"), default=True)
    users_may_edit_address = models.BooleanField(_("Users may edit their e-mail address"), default=True)
    calendar_feeds = models.BooleanField(_("Users may subscribe to their activities"), default=False)
    allowed_domains = models.TextField(_("Allowed domains"), blank=True, default="", max_length=10_000)
    calendars_seen_to = models.BigIntegerField(null=True, default=None, editable=False)
    """After a change: the key of the last user whose activities were moved as it says. Null, when all are."""
    STORED_APART = frozenset({"calendars_seen_to"})

    class Meta:
        verbose_name = _("system settings")
        verbose_name_plural = _("system settings")
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="users_systemsettings_single_row"),
            models.CheckConstraint(
                condition=Q(sending_method__in=EmailMethod.values), name="users_systemsettings_sending_method_known"
            ),
            models.CheckConstraint(
                condition=Q(exchange_auth__in=ExchangeAuth.values), name="users_systemsettings_exchange_auth_known"
            ),
            models.CheckConstraint(
                condition=Q(smtp_security__in=SmtpSecurity.values), name="users_systemsettings_smtp_security_known"
            ),
            models.CheckConstraint(condition=Q(smtp_port__lte=65535), name="users_systemsettings_smtp_port_range"),
            models.CheckConstraint(
                condition=Q(smtp_password="") | Q(smtp_password_set_at__isnull=False),
                name="users_systemsettings_password_has_date",
            ),
        ]

    def __str__(self) -> str:
        return str(_("System settings"))

    def clean(self) -> None:
        """Apply the rules of ``users/models/system_rules.py``, and remove an SMTP password that has no user name."""
        super().clean()
        self.allowed_domains = "\n".join(normalised_domains(self.allowed_domains))
        self.seal_typed_secrets()
        system_rules.check(self)
        if not self.smtp_username:
            self.remove_secret("smtp_password")

    def secret_destination(self, field: str) -> Destination:
        return (self.smtp_host.lower(), self.smtp_username)

    @cached_property
    def registration(self) -> EntraAppRegistration:
        """The app registration that the sending method may need."""
        return EntraAppRegistration.load()

    @property
    def allowed_domain_list(self) -> list[str]:
        return self.allowed_domains.split()

    @property
    def has_exchange_server(self) -> bool:
        return bool(self.exchange_url)

    @property
    def has_smtp_server(self) -> bool:
        """Whether messages can be handed to the SMTP server: it is named, and its password opens if it needs one."""
        return bool(self.smtp_host) and (not self.smtp_username or self.has_usable_secret("smtp_password"))

    @property
    def smtp_port_in_use(self) -> int:
        return self.smtp_port or STANDARD_SMTP_PORTS[self.smtp_security_in_use]

    @property
    def smtp_security_in_use(self) -> SmtpSecurity:
        return SmtpSecurity(self.smtp_security)

    @property
    def smtp_server_name(self) -> str:
        return f"{self.smtp_host}:{self.smtp_port_in_use}" if self.smtp_host else ""

    @property
    def smtp_secret(self) -> Secret | None:
        """The SMTP password, or None where the server wants no sign-in. Raises ``UnreadableSecret``."""
        return self.open_secret("smtp_password") if self.smtp_username else None


def normalised_domains(text: str) -> list[str]:
    """The domains in a text with one a line, or separated by commas or blanks. Raises ValidationError."""
    errors: list[ValidationError] = []
    domains: dict[str, None] = {}
    for part in text.replace(",", " ").split():
        try:
            domains[normalise_domain(part.removeprefix("@"))] = None
        except ValidationError as error:
            errors.append(error)
    if errors:
        raise ValidationError({"allowed_domains": errors[:MOST_ERRORS]})
    return list(domains)
