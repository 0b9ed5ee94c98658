"""Users: their accounts, their settings, and their connections to Microsoft 365."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.db.models import Case, QuerySet, Value, When
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from users import exports
from users.admin.base import MAX_DIGITS, LookOnlyAdmin, PageFormAdmin, SafeAdmin, may_touch
from users.forms.admin import EmailSettingsAdminForm, UserAdminForm
from users.forms.versions import save_unless_changed
from users.methods import METHODS
from users.models import EmailSettings, Installation, MicrosoftConnection, User
from users.readiness import is_ready

ACCOUNT_FIELDS: Any = {
    "fields": ["exchange_username", "exchange_password"],
    "description": _("Used by: %(methods)s.")
    % {"methods": ", ".join(method.label for method in METHODS.values() if method.may_ask_for_account())},
}


@admin.register(User)
class UserAdmin(SafeAdmin, DjangoUserAdmin):
    """Accounts and rights. Only superusers give rights or touch other superusers."""

    form = UserAdminForm
    list_display = ["username", "first_name", "last_name", "department", "is_active", "is_staff"]
    readonly_fields = ["uid", "email_settings_page", "last_login", "date_joined"]
    fieldsets = [
        (None, {"fields": ["version", "username", "password", "uid"]}),
        (_("Person"), {"fields": ["first_name", "last_name", "job_title", "department", "phone", "mobile", "email"]}),
        (_("E-mail"), {"fields": ["email_settings_page"]}),
        (_("Rights"), {"fields": ["is_active", "is_staff", "is_superuser", "groups", "user_permissions"]}),
        (_("Dates"), {"fields": ["last_login", "date_joined"]}),
    ]

    RIGHTS: ClassVar = ["is_staff", "is_superuser", "groups", "user_permissions"]

    @admin.display(description=_("E-mail settings"))
    def email_settings_page(self, user: User) -> str:
        """The way to them also for users who have none yet, whom their list does not show."""
        page = reverse("admin:users_emailsettings_change", args=[user.pk])
        return format_html('<a href="{}">{}</a>', page, _("Look at them and change them."))

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002
        names = kwargs.pop("fields", None) or flatten_fieldsets(self.get_fieldsets(request, obj))
        fields = [name for name in names if name != "version"]  # the form brings it along
        return super().get_form(request, obj, change=change, fields=fields, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        rights = [] if request.user.is_superuser else self.RIGHTS
        return [*self.readonly_fields, *rights]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and may_touch(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and may_touch(request, obj)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        if change:
            super().save_model(request, obj, form, change)
        else:
            save_unless_changed(obj)


@admin.register(EmailSettings)
class EmailSettingsAdmin(PageFormAdmin):
    """Each user's e-mail settings.

    A user without a row is reached by the user's id: the row comes with the first change.
    """

    form = EmailSettingsAdminForm
    list_display = ["user", "ready", "last_check", "method_in_force", "address", "copy_mode"]
    list_filter = ["method", "copy_mode"]
    list_select_related = ["user"]
    search_fields = ["user__username", "user__first_name", "user__last_name", "address"]
    fieldsets = [
        (None, {"fields": ["version", "method", "address"]}),
        (_("Exchange account"), ACCOUNT_FIELDS),
        (None, {"fields": ["copy_mode", "export_activities", "signature"]}),
    ]
    readonly_fields = ["signature"]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        super().save_model(request, obj, form, change)
        exports.go_on(obj.pk)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> EmailSettings | None:
        is_key = object_id.isdecimal() and len(object_id) <= MAX_DIGITS
        user = User.objects.filter(pk=object_id).first() if is_key else None
        return EmailSettings.of(user) if user else None

    def get_queryset(self, request: HttpRequest) -> QuerySet[EmailSettings]:
        rows: QuerySet[EmailSettings] = super().get_queryset(request)
        installation = Installation.load()
        ready = is_ready(installation, at="user__listing__kind__")
        return rows.annotate(
            inherited=Value(installation.system.sending_method),
            counts_as_ready=Case(When(ready, then=Value(value=True)), default=Value(value=False)),
        )

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The rows share what holds for all of them, so that each can say how its last check stands."""
        changes = super().get_changelist_instance(request)
        installation = Installation.load()
        for settings in changes.result_list:
            settings.installation = installation
        return changes

    @admin.display(description=_("Last check"), ordering="checked_at")
    def last_check(self, settings: EmailSettings) -> str:
        return settings.last_check.text

    @admin.display(description=_("Ready"), boolean=True)
    def ready(self, settings: Any) -> bool:
        return bool(settings.counts_as_ready)

    @admin.display(description=_("E-mail signature"))
    def signature(self, settings: EmailSettings) -> str:
        """Whether there is one; it is edited on its page, which shows it as it looks."""
        state = _("Set.") if settings.signature_html else _("Not set.")
        page = reverse("users:edit-signature", args=[settings.user.uid])
        return format_html('{} <a href="{}">{}</a>', state, page, _("Look at it and change it on its page."))

    @admin.display(description=_("E-mail method"))
    def method_in_force(self, settings: Any) -> str:
        if settings.method:
            return METHODS[settings.method].label
        return _("%(method)s (from the system settings)") % {"method": METHODS[settings.inherited].label}

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and may_touch(request, obj and obj.user)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and may_touch(request, obj and obj.user)


@admin.register(MicrosoftConnection)
class MicrosoftConnectionAdmin(LookOnlyAdmin):
    """Who is connected to Microsoft 365; only the users themselves can connect."""

    list_display = ["user", "account", "connected_at", "has_ended"]
    list_select_related = ["user"]
    fields = ["user", "account", "connected_at", "token_cache_set_at", "has_ended"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[MicrosoftConnection]:
        rows: QuerySet[MicrosoftConnection] = super().get_queryset(request)
        return rows.defer("token_cache")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and may_touch(request, obj and obj.user)
