"""What can go wrong with a user's own account and mailbox, wherever it lies.

::

    TransportError
    ├── SignInFailed
    │   ├── AccountRefused              of the user's own account, not the site's
    │   │   ├── AccountLocked
    │   │   ├── AccountDisabled
    │   │   └── AccountPasswordExpired
    │   └── SignInOtherwise
    ├── NotReachable
    │   ├── NotTheService               something answers, but not the service that is wanted
    │   │   ├── CloudAddress
    │   │   ├── SignInPage
    │   │   └── ServiceClosed
    │   └── ServiceBusy
    │       └── SendingLimited
    ├── Refused
    │   ├── MailboxMissing
    │   ├── MailboxDenied
    │   ├── MailboxUnavailable
    │   ├── MailboxOfAnother
    │   ├── MailboxFull
    │   ├── RecipientInvalid
    │   ├── MessageUnreadable           a fault of this site
    │   ├── CalendarClosed
    │   ├── CalendarReadOnly
    │   └── SendAsDenied
    └── OutcomeUnknown
        └── NotConfirmed                there was an answer, but none that says whether it was sent
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from users.choices import Concerns, Turn
from users.mail.transports.errors import (
    NotReachable,
    OutcomeUnknown,
    RecipientsRefused,
    Refused,
    SenderRefused,
    SignInFailed,
    SignInNotOffered,
)

LONGEST_TOLD = 24 * 60 * 60
"""Seconds: a service that wants to be left alone for longer has a fault."""


class AccountRefused(SignInFailed):
    """The user's own user name and password. They are tried once, because directories lock accounts."""

    code = "account_refused"
    whose_turn = Turn.USER
    concerns = Concerns.USER
    is_refusal = True
    part = "account"
    message = _("%(server)s does not accept your user name and password.")
    hint = _(
        "Check the user name and enter the password anew in your e-mail settings. A user name with the domain in "
        "front, such as FIRM\\anna, often helps."
    )


class AccountLocked(AccountRefused):
    code = "account_locked"
    is_locked = True
    message = _("Your account at %(server)s is locked for a while after too many attempts to sign in.")
    hint = _("Wait half an hour, or ask your administrator to unlock it. Then check the password in your settings.")


class AccountDisabled(AccountRefused):
    code = "account_disabled"
    whose_turn = Turn.ADMINISTRATOR
    message = _("Your account at %(server)s is switched off.")
    hint = _("Ask your administrator to switch it on.")


class AccountPasswordExpired(AccountRefused):
    code = "account_password_expired"
    message = _("Your password at %(server)s has expired.")
    hint = _("Change it there first, for example in Outlook or in Windows; then enter the new one in your settings.")


class NotTheService(NotReachable):
    code = "not_the_service"
    part = "server"
    may_quote = False
    message = _("What answers at %(server)s is not the mail service that the settings name.")
    hint = _("An administrator has to check the address in the system settings.")
    is_permanent = True


class CloudAddress(NotTheService):
    code = "cloud_address"
    message = _("The address of the Exchange server leads to %(server)s, which belongs to Exchange Online.")
    hint = _(
        "Choose Microsoft Exchange Online as e-mail method. An administrator has to take the address out of the system "
        "settings."
    )


class SignInPage(NotTheService):
    code = "sign_in_page"
    message = _("The address of the Exchange server leads to a sign-in page for browsers at %(server)s.")
    hint = _(
        "An administrator has to enter the address of Exchange Web Services in the system settings. It usually ends in "
        "/EWS/Exchange.asmx."
    )


class ServiceClosed(NotTheService):
    code = "service_closed"
    message = _("Exchange Web Services are not open at the address in the system settings, on %(server)s.")
    hint = _("An administrator has to check the address, and whether the server lets this site reach the service.")


class SignInOtherwise(SignInNotOffered):
    code = "sign_in_otherwise"
    message = _("%(server)s does not offer the way to sign in that the system settings name.")
    hint = _(
        "An administrator has to choose another way to sign in for Exchange in the system settings, or to allow this "
        "one at the server."
    )


class NotConfirmed(OutcomeUnknown):
    """There was an answer, but none that says whether the message was sent."""

    code = "not_confirmed"
    message = _("%(server)s did not confirm the message: it may have been sent, or not.")
    hint = _("Look in Sent Items in Outlook before you send it again, so that nobody gets it twice.")


class ServiceBusy(NotReachable):
    """`retry_after`, in seconds, is how long the service wants to be left alone; None when it does not say."""

    code = "service_busy"
    message = _("%(server)s is too busy at the moment.")
    retry_after: int | None = None

    def wait_for(self, seconds: int) -> None:
        """Take over what the service says, 0 for nothing, and tell it to people unless it is absurd."""
        self.retry_after = seconds or None
        if 0 < seconds <= LONGEST_TOLD:
            minutes = -(-seconds // 60)
            self.hint = ngettext(
                "Send it again in a minute.",
                "Send it again in %(count)d minutes; before, it would be refused.",
                minutes,
            ) % {"count": minutes}


class SendingLimited(ServiceBusy):
    code = "sending_limited"
    concerns = Concerns.USER
    message = _("%(server)s takes no more messages from your mailbox for a while: its sending limit is reached.")
    hint = _("Send it again in an hour or two. If it stays so, tell your administrator.")


class MailboxMissing(Refused):
    code = "mailbox_missing"
    part = "address"
    message = _("There is no mailbox with your address at %(server)s.")
    hint = _(
        "Check your e-mail address. If the mailbox was moved to or from Microsoft 365, choose the other Exchange "
        "method as e-mail method."
    )


class MailboxDenied(Refused):
    code = "mailbox_denied"
    whose_turn = Turn.ADMINISTRATOR
    part = "address"
    message = _("%(server)s does not let this account use your mailbox.")
    hint = _("Check that your e-mail address and your account belong together. If so, ask your administrator.")


class MailboxOfAnother(Refused):
    code = "mailbox_of_another"
    part = "address"
    message = _("The account that signs in at %(server)s has another mailbox than the one of your e-mail address.")
    hint = _("Enter the address of your own mailbox, or the user name and password that belong to the address.")


class CalendarClosed(Refused):
    code = "calendar_closed"
    whose_turn = Turn.ADMINISTRATOR
    message = _("%(server)s shows this account no calendar in your mailbox.")
    hint = _("Open the calendar once in Outlook. If it is there, ask your administrator for the right to use it.")


class CalendarReadOnly(Refused):
    code = "calendar_read_only"
    whose_turn = Turn.ADMINISTRATOR
    message = _("%(server)s lets this account read the calendar in your mailbox, but not write to it.")
    hint = _("Ask your administrator for the right to make appointments in your own calendar.")


class MailboxUnavailable(Refused):
    code = "mailbox_unavailable"
    whose_turn = Turn.ADMINISTRATOR
    message = _("Your mailbox at %(server)s is not available at the moment: it may be in the middle of a move.")
    is_permanent = False


class MailboxFull(Refused):
    code = "mailbox_full"
    message = _("Your mailbox at %(server)s is full, so it sends nothing.")
    hint = _("Delete or archive messages there, empty its bin, and send the message again.")


class RecipientInvalid(RecipientsRefused):
    """Such a service takes a message for all its recipients or for none."""

    code = "recipient_invalid"
    message = _("%(server)s sent the message to nobody, because at least one recipient's address is not valid.")


class MessageUnreadable(Refused):
    code = "message_unreadable"
    message = _("%(server)s could not read the message that this site made. That is a fault of this site.")
    hint = _("Tell your administrator what the message was like: its attachments, and characters that are unusual.")


class SendAsDenied(SenderRefused):
    code = "send_as_denied"
    message = _("%(server)s does not let you send with the address in your settings.")
    hint = _("Enter the address of your own mailbox. For another one, an administrator has to grant “Send as”.")
