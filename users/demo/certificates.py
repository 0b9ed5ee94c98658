"""A certificate for the demonstration's mail server, and the authority that vouches for it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme
from cryptography import x509

NAMES = ("localhost", "127.0.0.1", "::1")
LIFETIME = timedelta(days=397)
"""As long as programs accept from a public authority."""


@dataclass(frozen=True, slots=True)
class Certificates:
    """The files: the authority that clients have to trust, the server's certificate and its private key."""

    ca: Path
    server: Path
    key: Path


def ensure_certificates(folder: Path) -> Certificates:
    """The certificates in this folder; made on the first call, and again when they have expired or are incomplete.

    The authority's own key is thrown away, so that it can never vouch for anything else.
    """
    files = Certificates(folder / "ca.pem", folder / "server.pem", folder / "server-key.pem")
    if not _are_usable(files):
        folder.mkdir(parents=True, exist_ok=True)
        _make(files)
    return files


def _are_usable(files: Certificates) -> bool:
    if not all(path.is_file() for path in (files.ca, files.server, files.key)):
        return False
    try:
        certificate = x509.load_pem_x509_certificate(files.server.read_bytes())
        certificate.verify_directly_issued_by(x509.load_pem_x509_certificate(files.ca.read_bytes()))
    except (ValueError, TypeError):
        return False
    return certificate.not_valid_after_utc > datetime.now(UTC)


def _make(files: Certificates) -> None:
    authority = trustme.CA(organization_name="Mail Settings demonstration")
    leaf = authority.issue_cert(*NAMES, not_after=datetime.now(UTC) + LIFETIME)
    _write_private(files.key, leaf.private_key_pem.bytes())
    files.server.write_bytes(b"".join(blob.bytes() for blob in leaf.cert_chain_pems))
    files.ca.write_bytes(authority.cert_pem.bytes())


def _write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read, also where a more public one stood before."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
