"""Signatures: kept as HTML that is always sanitised, with a plain-text twin."""

from users.signatures.errors import SignatureRefused
from users.signatures.plain_text import plain_text_of
from users.signatures.sanitizer import sanitize_html

__all__ = ["SignatureRefused", "plain_text_of", "sanitize_html"]
