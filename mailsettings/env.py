"""What the site reads from its environment: the one place that names the variables.

With ``MAILSETTINGS_DEBUG`` set, every variable has a default, so that a newcomer needs none. Without it the site is in
production mode, and :class:`ImproperlyConfigured` says which variables are missing, all of them at once.

A variable that is set to nothing counts as not set: container files pass such on, and an empty path would mean the
current folder.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, TypeVar

from django.core.exceptions import ImproperlyConfigured
from environs import Env, EnvError

Network = IPv4Network | IPv6Network
Value = TypeVar("Value")

NEEDED_IN_PRODUCTION = {
    "MAILSETTINGS_SECRET_KEY": "a long random text",
    "MAILSETTINGS_ALLOWED_HOSTS": "the host names of the site, separated by commas",
}
THIS_MACHINE = [ip_network("127.0.0.0/8"), ip_network("::1/128")]
LOCAL_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
KEYS_HINT = (
    "MAILSETTINGS_KEYS or MAILSETTINGS_KEYS_FILE (one or more base64 keys of 32 bytes, newest first, "
    "for example from: openssl rand -base64 32)"
)


@dataclass(frozen=True, slots=True)
class Environment:
    """The site's environment, read and converted."""

    debug: bool
    secret_key: str
    allowed_hosts: list[str]
    keys: str
    keys_file: Path | None
    data_dir: Path
    ca_file: Path | None
    trusted_networks: list[Network]
    database: dict[str, Any] | None
    """Django's ``DATABASES`` entry, or None for the embedded SQLite file."""


def read_environment(base_dir: Path) -> Environment:
    """Read the environment; raise :class:`ImproperlyConfigured` with what has to be set or mended."""
    try:
        return _read(Env(), base_dir)
    except EnvError as error:
        raise ImproperlyConfigured(f"The environment can't be read: {error}") from error


def _read(env: Env, base_dir: Path) -> Environment:
    debug = _read_or(env.bool, "MAILSETTINGS_DEBUG", False)
    if not debug:
        _refuse_missing()
    data_dir = _read_or(env.path, "MAILSETTINGS_DATA_DIR", base_dir / "var")
    return Environment(
        debug=debug,
        secret_key=_read_or(env.str, "MAILSETTINGS_SECRET_KEY", "only-for-trying-the-site-out-never-in-production"),
        allowed_hosts=_read_or(partial(_texts, env), "MAILSETTINGS_ALLOWED_HOSTS", LOCAL_HOSTS),
        keys=_read_or(env.str, "MAILSETTINGS_KEYS", ""),
        keys_file=_keys_file(env, debug=debug, data_dir=data_dir),
        data_dir=data_dir,
        ca_file=_read_or(env.path, "MAILSETTINGS_CA_FILE", data_dir / "demo" / "ca.pem" if debug else None),
        trusted_networks=_read_or(
            partial(_networks, env), "MAILSETTINGS_TRUSTED_NETWORKS", THIS_MACHINE if debug else []
        ),
        database=_read_or(env.dj_db_url, "DATABASE_URL", None),
    )


def _keys_file(env: Env, *, debug: bool, data_dir: Path) -> Path | None:
    if _is_set("MAILSETTINGS_KEYS"):
        return None
    return _read_or(env.path, "MAILSETTINGS_KEYS_FILE", data_dir / "keys" if debug else None)


def _refuse_missing() -> None:
    missing = [f"{name} ({what})" for name, what in NEEDED_IN_PRODUCTION.items() if not _is_set(name)]
    if not _is_set("MAILSETTINGS_KEYS") and not _is_set("MAILSETTINGS_KEYS_FILE"):
        missing.append(KEYS_HINT)
    if missing:
        raise ImproperlyConfigured(
            "The site is in production mode and these environment variables are not set: "
            + "; ".join(missing)
            + ". To try the site out, set MAILSETTINGS_DEBUG=1 instead."
        )


def _is_set(name: str) -> bool:
    return bool(os.environ.get(name, "").strip())


def _read_or(read: Callable[[str], Any], name: str, default: Value) -> Value:
    return read(name) if _is_set(name) else default


def _texts(env: Env, name: str) -> list[str]:
    texts: list[str] = env.list(name)
    return [text.strip() for text in texts if text.strip()]


def _networks(env: Env, name: str) -> list[Network]:
    try:
        return [ip_network(text) for text in _texts(env, name)]
    except ValueError as error:
        raise ImproperlyConfigured(f'Environment variable "{name}" invalid: {error}.') from error
