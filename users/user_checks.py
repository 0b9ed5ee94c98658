"""Checks of one user's settings, and of servers on their own, against the real servers. No message is sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from users import guard
from users.mail.steps import Finding, Step
from users.mail.transports.errors import TransportError
from users.methods import Method
from users.models import EmailSettings, Installation, User
from users.user_transports import transport_for, transport_to_server
from users.verification import StepResult, Verification, failed, run


def verify(user: User) -> Verification:
    """Check the stored settings of `user` against the real servers, and keep the result. No message is sent."""
    return Verification(tuple(verify_settings(EmailSettings.of(user))))


def verify_settings(settings: EmailSettings, *, watched: bool = True) -> Iterator[StepResult]:
    """Check settings that are at hand, stored or not; each step's result comes as soon as it is known.

    The result is kept if exactly these settings are stored by then. When nobody has asked for it, as `watched` says, a
    password that was refused before is not tried, and what everybody at the same server meets is no result of theirs.
    """
    results = []
    for result in _results(settings, guard.deliberate if watched else guard.automatic):
        results.append(result)
        yield result
    failure = Verification(tuple(results)).failure
    if failure is None or (failure.problem not in guard.NOT_TRIED and (watched or not failure.is_shared)):
        settings.store_check(failure)


def steps_of(settings: EmailSettings) -> Sequence[Step]:
    """What a check of these settings will try."""
    try:
        return [*_first_steps(settings), *transport_for(settings).steps()]
    except TransportError:
        return [_settings_step(settings)]


def note_refusal(settings: EmailSettings, error: TransportError) -> None:
    """Keep that the stored password was refused while a message was to be sent: as if a check had found out."""
    settings.store_check(failed(SIGNING_IN, error))


def verify_server(installation: Installation, method: Method) -> Iterator[StepResult]:
    """Check a method's server on its own, without any user."""
    try:
        transport = transport_to_server(installation, method)
    except TransportError as error:
        yield failed(IN_PLACE, error)
        return
    nobody = EmailSettings(user=User(), method=method.value)
    nobody.installation = installation
    account = guard.account_of(nobody)
    with closing(transport):
        yield from run(transport.steps(), lambda _step: guard.deliberate(account))


def steps_of_server(installation: Installation, method: Method) -> Sequence[Step]:
    """What such a check will try."""
    try:
        return transport_to_server(installation, method).steps()
    except TransportError:
        return [IN_PLACE]


def _results(settings: EmailSettings, guarded: guard.Guarded) -> Iterator[StepResult]:
    try:
        transport = transport_for(settings)
    except TransportError as error:
        yield failed(_settings_step(settings), error)
        return
    account = guard.account_of(settings)
    with closing(transport):
        yield from run([*_first_steps(settings), *transport.steps()], lambda _step: guarded(account))


def _first_steps(settings: EmailSettings) -> list[Step]:
    """What is known before a server is asked, and belongs to the method all the same."""
    return [REGISTRATION] if settings.traits.needs_app_registration else []


def _settings_step(settings: EmailSettings) -> Step:
    """The step that fails while something is missing in the settings."""
    return IN_PLACE if settings.traits.has_registration(settings.installation) else REGISTRATION


def _registration_is_complete() -> Finding:
    return Finding(_("The app registration has all that it needs."))


def _nothing_to_do() -> Finding:
    return Finding("")


IN_PLACE = Step(code="settings", label=gettext_lazy("Settings in place"), run=_nothing_to_do)
REGISTRATION = Step(code="registration", label=gettext_lazy("App registration complete"), run=_registration_is_complete)
SIGNING_IN = Step(code="signed_in", label=gettext_lazy("Signed in"), run=_nothing_to_do)
