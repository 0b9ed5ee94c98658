"""What Microsoft Graph answers when it does not do what it was asked, and what that becomes.

A code in the answer's JSON says most (Microsoft Graph documentation, "Error codes" and "Error responses"), then the
HTTP status. Texts of the service go into the details only.
"""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode
from binascii import Error as Base64Error
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests

from users.mail.https import retry_after
from users.mail.transports import cloud_errors, errors, mailbox_errors
from users.mail.transports.https_errors import causes_of, network_kind, one_line

Kind = type[errors.TransportError]

NO_ITEM = "ErrorItemNotFound"
CODES: Mapping[str, Kind] = {
    "InvalidAuthenticationToken": cloud_errors.TokenRefused,
    "ErrorAccessDenied": cloud_errors.SiteDenied,
    "ErrorSendAsDenied": mailbox_errors.SendAsDenied,
    "Authorization_RequestDenied": cloud_errors.PermissionMissing,
    "MailboxNotEnabledForRESTAPI": cloud_errors.NoCloudMailbox,
    "MailboxNotSupportedForRESTAPI": cloud_errors.NoCloudMailbox,
    "ErrorNonExistentMailbox": cloud_errors.NoCloudMailbox,
    "ErrorInvalidUser": cloud_errors.AddressUnknown,
    "ResourceNotFound": cloud_errors.AddressUnknown,
    "Request_ResourceNotFound": cloud_errors.AddressUnknown,
    # Somebody has deleted the draft while its files were on their way.
    NO_ITEM: errors.MessageRefused,
    "ErrorInvalidRecipients": mailbox_errors.RecipientInvalid,
    "ErrorMimeContentInvalidBase64String": mailbox_errors.MessageUnreadable,
    "ErrorMimeContentInvalid": mailbox_errors.MessageUnreadable,
    "ErrorMessageSizeExceeded": cloud_errors.MessageOverLimit,
    "ErrorAttachmentSizeLimitExceeded": cloud_errors.MessageOverLimit,
    "ErrorQuotaExceeded": mailbox_errors.MailboxFull,
    "ErrorExceededMessageLimit": mailbox_errors.SendingLimited,
    "ErrorServerBusy": mailbox_errors.ServiceBusy,
    "ErrorMailboxMoveInProgress": mailbox_errors.MailboxUnavailable,
    "ErrorMailboxStoreUnavailable": mailbox_errors.MailboxUnavailable,
    "ErrorAccountDisabled": mailbox_errors.AccountDisabled,
}

STATUSES: Mapping[int, Kind] = {
    400: errors.MessageRefused,
    401: cloud_errors.TokenRefused,
    403: cloud_errors.SiteDenied,
    404: mailbox_errors.NotTheService,
    413: cloud_errors.MessageOverLimit,
    429: mailbox_errors.ServiceBusy,
    507: mailbox_errors.MailboxFull,
}

CLAIMS = re.compile(r'\bclaims="([A-Za-z0-9+/_=-]+)"')
"""The challenge of continuous access evaluation, in base64."""
URL_SAFE = str.maketrans("+/", "-_")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the service said."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def fields(self) -> Mapping[str, Any]:
        """The JSON object in it; empty when there is none."""
        try:
            value = json.loads(self.content)
        except (ValueError, RecursionError):
            return {}
        return value if isinstance(value, dict) else {}

    @property
    def error(self) -> Mapping[str, Any]:
        value = self.fields.get("error")
        return value if isinstance(value, dict) else {}

    @property
    def error_code(self) -> str:
        return str(self.error.get("code", ""))

    @property
    def is_gone(self) -> bool:
        """Whether it says that the item asked about is no longer there, and not that the mailbox is not."""
        code = self.error_code
        return self.status == 404 and bool(code) and (code == NO_ITEM or code not in CODES)

    @property
    def claims(self) -> str:
        """What a new sign-in has to ask for, as JSON; empty when the service wants nothing of the kind."""
        found = CLAIMS.search(self.headers.get("WWW-Authenticate", ""))
        try:
            return urlsafe_b64decode(found[1].translate(URL_SAFE)).decode() if found else ""
        except (Base64Error, UnicodeDecodeError):
            return ""

    def __str__(self) -> str:
        request_id = self.headers.get("request-id", "none")
        return f"{self.status} {self.error_code}: {self.error.get('message', '')} (request-id: {request_id})"


def refusal(answer: Answer, *, server: str, detail: str, sends: bool) -> errors.TransportError:
    """The error for an answer that is not the one expected; `sends` says whether the request was to send a message."""
    told = _kind(answer, sends=sends)(detail, server=server)
    if isinstance(told, mailbox_errors.ServiceBusy):
        told.wait_for(retry_after(answer.headers))
    if isinstance(told, cloud_errors.TokenRefused) and answer.claims:
        return cloud_errors.NewSignInDemanded(detail, server=server, claims=answer.claims)
    return told


def lost(error: requests.RequestException, *, server: str, may_have_sent: bool) -> errors.TransportError:
    """The error for a request without an answer; `may_have_sent` says whether a message may have gone out with it."""
    causes = list(causes_of(error))
    # What lies deepest names no address, which could open the door to its finder.
    detail = one_line(f"{type(error).__name__}: {causes[-1]}")
    if may_have_sent:
        return errors.OutcomeUnknown(detail, server=server)
    return (network_kind(causes) or errors.NotReachable)(detail, server=server)


def _kind(answer: Answer, *, sends: bool) -> Kind:
    known = CODES.get(answer.error_code) or STATUSES.get(answer.status)
    if known is not None:
        return known
    if answer.status == 503 and retry_after(answer.headers):
        return mailbox_errors.ServiceBusy
    if 400 <= answer.status < 500:
        return errors.MessageRefused
    if sends and not 300 <= answer.status < 400:
        # Half done, or answered by something in between: only a look into Sent Items tells.
        return mailbox_errors.NotConfirmed
    return mailbox_errors.ServiceBusy if answer.status >= 500 else mailbox_errors.NotTheService
