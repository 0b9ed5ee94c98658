"""What lists of users search, filter and sort by: one narrow row per user, copied from the user and the settings.

The database copies it itself, whichever way users and settings are written: ``users/listing_triggers.py`` has the
triggers. So a list of a hundred thousand users is read from indexes, and no signature or password is touched.

All that lists filter by stands in the user's kind. There are few kinds, and many users of each: which kinds fulfil a
condition is soon found, however long it is, and their users are counted and read by a number.
"""

from __future__ import annotations

from typing import Any

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
    "check_passed_with",
    "check_failed_with",
)


class NotDumped(models.Manager[Any]):
    """Has no rows for ``manage.py dumpdata``: where a dump is loaded, the triggers make the rows anew."""

    def get_queryset(self) -> models.QuerySet[Any]:
        return super().get_queryset().none()


class Derived(models.Model):
    """A row that nobody but the database writes."""

    objects = models.Manager()
    dumped = NotDumped()

    class Meta:
        abstract = True
        default_permissions = ()
        default_manager_name = "dumped"


class ListingKind(Derived):
    """What a list filters by: users who have the same in all of this are of one kind."""

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
    check_passed_with = models.TextField(default="", editable=False)
    """The fingerprint of the system-wide values with which the last check passed; empty unless it did so with the
    user's own values as they are now."""
    check_failed_with = models.TextField(default="", editable=False)
    """The same of a check that failed."""

    class Meta(Derived.Meta):
        constraints = [models.UniqueConstraint(fields=FILTERS, name="users_listingkind_unique")]

    def __str__(self) -> str:
        return f"Kind {self.pk}"


class Listing(Derived):
    """One user in lists."""

    user = models.OneToOneField(User, models.DO_NOTHING, primary_key=True, related_name="listing")
    last_name = models.CharField(max_length=150, editable=False)
    first_name = models.CharField(max_length=150, editable=False)
    username = models.CharField(max_length=150, editable=False)
    kind = models.ForeignKey(ListingKind, models.DO_NOTHING, related_name="+", editable=False)

    class Meta(Derived.Meta):
        # One index for each order; the one of the foreign key counts.
        indexes = [
            models.Index(fields=["last_name", "first_name", "user", "kind"], name="users_listing_name"),
            models.Index(fields=["username", "user", "kind"], name="users_listing_username"),
        ]

    def __str__(self) -> str:
        return self.username
