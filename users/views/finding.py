"""*Find my settings* on the pages of one user's settings: methods that fit the address, to be chosen in the form."""

from __future__ import annotations

from copy import copy
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import render

from users.forms import EmailSettingsForm
from users.methods import METHODS
from users.models import EmailSettings
from users.suggestion import suggest
from users.views.checks import wants_progress
from users.views.pages import SettingsPage

FIND, CHOOSE = "find", "choose"


class FindsSettings(SettingsPage):
    """A page with the form for one user's settings, which looks up what fits the address on the screen."""

    settings: EmailSettings

    def show_again(self, button: str, name: str) -> HttpResponse:
        if button == CHOOSE and name in METHODS:
            self.typed = _with_method(self.typed, name)
        if button == FIND:
            return self.find()
        return super().show_again(button, name)

    def find(self) -> HttpResponse:
        """Show what fits. Nothing is chosen, and nothing is saved."""
        form: Any = self.make_forms(typed=self.typed, padlocks=self.padlocks.modes())["form"]
        if not form.fields["method"].disabled:
            self.extra["found"] = suggest(_as_shown(self.settings, form), _address_in(form), by=self.editor)
        if wants_progress(self.request):
            return render(self.request, "users/_found.html", self.extra)
        return super().show_again(FIND, "")


def _as_shown(settings: EmailSettings, form: EmailSettingsForm) -> EmailSettings:
    shown = copy(settings)
    shown.method = form.chosen_method
    return shown


def _address_in(form: EmailSettingsForm) -> str:
    """The address on the screen; where it can't be changed, the stored one."""
    is_locked = form.fields["address"].disabled
    return str((form.instance.address if is_locked else form["address"].value()) or "").strip()


def _with_method(typed: QueryDict, method: str) -> QueryDict:
    changed = typed.copy()
    changed["method"] = method
    return changed
