"""What a change of the system-wide settings does to users, told before it is done."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from users.models import Installation, Listing
from users.readiness import is_complete, is_ready


@dataclass(frozen=True, slots=True)
class Impact:
    """How many users a change concerns. An impact without any is false."""

    changes_method: int
    """Users who inherit the sending method, when that changes."""
    old_method: str
    new_method: str
    becomes_incomplete: int
    becomes_complete: int
    has_to_be_checked: int
    """Users who are ready and stay complete, but whose check does not count any more."""

    def __bool__(self) -> bool:
        return any(self.counts)

    @property
    def counts(self) -> tuple[int, ...]:
        return self.changes_method, self.becomes_incomplete, self.becomes_complete, self.has_to_be_checked

    @property
    def code(self) -> str:
        """Stands for exactly this effect: what was confirmed is what happens."""
        return ":".join([self.old_method, self.new_method, *map(str, self.counts)])


def impact_of(*, before: Installation, after: Installation) -> Impact:
    """Compare two installations, the present one and the one that would be."""
    old, new = before.sending_method, after.sending_method
    complete_before, complete_after = _complete(before), _complete(after)
    stays_complete = (complete_before & complete_after).count()
    return Impact(
        changes_method=0 if old == new else Listing.objects.filter(kind__method="").count(),
        old_method=old.label,
        new_method=new.label,
        becomes_incomplete=complete_before.count() - stays_complete,
        becomes_complete=complete_after.count() - stays_complete,
        has_to_be_checked=(_ready(before) & complete_after & _not_ready(after)).count(),
    )


def _complete(installation: Installation) -> QuerySet[Listing]:
    return Listing.objects.filter(is_complete(installation, at="kind__"))


def _ready(installation: Installation) -> QuerySet[Listing]:
    return Listing.objects.filter(is_ready(installation, at="kind__"))


def _not_ready(installation: Installation) -> QuerySet[Listing]:
    return Listing.objects.filter(~is_ready(installation, at="kind__"))
