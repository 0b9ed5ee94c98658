"""Checks of many users in one go: what is to be done stands here, and whoever works it off finds it."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.db import models
from django.db.models import Q, TextChoices
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from users.choices import Turn
from users.models.user import User


class CheckRound(models.Model):
    """One go. It ends when the last of its users is done, or after `stopped_at` with those who are being checked.

    `subject` stands for the set of users, so that the same is not checked twice at a time.
    """

    uid = models.UUIDField(default=uuid4, unique=True, editable=False)
    subject = models.CharField(max_length=64, editable=False)
    selection: models.JSONField[Any, Any] = models.JSONField(default=dict, editable=False)
    """What the list of users was filtered by."""
    started_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", editable=False)
    started_at = models.DateTimeField(default=timezone.now, editable=False)
    stopped_at = models.DateTimeField(null=True, editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)
    users = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["subject"], condition=Q(finished_at__isnull=True), name="users_checkround_one_at_a_time"
            ),
        ]
        indexes = [models.Index(fields=["started_at"], name="users_checkround_started")]

    def __str__(self) -> str:
        return str(self.uid)

    def get_absolute_url(self) -> str:
        return reverse("users:check-round", args=[self.uid])

    @property
    def is_under_way(self) -> bool:
        return self.finished_at is None


class RoundServer(models.Model):
    """How the server of one method stands in one round: it is tried by one user before others follow."""

    class State(TextChoices):
        UNPROVEN = "unproven", _("not tried yet")
        ANSWERS = "answers", _("answers")
        OUT = "out", _("does not work")

    round = models.ForeignKey(CheckRound, models.CASCADE, related_name="servers")
    method = models.CharField(max_length=20)
    state = models.CharField(max_length=10, choices=State, default=State.UNPROVEN)
    pauses = models.PositiveSmallIntegerField(default=0)
    """How often in a row it was too busy."""
    not_before = models.DateTimeField(null=True)
    """Until then, it is left alone."""
    failure: models.JSONField[Any, Any] = models.JSONField(default=dict)
    """The step that failed for everybody, as a :class:`users.verification.StepResult` in JSON."""

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["round", "method"], name="users_roundserver_unique")]

    def __str__(self) -> str:
        return f"{self.method}: {self.state}"

    @property
    def is_out(self) -> bool:
        return self.state == self.State.OUT

    @property
    def is_resting(self) -> bool:
        """Whether it is left alone at the moment, and is to be asked again."""
        return not self.is_out and self.not_before is not None and self.not_before > timezone.now()


class RoundMember(models.Model):
    """One user in one round. A worker claims the user; one that is killed leaves a claim that runs out."""

    class State(TextChoices):
        WAITING = "waiting", _("Waiting")
        PASSED = "passed", _("Passed")
        FAILED = "failed", _("Failed")
        SKIPPED = "skipped", _("Skipped")
        NO_SERVER = "no_server", _("Server not working")
        LEFT = "left", _("Not checked")

    round = models.ForeignKey(CheckRound, models.CASCADE, related_name="members", db_index=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    method = models.CharField(max_length=20)
    """The method in force when the round began or, if that has changed, when the user's turn came."""
    state = models.CharField(max_length=10, choices=State, default=State.WAITING, db_default=State.WAITING)
    problem = models.CharField(max_length=60, default="", db_default="")
    sentence = models.TextField(default="", db_default="")
    whose_turn = models.CharField(max_length=20, choices=Turn, default="", db_default="")
    claim = models.UUIDField(null=True)
    """The attempt that is under way."""
    claimed_until = models.DateTimeField(null=True)
    """After that, whoever made it is taken for dead."""
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    """Those that ended without a result."""

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(claim__isnull=False), name="users_roundmember_checked_once_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(claim=None, claimed_until=None) | Q(claim__isnull=False, claimed_until__isnull=False),
                name="users_roundmember_claim_ends",
            ),
        ]
        indexes = [
            models.Index(fields=["round", "state", "problem", "id"], name="users_roundmember_state"),
            models.Index(
                fields=["round", "method", "attempts", "id"],
                condition=Q(state="waiting", claim=None),
                name="users_roundmember_waiting",
            ),
            models.Index(fields=["method"], condition=Q(claim__isnull=False), name="users_roundmember_claimed"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.state}"
