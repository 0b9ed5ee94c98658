"""A check that is under way or was a short while ago, for the pages that show it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils import timezone

from users.choices import StepState
from users.models.user import User

LONGEST_CHECK = timedelta(minutes=3)
"""After that, nobody is at it any more: the process was stopped half-way."""


class CheckRun(models.Model):
    """One check. Its results come one by one; nothing of the settings themselves stands here.

    `subject` names what is checked, so that the same is not checked twice at a time.
    """

    uid = models.UUIDField(default=uuid4, unique=True, editable=False)
    subject = models.CharField(max_length=60, editable=False)
    started_by = models.ForeignKey(User, models.CASCADE, related_name="check_runs", editable=False)
    started_at = models.DateTimeField(default=timezone.now, editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)
    is_of_saved = models.BooleanField(default=True, editable=False)
    """Whether the settings were stored just as they were checked."""
    note = models.TextField(default="", editable=False)
    """What whoever asked has to know, in a sentence."""
    fields = models.JSONField(default=dict, editable=False)
    """The form field for each part of the settings that a result may name."""
    steps = models.JSONField(default=list, editable=False)
    """Code and label of each step, in order."""
    results = models.JSONField(default=list, editable=False)
    """The results so far, as :class:`users.verification.StepResult` in JSON."""

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["subject"], condition=Q(finished_at__isnull=True), name="users_checkrun_one_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return str(self.uid)

    @property
    def is_under_way(self) -> bool:
        return self.finished_at is None and not self.is_lost

    @property
    def is_lost(self) -> bool:
        """Whether the process that ran it was stopped half-way."""
        return self.finished_at is None and self.started_at < timezone.now() - LONGEST_CHECK

    @property
    def failure(self) -> dict[str, Any] | None:
        return next((result for result in self.results if result["state"] == StepState.FAILED), None)

    @property
    def has_passed(self) -> bool:
        return self.finished_at is not None and self.failure is None
