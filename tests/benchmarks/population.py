"""Many users for benchmarks: always the same ones, with names as unlike as in life and settings of every kind."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from random import Random

from django.utils import timezone

from users.choices import StepState
from users.last_check import columns_for
from users.models import EmailSettings, Installation, SystemSettings, User
from users.verification import StepResult

FIRST_NAMES = (
    "Anna Bob Charlie Dora Emil Frieda Georg Hanna Ivan Julia Karl Lena Max Nora Otto Paula Quentin Rosa Sven Tina Ulf "
    "Vera Willi Xenia Yann Zoe Änne Öle"
).split()
SYLLABLES = "ber gen ko mi sta ra lin del mar to vin sch wal fe ru nau holm".split()
METHODS = ["", "", "outlook", "exchange", "smtp"]
SIGNATURE = f"<p>{'Kind regards ' * 160}</p>"
BATCH = 500
SHARE_WITH_ADDRESS = 0.8
SHARE_WITH_SIGNATURE = 0.5
SHARE_WITH_PASSWORD = 0.7
SHARE_WITH_TWO_LAST_NAMES = 0.05
SHARE_WITH_CHECK = 0.8
SHARE_OF_FAILED_CHECKS = 0.3
FAILURE = StepResult(code="connected", label="Connected", state=StepState.FAILED)


def make_installation() -> Installation:
    """SMTP for everybody, with the servers that the methods need."""
    SystemSettings(
        version=1,
        sending_method="smtp",
        smtp_host="smtp.example.com",
        exchange_url="https://mail.example.com/EWS/Exchange.asmx",
    ).save()
    return Installation.load()


def make_users(number: int, installation: Installation) -> None:
    """Make users: every other one has settings, with or without address, signature and sealed password."""
    random = Random(number)
    for start in range(0, number, BATCH):
        numbers = range(start, min(start + BATCH, number))
        users = User.objects.bulk_create([_user(random, one) for one in numbers])
        settings = [_settings(random, user, random.choice(METHODS), installation) for user in users[::2]]
        EmailSettings.objects.bulk_create(settings)


def make_passwords(number: int, installation: Installation) -> None:
    """Make users who all have a sealed Exchange password."""
    random = Random(number)
    rows: Iterable[User] = (_user(random, one) for one in range(number))
    while batch := list(islice(rows, BATCH)):
        users = User.objects.bulk_create(batch)
        EmailSettings.objects.bulk_create([_settings(random, user, "exchange", installation, 1.0) for user in users])


def _user(random: Random, number: int) -> User:
    last_name = "".join(random.choices(SYLLABLES, k=random.randint(2, 4))).capitalize()
    return User(
        username=f"user{number:06}",
        first_name=random.choice(FIRST_NAMES),
        last_name=f"van {last_name}" if random.random() < SHARE_WITH_TWO_LAST_NAMES else last_name,
        password="!",
        job_title="Head of Something",
    )


def _settings(
    random: Random,
    user: User,
    method: str,
    installation: Installation,
    share_with_password: float = SHARE_WITH_PASSWORD,
) -> EmailSettings:
    row = EmailSettings(user=user, version=1, method=method)
    row.installation = installation
    if random.random() < SHARE_WITH_ADDRESS:
        row.address = f"{user.first_name}.{user.username}@example.com".lower()
    if random.random() < SHARE_WITH_SIGNATURE:
        row.signature_html = row.signature_text = SIGNATURE
    if row.asks_for_account:
        row.exchange_username = f"FIRM\\{user.username}"
        if random.random() < share_with_password:
            row.set_secret("exchange_password", f"Secret of {user.username}", by=None)
            row.exchange_password_set_at = timezone.now()
    if random.random() < SHARE_WITH_CHECK:
        _check(row, FAILURE if random.random() < SHARE_OF_FAILED_CHECKS else None)
    return row


def _check(row: EmailSettings, failure: StepResult | None) -> None:
    """The result of a check, as it is stored."""
    for name, value in (columns_for(row, failure) | {"checked_at": timezone.now()}).items():
        setattr(row, name, value)
