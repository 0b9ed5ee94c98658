"""How checks show on pages: as a whole, or piece by piece while they go on."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from users.checking import SYSTEM
from users.choices import StepState
from users.forms import EmailSettingsForm, EntraForm, SystemSettingsForm
from users.models import CheckRun, User
from users.models.check_run import LONGEST_CHECK
from users.views.access import AuthenticatedRequest, may_edit

PROGRESSIVE = "X-Progressive"
"""The header of a script that shows the stages as they happen."""
WAITING, RUNNING = "waiting", "running"
TRIED = {StepState.PASSED, StepState.FAILED}
SHORTEST_TOLD = 0.01
SESSION_KEY = "checks"


@dataclass(frozen=True, slots=True)
class ShownStep:
    """One step as a page shows it. `link` leads to the field that has to be mended, if this person may mend it."""

    code: str
    label: str
    state: str
    seconds: float = 0
    sentence: str = ""
    advice: str = ""
    link: str = ""
    field_label: str = ""
    detail: str = ""

    @property
    def time(self) -> str:
        """How long it took, in seconds, of a step that was tried."""
        if self.state not in TRIED:
            return ""
        if self.seconds < SHORTEST_TOLD:
            return f"< {SHORTEST_TOLD} s"
        return f"{self.seconds:.{1 if self.seconds >= 1 else 2}f} s"


@dataclass(frozen=True, slots=True)
class ShownRun:
    """A check as a page shows it."""

    run: CheckRun
    steps: tuple[ShownStep, ...]

    @property
    def failure(self) -> ShownStep | None:
        return next((step for step in self.steps if step.state == StepState.FAILED), None)

    @property
    def for_support(self) -> str:
        """Everything as text, to be copied."""
        lines = [_("Check of %(time)s UTC") % {"time": f"{self.run.started_at:%Y-%m-%d %H:%M:%S}"}]
        for result in self.run.results:
            told = (result["sentence"], result["problem"], result["detail"])
            head = f"{result['label']} [{result['code']}]: {result['state']}, {result['seconds']:.2f} s"
            lines.append(" | ".join([head, *filter(None, told)]))
        return "\n".join(lines)


@require_safe
def check_run(request: AuthenticatedRequest, uid: UUID) -> HttpResponse:
    """How far a check is, for the script that shows it."""
    run = get_object_or_404(CheckRun, uid=uid)
    if not _may_see(run, request.user):
        raise Http404
    return show_run(request, run)


def show_run(request: HttpRequest, run: CheckRun) -> HttpResponse:
    """The check alone, as a piece of a page."""
    return render(request, "users/_check_run.html", {"check": as_shown(run, request.user)})


def remember(request: HttpRequest, run: CheckRun) -> None:
    """Whoever comes back to the page finds the check there while it goes on."""
    request.session[SESSION_KEY] = {run.subject: [str(run.uid), time.time()]}


def remembered(request: AuthenticatedRequest, subject: str) -> ShownRun | None:
    """The check of this subject that this person has begun and that goes on."""
    uid, begun = request.session.get(SESSION_KEY, {}).get(subject, ("", 0))
    if not uid or time.time() - begun > LONGEST_CHECK.total_seconds():
        return None
    run = CheckRun.objects.filter(uid=uid, subject=subject).first()
    return as_shown(run, request.user) if run and run.is_under_way else None


def wants_progress(request: HttpRequest) -> bool:
    """Whether a script asked, which shows the stages as they happen; without one, the whole result is the answer."""
    return PROGRESSIVE in request.headers


def refuse(request: HttpRequest, form: forms.BaseForm) -> HttpResponse | None:
    """What a script shows when the form can't be checked yet; None when there is no script."""
    if not wants_progress(request):
        return None
    errors = [
        (str(form.fields[name].label) if name in form.fields else "", name, texts)
        for name, texts in form.errors.items()
    ]
    return render(request, "users/_check_refused.html", {"errors": errors}, status=422)


def as_shown(run: CheckRun, viewer: Any) -> ShownRun:
    done = {result["code"]: result for result in run.results}
    waiting = [code for code, _label in run.steps if code not in done]
    steps = []
    for code, label in run.steps:
        if code in done:
            steps.append(_shown(run, done[code], viewer))
        else:
            is_next = code == waiting[0] and run.is_under_way
            steps.append(ShownStep(code, label, RUNNING if is_next else WAITING))
    extra = [_shown(run, result, viewer) for code, result in done.items() if code not in {c for c, _l in run.steps}]
    return ShownRun(run, (*extra, *steps))


def _shown(run: CheckRun, result: Mapping[str, Any], viewer: Any) -> ShownStep:
    link, field_label = _place_of(run, run.fields.get(result["part"], ""), viewer)
    names = ("code", "label", "state", "seconds", "sentence", "advice", "detail")
    return ShownStep(**{name: result[name] for name in names}, link=link, field_label=field_label)


def _place_of(run: CheckRun, field: str, viewer: Any) -> tuple[str, str]:
    """The address and the label of a field, if it is one that the viewer can change."""
    anchor = f"#div_id_{field}"
    own, system = EmailSettingsForm.base_fields, SystemSettingsForm.base_fields
    if field in own and not run.subject.startswith(SYSTEM):
        return anchor, str(own[field].label)
    if field in EntraForm.base_fields and viewer.is_superuser:
        return reverse("users:entra") + anchor, str(EntraForm.base_fields[field].label)
    if field in system and viewer.is_superuser:
        page = "" if run.subject.startswith(SYSTEM) else reverse("users:system")
        return page + anchor, str(system[field].label)
    return "", ""


def _may_see(run: CheckRun, viewer: User) -> bool:
    if viewer.is_superuser or run.subject == str(viewer.uid):
        return True
    if run.subject.startswith(SYSTEM) or not viewer.has_perm("users.change_emailsettings") or not viewer.is_staff:
        return False
    return may_edit(viewer, get_object_or_404(User, uid=run.subject))
