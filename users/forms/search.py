"""What the user list is filtered by. It is read from the address, so that a list can be kept as a bookmark."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from users.choices import EmailMethod
from users.directory import SORTS

READY = {
    "yes": _("Ready"),
    "no": _("Not ready"),
    "settings": _("Not ready: settings missing"),
    "failed": _("Not ready: check failed"),
    "check": _("Not ready: not checked as they are"),
}


class UserSearchForm(forms.Form):
    """Search, filters and sort order. What is not known counts as not given."""

    q = forms.CharField(label=_("Search"), required=False, max_length=100)
    method = forms.ChoiceField(
        label=_("E-mail method"), required=False, choices=[("", _("All methods")), *EmailMethod.choices]
    )
    ready = forms.ChoiceField(label=_("Settings"), required=False, choices=[("", _("All")), *READY.items()])
    sort = forms.ChoiceField(required=False, choices=[(name, name) for name in SORTS], widget=forms.HiddenInput)

    @property
    def chosen(self) -> dict[str, Any]:
        """The valid choices, the rest empty."""
        self.is_valid()
        return {name: self.cleaned_data.get(name, "") for name in self.fields}
