"""The transport for a user, and the one for a server on its own, built from the settings by the table of methods."""

from __future__ import annotations

from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy

from users.choices import Turn
from users.mail.transports.base import Transport
from users.mail.transports.errors import TransportError
from users.methods import Method
from users.models import EmailSettings, Installation
from users.readiness import Readiness, readiness_of_settings


class NotReady(TransportError):
    """Something is missing in the settings; the hint says what, and whose turn it is."""

    code = "not_ready"
    message = gettext_lazy("The message was not sent, because the e-mail settings are not complete.")

    def __init__(self, readiness: Readiness) -> None:
        super().__init__()
        missing = readiness.missing_settings
        self.hint = " ".join(item.advice for item in missing)
        self.whose_turn = Turn.USER if any(item.is_users_turn for item in missing) else Turn.ADMINISTRATOR


class ServerMissing(TransportError):
    """There is nothing that a check of the server could try."""

    code = "server_missing"
    whose_turn = Turn.ADMINISTRATOR
    part = "server"
    message = gettext_lazy("There is no complete server in the settings, so nothing was tried.")
    hint = gettext_lazy("Enter the server, and the password that belongs to its user name.")


def transport_for(settings: EmailSettings) -> Transport:
    """The way out for this user. Raises :class:`NotReady` and :class:`TransportError`."""
    method = settings.traits
    readiness = readiness_of_settings(settings)
    if not readiness.is_complete:
        raise NotReady(readiness)
    transport_class: type[Transport] = import_string(method.transport)
    return transport_class(**method.options_for(settings))


def transport_to_server(installation: Installation, method: Method) -> Transport:
    """The way to a method's server, without any user. Raises :class:`ServerMissing`."""
    if not method.has_server(installation):
        raise ServerMissing
    transport_class: type[Transport] = import_string(method.transport)
    return transport_class(**method.server_options(installation))
