"""Microsoft Graph over https, against a server that takes nothing that Graph would not take."""

from __future__ import annotations

import logging
from base64 import b64encode
from email import message_from_bytes, policy
from email.message import EmailMessage as ParsedMessage
from typing import Any
from unittest import mock

import pytest
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.test import SimpleTestCase

from mailsettings.env import THIS_MACHINE
from tests.servers.certificates import Certificate
from tests.servers.graph import Fault, GraphServer
from tests.timing import seconds_at_most
from tests.users.mail.transports.contract import ALICE, LARGE, TransportContract
from users.choices import Outcome
from users.mail.composition import compose
from users.mail.receipts import Receipt
from users.mail.transports import exchange_online
from users.mail.transports.cloud_errors import NewSignInDemanded
from users.mail.transports.errors import SignInFailed, TransportError
from users.mail.transports.exchange_online import ExchangeOnlineTransport
from users.mail.transports.exchange_online_errors import CODES
from users.mail.transports.mailbox_errors import ServiceBusy
from users.vault import Secret

TOKEN = "token of alice"
TO_BOB = compose(EmailMessage("Hello", "Text", to=["bob@example.com"], bcc=["charlie@example.com"]), ALICE)


class Access:
    """Has a token, and counts who asks for it."""

    is_of_user = True

    def __init__(self, token: str = TOKEN, error: TransportError | None = None) -> None:
        self.text = token
        self.error = error
        self.asked = 0
        self.refusals = 0

    def refused(self) -> None:
        self.refusals += 1

    def token(self) -> Secret:
        self.asked += 1
        if self.error:
            raise self.error
        return Secret(self.text)


def connect(server: GraphServer, **changes: Any) -> ExchangeOnlineTransport:
    """A transport that fits the server, but for the changes."""
    options: dict[str, Any] = {
        "graph": server.url,
        "mailbox": "me",
        "access": Access(),
        "address": "alice@example.com",
        "ca_file": server.ca_file,
        "trusted_networks": THIS_MACHINE,
        "timeout": 2,
    }
    return ExchangeOnlineTransport(**options | changes)


def deliver(server: GraphServer, message: EmailMessage = TO_BOB, **changes: Any) -> Receipt:
    return connect(server, **changes).deliver(message)


def large(*sizes: int, **fields: Any) -> EmailMultiAlternatives:
    """A message with files of these sizes, too large for one request."""
    message = EmailMessage("Hello", "Text", to=["bob@example.com"], **fields)
    for number, size in enumerate(sizes):
        message.attach(f"{number}.bin", LARGE[:size], "application/octet-stream")
    return compose(message, ALICE)


def error_of(receipt: Receipt, outcome: Outcome = Outcome.FAILED) -> TransportError:
    """The error in the receipt, once it is certain that it reads well and gives nothing away."""
    error = receipt.error
    assert error is not None
    assert receipt.outcome == error.outcome == outcome
    for text in (str(error), str(error.hint)):
        assert text.endswith(".")
        assert "%" not in text
    for secret in (TOKEN, "authtoken", "Bearer"):
        assert secret not in error.detail
    return error


class ContractTests(TransportContract, SimpleTestCase):
    mailbox = "me"
    owner = "alice@example.com"

    def setUp(self) -> None:
        self.server = self.enterContext(GraphServer(tokens={TOKEN: self.owner}))

    def make_transport(self) -> ExchangeOnlineTransport:
        return connect(self.server, mailbox=self.mailbox, timeout=20)

    def arrived_bytes(self) -> bytes:
        return self.server.sent[-1].content

    def parse(self, content: bytes) -> ParsedMessage:
        return message_from_bytes(content, policy=policy.default)

    def test_it_goes_out_from_the_own_mailbox(self) -> None:
        assert self.make_transport().deliver(TO_BOB).is_sent
        assert self.server.sent[0].mailbox == "alice@example.com"

    def test_what_was_sent_is_found_again(self) -> None:
        for message in (TO_BOB, large(4_000_000)):
            receipt = self.make_transport().deliver(message)
            assert self.make_transport().find_sent(receipt.message_id) is True
        assert self.make_transport().find_sent("<o'ther@example.com>") is False

    def test_several_messages_take_one_token(self) -> None:
        access = Access()
        with connect(self.server, mailbox=self.mailbox, access=access) as transport:
            assert [transport.deliver(TO_BOB).outcome for _number in range(3)] == [Outcome.SENT] * 3
        assert access.asked == 1

    def test_the_environment_changes_nothing(self) -> None:
        environment = {
            "HTTPS_PROXY": "http://localhost:9",
            "REQUESTS_CA_BUNDLE": "/nowhere",
            "CURL_CA_BUNDLE": "/nowhere",
        }
        with mock.patch.dict("os.environ", environment):
            assert self.make_transport().deliver(TO_BOB).is_sent


class ContractForApplicationsTests(ContractTests):
    mailbox = "users/alice@example.com"
    owner = "*"


REFUSALS: list[tuple[int, str, str]] = [
    (401, "InvalidAuthenticationToken", "token_refused"),
    (403, "ErrorAccessDenied", "site_denied"),
    (403, "ErrorSendAsDenied", "send_as_denied"),
    (403, "Authorization_RequestDenied", "permission_missing"),
    (404, "MailboxNotEnabledForRESTAPI", "no_cloud_mailbox"),
    (404, "MailboxNotSupportedForRESTAPI", "no_cloud_mailbox"),
    (404, "ErrorNonExistentMailbox", "no_cloud_mailbox"),
    (404, "ErrorInvalidUser", "address_unknown"),
    (404, "ResourceNotFound", "address_unknown"),
    (404, "Request_ResourceNotFound", "address_unknown"),
    (404, "ErrorItemNotFound", "message_refused"),
    (400, "ErrorInvalidRecipients", "recipient_invalid"),
    (400, "ErrorMimeContentInvalidBase64String", "message_unreadable"),
    (400, "ErrorMimeContentInvalid", "message_unreadable"),
    (413, "RequestEntityTooLarge", "message_over_limit"),
    (413, "", "message_over_limit"),
    (400, "ErrorMessageSizeExceeded", "message_over_limit"),
    (400, "ErrorAttachmentSizeLimitExceeded", "message_over_limit"),
    (403, "ErrorQuotaExceeded", "mailbox_full"),
    (507, "", "mailbox_full"),
    (403, "ErrorExceededMessageLimit", "sending_limited"),
    (429, "ErrorExceededMessageLimit", "sending_limited"),
    (429, "ApplicationThrottled", "service_busy"),
    (503, "ErrorServerBusy", "service_busy"),
    (503, "ErrorMailboxMoveInProgress", "mailbox_unavailable"),
    (503, "ErrorMailboxStoreUnavailable", "mailbox_unavailable"),
    (403, "ErrorAccountDisabled", "account_disabled"),
    (401, "", "token_refused"),
    (403, "", "site_denied"),
    (404, "", "not_the_service"),
    (400, "BadRequest", "message_refused"),
    (409, "Conflict", "message_refused"),
]


@pytest.mark.parametrize(("status", "code", "ours"), REFUSALS)
def test_what_the_service_says_becomes_a_plain_sentence(status: int, code: str, ours: str) -> None:
    with GraphServer(faults={"sendMail": Fault(status, code)}) as server:
        error = error_of(deliver(server))
        assert error.code == ours
        assert f"{status} {code}" in error.detail
        assert server.sent == []


def test_every_known_code_is_tried_out() -> None:
    assert {*CODES} <= {code for _status, code, _ours in REFUSALS}


@pytest.mark.parametrize("status", [200, 201, 204, 500, 502, 503, 504])
def test_an_answer_that_confirms_nothing_leaves_it_uncertain(status: int) -> None:
    with GraphServer(faults={"sendMail": Fault(status, "UnknownError")}) as server:
        error = error_of(deliver(server), Outcome.UNKNOWN)
        assert error.code == "not_confirmed"
        assert "Sent Items" in str(error.hint)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_never_followed(status: int) -> None:
    with GraphServer() as elsewhere, GraphServer() as server:
        headers = {"Location": f"{elsewhere.url}/v1.0/me/sendMail"}
        server.faults["sendMail"] = Fault(status, headers=headers)
        assert error_of(deliver(server)).code == "not_the_service"
        assert elsewhere.requests == []


BODIES = [
    b"",
    b"<html>Sign in</html>",
    b"{",
    b"[]",
    b'"text"',
    b'{"error": "text"}',
    b'{"error": {"code": {"a": 1}}}',
    b"\xff\xfe",
    b"[" * 100_000,
    b"x" * 9_000_000,
]


@pytest.mark.parametrize("body", BODIES, ids=lambda body: body[:10].decode("latin-1"))
def test_an_answer_in_no_form_is_told_by_its_status(body: bytes) -> None:
    with GraphServer(faults={"sendMail": Fault(400, body=body)}) as server:
        assert error_of(deliver(server)).code == "message_refused"


class BusyTests(SimpleTestCase):
    def busy(self, status: int, code: str = "", **headers: str) -> ServiceBusy:
        with GraphServer(faults={"sendMail": Fault(status, code, headers)}) as server:
            error = error_of(deliver(server))
            assert len(server.requests) == 1
        assert isinstance(error, ServiceBusy)
        return error

    def test_it_says_for_how_long_to_wait(self) -> None:
        for status in (429, 503):
            with self.subTest(status):
                error = self.busy(status, Retry_After="150")
                assert error.retry_after == 150
                assert "3 minutes" in str(error.hint)

    def test_a_limit_of_the_mailbox_does_so_too(self) -> None:
        error = self.busy(429, "ErrorExceededMessageLimit", Retry_After="10")
        assert (error.code, error.retry_after) == ("sending_limited", 10)
        assert "in a minute" in str(error.hint)

    def test_without_a_sensible_number_it_says_nothing_of_it(self) -> None:
        for text in ("", "soon", "-1", "1.5", "٣", "9" * 5000, "Wed, 21 Oct 2015 07:28:00 GMT"):
            with self.subTest(text[:30]):
                error = self.busy(429, Retry_After=text.encode().decode("latin-1"))
                assert error.retry_after is None
                assert "a few minutes" in str(error.hint)

    def test_an_absurd_time_is_not_told_to_people(self) -> None:
        error = self.busy(429, Retry_After="999999999")
        assert error.retry_after == 999_999_999
        assert "a few minutes" in str(error.hint)


class TokenTests(SimpleTestCase):
    def test_a_refused_token_is_tried_once(self) -> None:
        with GraphServer() as server:
            access = Access("expired token")
            transport = connect(server, access=access)
            for _attempt in range(2):
                error = error_of(transport.deliver(TO_BOB))
                assert error.code == "token_refused"
                assert "expired token" not in error.detail
            assert server.sign_ins == ["expired token"]
            assert access.refusals == 1

    def test_one_that_is_refused_when_looking_is_not_tried_again_either(self) -> None:
        with GraphServer() as server:
            access = Access("expired token")
            transport = connect(server, access=access)
            for _attempt in range(2):
                with self.assertRaises(TransportError):
                    transport.find_sent("<1@example.com>")
            assert server.sign_ins == ["expired token"]
            assert access.refusals == 1

    def test_a_demand_for_a_new_sign_in_says_what_it_wants(self) -> None:
        claims = '{"access_token":{"nbf":{"essential":true,"value":"1"}}}'
        challenge = f'Bearer realm="", error="insufficient_claims", claims="{b64encode(claims.encode()).decode()}"'
        with GraphServer(faults={"sendMail": Fault(401, headers={"WWW_Authenticate": challenge})}) as server:
            error = error_of(deliver(server))
        assert isinstance(error, NewSignInDemanded)
        assert error.claims == claims

    def test_a_demand_that_says_nothing_is_a_refusal(self) -> None:
        for claims in ("", "%%", "AAA", "////"):
            headers = {"WWW_Authenticate": f'Bearer claims="{claims}"'}
            with self.subTest(claims), GraphServer(faults={"sendMail": Fault(401, headers=headers)}) as server:
                assert error_of(deliver(server)).code == "token_refused"

    def test_without_a_token_nobody_is_asked(self) -> None:
        with GraphServer() as server:
            refusal = SignInFailed(server="login.example.com")
            receipt = deliver(server, access=Access(error=refusal))
            assert error_of(receipt) is refusal
            assert receipt.message_id
            assert server.requests == []

    def test_a_connection_that_is_kept_for_long_gets_a_new_token(self) -> None:
        access = Access()
        with (
            mock.patch.object(exchange_online, "TOKEN_SECONDS", -1),
            GraphServer() as server,
            connect(server, access=access) as transport,
        ):
            assert [transport.deliver(TO_BOB).outcome for _number in range(2)] == [Outcome.SENT] * 2
        assert access.asked == 3

    def test_a_mailbox_of_somebody_else_is_not_opened(self) -> None:
        with GraphServer(mailboxes=["alice@example.com", "bob@example.com"]) as server:
            assert error_of(deliver(server, mailbox="users/bob@example.com")).code == "site_denied"
            assert server.sent == []

    def test_nothing_secret_is_logged(self) -> None:
        with GraphServer() as server, self.assertLogs(level=logging.DEBUG) as logs:
            logging.getLogger().debug("something")
            deliver(server)
            deliver(server, large(4_000_000))
            deliver(server, access=Access("canary"))
        assert not [line for line in logs.output if any(word in line for word in (TOKEN, "canary", "authtoken"))]


class SenderTests(SimpleTestCase):
    def test_nobody_sends_in_the_name_of_another_address(self) -> None:
        with GraphServer() as server:
            access = Access()
            assert error_of(deliver(server, access=access, address="bob@example.com")).code == "send_as_denied"
            assert server.requests == []

    def test_the_own_address_counts_in_any_spelling(self) -> None:
        with GraphServer() as server:
            assert deliver(server, address="Alice@EXAMPLE.com").is_sent


class ConnectionTests(SimpleTestCase):
    def test_certificates_are_verified(self) -> None:
        for certificate, code in (
            (Certificate.WRONG_NAME, "certificate_name"),
            (Certificate.EXPIRED, "certificate_expired"),
            (Certificate.UNTRUSTED, "certificate_untrusted"),
        ):
            with self.subTest(code), GraphServer(certificate=certificate) as server:
                assert error_of(deliver(server)).code == code
                assert server.sign_ins == []

    def test_an_authority_that_is_not_named_is_not_trusted(self) -> None:
        with GraphServer() as server:
            assert error_of(deliver(server, ca_file=None)).code == "certificate_untrusted"

    def test_a_server_that_is_not_there_is_told(self) -> None:
        with GraphServer() as server:
            pass
        assert error_of(deliver(server, ca_file=None)).code == "connection_refused"
        assert error_of(deliver(server, ca_file=None, graph="https://graph.invalid")).code == "host_unknown"

    def test_what_is_no_address_is_told(self) -> None:
        with GraphServer() as server:
            for text in (
                "",
                "nonsense",
                "https://",
                "https://[::1",
                "https://a b/",
                "https://localhost:99999/",
                "file:///etc",
            ):
                with self.subTest(text):
                    error_of(deliver(server, graph=text))

    def test_an_address_without_encryption_is_never_asked(self) -> None:
        with GraphServer() as server:
            error_of(deliver(server, graph=server.url.replace("https:", "http:")))
            assert server.sign_ins == []

    def test_a_connection_that_breaks_around_the_message_leaves_it_uncertain(self) -> None:
        for moment, number in (("before", 0), ("after", 1)):
            with self.subTest(moment), GraphServer(faults={"sendMail": Fault(drop=moment)}) as server:
                assert error_of(deliver(server), Outcome.UNKNOWN).code == "outcome_unknown"
                assert len(server.sent) == number
                assert server.requests == ["POST /v1.0/me/sendMail"]

    def test_a_connection_that_breaks_within_the_message_has_sent_nothing(self) -> None:
        with GraphServer(faults={"sendMail": Fault(drop="during")}) as server:
            assert error_of(deliver(server, large(2_000_000))).code == "connection_lost"

    def test_an_answer_that_does_not_come_leaves_it_uncertain(self) -> None:
        with GraphServer(faults={"sendMail": Fault(delay=60)}) as server, seconds_at_most(30):
            assert error_of(deliver(server, timeout=3), Outcome.UNKNOWN).code == "outcome_unknown"

    def test_an_answer_that_comes_letter_by_letter_holds_nobody_longer_than_said(self) -> None:
        with GraphServer(trickle=0.5) as server, seconds_at_most(30):
            error_of(deliver(server, whole=3), Outcome.UNKNOWN)
