"""The way out through a mailbox on the organisation's own Exchange server (Exchange Web Services)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from email import message_from_bytes
from pathlib import Path
from typing import TypeVar

from django.views.decorators.debug import sensitive_variables
from exchangelib import Account, Mailbox, Message
from exchangelib.items import SEND_AND_SAVE_COPY, SEND_TO_NONE
from exchangelib.services import CreateItem

from users.addresses import belongs_to_exchange_online, host_of
from users.choices import Outcome
from users.mail.headers import parse_mailbox
from users.mail.https import ANSWER_SECONDS, port_of
from users.mail.limits import Clock
from users.mail.receipts import Receipt
from users.mail.route import Route
from users.mail.steps import Step
from users.mail.transports import errors, mailbox_errors
from users.mail.transports.base import Envelope, Transport
from users.mail.transports.exchange_client import open_account, sent_items
from users.mail.transports.exchange_errors import translated
from users.mail.transports.exchange_steps import ExchangeSteps
from users.mail.transports.https_errors import one_line
from users.mail.urgency import importance_of, sensitivity_of
from users.networks import Network
from users.vault import Secret

Answer = TypeVar("Answer")


class ExchangeTransport(Transport):
    """Sends from the user's own mailbox, and leaves a copy in its Sent Items.

    The address of the service is given; nothing is looked up by autodiscover, which would hand the password to whoever
    answers. A refused password is not tried a second time. `timeout`, in seconds, limits the wait for each answer and
    `whole` one message with its sign-in, which takes NTLM three requests.
    """

    bcc_in_header = True

    def __init__(  # noqa: PLR0913  (these are the settings of one account)
        self,
        *,
        url: str,
        auth: str,
        username: str = "",
        password: Secret | None = None,
        address: str = "",
        ca_file: Path | None = None,
        trusted_networks: Iterable[Network] = (),
        timeout: float = ANSWER_SECONDS,
        whole: float = 120,
    ) -> None:
        super().__init__()
        self.url = url
        self.auth = auth
        self.username = username
        self.password = password or Secret("")
        self.address = address
        self.ca_file = ca_file
        self.trusted_networks = tuple(trusted_networks)
        self.clock = Clock(wait=timeout, whole=whole)
        self.server = host_of(url)
        self.route = Route(self.server, port_of(url), trusted_networks=trusted_networks)
        self._account: Account | None = None
        self._refusal: mailbox_errors.AccountRefused | None = None

    def open(self) -> bool:
        """Get ready; the server is first asked with the first message. Raises :class:`TransportError`."""
        if self._refusal is not None:
            raise self._refusal
        if self._account is not None:
            return False
        if not self.server:
            raise mailbox_errors.NotTheService(server=self.url)
        if belongs_to_exchange_online(self.server):
            raise mailbox_errors.CloudAddress(server=self.server)
        self._account = open_account(
            url=self.url,
            auth=self.auth,
            username=self.username,
            password=self.password,
            address=parse_mailbox(self.address, "from").address,
            ca_file=self.ca_file,
            trusted_networks=self.trusted_networks,
            clock=self.clock,
        )
        return True

    def close(self) -> None:
        account, self._account = self._account, None
        if account is not None:
            account.protocol.close()

    def steps(self) -> Sequence[Step]:
        return ExchangeSteps(self).all()

    def convey(self, envelope: Envelope) -> Receipt:
        with self._talking() as account:
            sent = CreateItem(account=account).get(
                expect_result=None,
                items=[_item(account, envelope)],
                folder=sent_items(account),
                message_disposition=SEND_AND_SAVE_COPY,
                send_meeting_invitations=SEND_TO_NONE,
            )
            if sent is None:
                raise mailbox_errors.NotConfirmed("The answer tells of no message.", server=self.server)
        return Receipt(Outcome.SENT, envelope.message_id)

    def find_sent(self, message_id: str) -> bool | None:
        return self.read(
            lambda account: bool(sent_items(account).filter(message_id=message_id).only("message_id").count())
        )

    def read(self, ask: Callable[[Account], Answer]) -> Answer:
        """Ask for something that changes nothing on the server. Raises :class:`TransportError`."""
        try:
            with self._connection(), self._talking() as account:
                return ask(account)
        except mailbox_errors.NotConfirmed as error:
            raise mailbox_errors.ServiceBusy(error.detail, server=self.server) from error
        except errors.OutcomeUnknown as error:
            raise errors.ConnectionLost(error.detail, server=self.server) from error

    @contextmanager
    def _talking(self) -> Iterator[Account]:
        """The account, with its errors translated; a refusal of the password is remembered."""
        account = self._ready()
        try:
            with self.clock.job(), translated(self.server, self._detail, account.protocol.adapter):
                yield account
        except mailbox_errors.AccountRefused as refusal:
            self._refusal = refusal
            raise

    def _ready(self) -> Account:
        if self._account is None:
            raise errors.ConnectionLost(server=self.server)
        return self._account

    @sensitive_variables()
    def _detail(self, cause: object) -> str:
        return one_line(f"{type(cause).__name__}: {cause}", self.password.reveal())


def _item(account: Account, envelope: Envelope) -> Message:
    """The message as it is. Those in blind copy are named twice, because servers differ in where they look.

    What the library sends along in any case goes before the header, so that it must say the same.
    """
    header = message_from_bytes(envelope.content.partition(b"\r\n\r\n")[0])
    return Message(
        account=account,
        mime_content=envelope.content,
        bcc_recipients=[Mailbox(email_address=address) for address in envelope.bcc] or None,
        is_read=True,
        importance=importance_of(header).capitalize(),
        sensitivity=sensitivity_of(header).capitalize(),
        is_read_receipt_requested=False,
        is_delivery_receipt_requested=False,
    )
