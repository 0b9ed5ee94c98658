"""Connecting a user to Microsoft 365: the way to Microsoft's sign-in page and back.

What has to be kept meanwhile stays on the server, sealed, in the session of whoever started it; it serves once, for ten
minutes.
"""

from __future__ import annotations

import json
import time
from typing import Any

from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from users.entra.errors import EntraError, SignInAstray
from users.mail.transports.errors import SignInFailed
from users.models import EmailSettings, EntraAppRegistration, MicrosoftConnection
from users.vault import KeyringError, UnreadableSecret, seal, unseal

SESSION_KEY = "microsoft_sign_ins"
FIELD = "microsoft_sign_in"
VALID_FOR = 10 * 60
"""Seconds."""
MOST = 5
"""So many may be under way in one session, in several windows; the oldest gives way."""


class NotAskedFor(EntraError, SignInFailed):
    code = "connection_not_asked_for"
    message = _("Your e-mail settings need no connection to Microsoft 365.")
    hint = _("Choose Microsoft Exchange Online as e-mail method and save it first.")


class AddressMissing(EntraError, SignInFailed):
    code = "address_missing"
    message = _("Your e-mail address is missing, so nobody can tell which account has to be connected.")
    hint = _("Enter your e-mail address and save it, then connect.")


class AnswerUnknown(SignInAstray):
    code = "answer_unknown"
    message = _("This answer from Microsoft was used already, is older than ten minutes, or is not for you.")
    hint = _("Nothing was changed. Where you are not connected, please start again from here.")


class SettingsChanged(SignInAstray):
    code = "settings_changed"
    message = _("The e-mail settings or the app registration were changed while you signed in. Nothing was connected.")
    hint = _("Look at your settings, then connect again.")


class CannotKeep(EntraError, SignInFailed):
    code = "cannot_keep"
    message = _("The connection can't be stored now, because the site's key is missing.")
    hint = _("Tell your administrator; nothing was changed.")


@sensitive_variables()
def start(settings: EmailSettings, session: SessionBase, *, redirect_address: str) -> str:
    """Begin a sign-in; returns the address at Microsoft to go to. Raises TransportError."""
    from users.entra import client

    _refuse_in_vain(settings)
    flow = client.start(
        settings.installation.application,
        list(settings.installation.registration.traits.permissions),
        redirect_address=redirect_address,
        address=settings.address,
    )
    address = str(flow.pop("auth_uri"))
    _remember(session, str(flow["state"]), flow, settings)
    return address


@sensitive_variables()
def finish(settings: EmailSettings, session: SessionBase, answer: dict[str, str]) -> MicrosoftConnection:
    """Take in what the browser brought back from Microsoft, and connect.

    Raises TransportError; then nothing is stored.
    """
    from users.entra import client, identity

    flow = _recall(session, answer.get("state", ""), settings)
    _refuse_in_vain(settings)
    application = settings.installation.application
    signed_in = client.finish(application, flow, answer)
    identity.check_owner(signed_in, application, settings.address)
    try:
        with transaction.atomic():
            _refuse_outdated(settings)
            return MicrosoftConnection.connect(
                settings,
                account=identity.account_name(signed_in),
                account_id=signed_in.account,
                cache=signed_in.cache,
            )
    except KeyringError as error:
        raise CannotKeep from error


def _refuse_outdated(settings: EmailSettings) -> None:
    """Whoever changes what a connection is for removes it; what comes later than that must not bring it back.

    The rows stay locked until the end of the transaction.
    """
    for rows in (EmailSettings.objects.filter(pk=settings.pk), EntraAppRegistration.objects.all()):
        rows.select_for_update().first()
    now = EmailSettings.of(settings.user)
    if (now.address, now.connection_target) != (settings.address, settings.connection_target):
        raise SettingsChanged


def _refuse_in_vain(settings: EmailSettings) -> None:
    if not settings.asks_for_connection or not settings.traits.has_registration(settings.installation):
        raise NotAskedFor
    if not settings.address:
        raise AddressMissing


# --- Sign-ins under way ---------------------------------------------------------------------------------------------


@sensitive_variables()
def _remember(session: SessionBase, state: str, flow: dict[str, Any], settings: EmailSettings) -> None:
    pending = dict(sorted(_pending(session).items(), key=lambda item: item[1][1])[1 - MOST :])
    try:
        sealed = seal(json.dumps(flow), **_context(state, settings))
    except KeyringError as error:
        raise CannotKeep from error
    session[SESSION_KEY] = pending | {state: [sealed, time.time()]}


@sensitive_variables()
def _recall(session: SessionBase, state: str, settings: EmailSettings) -> dict[str, Any]:
    """What was kept for this answer, which is forgotten at once."""
    pending = _pending(session)
    if state not in pending:
        raise AnswerUnknown
    sealed, began = pending.pop(state)
    session[SESSION_KEY] = pending
    # Stored now, so that a second answer finds nothing while this one is still under way.
    session.save()
    if not 0 <= time.time() - began < VALID_FOR:
        raise AnswerUnknown
    try:
        flow: dict[str, Any] = json.loads(unseal(sealed, **_context(state, settings)).reveal())
    except UnreadableSecret as error:
        raise AnswerUnknown from error
    return flow


def _pending(session: SessionBase) -> dict[str, list[Any]]:
    return dict(session.get(SESSION_KEY, {}))


def _context(state: str, settings: EmailSettings) -> dict[str, Any]:
    """Whose it is and for which registration: with another one in force, it does not open any more."""
    target = settings.installation.registration.target
    return {"field": FIELD, "owner": settings.user.uid, "destination": (*target, state)}
