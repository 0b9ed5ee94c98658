"""What the admin pages have in common."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext_lazy as _

from users.models import Conflict, User, sealed_columns

MAX_DIGITS = len(str(models.BigAutoField.MAX_BIGINT)) - 1
"""Of a key; databases, and Python itself, refuse longer ones by an error."""


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

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """None also for a number that no key can be: Django lets it through to the database where a user is the key."""
        return super().get_object(request, object_id, from_field) if len(object_id) <= MAX_DIGITS else None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def may_touch(request: HttpRequest, user: User | None) -> bool:
    """Whether who is signed in may change what is this user's: what belongs to a superuser is for superusers alone."""
    return user is None or request.user.is_superuser or not user.is_superuser


def _sealed_fields() -> set[str]:
    return {column.field for column in sealed_columns()}
