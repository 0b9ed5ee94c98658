"""The test message, and what the profile page says of what became of it."""

from __future__ import annotations

from typing import Any

from django.test import TestCase

from tests.factories import configure, make_settings, make_user
from tests.servers.certificates import Certificate
from tests.servers.smtp import SmtpServer
from tests.users.views.browser import Browser
from users.models import EmailSettings


class TestMessageTests(TestCase):
    """What can go wrong with a message, each with a plain sentence and what to do, on the profile page."""

    def send(self, server: SmtpServer | None = None, *, to: str = "alice@example.com", **system: Any) -> list[str]:
        if server is not None:
            system = {"smtp_host": server.host, "smtp_port": server.port} | system
        configure(**system)
        alice = make_user("alice")
        make_settings(alice, address=to)
        ca_file = server.ca_file if server is not None else None
        with self.settings(MAILSETTINGS_CA_FILE=ca_file):
            page = Browser(alice).post("/profile/test-message/", {}).follow()
        (told,) = page.tree.xpath("//div[@role='status']/div")
        return [" ".join(line.split()) for line in told.itertext() if line.strip()]

    def test_a_message_that_arrives(self) -> None:
        with SmtpServer() as server:
            assert self.send(server) == ["The test message is sent. Look for it in your mailbox."]
        assert [message.recipients for message in server.received] == [["alice@example.com"]]

    def test_a_refused_recipient(self) -> None:
        with SmtpServer(replies={"RCPT alice@refused.example": "550 5.1.1 No such mailbox"}) as server:
            sentence, hint = self.send(server, to="alice@refused.example")
        assert sentence == "The mail server localhost does not accept any of the recipients."
        assert "address" in hint

    def test_a_refused_sign_in(self) -> None:
        with SmtpServer(username="mailer", password="right") as server:
            sentence, hint = self.send(server, smtp_username="mailer", smtp_password="wrong canary")
        assert sentence == "The mail server localhost does not accept the user name and password."
        assert "administrator" in hint.lower()
        assert "canary" not in sentence + hint

    def test_an_unknown_host(self) -> None:
        told = self.send(smtp_host="mail.invalid")
        assert told == [
            "There is no mail server with the name mail.invalid.",
            "An administrator has to check the server's name in the system settings.",
        ]

    def test_a_certificate_for_another_name(self) -> None:
        with SmtpServer(certificate=Certificate.WRONG_NAME) as server:
            sentence, hint = self.send(server)
        assert "certificate" in sentence
        assert "administrator" in hint.lower()
        assert server.received == []

    def test_a_certificate_of_an_unknown_authority(self) -> None:
        with SmtpServer(certificate=Certificate.UNTRUSTED) as server:
            sentence, _hint = self.send(server)
        assert "certificate" in sentence
        assert server.received == []

    def test_settings_that_are_not_complete(self) -> None:
        configure(smtp_host="")
        alice = make_user("alice")
        page = Browser(alice).post("/profile/test-message/", {}).follow()
        assert "The message was not sent, because the e-mail settings are not complete." in page.text
        assert "An administrator has to complete the mail server" in page.text

    def test_a_method_that_does_not_send_by_itself(self) -> None:
        alice = make_user("alice")
        make_settings(alice, method="outlook")
        page = Browser(alice).post("/profile/test-message/", {}).follow()
        assert "With Outlook as e-mail method, messages are sent by hand, in Outlook." in page.text

    def test_nothing_is_changed_by_it(self) -> None:
        with SmtpServer() as server:
            self.send(server)
        assert EmailSettings.objects.get().version == 1
