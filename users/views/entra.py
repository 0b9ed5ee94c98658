"""Connecting the signed-in user to Microsoft 365, and disconnecting."""

from __future__ import annotations

from typing import cast
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_POST

from users import exports, microsoft_sign_in
from users.mail.transports.errors import TransportError
from users.models import EmailSettings, EntraAppRegistration, MicrosoftConnection
from users.sandbox import allow
from users.views.access import AuthenticatedRequest


def redirect_address(request: HttpRequest) -> str:
    """Where Microsoft sends people back to: this address has to be registered in Entra."""
    return request.build_absolute_uri(reverse("users:entra-callback"))


def allow_sign_in(response: HttpResponseBase, registration: EntraAppRegistration) -> None:
    """Let a page's form lead to Microsoft: ``form-action`` holds for redirects after a form was sent as well."""
    parts = urlsplit(registration.authority)
    allow(response, {"form-action": [f"{parts.scheme}://{parts.netloc}"]})


@require_POST
def connect(request: AuthenticatedRequest) -> HttpResponse:
    """Go to Microsoft's sign-in page."""
    try:
        return redirect(
            microsoft_sign_in.start(
                EmailSettings.of(request.user), request.session, redirect_address=redirect_address(request)
            )
        )
    except TransportError as error:
        return _back_with(request, error)


@login_not_required
@sensitive_variables()
def callback(request: HttpRequest) -> HttpResponse:
    """Where Microsoft sends people back to. The answer goes out of the address at once.

    Whoever is not signed in any more is led to the sign-in page without it: that page shows where it leads on to.
    """
    if not request.user.is_authenticated:
        return redirect(f"{reverse('login')}?next={reverse('users:profile')}")
    return _take_in(cast(AuthenticatedRequest, request))


@require_GET
@sensitive_variables()
def _take_in(request: AuthenticatedRequest) -> HttpResponse:
    try:
        made = microsoft_sign_in.finish(EmailSettings.of(request.user), request.session, request.GET.dict())
    except TransportError as error:
        response = _back_with(request, error)
    else:
        with transaction.atomic():
            exports.go_on(request.user.pk)
        messages.success(request, _("You are connected to Microsoft 365 as %(account)s.") % {"account": made.account})
        response = redirect("users:profile")
    response["Referrer-Policy"] = "no-referrer"
    return response


@require_POST
def disconnect(request: AuthenticatedRequest) -> HttpResponse:
    """Remove the own connection."""
    if MicrosoftConnection.disconnect(MicrosoftConnection.objects.filter(pk=request.user.pk)):
        messages.success(
            request,
            _(
                "You are disconnected from Microsoft 365, and nothing of the connection is stored here any more. "
                "To take back what you allowed at Microsoft, remove the application at https://myapps.microsoft.com."
            ),
        )
    return redirect("users:profile")


def _back_with(request: HttpRequest, error: TransportError) -> HttpResponse:
    messages.error(request, render_to_string("users/_told_error.html", {"error": error}))
    return redirect("users:profile")
