"""Activities: their rules, and what counts as a change that a calendar shows."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.test import TestCase
from django.utils import timezone

from tests.factories import make_activity, make_user
from users.models import Activity, Conflict
from users.models.activity import zone_of

NINE = datetime(2026, 7, 1, 7, tzinfo=UTC)


class ActivityCase(TestCase):
    def setUp(self) -> None:
        self.alice = make_user("alice")

    def codes(self, **fields: Any) -> dict[str, list[str]]:
        """The errors of an activity that is valid but for these fields."""
        times = {} if "first_day" in fields else {"starts_at": NINE, "ends_at": NINE + timedelta(hours=1)}
        try:
            Activity(
                **{"owner": self.alice, "subject": "Call", "time_zone": "Europe/Berlin"} | times | fields
            ).full_clean()
        except ValidationError as error:
            return {name: [str(each.code) for each in errors] for name, errors in error.error_dict.items()}
        return {}


class RuleTests(ActivityCase):
    def test_a_valid_one(self) -> None:
        assert self.codes() == {}
        assert self.codes(first_day=date(2026, 7, 1), last_day=date(2026, 7, 1)) == {}

    def test_whether_it_is_exported_need_not_be_said(self) -> None:
        Activity(owner=self.alice, subject="Call", starts_at=NINE, ends_at=NINE + timedelta(hours=1)).full_clean()

    def test_it_ends_later_than_it_starts(self) -> None:
        assert self.codes(ends_at=NINE) == {"ends_at": ["ends_too_early"]}
        assert self.codes(first_day=date(2026, 7, 2), last_day=date(2026, 7, 1))["last_day"] == ["ends_too_early"]

    def test_whole_days_have_a_first_and_a_last_one(self) -> None:
        assert "last_day" in self.codes(first_day=date(2026, 7, 1))

    def test_it_lies_in_this_age(self) -> None:
        for year in (1, 1969, 2200, 9999):
            with self.subTest(year):
                day = date(year, 12, 30)
                assert self.codes(first_day=day, last_day=day)["starts_at"] == ["out_of_range"]
        assert self.codes(first_day=date(9999, 12, 31), last_day=date(9999, 12, 31))["starts_at"] == ["out_of_range"]

    def test_it_does_not_last_longer_than_calendars_take(self) -> None:
        assert self.codes(ends_at=NINE + timedelta(days=1826)) == {"ends_at": ["too_long"]}

    def test_the_zone_is_known(self) -> None:
        for name in ("Mars", "Europe", "../etc", ""):
            with self.subTest(name):
                assert "time_zone" in self.codes(time_zone=name)

    def test_the_link_is_https(self) -> None:
        for link in ("http://example.com", "javascript:alert(1)", "example.com", "https://", "https://a b"):
            with self.subTest(link):
                assert self.codes(link=link) == {"link": ["invalid"]}
        assert self.codes(link="https://erp.example.com/offers/2041?a=b#c") == {}

    def test_text_loses_what_no_calendar_carries(self) -> None:
        activity = make_activity(self.alice, text="a\r\nb\x0bc\x1bd")
        activity.clean()
        assert activity.text == "a\nb\ncd"


class WholeDayTests(ActivityCase):
    def test_they_last_from_midnight_to_midnight_in_their_zone(self) -> None:
        activity = make_activity(self.alice, first_day=date(2027, 3, 28), last_day=date(2027, 3, 28))
        assert activity.ends_at - activity.starts_at == timedelta(hours=23)
        assert activity.local_start == datetime(2027, 3, 28, tzinfo=ZoneInfo("Europe/Berlin"))

    def test_another_zone_moves_them(self) -> None:
        activity = make_activity(self.alice, first_day=date(2026, 7, 1), last_day=date(2026, 7, 2))
        activity.time_zone = "America/New_York"
        activity.save()
        activity.refresh_from_db()
        assert activity.starts_at == datetime(2026, 7, 1, 4, tzinfo=UTC)

    def test_in_words(self) -> None:
        assert make_activity(self.alice, first_day=date(2026, 7, 1), last_day=date(2026, 7, 1)).when == "1 July 2026"
        spoken = make_activity(self.alice, first_day=date(2026, 7, 1), last_day=date(2026, 7, 2)).when
        assert spoken == "1 July 2026 – 2 July 2026"


class InWordsTests(ActivityCase):
    def test_a_day_is_said_once(self) -> None:
        assert make_activity(self.alice, starts_at=NINE, ends_at=NINE + timedelta(hours=1)).when == (
            "1 July 2026, 09:00 – 10:00"
        )

    def test_two_days_are_said(self) -> None:
        assert make_activity(self.alice, starts_at=NINE, ends_at=NINE + timedelta(days=1)).when == (
            "1 July 2026, 09:00 – 2 July 2026, 09:00"
        )


class SequenceTests(ActivityCase):
    def test_counts_what_a_calendar_shows_and_nothing_else(self) -> None:
        activity = make_activity(self.alice)
        activity.save()
        assert activity.sequence == 0
        for name, value in {"subject": "Other", "is_done": True, "cancelled_at": timezone.now()}.items():
            setattr(activity, name, value)
            activity.save()
        activity.refresh_from_db()
        assert activity.sequence == 3

    def test_a_row_that_is_read_counts_on(self) -> None:
        make_activity(self.alice)
        activity = Activity.objects.get()
        before = activity.changed_at
        activity.place = "Hall 3"
        activity.save_unless_changed()
        stored = Activity.objects.get()
        assert (stored.sequence, stored.version) == (1, 2)
        assert stored.changed_at > before


class CancelTests(ActivityCase):
    def test_a_second_time_changes_nothing(self) -> None:
        activity = make_activity(self.alice)
        activity.cancel()
        activity.cancel()
        activity.refresh_from_db()
        assert activity.sequence == 1
        assert activity.as_appointment().is_cancelled

    def test_an_older_copy_is_told(self) -> None:
        older = make_activity(self.alice)
        Activity.objects.update(version=5)
        with self.assertRaises(Conflict):
            older.cancel()


class ZoneTests(ActivityCase):
    def test_the_one_used_last(self) -> None:
        assert zone_of(self.alice) == "UTC"
        make_activity(self.alice, time_zone="Asia/Tokyo")
        make_activity(self.alice, time_zone="Europe/Paris")
        make_activity(make_user("bob"), time_zone="America/Lima")
        assert zone_of(self.alice) == "Europe/Paris"
