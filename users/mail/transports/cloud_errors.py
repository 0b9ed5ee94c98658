"""What can go wrong with a mailbox in Microsoft 365 (Microsoft Graph documentation, "Error codes").

::

    TransportError
    ├── SignInFailed
    │   └── TokenRefused                Microsoft no longer takes the sign-in for good
    │       ├── NewSignInDemanded       and says so expressly
    │       └── SiteRefused             which is that of this site itself
    └── Refused
        ├── MailboxMissing
        │   ├── NoCloudMailbox
        │   └── AddressUnknown
        ├── MailboxDenied
        │   ├── SiteDenied
        │   └── PermissionMissing
        └── MessageTooLarge
            ├── MessageOverLimit
            └── OnlySmallMessages
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from users.choices import Concerns, Turn
from users.mail.transports.errors import MessageTooLarge, SignInFailed
from users.mail.transports.mailbox_errors import MailboxDenied, MailboxMissing


class TokenRefused(SignInFailed):
    """The token was tried once, and is not tried again."""

    code = "token_refused"
    whose_turn = Turn.USER
    concerns = Concerns.USER
    message = _("%(server)s does not accept the sign-in for your mailbox any more.")
    hint = _(
        "Sign in to Microsoft again in your e-mail settings, or enter your password there anew. If that does not help, "
        "an administrator has to check the cloud and the tenant in the app registration."
    )


class NewSignInDemanded(TokenRefused):
    """`claims` is what the new sign-in has to ask for (continuous access evaluation)."""

    code = "new_sign_in_demanded"
    message = _("Microsoft asks for a new sign-in before %(server)s takes messages from you.")

    def __init__(self, detail: str, *, server: str, claims: str) -> None:
        super().__init__(detail, server=server)
        self.claims = claims


class SiteRefused(TokenRefused):
    code = "site_refused"
    whose_turn = Turn.ADMINISTRATOR
    concerns = Concerns.SERVER
    message = _("%(server)s does not accept the sign-in of this site.")
    hint = _("An administrator has to check the cloud and the tenant in the app registration.")


class NoCloudMailbox(MailboxMissing):
    code = "no_cloud_mailbox"
    message = _("%(server)s has no Exchange Online mailbox for your account.")
    hint = _(
        "If your mailbox lies on your organisation's own servers, choose Exchange as e-mail method. Otherwise an "
        "administrator has to check your licence in Microsoft 365; a new mailbox takes some hours."
    )


class AddressUnknown(MailboxMissing):
    code = "address_unknown"
    message = _("%(server)s does not know your e-mail address: it does not exist in your organisation.")
    hint = _("Check the e-mail address in your settings. If it is right, an administrator has to check the tenant.")


class SiteDenied(MailboxDenied):
    code = "site_denied"
    part = ""
    message = _("%(server)s does not let this site use your mailbox.")
    hint = _(
        "An administrator has to grant the permissions to the app registration, and to include your mailbox if access "
        "is limited to some. It can take two hours until that has an effect."
    )


class PermissionMissing(MailboxDenied):
    code = "permission_missing"
    part = ""
    message = _("%(server)s says that this site lacks a permission.")
    hint = _("An administrator has to grant the permissions that the page of the app registration lists (consent).")


class MessageOverLimit(MessageTooLarge):
    code = "message_over_limit"
    message = _(
        "The message is larger than your mailbox at %(server)s may send. Usually the limit is 35 MB, which is about "
        "25 MB of files."
    )


class OnlySmallMessages(MessageTooLarge):
    code = "only_small_messages"
    message = _("%(server)s does not let this site send messages with more than about 2 MB of files.")
    hint = _(
        "Send fewer or smaller attachments, or a link to them. For larger ones, an administrator has to grant the "
        "permission Mail.ReadWrite to the app registration."
    )
