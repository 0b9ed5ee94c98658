"""Who has signed in at Microsoft: whether it is somebody of this organisation, with the address in the settings.

msal does not look at this: it takes whoever comes back, also where somebody else was asked for.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import requests
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from users.addresses import is_same_address
from users.entra import errors
from users.entra.application import Application
from users.entra.client import SignedIn, session_for, translated
from users.vault import Secret

CLOCKS_DIFFER_BY = 5 * 60
"""Seconds."""
WHO_AM_I = "/v1.0/me?$select=mail,userPrincipalName,proxyAddresses"


def account_name(signed_in: SignedIn) -> str:
    """The account as people know it."""
    return str(signed_in.claims.get("preferred_username") or signed_in.claims.get("name") or _("another account"))


@sensitive_variables()
def check_owner(signed_in: SignedIn, application: Application, address: str) -> None:
    """Make sure that the account is of the directory and has this address.

    Raises :class:`errors.OtherAccount`, which names the account that came back, and other errors of the transports'
    tree.
    """
    _check_token(signed_in, application)
    name, principal = account_name(signed_in), signed_in.claims.get("preferred_username")
    if str(signed_in.claims.get("tid", "")).lower() != signed_in.tenant.lower():
        raise _other_account(
            application,
            _("You signed in to Microsoft as %(account)s, which is not of your organisation."),
            account=name,
        )
    if is_same_address(str(principal), address) or any(
        is_same_address(str(each), address) for each in addresses_of(signed_in.token, application)
    ):
        return
    raise _other_account(
        application,
        _("You signed in to Microsoft as %(account)s, but your e-mail address here is %(address)s. Nothing is stored."),
        account=name,
        address=address,
    )


def _check_token(signed_in: SignedIn, application: Application) -> None:
    """That it was made for this application, and not long ago (OpenID Connect Core section 3.1.3.7)."""
    claims = signed_in.claims
    is_for_us = claims.get("aud") == application.client_id
    ends = claims.get("exp")
    if not is_for_us or not isinstance(ends, int | float) or ends < time.time() - CLOCKS_DIFFER_BY:
        raise errors.SignInAstray("id token: aud or exp", server=application.server)


@sensitive_variables()
def addresses_of(token: Secret, application: Application) -> list[str]:
    """The addresses of whoever the token is of, as Microsoft Graph tells them. Raises TransportError."""
    with translated(application.server), session_for(application) as session:
        response = session.get(
            application.graph + WHO_AM_I,
            headers={"Authorization": f"Bearer {token.reveal()}", "Accept": "application/json"},
        )
        response.raise_for_status()
        return list(_addresses_in(response))


def _addresses_in(response: requests.Response) -> Iterator[str]:
    answer = response.json()
    yield from (answer[name] for name in ("mail", "userPrincipalName") if answer.get(name))
    for entry in answer.get("proxyAddresses") or []:
        kind, _colon, address = str(entry).partition(":")
        if kind.lower() == "smtp":
            yield address


def _other_account(application: Application, text: str, **values: str) -> errors.OtherAccount:
    error = errors.OtherAccount(server=application.server)
    error.say(text % values)
    return error
