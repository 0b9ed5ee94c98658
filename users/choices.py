"""The values that settings are chosen from. Other programs store and compare these values: they stay."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class EmailMethod(TextChoices):
    """How a user's e-mail is sent. What differs between the four stands in ``users/methods.py``."""

    OUTLOOK = "outlook", _("Client based, via Microsoft Outlook")
    EXCHANGE = "exchange", _("Server based, via Microsoft Exchange")
    SMTP = "smtp", _("Server based, via SMTP")
    EXCHANGE_ONLINE = "exchange_online", _("Server based, via Microsoft Exchange Online")


class CopyMode(TextChoices):
    """Whether a sent message also goes to the sender's own address."""

    NONE = "none", _("No copy")
    CC = "cc", _("Copy (CC)")
    BCC = "bcc", _("Bcc")


class SmtpSecurity(TextChoices):
    """How the connection to the SMTP server is encrypted."""

    STARTTLS = "starttls", _("STARTTLS")
    TLS = "tls", _("TLS")
    NONE = "none", _("None (not encrypted)")


STANDARD_SMTP_PORTS = {SmtpSecurity.STARTTLS: 587, SmtpSecurity.TLS: 465, SmtpSecurity.NONE: 25}
"""RFC 6409 section 3.1, RFC 8314 section 7.3 and RFC 5321 section 4.5.4.2."""


class ExchangeAuth(TextChoices):
    """How the application signs in to an Exchange server of the organisation."""

    NTLM = "ntlm", _("NTLM")
    BASIC = "basic", _("Basic")


class Cloud(TextChoices):
    """The Microsoft cloud in which the organisation's directory lives."""

    GLOBAL = "global", _("Global")
    US_GOV_L4 = "us_gov_l4", _("US Government L4 (GCC High)")
    US_GOV_L5 = "us_gov_l5", _("US Government L5 (DoD)")
    CHINA = "china", _("China (21Vianet)")
    CUSTOM = "custom", _("Custom")


class Flow(TextChoices):
    """How the application gets its access to Exchange Online."""

    PASSWORD = "password", _("User name and password")
    APPLICATION = "application", _("Client secret or certificate")
    SIGN_IN = "sign_in", _("Microsoft sign-in")


class Outcome(TextChoices):
    """What became of a message."""

    SENT = "sent", _("Sent")
    HANDED_OVER = "handed_over", _("Handed over to Outlook")
    FAILED = "failed", _("Not sent")
    UNKNOWN = "unknown", _("Not certain")


class Turn(TextChoices):
    """Who can mend what is missing or wrong."""

    USER = "user", _("the user")
    ADMINISTRATOR = "administrator", _("an administrator")


class Concerns(TextChoices):
    """Whom a failure concerns: the same happens to everybody of them."""

    USER = "user", _("one user")
    SERVER = "server", _("everybody who uses the server")
    UNCLEAR = "unclear", _("everybody, if nobody is signed in yet; afterwards perhaps one mailbox alone")


class StepState(TextChoices):
    """How one step of a check went."""

    PASSED = "passed", _("Passed")
    FAILED = "failed", _("Failed")
    SKIPPED = "skipped", _("Skipped")
