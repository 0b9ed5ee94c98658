"""What lists of users search, filter and sort by: one narrow row per user, copied from the user and the settings.

The database copies it itself, whichever way users and settings are written: ``users/migrations/0002_listing.py`` has
the triggers. So a list of a hundred thousand users is read from indexes, and no signature or password is touched.
"""

from __future__ import annotations

from django.db import models

from users.models.user import User

FILTERS = (
    "method",
    "has_address",
    "has_exchange_username",
    "exchange_password_key",
    "exchange_password_server",
    "connection_key",
    "connection_registration",
)


class Listing(models.Model):
    """One user in lists. Nobody but the database writes it."""

    user = models.OneToOneField(User, models.DO_NOTHING, primary_key=True, related_name="listing")
    last_name = models.CharField(max_length=150, editable=False)
    first_name = models.CharField(max_length=150, editable=False)
    username = models.CharField(max_length=150, editable=False)
    method = models.CharField(max_length=20, editable=False)
    """The own method; empty, as without settings, for whoever has the system's."""
    has_address = models.BooleanField(editable=False)
    has_exchange_username = models.BooleanField(editable=False)
    exchange_password_key = models.TextField(editable=False)
    """What the sealed password begins with: the key that it needs."""
    exchange_password_server = models.TextField(editable=False)
    connection_key = models.TextField(default="", editable=False)
    """What the sealed connection to Microsoft 365 begins with; empty unless it is for the own address and lasts."""
    connection_registration = models.TextField(default="", editable=False)

    class Meta:
        default_permissions = ()
        # One index for each order, with all that lists filter by: whatever the filter, it alone is read, in order. An
        # index that begins with a filter would do harm: SQLite would prefer it, and sort all that it finds.
        indexes = [
            models.Index(fields=["last_name", "first_name", "user", *FILTERS], name="users_listing_name"),
            models.Index(fields=["username", "user", *FILTERS], name="users_listing_username"),
        ]

    def __str__(self) -> str:
        return self.username
