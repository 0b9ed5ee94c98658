"""How often somebody has looked up where the mail of a domain lives: counted for all machines together."""

from __future__ import annotations

from datetime import timedelta

from django.db import models, transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from users.models.user import User

MOST = 10
PERIOD = timedelta(minutes=10)


class DomainLookUps(models.Model):
    """The times of one person's last look-ups."""

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="domain_look_ups")
    times = models.JSONField(default=list)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"Look-ups of {self.user_id}"

    @classmethod
    @transaction.atomic
    def wait_of(cls, user: User) -> timedelta:
        """Count one more, if that is allowed; otherwise how long to wait, which is nothing when it is."""
        cls.objects.get_or_create(user=user)
        row = cls.objects.select_for_update().get(user=user)
        now = timezone.now()
        recent = [time for time in map(parse_datetime, row.times) if time and time > now - PERIOD]
        if len(recent) >= MOST:
            return recent[-MOST] + PERIOD - now
        row.times = [time.isoformat() for time in (*recent, now)]
        row.save(update_fields=["times"])
        return timedelta()
