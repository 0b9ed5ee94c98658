"""The system-wide pages: settings and the app registration. Both show what a change does to users before it is done."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from functools import partial
from http import HTTPStatus
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from users import checking, exports
from users.entra.endings import worrying
from users.entra.guide import guide_for
from users.forms import EntraForm, SystemSettingsForm
from users.impact import impact_of
from users.methods import METHODS
from users.models import CheckRun, EntraAppRegistration, Installation, SystemSettings
from users.retirements import retirements_for
from users.views.access import SuperuserOnly
from users.views.checks import as_shown, refuse, remember, remembered, show_run, wants_progress
from users.views.entra import redirect_address
from users.views.pages import SettingsPage, make_form

EFFECT, CONFIRMED = "effect", "confirmed"
CHECKED_ALONE = {name: method for name, method in METHODS.items() if method.server or method.needs_app_registration}
"""The methods for which administrators have something to set up that can be checked without any user."""


class SystemWidePage(SuperuserOnly, SettingsPage):
    """A page whose change may change what is in force for users."""

    def proposed(self) -> Installation:
        """The installation as it would be with the forms' values."""
        raise NotImplementedError

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if request.POST.get("action") != EFFECT:
            return super().post(request, **kwargs)
        self.prepare()
        return self.effect(self.make_forms(data=request.POST, padlocks=self.padlocks.modes()))

    def effect(self, page_forms: dict[str, Any]) -> HttpResponse:
        """The effect alone, for a script; nothing where saving needs no question, or can't be done yet."""
        question = self.confirm(page_forms) if page_forms["form"].is_valid() else None
        if question is None:
            return HttpResponse(status=HTTPStatus.NO_CONTENT)
        return render(self.request, "users/_impact.html", question)

    def store(self, page_forms: dict[str, Any]) -> None:
        with transaction.atomic():
            super().store(page_forms)
            exports.go_on_everywhere()

    def confirm(self, page_forms: dict[str, Any]) -> dict[str, Any] | None:
        """Show the effect, unless there is none or exactly this effect was shown and confirmed."""
        impact = impact_of(before=Installation.load(), after=self.proposed())
        if not impact or self.request.POST.get(CONFIRMED) == impact.code:
            return None
        return {"impact": impact}

    def show_check(self, page_forms: dict[str, Any], check: Callable[..., CheckRun]) -> HttpResponse:
        """Check the installation as the valid form has it, and show the result: whole, or as it comes to a script."""
        if not page_forms["form"].is_valid():
            return refuse(self.request, page_forms["form"]) or self.show(page_forms)
        progressive = wants_progress(self.request)
        run = check(self.proposed(), by=self.editor, in_background=progressive)
        if progressive:
            remember(self.request, run)
            return show_run(self.request, run)
        self.extra |= {"is_changed": page_forms["form"].has_changed(), "check": as_shown(run, self.editor)}
        return self.show(page_forms)


class SystemPage(SystemWidePage):
    """The sending method, the servers and the policies."""

    template_name = "users/system.html"
    saved = _("The system settings are saved.")

    def prepare(self) -> None:
        self.system = SystemSettings.load()

    def make_forms(self, **options: Any) -> dict[str, Any]:
        return {"form": make_form(SystemSettingsForm, self.system, editor=self.editor, **options)}

    def proposed(self) -> Installation:
        return Installation(self.system, self.system.registration)

    def context(self) -> dict[str, Any]:
        """What ends soon, and what can be checked on its own."""
        shown = [remembered(self.request, checking.subject_alone(method)) for method in CHECKED_ALONE.values()]
        return {
            "endings": worrying(self.system.registration),
            "retirements": retirements_for(Installation(SystemSettings.load(), self.system.registration)),
            "checked_alone": CHECKED_ALONE.values(),
            "check": next(filter(None, shown), None),
        }

    def check(self, name: str) -> HttpResponse:
        """Check the server of one method as the screen has it, saved or not, or the app registration."""
        page_forms = self.make_forms(data=self.request.POST, padlocks=self.padlocks.modes())
        if name not in CHECKED_ALONE:
            return self.show(page_forms)
        return self.show_check(page_forms, partial(checking.check_alone, method=CHECKED_ALONE[name]))


class EntraPage(SystemWidePage):
    """The app registration, with the guide that leads through the Entra admin centre."""

    template_name = "users/entra.html"
    saved = _("The app registration is saved.")

    def prepare(self) -> None:
        self.registration = EntraAppRegistration.load()
        self.stored = copy(self.registration)

    def context(self) -> dict[str, Any]:
        return {
            "registration": self.stored,
            "missing": self.stored.missing(),
            "endings": worrying(self.stored),
            "check": remembered(self.request, checking.REGISTRATION),
            "guide": guide_for(self.stored, redirect_address(self.request)),
        }

    def make_forms(self, **options: Any) -> dict[str, Any]:
        return {"form": make_form(EntraForm, self.registration, editor=self.editor, **options)}

    def proposed(self) -> Installation:
        return Installation(SystemSettings.load(), self.registration)

    def check(self, name: str) -> HttpResponse:
        """Check the registration as the screen has it, saved or not."""
        page_forms = self.make_forms(data=self.request.POST, padlocks=self.padlocks.modes())
        return self.show_check(page_forms, checking.check_registration)
