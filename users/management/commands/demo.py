"""``manage.py demo``: the whole product on this machine, with a mail server that keeps what it receives."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from users.demo.certificates import ensure_certificates
from users.demo.mailserver import REFUSED_DOMAIN, DemoMailServer
from users.demo.people import ADMINISTRATOR, PEOPLE, SIGN_IN_PASSWORD, make_people
from users.demo.worker import DemoWorker
from users.models import SystemSettings
from users.vault import Secret

MAIL_PORT = 2525
SMTP_USERNAME = "mail-settings"
SMTP_PASSWORD = "demo-mail-server"  # noqa: S105  (this machine only, and printed at every start)


class Command(BaseCommand):
    help = (
        "Set everything up on this machine and serve it, with a small mail server. Everything stays for the next start."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="where the site is served (8000)")
        parser.add_argument(
            "--mail-port", type=int, help="where the mail server listens (2525, or as at the last start)"
        )

    def handle(self, *args: Any, port: int, mail_port: int | None, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError(
                "The demonstration is for trying the site out: unset MAILSETTINGS_DEBUG, or set it to 1."
            )
        call_command("migrate", verbosity=0)
        folder = Path(settings.MAILSETTINGS_DATA_DIR) / "demo"
        mail_port = mail_port or SystemSettings.load().smtp_port or MAIL_PORT
        make_people(smtp_port=mail_port, smtp_username=SMTP_USERNAME, smtp_password=Secret(SMTP_PASSWORD))
        server = DemoMailServer(
            folder / "received",
            username=SMTP_USERNAME,
            password=Secret(SMTP_PASSWORD),
            certificates=ensure_certificates(folder),
            port=mail_port,
        )
        self._start(server)
        worker = DemoWorker()
        worker.start()
        try:
            settings.ROOT_URLCONF = "users.demo.urls"
            self.stdout.write(_welcome(port=port, mail_port=server.port, folder=server.folder))
            call_command("runserver", f"127.0.0.1:{port}", use_reloader=False, skip_checks=True)
        finally:
            worker.stop()
            server.stop()

    @staticmethod
    def _start(server: DemoMailServer) -> None:
        try:
            server.start()
        except OSError as error:
            raise CommandError(
                f"The mail server can't listen at port {server.port}: try --mail-port with another."
            ) from error


def _welcome(*, port: int, mail_port: int, folder: Path) -> str:
    names = ", ".join(username for username, *_rest in PEOPLE)
    return f"""
Mail Settings is at     http://127.0.0.1:{port}/
Sign in as              {ADMINISTRATOR} (administrator), {names}
Password of everybody   {SIGN_IN_PASSWORD}

Its mail server is at   localhost:{mail_port} (STARTTLS), user name {SMTP_USERNAME}, password {SMTP_PASSWORD}
Read what arrives at    http://127.0.0.1:{port}/received/, kept in {folder}
It refuses recipients   at {REFUSED_DOMAIN}, to see what that looks like

Anna is ready to send: sign in as anna and press “Send a test message to my address”.
Ctrl-C ends it; the next start finds everything as you left it.
"""
