"""What the replies of SMTP servers mean, as tables (RFC 5321 section 4.2, RFC 3463, RFC 4954, Microsoft's NDR list).

A row is a pattern for ``<code> <enhanced status>``, such as ``535 5.7.8``, and its meaning; the first that fits counts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from users.mail.transports import errors

TOO_LARGE = r"552 5\.[^2]|552 $|523|5\d\d 5\.(3\.4|2\.3)"
LIMIT = r"5\d\d 5\.(1\.90|7\.705)|4\d\d 4\.7\.\d\d"
"""Microsoft's permanent codes for limits that pass, and those of Microsoft and Google for too much in a short time."""
BLOCKED = r"5\d\d 5\.7\.(606|708)"
"""The server wants nothing from this machine's address (Microsoft's NDR list)."""

Table = tuple[tuple[str, type[errors.TransportError]], ...]

CONNECTION: Table = (
    (r"4", errors.TryLater),
    (r"5", errors.ServerRefused),
    (r"", errors.NotMailServer),
)
SIGN_IN: Table = (
    (r"535 5\.7\.139", errors.PasswordSignInOff),
    (r"534", errors.AppPasswordNeeded),
    (r"530|538", errors.EncryptionNeeded),  # the first by RFC 3207 section 4
    (r"504", errors.SignInNotOffered),
    (r"4", errors.SignInPostponed),
    (r"", errors.SignInRefused),
)
SENDER: Table = (
    (r"530", errors.SignInNeeded),
    (LIMIT, errors.LimitReached),
    (BLOCKED, errors.ServerRefused),
    (TOO_LARGE, errors.MessageTooLarge),
    (r"4", errors.TryLater),
    (r"", errors.SenderRefused),
)
RECIPIENTS: Table = (
    (r"530", errors.SignInNeeded),
    (LIMIT, errors.LimitReached),
    (BLOCKED, errors.ServerRefused),
    (r"5\d\d 5\.7\.60$", errors.SenderRefused),
    (r"4", errors.TryLater),
    (r"", errors.RecipientsRefused),
)
OWN_ADDRESS: Table = (
    (r"530", errors.SignInNeeded),
    (r"4", errors.OwnAddressPostponed),
    (r"", errors.OwnAddressRefused),
)
"""The recipient of a check is the user."""
CONTENT: Table = (
    (LIMIT, errors.LimitReached),
    (BLOCKED, errors.ServerRefused),
    (TOO_LARGE, errors.MessageTooLarge),
    (r"[45]\d\d [45]\.2\.2$", errors.RecipientFull),
    (r"553|5\d\d 5\.7\.60 *$|554 5\.2\.252", errors.SenderRefused),
    (r"554 5\.7\.", errors.MessageUnwanted),
    (r"4", errors.TryLater),
    (r"", errors.MessageRefused),
)

REFUSALS = (
    (r"[45]\d\d [45]\.2\.2", _("The mailbox is full.")),
    (r"4", _("The mail server does not take messages for this address at the moment.")),
    (r"5\d\d 5\.1\.", _("The mail server does not know this address.")),
    (r"5\d\d 5\.7\.", _("The mail server may not send to this address from here.")),
    (r"", _("The mail server refused this address.")),
)


@dataclass(frozen=True, slots=True)
class Reply:
    """A server's answer to one command."""

    code: int
    text: str

    @property
    def status(self) -> str:
        """``<code> <enhanced status>``; the second part is empty where the server gave none (RFC 2034)."""
        match = re.match(r"[245]\.\d{1,3}\.\d{1,3}", self.text)
        return f"{self.code} {match[0] if match else ''}"

    def __str__(self) -> str:
        return f"{self.code} {self.text}"


IN_WORDS = (
    (re.compile(r"SendAsDenied"), errors.SenderRefused),
    (re.compile(r"(?i)\b(blocked using|block ?list|black ?list|spamhaus|dnsbl)"), errors.ServerRefused),
)
"""What servers say of refusals for good by many codes: Exchange of the sender, and others of lists of addresses."""

ADDRESS = re.compile(r"\S*@\S*")
"""Whatever it is called, the recipient's domain is no list."""

LOCKED = re.compile(r"\block(ed|out)\b", re.IGNORECASE)
"""No code says so (RFC 4954 section 6), only the text."""


def sign_in_error(reply: Reply) -> type[errors.TransportError]:
    """The kind of error for this answer to a user name and password."""
    kind = error_class(SIGN_IN, reply)
    return errors.SignInLocked if kind is errors.SignInRefused and LOCKED.search(reply.text) else kind


def error_class(table: Table, reply: Reply) -> type[errors.TransportError]:
    """The kind of error that this reply stands for in this part of the talk."""
    kind = next(kind for pattern, kind in table if re.match(pattern, reply.status))
    if reply.code < 500 or not issubclass(kind, errors.Refused):
        return kind
    text = ADDRESS.sub("", reply.text)
    return next((told for words, told in IN_WORDS if words.search(text)), kind)


def refusal(reply: Reply) -> str:
    """A plain sentence on why one recipient was refused."""
    return next(str(sentence) for pattern, sentence in REFUSALS if re.match(pattern, reply.status))
