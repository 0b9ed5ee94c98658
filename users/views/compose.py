"""The page on which a message is written and sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.http import require_safe

from users import outbox
from users.forms.compose import ComposeForm, attach
from users.in_force import signature_sent, values_in_force
from users.models import EmailSettings, Installation, OutgoingMessage
from users.models.outgoing_message import CONTENT_KEPT_FOR
from users.readiness import readiness_of_settings
from users.sandbox import may_frame
from users.views.access import AuthenticatedRequest

SEND, REMOVE = "send", "remove"


@require_safe
def new_message(request: AuthenticatedRequest) -> HttpResponse:
    """An address of its own for each new message: whoever comes back to it later sees what became of the message."""
    return redirect("users:message-edit", uuid4())


@method_decorator(may_frame, name="dispatch")
class ComposePage(View):
    """A new message, or one that was not sent and is sent again. The row comes with the first post."""

    request: AuthenticatedRequest

    def get(self, request: AuthenticatedRequest, uid: UUID) -> HttpResponse:
        message = self._own(uid)
        if message.pk and not (message.may_be_sent and message.has_content):
            return redirect(message)
        return self._show(message, self._form(message))

    def post(self, request: AuthenticatedRequest, uid: UUID) -> HttpResponse:
        message = self._own(uid)
        if not message.may_be_sent:
            return redirect(message)
        form = self._form(message, request.POST, request.FILES)
        refused = self._attach(message)
        button, _colon, key = request.POST.get("action", "").partition(":")
        if button == REMOVE and message.pk:
            message.attachments.filter(pk=int(key) if key.isdecimal() and len(key) < 19 else 0).delete()
        if button == SEND and form.is_valid() and not refused:
            return self._send(message, form)
        return self._show(message, form if button == SEND else self._as_typed(message), refused)

    # --- The message ------------------------------------------------------------------------------------------------

    def _own(self, uid: UUID) -> OutgoingMessage:
        message = OutgoingMessage.objects.filter(uid=uid).first() or OutgoingMessage(uid=uid, user=self.request.user)
        if message.user_id != self.request.user.pk:
            raise Http404
        message.user = self.request.user
        return message

    def _attach(self, message: OutgoingMessage) -> list[str]:
        files = self.request.FILES.getlist("attachments")
        if not files:
            return []
        _keep(message)
        return attach(message, files, limit=self._limit)

    def _send(self, message: OutgoingMessage, form: ComposeForm) -> HttpResponse:
        _keep(message)
        form.fill(message)
        attempt = self.request.POST.get("attempt", "")
        outbox.send(message, attempt=int(attempt) if attempt.isdecimal() and len(attempt) < 9 else 0)
        return redirect(message)

    # --- The page ---------------------------------------------------------------------------------------------------

    @property
    def _settings(self) -> EmailSettings:
        if not hasattr(self, "_loaded"):
            self._loaded = EmailSettings.of(self.request.user, Installation.load())
        return self._loaded

    @property
    def _limit(self) -> int:
        return self._settings.traits.attachment_limit

    def _form(self, message: OutgoingMessage, *posted: Any, **kwargs: Any) -> ComposeForm:
        return ComposeForm(*posted, message=message, limit=self._limit, **kwargs)

    def _as_typed(self, message: OutgoingMessage) -> ComposeForm:
        """What was typed so far, not checked yet."""
        return self._form(message, initial=self.request.POST.dict())

    def _show(self, message: OutgoingMessage, form: ComposeForm, refused: Sequence[str] = ()) -> HttpResponse:
        settings = self._settings
        signature, template = signature_sent(settings)
        context = {
            "form": form,
            "message": message,
            "refused": refused,
            "stored": list(message.attachments.defer("content")) if message.pk else [],
            "settings": settings,
            "in_force": values_in_force(settings, signature, template),
            "has_signature": bool(signature),
            "readiness": readiness_of_settings(settings),
        }
        return render(self.request, "messages/compose.html", context)


def _keep(message: OutgoingMessage) -> None:
    """Store the row of a message that has none yet; two requests at once make one."""
    if message.pk:
        return
    row, _is_new = OutgoingMessage.objects.get_or_create(
        uid=message.uid,
        user=message.user,
        defaults={"content_until": timezone.now() + CONTENT_KEPT_FOR},
    )
    message.pk = row.pk
    message.refresh_from_db()
