"""One e-mail address, host name or mail domain: checked, and brought into the form in which it is stored."""

from __future__ import annotations

import re
import unicodedata
from typing import Any, NoReturn
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

HOST_NAME = re.compile(r"(?=.{1,253}\Z)(?!-)[A-Za-z0-9-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9-]{1,63}(?<!-))*")
INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
"""Unicode categories of characters that nobody types on purpose: controls, text direction, separators, surrogates."""

# An organisation's own server may serve such a domain, though the world outside does not know it. The library's
# documentation says that its list is there to be changed.
PRIVATE_DOMAINS = {"local", "test"}
SPECIAL_USE_DOMAIN_NAMES[:] = [name for name in SPECIAL_USE_DOMAIN_NAMES if name not in PRIVATE_DOMAINS]


EXCHANGE_ONLINE_DOMAINS = ("office365.com", "outlook.com", "office.com", "partner.outlook.cn", "office365.us")


def host_of(address: str) -> str:
    """The host in a web address; empty where there is none."""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def belongs_to_exchange_online(host: str) -> bool:
    """Whether it is a host of Microsoft's cloud, where Exchange Web Services are being switched off."""
    name = host.lower().rstrip(".")
    return any(name == domain or name.endswith(f".{domain}") for domain in EXCHANGE_ONLINE_DOMAINS)


def refuse_invisible(text: str) -> None:
    """Refuse control characters, line breaks and marks that change the direction of the text."""
    if any(unicodedata.category(character) in INVISIBLE for character in text):
        _refuse(
            _("This contains an invisible character, such as a line break or a text direction mark. Type it anew."),
            "invisible_character",
        )


def validate_address(text: str) -> None:
    """Refuse everything but one e-mail address without a display name."""
    normalise_address(text)


def normalise_address(text: str) -> str:
    """The address as it is stored: Unicode NFC, the domain in lower case (RFC 5321 section 2.4, RFC 6531)."""
    refuse_invisible(text)
    if "<" in text or ">" in text or '"' in text:
        _refuse(_("Enter the address alone, without a name or brackets, such as anna@example.com."), "display_name")
    if text.count("@") > 1 or re.search(r"[,;\s]", text):
        _refuse(_("Enter one address only, without blanks, such as anna@example.com."), "one_address")
    try:
        address = validate_email(
            text, check_deliverability=False, allow_smtputf8=False, globally_deliverable=False, strict=True
        )
    except EmailNotValidError as error:
        raise ValidationError(
            _("This is not a complete e-mail address. Enter it like anna@example.com."), code="invalid"
        ) from error
    if "." not in address.domain:
        _refuse(_("The part after the @ is not complete. Enter the address like anna@example.com."), "invalid")
    return address.normalized


def is_same_address(one: str, other: str) -> bool:
    """Whether both are one address: without regard to case, and to the form of a domain in another script."""
    return _in_one_form(one) == _in_one_form(other)


def _in_one_form(text: str) -> str:
    try:
        return normalise_address(text).casefold()
    except ValidationError:
        return text.casefold()


def validate_host_name(text: str) -> None:
    """Refuse everything but a host name (RFC 1123 section 2.1) or an IPv4 address."""
    if not HOST_NAME.fullmatch(text):
        _refuse(
            _("Enter the server's name alone, such as smtp.example.com, without https:// and without a port."),
            "host_name",
        )


def normalise_domain(text: str) -> str:
    """A mail domain in lower case; raises ValidationError naming the domain that is not one."""
    try:
        return normalise_address(f"someone@{text}").split("@")[1]
    except ValidationError as error:
        raise ValidationError(
            _("“%(domain)s” is not a domain. Enter domains like example.com, one a line."),
            code="domain",
            params={"domain": text[:100]},
        ) from error


def _refuse(message: Any, code: str) -> NoReturn:
    raise ValidationError(message, code=code)
