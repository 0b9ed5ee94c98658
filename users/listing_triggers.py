"""Keeps the triggers of the user list through migrations on SQLite.

SQLite forgets the triggers of a table that is made anew, as Django does there for most changes of a column. And it does
not let a table be made anew while another table's trigger names it.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.db import connections


def drop_triggers(_apps: Any, schema_editor: Any) -> None:
    """The first operation (``RunPython``) of a migration that changes columns of users or of e-mail settings."""
    if schema_editor.connection.vendor != "sqlite":
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'users_%'")
        for (name,) in cursor.fetchall():
            cursor.execute(f"DROP TRIGGER {schema_editor.quote_name(name)}")


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
