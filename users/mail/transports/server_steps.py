"""The first steps of every check of a server: its name and the connection to it."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from users.mail.route import Route
from users.mail.steps import Finding, Text

__all__ = ["CONNECTED", "ENCRYPTED", "NAME", "SIGNED_IN", "Text", "connected", "look_up"]

NAME = gettext_lazy("Server found")
CONNECTED = gettext_lazy("Connected")
ENCRYPTED = gettext_lazy("Encrypted")
SIGNED_IN = gettext_lazy("Signed in")


def look_up(route: Route) -> Finding:
    """Find the server's addresses."""
    detail = f"{route.host}: {', '.join(address.host for address in route.addresses)}"
    return Finding(_("The name %(server)s is known.") % {"server": route.host}, detail)


def connected(route: Route) -> Finding:
    return Finding(_("The server answers at port %(port)s.") % {"port": route.port})
