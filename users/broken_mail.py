"""Tells a user on the next page that e-mail does not go out any more."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from users.models import EmailSettings
from users.user_checks import SIGNING_IN


def broken_mail(request: HttpRequest) -> dict[str, Any]:
    """A context processor: `broken_mail` is the last check of a user whose password was refused. One small query."""
    return {"broken_mail": SimpleLazyObject(lambda: _of(getattr(request, "user", None)))}


def _of(user: Any) -> Any:
    # A request that is refused early has no user: its error page must show all the same.
    if user is None or not user.is_authenticated:
        return None
    failed = EmailSettings.objects.filter(pk=user.pk, check_passed=False).only("check_outcome").first()
    failure = (failed.check_outcome.get("failure") or {}) if failed else {}
    return failure if failure.get("code") == SIGNING_IN.code else None
