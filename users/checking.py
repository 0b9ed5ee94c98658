"""Checks that somebody watches: each is a row that tells how far it is, so that pages on every machine can show it.

The work is done by a thread of the process that was asked, because what is checked may stand on the screen alone, with
a password that nobody has saved: it never leaves that process's memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from threading import Thread

from django.db import IntegrityError, connections, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from users import user_checks
from users.choices import StepState
from users.last_check import fingerprint_of
from users.mail.steps import Step
from users.methods import Method, registered_method
from users.models import CheckRun, EmailSettings, Installation, User
from users.models.check_run import LONGEST_CHECK
from users.registration_check import RegistrationCheck
from users.verification import StepResult

KEPT_FOR = timedelta(days=1)
SYSTEM = "system:"
"""How the subject of a check begins that concerns no user."""
REGISTRATION = f"{SYSTEM}registration"
Results = Callable[[], Iterator[StepResult]]


def subject_of(user: User) -> str:
    return str(user.uid)


def check_settings(settings: EmailSettings, *, by: User, in_background: bool, note: str = "") -> CheckRun:
    """Check these settings, stored or not. While the same user is being checked, that check is the answer."""
    return start(
        note=note,
        subject=subject_of(settings.user),
        by=by,
        steps=user_checks.steps_of(settings),
        results=lambda: user_checks.verify_settings(settings),
        fields=settings.traits.parts,
        is_of_saved=settings.is_stored_as_it_is(),
        in_background=in_background,
    )


def check_server(installation: Installation, method: Method, *, by: User, in_background: bool) -> CheckRun:
    """Check the server of a method on its own, as the system settings name it, stored or not."""
    return start(
        subject=subject_alone(method),
        by=by,
        steps=user_checks.steps_of_server(installation, method),
        results=lambda: user_checks.verify_server(installation, method),
        fields=method.parts,
        is_of_saved=_is_stored(method, installation),
        in_background=in_background,
    )


def check_alone(installation: Installation, method: Method, *, by: User, in_background: bool) -> CheckRun:
    """Check what administrators set up for a method, without any user: its server, or the app registration."""
    if method.needs_app_registration:
        return check_registration(installation, by=by, in_background=in_background)
    return check_server(installation, method, by=by, in_background=in_background)


def subject_alone(method: Method) -> str:
    return REGISTRATION if method.needs_app_registration else f"{SYSTEM}{method.value}"


def check_registration(installation: Installation, *, by: User, in_background: bool) -> CheckRun:
    """Check the app registration on its own, stored or not."""
    check = RegistrationCheck.of(installation, by=by)
    return start(
        subject=REGISTRATION,
        by=by,
        steps=check.steps,
        results=check.results,
        fields=registered_method().parts,
        is_of_saved=_is_stored(registered_method(), installation),
        in_background=in_background,
    )


def _is_stored(method: Method, installation: Installation) -> bool:
    """Whether what a check of this method depends on is stored just so."""
    return fingerprint_of(method, installation) == fingerprint_of(method, Installation.load())


def start(  # noqa: PLR0913  (these are the columns of the row)
    *,
    subject: str,
    by: User,
    steps: Sequence[Step],
    results: Results,
    fields: Mapping[str, str],
    is_of_saved: bool,
    in_background: bool,
    note: str = "",
) -> CheckRun:
    """Begin a check, and go through it at once or in a thread; while one of the same subject goes on, return that."""
    _tidy()
    run = CheckRun(
        subject=subject,
        started_by=by,
        is_of_saved=is_of_saved,
        note=note,
        fields=dict(fields),
        steps=[[step.code, str(step.label)] for step in steps],
    )
    try:
        with transaction.atomic():
            run.save()
    except IntegrityError:
        return CheckRun.objects.filter(subject=subject).latest("started_at")
    if in_background:
        Thread(target=_carry_out_apart, args=(run, results), name=f"check {run.uid}", daemon=True).start()
    else:
        _carry_out(run, results)
    return run


def _carry_out(run: CheckRun, results: Results) -> None:
    try:
        for result in results():
            run.results = [*run.results, result.as_json()]
            run.save(update_fields=["results"])
    finally:
        if len(run.results) < len(run.steps) and run.failure is None:
            run.results = [*run.results, _broken_off(run).as_json()]
        run.finished_at = timezone.now()
        run.save(update_fields=["results", "finished_at"])


def _carry_out_apart(run: CheckRun, results: Results) -> None:
    """In a thread, which has database connections of its own."""
    try:
        _carry_out(run, results)
    finally:
        connections.close_all()


def _broken_off(run: CheckRun) -> StepResult:
    """An error in this site itself; it stands in the log."""
    code, label = run.steps[len(run.results)]
    return StepResult(
        code=code,
        label=label,
        state=StepState.FAILED,
        sentence=_("The check ended early because of an error in this site."),
        advice=_("Try again. If it stays so, tell your administrator, who finds the reason in the log."),
        problem="broken_off",
    )


def _tidy() -> None:
    """Remove old checks, and those of processes that were stopped."""
    now = timezone.now()
    CheckRun.objects.filter(started_at__lt=now - KEPT_FOR).delete()
    CheckRun.objects.filter(finished_at__isnull=True, started_at__lt=now - LONGEST_CHECK).update(finished_at=now)
