"""The check of one user in a round: what came out, whether it was tried at all, and whom a failure concerns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from users import guard
from users.mail.transports.errors import LimitReached, TransportError, TryLater
from users.mail.transports.mailbox_errors import ServiceBusy
from users.models import EmailSettings, RoundMember
from users.readiness import Item, readiness_of_settings
from users.user_checks import verify_settings
from users.verification import StepResult, Verification

State = RoundMember.State
BUSY = {ServiceBusy.code, TryLater.code, LimitReached.code}
"""Of servers that work, but not at this moment or not for so many."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came out for one user. `failure` is the step that failed."""

    state: State
    problem: str = ""
    sentence: str = ""
    whose_turn: str = ""
    failure: StepResult | None = None

    @property
    def has_reached_server(self) -> bool:
        return self.state == State.PASSED or self.failure is not None

    @property
    def is_shared(self) -> bool:
        """Whether everybody who uses the server would meet the same."""
        return self.state == State.NO_SERVER

    @property
    def is_busy(self) -> bool:
        return self.is_shared and self.problem in BUSY


def check_one(settings: EmailSettings, sign_of_life: Callable[[], None]) -> Verdict:
    """Check a user as far as that can do no harm; nobody watches, so a password that was refused is not tried.

    `sign_of_life` is called after each step.
    """
    missing = readiness_of_settings(settings).missing_settings
    if missing:
        return _incomplete(missing[0])
    try:
        guard.look_ahead(guard.account_of(settings))
    except TransportError as error:
        return Verdict(State.SKIPPED, error.code, str(error), error.whose_turn)
    results = []
    for result in verify_settings(settings, watched=False):
        results.append(result)
        sign_of_life()
    return _verdict_on(Verification(tuple(results)).failure)


def _incomplete(item: Item) -> Verdict:
    """The first thing that is missing says it all: most often there is one."""
    sentence = _("Missing: %(what)s.") % {"what": item.requirement.label}
    return Verdict(State.SKIPPED, f"missing_{item.requirement.code}", sentence, item.whose_turn)


def _verdict_on(failure: StepResult | None) -> Verdict:
    if failure is None:
        return Verdict(State.PASSED)
    state = State.FAILED
    if failure.problem in guard.NOT_TRIED:
        state = State.SKIPPED
    elif failure.is_shared:
        state = State.NO_SERVER
    return Verdict(state, failure.problem, failure.sentence, failure.whose_turn, failure)
