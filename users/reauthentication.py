"""Proof that the person at the keyboard is still the one who signed in, asked for before a secret may be changed."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

from django.contrib.auth import authenticate
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

VALID_FOR = timedelta(minutes=10)
SESSION_KEY = "confirmed_at"


def was_confirmed_recently(request: HttpRequest) -> bool:
    """Whether the own sign-in password was entered within the last ten minutes."""
    return is_fresh(request.session.get(SESSION_KEY, 0))


def is_fresh(moment: float) -> bool:
    """Whether `moment`, in seconds since the epoch, is less than ten minutes ago."""
    return 0 <= time.time() - moment < VALID_FOR.total_seconds()


@sensitive_variables("password")
def confirm(request: HttpRequest, password: str) -> bool:
    """Check the own sign-in password; failures count towards the same lock as failures at the sign-in page."""
    user = authenticate(request, username=request.user.get_username(), password=password)
    if user is None or user.pk != request.user.pk:
        return False
    request.session.cycle_key()
    _mark(request)
    return True


@receiver(user_logged_in)
def _mark_on_sign_in(request: HttpRequest, **kwargs: Any) -> None:
    _mark(request)


def _mark(request: HttpRequest) -> None:
    request.session[SESSION_KEY] = time.time()
