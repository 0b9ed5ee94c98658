"""The steps of a check, as transports and other clients of servers offer them; ``users/verification.py`` runs them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Finding:
    """What a step found out: a plain sentence for everybody, and technical text without secrets for support."""

    sentence: Text
    detail: str = ""
    advice: Text = ""
    """What to do although it works, such as renewing a certificate in time."""
    is_skipped: bool = False
    """The settings ask for nothing here, such as a server that wants no sign-in. This ends nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that a check tries. The steps of one check run in order, in one thread, and share what they opened.

    `run` returns what it found, or raises :class:`users.mail.transports.errors.TransportError`. No step makes a server
    send, store or change anything.
    """

    code: str
    label: Text
    run: Callable[[], Finding]
    signs_in: bool = False
    """Whether the server judges a password here: such a step is counted, because servers lock accounts."""
