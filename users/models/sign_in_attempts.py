"""The sign-ins that this site tries at mailboxes: counted, so that no server locks an account because of us."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.dateparse import parse_datetime

LONGEST_ATTEMPT = timedelta(minutes=2)
"""After that, nobody is waiting for an answer any more: the process was stopped half-way, and it counts as refused."""
REMEMBERED = timedelta(days=1)


class SignInAttempts(models.Model):
    """One mailbox, under a hash of its server and account name. Of the password, only the moment it was set is known.

    Times stand in the lists as ISO texts, the oldest first.
    """

    mailbox = models.CharField(max_length=64, primary_key=True)
    under_way = models.JSONField(default=dict)
    """When each attempt that has no answer yet began."""
    refused_at = models.JSONField(default=list)
    paused_until = models.DateTimeField(null=True)
    """The server said that the account is locked."""
    refused_password = models.CharField(max_length=64, default="")
    """The password that was refused last, as a hash of when it was set; nobody tries it again by himself."""
    accepted_password = models.CharField(max_length=64, default="")

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.mailbox

    @classmethod
    def locked(cls, mailbox: str) -> Self:
        """The row, for this transaction alone, without what is long ago."""
        cls.objects.get_or_create(mailbox=mailbox)
        row = cls.objects.select_for_update().get(mailbox=mailbox)
        row._forget(timezone.now())
        return row

    def refusals_since(self, moment: datetime) -> list[datetime]:
        return [time for time in map(_time, self.refused_at) if time > moment]

    def _forget(self, now: datetime) -> None:
        """Attempts that never got an answer count as refused; what is a day old does not count."""
        lost = {ticket: time for ticket, time in self.under_way.items() if _time(time) < now - LONGEST_ATTEMPT}
        self.under_way = {ticket: time for ticket, time in self.under_way.items() if ticket not in lost}
        times = sorted([*self.refused_at, *lost.values()])
        self.refused_at = [time for time in times if _time(time) > now - REMEMBERED]


def _time(text: str) -> datetime:
    time = parse_datetime(text)
    if time is None:
        raise ValueError(f"Not a time: {text!r}")
    return time
