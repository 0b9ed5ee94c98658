"""How long 1,000 messages of one user take over SMTP, compared with Django's own backend.

    .venv/bin/python tests/benchmarks/sending.py [NUMBER]

Both send to the same stand-in of a mail server, with STARTTLS and a sign-in, in turn and in batches, each over one
connection. ``services.send`` composes every message anew, with signature, picture and copy; Django's is given the
messages that came out of that, and so sends the same MIME. Bound: at most 1.25 times its time. The server runs in a
process of its own. Outside ``services.sending_as`` there is a connection for each message: that is printed as well.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.benchmarks import stage

NUMBER = 1_000
BATCH = 10
RATIO_AT_MOST = 1.25
ONE_BY_ONE = 50
PASSWORD = "SMTP password"  # ASCII, because Django's backend takes nothing else
TEXT = "Dear Bob,\n\nplease find the offer below.\n\n" + "It holds until the end of the month. " * 20


def main(number: int) -> int:
    os.environ.pop("DATABASE_URL", None)
    stage.prepare()
    with stage.database("sending.sqlite3"), mail_server() as server:
        user = _make_user(server)
        ours, djangos = measure(user, number, server)
        one_by_one = _timed(lambda: _send_all(user, [_letter(each) for each in range(ONE_BY_ONE)])) / ONE_BY_ONE
    ratio = ours / djangos
    print(f"{number:,} messages by Django's backend       {djangos:7.2f} s   {1000 * djangos / number:6.2f} ms each")
    print(f"{number:,} messages by services.send          {ours:7.2f} s   {1000 * ours / number:6.2f} ms each")
    print(f"ratio                                     {ratio:7.2f}     at most {RATIO_AT_MOST}")
    print(f"the same with a connection for each                     {1000 * one_by_one:6.2f} ms each")
    return int(ratio > RATIO_AT_MOST)


def measure(user: Any, number: int, server: dict[str, Any]) -> tuple[float, float]:
    """Seconds for all messages, ours and Django's."""
    from users import services

    messages = [_letter(each) for each in range(number)]
    composed = _composed(user, messages)
    ours = djangos = 0.0
    with services.sending_as(user), django_backend(server) as backend:
        # Both connect before anything counts.
        assert services.send(user, messages[0]).is_sent
        assert backend.send_messages(composed[:1]) == 1
        for start in range(0, number, BATCH):
            batch = slice(start, start + BATCH)
            djangos += _timed(partial(_send_all_by, backend, composed[batch]))
            ours += _timed(partial(_send_all, user, messages[batch]))
    return ours, djangos


def _send_all_by(backend: Any, messages: list[Any]) -> None:
    _expect(backend.send_messages(messages), messages)


def _send_all(user: Any, messages: list[Any]) -> None:
    from users import services

    _expect(sum(services.send(user, message).is_sent for message in messages), messages)


def _expect(sent: int, messages: list[Any]) -> None:
    assert sent == len(messages), f"Only {sent} were sent."


def _timed(work: Callable[[], None]) -> float:
    start = perf_counter()
    work()
    return perf_counter() - start


# --- Messages -------------------------------------------------------------------------------------------------------


def _letter(number: int) -> Any:
    from django.core.mail import EmailMessage

    return EmailMessage(f"Offer {number}", TEXT, to=["Bob Baker <bob@example.com>"])


def _composed(user: Any, messages: list[Any]) -> list[Any]:
    """The same messages as they go out, ready made."""
    from users import services
    from users.mail.composition import compose
    from users.models import EmailSettings

    sender = services.sender_of(EmailSettings.of(user))
    return [compose(message, sender) for message in messages]


def _make_user(server: dict[str, Any]) -> Any:
    from django.conf import settings

    from tests.factories import configure, make_settings, make_user

    settings.MAILSETTINGS_CA_FILE = server["ca_file"]
    configure(
        smtp_host=server["host"], smtp_port=server["port"], smtp_username=server["username"], smtp_password=PASSWORD
    )
    user = make_user("alice")
    picture = {"content": b"GIF89a" * 700, "media_type": "image/gif", "size": 4200, "sha256": ""}
    user.signature_images.create(content_id="logo@signature", **picture)
    make_settings(
        user, copy_mode="bcc", signature_html='<p>Alice <b>Archer</b><br><img src="cid:logo@signature" alt=""></p>'
    )
    return user


# --- The two ends ---------------------------------------------------------------------------------------------------


@contextmanager
def django_backend(server: dict[str, Any]) -> Iterator[Any]:
    """Django's own backend, told of the authority as only a subclass can be."""
    import ssl

    from django.core.mail.backends.smtp import EmailBackend

    class Backend(EmailBackend):
        ssl_context = ssl.create_default_context(cafile=server["ca_file"])

    options = {"host": server["host"], "port": server["port"], "username": server["username"], "password": PASSWORD}
    with Backend(use_tls=True, use_ssl=False, timeout=15, **options) as backend:
        yield backend


@contextmanager
def mail_server() -> Iterator[dict[str, Any]]:
    """A mail server in another process, and where it is."""
    processes = get_context("spawn")
    here, there = processes.Pipe()
    process = processes.Process(target=_serve, args=(there,), daemon=True)
    process.start()
    try:
        yield here.recv()
    finally:
        here.send(None)
        process.join()


def _serve(pipe: Any) -> None:
    import logging

    from tests.servers.smtp import SmtpServer

    logging.disable()
    with SmtpServer(username="site", password=PASSWORD) as server:
        pipe.send(
            {"host": server.host, "port": server.port, "ca_file": server.ca_file, "username": server.username},
        )
        pipe.recv()


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else NUMBER))
