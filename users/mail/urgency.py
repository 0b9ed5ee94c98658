"""How urgent and how private a message is: Exchange is told so beside the message, and then ignores its header."""

from __future__ import annotations

from email.message import Message

NORMAL = "normal"
IMPORTANCES = {"high", "low"}
PRIORITIES = {"1": "high", "2": "high", "4": "low", "5": "low"}
"""What other mail programs write as ``X-Priority``."""
SENSITIVITIES = {"personal": "personal", "private": "private", "company-confidential": "confidential"}
"""The words of RFC 2156, and what Exchange calls them."""


def importance_of(header: Message) -> str:
    """``low``, ``normal`` or ``high`` (RFC 2156)."""
    told = _value(header, "Importance")
    return told if told in IMPORTANCES else PRIORITIES.get(_value(header, "X-Priority")[:1], NORMAL)


def sensitivity_of(header: Message) -> str:
    """``normal``, ``personal``, ``private`` or ``confidential``."""
    return SENSITIVITIES.get(_value(header, "Sensitivity"), NORMAL)


def _value(header: Message, name: str) -> str:
    return str(header.get(name, "")).strip().lower()
