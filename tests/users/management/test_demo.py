"""The README's first command, tried as a newcomer would: sign in, send a message, read it, come back later."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from tests.site import Visitor, clean_environment, free_port, manage, running
from users.demo.people import SIGN_IN_PASSWORD


@contextmanager
def demonstration(data: Path, *options: str) -> Iterator[Visitor]:
    """The running demonstration, and a visitor who has signed in as Anna."""
    port = free_port()
    command = [sys.executable, "manage.py", "demo", "--port", str(port), *options]
    site = f"http://127.0.0.1:{port}"
    with running(command, address=f"{site}/healthz", environment=clean_environment(MAILSETTINGS_DATA_DIR=str(data))):
        visitor = Visitor(site)
        visitor.sign_in("anna", SIGN_IN_PASSWORD)
        yield visitor


def arrived(data: Path) -> list[EmailMessage]:
    files = sorted((data / "demo" / "received").glob("*.eml"))
    return [message_from_bytes(path.read_bytes(), _class=EmailMessage, policy=policy.default) for path in files]


def test_a_message_arrives_and_the_next_start_finds_everything(tmp_path: Path) -> None:
    with demonstration(tmp_path, "--mail-port", str(free_port())) as anna:
        answer = anna.send("/profile/test-message/", page="/profile/")
        assert "The test message is sent" in answer.text
        changed = anna.send("/profile/", version="1", address="anna.berg@example.com", method="", copy_mode="bcc")
        assert "Your e-mail settings are saved" in changed.text
    key = (tmp_path / "keys").read_bytes()
    with demonstration(tmp_path) as anna:
        assert "anna.berg@example.com" in anna.open("/profile/").text
        assert "Test message from Mail Settings" in anna.open("/received/1/").text
        assert "The test message is sent" in anna.send("/profile/test-message/", page="/profile/").text
    assert (tmp_path / "keys").read_bytes() == key
    first, second = arrived(tmp_path)
    assert (first["From"], first["To"]) == ("Anna Berg <anna@example.com>", "anna@example.com")
    assert second["From"] == "Anna Berg <anna.berg@example.com>"
    for kind in ("plain", "html"):
        body = first.get_body(preferencelist=(kind,))
        assert body is not None
        assert "Sales manager" in body.get_content()


def test_a_refused_recipient_is_told_in_plain_words(tmp_path: Path) -> None:
    with demonstration(tmp_path, "--mail-port", str(free_port())) as anna:
        anna.send("/profile/", version="1", address="anna@refused.example", method="", copy_mode="none")
        answer = anna.send("/profile/test-message/", page="/profile/")
    assert "does not accept any of the recipients" in answer.text
    assert "Check the recipients" in answer.text
    assert arrived(tmp_path) == []


def test_the_keys_are_for_their_owner_alone(tmp_path: Path) -> None:
    with demonstration(tmp_path, "--mail-port", str(free_port())):
        for path in (tmp_path / "keys", tmp_path / "demo" / "server-key.pem"):
            assert path.stat().st_mode & 0o777 == 0o600, path


@override_settings(DEBUG=False)
def test_it_refuses_to_start_in_production_mode() -> None:
    with pytest.raises(CommandError, match="MAILSETTINGS_DEBUG"):
        call_command("demo")


def test_a_taken_mail_port_is_told_with_what_to_do(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        environment = clean_environment(MAILSETTINGS_DATA_DIR=str(tmp_path))
        ended = manage("demo", "--mail-port", str(listener.getsockname()[1]), environment=environment)
    assert ended.returncode == 1
    assert "try --mail-port with another" in ended.stderr
