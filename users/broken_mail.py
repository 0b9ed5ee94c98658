"""Tells a user on the next page that e-mail does not go out any more."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from users.user_checks import SIGNING_IN


def broken_mail(request: HttpRequest) -> dict[str, Any]:
    """A context processor: `broken_mail` is the step at which the last check of a user found the password refused.

    It came with the user: see ``users/authentication.py``.
    """
    # A request that is refused early has no user: its error page must show all the same.
    return {"broken_mail": SimpleLazyObject(lambda: _of(getattr(request, "user", None)))}


def _of(user: Any) -> Any:
    failure = (getattr(user, "failed_check", None) or {}).get("failure") or {}
    return failure if failure.get("code") == SIGNING_IN.code else None
