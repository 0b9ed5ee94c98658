"""The site as a program of its own, for tests that need more than Django's test client: started, asked, and ended."""

from __future__ import annotations

import errno
import os
import random
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

ROOT = Path(__file__).resolve().parent.parent
START_LIMIT = 180.0
"""Seconds that a program may take until it answers."""
PATIENCE = 60
"""Seconds that it may take for anything else, on a machine that is busy with other tests."""


def free_port() -> int:
    """A port for a server that is started later.

    None of those that systems give to outgoing connections (from 32,768 on Linux, from 49,152 by RFC 6335 section 6):
    one of them could be given away until then.
    """
    while True:
        port = random.SystemRandom().randrange(20_000, 32_000)
        with socket.socket() as attempt:
            if attempt.connect_ex(("127.0.0.1", port)) == errno.ECONNREFUSED:
                return port


def clean_environment(**variables: str) -> dict[str, str]:
    """The environment of this process without anything that settles the site, and with these variables."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("MAILSETTINGS_", "DATABASE_URL"))}
    return kept | variables


def manage(*arguments: str, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run ``manage.py`` to its end."""
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@contextmanager
def running(command: list[str], *, address: str, environment: Mapping[str, str]) -> Iterator[subprocess.Popen[str]]:
    """Start a program, wait until `address` answers, and end it."""
    program = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        _wait_until_it_answers(program, address)
        yield program
    finally:
        program.terminate()
        program.communicate(timeout=PATIENCE)


def _wait_until_it_answers(program: subprocess.Popen[str], address: str) -> None:
    limit = time.monotonic() + START_LIMIT
    while time.monotonic() < limit:
        if program.poll() is not None:
            raise AssertionError(program.communicate()[0])
        try:
            requests.get(address, timeout=5)
        except (requests.ConnectionError, requests.Timeout):
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"{address} did not answer within {START_LIMIT} seconds")


class Visitor:
    """Somebody with a browser: keeps cookies, and sends forms with their hidden fields."""

    def __init__(self, site: str, *, seen_as: str = "") -> None:
        """`seen_as` is the site's address as a browser sees it, where a proxy stands in between."""
        self.site = site
        self.seen_as = seen_as or site
        self.session = requests.Session()
        self.session.trust_env = False

    def open(self, path: str, **options: Any) -> requests.Response:
        return self.session.get(self.site + path, timeout=PATIENCE, **options)

    def send(self, path: str, *, page: str | None = None, **fields: str) -> requests.Response:
        """Open the page with the form, and post these fields with its token."""
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.open(page or path).text)
        assert token is not None, f"there is no form at {page or path}"
        posted = fields | {"csrfmiddlewaretoken": token[1]}
        return self.session.post(
            self.site + path, data=posted, headers={"Referer": self.seen_as + path}, timeout=PATIENCE
        )

    def sign_in(self, username: str, password: str) -> requests.Response:
        return self.send("/accounts/login/", username=username, password=password)
