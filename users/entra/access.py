"""The ways to an access token for Microsoft Graph, one for each flow: see ``users/mail/access.py`` for the promise.

The table ``users/entra/flows.py`` names them, and the options that they are built from.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Protocol

from django.views.decorators.debug import sensitive_variables

from users.entra.application import Application, ClientCertificate
from users.entra.tokens import TokenMemory
from users.vault import Secret

if TYPE_CHECKING:
    from users.entra.client import Renewal

MEMORY = TokenMemory()


class ApplicationAccess:
    """The application acts by itself: one token for all mailboxes."""

    is_of_user = False

    def __init__(self, *, application: Application) -> None:
        self.application = application

    def token(self) -> Secret:
        from users.entra import client

        key = _key(self.application)
        return MEMORY.get(key, lambda: client.token_of_application(self.application))

    def refused(self) -> None:
        MEMORY.drop(_key(self.application))

    def fresh_token(self) -> Secret:
        """A token that was not given before: it has what is granted now."""
        from users.entra import client

        return MEMORY.keep(_key(self.application), client.token_of_application(self.application))


class PasswordAccess:
    """The user's own user name and password. A refused password is not tried a second time."""

    is_of_user = True

    def __init__(
        self, *, application: Application, permissions: Sequence[str], username: str, password: Secret
    ) -> None:
        self.application = application
        self.permissions = list(permissions)
        self.username = username
        self.password = password

    @sensitive_variables()
    def token(self) -> Secret:
        from users.entra import client

        return MEMORY.get(
            self._key(),
            lambda: client.token_by_password(self.application, self.username, self.password, self.permissions),
        )

    def refused(self) -> None:
        MEMORY.drop(self._key())

    @sensitive_variables()
    def _key(self) -> str:
        return _key(self.application, self.username, self.password.reveal())


class KeptConnection(Protocol):
    """Where a user's connection to Microsoft 365 is kept: ``users/models/microsoft_connection.py``.

    The first two raise :class:`users.entra.errors.ConnectionMissing` and :class:`users.entra.errors.ConnectionEnded`.
    """

    def cache(self) -> Secret:
        """What msal keeps of it."""
        raise NotImplementedError

    def renew(self, renew: Callable[[Secret, str], tuple[Secret, Secret | None]]) -> Secret:
        """Let `renew` make a token from what is kept and whose it is, while nobody else can do so.

        It returns the token, and what has to be kept from now on if that has changed.
        """
        raise NotImplementedError

    def end(self) -> None:
        """Remember that Microsoft no longer takes what was last used, so that its owner connects again."""
        raise NotImplementedError


class SignedInAccess:
    """The user has signed in to Microsoft. The token is kept with the connection, and renewed by whoever needs it."""

    is_of_user = True

    def __init__(self, *, application: Application, permissions: Sequence[str], connection: KeptConnection) -> None:
        self.application = application
        self.permissions = list(permissions)
        self.connection = connection

    @sensitive_variables()
    def token(self) -> Secret:
        from users.entra import client

        return client.token_in(self.connection.cache()) or self._renewed()

    def refused(self) -> None:
        self.connection.end()

    @sensitive_variables()
    def _renewed(self) -> Secret:
        from users.entra import client

        with client.Renewal.prepared(self.application, self.permissions) as renewal:
            return self.connection.renew(lambda kept, account: _renewed_once(renewal, kept, account))


@sensitive_variables()
def _renewed_once(renewal: Renewal, kept: Secret, account: str) -> tuple[Secret, Secret | None]:
    """Somebody else may have renewed it while we waited for our turn."""
    from users.entra import client

    token = client.token_in(kept)
    return (token, None) if token else renewal.renew(kept, account)


@sensitive_variables()
def _key(application: Application, *more: str) -> str:
    """Stands for everything that a token depends on, and tells nothing of it."""
    credential = application.credential
    proof = credential.private_key if isinstance(credential, ClientCertificate) else credential
    parts = [application.directory, application.client_id, application.graph, proof.reveal() if proof else "", *more]
    return sha256(repr(parts).encode(errors="surrogatepass")).hexdigest()
