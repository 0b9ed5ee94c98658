"""Keeps checks and sending from becoming a way to guess passwords, or to have somebody's account locked.

Per mailbox, whoever asks: at most three refusals in 15 minutes and eight a day, counted in the database before the
attempt; half an hour's pause after a server said that the account is locked; and a password that was refused is not
tried again until it is entered anew, or somebody presses *Check now*. Every refusal takes the same time at least, so
that an unknown user and a wrong password look the same.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from math import ceil
from unicodedata import category, normalize
from urllib.parse import urlsplit
from uuid import uuid4

from django.conf import settings as django_settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from users.choices import Concerns, Turn
from users.mail.transports.errors import SignInFailed, TransportError
from users.models import EmailSettings, SignInAttempts

LIMITS = ((3, timedelta(minutes=15)), (8, timedelta(days=1)))
PAUSE = timedelta(minutes=30)
OWN_ACCOUNT = "exchange_username"
UNSEEN = {"Mn", "Cf"}
"""The categories of marks and of characters without width."""
PATIENCE = 20
"""Seconds to wait while others are trying the same mailbox."""
LOOK_AGAIN = 0.2


class TooManyRefusals(SignInFailed):
    code = "too_many_refusals"
    whose_turn = Turn.USER
    concerns = Concerns.USER
    part = "account"
    message = gettext_lazy("%(server)s has refused this account several times, so it was not asked again.")

    def __init__(self, until: datetime, server: str) -> None:
        super().__init__(server=server)
        minutes = max(1, ceil((until - timezone.now()).total_seconds() / 60))
        self.hint = _(
            "Wait %(minutes)d minutes, so that the server does not lock the account. Meanwhile, check the user name, "
            "and enter the password anew."
        ) % {"minutes": minutes}


class AccountBusy(SignInFailed):
    code = "account_busy"
    whose_turn = Turn.USER
    concerns = Concerns.USER
    message = gettext_lazy("This account at %(server)s is being tried by somebody else at this moment.")
    hint = gettext_lazy("Wait a minute, and try again.")


class PasswordRefusedBefore(SignInFailed):
    code = "password_refused_before"
    whose_turn = Turn.USER
    concerns = Concerns.USER
    part = "account"
    message = gettext_lazy("%(server)s has refused the stored password, so it is not tried again.")
    hint = gettext_lazy("Enter the password anew in the e-mail settings, or press “Check now” there to try it once.")


PASSES = TooManyRefusals, AccountBusy
"""Whoever gets one of these may ask again after a while, with the same password."""
NOT_TRIED = {TooManyRefusals.code, AccountBusy.code, PasswordRefusedBefore.code}
"""Whoever gets one of these has learnt nothing new of the settings."""
Guarded = Callable[["Account | None"], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True)
class Account:
    """The account that signs in for a user, as the guard knows it: in hashes."""

    mailbox: str
    password: str
    server: str


def account_of(settings: EmailSettings) -> Account | None:
    """The account that signs in with these settings; None when nobody does."""
    names = settings.traits.signs_in_with
    is_own = names is not None and names.username == OWN_ACCOUNT
    if not names or not settings.look_up(names.username) or (is_own and not settings.asks_for_account):
        return None
    server, username = str(settings.look_up(names.server)), str(settings.look_up(names.username))
    mailbox = _hash(server.casefold(), _account_name(username))
    return Account(mailbox, _hash(mailbox, str(settings.look_up(names.set_at))), urlsplit(server).hostname or server)


@contextmanager
def deliberate(account: Account | None) -> Iterator[None]:
    """Around an attempt to sign in that somebody asked for. Raises :class:`TooManyRefusals` before it."""
    if account is None:
        yield
        return
    began, ticket = time.monotonic(), _reserve(account)
    try:
        yield
    except TransportError as error:
        _settle(account, ticket, error)
        if error.is_refusal:
            _take_the_usual_time(began)
        raise
    except BaseException:
        _settle(account, ticket, TransportError())
        raise
    _settle(account, ticket, None)


@contextmanager
def automatic(account: Account | None) -> Iterator[None]:
    """Around an attempt that nobody watches, such as sending.

    A password that was refused is not tried: :class:`PasswordRefusedBefore`.
    """
    known = _known(account)
    if account and known and known.refused_password == account.password:
        raise PasswordRefusedBefore(server=account.server)
    if account and known and known.accepted_password == account.password:
        with _noting_a_refusal(account):
            yield
    else:
        with deliberate(account):
            yield


def look_ahead(account: Account | None) -> None:
    """Raises what :func:`automatic` would raise before an attempt, and counts nothing."""
    known = _known(account)
    if account is None or known is None or known.accepted_password == account.password:
        return
    if known.refused_password == account.password:
        raise PasswordRefusedBefore(server=account.server)
    _refuse_too_many(known, account)


def _known(account: Account | None) -> SignInAttempts | None:
    return SignInAttempts.objects.filter(mailbox=account.mailbox).first() if account else None


@contextmanager
def _noting_a_refusal(account: Account) -> Iterator[None]:
    """A password that has worked needs no reservation before each message."""
    try:
        yield
    except TransportError as error:
        if error.is_refusal:
            _settle(account, "", error)
        raise


def _reserve(account: Account) -> str:
    """Count this attempt before it is made; returns its ticket."""
    end = time.monotonic() + PATIENCE
    while True:
        with transaction.atomic():
            row = SignInAttempts.locked(account.mailbox)
            _refuse_too_many(row, account)
            if len(row.refusals_since(timezone.now() - LIMITS[0][1])) + len(row.under_way) < LIMITS[0][0]:
                ticket = uuid4().hex
                row.under_way[ticket] = timezone.now().isoformat()
                row.save()
                return ticket
        if time.monotonic() > end:
            raise AccountBusy(server=account.server)
        time.sleep(LOOK_AGAIN)


def _refuse_too_many(row: SignInAttempts, account: Account) -> None:
    now = timezone.now()
    if row.paused_until and row.paused_until > now:
        raise TooManyRefusals(row.paused_until, account.server)
    for number, period in LIMITS:
        refusals = row.refusals_since(now - period)
        if len(refusals) >= number:
            raise TooManyRefusals(refusals[-number] + period, account.server)


@transaction.atomic
def _settle(account: Account, ticket: str, error: TransportError | None) -> None:
    row = SignInAttempts.locked(account.mailbox)
    row.under_way.pop(ticket, None)
    if error is None:
        row.accepted_password = account.password
        row.refused_password = _unless(row.refused_password, account.password)
    elif error.is_refusal:
        now = timezone.now()
        row.refused_at.append(now.isoformat())
        row.refused_password = account.password
        row.accepted_password = _unless(row.accepted_password, account.password)
        row.paused_until = now + PAUSE if error.is_locked else row.paused_until
    row.save()


def _unless(known: str, judged: str) -> str:
    """What was known stays, unless it is of the password that was judged: others may have another one stored."""
    return "" if known == judged else known


def _take_the_usual_time(began: float) -> None:
    """Wait until a multiple of the usual time is over."""
    usual = django_settings.MAILSETTINGS_REFUSAL_SECONDS
    if usual:
        passed = time.monotonic() - began
        time.sleep(ceil(passed / usual) * usual - passed)


def _account_name(username: str) -> str:
    """The name without its domain: ``FIRM\\anna``, ``anna@firm.example`` and ``anna`` are one account to us.

    So are ``ànna`` and ``anna``: some directories compare names without marks and without what has no width.
    """
    name = normalize("NFKD", username).rpartition("\\")[2].partition("@")[0]
    return "".join(letter for letter in name if category(letter) not in UNSEEN).casefold().strip()


def _hash(*texts: str) -> str:
    return sha256("\0".join(texts).encode()).hexdigest()
