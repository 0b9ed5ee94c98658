"""The forms of the Django admin: the pages' own forms, with what a page does around them done inside.

Secrets can be seen (as set or not) but not entered here: the padlock needs the pages. A conflict, and the effect of a
system-wide change, are told as errors; saving once more is the answer to both.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import UserChangeForm
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from users.forms.activity import ActivityForm
from users.forms.email_settings import EmailSettingsForm
from users.forms.entra import EntraForm
from users.forms.padlock import PadlockForm, PadlockMode
from users.forms.signature_template import SignatureTemplateForm
from users.forms.system_settings import SystemSettingsForm
from users.forms.versions import VersionedForm
from users.impact import Impact, impact_of
from users.models import Installation, SystemSettings, User


class TellsOfConflict(VersionedForm):
    """Tells of a conflict as an error; the values that were typed stay, and saving again replaces the stored ones."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.cleaned_data.get("version") != self.instance.version:
            stored = self.stored()
            differences = self.show_conflict(stored)
            listed = "; ".join(f"{each.label}: {each.stored or '–'} → {each.own or '–'}" for each in differences)
            raise ValidationError(
                _(
                    "This was saved in the meantime, by somebody else or in another window, and nothing of yours is "
                    "stored yet. What is stored → yours: %(differences)s. Save again to replace what is stored."
                ),
                code="conflict",
                params={"differences": listed or "–"},
            )
        return cleaned


class LocksPadlocks(PadlockForm):
    """Shows secrets as set or not set, with a link to the page where they can be changed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.padlock_names():
            self.set_padlock(name, PadlockMode.VIEW_ONLY, self.note())

    def note(self) -> SafeString:
        return format_html('<a href="{}">{}</a>', self.page_address(), _("Enter or change it on the settings page."))

    def page_address(self) -> str:
        """Where the secrets can be changed."""
        raise NotImplementedError


class TellsOfEffect(VersionedForm):
    """Tells what a system-wide change does to users, and wants to be saved again with exactly this effect."""

    confirmed = forms.CharField(required=False, widget=forms.HiddenInput)

    def proposed(self) -> Installation:
        raise NotImplementedError

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if self.errors:
            return
        impact = impact_of(before=Installation.load(), after=self.proposed())
        if impact and self.cleaned_data["confirmed"] != impact.code:
            self.data = self.data.copy()  # type: ignore[attr-defined]
            self.data["confirmed"] = impact.code  # type: ignore[index]
            self.add_error(None, ValidationError(_effect(impact), code="effect"))


def _effect(impact: Impact) -> str:
    sentences = [
        (impact.changes_method, _("users who change their e-mail method: %d")),
        (impact.becomes_incomplete, _("users for whom something will be missing: %d")),
        (impact.becomes_complete, _("users whose settings will be complete: %d")),
        (impact.has_to_be_checked, _("users who will have to be checked again: %d")),
    ]
    told = "; ".join(sentence % count for count, sentence in sentences if count)
    return _("Nothing is saved yet, because this change has an effect (%(told)s). Save again to do it.") % {
        "told": told
    }


class EmailSettingsAdminForm(LocksPadlocks, TellsOfConflict, EmailSettingsForm):
    def page_address(self) -> str:
        return self.instance.user.get_absolute_url()


class SystemSettingsAdminForm(LocksPadlocks, TellsOfEffect, TellsOfConflict, SystemSettingsForm):
    def page_address(self) -> str:
        return reverse("users:system")

    def proposed(self) -> Installation:
        return Installation(self.instance, self.instance.registration)


class EntraAdminForm(LocksPadlocks, TellsOfEffect, TellsOfConflict, EntraForm):
    def page_address(self) -> str:
        return reverse("users:entra")

    def proposed(self) -> Installation:
        return Installation(SystemSettings.load(), self.instance)


class SignatureTemplateAdminForm(TellsOfConflict, SignatureTemplateForm):
    pass


class ActivityAdminForm(TellsOfConflict, ActivityForm):
    pass


class UserAdminForm(TellsOfConflict, UserChangeForm):
    class Meta(UserChangeForm.Meta):  # type: ignore[name-defined]
        model = User
