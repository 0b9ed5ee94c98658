"""The server does not let this site in."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from users.choices import Concerns, Turn
from users.mail.transports.errors.base import ASK_ADMINISTRATOR_LATER, Text, TransportError


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
