"""The address at which somebody's calendar program reads the activities."""

from __future__ import annotations

import secrets
from datetime import timedelta
from hashlib import sha256
from typing import Self

from django.db import models
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from users.models.user import User

TOKEN_BYTES = 32
MOST_READS, PERIOD = 30, timedelta(minutes=5)
"""A calendar program that looks every few minutes never gets there."""


class CalendarFeed(models.Model):
    """A user's subscription. Its address holds a random token, of which only the hash is stored.

    A plain hash is enough: nobody tries out 256 random bits.
    """

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="calendar_feed")
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    made_at = models.DateTimeField(_("made"), default=timezone.now, editable=False)
    reads = models.PositiveIntegerField(default=0, editable=False)
    """How often it was read since :attr:`counted_from`."""
    counted_from = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("calendar subscription")
        verbose_name_plural = _("calendar subscriptions")

    def __str__(self) -> str:
        return str(_("Calendar subscription of %(user)s") % {"user": self.user})

    @classmethod
    @sensitive_variables("token")
    def renew(cls, user: User) -> str:
        """Make a new address for `user`, so that an old one stops working. Returns the token, for this one time."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        now = timezone.now()
        fresh = {"token_hash": hash_of(token), "made_at": now, "reads": 0, "counted_from": now}
        cls.objects.update_or_create(user=user, defaults=fresh)
        return token

    @classmethod
    @sensitive_variables("token")
    def find(cls, token: str) -> Self | None:
        """The subscription with this token, of somebody who may sign in."""
        rows = cls.objects.select_related("user")
        return rows.filter(token_hash=hash_of(token), user__is_active=True).first()

    def count_read(self) -> timedelta:
        """Count that it is read. Returns how long to wait before it may be: nothing, most of the time."""
        now = timezone.now()
        rows = type(self)._default_manager.filter(pk=self.pk)
        if not rows.filter(counted_from__gt=now - PERIOD).update(reads=F("reads") + 1):
            rows.update(reads=1, counted_from=now)
            return timedelta()
        # As it was before: one more or less makes no difference.
        return self.counted_from + PERIOD - now if self.reads >= MOST_READS else timedelta()


@sensitive_variables("token")
def hash_of(token: str) -> str:
    return sha256(token.encode()).hexdigest()
