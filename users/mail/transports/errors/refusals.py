"""The server has read the message, and says no."""

from __future__ import annotations

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from users.choices import Concerns, Turn
from users.mail.transports.errors.base import ASK_ADMINISTRATOR_LATER, TransportError


class Refused(TransportError):
    code = "refused"
    message = _("The mail server %(server)s refused the message.")


class SenderRefused(Refused):
    code = "sender_refused"
    part = "address"
    message = _("The mail server %(server)s does not let you send with this sender address.")
    hint = _("Check your e-mail address. If it is right, an administrator has to allow it at the mail server.")


class RecipientsRefused(Refused):
    code = "recipients_refused"
    message = _("The mail server %(server)s does not accept any of the recipients.")
    hint = _("Check the recipients' addresses and send the message again.")


class RecipientFull(Refused):
    code = "recipient_full"
    message = _("The mail server %(server)s refused the message, because the mailbox of a recipient is full.")
    hint = _("Tell the recipient in another way, or send the message again later.")


class OwnAddressRefused(RecipientsRefused):
    code = "own_address_refused"
    part = "address"
    message = _("The mail server %(server)s takes no messages for your own address.")
    hint = _("Check your e-mail address. If it is right, an administrator has to make it known to the mail server.")


class MessageRefused(Refused):
    """Its sentence ends with the server's own words, because nobody else knows the rule that it follows."""

    code = "message_refused"
    message = _("The mail server %(server)s refused the message.")
    hint = _("Look for what a filter may dislike, such as links or attachments. If in doubt, tell your administrator.")

    def __str__(self) -> str:
        words = gettext(" It says: “%(words)s”.") % {"words": self.detail} if self.detail and self.may_quote else ""
        return super().__str__() + words


class MessageUnwanted(MessageRefused):
    code = "message_unwanted"
    message = _("The mail server %(server)s regards the message as unwanted.")


class MessageTooLarge(Refused):
    code = "message_too_large"
    message = _("The message is larger than the mail server %(server)s allows.")
    hint = _("Send fewer or smaller attachments, or a link to them.")


class TryLater(Refused):
    code = "try_later"
    whose_turn = Turn.ADMINISTRATOR
    concerns = Concerns.UNCLEAR
    message = _("The mail server %(server)s is too busy at the moment.")
    hint = ASK_ADMINISTRATOR_LATER
    is_permanent = False


class LimitReached(TryLater):
    code = "limit_reached"
    concerns = Concerns.SERVER
    message = _("The mail server %(server)s takes no more messages for a while: a sending limit is reached.")
    hint = _("Send it again in an hour or two. If it stays so, tell your administrator.")


class OwnAddressPostponed(TryLater):
    code = "own_address_postponed"
    whose_turn = Turn.USER
    concerns = Concerns.USER
    message = _("The mail server %(server)s takes no messages for your own address at the moment.")
    hint = _(
        "Wait a few minutes and check again: some servers let unknown senders wait. If it stays so, tell your "
        "administrator."
    )
