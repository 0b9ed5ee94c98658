"""What can go wrong with a message, in plain words. Errors of libraries stop at the transport and become one of these.

::

    TransportError
    ├── ComposeError                what the caller gave cannot become a message
    ├── NotReachable                the network or the server's system
    │   ├── HostUnknown
    │   ├── NetworkNotAllowed
    │   ├── ConnectionRefused
    │   ├── TimedOut
    │   ├── ConnectionLost
    │   ├── NotMailServer
    │   ├── UnexpectedAnswer
    │   └── ServerRefused
    ├── NotSecure                   nothing secret is sent this way
    │   ├── NotEncrypted
    │   │   └── PasswordUnprotected
    │   ├── EncryptionFailed
    │   ├── CertificateNameMismatch
    │   ├── CertificateUntrusted
    │   ├── CertificateExpired
    │   └── AuthoritiesUnreadable
    ├── SignInFailed
    │   ├── SignInRefused
    │   │   ├── AppPasswordNeeded
    │   │   ├── PasswordSignInOff
    │   │   └── SignInLocked
    │   ├── SignInNotOffered
    │   │   └── EncryptionNeeded
    │   ├── SignInNeeded
    │   ├── SignInPostponed
    │   └── PasswordMissing
    ├── Refused                     the server read it and said no
    │   ├── SenderRefused
    │   ├── RecipientsRefused
    │   │   └── OwnAddressRefused
    │   ├── RecipientFull
    │   ├── MessageRefused
    │   │   └── MessageUnwanted
    │   ├── MessageTooLarge
    │   └── TryLater
    │       ├── LimitReached
    │       └── OwnAddressPostponed
    ├── AddressMalformed
    ├── DraftOnly                   there is nobody who could send it by hand
    └── OutcomeUnknown              the connection broke after the message went out
"""

from __future__ import annotations

from users.mail.transports.errors.base import (
    AddressMalformed,
    ComposeError,
    DraftOnly,
    OutcomeUnknown,
    Text,
    TransportError,
)
from users.mail.transports.errors.connection import (
    AuthoritiesUnreadable,
    CertificateExpired,
    CertificateNameMismatch,
    CertificateUntrusted,
    ConnectionLost,
    ConnectionRefused,
    EncryptionFailed,
    HostUnknown,
    NetworkNotAllowed,
    NotEncrypted,
    NotMailServer,
    NotReachable,
    NotSecure,
    PasswordUnprotected,
    ServerRefused,
    TimedOut,
    UnexpectedAnswer,
)
from users.mail.transports.errors.refusals import (
    LimitReached,
    MessageRefused,
    MessageTooLarge,
    MessageUnwanted,
    OwnAddressPostponed,
    OwnAddressRefused,
    RecipientFull,
    RecipientsRefused,
    Refused,
    SenderRefused,
    TryLater,
)
from users.mail.transports.errors.sign_in import (
    AppPasswordNeeded,
    EncryptionNeeded,
    PasswordMissing,
    PasswordSignInOff,
    SignInFailed,
    SignInLocked,
    SignInNeeded,
    SignInNotOffered,
    SignInPostponed,
    SignInRefused,
)

__all__ = [
    "AddressMalformed",
    "AppPasswordNeeded",
    "AuthoritiesUnreadable",
    "CertificateExpired",
    "CertificateNameMismatch",
    "CertificateUntrusted",
    "ComposeError",
    "ConnectionLost",
    "ConnectionRefused",
    "DraftOnly",
    "EncryptionFailed",
    "EncryptionNeeded",
    "HostUnknown",
    "LimitReached",
    "MessageRefused",
    "MessageTooLarge",
    "MessageUnwanted",
    "NetworkNotAllowed",
    "NotEncrypted",
    "NotMailServer",
    "NotReachable",
    "NotSecure",
    "OutcomeUnknown",
    "OwnAddressPostponed",
    "OwnAddressRefused",
    "PasswordMissing",
    "PasswordSignInOff",
    "PasswordUnprotected",
    "RecipientFull",
    "RecipientsRefused",
    "Refused",
    "SenderRefused",
    "ServerRefused",
    "SignInFailed",
    "SignInLocked",
    "SignInNeeded",
    "SignInNotOffered",
    "SignInPostponed",
    "SignInRefused",
    "Text",
    "TimedOut",
    "TransportError",
    "TryLater",
    "UnexpectedAnswer",
]
