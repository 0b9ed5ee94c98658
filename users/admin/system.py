"""What all users share: the system settings and the app registration."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from users import exports
from users.admin.base import PageFormAdmin
from users.forms.admin import EntraAdminForm, SystemSettingsAdminForm
from users.models import EntraAppRegistration, SystemSettings


class SingleRowAdmin(PageFormAdmin):
    """A table with a single row: the list leads straight to it. For superusers, as the page is."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        super().save_model(request, obj, form, change)
        exports.go_on_everywhere()

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        return HttpResponseRedirect(reverse(name, args=[self.model.ROW]))

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        return self.model.load() if object_id == str(self.model.ROW) else None

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_superuser

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_superuser

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(SystemSettings)
class SystemSettingsAdmin(SingleRowAdmin):
    form = SystemSettingsAdminForm
    fieldsets = [
        (None, {"fields": ["version", "confirmed", "sending_method"]}),
        (_("SMTP server"), {"fields": ["smtp_host", "smtp_security", "smtp_port", "smtp_username", "smtp_password"]}),
        (_("Exchange server"), {"fields": ["exchange_url", "exchange_auth"]}),
        (
            _("What users may do"),
            {"fields": ["users_may_choose_method", "users_may_edit_address", "calendar_feeds", "allowed_domains"]},
        ),
    ]


@admin.register(EntraAppRegistration)
class EntraAppRegistrationAdmin(SingleRowAdmin):
    form = EntraAdminForm
    fieldsets = [
        (
            None,
            {"fields": ["version", "confirmed", "cloud", "custom_authority", "custom_graph", "tenant_id", "client_id"]},
        ),
        (_("Access"), {"fields": ["flow", "client_secret", "secret_expires_on", "certificate", "private_key"]}),
    ]
