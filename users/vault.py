"""Secrets at rest: the only module that knows keys.

A secret is stored as ``v1.<key id>.<base64url>``: AES-256-GCM (NIST SP 800-38D) with a fresh 96-bit nonce in front of
the ciphertext. What the secret belongs to (its field, its owner and the destination it is for) is authenticated with
it, so that a value copied to another row, field or server does not open. The key id, the first eight hex digits of the
key's SHA-256, tells a missing key from a damaged value.

Keys come from ``MAILSETTINGS_KEYS`` (base64, newest first), or else from the file ``MAILSETTINGS_KEYS_FILE`` (the same,
or one key a line). Only the embedded default makes a key file, see :func:`make_key_file`.

This protects copies and dumps of the database, and it stops rows from being swapped. It does not protect against
someone who runs code in the application's own process.
"""

from __future__ import annotations

import os
import re
import secrets
from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Iterable
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import NoReturn
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

FORMAT = "v1"
KEY_BYTES = 32
NONCE_BYTES = 12
KEY_ID_CHARACTERS = 8
KEY_PREFIX_CHARACTERS = len(f"{FORMAT}..") + KEY_ID_CHARACTERS
TOKEN = re.compile(r"v1\.([0-9a-f]{8})\.([A-Za-z0-9_-]+)")

Destination = str | tuple[str, ...]


class Secret:
    """A secret in memory. Only :meth:`reveal` gives its text; it neither prints, nor pickles, nor serialises."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself: for transports and sign-in code only."""
        return self._text

    def __repr__(self) -> str:
        return "***"

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return secrets.compare_digest(_bytes_of(self._text), _bytes_of(other._text))

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> NoReturn:
        raise TypeError("A secret can't be pickled or copied into a message.")


class VaultError(Exception):
    """The vault can't do its work. `code` names the reason; the text says it in plain words."""

    code = "vault"


class KeyringError(VaultError):
    """The keys are missing or malformed, so that nothing can be sealed."""

    code = "keys"


class UnreadableSecret(VaultError):
    """A stored secret does not open. `reason` is ``key_missing``, ``damaged`` or ``not_yours``.

    ``not_yours`` stands for a value that was changed, or that was sealed for another row, field or destination: the
    cipher can't tell these apart.
    """

    code = "unreadable"
    reasons = {
        "key_missing": _("The key that the secret was sealed with is not among the installed keys."),
        "damaged": _("The stored value is not a sealed secret."),
        "not_yours": _("The stored value was changed, or belongs to another row, field or server."),
    }

    def __init__(self, reason: str, *, key_id: str = "") -> None:
        super().__init__(self.reasons[reason])
        self.reason = reason
        self.key_id = key_id


# --- Sealing --------------------------------------------------------------------------------------------------------


@sensitive_variables()
def seal(secret: str | Secret, *, field: str, owner: str | UUID, destination: Destination) -> str:
    """Seal `secret` with the newest key for this field, owner and destination. Raises :class:`KeyringError`."""
    text = secret.reveal() if isinstance(secret, Secret) else secret
    key_id, key = next(iter(_keyring().items()), (None, None))
    if key_id is None or key is None:
        raise KeyringError("No key is installed: set MAILSETTINGS_KEYS or MAILSETTINGS_KEYS_FILE.")
    nonce = os.urandom(NONCE_BYTES)
    box = AESGCM(key).encrypt(nonce, _bytes_of(text), _context(field, owner, destination))
    return f"{FORMAT}.{key_id}.{_encode(nonce + box)}"


@sensitive_variables()
def unseal(token: str, *, field: str, owner: str | UUID, destination: Destination) -> Secret:
    """Open a sealed value. Raises :class:`UnreadableSecret`, also while the keys are missing or malformed."""
    key_id, raw = _parse(token)
    key = _usable_keys().get(key_id)
    if key is None:
        raise UnreadableSecret("key_missing", key_id=key_id)
    try:
        text = AESGCM(key).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], _context(field, owner, destination))
        return Secret(text.decode(errors="surrogatepass"))
    except (InvalidTag, UnicodeDecodeError) as error:
        raise UnreadableSecret("not_yours", key_id=key_id) from error


@sensitive_variables()
def reseal(token: str, *, field: str, owner: str | UUID, destination: Destination) -> str:
    """The same secret, sealed with the newest key. Raises :class:`UnreadableSecret` and :class:`KeyringError`."""
    secret = unseal(token, field=field, owner=owner, destination=destination)
    return seal(secret, field=field, owner=owner, destination=destination)


def key_id_of(token: str) -> str:
    """The id of the key that sealed this value; empty when it is not a sealed value."""
    match = TOKEN.fullmatch(token)
    return match[1] if match else ""


def key_ids() -> list[str]:
    """The ids of the installed keys, newest first. Raises :class:`KeyringError`."""
    return list(_keyring())


def key_prefixes(key_ids: Iterable[str]) -> list[str]:
    """What values begin with that were sealed with these keys."""
    return [f"{FORMAT}.{key_id}." for key_id in key_ids]


def usable_key_ids() -> list[str]:
    """Like :func:`key_ids`, but empty where the keys are missing or malformed."""
    return list(_usable_keys())


def _parse(token: str) -> tuple[str, bytes]:
    match = TOKEN.fullmatch(token)
    if match is None:
        raise UnreadableSecret("damaged")
    raw = urlsafe_b64decode(match[2] + "=" * (-len(match[2]) % 4)) if len(match[2]) % 4 != 1 else b""
    # Only the canonical form opens (RFC 4648 section 3.5): otherwise several texts would stand for one value.
    if len(raw) <= NONCE_BYTES or _encode(raw) != match[2]:
        raise UnreadableSecret("damaged", key_id=match[1])
    return match[1], raw


def _encode(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _context(field: str, owner: str | UUID, destination: Destination) -> bytes:
    """The authenticated data: each part with its length in front, so that no two contexts read the same."""
    places = (destination,) if isinstance(destination, str) else destination
    parts = [_bytes_of(part) for part in (FORMAT, field, str(owner), *places)]
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


@sensitive_variables()
def _bytes_of(text: str) -> bytes:
    """UTF-8, also for lone surrogates, so that no text whatsoever is an error here."""
    return text.encode(errors="surrogatepass")


# --- Keys -----------------------------------------------------------------------------------------------------------


def new_key() -> str:
    """A fresh key as base64 text."""
    return b64encode(os.urandom(KEY_BYTES)).decode()


def make_key_file(path: Path) -> None:
    """Make the key file of the embedded default, readable by its owner alone; an existing file is left as it is.

    The caller makes sure that no sealed value exists yet: a fresh key would hide that the old one is lost.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(descriptor, "w") as file:
        file.write(new_key() + "\n")


def _usable_keys() -> dict[str, bytes]:
    try:
        return _keyring()
    except KeyringError:
        return {}


def _keyring() -> dict[str, bytes]:
    return _read_keys(settings.MAILSETTINGS_KEYS or _key_file_text(settings.MAILSETTINGS_KEYS_FILE))


def _key_file_text(path: Path | None) -> str:
    if path is None:
        return ""
    try:
        return Path(path).read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise KeyringError(f"The key file {path} can't be read.") from error


@lru_cache(maxsize=8)
def _read_keys(text: str) -> dict[str, bytes]:
    keys = [_read_key(part) for part in _parts(text)]
    if not keys:
        raise KeyringError("No key is installed: set MAILSETTINGS_KEYS or MAILSETTINGS_KEYS_FILE.")
    return {sha256(key).hexdigest()[:KEY_ID_CHARACTERS]: key for key in keys}


def _parts(text: str) -> Iterable[str]:
    return [part.strip() for part in re.split(r"[,\n]", text) if part.strip()]


def _read_key(text: str) -> bytes:
    try:
        key = b64decode(text, validate=True)
    except (Base64Error, ValueError) as error:
        raise KeyringError("A key is not valid base64.") from error
    if len(key) != KEY_BYTES:
        raise KeyringError(f"A key has {len(key)} bytes instead of {KEY_BYTES}.")
    return key
