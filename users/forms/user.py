"""A user's account, as administrators edit it beside the e-mail settings."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Column, Fieldset, Layout, Row
from django.contrib.auth.forms import BaseUserCreationForm
from django.utils.translation import gettext_lazy as _

from users.forms.versions import VersionedForm
from users.models import User

FIELDS = ("username", "first_name", "last_name", "job_title", "department", "phone", "mobile")


def _layout(legend: str, *more: str) -> Layout:
    return Layout(
        "version",
        Fieldset(
            legend,
            "username",
            *more,
            Row(Column("first_name", css_class="col-sm"), Column("last_name", css_class="col-sm")),
            Row(Column("job_title", css_class="col-sm"), Column("department", css_class="col-sm")),
            Row(Column("phone", css_class="col-sm"), Column("mobile", css_class="col-sm")),
            css_class="settings-group",
        ),
    )


class AccountForm(VersionedForm):
    """Who the user is. Rights are given in the Django admin alone."""

    instance: User

    class Meta:
        model = User
        fields = (*FIELDS, "is_active")
        labels = {"username": _("User name"), "is_active": _("May sign in")}
        help_texts = {"username": _("To sign in to this site."), "is_active": ""}

    def __init__(self, *args: Any, editor: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance == editor:
            self.fields["is_active"].disabled = True
            self.fields["is_active"].help_text = _("Nobody can take this from themselves: ask another administrator.")
        self.helper = FormHelper(self)
        self.helper.form_tag = False
        self.helper.layout = _layout(str(_("Account")))
        self.helper.layout[1].append("is_active")


class NewAccountForm(VersionedForm, BaseUserCreationForm):
    """A new user, with a first password."""

    instance: User

    class Meta(BaseUserCreationForm.Meta):  # type: ignore[name-defined]
        model = User
        fields = FIELDS
        labels = {"username": _("User name")}
        help_texts = {"username": _("To sign in to this site.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper(self)
        self.helper.form_tag = False
        self.helper.layout = _layout(str(_("Account")), "password1", "password2")

    def save_unless_changed(self) -> None:
        self.save(commit=False)  # which hashes the password
        super().save_unless_changed()
