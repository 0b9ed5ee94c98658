"""System checks: what an administrator should know before users find out. ``manage.py check --database default``.

Errors and warnings have ids, so that they can be silenced one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

from users import vault

KEYS_HINT = "Put the key back into MAILSETTINGS_KEYS or the file that MAILSETTINGS_KEYS_FILE names."


@register(Tags.security)
def check_keys(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """The keys can be read. A key file that is still to be made by the embedded default is no error."""
    path = settings.MAILSETTINGS_KEYS_FILE
    if not settings.MAILSETTINGS_KEYS and settings.DEBUG and path is not None and not path.exists():
        return []
    try:
        vault.key_ids()
    except vault.KeyringError as error:
        return [Error(f"Secrets can't be stored or opened: {error}", hint=KEYS_HINT, id="users.E001")]
    return []


@register(Tags.security)
def check_authorities(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """The file with extra certificate authorities is there."""
    path = settings.MAILSETTINGS_CA_FILE
    if path is None or settings.DEBUG or path.is_file():
        return []
    hint = "Correct MAILSETTINGS_CA_FILE, or unset it when no mail server has a certificate of an own authority."
    return [Error(f"There is no file {path} with certificate authorities.", hint=hint, id="users.E002")]


@register(Tags.database)
def check_stored_settings(
    app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """The servers in use are named, and the stored secrets have their keys. Runs with ``check --database``."""
    if "default" not in (databases or []) or not _has_tables():
        return []
    return [*_missing_servers(), *_missing_keys(), *_ending_credentials()]


def _has_tables() -> bool:
    from users.models import SystemSettings

    return SystemSettings._meta.db_table in connections["default"].introspection.table_names()


def _missing_servers() -> list[CheckMessage]:
    from users.methods import METHODS
    from users.models import EmailSettings, Installation

    installation = Installation.load()
    used = {installation.system.sending_method, *EmailSettings.objects.values_list("method", flat=True).distinct()}
    return [
        checks.Warning(
            f"Users send with “{method.label}”, but its server is not set up.",
            hint="Enter it at System settings (/system/).",
            id="users.W001",
        )
        for value, method in METHODS.items()
        if value in used and not (method.has_server(installation) and method.has_registration(installation))
    ]


def _ending_credentials() -> list[CheckMessage]:
    """The client secret or certificate of the app registration ends within a month."""
    from users.entra.endings import worrying
    from users.models import EntraAppRegistration

    hint = "Make a new one in the Entra admin centre and enter it at /system/entra/."
    return [checks.Warning(str(ending), hint=hint, id="users.W003") for ending in worrying(EntraAppRegistration.load())]


def _missing_keys() -> list[CheckMessage]:
    from users.models import sealed_columns

    installed = vault.usable_key_ids()
    return [
        checks.Warning(
            f"{column}: there are secrets sealed with a key that is not installed.",
            hint=f"{KEYS_HINT} `manage.py vault status` names the missing key ids.",
            id="users.W002",
        )
        for column in sealed_columns()
        if column.has_other_keys_than(installed)
    ]
