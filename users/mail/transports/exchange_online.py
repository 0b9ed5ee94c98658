"""The way out through a mailbox in Microsoft 365 (Microsoft Graph)."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from time import monotonic

from users.addresses import host_of
from users.choices import Outcome
from users.mail.access import Access
from users.mail.headers import parse_mailbox
from users.mail.https import ANSWER_SECONDS, JOB_SECONDS
from users.mail.limits import Clock
from users.mail.receipts import Receipt
from users.mail.steps import Step
from users.mail.transports import cloud_errors, errors, mailbox_errors
from users.mail.transports.base import Envelope, Transport
from users.mail.transports.exchange_online_client import GraphClient
from users.mail.transports.exchange_online_draft import draft_of
from users.mail.transports.exchange_online_errors import Answer
from users.mail.transports.exchange_online_steps import ExchangeOnlineSteps
from users.mail.transports.exchange_online_upload import send_as_draft
from users.networks import Network

MAX_REQUEST = 4_000_000
"""Bytes of a message in base64 that go out in one request: about 2.2 MB of files, because they are in base64 twice."""
MAX_MESSAGE = 200 * 1024 * 1024
"""Bytes as it travels: what 150 MB, the most that Exchange Online can be told to take, become in base64."""
LARGE_JOB_SECONDS = 180
TOKEN_SECONDS = 300
"""For how long a kept connection uses one token; after that, the access is asked anew."""


class ExchangeOnlineTransport(Transport):
    """Sends from the user's own mailbox, and leaves a copy in its Sent Items.

    `graph` is the address of Graph in the organisation's cloud; `mailbox` is ``me`` for a token of the user, or such as
    ``users/anna@example.com`` for one of the application; `address` is the only sender. A message goes out in one piece
    where it can; a larger one as a draft, which takes the permission Mail.ReadWrite. A refused token is not tried a
    second time. `timeout`, in seconds, limits the wait for each answer and `whole` one message; a large one has three
    minutes.
    """

    bcc_in_header = True

    def __init__(  # noqa: PLR0913  (these are the settings of one mailbox)
        self,
        *,
        graph: str,
        mailbox: str,
        access: Access,
        address: str,
        ca_file: Path | None = None,
        trusted_networks: Iterable[Network] = (),
        timeout: float = ANSWER_SECONDS,
        whole: float = JOB_SECONDS,
    ) -> None:
        super().__init__()
        self.graph = graph
        self.mailbox = mailbox
        self.access = access
        self.address = address
        self.ca_file = ca_file
        self.trusted_networks = tuple(trusted_networks)
        self.clock = Clock(wait=timeout, whole=whole)
        self.server = host_of(graph) or graph
        self._client: GraphClient | None = None
        self._token_until = 0.0
        self._refusal: cloud_errors.TokenRefused | None = None

    def open(self) -> bool:
        """Get a token; Graph is first asked with the first message. Raises :class:`TransportError`."""
        if self._refusal is not None:
            raise self._refusal
        is_new = self._client is None
        if is_new or monotonic() > self._token_until:
            self.close()
            self._client = GraphClient(
                root=self.graph,
                mailbox=self.mailbox,
                token=self.access.token(),
                ca_file=self.ca_file,
                trusted_networks=self.trusted_networks,
                clock=self.clock,
            )
            self._token_until = monotonic() + TOKEN_SECONDS
        return is_new

    def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()

    def steps(self) -> Sequence[Step]:
        return ExchangeOnlineSteps(self).all()

    def read(self, path: str, query: Mapping[str, str]) -> Answer:
        """Ask for something that changes nothing in the mailbox. Raises :class:`TransportError`."""
        with self._connection(), self.clock.job(), self.noting_refusal():
            answer = self._ready().ask("GET", path, HTTPStatus.OK, query=query)
            if not answer.fields:
                raise self._ready().not_the_service(answer)
            return answer

    def convey(self, envelope: Envelope) -> Receipt:
        self._check(envelope)
        with self.noting_refusal():
            self._send(self._ready(), envelope.content)
        return Receipt(Outcome.SENT, envelope.message_id)

    @contextmanager
    def noting_refusal(self) -> Iterator[None]:
        """Whoever asks with this token notes here when Graph does not take it, so that nobody tries it again."""
        try:
            yield
        except cloud_errors.TokenRefused as refusal:
            self._refusal = refusal
            self.access.refused()
            if not self.access.is_of_user:
                self._refusal = cloud_errors.SiteRefused(refusal.detail, server=self.server)
                raise self._refusal from refusal
            raise

    def find_sent(self, message_id: str) -> bool | None:
        literal = message_id.replace("'", "''")
        query = {"$filter": f"internetMessageId eq '{literal}'", "$select": "id", "$top": "1"}
        with self._connection(), self.clock.job(), self.noting_refusal():
            client = self._ready()
            try:
                answer = client.ask("GET", "mailFolders/sentitems/messages", HTTPStatus.OK, query=query)
            except mailbox_errors.MailboxDenied:
                # The permission Mail.Send alone does not open the folder.
                return None
        found = answer.fields.get("value")
        if not isinstance(found, list):
            raise client.not_the_service(answer)
        return bool(found)

    def _check(self, envelope: Envelope) -> None:
        """Stop what Graph would send in somebody else's name, or refuse only after it was uploaded."""
        if envelope.sender.casefold() != parse_mailbox(self.address, "from").address.casefold():
            raise mailbox_errors.SendAsDenied(f"The sender is {envelope.sender}.", server=self.server)
        if len(envelope.content) > MAX_MESSAGE:
            raise cloud_errors.MessageOverLimit(f"{len(envelope.content)} bytes", server=self.server)

    def _send(self, client: GraphClient, content: bytes) -> None:
        body = b64encode(content)
        if len(body) <= MAX_REQUEST:
            with self.clock.job():
                client.send_mime(body)
        else:
            draft = draft_of(content)
            with self.clock.job(LARGE_JOB_SECONDS):
                send_as_draft(client, draft)

    def _ready(self) -> GraphClient:
        if self._client is None:
            raise errors.ConnectionLost(server=self.server)
        return self._client
