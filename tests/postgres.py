"""Run a command on a throw-away PostgreSQL cluster: ``python tests/postgres.py COMMAND ARGUMENT...``

The command finds the cluster in ``DATABASE_URL``. The server listens on a socket in a folder of its own and nowhere
else; it is stopped and removed when the command ends, however it ends. Without a command the script says where it found
the server programs, and fails if there are none.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

DEBIAN = Path("/usr/lib/postgresql")
ROLE = "tests"
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "200",
    # Nothing here has to survive a power cut.
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
}


def main(command: Sequence[str]) -> int:
    programs = find_programs()
    if programs is None:
        print("PostgreSQL's server programs are not installed: apt-get install postgresql", file=sys.stderr)
        return 1
    if not command:
        print(programs)
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with cluster(programs) as url:
        return run(command, url)


def find_programs() -> Path | None:
    """The folder with the server programs: the newest of Debian's, or else the one on the search path."""
    versions = [path for path in DEBIAN.glob("*/bin") if (path / "initdb").exists()]
    if versions:
        return max(versions, key=lambda path: float(path.parent.name))
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


@contextmanager
def cluster(programs: Path) -> Iterator[str]:
    """A running cluster with an empty database; gives its ``DATABASE_URL``."""
    folder = Path(tempfile.mkdtemp(prefix="mailsettings-pg-"))
    try:
        _hand_over(folder)
        _create(programs, folder)
        try:
            _control(programs, folder, "start", "-l", str(folder / "log"))
            yield f"postgres://{ROLE}@{quote(str(folder), safe='')}/postgres"
        finally:
            if (folder / "data" / "postmaster.pid").exists():
                _control(programs, folder, "stop", "-m", "immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run(command: Sequence[str], url: str) -> int:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    with subprocess.Popen(command, env={**environment, "DATABASE_URL": url}) as process:
        # Ctrl-C reaches the command too: it ends by itself, and the server after it.
        signal.signal(signal.SIGINT, lambda *_: None)
        signal.signal(signal.SIGTERM, lambda *_: process.terminate())
        status = process.wait()
    return status if status >= 0 else 128 - status


def _create(programs: Path, folder: Path) -> None:
    data = str(folder / "data")
    options = ("--username", ROLE, "--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync")
    _as_server([str(programs / "initdb"), "-D", data, *options])
    lines = [f"{name} = '{value}'\n" for name, value in {**SETTINGS, "unix_socket_directories": folder}.items()]
    with (folder / "data" / "postgresql.conf").open("a") as configuration:
        configuration.writelines(lines)


def _control(programs: Path, folder: Path, *arguments: str) -> None:
    _as_server([str(programs / "pg_ctl"), "-D", str(folder / "data"), "-w", "-s", *arguments])


def _as_server(command: Sequence[str]) -> None:
    """Run one of the server's programs; they refuse to run as root."""
    user: dict[str, Any] = {"user": "postgres", "group": "postgres", "extra_groups": []} if _is_root() else {}
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL, cwd="/", **user)


def _hand_over(folder: Path) -> None:
    if _is_root():
        shutil.chown(folder, "postgres", "postgres")


def _is_root() -> bool:
    return os.geteuid() == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
