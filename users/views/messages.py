"""The user's own messages, and what became of each."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from users import outbox
from users.choices import Outcome
from users.mail.mailto import mailto_link
from users.mail.transports.errors import TransportError
from users.methods import METHODS
from users.models import OutgoingMessage
from users.views.access import AuthenticatedRequest
from users.views.drafts import draft_response

PAGE_SIZE = 25
CONTENT = ("text", "draft", "bcc")


@require_safe
def message_list(request: AuthenticatedRequest) -> HttpResponse:
    """The newest first, without their texts."""
    sent = request.user.outgoing_messages.exclude(state=OutgoingMessage.State.DRAFT).defer(*CONTENT)
    page = Paginator(sent, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "messages/list.html", {"page": page, "rows": page.object_list, "kept": outbox.KEPT_MESSAGES})


@require_safe
def message_page(request: AuthenticatedRequest, uid: UUID) -> HttpResponse:
    """What became of one message, and what can be done now."""
    message = _own(request, uid)
    if message.state == OutgoingMessage.State.DRAFT:
        return redirect("users:message-edit", uid)
    context = {
        "sent": message,
        "method": METHODS.get(message.method),
        "may_try_again": message.may_be_sent and message.has_content,
        "has_draft": bool(message.draft) and message.has_content,
        "mailto": _link_to(message),
    }
    return render(request, "messages/message.html", context)


@require_safe
def message_draft(request: AuthenticatedRequest, uid: UUID) -> HttpResponse:
    """The file for Outlook."""
    message = _own(request, uid)
    if not (message.draft and message.has_content):
        raise Http404
    return draft_response(bytes(message.draft), message.subject)


@require_POST
def look_for_message(request: AuthenticatedRequest, uid: UUID) -> HttpResponse:
    """Look in Sent Items for a message of unknown outcome."""
    message = _own(request, uid)
    if message.standing == Outcome.UNKNOWN:
        level, text = _look(message)
        messages.add_message(request, level, text)
    return redirect(message)


def _look(message: OutgoingMessage) -> tuple[int, str]:
    try:
        found = outbox.look_for(message)
    except TransportError as error:
        return messages.ERROR, f"{error}\n{error.hint}"
    if found is None:
        return messages.ERROR, _("This site can't look into your Sent Items. Look there yourself, or ask a recipient.")
    if found:
        return messages.SUCCESS, _("The message lies in your Sent Items: it was sent.")
    return messages.ERROR, _("The message is not in your Sent Items. Wait a minute and look again before you send it.")


def _own(request: AuthenticatedRequest, uid: UUID) -> OutgoingMessage:
    message = get_object_or_404(request.user.outgoing_messages, uid=uid)
    message.user = request.user
    return message


def _link_to(message: OutgoingMessage) -> str:
    if message.outcome != Outcome.HANDED_OVER or not message.has_content:
        return ""
    return mailto_link(outbox.as_email(message))
