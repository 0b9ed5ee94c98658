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
    (ews.ErrorNonExistentMailbox, mailbox_errors.MailboxMissing),
    (ews.ErrorMailboxMoveInProgress, mailbox_errors.MailboxUnavailable),
    (ews.ErrorMailboxStoreUnavailable, mailbox_errors.MailboxUnavailable),
    (ews.ErrorAccessDenied, mailbox_errors.MailboxDenied),
    (ews.ErrorImpersonateUserDenied, mailbox_errors.MailboxDenied),
    (ews.ErrorFolderNotFound, mailbox_errors.MailboxDenied),
    (ews.ErrorSendAsDenied, mailbox_errors.SendAsDenied),
    (ews.ErrorQuotaExceeded, mailbox_errors.MailboxFull),
    (ews.ErrorMessageSizeExceeded, errors.MessageTooLarge),
    (ews.ErrorAttachmentSizeLimitExceeded, errors.MessageTooLarge),
    (ews.ErrorInvalidRecipients, mailbox_errors.RecipientInvalid),
    (ews.ErrorPasswordExpired, mailbox_errors.AccountPasswordExpired),
    (ews.ErrorAccountDisabled, mailbox_errors.AccountDisabled),
    (ews.ResponseMessageError, errors.MessageRefused),
    (ews.EWSError, mailbox_errors.NotTheService),
)

STATUSES = {
    403: mailbox_errors.ServiceClosed,
    404: mailbox_errors.ServiceClosed,
    429: mailbox_errors.ServiceBusy,
    503: mailbox_errors.ServiceBusy,
}
"""What an HTTP status means when no SOAP came with it."""


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
        if adapter.status >= 500 and adapter.may_have_acted:
            # From a gateway, for example, that did not wait for the server.
            return mailbox_errors.NotConfirmed
        if adapter.status in STATUSES:
            return STATUSES[adapter.status]
    return kind_of(error, FOREIGN_ERRORS)


def _sign_in_kind(error: Exception, adapter: WatchingAdapter) -> type[errors.TransportError]:
    if "locked out" in str(error):
        return mailbox_errors.AccountLocked
    return mailbox_errors.AccountRefused if adapter.offers_sign_in else mailbox_errors.SignInOtherwise
