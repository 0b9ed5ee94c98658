"""The loop over the steps of a check: what ends it, and whether others would meet the same."""

from __future__ import annotations

import pytest

from users.choices import Turn
from users.mail.steps import Finding, Step
from users.mail.transports import errors, mailbox_errors
from users.verification import StepResult, run


def passing(code: str = "name", *, signs_in: bool = False) -> Step:
    return Step(code=code, label=code, run=lambda: Finding("It is so."), signs_in=signs_in)


def failing(error: errors.TransportError, *, signs_in: bool = False) -> Step:
    def fail() -> Finding:
        raise error

    return Step(code="last", label="Last", run=fail, signs_in=signs_in)


def last(*steps: Step) -> StepResult:
    return list(run(steps))[-1]


def test_the_first_failure_ends_it() -> None:
    states = [result.state for result in run([passing(), failing(errors.TimedOut()), passing("then")])]
    assert states == ["passed", "failed", "skipped"]


def test_a_failure_says_whose_turn_it_is_and_a_success_nobodys() -> None:
    assert last(failing(errors.CertificateExpired())).whose_turn == Turn.ADMINISTRATOR
    assert last(failing(mailbox_errors.AccountRefused())).whose_turn == Turn.USER
    assert last(passing()).whose_turn == ""


ALWAYS = (errors.ConnectionRefused(), errors.CertificateExpired(), mailbox_errors.ServiceBusy())
BEFORE_THE_SIGN_IN = (errors.TimedOut(), errors.ConnectionLost())
NEVER = (mailbox_errors.MailboxMissing(), errors.OwnAddressRefused())


@pytest.mark.parametrize("error", [*ALWAYS, *BEFORE_THE_SIGN_IN, *NEVER], ids=lambda error: error.code)
def test_after_the_sign_in_a_slow_answer_may_be_that_of_one_mailbox(error: errors.TransportError) -> None:
    assert last(passing(), failing(error)).is_shared == (error not in NEVER)
    assert last(passing(signs_in=True), failing(error)).is_shared == (error in ALWAYS)


def test_the_sign_in_itself_is_before_it() -> None:
    assert last(failing(errors.TimedOut(), signs_in=True)).is_shared
    assert last(failing(errors.SignInRefused(), signs_in=True)).is_shared
    assert not last(failing(mailbox_errors.AccountRefused(), signs_in=True)).is_shared
