"""Days and times as people write them, in a time zone by its IANA name, and the instants that they stand for."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones


class MissingTime(Exception):
    """The clocks go forward over this time. `instead` is what they show when it would have been reached."""

    def __init__(self, instead: datetime) -> None:
        super().__init__(f"No clock shows this time; it is {instead:%H:%M} then.")
        self.instead = instead


class RepeatedTime(Exception):
    """The clocks go back over this time, so that it comes twice, first at `first` and again at `second`."""

    def __init__(self, first: datetime, second: datetime) -> None:
        super().__init__("This time comes twice.")
        self.first = first
        self.second = second


def is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        # A folder of the database is an OSError, a name that leads out of it a ValueError.
        return False
    return name in all_zones()


@cache
def all_zones() -> frozenset[str]:
    """Also the old spellings. Looking for them reads folders of the time zone database, which takes a while."""
    return frozenset(available_timezones())


def instant(day: date, clock: time, zone: str, *, is_second: bool | None = None) -> datetime:
    """When it is `clock` on `day` in a time zone, in UTC; `is_second` chooses where a time comes twice.

    Raises :class:`MissingTime`, and :class:`RepeatedTime` where `is_second` is None.
    """
    first, second = (datetime.combine(day, clock, ZoneInfo(zone)).replace(fold=fold) for fold in (0, 1))
    if first.utcoffset() == second.utcoffset():
        return first.astimezone(UTC)
    shown = first.astimezone(UTC).astimezone(ZoneInfo(zone))
    if shown.replace(tzinfo=None) != first.replace(tzinfo=None):
        raise MissingTime(shown)
    if is_second is None:
        raise RepeatedTime(first, second)
    return (second if is_second else first).astimezone(UTC)


def beginning_of(day: date, zone: str) -> datetime:
    """The first instant of a day, in UTC, also where the clocks go forward at midnight."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


@cache
def common_zones() -> tuple[str, ...]:
    """One name for each place, without old spellings: the table ``zone.tab`` of the time zone database, and UTC."""
    lines = files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="utf-8").splitlines()
    names = {line.split("\t")[2] for line in lines if not line.startswith("#")}
    return (*sorted(names & all_zones()), "UTC")
