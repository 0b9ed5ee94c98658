"""What is in a zip, within bounds: no path of it is ever used on this machine."""

from __future__ import annotations

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from django.utils.translation import gettext as _

from users.signatures.errors import SignatureRefused

MAX_ZIP = 6 * 1024 * 1024
"""Bytes of the zip itself."""
MAX_ENTRIES = 50
MAX_UNPACKED = 6 * 1024 * 1024
"""Bytes of all entries, counted while they are read: what the zip says of them does not count."""
_ENTRY = b"PK\1\2"
_LINK = 0o120000
_KIND = 0o170000


def unpacked(content: bytes) -> list[tuple[str, bytes]]:
    """Names and contents of the files in a zip. Raises SignatureRefused, with the reason."""
    if len(content) > MAX_ZIP or content.count(_ENTRY) > 2 * MAX_ENTRIES:
        raise _too_much()
    try:
        with ZipFile(BytesIO(content)) as archive:
            return _read(archive)
    except (BadZipFile, EOFError, NotImplementedError, OSError, RuntimeError, ValueError) as error:
        if isinstance(error, SignatureRefused):
            raise
        raise SignatureRefused(_("The zip can't be read. Make it again, without a password.")) from error


def _read(archive: ZipFile) -> list[tuple[str, bytes]]:
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(entries) > MAX_ENTRIES:
        raise _too_much()
    files, left = [], MAX_UNPACKED
    for entry in entries:
        _refuse_odd(entry)
        with archive.open(entry) as opened:
            content = opened.read(left + 1)
        left -= len(content)
        if left < 0:
            raise _too_much()
        files.append((entry.filename, content))
    return files


def _refuse_odd(entry: ZipInfo) -> None:
    """Links, encryption and rare ways of packing have no place in a signature."""
    is_link = (entry.external_attr >> 16) & _KIND == _LINK
    if is_link or entry.flag_bits & 1 or entry.compress_type not in {ZIP_STORED, ZIP_DEFLATED}:
        raise SignatureRefused(_("The zip can't be read. Make it again, without links and without a password."))


def _too_much() -> SignatureRefused:
    return SignatureRefused(_("The zip holds too much. Put only the signature's .htm file and its folder into it."))
