"""What somebody has to do, and when: other programs add activities too, and calendars show them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar, Self
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, URLValidator
from django.db import models, transaction
from django.db.models import F, Q
from django.dispatch import Signal
from django.urls import reverse
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext_lazy as _

from users.calendars.appointment import Appointment, without_controls
from users.local_times import beginning_of, is_zone
from users.models import activity_rules
from users.models.email_settings import EmailSettings
from users.models.fields import LineField
from users.models.user import User
from users.models.versions import Versioned

MAX_TEXT = 50_000
KEPT_WHEN_CANCELLED = timedelta(days=30)
"""How long a deleted activity stays: subscribers learn of it, and it can be brought back."""


activity_saved = Signal()
"""Sent with the `activity` in the transaction that saves it, however it is saved but by a queryset."""


def validate_zone(name: str) -> None:
    if not is_zone(name):
        raise ValidationError(
            _("“%(name)s” is no time zone. Choose one by its place, such as Europe/Berlin."),
            code="unknown_zone",
            params={"name": name},
        )


class Activity(Versioned):
    """One activity of its owner.

    It has either a start and an end, or, for whole days, a first and a last day; `starts_at` and `ends_at` are then
    worked out from these. `time_zone` is the one in which it was entered and is shown.
    """

    uid = models.UUIDField(default=uuid4, unique=True, editable=False)
    owner = models.ForeignKey(User, models.CASCADE, related_name="activities", verbose_name=_("owner"))
    subject = LineField(_("Subject"), max_length=250)
    first_day = models.DateField(_("First day"), null=True, blank=True)
    last_day = models.DateField(_("Last day"), null=True, blank=True)
    starts_at = models.DateTimeField(_("Start"))
    ends_at = models.DateTimeField(_("End"))
    time_zone = models.CharField(_("Time zone"), max_length=64, default=settings.TIME_ZONE, validators=[validate_zone])
    place = LineField(_("Place"), max_length=250, blank=True, default="")
    text = models.TextField(_("Text"), blank=True, default="", validators=[MaxLengthValidator(MAX_TEXT)])
    reference = LineField(_("Related to"), max_length=250, blank=True, default="")
    """What the activity belongs to, as the program that added it knows it."""
    link = models.CharField(
        _("Link"), max_length=500, blank=True, default="", validators=[URLValidator(schemes=["https"])]
    )
    is_done = models.BooleanField(_("Done"), default=False)
    in_calendar = models.BooleanField(_("Export to the calendar program"), null=True, blank=True, default=None)
    """None, until it is first saved: then it is as the owner's settings say."""
    cancelled_at = models.DateTimeField(_("deleted"), null=True, editable=False)
    sequence = models.PositiveIntegerField(default=0, editable=False)
    """Counts the changes that a calendar shows (RFC 5545 section 3.8.7.4)."""
    changed_at = models.DateTimeField(_("last change"), default=timezone.now, editable=False)

    SHOWN: ClassVar = (
        "subject",
        "first_day",
        "last_day",
        "starts_at",
        "ends_at",
        "time_zone",
        "place",
        "text",
        "reference",
        "link",
        "is_done",
        "cancelled_at",
    )
    """What a calendar shows of it."""
    stored: dict[str, Any] | None = None

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        ordering = ["starts_at", "pk"]
        indexes = [
            models.Index(fields=["owner", "starts_at"], name="users_activity_of_owner"),
            models.Index(
                fields=["cancelled_at"], condition=Q(cancelled_at__isnull=False), name="users_activity_cancelled"
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="users_activity_ends_after_start"),
            models.CheckConstraint(
                condition=Q(first_day__isnull=True, last_day__isnull=True)
                | Q(first_day__isnull=False, last_day__isnull=False, last_day__gte=F("first_day")),
                name="users_activity_both_days_or_none",
            ),
            models.CheckConstraint(
                condition=Q(link="") | Q(link__startswith="https://"), name="users_activity_link_is_https"
            ),
        ]

    def __str__(self) -> str:
        return str(self.subject)

    def get_absolute_url(self) -> str:
        return reverse("users:activity", args=[self.uid])

    @classmethod
    def from_db(cls, db: str | None, field_names: Any, values: Any) -> Self:
        row = super().from_db(db, field_names, values)
        row.stored = {name: row.__dict__.get(name) for name in cls.SHOWN}
        return row

    def clean_fields(self, exclude: Any = None) -> None:
        self.work_out_days()
        super().clean_fields(exclude=exclude)

    def clean(self) -> None:
        """Apply the rules of ``users/models/activity_rules.py``, all at once."""
        super().clean()
        self.text = without_controls(self.text)
        self.work_out_days()
        activity_rules.check(self)

    def work_out_days(self) -> None:
        """Put the instants of whole days in place; days that make no sense are left to the rules."""
        if self.first_day and self.last_day and self.last_day >= self.first_day and is_zone(self.time_zone):
            try:
                self.starts_at = beginning_of(self.first_day, self.time_zone)
                self.ends_at = beginning_of(self.last_day + timedelta(days=1), self.time_zone)
            except OverflowError:
                # The first or the last day of all: the rules refuse it.
                self.starts_at = self.ends_at = datetime.max.replace(tzinfo=ZoneInfo("UTC"))

    def save(self, *args: Any, **kwargs: Any) -> None:
        with transaction.atomic():
            self._count_change()
            super().save(*args, **kwargs)
            self._tell()

    def save_unless_changed(self) -> None:
        with transaction.atomic():
            self._count_change()
            super().save_unless_changed()
            self._tell()

    def _tell(self) -> None:
        self.stored = self._shown()
        activity_saved.send(Activity, activity=self)

    def _count_change(self) -> None:
        self.work_out_days()
        if self.in_calendar is None:
            wanted = EmailSettings.objects.filter(pk=self.owner_id).values_list("export_activities", flat=True)
            self.in_calendar = wanted.first() or False
        if self.stored not in (None, self._shown()):
            self.sequence += 1
            self.changed_at = timezone.now()

    def _shown(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.SHOWN}

    def cancel(self) -> None:
        """Delete the activity. The row stays for a while: see :data:`KEPT_WHEN_CANCELLED`."""
        if self.cancelled_at is None:
            self.cancelled_at = timezone.now()
            self.save_unless_changed()

    @property
    def is_whole_day(self) -> bool:
        return self.first_day is not None

    @property
    def local_start(self) -> datetime:
        return self.starts_at.astimezone(ZoneInfo(self.time_zone))

    @property
    def local_end(self) -> datetime:
        return self.ends_at.astimezone(ZoneInfo(self.time_zone))

    @property
    def when(self) -> str:
        """Its time in words, in its own time zone."""
        if self.first_day and self.last_day:
            days = [format_date(day, "j N Y") for day in (self.first_day, self.last_day)]
            return " – ".join(dict.fromkeys(days))
        start, end = self.local_start, self.local_end
        until = "H:i" if end.date() == start.date() else "j N Y, H:i"
        return f"{format_date(start, 'j N Y, H:i')} – {format_date(end, until)}"

    def as_appointment(self) -> Appointment:
        return Appointment(
            uid=self.uid,
            sequence=self.sequence,
            changed_at=self.changed_at,
            subject=self.subject,
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            zone=self.time_zone,
            first_day=self.first_day,
            last_day=self.last_day,
            place=self.place,
            text=self.text,
            reference=self.reference,
            link=self.link,
            is_done=self.is_done,
            is_cancelled=self.cancelled_at is not None,
        )


def zone_used_by(owner: User) -> str:
    """The time zone of the newest activity of `owner`; empty when there is none."""
    return owner.activities.order_by("-pk").values_list("time_zone", flat=True).first() or ""


def zone_of(owner: User) -> str:
    """The time zone in which `owner` lives, as far as is known."""
    return zone_used_by(owner) or settings.TIME_ZONE
