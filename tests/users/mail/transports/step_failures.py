"""Every failure of every step of a check, one row each: the table of ``test_steps.py``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.servers.certificates import Certificate
from tests.servers.deaf import ClosedPort
from tests.servers.ews import EwsServer
from tests.servers.graph import Fault, GraphServer
from tests.servers.smtp import RawServer, SmtpServer
from tests.users.mail.transports import test_exchange, test_exchange_online, test_smtp
from users.choices import SmtpSecurity
from users.mail.transports.base import Transport
from users.mail.transports.errors import SignInFailed
from users.vault import Secret

SMTP_STEPS = ["name", "connected", "encrypted", "signed_in", "sender", "recipient"]
EXCHANGE_STEPS = ["name", "connected", "encrypted", "answers", "signed_in", "mailbox", "address", "calendar"]
ONLINE_STEPS = ["token", "mailbox", "calendar", "address"]
Server = SmtpServer | EwsServer | GraphServer | RawServer | ClosedPort


def over_smtp(server: Any, **changes: Any) -> Transport:
    return test_smtp.connect(server, **{"timeout": 3} | changes)


def over_exchange(server: Any, **changes: Any) -> Transport:
    if isinstance(server, RawServer | ClosedPort):
        changes = {"url": f"https://localhost:{server.port}/EWS/Exchange.asmx"} | changes
        return test_exchange.connect(EwsServer(), **{"timeout": 3, "ca_file": None} | changes)
    return test_exchange.connect(server, **{"timeout": 3} | changes)


@dataclass(frozen=True)
class Failure:
    """What goes wrong, at which step, and what is said of it."""

    what: str
    server: Callable[[], Server]
    step: str
    problem: str
    sentence: str
    part: str
    changes: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.what


def smtp(**options: Any) -> Callable[[], Server]:
    return lambda: test_smtp.with_sign_in(**options)


def ews(**options: Any) -> Callable[[], Server]:
    return lambda: EwsServer(**options)


def graph(**options: Any) -> Callable[[], Server]:
    return lambda: GraphServer(**options)


WRONG = {"password": Secret("Pässwörd wrong")}
NOWHERE = "mail.nowhere.invalid"
UNSPECIFIED = "0.0.0.0"
"""Of the addresses that are never connected to, the one that a test may look up."""

SMTP_FAILURES = [
    Failure("name", smtp(), "name", "host_unknown", "no mail server with the name", "server", {"host": NOWHERE}),
    Failure("network", smtp(), "name", "network_not_allowed", "may not connect to", "server", {"host": UNSPECIFIED}),
    Failure("refused", ClosedPort, "connected", "connection_refused", "no mail server is listening", "server"),
    Failure("time-out", RawServer, "connected", "timed_out", "did not answer in time", "server"),
    Failure("busy", lambda: RawServer(b"421 4.3.2 Busy\r\n"), "connected", "try_later", "too busy", ""),
    Failure(
        "web server", lambda: RawServer(b"HTTP/1.1 400 Bad\r\n"), "connected", "not_mail_server", "speak", "server"
    ),
    Failure("turned away", lambda: RawServer(b"554 No\r\n"), "connected", "server_refused", "does not want", "server"),
    Failure(
        "plain text",
        smtp(security="none"),
        "encrypted",
        "not_encrypted",
        "STARTTLS",
        "security",
        {"security": SmtpSecurity.STARTTLS},
    ),
    Failure(
        "plain text where TLS comes first",
        smtp(security="none"),
        "encrypted",
        "encryption_failed",
        "not agree",
        "security",
        {"security": SmtpSecurity.TLS},
    ),
    Failure(
        "wrong certificate",
        smtp(certificate=Certificate.WRONG_NAME),
        "encrypted",
        "certificate_name",
        "not made out to",
        "server",
    ),
    Failure(
        "expired certificate",
        smtp(certificate=Certificate.EXPIRED),
        "encrypted",
        "certificate_expired",
        "not valid today",
        "security",
    ),
    Failure(
        "unknown authority",
        smtp(certificate=Certificate.UNTRUSTED),
        "encrypted",
        "certificate_untrusted",
        "authority that this site does not know",
        "security",
    ),
    Failure("wrong password", smtp(), "signed_in", "sign_in_refused", "does not accept the user", "sign_in", WRONG),
    Failure(
        "unknown user",
        smtp(),
        "signed_in",
        "sign_in_refused",
        "does not accept the user",
        "sign_in",
        {"username": "nobody@example.com"},
    ),
    Failure(
        "locked",
        smtp(replies={"AUTH": "535 5.7.8 Your account is locked"}),
        "signed_in",
        "sign_in_locked",
        "is locked after too many",
        "sign_in",
    ),
    Failure(
        "password sign-in switched off",
        smtp(replies={"AUTH": "535 5.7.139 Disabled"}),
        "signed_in",
        "password_sign_in_off",
        "switched off",
        "sign_in",
    ),
    Failure(
        "throttled sign-in",
        smtp(replies={"AUTH": "454 4.7.0 Later"}),
        "signed_in",
        "sign_in_postponed",
        "can't check the user name",
        "sign_in",
    ),
    Failure("no way to sign in", smtp(mechanisms=()), "signed_in", "sign_in_not_offered", "offers no way", "sign_in"),
    Failure(
        "sender not allowed",
        smtp(replies={"MAIL": "550 5.7.60 Not yours"}),
        "sender",
        "sender_refused",
        "sender address",
        "address",
    ),
    Failure("throttled", smtp(replies={"MAIL": "450 4.2.1 Slow down"}), "sender", "try_later", "too busy", ""),
    Failure(
        "no mailbox",
        smtp(replies={"RCPT": "550 5.1.1 Who?"}),
        "recipient",
        "own_address_refused",
        "no messages for your own address",
        "address",
    ),
    Failure(
        "greylisted",
        smtp(replies={"RCPT": "451 4.7.1 Come back"}),
        "recipient",
        "own_address_postponed",
        "own address at the moment",
        "",
    ),
    Failure("broken off", smtp(drops=["MAIL"]), "sender", "connection_lost", "too early", ""),
]

EXCHANGE_FAILURES = [
    Failure(
        "name", ews(), "name", "host_unknown", "with the name", "server", {"url": f"https://{NOWHERE}/EWS/Exchange.asmx"}
    ),
    Failure(
        "network", ews(), "name", "network_not_allowed", "may not connect to", "server",
        {"url": f"https://{UNSPECIFIED}/EWS/Exchange.asmx"},
    ),
    Failure("refused", ClosedPort, "connected", "connection_refused", "listening", "server"),
    Failure("time-out", RawServer, "encrypted", "timed_out", "did not answer in time", "server"),
    Failure("plain text", lambda: RawServer(b"220 Hi\r\n"), "encrypted", "encryption_failed", "not agree", "security"),
    Failure(
        "wrong certificate", ews(certificate=Certificate.WRONG_NAME), "encrypted", "certificate_name",
        "not made out to", "server",
    ),
    Failure(
        "expired certificate", ews(certificate=Certificate.EXPIRED), "encrypted", "certificate_expired",
        "not valid today", "security",
    ),
    Failure(
        "unknown authority", ews(certificate=Certificate.UNTRUSTED), "encrypted", "certificate_untrusted",
        "authority that this site does not know", "security",
    ),
    Failure("web page", ews(front_status=200), "answers", "not_the_service", "is not the mail service", "server"),
    Failure("not found", ews(front_status=404), "answers", "not_the_service", "is not the mail service", "server"),
    Failure(
        "web sign-in", ews(front_status=302, headers={"Location": "/owa"}), "answers", "not_the_service",
        "is not the mail service", "server",
    ),
    Failure("throttled", ews(front_status=503), "answers", "service_busy", "too busy", ""),
    Failure(
        "another way to sign in", ews(scheme="Bearer"), "answers", "sign_in_not_offered", "offers no way", "sign_in",
        {"auth": "ntlm"},
    ),
    Failure("slow", ews(pause=60), "answers", "timed_out", "did not answer in time", "server"),
    Failure("wrong password", ews(), "signed_in", "account_refused", "does not accept your user", "account", WRONG),
    Failure(
        "unknown user", ews(), "signed_in", "account_refused", "does not accept your user", "account",
        {"username": "FIRM\\nobody"},
    ),
    Failure(
        "locked", ews(refusal="The referenced account is currently locked out"), "signed_in", "account_locked",
        "is locked for a while", "account", WRONG,
    ),
    Failure(
        "expired password", ews(folder_codes={"inbox": "ErrorPasswordExpired"}), "signed_in",
        "account_password_expired", "has expired", "account",
    ),
    Failure(
        "switched off", ews(folder_codes={"inbox": "ErrorAccountDisabled"}), "signed_in", "account_disabled",
        "is switched off", "account",
    ),
    Failure("throttled later", ews(status=503), "signed_in", "service_busy", "too busy", ""),
    Failure("in trouble", ews(status=502), "signed_in", "service_busy", "too busy", ""),
    Failure("throttled while signing in", ews(handshake_status=503), "signed_in", "service_busy", "too busy", ""),
    Failure(
        "no handshake", ews(handshake_status=200), "signed_in", "sign_in_otherwise", "does not offer the way",
        "sign_in",
    ),
    Failure(
        "no folder in the answer", ews(folder_codes={"inbox": "nothing"}), "signed_in", "not_the_service",
        "is not the mail service", "server",
    ),
    Failure(
        "mailbox of another, by the folder's id", ews(shared=["boss@example.com"], tells_entry_ids=False), "address",
        "mailbox_of_another", "another mailbox than", "address", {"address": "boss@example.com"},
    ),
    Failure(
        "no mailbox of the account", ews(folder_codes={"inbox": "ErrorNonExistentMailbox"}), "mailbox",
        "mailbox_missing", "no mailbox with your address", "address",
    ),
    Failure(
        "no mailbox", ews(addresses=["alan@example.com"]), "mailbox", "mailbox_missing",
        "no mailbox with your address", "address",
    ),
    Failure(
        "closed mailbox", ews(folder_codes={"inbox": "ErrorAccessDenied"}), "mailbox", "mailbox_denied",
        "does not let this account use", "address",
    ),
    Failure(
        "mailbox on the move", ews(folder_codes={"inbox": "ErrorMailboxMoveInProgress"}), "mailbox",
        "mailbox_unavailable", "not available at the moment", "",
    ),
    Failure(
        "wrong mailbox", ews(addresses=["alan@example.com"], shared=["alice@example.com"]), "address",
        "mailbox_of_another", "another mailbox than", "address",
    ),
    Failure(
        "no calendar", ews(folder_codes={"calendar": "ErrorFolderNotFound"}), "calendar", "calendar_closed",
        "shows this account no calendar", "",
    ),
    Failure("read-only calendar", ews(rights=False), "calendar", "calendar_read_only", "not write to it", ""),
    Failure(
        "odd answer", ews(folder_codes={"calendar": "ErrorInvalidRequest"}), "calendar", "unexpected_answer",
        "does not understand", "",
    ),
]  # fmt: skip

ONLINE_FAILURES = [
    Failure(
        "no token", graph(), "token", "sign_in_failed", "Signing in", "sign_in",
        {"access": test_exchange_online.Access(error=SignInFailed(server="login.example.com"))},
    ),
    Failure("token refused", graph(tokens={}), "mailbox", "token_refused", "does not accept the sign-in", "sign_in"),
    Failure(
        "no right", graph(faults={"calendar": Fault(403, "ErrorAccessDenied")}), "mailbox", "site_denied",
        "does not let this site", "",
    ),
    Failure(
        "no mailbox", graph(faults={"calendar": Fault(404, "MailboxNotEnabledForRESTAPI")}), "mailbox",
        "no_cloud_mailbox", "no Exchange Online mailbox", "address",
    ),
    Failure(
        "throttled", graph(faults={"calendar": Fault(429, "ApplicationThrottled", {"Retry_After": "60"})}), "mailbox",
        "service_busy", "too busy", "",
    ),
    Failure(
        "web page", graph(faults={"calendar": Fault(200, body=b"<html>Welcome</html>")}), "mailbox", "not_the_service",
        "is not the mail service", "server",
    ),
    Failure("unreachable", graph(), "mailbox", "host_unknown", "with the name", "server", {"graph": f"https://{NOWHERE}"}),
    Failure("read-only calendar", graph(may_edit=False), "calendar", "calendar_read_only", "not write to it", ""),
    Failure(
        "another account", graph(), "address", "mailbox_of_another", "another mailbox than", "address",
        {"address": "bob@example.com"},
    ),
]  # fmt: skip
