"""The pages on which received messages can be read. They exist in the demonstration only."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from users.demo.inbox import ReceivedMessage, received_message, received_messages
from users.sandbox import in_sandbox, may_frame


@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    return render(request, "demo/inbox.html", {"rows": received_messages()})


@require_safe
@may_frame
def message(request: HttpRequest, number: int) -> HttpResponse:
    return render(request, "demo/message.html", {"received": _find(number)})


@require_safe
@in_sandbox
def html_body(request: HttpRequest, number: int) -> HttpResponse:
    """The HTML as a mail program shows it, in a frame that may do nothing."""
    return HttpResponse(_find(number).html)


def _find(number: int) -> ReceivedMessage:
    try:
        return received_message(number)
    except FileNotFoundError as error:
        raise Http404 from error
