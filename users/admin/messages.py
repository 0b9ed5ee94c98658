"""Messages that were written in the browser."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from users.admin.base import LookOnlyAdmin
from users.models import OutgoingAttachment, OutgoingMessage


@admin.register(OutgoingMessage)
class OutgoingMessageAdmin(LookOnlyAdmin):
    """What became of messages; what is in them and whom they went to is their writers' own business."""

    list_display = ["uid", "user", "method", "sent_at", "state", "outcome"]
    list_filter = ["method", "outcome"]
    list_select_related = ["user"]
    fields = ["uid", "user", "method", "created_at", "sent_at", "state", "outcome", "message_id"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[OutgoingMessage]:
        rows: QuerySet[OutgoingMessage] = super().get_queryset(request)
        return rows.defer("to", "cc", "bcc", "subject", "text", "draft")


@admin.register(OutgoingAttachment)
class OutgoingAttachmentAdmin(LookOnlyAdmin):
    """The files of messages that were not sent yet, without their names and contents."""

    list_display = ["message", "media_type", "size"]
    list_select_related = ["message"]
    fields = ["message", "media_type", "size"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[OutgoingAttachment]:
        rows: QuerySet[OutgoingAttachment] = super().get_queryset(request)
        return rows.defer("name", "content")
