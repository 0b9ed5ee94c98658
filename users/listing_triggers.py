"""Puts the triggers of the user list back where a migration has lost them.

SQLite forgets the triggers of a table that is made anew, as Django does there for most changes of a column.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.db import connections


def ensure_triggers(using: str, **kwargs: Any) -> None:
    """Runs after ``manage.py migrate``: makes missing triggers, and copies everything anew if there were any."""
    connection = connections[using]
    if connection.vendor != "sqlite":
        return
    listing = import_module("users.migrations.0005_microsoft_connection")
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'trigger')")
        existing = {name for (name,) in cursor.fetchall()}
        if "users_listing" in existing and not existing.issuperset(listing.SQLITE_TRIGGERS):
            for statement in listing.SQLITE:
                cursor.execute(statement)
