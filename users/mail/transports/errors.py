"""What can go wrong with a message, in plain words. Errors of libraries stop at the transport and become one of these.

::

    TransportError
    ├── ComposeError                what the caller gave cannot become a message
    ├── NotReachable                the network or the server's system
    │   ├── HostUnknown
    │   ├── NetworkNotAllowed
    │   ├── ConnectionRefused
    │   ├── TimedOut
    │   ├── ConnectionLost
    │   ├── NotMailServer
    │   ├── UnexpectedAnswer
    │   └── ServerRefused
    ├── NotSecure                   nothing secret is sent this way
    │   ├── NotEncrypted
    │   │   └── PasswordUnprotected
    │   ├── EncryptionFailed
    │   ├── CertificateNameMismatch
    │   ├── CertificateUntrusted
    │   ├── CertificateExpired
    │   └── AuthoritiesUnreadable
    ├── SignInFailed
    │   ├── SignInRefused
    │   │   ├── AppPasswordNeeded
    │   │   ├── PasswordSignInOff
    │   │   └── SignInLocked
    │   ├── SignInNotOffered
    │   │   └── EncryptionNeeded
    │   ├── SignInNeeded
    │   ├── SignInPostponed
    │   └── PasswordMissing
    ├── Refused                     the server read it and said no
    │   ├── SenderRefused
    │   ├── RecipientsRefused
    │   │   └── OwnAddressRefused
    │   ├── RecipientFull
    │   ├── MessageRefused
    │   │   └── MessageUnwanted
    │   ├── MessageTooLarge
    │   └── TryLater
    │       ├── LimitReached
    │       └── OwnAddressPostponed
    ├── AddressMalformed
    ├── DraftOnly                   there is nobody who could send it by hand
    └── OutcomeUnknown              the connection broke after the message went out
"""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from users.choices import Concerns, Outcome, Turn

Text = str | Promise

ASK_ADMINISTRATOR_LATER = _("Try again in a few minutes. If it stays so, tell your administrator.")
CHECK_PORT = _("An administrator has to check the server, the port and the encryption in the system settings.")


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


class NotReachable(TransportError):
    code = "not_reachable"
    whose_turn = Turn.ADMINISTRATOR
    concerns = Concerns.SERVER
    message = _("The mail server %(server)s can't be reached.")
    hint: Text = _(
        "Try again in a few minutes. If it stays so, an administrator has to check the network and the server."
    )
    is_permanent = False


class HostUnknown(NotReachable):
    code = "host_unknown"
    part = "server"
    message = _("There is no mail server with the name %(server)s.")
    hint = _("An administrator has to check the server's name in the system settings.")


class NetworkNotAllowed(NotReachable):
    code = "network_not_allowed"
    part = "server"
    message = _("The server %(server)s lies in a network that this site may not connect to, so it was not asked.")
    hint = _(
        "If it is your organisation's own server, an administrator has to add its network to "
        "MAILSETTINGS_TRUSTED_NETWORKS; otherwise the server's name in the system settings is wrong."
    )
    is_permanent = True


class ConnectionRefused(NotReachable):
    code = "connection_refused"
    part = "server"
    message = _("The machine %(server)s answers, but no mail server is listening at this port.")
    hint = CHECK_PORT


class TimedOut(NotReachable):
    code = "timed_out"
    concerns = Concerns.UNCLEAR
    part = "server"
    message = _("The mail server %(server)s did not answer in time.")
    hint = _(
        "Try again in a few minutes. If it stays so, an administrator has to check the port and the encryption in the "
        "system settings, and whether a firewall is in between."
    )


class ConnectionLost(NotReachable):
    code = "connection_lost"
    concerns = Concerns.UNCLEAR
    message = _("The mail server %(server)s ended the connection too early, so nothing was sent.")
    hint = ASK_ADMINISTRATOR_LATER


class NotMailServer(NotReachable):
    code = "not_mail_server"
    part = "server"
    may_quote = False
    message = _("What answers at %(server)s does not speak like a mail server.")
    hint = CHECK_PORT
    is_permanent = True


class UnexpectedAnswer(NotReachable):
    code = "unexpected_answer"
    concerns = Concerns.USER
    message = _("%(server)s answered in a way that this site does not understand.")
    hint = _("Tell your administrator, with the technical details.")
    is_permanent = True


class ServerRefused(NotReachable):
    code = "server_refused"
    part = "server"
    may_quote = False
    message = _("The mail server %(server)s does not want to talk to this site.")
    hint = _("An administrator has to ask whoever runs the mail server to let this site connect.")
    is_permanent = True


class NotSecure(TransportError):
    code = "not_secure"
    whose_turn = Turn.ADMINISTRATOR
    concerns = Concerns.SERVER
    part = "security"
    message = _("There is no safe connection to the mail server %(server)s.")
    hint = CHECK_PORT


class NotEncrypted(NotSecure):
    code = "not_encrypted"
    message = _("The mail server %(server)s does not offer encryption with STARTTLS, but the settings demand it.")
    hint = _("An administrator has to choose TLS with its port, or switch encryption on at the mail server.")


class PasswordUnprotected(NotEncrypted):
    code = "password_unprotected"
    message = _("The connection to %(server)s is not encrypted, so the password was not sent.")
    hint = _("An administrator has to choose STARTTLS or TLS in the system settings, or leave the user name empty.")


class EncryptionFailed(NotSecure):
    code = "encryption_failed"
    message = _("The mail server %(server)s and this site could not agree on an encrypted connection.")
    hint = _(
        "An administrator has to check that port and encryption belong together in the system settings: usually 587 "
        "with STARTTLS and 465 with TLS."
    )


class CertificateNameMismatch(NotSecure):
    code = "certificate_name"
    part = "server"
    message = _("The certificate of the mail server is not made out to the name %(server)s.")
    hint = _("An administrator has to enter the server's name as it stands in its certificate in the system settings.")


class CertificateUntrusted(NotSecure):
    code = "certificate_untrusted"
    message = _("The certificate of the mail server %(server)s comes from an authority that this site does not know.")
    hint = _("If the authority is your organisation's own, an administrator has to add it with MAILSETTINGS_CA_FILE.")


class CertificateExpired(NotSecure):
    code = "certificate_expired"
    message = _("The certificate of the mail server %(server)s is not valid today: it has expired or not begun yet.")
    hint = _("The administrator of the mail server has to renew its certificate. Check this machine's clock, too.")


class AuthoritiesUnreadable(NotSecure):
    code = "authorities_unreadable"
    part = ""
    message = _("The file with your organisation's certificate authorities can't be read.")
    hint = _("An administrator has to check the file that MAILSETTINGS_CA_FILE names: it must hold PEM certificates.")


class SignInFailed(TransportError):
    code = "sign_in_failed"
    whose_turn = Turn.ADMINISTRATOR
    concerns = Concerns.SERVER
    part = "sign_in"
    message = _("Signing in to the mail server %(server)s failed.")
    hint: Text = _("An administrator has to check the user name and the password in the system settings.")


class SignInRefused(SignInFailed):
    code = "sign_in_refused"
    is_refusal = True
    message = _("The mail server %(server)s does not accept the user name and password.")
    hint = _("An administrator has to enter the user name and the password anew in the system settings.")


class AppPasswordNeeded(SignInRefused):
    code = "app_password_needed"
    message = _("The mail server %(server)s does not accept an ordinary password from a program.")
    hint = _("An administrator has to make an app password at the provider and enter it in the system settings.")


class PasswordSignInOff(SignInRefused):
    code = "password_sign_in_off"
    message = _("Signing in with a password is switched off for this mailbox at %(server)s.")
    hint = _("An administrator has to allow it at the provider, or choose Microsoft Exchange Online as e-mail method.")


class SignInLocked(SignInRefused):
    code = "sign_in_locked"
    is_locked = True
    message = _("The account that this site uses at %(server)s is locked after too many attempts to sign in.")
    hint = _("An administrator has to wait half an hour, or to have it unlocked, and to check its password.")


class SignInNotOffered(SignInFailed):
    code = "sign_in_not_offered"
    message = _("The mail server %(server)s offers no way to sign in with a user name and password.")
    hint = _("An administrator has to check port and encryption in the system settings, or leave the user name empty.")


class EncryptionNeeded(SignInNotOffered):
    code = "encryption_needed"
    message = _("The mail server %(server)s takes a user name and password over an encrypted connection only.")
    hint = _("An administrator has to choose STARTTLS or TLS in the system settings.")


class SignInNeeded(SignInFailed):
    code = "sign_in_needed"
    message = _("The mail server %(server)s wants a sign-in before it takes messages.")
    hint = _(
        "An administrator has to enter a user name and a password for it in the system settings, and to choose "
        "STARTTLS or TLS if there is no encryption."
    )


class SignInPostponed(SignInFailed):
    code = "sign_in_postponed"
    message = _("The mail server %(server)s can't check the user name and password at the moment.")
    is_permanent = False
    hint = ASK_ADMINISTRATOR_LATER


class PasswordMissing(SignInFailed):
    code = "password_missing"
    message = _("There is a user name for the mail server %(server)s, but no password.")
    hint = _("An administrator has to enter the password in the system settings, or leave the user name empty.")


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
