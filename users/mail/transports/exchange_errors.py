"""Errors of exchangelib and what they become; its messages go into the details only."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import requests
from exchangelib import errors as ews
from urllib3.exceptions import NameResolutionError, NewConnectionError

from users.mail.transports import errors, mailbox_errors
from users.mail.transports.exchange_client import WatchingAdapter
from users.mail.transports.network_errors import NETWORK_ERRORS, ForeignErrors, kind_of

FOREIGN_ERRORS: ForeignErrors = (
    (ews.UnauthorizedError, mailbox_errors.AccountRefused),
    (PermissionError, errors.SignInNotOffered),
    (ews.RedirectError, mailbox_errors.NotTheService),
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
    (ews.ErrorInvalidRecipients, errors.RecipientsRefused),
    (ews.ErrorPasswordExpired, mailbox_errors.AccountPasswordExpired),
    (ews.ErrorAccountDisabled, mailbox_errors.AccountDisabled),
    (ews.ResponseMessageError, errors.MessageRefused),
    (ews.EWSError, mailbox_errors.NotTheService),
)

REQUEST_ERRORS: ForeignErrors = (
    (requests.exceptions.Timeout, errors.TimedOut),
    (NameResolutionError, errors.HostUnknown),
    (requests.exceptions.ConnectionError, errors.ConnectionLost),
    (requests.exceptions.RequestException, errors.NotReachable),
)
BEFORE_ANYTHING_WENT_OUT = (requests.exceptions.ConnectTimeout, NewConnectionError, ssl.SSLError)


@contextmanager
def translated(server: str, detail: Callable[[object], str], adapter: WatchingAdapter) -> Iterator[None]:
    """Turn foreign errors into a :class:`errors.TransportError`.

    When the connection broke after a request that the server may have acted on, the error is
    :class:`errors.OutcomeUnknown`.
    """
    try:
        yield
    except (ews.EWSError, requests.exceptions.RequestException, PermissionError) as error:
        causes = list(_causes(error))
        if _is_lost(causes) and adapter.may_have_acted:
            raise errors.OutcomeUnknown(detail(error), server=server) from error
        told = _kind(error, causes)(detail(error), server=server)
        if isinstance(told, mailbox_errors.ServiceBusy):
            told.retry_after = adapter.retry_after or getattr(error, "back_off", None)
        raise told from error


def _is_lost(causes: list[BaseException]) -> bool:
    """Whether the connection broke on an answer, and not before the request."""
    is_network = any(isinstance(cause, requests.exceptions.RequestException) for cause in causes)
    return is_network and not any(isinstance(cause, BEFORE_ANYTHING_WENT_OUT) for cause in causes)


def _kind(error: BaseException, causes: list[BaseException]) -> type[errors.TransportError]:
    """What lies deepest says most: the library tells a time-out and an unknown host by the same class."""
    for cause in reversed(causes):
        for table in (NETWORK_ERRORS, REQUEST_ERRORS):
            if any(isinstance(cause, foreign) for foreign, _kind_of in table):
                return kind_of(cause, table)
    if isinstance(error, ews.UnauthorizedError) and "locked out" in str(error):
        return mailbox_errors.AccountLocked
    return kind_of(error, FOREIGN_ERRORS)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error and everything it was made of, the deepest last."""
    while error is not None:
        yield error
        inside = (getattr(error, "reason", None), *error.args)
        error = error.__cause__ or error.__context__ or next((e for e in inside if isinstance(e, BaseException)), None)
