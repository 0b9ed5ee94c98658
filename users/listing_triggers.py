"""The triggers of the user list: what they copy, from where, and that they are in the database after each migration.

The tables come with migrations; the triggers are made here, after ``manage.py migrate``, whenever they are not what
this module says. So a new column needs a migration for the column alone (of ``ListingKind``) and its line in `KIND`;
and a migration that makes a table anew, as Django does on SQLite for most changes of a column, does not cost the list
its triggers. Such a migration begins with `drop_triggers`.
"""
# ruff: noqa: S608  (the statements are put together from the constants below)

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connections

CONNECTION = (
    "FROM users_microsoftconnection AS connection WHERE connection.user_id = users_user.id "
    "AND NOT connection.has_ended AND connection.address = users_emailsettings.address"
)
UNCHANGED = (
    "address = checked_address AND exchange_username = checked_username AND "
    "coalesce(exchange_password_set_at = checked_password_set_at, "
    "exchange_password_set_at IS NULL AND checked_password_set_at IS NULL)"
)
"""The user's own values are those that were checked."""
KIND = {
    "method": "coalesce(method, '')",
    "has_address": "coalesce(address, '') <> ''",
    "has_exchange_username": "coalesce(exchange_username, '') <> ''",
    "exchange_password_key": "coalesce(substr(exchange_password, 1, 12), '')",
    "exchange_password_server": "coalesce(exchange_password_server, '')",
    "connection_key": f"coalesce((SELECT substr(connection.token_cache, 1, 12) {CONNECTION}), '')",
    "connection_registration": f"coalesce((SELECT connection.registration {CONNECTION}), '')",
    "check_passed_with": f"CASE WHEN check_passed AND {UNCHANGED} THEN check_fingerprint ELSE '' END",
    "check_failed_with": f"CASE WHEN NOT check_passed AND {UNCHANGED} THEN check_fingerprint ELSE '' END",
}
"""The columns of ``ListingKind``, and what stands in them for one user."""
WATCHED = {
    "users_emailsettings": (
        "method",
        "address",
        "exchange_username",
        "exchange_password",
        "exchange_password_server",
        "exchange_password_set_at",
        "check_passed",
        "check_fingerprint",
        "checked_address",
        "checked_username",
        "checked_password_set_at",
    ),
    "users_microsoftconnection": ("address", "registration", "token_cache", "has_ended"),
}
"""The tables with a ``user_id`` that they come from, each with the columns whose change may change them."""
NAMES = ("first_name", "last_name", "username")
WORDS = "first_name || ' ' || last_name || ' ' || username || ' ' || coalesce(address, '')"
USERS = "users_user LEFT JOIN users_emailsettings ON user_id = id"

COLUMNS, VALUES = ", ".join(KIND), ", ".join(KIND.values())
KIND_OF_USER = " AND ".join(f"kind.{column} = now.{column}" for column in KIND)


def _kinds(users: str) -> str:
    """Adds the kinds of these users that are not there yet; `users` is a condition."""
    return f"""
        INSERT INTO users_listingkind ({COLUMNS}) SELECT DISTINCT {VALUES} FROM {USERS} WHERE {users}
        ON CONFLICT DO NOTHING"""


def _listings(users: str) -> str:
    """Lists these users with their kinds, and leaves alone what is listed so already."""
    values = ", ".join(f"{expression} AS {column}" for column, expression in KIND.items())
    copied = (*NAMES, "kind_id")
    return f"""
        INSERT INTO users_listing (user_id, {", ".join(copied)})
        SELECT now.id, {", ".join(NAMES)}, kind.id
        FROM (SELECT id, {", ".join(NAMES)}, {values} FROM {USERS} WHERE {users}) AS now
        JOIN users_listingkind AS kind ON {KIND_OF_USER} WHERE true
        ON CONFLICT (user_id) DO UPDATE SET {", ".join(f"{column} = EXCLUDED.{column}" for column in copied)}
        WHERE {" OR ".join(f"users_listing.{column} <> EXCLUDED.{column}" for column in copied)}"""


# --- SQLite ---------------------------------------------------------------------------------------------------------


def _copy(user: str) -> list[str]:
    users = f"id = {user}"
    return [_kinds(users), _listings(users)]


def _index(user: str) -> list[str]:
    return [
        f"INSERT OR REPLACE INTO users_searchwords (rowid, words) SELECT id, {WORDS} FROM {USERS} WHERE id = {user}"
    ]


def _change(table: str, columns: Iterable[str]) -> str:
    old, new = (", ".join(f"{row}.{column}" for column in columns) for row in ("OLD", "NEW"))
    return f"UPDATE OF {', '.join(columns)} ON {table} WHEN ({old}) IS NOT ({new})"


SQLITE_TRIGGERS = {
    "users_user_added": ("INSERT ON users_user", [*_copy("NEW.id"), *_index("NEW.id")]),
    "users_user_renamed": (_change("users_user", NAMES), [*_copy("NEW.id"), *_index("NEW.id")]),
    "users_user_removed": (
        "DELETE ON users_user",
        ["DELETE FROM users_listing WHERE user_id = OLD.id", "DELETE FROM users_searchwords WHERE rowid = OLD.id"],
    ),
    "users_emailsettings_added_with_address": (
        "INSERT ON users_emailsettings WHEN NEW.address <> ''",
        _index("NEW.user_id"),
    ),
    "users_emailsettings_moved": (_change("users_emailsettings", ["address"]), _index("NEW.user_id")),
    "users_emailsettings_left": ("DELETE ON users_emailsettings", _index("OLD.user_id")),
}
for _table, _columns in WATCHED.items():
    SQLITE_TRIGGERS |= {
        f"{_table}_added": (f"INSERT ON {_table}", _copy("NEW.user_id")),
        f"{_table}_changed": (_change(_table, _columns), _copy("NEW.user_id")),
        f"{_table}_removed": (f"DELETE ON {_table}", _copy("OLD.user_id")),
    }
SQLITE = {
    name: f"CREATE TRIGGER {name} AFTER {event} BEGIN {'; '.join(statements)}; END"
    for name, (event, statements) in SQLITE_TRIGGERS.items()
}


def _ensure_on_sqlite(cursor: Any) -> bool:
    cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    existing = dict(cursor.fetchall())
    changed = [name for name, text in SQLITE.items() if existing.get(name) != text]
    for name in changed:
        cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
        cursor.execute(SQLITE[name])
    return bool(changed)


# --- PostgreSQL -----------------------------------------------------------------------------------------------------


def _words(users: str) -> str:
    """Keeps the words of these users, with the kind beside them."""
    kind = "(SELECT kind_id FROM users_listing WHERE users_listing.user_id = users_user.id)"
    return f"""
        INSERT INTO users_searchwords (rowid, kind_id, words)
        SELECT id, {kind}, users_words({WORDS}) FROM {USERS} WHERE {users}
        ON CONFLICT (rowid) DO UPDATE SET kind_id = EXCLUDED.kind_id, words = EXCLUDED.words
        WHERE users_searchwords.words <> EXCLUDED.words OR users_searchwords.kind_id <> EXCLUDED.kind_id"""


KEEP = f"""
    -- Watches {WATCHED}
    DECLARE
        changed bigint;
    BEGIN
        IF TG_TABLE_NAME = 'users_user' THEN
            changed := NEW.id;
        ELSIF TG_OP = 'DELETE' THEN
            changed := OLD.user_id;
        ELSE
            changed := NEW.user_id;
        END IF;
        {_kinds("id = changed")};
        {_listings("id = changed")};
        {_words("id = changed")};
        RETURN NULL;
    END
"""
REMOVE = """
    BEGIN
        DELETE FROM users_listing WHERE user_id = OLD.id;
        DELETE FROM users_searchwords WHERE rowid = OLD.id;
        RETURN NULL;
    END
"""
POSTGRESQL_TRIGGERS = {
    "users_user_changed": f"AFTER INSERT OR UPDATE OF {', '.join(NAMES)} ON users_user {{}} users_keep_listing()",
    "users_user_removed": "AFTER DELETE ON users_user {} users_remove_listing()",
} | {
    f"{table}_changed": f"AFTER INSERT OR DELETE OR UPDATE OF {', '.join(columns)} ON {table} {{}} users_keep_listing()"
    for table, columns in WATCHED.items()
}
POSTGRESQL = [
    f"CREATE OR REPLACE FUNCTION users_keep_listing() RETURNS trigger LANGUAGE plpgsql AS $${KEEP}$$",
    f"CREATE OR REPLACE FUNCTION users_remove_listing() RETURNS trigger LANGUAGE plpgsql AS $${REMOVE}$$",
    *(
        f"CREATE OR REPLACE TRIGGER {name} {event.format('FOR EACH ROW EXECUTE FUNCTION')}"
        for name, event in POSTGRESQL_TRIGGERS.items()
    ),
]


def _ensure_on_postgresql(cursor: Any) -> bool:
    cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = 'users_keep_listing'")
    is_there = cursor.fetchone() == (KEEP,)
    for statement in [] if is_there else POSTGRESQL:
        cursor.execute(statement)
    return not is_there


# --- After and within migrations ------------------------------------------------------------------------------------

ENSURE = {"sqlite": _ensure_on_sqlite, "postgresql": _ensure_on_postgresql}
CATCH_UP = {
    vendor: [
        "DELETE FROM users_listing",
        "DELETE FROM users_searchwords",
        _kinds("true"),
        _listings("true"),
        words,
    ]
    for vendor, words in {
        "sqlite": f"INSERT INTO users_searchwords (rowid, words) SELECT id, {WORDS} FROM {USERS}",
        "postgresql": _words("true"),
    }.items()
}
"""Copies everything anew, since nobody did while the triggers were not there, or were others."""


def ensure_triggers(using: str, **kwargs: Any) -> None:
    """Runs after ``manage.py migrate``: makes triggers that are missing or old, and catches up if there were any."""
    connection = connections[using]
    if not _has_all_columns(connection):
        return
    with connection.cursor() as cursor:
        if ENSURE[connection.vendor](cursor):
            for statement in CATCH_UP[connection.vendor]:
                cursor.execute(statement)


def drop_triggers(_apps: Any, schema_editor: Any) -> None:
    """The first operation (``RunPython``) of a migration that changes columns of a table that they mention.

    SQLite lets no such table be made anew.
    """
    if schema_editor.connection.vendor != "sqlite":
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'users_%'")
        for (name,) in cursor.fetchall():
            cursor.execute(f"DROP TRIGGER {schema_editor.quote_name(name)}")


def _has_all_columns(connection: Any) -> bool:
    """Not so after migrating to an earlier state: that has no triggers until it is left again."""
    with connection.cursor() as cursor:
        if "users_listingkind" not in connection.introspection.table_names(cursor):
            return False
        columns = connection.introspection.get_table_description(cursor, "users_listingkind")
    return {column.name for column in columns}.issuperset(KIND)
