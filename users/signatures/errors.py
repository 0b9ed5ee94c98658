"""What stops a signature, or a part of it, from being kept."""

from __future__ import annotations


class SignatureRefused(ValueError):
    """It can't be kept. The text of the error says why, in plain words."""
