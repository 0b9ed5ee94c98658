"""The pages on which received messages can be read. They exist in the demonstration only."""

from __future__ import annotations

from csp.constants import NONE, SELF
from csp.decorators import csp_replace, csp_update
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from users.demo.inbox import ReceivedMessage, received_message, received_messages

UNSAFE_INLINE = "'unsafe-inline'"


@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    return render(request, "demo/inbox.html", {"received": received_messages()})


@require_safe
@csp_update({"frame-src": [SELF]})  # type: ignore[arg-type]  # its types know views without arguments only
def message(request: HttpRequest, number: int) -> HttpResponse:
    return render(request, "demo/message.html", {"received": _find(number)})


@require_safe
@xframe_options_sameorigin
@csp_replace(  # type: ignore[arg-type]
    {
        "sandbox": True,
        "default-src": [NONE],
        "script-src": [NONE],
        "style-src": [UNSAFE_INLINE],
        "img-src": ["data:"],
        "connect-src": [NONE],
        "font-src": [NONE],
        "manifest-src": [NONE],
        "form-action": [NONE],
        "frame-ancestors": [SELF],
    }
)
def html_body(request: HttpRequest, number: int) -> HttpResponse:
    """The HTML as a mail program shows it, in a frame that may do nothing."""
    return HttpResponse(_find(number).body("html"))


def _find(number: int) -> ReceivedMessage:
    try:
        return received_message(number)
    except FileNotFoundError as error:
        raise Http404 from error
