"""What all errors of transports have in common, and those that no server makes."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from users.choices import Concerns, Outcome, Turn

Text = str | Promise

ASK_ADMINISTRATOR_LATER = _("Try again in a few minutes. If it stays so, tell your administrator.")


class TransportError(Exception):
    """The message was not sent, or it is not certain whether it was: `outcome` says which.

    ``str()`` is a plain sentence and `hint` says what to do and whose turn it is; both are for everybody's eyes.
    `detail` is the technical text without secrets. `is_permanent` means that the same message will fail again.
    `refused` has a sentence for each recipient that the server refused.

    `part` is the part of the settings that is likely wrong: ``server``, ``security``, ``sign_in``, ``address`` or none.
    Without `may_quote`, a check keeps `detail` to itself: it may repeat what something answered of which nobody knows
    what it is. `whose_turn` is who can mend it, and `concerns` whether others meet the same.
    """

    code = "transport"
    message: Text = _("The message was not sent.")
    hint: Text = ASK_ADMINISTRATOR_LATER
    is_permanent = True
    outcome = Outcome.FAILED
    whose_turn: Turn = Turn.USER
    concerns: Concerns = Concerns.USER
    part: str = ""
    may_quote = True
    is_refusal = False
    """The server has judged a user name and password, and said no. Servers count these."""
    is_locked = False
    """It said as well that the account is locked."""

    def __init__(self, detail: str = "", *, server: str = "", refused: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.server = server
        self.refused: Mapping[str, str] = refused or {}

    def __str__(self) -> str:
        return str(self.message) % {"server": self.server}


class ComposeError(TransportError):
    """What the caller gave cannot become a message. `field` names the part, such as ``subject``."""

    def __init__(self, message: Text, *, hint: Text, code: str, field: str) -> None:
        super().__init__()
        # The sentence is complete here; a percent sign in it is only a percent sign.
        self.message = str(message).replace("%", "%%")
        self.hint = hint
        self.code = code
        self.field = field


class AddressMalformed(TransportError):
    code = "address_malformed"
    part = "address"
    message = _("The e-mail address in the settings is not a complete address.")
    hint = _("Correct it so that it looks like anna@example.com.")


class DraftOnly(TransportError):
    """The method hands drafts over to Outlook, and the message has to go out by itself."""

    code = "draft_only"
    message = _("With Outlook as e-mail method, messages are sent by hand, in Outlook.")
    hint = _("Write a message here and open it in Outlook, or choose a server based e-mail method.")


class OutcomeUnknown(TransportError):
    """The whole message went out and no answer came back. Never to be sent again without looking first."""

    code = "outcome_unknown"
    message = _("The connection broke after the message went out: it may have been sent, or not.")
    hint = _("Ask a recipient or look in the mailbox before you send it again, so that nobody gets it twice.")
    outcome = Outcome.UNKNOWN
