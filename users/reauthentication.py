"""Proof that the person at the keyboard is still the one who signed in, asked for before a secret may be changed."""

from __future__ import annotations

import time
from copy import copy
from datetime import timedelta
from typing import Any

from django.contrib.auth import authenticate
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

VALID_FOR = timedelta(minutes=10)
SESSION_KEY = "confirmed_at"


def was_confirmed_recently(request: HttpRequest) -> bool:
    """Whether the own sign-in password was entered within the last ten minutes."""
    return is_fresh(request.session.get(SESSION_KEY, 0))


def is_fresh(moment: float) -> bool:
    """Whether `moment`, in seconds since the epoch, is less than ten minutes ago."""
    return 0 <= time.time() - moment < VALID_FOR.total_seconds()


class NotConfirmed(Exception):
    """The sign-in password was not accepted; the text says why, in a plain sentence."""


@sensitive_variables("password")
def confirm(request: HttpRequest, password: str) -> None:
    """Check the own sign-in password. Raises :class:`NotConfirmed`.

    Failures count towards the same lock as failures at the sign-in page.
    """
    attempt = _without_what_was_posted(request)
    user = authenticate(attempt, username=request.user.get_username(), password=password)
    if user is None or user.pk != request.user.pk:
        raise NotConfirmed(
            _("Too many wrong passwords. Wait a quarter of an hour, then try again.")
            if getattr(attempt, "axes_locked_out", False)
            else _("This is not your sign-in password. Enter the password with which you sign in to this site.")
        )
    request.session.cycle_key()
    _mark(request)


def _without_what_was_posted(request: HttpRequest) -> HttpRequest:
    """The request as django-axes may see it: it writes down, in plain text, what was posted with a failed attempt."""
    attempt = copy(request)
    attempt.POST = QueryDict()
    return attempt


@receiver(user_logged_in)
def _mark_on_sign_in(request: HttpRequest, **kwargs: Any) -> None:
    _mark(request)


def _mark(request: HttpRequest) -> None:
    request.session[SESSION_KEY] = time.time()
