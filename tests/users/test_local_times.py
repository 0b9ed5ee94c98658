"""Local times and the instants that they stand for."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from users.local_times import MissingTime, RepeatedTime, beginning_of, common_zones, instant, is_zone

BERLIN = "Europe/Berlin"


def test_a_time_on_an_ordinary_day() -> None:
    assert instant(date(2026, 7, 1), time(9), BERLIN) == datetime(2026, 7, 1, 7, tzinfo=UTC)
    assert instant(date(2026, 12, 1), time(9), BERLIN) == datetime(2026, 12, 1, 8, tzinfo=UTC)


@pytest.mark.parametrize(("clock", "instead"), [("02:00", "03:00"), ("02:30", "03:30"), ("02:59", "03:59")])
def test_a_time_that_the_clocks_leave_out(clock: str, instead: str) -> None:
    with pytest.raises(MissingTime) as caught:
        instant(date(2027, 3, 28), time.fromisoformat(clock), BERLIN)
    assert f"{caught.value.instead:%H:%M}" == instead


def test_a_time_that_comes_twice_has_to_be_chosen() -> None:
    with pytest.raises(RepeatedTime) as caught:
        instant(date(2026, 10, 25), time(2, 30), BERLIN)
    assert caught.value.second.astimezone(UTC) - caught.value.first.astimezone(UTC) == timedelta(hours=1)


@pytest.mark.parametrize(("is_second", "hour"), [(False, 0), (True, 1)])
def test_a_chosen_time_that_comes_twice(is_second: bool, hour: int) -> None:  # noqa: FBT001
    moment = instant(date(2026, 10, 25), time(2, 30), BERLIN, is_second=is_second)
    assert moment == datetime(2026, 10, 25, hour, 30, tzinfo=UTC)


def test_a_day_begins_at_one_where_midnight_is_left_out() -> None:
    # In Cairo the clocks went from 0:00 to 1:00 on 28 April 2023.
    begins = beginning_of(date(2023, 4, 28), "Africa/Cairo")
    assert begins.astimezone(ZoneInfo("Africa/Cairo")).time() == time(1)


@given(
    st.integers(600_000_000, 2_200_000_000),
    st.sampled_from(["Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Kathmandu"]),
)
def test_every_instant_comes_back_from_its_local_time(seconds: int, zone: str) -> None:
    shown = datetime.fromtimestamp(seconds, ZoneInfo(zone))
    assert instant(shown.date(), shown.time(), zone, is_second=bool(shown.fold)) == shown


@pytest.mark.parametrize("name", ["", "Europe", "Mars/Olympus", "../../etc/passwd", "posixrules", "a\0b", "x" * 999])
def test_what_is_no_zone(name: str) -> None:
    assert not is_zone(name)


def test_the_listed_zones_are_zones_without_old_spellings() -> None:
    zones = common_zones()
    assert all(is_zone(name) for name in zones)
    assert {"Europe/Berlin", "Asia/Kolkata", "UTC"} <= set(zones)
    assert "Asia/Calcutta" not in zones
