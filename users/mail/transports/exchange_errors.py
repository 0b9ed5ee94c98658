"""Errors of exchangelib and what they become; its messages go into the details only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import ceil

import requests
from exchangelib import errors as ews

from users.mail.transports import errors, mailbox_errors
from users.mail.transports.exchange_client import WatchingAdapter
from users.mail.transports.https_errors import causes_of, network_kind
from users.mail.transports.network_errors import ForeignErrors, kind_of

FOREIGN_ERRORS: ForeignErrors = (
    (ews.UnauthorizedError, mailbox_errors.AccountRefused),
    (PermissionError, mailbox_errors.SignInOtherwise),
    (ews.RedirectError, mailbox_errors.SignInPage),
    (ews.ErrorServerBusy, mailbox_errors.ServiceBusy),
    (ews.ErrorInternalServerTransientError, mailbox_errors.ServiceBusy),
    (ews.ErrorExceededConnectionCount, mailbox_errors.ServiceBusy),
    (ews.ErrorADUnavailable, mailbox_errors.ServiceBusy),
    (ews.ErrorNotEnoughMemory, mailbox_errors.ServiceBusy),
    (ews.ErrorSubmissionQuotaExceeded, mailbox_errors.SendingLimited),
    # It has begun to do something, and nobody knows how far it came.
    (ews.ErrorInternalServerError, mailbox_errors.NotConfirmed),
    (ews.ErrorTimeoutExpired, mailbox_errors.NotConfirmed),
    (ews.ErrorNonExistentMailbox, mailbox_errors.MailboxMissing),
    (ews.ErrorMailboxMoveInProgress, mailbox_errors.MailboxUnavailable),
    (ews.ErrorMailboxStoreUnavailable, mailbox_errors.MailboxUnavailable),
    (ews.ErrorMailboxFailover, mailbox_errors.MailboxUnavailable),
    (ews.ErrorConnectionFailed, mailbox_errors.MailboxUnavailable),
    (ews.ErrorConnectionFailedTransientError, mailbox_errors.MailboxUnavailable),
    (ews.ErrorNoRespondingCASInDestinationSite, mailbox_errors.MailboxUnavailable),
    (ews.ErrorProxyCallFailed, mailbox_errors.MailboxUnavailable),
    (ews.ErrorAccessDenied, mailbox_errors.MailboxDenied),
    (ews.ErrorImpersonateUserDenied, mailbox_errors.MailboxDenied),
    (ews.ErrorFolderNotFound, mailbox_errors.MailboxDenied),
    (ews.ErrorSendAsDenied, mailbox_errors.SendAsDenied),
    (ews.ErrorQuotaExceeded, mailbox_errors.MailboxFull),
    (ews.ErrorMessageSizeExceeded, errors.MessageTooLarge),
    (ews.ErrorAttachmentSizeLimitExceeded, errors.MessageTooLarge),
    (ews.ErrorInvalidRecipients, mailbox_errors.RecipientInvalid),
    (ews.ErrorMimeContentInvalid, mailbox_errors.MessageUnreadable),
    (ews.ErrorMimeContentInvalidBase64String, mailbox_errors.MessageUnreadable),
    (ews.ErrorMimeContentConversionFailed, mailbox_errors.MessageUnreadable),
    (ews.ErrorPasswordExpired, mailbox_errors.AccountPasswordExpired),
    (ews.ErrorAccountDisabled, mailbox_errors.AccountDisabled),
    (ews.ResponseMessageError, errors.MessageRefused),
    (ews.EWSError, mailbox_errors.NotTheService),
)

STATUSES = {
    403: mailbox_errors.ServiceClosed,
    404: mailbox_errors.ServiceClosed,
    413: errors.MessageTooLarge,
    429: mailbox_errors.ServiceBusy,
    503: mailbox_errors.ServiceBusy,
}
"""What an HTTP status means when no SOAP came with it."""

SERVICE_TYPES = ("text/xml", "application/xml", "")
"""Of what an answer of the service is; web pages are of another kind."""
NEW_CODE = "Unknown ResponseCode"
"""How the library tells of a refusal by a code that is newer than itself."""
CUT_SHORT = ("Bad SOAP response", "No Body element")
"""How it tells of an answer that does not go on to its end."""


@contextmanager
def translated(server: str, detail: Callable[[object], str], adapter: WatchingAdapter) -> Iterator[None]:
    """Turn foreign errors into a :class:`errors.TransportError`.

    When the connection broke after a request that the server may have acted on, the error is
    :class:`errors.OutcomeUnknown`.
    """
    try:
        yield
    except (ews.EWSError, requests.exceptions.RequestException, PermissionError) as error:
        causes = list(causes_of(error))
        is_network = any(isinstance(cause, requests.exceptions.RequestException) for cause in causes)
        if is_network and adapter.may_have_acted:
            raise errors.OutcomeUnknown(detail(error), server=server) from error
        told = (network_kind(causes) or _kind(error, adapter))(detail(error), server=server)
        if isinstance(told, mailbox_errors.ServiceBusy):
            told.wait_for(adapter.retry_after or ceil(getattr(error, "back_off", None) or 0))
        raise told from error


def _kind(error: Exception, adapter: WatchingAdapter) -> type[errors.TransportError]:
    if isinstance(error, ews.UnauthorizedError):
        return _sign_in_kind(error, adapter)
    if not isinstance(error, ews.ResponseMessageError | ews.RedirectError):
        if NEW_CODE in str(error):
            return errors.MessageRefused
        if adapter.may_have_acted and _confirms_nothing(str(error), adapter):
            return mailbox_errors.NotConfirmed
        if adapter.status in STATUSES:
            return STATUSES[adapter.status]
    return kind_of(error, FOREIGN_ERRORS)


def _confirms_nothing(told: str, adapter: WatchingAdapter) -> bool:
    """Whether a gateway answered that did not wait for the server, or the server's answer was cut short."""
    if adapter.status == 200:
        return adapter.media_type in SERVICE_TYPES and told.startswith(CUT_SHORT)
    return adapter.status >= 500


def _sign_in_kind(error: Exception, adapter: WatchingAdapter) -> type[errors.TransportError]:
    if "locked out" in str(error):
        return mailbox_errors.AccountLocked
    return mailbox_errors.AccountRefused if adapter.offers_sign_in else mailbox_errors.SignInOtherwise
