"""What a check of Exchange tries: the server, the account, the mailbox and its calendar. Nothing is changed there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import requests
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from users.choices import ExchangeAuth
from users.mail.https import HANDSHAKE_SECONDS, https_session
from users.mail.steps import Finding, Step
from users.mail.tls import client_context, describe_certificate
from users.mail.transports import errors, mailbox_errors, server_steps
from users.mail.transports.exchange_client import SCHEMES, WatchingAdapter
from users.mail.transports.exchange_errors import translated
from users.mail.transports.exchange_folders import FolderAnswer, ask_folder
from users.mail.transports.network_errors import connecting

if TYPE_CHECKING:
    from users.mail.transports.exchange import ExchangeTransport

BUSY = {429, 500, 502, 503, 504}
TAKES_NO_GET = {405, 501}
"""From a gateway, for example, that lets only through what the service needs (RFC 9110 sections 15.5.6 and 15.6.2)."""


class ExchangeSteps:
    """The steps over one transport. Those after *EWS answers* need the user's own account."""

    def __init__(self, transport: ExchangeTransport) -> None:
        self.transport = transport
        self._own_inbox: FolderAnswer | None = None
        self._mailbox_problem: errors.Refused | None = None
        self._inbox: FolderAnswer | None = None

    def all(self) -> Sequence[Step]:
        server = (
            Step(code="name", label=server_steps.NAME, run=self._look_up),
            Step(code="connected", label=server_steps.CONNECTED, run=self._connect),
            Step(code="encrypted", label=server_steps.ENCRYPTED, run=self._encrypt),
            Step(code="answers", label=gettext_lazy("Exchange Web Services answer"), run=self._ask_for_schemes),
        )
        own = (
            Step(code="signed_in", label=server_steps.SIGNED_IN, run=self._sign_in, signs_in=True),
            Step(code="mailbox", label=gettext_lazy("Mailbox opened"), run=self._open_mailbox),
            Step(code="address", label=gettext_lazy("Address belongs to the mailbox"), run=self._compare),
            Step(code="calendar", label=gettext_lazy("Calendar writable"), run=self._look_at_calendar),
        )
        return (*server, *own) if self.transport.username else server

    @property
    def _patience(self) -> float:
        """Seconds for connecting, and for the handshake."""
        return min(HANDSHAKE_SECONDS, self.transport.clock.wait)

    # --- The server -------------------------------------------------------------------------------------------------

    def _look_up(self) -> Finding:
        return server_steps.look_up(self.transport.route)

    def _connect(self) -> Finding:
        with connecting(self.transport.server), self.transport.route.connect(self._patience):
            return server_steps.connected(self.transport.route)

    def _encrypt(self) -> Finding:
        server, context = self.transport.server, client_context(self.transport.ca_file)
        with (
            connecting(server),
            self.transport.route.connect(self._patience) as connection,
            context.wrap_socket(connection, server_hostname=server) as encrypted,
        ):
            return describe_certificate(encrypted)

    def _ask_for_schemes(self) -> Finding:
        """Ask without signing in: Exchange says that somebody has to, and how (RFC 9110 section 11.6.1)."""
        offered = self._offered_schemes()
        wanted = ExchangeAuth(self.transport.auth)
        if not set(SCHEMES[wanted]).intersection(offered):
            raise errors.SignInNotOffered(f"Offered: {', '.join(offered)}", server=self.transport.server)
        return Finding(_("Exchange Web Services answer, and take %(scheme)s.") % {"scheme": wanted.label})

    def _offered_schemes(self) -> list[str]:
        transport = self.transport
        adapter = WatchingAdapter(
            transport.ca_file,
            transport.clock,
            ExchangeAuth(transport.auth),
            trusted_networks=transport.trusted_networks,
        )
        with translated(self.transport.server, str, adapter), https_session(adapter) as session:
            response = self._answer(session, "GET")
            if response.status_code in TAKES_NO_GET:
                response = self._answer(session, "POST")
        if response.status_code in BUSY:
            raise mailbox_errors.ServiceBusy(f"HTTP {response.status_code}", server=self.transport.server)
        if response.status_code != requests.codes.unauthorized:
            raise mailbox_errors.NotTheService(f"HTTP {response.status_code}", server=self.transport.server)
        fields = response.headers.get("WWW-Authenticate", "").split(",")
        return [field.split()[0].lower() for field in fields if field.strip()]

    def _answer(self, session: requests.Session, verb: str) -> requests.Response:
        with session.request(verb, self.transport.url, allow_redirects=False, stream=True) as response:
            return response

    # --- The account and its mailbox --------------------------------------------------------------------------------

    def _sign_in(self) -> Finding:
        """Ask for the inbox of whoever signs in. What the server says of it comes after the sign-in, so it was one."""
        self.transport.open()
        try:
            self._own_inbox = self._ask("inbox")
        except errors.Refused as problem:
            self._mailbox_problem = problem
        scheme = ExchangeAuth(self.transport.auth).label
        return Finding(_("The user name and password are accepted, with %(scheme)s.") % {"scheme": scheme})

    def _open_mailbox(self) -> Finding:
        if self._mailbox_problem is not None:
            raise self._mailbox_problem
        self._inbox = self._ask("inbox", self.transport.address)
        return Finding(_("The mailbox is open."))

    def _compare(self) -> Finding:
        """One folder has one entry id, however its mailbox was named ([MS-OXCDATA] section 2.2.4.1)."""
        if not self._inbox or not self._own_inbox or self._inbox.entry_id != self._own_inbox.entry_id:
            raise mailbox_errors.MailboxOfAnother(server=self.transport.server)
        return Finding(_("%(address)s is an address of this mailbox.") % {"address": self.transport.address})

    def _look_at_calendar(self) -> Finding:
        try:
            calendar = self._ask("calendar", self.transport.address)
        except (mailbox_errors.MailboxDenied, mailbox_errors.MailboxMissing) as error:
            raise mailbox_errors.CalendarClosed(error.detail, server=self.transport.server) from error
        if not calendar.may_create:
            raise mailbox_errors.CalendarReadOnly(server=self.transport.server)
        return Finding(_("Appointments can be written to the calendar."))

    def _ask(self, folder: str, mailbox: str = "") -> FolderAnswer:
        try:
            return self.transport.read(lambda account: ask_folder(account, folder, mailbox))
        except errors.MessageRefused as error:
            raise errors.UnexpectedAnswer(error.detail, server=self.transport.server) from error
