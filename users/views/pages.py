"""What all pages with settings forms do: show, unlock and lock padlocks, save, and tell of a conflict."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any, ClassVar, TypeVar

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.debug import sensitive_post_parameters

from users.forms.padlock import PadlockForm
from users.forms.versions import VersionedForm
from users.models import Conflict, User
from users.views.access import AuthenticatedRequest
from users.views.padlocks import CONFIRM_FOR, CONFIRM_PASSWORD, Padlocks

SAVE, CHECK = "save", "check"
Form = TypeVar("Form", bound=forms.BaseModelForm)


@method_decorator(sensitive_post_parameters(), name="dispatch")
class SettingsPage(View):
    """A page with one or more forms, saved together by one button."""

    template_name: ClassVar[str]
    saved: ClassVar[Any]
    saves_one_row: ClassVar[bool] = False
    """Whether one form writes one row and nothing else: a statement alone needs no transaction."""

    # --- What a page says of itself -------------------------------------------------------------------------------

    def prepare(self) -> None:
        """Load what the page is about."""

    def make_forms(self, **options: Any) -> dict[str, forms.BaseModelForm]:
        """The forms by the name that the template knows. `options` hold ``data`` for what was posted."""
        raise NotImplementedError

    def context(self) -> dict[str, Any]:
        """What the template shows beside the forms."""
        return {}

    def padlock_target(self) -> str:
        """What the session keeps the opened padlocks under."""
        return type(self).__name__

    def next_address(self) -> str:
        return self.request.path

    def confirm(self, page_forms: dict[str, forms.BaseModelForm]) -> dict[str, Any] | None:
        """What has to be shown before the valid forms are saved; None when they may be saved at once."""
        return None

    # --- Requests -------------------------------------------------------------------------------------------------

    request: AuthenticatedRequest

    @property
    def editor(self) -> User:
        return self.request.user

    @property
    def padlocks(self) -> Padlocks:
        return Padlocks(self.request, self.padlock_target())

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.extra: dict[str, Any] = {}
        self.typed: QueryDict = request.POST

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        self.prepare()
        return self.show(self.make_forms())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        self.prepare()
        button, _colon, name = self._pressed().partition(":")
        if button == SAVE:
            return self.save(self.make_forms(data=request.POST, padlocks=self.padlocks.modes()))
        if button == CHECK:
            return self.check(name)
        return self.show_again(button, name)

    def check(self, name: str) -> HttpResponse:
        """Check what is on the screen; `name` is what follows the button's colon. Pages that can, do."""
        return self.show_again(CHECK, name)

    def _pressed(self) -> str:
        """The button; the Enter key in the field for the own sign-in password stands for *Unlock*."""
        button = self.request.POST.get("action", SAVE)
        if button == SAVE and self.request.POST.get(CONFIRM_PASSWORD):
            return f"unlock:{self.request.POST.get(CONFIRM_FOR, '')}"
        return button

    def show_again(self, button: str, name: str) -> HttpResponse:
        """The page with what was typed, and with the padlock that was pressed in its new state; nothing is checked."""
        page_forms = self.make_forms(typed=self.typed, padlocks=self.padlocks.modes())
        for form in page_forms.values():
            if isinstance(form, PadlockForm):
                self.padlocks.press(form, button, name)
        self.extra["is_changed"] = True
        return self.show(page_forms)

    def save(self, page_forms: dict[str, Any]) -> HttpResponse:
        self.extra["is_changed"] = True
        are_valid = [form.is_valid() for form in page_forms.values()]  # every form shows its errors
        if not all(are_valid):
            return self.show(page_forms)
        try:
            if (question := self.confirm(page_forms)) is not None:
                self.extra |= question
                return self.show(page_forms)
            self.store(page_forms)
        except Conflict as conflict:
            return self._show_conflict(page_forms, conflict)
        except ValidationError:
            return self.show(page_forms)
        self.padlocks.lock()
        messages.success(self.request, self.saved)
        return redirect(self.next_address())

    def store(self, page_forms: dict[str, VersionedForm]) -> None:
        """Save all forms, or none. Raises Conflict, and ValidationError once the form shows it."""
        with nullcontext() if self.saves_one_row else transaction.atomic():
            for form in page_forms.values():
                form.save_unless_changed()

    def show(self, page_forms: dict[str, Any], status: int = 200) -> HttpResponse:
        context = self.context() | page_forms | self.extra
        return render(self.request, self.template_name, context, status=status)

    def _show_conflict(self, page_forms: dict[str, VersionedForm], conflict: Conflict) -> HttpResponse:
        self.extra["conflict"] = True
        self.extra["differences"] = [
            difference for form in page_forms.values() for difference in form.show_conflict(form.stored())
        ]
        return self.show(page_forms, status=409)


def make_form(
    form_class: type[Form], instance: Any, *, data: Any = None, typed: QueryDict | None = None, **kwargs: Any
) -> Form:
    """A form with what was posted (`data`, to be checked) or with what was typed so far (`typed`, shown as it is)."""
    initial = None if typed is None else _typed_values(form_class, typed, kwargs.get("prefix"))
    return form_class(data, instance=instance, initial=initial, **kwargs)


def _typed_values(form_class: type[forms.BaseModelForm], posted: QueryDict, prefix: str | None) -> dict[str, Any]:
    return {
        name: field.widget.value_from_datadict(posted, {}, f"{prefix}-{name}" if prefix else name)
        for name, field in form_class.base_fields.items()  # type: ignore[attr-defined]
    }
