"""The steps of a check of the app registration: the directory, the application, and what it was granted.

Permissions are tried by calling, not read from the token: with application roles in Exchange Online (RBAC for
Applications) the token does not name them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus

from django.utils.translation import gettext as _

from users.entra.access import ApplicationAccess
from users.entra.application import Application
from users.entra.errors import ClientMissing, DirectoryMissing, EntraError
from users.mail.access import Access
from users.mail.limits import Clock
from users.mail.steps import Finding, Step

WAIT_SECONDS = 10
WHOLE_SECONDS = 20
FOLDER = "mailFolders/sentitems/messages"
CALENDAR = "calendar"


@dataclass(frozen=True, slots=True)
class Trial:
    """With which mailbox the permissions are tried: `mailbox` as Graph's addresses name it, `address` as people do."""

    access: Access
    mailbox: str
    address: str


def registration_steps(application: Application, trial: Trial | None, *, needs_credential: bool) -> list[Step]:
    """The steps, in their order; nothing is asked before they run."""
    prove = _prove if needs_credential else _nothing_to_prove
    return [
        Step(code="directory", label=_("Directory found"), run=lambda: _find_directory(application)),
        Step(code="application", label=_("Application accepted"), run=lambda: prove(application)),
        _trying("mail", _("Permission for mail"), lambda: _try(application, trial, MAIL)),
        _trying("calendar", _("Permission for the calendar"), lambda: _try(application, trial, EVENTS)),
    ]


def _trying(code: str, label: str, run: Callable[[], Finding]) -> Step:
    """With the access by user name and password, this is where somebody's own password is judged."""
    return Step(code=code, label=label, run=run, signs_in=True)


def _find_directory(application: Application) -> Finding:
    from users.entra import client

    with _told_to_the_administrator():
        if not application.tenant:
            raise DirectoryMissing(server=application.server)
        directory = client.directory_id(application)
    return Finding(_("Microsoft knows the directory."), detail=directory)


def _prove(application: Application) -> Finding:
    with _told_to_the_administrator():
        if not application.client_id:
            raise ClientMissing(server=application.server)
        ApplicationAccess(application=application).fresh_token()
    return Finding(_("Microsoft accepts the client secret or certificate."))


def _nothing_to_prove(_application: Application) -> Finding:
    return Finding(
        _("With this access the application proves itself with nothing; every user's own password counts."),
        is_skipped=True,
    )


@dataclass(frozen=True, slots=True)
class Permission:
    """What is asked of Graph to see whether a permission is there."""

    path: str
    query: dict[str, str]


MAIL = Permission(FOLDER, {"$filter": "internetMessageId eq '<never@sent.invalid>'", "$select": "id", "$top": "1"})
EVENTS = Permission(CALENDAR, {"$select": "id,name,canEdit"})


def _try(application: Application, trial: Trial | None, permission: Permission) -> Finding:
    if trial is None:
        return Finding(
            _(
                "Not tried, because there is no mailbox to try it with. Choose Microsoft Exchange Online in your own "
                "settings and complete them; then check again."
            ),
            is_skipped=True,
        )
    with _told_to_the_administrator():
        _ask(application, trial, permission)
    return Finding(_("Tried with the mailbox of %(address)s: it is there.") % {"address": trial.address})


def _ask(application: Application, trial: Trial, permission: Permission) -> None:
    from users.mail.transports.exchange_online_client import GraphClient

    client = GraphClient(
        root=application.graph,
        mailbox=trial.mailbox,
        token=trial.access.token(),
        ca_file=application.ca_file,
        trusted_networks=application.trusted_networks,
        clock=Clock(wait=WAIT_SECONDS, whole=WHOLE_SECONDS),
    )
    try:
        client.ask("GET", permission.path, HTTPStatus.OK, query=permission.query)
    finally:
        client.close()


@contextmanager
def _told_to_the_administrator() -> Iterator[None]:
    """Whoever checks the registration reads what can be done about it there."""
    try:
        yield
    except EntraError as error:
        error.hint = error.for_administrator
        raise
