"""Exchange Web Services over https, with real sign-ins, against a server that does what it is told."""

from __future__ import annotations

import logging
from email import message_from_bytes, policy
from email.message import EmailMessage as ParsedMessage
from typing import Any
from unittest import mock

import pytest
from django.core.mail import EmailMessage
from django.test import SimpleTestCase
from exchangelib.protocol import Protocol

from mailsettings.env import THIS_MACHINE
from tests.servers.certificates import Certificate
from tests.servers.ews import EwsServer
from tests.timing import seconds_at_most
from tests.users.mail.transports.contract import ALICE, LARGE, TransportContract
from users.choices import Outcome
from users.mail.composition import compose
from users.mail.receipts import Receipt
from users.mail.transports.errors import TransportError
from users.mail.transports.exchange import ExchangeTransport
from users.vault import Secret

TO_BOB = compose(EmailMessage("Hello", "Text", to=["bob@example.com"], bcc=["charlie@example.com"]), ALICE)


def connect(server: EwsServer, **changes: Any) -> ExchangeTransport:
    """A transport that fits the server, but for the changes."""
    options: dict[str, Any] = {
        "url": server.address,
        "auth": "basic" if server.scheme == "Basic" else "ntlm",
        "username": server.username,
        "password": Secret(server.password),
        "address": "alice@example.com",
        "trusted_networks": THIS_MACHINE,
        "timeout": 2,
    }
    if "ca_file" not in changes:
        changes = {"ca_file": server.ca_file} | changes
    return ExchangeTransport(**options | changes)


def deliver(server: EwsServer, **changes: Any) -> Receipt:
    return connect(server, **changes).deliver(TO_BOB)


def error_of(receipt: Receipt, outcome: Outcome = Outcome.FAILED) -> TransportError:
    """The error in the receipt, once it is certain that it reads well and gives nothing away."""
    error = receipt.error
    assert error is not None
    assert receipt.outcome == error.outcome == outcome
    for text in (str(error), str(error.hint)):
        assert text.endswith(".")
    assert "Pässwörd" not in error.detail
    return error


class ContractOverNtlm(TransportContract, SimpleTestCase):
    scheme = "NTLM"

    def setUp(self) -> None:
        self.server = self.enterContext(EwsServer(scheme=self.scheme))

    def make_transport(self) -> ExchangeTransport:
        return connect(self.server)

    def arrived_bytes(self) -> bytes:
        return self.server.created[-1].content

    def parse(self, content: bytes) -> ParsedMessage:
        return message_from_bytes(content, policy=policy.default)

    def test_a_copy_stays_in_sent_items(self) -> None:
        assert self.make_transport().deliver(TO_BOB).is_sent
        (created,) = self.server.created
        assert (created.disposition, created.folder) == ("SendAndSaveCopy", "sentitems")
        assert created.mailbox == "alice@example.com"

    def test_those_in_blind_copy_are_named_for_the_server_as_well(self) -> None:
        self.make_transport().deliver(TO_BOB)
        assert self.server.created[-1].bcc == ["charlie@example.com"]

    def test_what_the_header_says_of_its_importance_counts(self) -> None:
        for headers, told in (
            ({}, ("Normal", "Normal")),
            ({"Importance": "High", "Sensitivity": "Company-Confidential"}, ("High", "Confidential")),
            ({"X-Priority": "5 (Lowest)", "sensitivity": "private"}, ("Low", "Private")),
            ({"Importance": "nonsense", "Sensitivity": "none"}, ("Normal", "Normal")),
        ):
            message = EmailMessage("Hello", "Text", to=["bob@example.com"], headers=headers)
            assert self.make_transport().deliver(compose(message, ALICE)).is_sent
            assert (self.server.created[-1].importance, self.server.created[-1].sensitivity) == told

    def test_what_was_sent_is_found_again(self) -> None:
        receipt = self.make_transport().deliver(TO_BOB)
        assert self.make_transport().find_sent(receipt.message_id) is True
        assert self.make_transport().find_sent("<other@example.com>") is False

    def test_several_messages_go_over_one_connection(self) -> None:
        with self.make_transport() as transport:
            assert [transport.deliver(TO_BOB).outcome for _number in range(3)] == [Outcome.SENT] * 3
        assert self.server.sign_ins == (1 if self.scheme == "NTLM" else 3)

    def test_nothing_is_kept_after_use(self) -> None:
        self.make_transport().deliver(TO_BOB)
        assert Protocol._protocol_cache == {}

    def test_the_environment_changes_nothing(self) -> None:
        environment = {
            "HTTPS_PROXY": "http://localhost:9",
            "REQUESTS_CA_BUNDLE": "/nowhere",
            "CURL_CA_BUNDLE": "/nowhere",
        }
        with mock.patch.dict("os.environ", environment):
            assert self.make_transport().deliver(TO_BOB).is_sent


class ContractOverBasic(ContractOverNtlm):
    scheme = "Basic"


SOAP_ERRORS = {
    "ErrorNonExistentMailbox": "mailbox_missing",
    "ErrorMailboxMoveInProgress": "mailbox_unavailable",
    "ErrorMailboxStoreUnavailable": "mailbox_unavailable",
    "ErrorAccessDenied": "mailbox_denied",
    "ErrorImpersonateUserDenied": "mailbox_denied",
    "ErrorFolderNotFound": "mailbox_denied",
    "ErrorSendAsDenied": "send_as_denied",
    "ErrorQuotaExceeded": "mailbox_full",
    "ErrorMessageSizeExceeded": "message_too_large",
    "ErrorAttachmentSizeLimitExceeded": "message_too_large",
    "ErrorInvalidRecipients": "recipient_invalid",
    "ErrorServerBusy": "service_busy",
    "ErrorInternalServerTransientError": "service_busy",
    "ErrorExceededConnectionCount": "service_busy",
    "ErrorADUnavailable": "service_busy",
    "ErrorPasswordExpired": "account_password_expired",
    "ErrorAccountDisabled": "account_disabled",
    "ErrorNotEnoughMemory": "service_busy",
    "ErrorSubmissionQuotaExceeded": "sending_limited",
    "ErrorMailboxFailover": "mailbox_unavailable",
    "ErrorConnectionFailed": "mailbox_unavailable",
    "ErrorNoRespondingCASInDestinationSite": "mailbox_unavailable",
    "ErrorProxyCallFailed": "mailbox_unavailable",
    "ErrorMimeContentInvalid": "message_unreadable",
    "ErrorInvalidOperation": "message_refused",
    "ErrorThatIsNewerThanTheLibrary": "message_refused",
}


@pytest.mark.parametrize(("code", "ours"), SOAP_ERRORS.items())
def test_what_the_server_says_becomes_a_plain_sentence(code: str, ours: str) -> None:
    with EwsServer(code=code) as server:
        assert error_of(deliver(server)).code == ours
        assert server.created == []


HTTP_ERRORS: list[tuple[int, dict[str, str], str]] = [
    (302, {"Location": "https://mail.example.com/owa/auth/logon.aspx"}, "sign_in_page"),
    (302, {"Location": "https://adfs.example.com/adfs/ls/?wa=wsignin1.0"}, "sign_in_page"),
    (307, {"Location": "https://mail.example.com/owa/auth/logon.aspx"}, "not_the_service"),
    (403, {}, "service_closed"),
    (404, {}, "service_closed"),
    (200, {}, "not_the_service"),
    (413, {}, "message_too_large"),
    (429, {"Retry_After": "120"}, "service_busy"),
    (503, {"Retry_After": "120"}, "service_busy"),
]


@pytest.mark.parametrize(("status", "headers", "ours"), HTTP_ERRORS)
def test_what_is_not_exchange_becomes_a_plain_sentence(status: int, headers: dict[str, str], ours: str) -> None:
    with EwsServer(status=status, headers=headers) as server:
        assert error_of(deliver(server)).code == ours


@pytest.mark.parametrize("status", [500, 502, 504])
def test_an_answer_that_confirms_nothing_leaves_it_uncertain(status: int) -> None:
    with EwsServer(status=status) as server:
        assert error_of(deliver(server), Outcome.UNKNOWN).code == "not_confirmed"


@pytest.mark.parametrize("code", ["ErrorInternalServerError", "ErrorTimeoutExpired"])
def test_a_server_that_stopped_half_way_leaves_it_uncertain(code: str) -> None:
    with EwsServer(code=code) as server:
        assert error_of(deliver(server), Outcome.UNKNOWN).code == "not_confirmed"


@pytest.mark.parametrize("body", [b"", b"<?xml version='1.0'?><s:Envelope"])
def test_an_answer_that_was_cut_short_leaves_it_uncertain(body: bytes) -> None:
    with EwsServer(status=200, body=body, headers={"Content_Type": "text/xml; charset=utf-8"}) as server:
        assert error_of(deliver(server), Outcome.UNKNOWN).code == "not_confirmed"


def test_a_server_that_negotiates_takes_ntlm() -> None:
    with EwsServer(scheme="Negotiate") as server:
        assert deliver(server).is_sent
        assert error_of(deliver(server, password=Secret("Pässwörd!"))).code == "account_refused"
        assert server.sign_ins == 2


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_says_for_how_long(status: int) -> None:
    with EwsServer(status=status, headers={"Retry_After": "120"}) as server:
        error = error_of(deliver(server))
        assert getattr(error, "retry_after", None) == 120
        assert "2 minutes" in str(error.hint)


@pytest.mark.parametrize(
    "host", ["outlook.office365.com", "OUTLOOK.Office.com", "x.partner.outlook.cn", "office365.us."]
)
def test_an_address_of_exchange_online_is_never_asked(host: str) -> None:
    with EwsServer() as server:
        error = error_of(deliver(server, url=f"https://{host}/EWS/Exchange.asmx"))
        assert error.code == "cloud_address"
        assert "Exchange Online" in str(error.hint)


class SignInTests(SimpleTestCase):
    def test_a_wrong_password_is_tried_once(self) -> None:
        for scheme in ("NTLM", "Basic"):
            with self.subTest(scheme), EwsServer(scheme=scheme) as server:
                transport = connect(server, password=Secret("Pässwörd wrong"))
                for _attempt in range(2):
                    assert error_of(transport.deliver(TO_BOB)).code == "account_refused"
                assert server.sign_ins == 1

    def test_a_locked_account_is_told(self) -> None:
        with EwsServer(refusal="The referenced account is currently locked out") as server:
            assert error_of(deliver(server, password=Secret("Pässwörd!"))).code == "account_locked"

    def test_a_server_without_the_chosen_way_is_told(self) -> None:
        for offered, chosen in (("Basic", "ntlm"), ("NTLM", "basic"), ("Negotiate", "basic"), ("Bearer", "ntlm")):
            with self.subTest(offered), EwsServer(scheme=offered) as server:
                assert error_of(deliver(server, auth=chosen)).code == "sign_in_otherwise"
                assert server.created == []

    def test_nothing_secret_is_logged(self) -> None:
        for scheme in ("NTLM", "Basic"):
            with (
                self.subTest(scheme),
                EwsServer(scheme=scheme) as server,
                self.assertLogs(level=logging.DEBUG) as logs,
            ):
                logging.getLogger().debug("something")
                deliver(server)
                deliver(server, password=Secret("Pässwörd canary"))
            assert not [line for line in logs.output if "Pässwörd" in line or "Authorization" in line]


class ConnectionTests(SimpleTestCase):
    def test_certificates_are_verified(self) -> None:
        for certificate, code in (
            (Certificate.WRONG_NAME, "certificate_name"),
            (Certificate.EXPIRED, "certificate_expired"),
            (Certificate.UNTRUSTED, "certificate_untrusted"),
        ):
            with self.subTest(code), EwsServer(certificate=certificate) as server:
                assert error_of(deliver(server)).code == code
                assert server.sign_ins == 0

    def test_an_authority_that_is_not_named_is_not_trusted(self) -> None:
        with EwsServer() as server:
            assert error_of(deliver(server, ca_file=None)).code == "certificate_untrusted"

    def test_a_server_that_is_not_there_is_told(self) -> None:
        with EwsServer() as server:
            address = server.address
        assert error_of(deliver_to(address)).code == "connection_refused"
        assert error_of(deliver_to("https://mail.invalid/EWS/Exchange.asmx")).code == "host_unknown"

    def test_what_is_no_address_is_told(self) -> None:
        with EwsServer() as server:
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
                    error_of(deliver(server, url=text))

    def test_an_address_without_encryption_is_never_asked(self) -> None:
        with EwsServer() as server:
            receipt = deliver(server, url=server.address.replace("https:", "http:"))
            assert error_of(receipt).outcome == Outcome.FAILED
            assert server.sign_ins == 0

    def test_a_connection_that_breaks_around_the_message_leaves_it_uncertain(self) -> None:
        for moment, number in (("before", 0), ("after", 1)):
            for scheme in ("NTLM", "Basic"):
                with self.subTest(moment, scheme=scheme), EwsServer(scheme=scheme, drop=moment) as server:
                    assert error_of(deliver(server), Outcome.UNKNOWN).code == "outcome_unknown"
                    assert len(server.created) == number

    def test_a_connection_that_breaks_within_the_message_has_sent_nothing(self) -> None:
        message = EmailMessage("Hello", "Text", to=["bob@example.com"])
        message.attach("large.bin", LARGE, "application/octet-stream")
        with EwsServer(scheme="Basic", drop="during") as server:
            receipt = connect(server).deliver(compose(message, ALICE))
            assert error_of(receipt).code == "connection_lost"

    def test_an_answer_that_does_not_come_leaves_it_uncertain(self) -> None:
        with EwsServer(delay=60) as server, seconds_at_most(30):
            assert error_of(deliver(server, timeout=3), Outcome.UNKNOWN).code == "outcome_unknown"

    def test_an_answer_that_comes_letter_by_letter_holds_nobody_longer_than_said(self) -> None:
        for scheme, outcome in (("NTLM", Outcome.FAILED), ("Basic", Outcome.UNKNOWN)):
            with self.subTest(scheme), EwsServer(scheme=scheme, trickle=0.5) as server:
                with seconds_at_most(30):
                    receipt = deliver(server, timeout=6, whole=3)
                error_of(receipt, outcome)

    def test_the_three_requests_of_a_first_message_share_one_limit(self) -> None:
        for scheme, is_sent in (("Basic", True), ("NTLM", False)):
            with self.subTest(scheme), EwsServer(scheme=scheme, pause=2) as server, seconds_at_most(30):
                assert deliver(server, timeout=20, whole=5).is_sent == is_sent

    def test_a_mailbox_that_is_none_is_told(self) -> None:
        with EwsServer() as server:
            assert error_of(deliver(server, address="nonsense")).code == "address_invalid"

    def test_looking_for_a_message_tells_what_went_wrong(self) -> None:
        with EwsServer(drop="before") as server, pytest.raises(TransportError) as caught:
            connect(server).find_sent("<a@example.com>")
        assert caught.value.outcome == Outcome.FAILED

    def test_looking_at_a_server_in_trouble_claims_nothing_of_the_connection(self) -> None:
        with EwsServer(status=502) as server, pytest.raises(TransportError) as caught:
            connect(server).find_sent("<a@example.com>")
        assert caught.value.code == "service_busy"


def deliver_to(url: str) -> Receipt:
    options: dict[str, Any] = {"auth": "basic", "username": "alice", "address": "alice@example.com"}
    options["trusted_networks"] = THIS_MACHINE
    return ExchangeTransport(url=url, password=Secret("Pässwörd"), **options).deliver(TO_BOB)
