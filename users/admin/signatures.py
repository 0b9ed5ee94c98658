"""Company signatures, and the pictures of all signatures."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from users.admin.base import LookOnlyAdmin, PageFormAdmin
from users.forms.admin import SignatureTemplateAdminForm
from users.models import SignatureImage, SignatureTemplate


@admin.register(SignatureTemplate)
class SignatureTemplateAdmin(PageFormAdmin):
    form = SignatureTemplateAdminForm
    list_display = ["name", "use"]
    fieldsets = [(None, {"fields": ["version", "name", "use", "html"]})]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return admin.ModelAdmin.has_add_permission(self, request)


@admin.register(SignatureImage)
class SignatureImageAdmin(LookOnlyAdmin):
    """Pictures come with signatures."""

    list_display = ["content_id", "owner", "template", "media_type", "size", "is_used"]
    list_filter = ["is_used", "media_type"]
    list_select_related = ["owner", "template"]
    fields = [
        "owner",
        "template",
        "content_id",
        "media_type",
        "size",
        "width",
        "height",
        "sha256",
        "is_used",
        "added_at",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[SignatureImage]:
        rows: QuerySet[SignatureImage] = super().get_queryset(request)
        return rows.defer("content")
