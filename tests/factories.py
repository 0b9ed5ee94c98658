"""Users and settings for tests: valid by default, so that a test names only what matters to it.

Alice, Bob and Charlie are users like everybody; Sam is staff, and root may do everything.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from functools import cache
from typing import Any

import trustme
from django.contrib.auth.models import Permission
from django.utils import timezone

from users.choices import StepState
from users.models import (
    Activity,
    EmailSettings,
    EntraAppRegistration,
    Installation,
    MicrosoftConnection,
    SignatureTemplate,
    SystemSettings,
    User,
)
from users.vault import Secret
from users.verification import StepResult

PASSWORD = "sign-in of everybody"
EXCHANGE_PASSWORD = "Exchange p\u00e4ssword"
SMTP_PASSWORD = "SMTP p\u00e4ssword"
CLIENT_SECRET = "client~secret.value"
TENANT_ID = "6e4b0b2e-7d3a-4b6e-9f65-0c7a5f2f8a11"
CLIENT_ID = "1f0c4a52-93b8-4d0f-8f0e-5b6f7a2d9c33"
EXCHANGE_URL = "https://mail.example.com/EWS/Exchange.asmx"
SMTP_HOST = "smtp.example.com"

LAST_NAMES = {"alice": "Archer", "bob": "Baker", "charlie": "Carter", "sam": "Staffer"}


# --- Users ----------------------------------------------------------------------------------------------------------


def make_user(username: str = "alice", **fields: Any) -> User:
    """A user who signs in with :data:`PASSWORD`; no e-mail settings are stored yet."""
    names = {"first_name": username.capitalize(), "last_name": LAST_NAMES.get(username, "Other")}
    return User.objects.create_user(username, password=fields.pop("password", PASSWORD), **names | fields)


def make_staff(username: str = "sam", *permissions: str) -> User:
    """A staff member with these permissions (such as ``change_emailsettings``), or with all of the application."""
    user = make_user(username, is_staff=True)
    granted = Permission.objects.filter(content_type__app_label="users")
    if permissions:
        granted = granted.filter(codename__in=[name.removeprefix("users.") for name in permissions])
    user.user_permissions.set(granted)
    return user


def make_superuser(username: str = "root", **fields: Any) -> User:
    return make_user(username, is_staff=True, is_superuser=True, **fields)


# --- Settings -------------------------------------------------------------------------------------------------------


def make_settings(user: User, **fields: Any) -> EmailSettings:
    """Stored settings of `user`, by default with SMTP and an address of the own.

    Where the method asks for an Exchange account, there is one: give ``exchange_username`` or ``exchange_password``
    (plain text, sealed here) to choose it, or ``exchange_password=""`` for none. Where the method needs a connection to
    Microsoft 365, there is one, unless ``connected`` is false.
    """
    connected = fields.pop("connected", True)
    password = fields.pop("exchange_password", None)
    row = EmailSettings(user=user, version=1)
    _assign(row, {"method": "smtp", "address": f"{user.username}@example.com"} | fields)
    if row.asks_for_account:
        row.exchange_username = fields.get("exchange_username", f"FIRM\\{user.username}")
        password = EXCHANGE_PASSWORD if password is None else password
    if password:
        row.set_secret("exchange_password", password, by=user)
    row.save()
    if row.asks_for_connection and connected:
        connect(user)
    return EmailSettings.of(user)


def connect(user: User, *, cache: str = "{}", has_ended: bool = False) -> MicrosoftConnection:
    """A stored connection of `user` to Microsoft 365, for the settings as they are; `cache` is what msal would keep."""
    settings = EmailSettings.of(user)
    row = MicrosoftConnection.connect(settings, account=settings.address, account_id=user.username, cache=Secret(cache))
    if has_ended:
        MicrosoftConnection.objects.filter(pk=user.pk).update(has_ended=True)
    return row


def make_activity(owner: User, **fields: Any) -> Activity:
    """A stored activity: tomorrow from 9 to 10 in Berlin, or on the whole days from ``first_day`` to ``last_day``."""
    start = datetime.combine(in_days(1), time(8), UTC)
    times = {} if "first_day" in fields else {"starts_at": start, "ends_at": start + timedelta(hours=1)}
    defaults = {"subject": "Call the buyer", "time_zone": "Europe/Berlin", "version": 1} | times
    return Activity.objects.create(owner=owner, **defaults | fields)


def checked(settings: EmailSettings, *, passed: bool = True) -> EmailSettings:
    """The settings with the stored result of a check."""
    failure = StepResult(
        code="connected",
        label="Connected",
        state=StepState.FAILED,
        sentence="The server is asleep.",
        advice="Do this.",
        problem="timed_out",
    )
    assert settings.store_check(None if passed else failure)
    return settings


def make_template(**fields: Any) -> SignatureTemplate:
    """A stored company signature, offered unless said otherwise."""
    defaults = {"name": "Standard", "html": "<p>{{ name }}, {{ job_title }}</p>", "version": 1}
    return SignatureTemplate.objects.create(**defaults | fields)


# --- The installation -----------------------------------------------------------------------------------------------


def configure(**fields: Any) -> SystemSettings:
    """Stored system settings, by default with SMTP for everybody and with an SMTP and an Exchange server.

    A second call changes what it names. ``smtp_password`` is plain text and is sealed here.
    """
    row = SystemSettings.load()
    password = fields.pop("smtp_password", None)
    defaults = {"sending_method": "smtp", "smtp_host": SMTP_HOST, "exchange_url": EXCHANGE_URL}
    _assign(row, (defaults if row._state.adding else {}) | fields)
    if password is None and row.smtp_username and not row.smtp_password:
        password = SMTP_PASSWORD
    if password is not None:
        _set_secret(row, "smtp_password", password)
    _save(row)
    return SystemSettings.load()


def make_system(**fields: Any) -> SystemSettings:
    """Another name for :func:`configure`."""
    return configure(**fields)


def register(**fields: Any) -> EntraAppRegistration:
    """A stored app registration, complete by default with a client secret that ends in a year.

    A second call changes what it names. ``client_secret`` and ``private_key`` are plain text and are sealed here;
    ``client_secret=""`` leaves it out.
    """
    row = EntraAppRegistration.load()
    typed = {name: fields.pop(name) for name in ("client_secret", "private_key") if name in fields}
    defaults: dict[str, Any] = {}
    if row._state.adding:
        defaults = {"tenant_id": TENANT_ID, "client_id": CLIENT_ID, "secret_expires_on": in_days(365)}
        typed = {"client_secret": CLIENT_SECRET} | typed
    _assign(row, defaults | fields)
    for name, text in typed.items():
        _set_secret(row, name, text)
    _save(row)
    return EntraAppRegistration.load()


def make_registration(**fields: Any) -> EntraAppRegistration:
    """Another name for :func:`register`."""
    return register(**fields)


def installation() -> Installation:
    """The installation as it is stored."""
    return Installation.load()


def in_days(days: int) -> Any:
    """The day that many days from today."""
    return timezone.localdate() + timedelta(days=days)


@cache
def certificate_and_key(
    name: str = "app.example.com", *, days: int = 365, key_type: trustme.KeyType = trustme.KeyType.ECDSA
) -> tuple[str, str]:
    """A certificate that ends in that many days, and its private key, as PEM texts."""
    leaf = trustme.CA().issue_cert(name, not_after=datetime.now(UTC) + timedelta(days=days), key_type=key_type)
    return leaf.cert_chain_pems[0].bytes().decode(), leaf.private_key_pem.bytes().decode()


def _assign(row: Any, fields: dict[str, Any]) -> None:
    names = {field.name for field in row._meta.get_fields()}
    assert fields.keys() <= names, f"No such fields: {fields.keys() - names}"
    for name, value in fields.items():
        setattr(row, name, value)


def _set_secret(row: Any, name: str, text: str) -> None:
    if text:
        row.set_secret(name, text, by=None)
    else:
        row.remove_secret(name)


def _save(row: Any) -> None:
    row.version += 1
    row.save()
