"""The people and the settings with which a demonstration begins."""

from __future__ import annotations

from datetime import time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from users.choices import CopyMode, EmailMethod
from users.demo.logo import logo
from users.local_times import instant
from users.models import Activity, EmailSettings, SignatureTemplate, SystemSettings, User
from users.models.secrets import TypedSecret
from users.signature_pictures import keep, settle
from users.signatures import plain_text_of
from users.vault import Secret

SIGN_IN_PASSWORD = "try-mail-settings"  # noqa: S105  (this machine only, and printed at every start)
ADMINISTRATOR = "admin"
PEOPLE = (
    ("anna", "Anna", "Berg", "Sales manager"),
    ("ben", "Ben", "Costa", "Engineer"),
    ("chloe", "Chloé", "Durand", "Accountant"),
)
ZONE = "Europe/Berlin"
SIGNATURE = (
    '<p style="margin: 0"><b>{{ name }}</b><br>{{ job_title }}</p>'
    '<p style="margin: 0; color: #24666b">Example Ltd · {{ phone }} · <a href="https://example.com">example.com</a></p>'
)

ANNAS_SIGNATURE = (
    '<p style="margin: 0"><b>Anna Berg</b><br>Sales manager</p>'
    '<p style="margin: 0"><img src="cid:{content_id}" width="48" height="36" alt="Example Ltd"></p>'
)


@transaction.atomic
def make_people(*, smtp_port: int, smtp_username: str, smtp_password: Secret) -> bool:
    """Make the administrator, three users and the system settings, unless there are users already."""
    if User.objects.exists():
        return False
    administrator = User.objects.create_superuser(
        ADMINISTRATOR, password=SIGN_IN_PASSWORD, first_name="Ada", last_name="Lund"
    )
    for person in PEOPLE:
        _make_user(*person)
    _make_system_settings(administrator, smtp_port, smtp_username, smtp_password)
    _make_anna_ready()
    _give_anna_something_to_do()
    SignatureTemplate(name="Example Ltd", html=SIGNATURE).save_unless_changed()
    return True


def _make_user(username: str, first_name: str, last_name: str, job_title: str) -> None:
    User.objects.create_user(
        username,
        password=SIGN_IN_PASSWORD,
        first_name=first_name,
        last_name=last_name,
        job_title=job_title,
        phone="+49 30 5550 100",
    )


def _make_system_settings(administrator: User, port: int, username: str, password: Secret) -> None:
    system = SystemSettings(
        sending_method=EmailMethod.SMTP, smtp_host="localhost", smtp_port=port, smtp_username=username
    )
    system.typed_secrets["smtp_password"] = TypedSecret(password, by=administrator)
    system.full_clean()
    system.save_unless_changed()


def _make_anna_ready() -> None:
    """One user is ready to send, so that the first message is one click away."""
    anna = User.objects.get(username=PEOPLE[0][0])
    settings = EmailSettings.of(anna)
    settings.address, settings.copy_mode = "anna@example.com", CopyMode.CC
    picture = logo()
    keep(anna, [picture])
    settings.signature_html = ANNAS_SIGNATURE.format(content_id=picture.content_id)
    settings.signature_text = plain_text_of(settings.signature_html)
    settings.full_clean()
    settings.save_unless_changed()
    settle(settings.signature_html, anna, anna)


def _give_anna_something_to_do() -> None:
    anna = User.objects.get(username=PEOPLE[0][0])
    tomorrow = timezone.now().astimezone(ZoneInfo(ZONE)).date() + timedelta(days=1)
    nine = instant(tomorrow, time(9), ZONE)
    for fields in (
        {
            "subject": "Call the buyer",
            "starts_at": nine,
            "ends_at": nine + timedelta(hours=1),
            "reference": "Offer 2041",
        },
        {"subject": "Trade fair", "first_day": tomorrow + timedelta(7), "last_day": tomorrow + timedelta(9)},
    ):
        activity = Activity(owner=anna, time_zone=ZONE, place="Berlin", **fields)
        activity.full_clean()
        activity.save_unless_changed()
