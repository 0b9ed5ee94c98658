"""The mail server of the demonstration, as a client meets it."""

from __future__ import annotations

import smtplib
import socket
import ssl
import tempfile
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from django.test import SimpleTestCase

from tests.site import PATIENCE
from users.demo.certificates import ensure_certificates
from users.demo.mailserver import DemoMailServer
from users.vault import Secret

MESSAGE = b"From: a@example.com\r\nSubject: Hello\r\n\r\n.dot\r\n"


class DemoMailServerTests(SimpleTestCase):
    def setUp(self) -> None:
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.messages = folder / "messages"
        self.certificates = ensure_certificates(folder)

    def make_server(self, port: int = 0) -> DemoMailServer:
        return DemoMailServer(
            self.messages, username="demo", password=Secret("pässwörd"), certificates=self.certificates, port=port
        )

    def connect(self, server: DemoMailServer) -> smtplib.SMTP:
        client = smtplib.SMTP("localhost", server.port, timeout=PATIENCE)
        self.addCleanup(client.close)
        client.starttls(context=ssl.create_default_context(cafile=str(self.certificates.ca)))
        client.ehlo()
        return client

    def sign_in(self, client: smtplib.SMTP) -> None:
        # "\0demo\0pässwörd" in base64: the library can't write it itself.
        assert client.docmd("AUTH", "PLAIN AGRlbW8AcMOkc3N3w7ZyZA==")[0] == 235

    def send(self, server: DemoMailServer, *recipients: str) -> dict[str, tuple[int, bytes]]:
        client = self.connect(server)
        self.sign_in(client)
        refused = client.sendmail("a@example.com", recipients, MESSAGE)
        client.quit()
        return refused

    def test_keeps_a_message_with_its_envelope(self) -> None:
        with self.make_server() as server:
            self.send(server, "b@example.com", "c@example.com")
        content = (self.messages / "0001.eml").read_bytes()
        message = message_from_bytes(content, policy=policy.default)
        assert content.endswith(MESSAGE)
        assert message["X-Envelope-From"] == "a@example.com"
        assert message["X-Envelope-To"] == "b@example.com, c@example.com"

    def test_goes_on_numbering_after_a_restart(self) -> None:
        for _start in range(2):
            with self.make_server() as server:
                self.send(server, "b@example.com")
        assert sorted(path.name for path in self.messages.iterdir()) == ["0001.eml", "0002.eml"]

    def test_refuses_recipients_at_the_domain_for_it(self) -> None:
        with self.make_server() as server:
            refused = self.send(server, "b@example.com", "b@Refused.example")
        assert refused == {"b@Refused.example": (550, b"5.1.1 No such mailbox here")}
        assert b"refused" not in (self.messages / "0001.eml").read_bytes().lower()

    def test_wants_encryption_before_a_sign_in(self) -> None:
        with self.make_server() as server, smtplib.SMTP("localhost", server.port, timeout=PATIENCE) as client:
            client.ehlo()
            assert not client.has_extn("auth")
            assert client.docmd("AUTH", "PLAIN AGRlbW8AcMOkc3N3w7ZyZA==")[0] == 530

    def test_wants_a_sign_in_before_a_message(self) -> None:
        with self.make_server() as server:
            client = self.connect(server)
            with pytest.raises(smtplib.SMTPSenderRefused):
                client.sendmail("a@example.com", ["b@example.com"], MESSAGE)

    def test_refuses_a_wrong_password(self) -> None:
        with self.make_server() as server:
            client = self.connect(server)
            for name, password in (("demo", "wrong"), ("wrong", "demo")):
                with self.subTest(name=name), pytest.raises(smtplib.SMTPAuthenticationError):
                    client.login(name, password)

    def test_says_at_once_when_the_port_is_taken(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener, pytest.raises(OSError, match="in use"):
            self.make_server(listener.getsockname()[1]).start()

    def test_stopping_twice_does_no_harm(self) -> None:
        server = self.make_server()
        server.start()
        server.stop()
        server.stop()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", server.port))
