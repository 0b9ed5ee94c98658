"""What can go wrong between this site and Microsoft Entra, as errors of the transports' tree.

::

    TransportError
    ├── SignInFailed
    │   ├── AccountRefused
    │   │   └── EntraAccountRefused     the user's own account or password
    │   │       └── EntraAccountLocked
    │   ├── ConnectionMissing           the user has not connected to Microsoft 365
    │   ├── ConnectionEnded             the user has to connect again
    │   ├── SignInBlocked               a rule of the organisation
    │   ├── ConsentMissing
    │   ├── SignInCancelled
    │   ├── OtherAccount                somebody else signed in
    │   ├── RegistrationRefused         the registration itself is wrong
    │   │   ├── DirectoryMissing
    │   │   ├── ClientMissing
    │   │   ├── KeyUnusable
    │   │   └── CredentialMissing
    │   └── SignInAstray                starting again may help
    └── NotReachable
        ├── EntraUnavailable
        ├── EntraUnreachable
        ├── EntraSlow
        └── NotEntra                    something answers, but not Microsoft Entra

Each says in `for_administrator` what whoever looks after the registration can do.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from users.choices import Concerns, Turn
from users.entra.aadsts import ASK, BY_CODE, CONNECT, OUT_OF_REACH, START_AGAIN, TELL, WRONGLY_SET_UP, Meaning, Trouble
from users.mail.transports.errors import (
    ConnectionLost,
    ConnectionRefused,
    HostUnknown,
    NotReachable,
    SignInFailed,
    Text,
    TimedOut,
    TransportError,
)
from users.mail.transports.mailbox_errors import AccountRefused, NotTheService

log = logging.getLogger(__name__)

CODE = re.compile(r"AADSTS(\d+)")
ID = re.compile(r"[0-9A-Fa-f-]{36}")
NEEDS_THE_USER = frozenset({"invalid_grant", "interaction_required", "login_required", "consent_required"})
"""OAuth 2.0 errors after which only the user's own presence helps (RFC 6749 section 5.2, OpenID Connect section
3.1.2.6)."""


class EntraError(TransportError):
    """Entra said no. `aadsts` is its code, or 0; `needs_the_user` says that only a new sign-in can help."""

    for_administrator: Text = _("Look into the sign-in log of the Entra admin centre, where the correlation id leads.")
    aadsts = 0
    needs_the_user = False

    def say(self, sentence: str) -> None:
        """Say this, and nothing else; a percent sign in it is only a percent sign."""
        self.message = sentence.replace("%", "%%")

    def explain(self, meaning: Meaning) -> None:
        """Say it in the words of the table."""
        self.say(str(meaning.message))
        self.hint = meaning.hint
        self.for_administrator = meaning.for_administrator
        self.part = meaning.part or self.part
        self.whose_turn = meaning.whose_turn or self.whose_turn


class EntraAccountRefused(EntraError, AccountRefused):
    code = "entra_account_refused"
    message = _("Microsoft did not let you sign in.")
    hint = _("Check your user name and password in your settings.")


class EntraAccountLocked(EntraAccountRefused):
    code = "entra_account_locked"
    is_locked = True
    message = _("Microsoft has locked this account for a while.")
    hint = _("Wait half an hour, then check the password in your settings.")


class ConnectionMissing(EntraError, SignInFailed):
    code = "connection_missing"
    whose_turn = Turn.USER
    concerns = Concerns.USER
    message = _("You are not connected to Microsoft 365.")
    hint = _("Connect to Microsoft 365 on your settings page.")


class ConnectionEnded(EntraError, SignInFailed):
    code = "connection_ended"
    whose_turn = Turn.USER
    concerns = Concerns.USER
    message = _("Your connection to Microsoft 365 has expired.")
    hint = CONNECT


class SignInBlocked(EntraError, SignInFailed):
    code = "sign_in_blocked"
    concerns = Concerns.USER
    message = _("A rule of your organisation blocked the sign-in to Microsoft 365.")
    hint = ASK


class ConsentMissing(EntraError, SignInFailed):
    code = "consent_missing"
    concerns = Concerns.USER
    message = _("The application is not approved yet in your organisation.")
    hint = ASK


class SignInCancelled(EntraError, SignInFailed):
    code = "sign_in_cancelled"
    whose_turn = Turn.USER
    concerns = Concerns.USER
    message = _("The sign-in to Microsoft was cancelled, so nothing was connected.")
    hint = _("Connect again whenever you like.")


class OtherAccount(EntraError, SignInFailed):
    code = "other_account"
    whose_turn = Turn.USER
    concerns = Concerns.USER
    message = _("You signed in to Microsoft with another account.")
    hint = _("Connect once more, and choose the work account with the address in your settings.")


class RegistrationRefused(EntraError, SignInFailed):
    code = "registration_refused"
    message = WRONGLY_SET_UP
    hint = TELL


class DirectoryMissing(RegistrationRefused):
    code = "directory_missing"
    part = "tenant"
    for_administrator = _("Enter the Directory (tenant) ID.")


class ClientMissing(RegistrationRefused):
    code = "client_missing"
    part = "client"
    for_administrator = _("Enter the Application (client) ID.")


class KeyUnusable(RegistrationRefused):
    code = "key_unusable"
    for_administrator = _(
        "Entra takes RSA keys only. Make a new certificate on this page, or upload one with an RSA key."
    )


class CredentialMissing(RegistrationRefused):
    code = "credential_missing"
    part = "client_secret"
    for_administrator = _("Enter a client secret that has not ended, or a certificate with its private key.")


class SignInAstray(EntraError, SignInFailed):
    code = "sign_in_astray"
    whose_turn = Turn.USER
    concerns = Concerns.USER
    message = _("The sign-in to Microsoft went wrong.")
    hint = START_AGAIN


class EntraUnavailable(EntraError, NotReachable):
    code = "entra_unavailable"
    message = OUT_OF_REACH


class EntraUnreachable(EntraError, NotReachable):
    code = "entra_unreachable"
    part = "cloud"
    message = _("Microsoft's sign-in server %(server)s can't be reached.")
    hint = _("Try again in a few minutes. If it stays so, an administrator has to check the network.")
    for_administrator = _("Check that this machine may connect to the server by https, and the cloud.")


class EntraSlow(EntraUnreachable, TimedOut):
    code = "entra_slow"
    part = ""
    message = _("Microsoft's sign-in server %(server)s did not answer in time.")


class NotEntra(EntraError, NotTheService):
    code = "not_entra"
    part = "cloud"
    message = _("What answers at %(server)s is not Microsoft's sign-in server.")
    hint = TELL
    for_administrator = _("Check the cloud and, for a custom one, the sign-in address.")


NETWORK: dict[type[TransportError], type[EntraError]] = {
    HostUnknown: EntraUnreachable,
    ConnectionRefused: EntraUnreachable,
    ConnectionLost: EntraUnreachable,
    NotReachable: EntraUnreachable,
    TimedOut: EntraSlow,
}
"""Errors of the network that speak of a mail server elsewhere."""
KINDS: dict[Trouble, type[EntraError]] = {
    Trouble.ACCOUNT: EntraAccountRefused,
    Trouble.LOCKED: EntraAccountLocked,
    Trouble.ENDED: ConnectionEnded,
    Trouble.RULE: SignInBlocked,
    Trouble.CONSENT: ConsentMissing,
    Trouble.OTHER_ACCOUNT: OtherAccount,
    Trouble.REGISTRATION: RegistrationRefused,
    Trouble.START_AGAIN: SignInAstray,
    Trouble.TEMPORARY: EntraUnavailable,
}
OAUTH_KINDS: dict[str, type[EntraError]] = {
    "access_denied": SignInCancelled,
    "consent_required": ConsentMissing,
    "interaction_required": ConnectionEnded,
    "login_required": ConnectionEnded,
    "invalid_grant": ConnectionEnded,
    "invalid_client": RegistrationRefused,
    "unauthorized_client": RegistrationRefused,
    "invalid_request": RegistrationRefused,
    "invalid_scope": RegistrationRefused,
    "temporarily_unavailable": EntraUnavailable,
    "server_error": EntraUnavailable,
}
"""What the standard's own errors mean where Entra's code is not in the table (RFC 6749 sections 4.1.2.1 and 5.2)."""
WITHOUT_USERS: dict[str, type[EntraError]] = {
    **dict.fromkeys(OAUTH_KINDS, RegistrationRefused),
    "temporarily_unavailable": EntraUnavailable,
    "server_error": EntraUnavailable,
}
"""The same where the application acts: there is nobody who could sign in again."""
WITH_PASSWORDS: dict[str, type[EntraError]] = {
    **WITHOUT_USERS,
    "invalid_grant": EntraAccountRefused,
    "interaction_required": SignInBlocked,
    "login_required": SignInBlocked,
    "consent_required": ConsentMissing,
}
"""The same where a user name and a password are all there is."""


def error_of(
    answer: Mapping[str, Any], *, server: str, kinds: Mapping[str, type[EntraError]] = OAUTH_KINDS
) -> EntraError:
    """The error for an answer of Entra with ``error`` in it, from the token endpoint or by the browser.

    `kinds` says what the standard's errors mean in the flow. What the details leave out stands in the log, where the
    administrator alone reads it.
    """
    code = _code_of(answer)
    meaning = BY_CODE.get(code)
    oauth = str(answer.get("error", ""))
    otherwise = SignInAstray if kinds is OAUTH_KINDS else EntraUnavailable
    kind = KINDS[meaning.trouble] if meaning else kinds.get(oauth, otherwise)
    whole = _detail(answer, [code], oauth)
    log.info("Microsoft Entra says no: %s", whole)
    shown = _detail(answer, meaning.codes, "") if meaning and meaning.hides_its_code else whole
    error = kind(shown, server=server)
    if meaning:
        error.explain(meaning)
    error.aadsts = code
    error.needs_the_user = oauth in NEEDS_THE_USER
    return error


def _code_of(answer: Mapping[str, Any]) -> int:
    """The code from where it is a number, or else from the text: the browser brings nothing but the text along."""
    codes = answer.get("error_codes")
    if isinstance(codes, list) and codes and isinstance(codes[0], int):
        return codes[0]
    match = CODE.search(str(answer.get("error_description", "")))
    return int(match[1][:12]) if match else 0


def _detail(answer: Mapping[str, Any], codes: Sequence[int], oauth: str) -> str:
    """Codes and the correlation id. Entra's own text stays out: through a browser, anybody can write it."""
    correlation = str(answer.get("correlation_id") or _correlation_in(str(answer.get("error_description", ""))))
    parts = [
        f"AADSTS{'/'.join(map(str, codes))}" if any(codes) else "",
        oauth if re.fullmatch(r"[a-z_]{1,40}", oauth) else "",
        f"correlation id {correlation}" if ID.fullmatch(correlation) else "",
    ]
    return ", ".join(part for part in parts if part)


def _correlation_in(text: str) -> str:
    match = re.search(r"Correlation ID: ([0-9A-Fa-f-]{36})", text)
    return match[1] if match else ""
