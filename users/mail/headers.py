"""What may stand in the header of a message: one line of honest text, and one mailbox for each entry.

Django refuses CR and LF, but NUL, vertical tabs, Unicode line ends, text that decodes to something else and a second
address hidden in a name go through it, or end in an error of the parser. Here each becomes a :class:`ComposeError`.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from email.headerregistry import Address

from django.utils.translation import gettext_lazy as _
from email_validator import EmailNotValidError, validate_email

from users.mail.transports.errors import ComposeError

MAX_NAME = 64
MAX_WORD = 900
"""Lines are folded at blanks only, and a line has at most 998 characters (RFC 5322 section 2.1.1)."""

NEVER = {"Cc", "Cs", "Zl", "Zp"}
"""Unicode categories that no header can carry: controls, lone surrogates, line and paragraph separators."""

JOINERS = "\u200c\u200d"
"""Invisible, but part of correct spelling in Persian and in Indian scripts; all other format marks only mislead."""

ENCODED_WORD = re.compile(r"=\?[^?\s]+\?[bq]\?[^?]*\?=", re.IGNORECASE)
"""RFC 2047 section 2: a mail program would show what it decodes to."""

FIELD_NAMES = {
    "from": _("sender"),
    "to": _("recipients"),
    "cc": _("recipients of a copy"),
    "bcc": _("recipients of a blind copy"),
    "reply_to": _("reply address"),
    "subject": _("subject"),
    "attachments": _("attachments"),
    "headers": _("additional headers"),
}
TYPE_ANEW = _("Type it anew instead of pasting it, and send the message again.")


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An address in its ASCII form (RFC 5891 for the domain) and a name; `str` is the entry for a header."""

    address: str
    name: str = ""

    def __str__(self) -> str:
        return str(Address(self.name, addr_spec=self.address))

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]


def parse_mailbox(entry: object, field: str) -> Mailbox:
    """Read ``anna@example.com`` or ``Anna <anna@example.com>``: exactly one address. Raises :class:`ComposeError`."""
    text = str(entry).strip()
    if not text.endswith(">"):
        return make_mailbox(text, "", field)
    name, _bracket, address = text[:-1].rpartition("<")
    return make_mailbox(address, _unquoted(name.strip()), field)


def make_mailbox(address: str, name: str, field: str) -> Mailbox:
    """Check an address and a name that are known apart. Raises :class:`ComposeError`."""
    return Mailbox(_ascii_address(address, field), _checked_name(name, field))


def checked_line(text: str, field: str) -> str:
    """The text, if it can stand in a header as it is. Raises :class:`ComposeError`."""
    if any(unicodedata.category(character) in NEVER for character in text.replace("\t", " ")):
        raise _forbidden(field)
    if ENCODED_WORD.search(text):
        raise _forbidden(field)
    if any(len(word) > MAX_WORD for word in text.split()):
        raise ComposeError(
            _("A part of the message is too long: %(field)s.") % {"field": FIELD_NAMES[field]},
            hint=_("Shorten it, and send the message again."),
            code="header_too_long",
            field=field,
        )
    return text


def printable(text: str) -> str:
    """The text for a sentence that quotes it: visible characters only, and not too many."""
    return "".join(character if character.isprintable() else "?" for character in text)[:100]


def no_recipients() -> ComposeError:
    """The error for a message that would go to nobody."""
    return ComposeError(
        _("The message has no recipient."),
        hint=_("Enter at least one address, and send the message again."),
        code="no_recipients",
        field="to",
    )


def _checked_name(name: str, field: str) -> str:
    """A display name: in NFC, in one piece, cut to its greatest length; the quotes around specials come later."""
    text = " ".join(checked_line(unicodedata.normalize("NFC", name), field).split())
    if any(unicodedata.category(character) == "Cf" and character not in JOINERS for character in text):
        raise _forbidden(field)
    if "=?" in text or "<" in text or ">" in text:
        raise _forbidden(field)
    return text[:MAX_NAME].rstrip()


def _ascii_address(address: str, field: str) -> str:
    try:
        checked = validate_email(
            address,
            check_deliverability=False,
            allow_smtputf8=False,
            allow_quoted_local=True,
            globally_deliverable=False,
        )
    except EmailNotValidError as error:
        raise ComposeError(
            _("“%(address)s” is not a complete e-mail address (%(field)s).")
            % {"address": printable(address), "field": FIELD_NAMES[field]},
            hint=_("Correct it so that it looks like anna@example.com, and send the message again."),
            code="address_invalid",
            field=field,
        ) from error
    return checked.ascii_email or checked.normalized


def _forbidden(field: str) -> ComposeError:
    return ComposeError(
        _("A part of the message holds a line break or another character that can't be sent: %(field)s.")
        % {"field": FIELD_NAMES[field]},
        hint=TYPE_ANEW,
        code="forbidden_character",
        field=field,
    )


def _unquoted(name: str) -> str:
    if len(name) > 1 and name[0] == name[-1] == '"':
        return re.sub(r"\\(.)", r"\1", name[1:-1])
    return name
