"""Checks: the steps that a transport offers are tried one after the other, and each tells at once how it went.

The first failure ends the check, and the other steps are skipped. Nothing here knows a model or a method: who checks a
user, an app registration or a server hands its steps to :func:`run`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass
from time import perf_counter
from typing import Any

from django.utils.translation import gettext as _

from users.choices import Concerns, StepState
from users.mail.steps import Finding, Step
from users.mail.transports.errors import TransportError

__all__ = ["Finding", "Guard", "Step", "StepResult", "Verification", "run"]

Guard = Callable[[Step], AbstractContextManager[None]]
"""What stands around a step that signs in. It may raise :class:`TransportError` before the step begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepResult:
    """How one step went, for everybody's eyes.

    `sentence` says what was found or what is wrong, `advice` what to do. `part` is the part of the settings
    to mend, such as ``address`` or ``server``; empty when there is none. `detail` is for support.
    """

    code: str
    label: str
    state: StepState
    seconds: float = 0
    sentence: str = ""
    advice: str = ""
    part: str = ""
    problem: str = ""
    """The code of the error, when the step failed."""
    detail: str = ""
    whose_turn: str = ""
    """Who can mend it, when the step failed."""
    is_shared: bool = False
    """Whether everybody who uses the same server meets the same failure."""

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"seconds": round(self.seconds, 3)}


@dataclass(frozen=True, slots=True)
class Verification:
    """A whole check. It is true when nothing failed."""

    results: tuple[StepResult, ...]

    def __bool__(self) -> bool:
        return self.is_passed

    def __iter__(self) -> Iterator[StepResult]:
        return iter(self.results)

    @property
    def is_passed(self) -> bool:
        return self.failure is None

    @property
    def failure(self) -> StepResult | None:
        """The step that failed; None when none did."""
        return next((result for result in self.results if result.state == StepState.FAILED), None)


def run(steps: Sequence[Step], guard: Guard | None = None) -> Iterator[StepResult]:
    """Try the steps, and yield the result of each as soon as it is known."""
    has_signed_in = False
    for number, step in enumerate(steps):
        result = _try(step, guard if guard and step.signs_in else _unguarded, has_signed_in=has_signed_in)
        has_signed_in |= step.signs_in
        yield result
        if result.state == StepState.FAILED:
            yield from _skipped(steps[number + 1 :])
            return


def failed(step: Step, error: TransportError, seconds: float = 0, *, has_signed_in: bool = False) -> StepResult:
    """The result for a step that ended with this error."""
    shared = {Concerns.SERVER} if has_signed_in else {Concerns.SERVER, Concerns.UNCLEAR}
    return StepResult(
        code=step.code,
        label=str(step.label),
        state=StepState.FAILED,
        seconds=seconds,
        sentence=str(error),
        advice=str(error.hint),
        part=error.part,
        problem=error.code,
        detail=error.detail if error.may_quote else "",
        whose_turn=error.whose_turn.value,
        is_shared=error.concerns in shared,
    )


def _try(step: Step, guard: Guard, *, has_signed_in: bool) -> StepResult:
    begin = perf_counter()
    try:
        with guard(step):
            finding = step.run()
    except TransportError as error:
        return failed(step, error, perf_counter() - begin, has_signed_in=has_signed_in)
    return StepResult(
        code=step.code,
        label=str(step.label),
        state=StepState.SKIPPED if finding.is_skipped else StepState.PASSED,
        seconds=perf_counter() - begin,
        sentence=str(finding.sentence),
        advice=str(finding.advice),
        detail=finding.detail,
    )


def _skipped(steps: Iterable[Step]) -> Iterator[StepResult]:
    sentence = _("Not tried, because an earlier step failed.")
    for step in steps:
        yield StepResult(code=step.code, label=str(step.label), state=StepState.SKIPPED, sentence=sentence)


def _unguarded(_step: Step) -> AbstractContextManager[None]:
    return nullcontext()
