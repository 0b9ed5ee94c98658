"""The Django admin: all models, with the pages' forms and rules. Secrets show as set or not set, and nothing more."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.utils import flatten_fieldsets
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Case, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from users import exports
from users.forms.admin import (
    ActivityAdminForm,
    EmailSettingsAdminForm,
    EntraAdminForm,
    SignatureTemplateAdminForm,
    SystemSettingsAdminForm,
    UserAdminForm,
)
from users.forms.versions import save_unless_changed
from users.methods import METHODS
from users.models import (
    Activity,
    ActivityExport,
    CalendarFeed,
    Conflict,
    EmailSettings,
    EntraAppRegistration,
    ExportQueue,
    Installation,
    MicrosoftConnection,
    OutgoingAttachment,
    OutgoingMessage,
    SignatureImage,
    SignatureTemplate,
    SystemSettings,
    User,
    sealed_columns,
)
from users.readiness import is_ready

ACCOUNT_FIELDS: Any = {
    "fields": ["exchange_username", "exchange_password"],
    "description": _("Used by: %(methods)s.")
    % {"methods": ", ".join(method.label for method in METHODS.values() if method.may_ask_for_account())},
}


class SafeAdmin(admin.ModelAdmin):
    """Saves only over the version that was shown, and lets nobody look for sealed values."""

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        return _sealed_fields().isdisjoint(lookup.split("__")) and super().lookup_allowed(lookup, value, request)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Without the form's own fields where there is only something to look at: those would show stored values."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return fieldsets
        hidden = {"version", "confirmed", *_sealed_fields()}
        return [
            (name, options | {"fields": [field for field in options["fields"] if field not in hidden]})
            for name, options in fieldsets
        ]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        form.save_unless_changed()

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        # Somebody may save between the check of the form and the saving.
        try:
            return super().changeform_view(request, *args, **kwargs)
        except Conflict:
            messages.error(request, _("Somebody else saved this at the same moment. Look at it, and save again."))
        except ValidationError as error:
            messages.error(request, " ".join([*error.messages, str(_("Nothing is saved."))]))
        return HttpResponseRedirect(request.path)


class PageFormAdmin(SafeAdmin):
    """Uses a page's form as it is, with the signed-in user as its editor."""

    class Media:
        css: ClassVar = {"all": ["css/admin.css"]}

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002
        editor = request.user

        class Form(self.form):  # type: ignore[name-defined, misc]
            def __init__(self, *args: Any, **options: Any) -> None:
                super().__init__(*args, editor=editor, **options)

        return Form

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


class LookOnlyAdmin(admin.ModelAdmin):
    """Rows that come with other things: only to look at and to delete."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(User)
class UserAdmin(SafeAdmin, DjangoUserAdmin):
    """Accounts and rights. Only superusers give rights or touch other superusers."""

    form = UserAdminForm
    list_display = ["username", "first_name", "last_name", "department", "is_active", "is_staff"]
    readonly_fields = ["uid", "last_login", "date_joined"]
    fieldsets = [
        (None, {"fields": ["version", "username", "password", "uid"]}),
        (_("Person"), {"fields": ["first_name", "last_name", "job_title", "department", "phone", "mobile", "email"]}),
        (_("Rights"), {"fields": ["is_active", "is_staff", "is_superuser", "groups", "user_permissions"]}),
        (_("Dates"), {"fields": ["last_login", "date_joined"]}),
    ]
    RIGHTS: ClassVar = ["is_staff", "is_superuser", "groups", "user_permissions"]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002
        names = kwargs.pop("fields", None) or flatten_fieldsets(self.get_fieldsets(request, obj))
        fields = [name for name in names if name != "version"]  # the form brings it along
        return super().get_form(request, obj, change=change, fields=fields, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        rights = [] if request.user.is_superuser else self.RIGHTS
        return [*self.readonly_fields, *rights]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and _may_touch(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and _may_touch(request, obj)

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
    list_display = ["user", "method_in_force", "address", "copy_mode", "ready", "checked_at"]
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
        user = User.objects.filter(pk=object_id).first() if object_id.isdecimal() else None
        return EmailSettings.of(user) if user else None

    def get_queryset(self, request: HttpRequest) -> QuerySet[EmailSettings]:
        rows: QuerySet[EmailSettings] = super().get_queryset(request)
        installation = Installation.load()
        ready = is_ready(installation, at="user__listing__kind__")
        return rows.annotate(
            inherited=Value(installation.system.sending_method),
            counts_as_ready=Case(When(ready, then=Value(value=True)), default=Value(value=False)),
        )

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
        return super().has_change_permission(request, obj) and _may_touch(request, obj and obj.user)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and _may_touch(request, obj and obj.user)


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
        return super().has_delete_permission(request, obj) and _may_touch(request, obj and obj.user)


@admin.register(Activity)
class ActivityAdmin(PageFormAdmin):
    """Activities are added on the pages, where it is seen whose they are."""

    form = ActivityAdminForm
    list_display = ["subject", "owner", "when", "is_done", "cancelled_at"]
    list_filter = ["is_done"]
    list_select_related = ["owner"]
    search_fields = ["subject", "owner__username"]
    date_hierarchy = "starts_at"
    fieldsets = [
        (None, {"fields": ["version", "subject", "is_done", "in_calendar"]}),
        (
            _("When"),
            {
                "fields": [
                    "whole_day",
                    ("start_day", "start_time", "start_which"),
                    ("end_day", "end_time", "end_which"),
                    "time_zone",
                ]
            },
        ),
        (_("What about"), {"fields": ["place", "text", "reference", "link"]}),
    ]
    LOOK: ClassVar = [
        "subject",
        "is_done",
        "in_calendar",
        "owner",
        "when",
        "time_zone",
        "place",
        "text",
        "reference",
        "link",
    ]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """The form puts the time together out of fields that the model does not have."""
        if self.has_change_permission(request, obj):
            return super().get_fieldsets(request, obj)
        return [(None, {"fields": self.LOOK})]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and _may_touch(request, obj and obj.owner)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and _may_touch(request, obj and obj.owner)


@admin.register(ActivityExport)
class ActivityExportAdmin(LookOnlyAdmin):
    """Which activity is in which calendar."""

    list_display = ["activity_uid", "owner", "state", "attempts", "try_at", "problem"]
    list_filter = ["state"]
    list_select_related = ["owner"]
    fields = ["activity_uid", "owner", "state", "requested", "written", "attempts", "try_at", "problem", "advice"]


@admin.register(ExportQueue)
class ExportQueueAdmin(LookOnlyAdmin):
    """Whose export is under way, waits for a server, or is paused."""

    list_display = ["owner", "claimed_until", "not_before", "paused_at", "problem"]
    list_filter = [("paused_at", admin.EmptyFieldListFilter)]
    list_select_related = ["owner"]
    fields = ["owner", "claimed_until", "not_before", "attempts", "paused_at", "problem", "advice"]


@admin.register(CalendarFeed)
class CalendarFeedAdmin(LookOnlyAdmin):
    """Subscriptions: their addresses are known to those alone who made them."""

    list_display = ["user", "made_at"]
    list_select_related = ["user"]
    fields = ["user", "made_at"]


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


def _sealed_fields() -> set[str]:
    return {column.field for column in sealed_columns()}


def _may_touch(request: HttpRequest, user: User | None) -> bool:
    return user is None or request.user.is_superuser or not user.is_superuser
