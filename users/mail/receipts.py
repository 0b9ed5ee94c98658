"""What became of one message."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from users.choices import Outcome
from users.mail.transports.errors import TransportError


@dataclass(frozen=True, slots=True)
class Receipt:
    """The answer to one message. `refused` has a plain sentence for each recipient who does not get it.

    `error` is set when the outcome is *failed* or *unknown*, and only then. A message that is *sent* with some
    recipients in `refused` went to the others.
    """

    outcome: Outcome
    message_id: str
    refused: Mapping[str, str] = field(default_factory=dict)
    error: TransportError | None = None
    draft: bytes = b""
    """The message as a file, when the outcome is *handed over*."""

    @property
    def is_sent(self) -> bool:
        """Whether the server took the message, for at least one recipient."""
        return self.outcome == Outcome.SENT
