"""The four e-mail methods: one table with all that differs between them.

Forms, the pages' ``data-`` attributes, the admin, the rules, readiness and sending read this table, so that a method is
added by adding a row (and its transport). Dotted names such as ``system.smtp_host`` are looked up in the installation,
that is the system settings and the app registration: see :meth:`Method.look_up`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from users.choices import EmailMethod, Flow

MEGABYTE = 1024 * 1024
INSTALLATION = "installation."


@dataclass(frozen=True, slots=True)
class SignInNames:
    """Where the account that signs in stands in a user's settings: its server, its name, when its password was set."""

    server: str
    username: str
    set_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """One row of the table."""

    value: EmailMethod
    explanation: str | Promise
    """One line for people: what it means, and for whom."""
    is_server_based: bool
    account_flows: frozenset[Flow] = frozenset()
    """The flows of the app registration under which the user's Exchange user name and password are asked for."""
    account_bound_to: tuple[str, ...] = ()
    """Where the Exchange password may be used, and nowhere else."""
    needs_app_registration: bool = False
    connection_flows: frozenset[Flow] = frozenset()
    """The flows of the app registration under which every user has to connect to Microsoft 365."""
    server: str = ""
    """Says whether the administrator's part is in place; empty when there is none."""
    server_label: str | Promise = ""
    """What people call the server."""
    server_name: str = ""
    """The server as people know it; empty when there is none."""
    can_copy: bool
    """Whether a copy can go to the own address."""
    carries_signature: bool
    has_sent_items: bool
    """Whether what goes out is kept where this site can look for it afterwards."""
    calendar: str
    """How appointments reach the calendar: ``ics``, ``ews`` or ``graph``."""
    calendar_transport: str = ""
    """The dotted path of the transport for appointments, with the same options; empty where they come as a file."""
    attachment_limit: int = 25 * MEGABYTE
    """Bytes of all attachments of one message together, as files: what servers usually let through."""
    transport: str
    """The dotted path of the transport."""
    transport_options: Mapping[str, str] = field(default_factory=dict)
    """The transport's keyword options, as dotted names that are looked up in the user's settings."""
    signs_in_with: SignInNames | None = None
    """The account whose user name and password a server judges; None when there is none."""
    check_depends_on: Mapping[str, str | Promise] = field(default_factory=dict)
    """The system-wide values that a check's result depends on, as people call them. Of a secret, only its date."""
    parts: Mapping[str, str] = field(default_factory=dict)
    """The form field for each part of the settings that an error of the transport may name."""

    @property
    def has_calendar_file(self) -> bool:
        """Whether appointments reach the calendar as a file or by a subscription, and not through a server."""
        return self.calendar == "ics"

    @property
    def label(self) -> str:
        return str(self.value.label)

    def asks_for_account(self, flow: str) -> bool:
        """Whether the user's Exchange user name and password are needed while the registration has this flow."""
        return flow in self.account_flows

    def asks_for_connection(self, flow: str) -> bool:
        """Whether the user has to connect to Microsoft 365 while the registration has this flow."""
        return flow in self.connection_flows

    def may_ask_for_account(self) -> bool:
        return bool(self.account_flows)

    @property
    def needs_check(self) -> bool:
        """Whether a check has to have passed before the settings count as ready: where there is a server to reach."""
        return self.is_server_based

    def account_destination(self, installation: Any) -> tuple[str, ...]:
        """The places, in this installation, that an Exchange password for this method is sealed for."""
        return tuple(str(self.look_up(name, installation)) for name in self.account_bound_to)

    def has_server(self, installation: Any) -> bool:
        return not self.server or bool(self.look_up(self.server, installation))

    def has_registration(self, installation: Any) -> bool:
        return not self.needs_app_registration or installation.registration.is_complete()

    def server_in_force(self, installation: Any) -> str:
        return str(self.look_up(self.server_name, installation)) if self.server_name else ""

    def options_for(self, settings: Any) -> dict[str, Any]:
        """The transport's keyword options for one user's settings."""
        return {option: attrgetter(name)(settings) for option, name in self.transport_options.items()}

    def server_options(self, installation: Any) -> dict[str, Any]:
        """Those of the options that belong to the server and not to a user."""
        return {
            option: self.look_up(name.removeprefix(INSTALLATION), installation)
            for option, name in self.transport_options.items()
            if name.startswith(INSTALLATION)
        }

    @staticmethod
    def look_up(name: str, installation: Any) -> Any:
        return attrgetter(name)(installation)


METHODS: dict[str, Method] = {
    row.value.value: row
    for row in (
        Method(
            value=EmailMethod.OUTLOOK,
            explanation=_("Messages open in Outlook on your own computer, and you send them there."),
            is_server_based=False,
            can_copy=False,
            carries_signature=False,
            has_sent_items=False,
            calendar="ics",
            # Outlook's own limit for accounts that are not on Exchange.
            attachment_limit=20 * MEGABYTE,
            transport="users.mail.transports.outlook.OutlookTransport",
            transport_options={"address": "address"},
        ),
        Method(
            value=EmailMethod.EXCHANGE,
            explanation=_("Messages go out through your mailbox on your organisation's own Exchange server."),
            is_server_based=True,
            account_flows=frozenset(Flow),
            account_bound_to=("system.exchange_url",),
            server="system.has_exchange_server",
            server_label=_("Exchange server"),
            server_name="system.exchange_url",
            can_copy=True,
            carries_signature=True,
            has_sent_items=True,
            calendar="ews",
            calendar_transport="users.calendars.ews.EwsCalendar",
            transport="users.mail.transports.exchange.ExchangeTransport",
            transport_options={
                "url": "installation.system.exchange_url",
                "auth": "installation.system.exchange_auth",
                "username": "exchange_username",
                "password": "exchange_secret",
                "address": "address",
                "ca_file": "installation.ca_file",
                "trusted_networks": "installation.trusted_networks",
            },
            signs_in_with=SignInNames(
                "installation.system.exchange_url", "exchange_username", "exchange_password_set_at"
            ),
            check_depends_on={
                "system.exchange_url": _("Exchange server"),
                "system.exchange_auth": _("sign-in to the Exchange server"),
            },
            parts={
                "server": "exchange_url",
                "security": "exchange_url",
                "sign_in": "exchange_auth",
                "address": "address",
                "account": "exchange_password",
            },
        ),
        Method(
            value=EmailMethod.SMTP,
            explanation=_("Messages go out through your organisation's mail server. You need no password of your own."),
            is_server_based=True,
            server="system.has_smtp_server",
            server_label=_("SMTP server"),
            server_name="system.smtp_server_name",
            can_copy=True,
            carries_signature=True,
            has_sent_items=False,
            calendar="ics",
            transport="users.mail.transports.smtp.SmtpTransport",
            transport_options={
                "host": "installation.system.smtp_host",
                "port": "installation.system.smtp_port_in_use",
                "security": "installation.system.smtp_security_in_use",
                "username": "installation.system.smtp_username",
                "password": "installation.system.smtp_secret",
                "address": "address",
                "ca_file": "installation.ca_file",
                "trusted_networks": "installation.trusted_networks",
            },
            signs_in_with=SignInNames(
                "installation.system.smtp_host",
                "installation.system.smtp_username",
                "installation.system.smtp_password_set_at",
            ),
            check_depends_on={
                "system.smtp_host": _("SMTP server"),
                "system.smtp_port_in_use": _("port of the SMTP server"),
                "system.smtp_security_in_use": _("encryption of the SMTP server"),
                "system.smtp_username": _("user name (SMTP)"),
                "system.smtp_password_set_at": _("password (SMTP)"),
            },
            parts={
                "server": "smtp_host",
                "security": "smtp_security",
                "sign_in": "smtp_password",
                "address": "address",
            },
        ),
        Method(
            value=EmailMethod.EXCHANGE_ONLINE,
            explanation=_("Messages go out through your Microsoft 365 mailbox in the cloud."),
            is_server_based=True,
            account_flows=frozenset({Flow.PASSWORD}),
            account_bound_to=("registration.authority", "registration.tenant_id", "registration.client_id"),
            needs_app_registration=True,
            connection_flows=frozenset({Flow.SIGN_IN}),
            server_name="registration.graph",
            can_copy=True,
            carries_signature=True,
            has_sent_items=True,
            calendar="graph",
            calendar_transport="users.calendars.graph.GraphCalendar",
            transport="users.mail.transports.exchange_online.ExchangeOnlineTransport",
            transport_options={
                "graph": "installation.registration.graph",
                "mailbox": "graph_mailbox",
                "access": "graph_access",
                "address": "address",
                "ca_file": "installation.ca_file",
                "trusted_networks": "installation.trusted_networks",
            },
            signs_in_with=SignInNames(
                "installation.registration.authority", "exchange_username", "exchange_password_set_at"
            ),
            check_depends_on={
                "registration.authority": _("cloud of the app registration"),
                "registration.graph": _("cloud of the app registration"),
                "registration.tenant_id": _("tenant of the app registration"),
                "registration.client_id": _("client of the app registration"),
                "registration.flow": _("access of the app registration"),
                "registration.client_secret_set_at": _("client secret of the app registration"),
                "registration.private_key_set_at": _("certificate of the app registration"),
            },
            parts={
                "address": "address",
                "account": "exchange_password",
                "cloud": "cloud",
                "tenant": "tenant_id",
                "client": "client_id",
                "client_secret": "client_secret",
            },
        ),
    )
}


def registered_method() -> Method:
    """The method for which the application is registered in Entra."""
    return next(method for method in METHODS.values() if method.needs_app_registration)
