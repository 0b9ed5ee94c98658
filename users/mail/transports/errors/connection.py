"""The server can't be reached, or not safely."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from users.choices import Concerns, Turn
from users.mail.transports.errors.base import ASK_ADMINISTRATOR_LATER, Text, TransportError

CHECK_PORT = _("An administrator has to check the server, the port and the encryption in the system settings.")


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
