"""What the user list is filtered by. It is read from the address, so that a list can be kept as a bookmark."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from users.choices import EmailMethod
from users.directory import SORTS

READY = {
    "": _("All"),
    "yes": _("Ready"),
    "no": _("Not ready"),
    "settings": _("Settings missing"),
    "failed": _("Check failed"),
    "check": _("Not checked"),
}
"""How settings may stand (:data:`users.directory.STATES`), and all."""
OTHER_SPELLINGS = {"1": "yes", "true": "yes", "ready": "yes", "0": "no", "false": "no", "not_ready": "no"}
"""Of people and programs that write the address themselves."""


class UserSearchForm(forms.Form):
    """Search, filters and sort order. What is not known counts as not given."""

    q = forms.CharField(label=_("Search"), required=False, max_length=100)
    method = forms.ChoiceField(
        label=_("E-mail method"), required=False, choices=[("", _("All methods")), *EmailMethod.choices]
    )
    ready = forms.ChoiceField(label=_("Settings"), required=False, choices=list(READY.items()))
    sort = forms.ChoiceField(required=False, choices=[(name, name) for name in SORTS], widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, str] | None = None, **kwargs: Any) -> None:
        asked = dict(data.items()) if data is not None else None
        if asked and asked.get("ready") in OTHER_SPELLINGS:
            asked["ready"] = OTHER_SPELLINGS[asked["ready"]]
        super().__init__(asked, **kwargs)

    @property
    def chosen(self) -> dict[str, Any]:
        """The valid choices, the rest empty."""
        self.is_valid()
        return {name: self.cleaned_data.get(name, "") for name in self.fields}
