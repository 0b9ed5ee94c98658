"""The key of the embedded default: made once, after the tables, and never in the place of a lost one."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from users.vault import make_key_file


def ensure_key_file(**kwargs: Any) -> None:
    """Make the key file when none is configured and no secret is stored yet. Runs after ``manage.py migrate``.

    Only with ``MAILSETTINGS_DEBUG``: in production the keys come from whoever runs the site.
    """
    from users.models import sealed_columns

    path = settings.MAILSETTINGS_KEYS_FILE
    if not settings.DEBUG or settings.MAILSETTINGS_KEYS or path is None or path.exists():
        return
    if not any(column.rows().exists() for column in sealed_columns()):
        make_key_file(path)
