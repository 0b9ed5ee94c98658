"""What a transport needs to act for a user at Microsoft: an access token, however it is come by."""

from __future__ import annotations

from typing import Protocol

from users.vault import Secret


class Access(Protocol):
    """The way to an access token for Microsoft Graph. Each sign-in flow has its own, in ``users/entra/``."""

    is_of_user: bool
    """Whether it is the user who signs in, and so the user who can do so again."""

    def token(self) -> Secret:
        """A token that is valid now. Asked once for each connection.

        Raises :class:`users.mail.transports.errors.TransportError` when there is none to be had, with what to do.
        """
        raise NotImplementedError

    def refused(self) -> None:
        """Graph did not take the last token: nothing that is kept of it may be used again."""
        raise NotImplementedError
