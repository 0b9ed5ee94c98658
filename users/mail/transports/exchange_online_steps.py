"""What a check of Exchange Online tries: the sign-in, the mailbox, its calendar, and whose it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from users.addresses import is_same_address
from users.mail.steps import Finding, Step
from users.mail.transports import errors, mailbox_errors, server_steps

if TYPE_CHECKING:
    from users.mail.transports.exchange_online import ExchangeOnlineTransport

SIGNED_IN_USER = "me"


class ExchangeOnlineSteps:
    """The steps over one transport. No permission shows that a message may be sent without sending one."""

    def __init__(self, transport: ExchangeOnlineTransport) -> None:
        self.transport = transport
        self._calendar: Mapping[str, Any] = {}

    def all(self) -> Sequence[Step]:
        return (
            Step(code="token", label=server_steps.SIGNED_IN, run=self._sign_in, signs_in=True),
            Step(code="mailbox", label=gettext_lazy("Mailbox found"), run=self._find_mailbox),
            Step(code="calendar", label=gettext_lazy("Calendar writable"), run=self._look_at_calendar),
            Step(code="address", label=gettext_lazy("Account matches the address"), run=self._compare),
        )

    def _sign_in(self) -> Finding:
        self.transport.open()
        return Finding(_("Microsoft lets this site in."))

    def _find_mailbox(self) -> Finding:
        """Who may see the calendar may see that there is a mailbox: so no permission to read mail is needed."""
        self._calendar = self._read("calendar", "id,canEdit")
        if not self._calendar.keys() & {"id", "canEdit"}:
            raise mailbox_errors.NotTheService("The answer tells of no calendar.", server=self.transport.server)
        return Finding(_("The mailbox is in Exchange Online."))

    def _look_at_calendar(self) -> Finding:
        if self._calendar.get("canEdit") is not True:
            raise mailbox_errors.CalendarReadOnly(server=self.transport.server)
        return Finding(_("Appointments can be written to the calendar."))

    def _compare(self) -> Finding:
        """A token of the application opens what the address names; one of a user, that user's own mailbox."""
        if self.transport.mailbox == SIGNED_IN_USER and not self._is_own_address():
            raise mailbox_errors.MailboxOfAnother(server=self.transport.server)
        return Finding(_("%(address)s is an address of this mailbox.") % {"address": self.transport.address})

    def _is_own_address(self) -> bool:
        user = self._read("", "mail,userPrincipalName,proxyAddresses")
        proxies = user.get("proxyAddresses")
        listed = [str(each).partition(":")[2] for each in proxies] if isinstance(proxies, list) else []
        own = (user.get("mail"), user.get("userPrincipalName"), *listed)
        return any(is_same_address(str(each), self.transport.address) for each in own)

    def _read(self, path: str, fields: str) -> Mapping[str, Any]:
        try:
            return self.transport.read(path, {"$select": fields}).fields
        except errors.MessageRefused as error:
            raise errors.UnexpectedAnswer(error.detail, server=self.transport.server) from error
