"""Messages that Microsoft Graph does not take in one piece: a draft, its files, and what happens when one fails."""

from __future__ import annotations

from email import message_from_string
from email.message import EmailMessage as ParsedMessage
from email.mime.message import MIMEMessage
from email.mime.text import MIMEText
from functools import partial
from http import HTTPStatus
from typing import Any
from unittest import mock

import pytest
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.test import SimpleTestCase

from tests.servers.graph import Fault, GraphServer, Reply
from tests.timing import seconds_at_most
from tests.users.mail.transports import test_exchange_online
from tests.users.mail.transports.contract import ALICE, ALICE_WITH_LOGO, LARGE, LOGO
from tests.users.mail.transports.test_exchange_online import TOKEN, error_of, large
from users.choices import Outcome
from users.mail.composition import compose
from users.mail.transports import exchange_online

SIZE = 4_000_000
# The stand-in has to read as much as is sent, on a machine that may have other work.
deliver = partial(test_exchange_online.deliver, timeout=20)
TWO_FILES = large(2_000_000, SIZE)
NAMES = ("To", "Cc", "Bcc", "Reply-To")


class ArrivalTests(SimpleTestCase):
    def arrived(self, message: EmailMessage) -> ParsedMessage:
        """The message as it went out, once it is certain that it went out as a draft."""
        with GraphServer() as server:
            assert deliver(server, message).error is None
            assert "POST /v1.0/me/messages" in server.requests
            assert server.drafts == {}
            (sent,) = server.sent
        return sent.parsed

    def test_files_of_every_size_arrive_byte_for_byte(self) -> None:
        sizes = (0, 1, 2_999_999, 3_145_500, 3 << 20, (3 << 20) + 1, (6 << 20))
        parts = list(self.arrived(large(*sizes)).iter_attachments())
        assert [part.get_filename() for part in parts] == [f"{number}.bin" for number in range(len(sizes))]
        assert [part.get_payload(decode=True) for part in parts] == [LARGE[:size] for size in sizes]

    def test_no_request_is_larger_than_the_service_takes(self) -> None:
        with GraphServer() as server:
            assert deliver(server, large(10_000_000)).is_sent
            assert len([request for request in server.requests if request.startswith("PUT")]) == 4

    def test_the_token_goes_to_the_service_alone(self) -> None:
        with GraphServer() as server:
            deliver(server, large(SIZE))
            uploads = [request for request in server.requests if request.startswith("PUT")]
            assert len(server.sign_ins) == len(server.requests) - len(uploads)
            assert {*server.sign_ins} == {TOKEN}

    def test_nothing_of_the_message_is_lost(self) -> None:
        message = EmailMessage(
            "Grüße, 世界",
            "Žluťoučký kůň",
            to=["Müller, Bob <bob@example.com>"],
            cc=[r'"Charlie \"C\"" <charlie@example.com>'],
            bcc=["dora@example.com"],
            reply_to=["Emil <emil@example.com>"],
            headers={
                "X-Ticket": "12",
                "Importance": "high",
                "In-Reply-To": "<a@example.com>",
                "References": "<b@c.de> <a@example.com>",
            },
        )
        message.attach("Übersicht.bin", LARGE[:SIZE], "application/octet-stream")
        composed = compose(message, ALICE)
        arrived = self.arrived(composed)
        people = {name: (each.display_name, each.addr_spec) for name in NAMES for each in arrived[name].addresses}
        assert people == {
            "To": ("Müller, Bob", "bob@example.com"),
            "Cc": ('Charlie "C"', "charlie@example.com"),
            "Bcc": ("", "dora@example.com"),
            "Reply-To": ("Emil", "emil@example.com"),
        }
        assert (arrived["Subject"], arrived["Message-ID"]) == ("Grüße, 世界", composed.extra_headers["Message-ID"])
        for name, text in message.extra_headers.items():
            assert arrived[name] == text
        html = arrived.get_body(("html",))
        assert html is not None
        assert "Žluťoučký kůň" in html.get_content()
        assert "<b>Alice</b>" in html.get_content()
        assert [part.get_filename() for part in arrived.iter_attachments()] == ["Übersicht.bin"]

    def test_the_pictures_of_the_signature_show(self) -> None:
        message = EmailMessage("Hello", "Text", to=["bob@example.com"])
        message.attach("notes.bin", LARGE[:SIZE], "application/octet-stream")
        arrived = self.arrived(compose(message, ALICE_WITH_LOGO))
        (image,) = [part for part in arrived.walk() if part["Content-ID"]]
        assert (image["Content-ID"], image.get_content_type()) == ("<logo@signature>", "image/png")
        assert image.get_content_disposition() == "inline"
        assert image.get_payload(decode=True) == LOGO

    def test_a_text_without_html_arrives(self) -> None:
        message = EmailMessage("Hello", "Text äöü", "alice@example.com", ["bob@example.com"])
        message.attach("notes.bin", LARGE[:SIZE], "application/octet-stream")
        body = self.arrived(message).get_body()
        assert body is not None
        assert (body.get_content_type(), body.get_content().strip()) == ("text/plain", "Text äöü")

    def test_an_attached_message_stays_in_one_piece(self) -> None:
        inner = EmailMessage("Inner", "Inner text", "carol@example.com", ["bob@example.com"])
        inner.attach("inner.bin", b"\x00\x01", "application/octet-stream")
        message = EmailMessage("Hello", "Text", to=["bob@example.com"])
        message.attach("notes.bin", LARGE[:SIZE], "application/octet-stream")
        message.attach("inner.eml", inner.message().as_string(), "message/rfc822")
        *_others, attached = self.arrived(compose(message, ALICE)).iter_attachments()
        assert (attached.get_filename(), attached.get_content_type()) == ("inner.eml", "message/rfc822")
        assert attached.get_content()["Subject"] == "Inner"
        assert [part.get_filename() for part in attached.get_content().iter_attachments()] == ["inner.bin"]

    def test_ready_parts_without_a_name_are_files(self) -> None:
        message = EmailMessage("Hello", "Text", to=["bob@example.com"])
        message.attach("notes.bin", LARGE[:SIZE], "application/octet-stream")
        message.attach(MIMEText("Notes äöü", "plain", "utf-8"))
        message.attach(MIMEMessage(message_from_string("Subject: Inner\n\nInner text")))
        *_others, notes, attached = self.arrived(compose(message, ALICE)).iter_attachments()
        assert (notes.get_filename(), notes.get_payload(decode=True)) == ("attachment.txt", "Notes äöü".encode())
        assert attached.get_content()["Subject"] == "Inner"


class PlainOk(GraphServer):
    """Says of each piece of a file that it is fine, by other statuses of success than the documented ones."""

    def _take_range(self, *arguments: Any) -> Reply:
        status, fields, headers = super()._take_range(*arguments)
        return (HTTPStatus.OK if status == HTTPStatus.CREATED else HTTPStatus.ACCEPTED), fields, headers


class Forgetful(GraphServer):
    """Wants a piece once more at the end."""

    def _take_range(self, *arguments: Any) -> Reply:
        super()._take_range(*arguments)
        return HTTPStatus.OK, {"nextExpectedRanges": ["0-"]}, {}


class OtherServersTests(SimpleTestCase):
    def test_any_status_of_success_is_one_while_nothing_is_sent(self) -> None:
        with PlainOk() as server:
            assert deliver(server, large(SIZE)).is_sent
            assert len(server.sent) == 1

    def test_a_file_that_did_not_arrive_whole_is_not_sent(self) -> None:
        with Forgetful() as server:
            assert error_of(deliver(server, large(SIZE))).code == "not_the_service"
            assert (server.sent, server.drafts) == ([], {})


class RefusedHereTests(SimpleTestCase):
    """What would be lost or refused in the end is told before anything goes out."""

    def test_another_form_of_the_text(self) -> None:
        message = EmailMultiAlternatives("Hello", "Text", to=["bob@example.com"])
        message.attach_alternative("BEGIN:VCALENDAR", "text/calendar")
        message.attach("notes.bin", LARGE[:SIZE], "application/octet-stream")
        with GraphServer() as server:
            assert error_of(deliver(server, compose(message, ALICE))).code == "alternative_too_large"
            assert server.requests == []

    def test_more_than_any_mailbox_may_send(self) -> None:
        with GraphServer() as server, mock.patch.object(exchange_online, "MAX_MESSAGE", 5_000_000):
            error = error_of(deliver(server, large(SIZE)))
            assert error.code == "message_over_limit"
            assert "35 MB" in str(error)
            assert server.requests == []

    def test_a_text_that_alone_is_too_large(self) -> None:
        with GraphServer() as server:
            message = compose(EmailMessage("Hello", "x" * 5_000_000, to=["bob@example.com"]), ALICE)
            assert error_of(deliver(server, message)).code == "message_too_large"
            assert server.requests == []


STEPS = ["attachments", "createUploadSession", "upload", "send"]


class FailingTests(SimpleTestCase):
    def code(self, fault: Fault, step: str, outcome: Outcome = Outcome.FAILED) -> str:
        """The code of the error with a fault at one step, once it is certain that nothing is left behind."""
        with GraphServer(faults={step: fault}) as server:
            error = error_of(deliver(server, TWO_FILES), outcome)
            assert (server.sent, server.drafts) == ([], {})
        return error.code

    def test_a_draft_that_can_not_be_sent_is_deleted(self) -> None:
        for step in STEPS:
            with self.subTest(step):
                assert self.code(Fault(403, "ErrorQuotaExceeded"), step) == "mailbox_full"
                assert self.code(Fault(429, headers={"Retry_After": "5"}), step) == "service_busy"

    def test_a_connection_that_breaks_before_the_end_has_sent_nothing(self) -> None:
        for step in STEPS[:-1]:
            with self.subTest(step):
                assert self.code(Fault(drop="before"), step) == "connection_lost"

    def test_a_service_in_trouble_before_the_end_is_busy(self) -> None:
        for step in STEPS[:-1]:
            with self.subTest(step):
                assert self.code(Fault(500), step) == "service_busy"

    def test_an_answer_without_what_is_needed_is_not_the_service(self) -> None:
        for step in ("createUploadSession", "messages"):
            for body in (b"", b"<html>", b'{"id": 7, "uploadUrl": 7}', b'{"id": "", "uploadUrl": ""}'):
                with self.subTest(step, body=body):
                    assert self.code(Fault(201, body=body), step) == "not_the_service"

    def test_a_redirect_is_never_followed(self) -> None:
        with GraphServer() as elsewhere:
            for step in ["messages", *STEPS]:
                with self.subTest(step):
                    fault = Fault(307, headers={"Location": f"{elsewhere.url}/uploads/upload0"})
                    assert self.code(fault, step) == "not_the_service"
            assert elsewhere.requests == []

    def test_what_went_wrong_first_is_told(self) -> None:
        faults = {"send": Fault(403, "ErrorQuotaExceeded"), "delete": Fault(500)}
        with GraphServer(faults=faults) as server:
            assert error_of(deliver(server, TWO_FILES)).code == "mailbox_full"

    def test_without_the_permission_only_small_messages_go_out(self) -> None:
        with GraphServer(may_read=False) as server:
            error = error_of(deliver(server, TWO_FILES))
            assert error.code == "only_small_messages"
            assert "Mail.ReadWrite" in str(error.hint)
            assert deliver(server, large(2_000_000)).is_sent

    def test_a_refused_token_is_tried_once(self) -> None:
        with GraphServer(tokens={}) as server:
            assert error_of(deliver(server, TWO_FILES)).code == "token_refused"
            assert server.sign_ins == [TOKEN]


class UncertainTests(SimpleTestCase):
    def test_a_connection_that_breaks_around_the_end_leaves_it_uncertain(self) -> None:
        for moment, number in (("before", 0), ("after", 1)):
            with self.subTest(moment), GraphServer(faults={"send": Fault(drop=moment)}) as server:
                assert error_of(deliver(server, TWO_FILES), Outcome.UNKNOWN).code == "outcome_unknown"
                assert len(server.sent) == number
                assert not [request for request in server.requests if request.startswith("DELETE")]

    def test_so_does_an_answer_that_confirms_nothing(self) -> None:
        for status in (200, 500, 504):
            with self.subTest(status), GraphServer(faults={"send": Fault(status)}) as server:
                assert error_of(deliver(server, TWO_FILES), Outcome.UNKNOWN).code == "not_confirmed"

    def test_all_requests_together_hold_nobody_longer_than_said(self) -> None:
        faults = {step: Fault(delay=4) for step in STEPS}
        with (
            mock.patch.object(exchange_online, "LARGE_JOB_SECONDS", 2),
            GraphServer(faults=faults) as server,
            seconds_at_most(10),
        ):
            assert error_of(deliver(server, TWO_FILES)).code == "timed_out"
            assert server.drafts == {}


@pytest.mark.parametrize(
    "address",
    [
        "http://localhost/uploads/upload0",
        "https://alice:secret@localhost/uploads/upload0",
        "https:///uploads/upload0",
        "https://[::1/uploads",
        "ftp://localhost/",
        "//localhost/uploads/upload0",
        "file:///etc/passwd",
    ],
)
def test_a_file_goes_to_no_address_that_is_not_safe(address: str) -> None:
    with GraphServer(upload_url=address) as server:
        assert error_of(deliver(server, TWO_FILES)).code == "not_the_service"
        assert (server.sent, server.drafts) == ([], {})


def test_a_server_for_files_that_can_not_be_reached_is_named() -> None:
    with GraphServer(upload_url="https://files.invalid/1?authtoken=x") as server:
        error = error_of(deliver(server, TWO_FILES))
        assert error.code == "host_unknown"
        assert "files.invalid" in str(error)
