"""Django's way to send as a user: an e-mail backend for projects that send with ``EmailMessage`` already."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from users.addresses import normalise_address
from users.choices import Outcome
from users.mail.headers import parse_mailbox
from users.mail.transports.errors import ComposeError, DraftOnly, TransportError

# It stands above this package, which knows nothing of users: hence by name, when something is sent.
SENDING = "users.services.sending_for"


class SenderUnknown(TransportError):
    """No user, or no active one, has the address that the message is from."""

    code = "sender_unknown"
    message = _("The message was not sent, because no user has the address that it is from.")
    hint = _("Send it from the address in the user's e-mail settings, or name the user to the backend.")


class UserEmailBackend(BaseEmailBackend):
    """Sends each message as a user: by the method in force, with the user's signature and copy.

    The user is `user`, or else the one in whose e-mail settings the message's ``from_email`` stands. Afterwards each
    message has its ``receipt``, with the recipients whom the server refused while it took the message for others.

    Messages of one sender in a row share a connection: those of one call, or all between `open` and `close`.
    """

    def __init__(self, *, fail_silently: bool = False, user: Any = None, **kwargs: Any) -> None:
        super().__init__(fail_silently=fail_silently, **kwargs)
        self.user = user
        self._is_open = False
        self._sending: Any = None
        self._sender = ""

    def open(self) -> bool:
        was_open, self._is_open = self._is_open, True
        return not was_open

    def close(self) -> None:
        self._is_open = False
        self._end()

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """The number of messages sent. Raises :class:`TransportError` at the first that was not, unless silenced."""
        try:
            return sum(self._send(message) for message in email_messages)
        finally:
            if not self._is_open:
                self._end()

    def _send(self, message: EmailMessage) -> bool:
        try:
            receipt = self._sending_for(message).send(message)
            message.receipt = receipt  # type: ignore[attr-defined]
            if receipt.outcome == Outcome.HANDED_OVER:
                raise DraftOnly
            if receipt.error:
                raise receipt.error
        except TransportError:
            if not self.fail_silently:
                raise
            return False
        return True

    def _sending_for(self, message: EmailMessage) -> Any:
        sender = "" if self.user else message.from_email
        if self._sending is None or sender != self._sender:
            self._end()
            self._sending = import_string(SENDING)(self.user or _user_with(sender))
            self._sender = sender
        return self._sending

    def _end(self) -> None:
        sending, self._sending = self._sending, None
        if sending is not None:
            sending.close()


def _user_with(from_email: str) -> Any:
    """The active user whose address it is. Raises :class:`SenderUnknown`."""
    try:
        # As it is stored: messages carry a domain in another script in its ASCII form.
        address = normalise_address(parse_mailbox(from_email, "from").address)
    except (ComposeError, ValidationError) as error:
        raise SenderUnknown from error
    found = apps.get_model("users", "User").objects.filter(email_settings__address__iexact=address, is_active=True)
    user = found.first()
    if user is None:
        raise SenderUnknown
    return user
