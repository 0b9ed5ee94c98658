"""The tree of errors: every one says what is wrong and what to do, has a code of its own, and stands in a drawing."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from users import guard, microsoft_sign_in, user_transports
from users.choices import Concerns, Turn
from users.entra import errors as entra_errors
from users.mail.transports import cloud_errors, errors, mailbox_errors
from users.mail.transports.errors import ComposeError, TransportError


def below(kind: type[TransportError]) -> Iterator[type[TransportError]]:
    yield kind
    for inner in kind.__subclasses__():
        yield from below(inner)


KINDS = sorted(set(below(TransportError)) - {ComposeError}, key=lambda kind: kind.__name__)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_it_is_plain(kind: type[TransportError]) -> None:
    for text in (str(kind.message) % {"server": "mail.example.com"}, str(kind.hint)):
        assert text.endswith(".")
        assert text[0].isupper() or text.startswith("mail.example.com")


def test_every_code_is_used_once() -> None:
    codes = [kind.code for kind in KINDS if "code" in vars(kind)]
    assert len(codes) == len(set(codes))


def drawing_of(kind: type[TransportError]) -> str:
    """What the docstring of its module says, or of the package whose tree is in several modules."""
    package = kind.__module__.rpartition(".")[0]
    return "".join(sys.modules[name].__doc__ or "" for name in (kind.__module__, package))


DRAWN = [kind for kind in KINDS if kind.__module__.startswith("users.mail.transports.") and kind is not TransportError]


@pytest.mark.parametrize("kind", DRAWN, ids=lambda kind: kind.__name__)
def test_it_is_drawn_where_it_is_defined(kind: type[TransportError]) -> None:
    assert f"─ {kind.__name__}" in drawing_of(kind)


# Exports of activities are tried again by themselves, and tell of it elsewhere; a sign-in tells its user at once.
ELSEWHERE = ("users.calendars", microsoft_sign_in.__name__)
IN_CHECKS = [kind for kind in KINDS if not kind.__module__.startswith(ELSEWHERE)]
ADMINISTRATORS = """
AccountDisabled AppPasswordNeeded AuthoritiesUnreadable CalendarClosed CalendarReadOnly CertificateExpired
CertificateNameMismatch CertificateUntrusted ClientMissing CloudAddress ConnectionLost ConnectionRefused
ConsentMissing CredentialMissing DirectoryMissing EncryptionFailed EncryptionNeeded EntraSlow EntraUnavailable
EntraUnreachable HostUnknown KeyUnusable LimitReached MailboxDenied MailboxUnavailable NetworkNotAllowed NotEncrypted
NotEntra NotMailServer NotReachable NotSecure NotTheService PasswordMissing PasswordSignInOff PasswordUnprotected
PermissionMissing RegistrationRefused SendingLimited ServerMissing ServerRefused ServiceBusy ServiceClosed
SignInBlocked SignInFailed SignInLocked SignInNeeded SignInNotOffered SignInOtherwise SignInPage SignInPostponed
SignInRefused SiteDenied SiteRefused TimedOut TryLater UnexpectedAnswer
""".split()
"""Whose failures a user can do nothing about: servers, certificates, the registration, rights."""
USERS = """
AccountBusy AccountLocked AccountPasswordExpired AccountRefused AddressMalformed AddressUnknown ConnectionEnded
ConnectionMissing EntraAccountLocked EntraAccountRefused MailboxMissing MailboxOfAnother NewSignInDemanded
NoCloudMailbox OtherAccount OwnAddressPostponed OwnAddressRefused PasswordRefusedBefore SendAsDenied SenderRefused
SignInAstray SignInCancelled TokenRefused TooManyRefusals
""".split()
"""What a check may find and a user can mend: passwords, addresses, connections."""
FOR_MESSAGES_ALONE = """
DraftOnly EntraError MailboxFull MessageOverLimit MessageRefused MessageTooLarge MessageUnreadable MessageUnwanted
NotConfirmed NotReady OnlySmallMessages OutcomeUnknown RecipientFull RecipientInvalid RecipientsRefused Refused
SenderUnknown TransportError
""".split()
"""Of these, no check tells; a check that finds settings missing says whose turn it is by what is missing."""


@pytest.mark.parametrize("kind", IN_CHECKS, ids=lambda kind: kind.__name__)
def test_it_says_who_can_mend_it(kind: type[TransportError]) -> None:
    expected = [
        turn for turn, names in ((Turn.ADMINISTRATOR, ADMINISTRATORS), (Turn.USER, USERS)) if kind.__name__ in names
    ]
    assert [kind.whose_turn] == expected or kind.__name__ in FOR_MESSAGES_ALONE


@pytest.mark.parametrize(
    "kind", [kind for kind in IN_CHECKS if kind.whose_turn == Turn.ADMINISTRATOR], ids=lambda kind: kind.__name__
)
def test_nobody_is_sent_to_the_administrator_without_being_told(kind: type[TransportError]) -> None:
    # A server alone is checked by nobody else.
    assert "dministrator" in str(kind.hint) or kind is user_transports.ServerMissing


OF_ONE_USER = (
    mailbox_errors.AccountRefused,
    mailbox_errors.AccountLocked,
    mailbox_errors.MailboxMissing,
    mailbox_errors.MailboxUnavailable,
    errors.SenderRefused,
    errors.OwnAddressRefused,
    errors.OwnAddressPostponed,
    errors.AddressMalformed,
    errors.UnexpectedAnswer,
    cloud_errors.TokenRefused,
    mailbox_errors.SendingLimited,
    cloud_errors.NoCloudMailbox,
    entra_errors.EntraAccountRefused,
    entra_errors.ConnectionEnded,
    entra_errors.ConsentMissing,
    entra_errors.SignInBlocked,
    guard.TooManyRefusals,
    guard.PasswordRefusedBefore,
    guard.AccountBusy,
    user_transports.NotReady,
)
OF_EVERYBODY = (
    errors.HostUnknown,
    errors.ConnectionRefused,
    errors.NetworkNotAllowed,
    errors.NotMailServer,
    errors.ServerRefused,
    errors.CertificateExpired,
    errors.NotEncrypted,
    errors.SignInRefused,
    errors.SignInPostponed,
    errors.LimitReached,
    mailbox_errors.NotTheService,
    mailbox_errors.ServiceBusy,
    mailbox_errors.SignInOtherwise,
    cloud_errors.SiteRefused,
    entra_errors.EntraUnavailable,
    entra_errors.RegistrationRefused,
    entra_errors.CredentialMissing,
)
NOT_CERTAIN = (errors.TimedOut, errors.ConnectionLost, errors.TryLater, entra_errors.EntraSlow)


@pytest.mark.parametrize(
    ("kinds", "concerns"),
    [(OF_ONE_USER, Concerns.USER), (OF_EVERYBODY, Concerns.SERVER), (NOT_CERTAIN, Concerns.UNCLEAR)],
)
def test_it_says_whom_it_concerns(kinds: tuple[type[TransportError], ...], concerns: Concerns) -> None:
    for kind in kinds:
        assert kind.concerns == concerns, kind
