"""Who may see a page."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views import View

from users.models import User


class AuthenticatedRequest(HttpRequest):
    """A request as views get it: ``LoginRequiredMiddleware`` lets nobody else through."""

    user: User


class StaffOnly(View):
    """Lets staff with the page's permissions in; everybody else who is signed in gets a 403."""

    permissions: tuple[str, ...] = ()

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_staff or not request.user.has_perms(self.permissions):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)


class SuperuserOnly(View):
    """Lets superusers in; everybody else who is signed in gets a 403."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_superuser:
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)


def user_to_edit(editor: User, uid: UUID) -> User:
    """The user with this `uid`.

    Raises Http404, and PermissionDenied when a superuser would be edited by other staff.
    """
    user = get_object_or_404(User, uid=uid)
    if not may_edit(editor, user):
        raise PermissionDenied
    return user


def may_edit(editor: User, user: User) -> bool:
    return editor.is_superuser or not user.is_superuser
