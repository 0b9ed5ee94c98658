"""Activities on their way into calendars: a row for each activity and calendar, and a queue for each mailbox."""

from __future__ import annotations

from django.db import models
from django.db.models import Q, TextChoices
from django.utils.translation import gettext_lazy as _

from users.models.activity import Activity
from users.models.user import User


class ActivityExport(models.Model):
    """One activity in one calendar.

    `requested` counts what was asked for, and `written` is how much of it the calendar has; a job that was overtaken by
    a change so leaves the rest to do. `try_at` is when somebody has to look at it; null, when there is nothing to do.
    A row outlives its activity until the appointment is away.
    """

    class State(TextChoices):
        WAITING = "waiting", _("On its way to the calendar")
        WRITTEN = "written", _("In the calendar")
        GONE = "gone", _("Removed in the calendar program")
        CHANGED = "changed", _("Its time was changed in the calendar program")
        FAILED = "failed", _("Refused by the calendar")
        WITHDRAWN = "withdrawn", _("Taken out of the calendar")
        LEFT = "left", _("In a calendar that is no longer used")

    UNDECIDED = (State.GONE, State.CHANGED, State.FAILED)

    owner = models.ForeignKey(User, models.CASCADE, related_name="activity_exports")
    activity = models.ForeignKey(Activity, models.SET_NULL, null=True, related_name="exports")
    activity_uid = models.UUIDField()
    calendar = models.CharField(max_length=64)
    """Stands for one calendar: see ``users/exports.py``."""
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    item_id = models.TextField(default="")
    """The appointment, as the server knows it. Upper and lower case differ."""
    when_written = models.TextField(default="")
    """The time of the appointment, as the calendar told it after the last writing."""
    when_sent = models.TextField(default="")
    """Times that were sent since then and may have arrived or not, one a line."""
    requested = models.PositiveIntegerField(default=1)
    written = models.PositiveIntegerField(default=0)
    generation = models.PositiveIntegerField(default=0)
    """Counts how often it was exported again on purpose."""
    attempts = models.PositiveIntegerField(default=0)
    """Failures since the last success."""
    try_at = models.DateTimeField(null=True)
    problem = models.TextField(default="")
    advice = models.TextField(default="")

    class Meta:
        verbose_name = _("activity in a calendar")
        verbose_name_plural = _("activities in calendars")
        constraints = [
            models.UniqueConstraint(fields=["activity_uid", "calendar"], name="users_activityexport_once_a_calendar"),
            models.CheckConstraint(
                condition=Q(
                    state__in=["waiting", "written", "gone", "changed", "failed", "withdrawn", "left"],
                ),
                name="users_activityexport_state_known",
            ),
        ]
        indexes = [
            models.Index(fields=["try_at"], condition=Q(try_at__isnull=False), name="users_activityexport_due"),
        ]

    def __str__(self) -> str:
        return f"{self.activity_uid}: {self.state}"

    @property
    def told(self) -> str:
        """How it stands, for people."""
        if self.state == self.State.WRITTEN and self.try_at is not None:
            return str(_("In the calendar; the last change is on its way"))
        return self.get_state_display()

    @property
    def is_settled(self) -> bool:
        """Whether the calendar is as it is to be."""
        return self.state == self.State.WRITTEN and self.try_at is None

    @property
    def is_undecided(self) -> bool:
        """Whether nothing more happens until somebody says so."""
        return self.state in self.UNDECIDED


class ExportQueue(models.Model):
    """What all exports into one owner's mailbox have in common: at most one worker is at it at a time."""

    owner = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="export_queue")
    claim = models.UUIDField(null=True)
    """The worker that is at it."""
    claimed_until = models.DateTimeField(null=True)
    """After that, the worker is taken for dead."""
    not_before = models.DateTimeField(null=True)
    """Until then the server is left alone, after a failure."""
    attempts = models.PositiveIntegerField(default=0)
    paused_at = models.DateTimeField(_("paused"), null=True)
    paused_with = models.CharField(max_length=64, default="")
    """The settings with which it was paused; other ones let it go on."""
    problem = models.TextField(default="")
    advice = models.TextField(default="")

    class Meta:
        verbose_name = _("calendar export of a user")
        verbose_name_plural = _("calendar exports of users")

    def __str__(self) -> str:
        return str(_("Calendar export of %(user)s") % {"user": self.owner})
