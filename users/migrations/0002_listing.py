"""What lists of users search, filter and sort by: see ``users/models/listing.py`` and ``users/models/search_words.py``.

Triggers copy it. The migration ``0004_listing_speed`` replaces them.
"""
# ruff: noqa: S608  (the statements are put together from the constants below)

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import users.models.search_words

COLUMNS = (
    "user_id, last_name, first_name, username, method, has_address, has_exchange_username, exchange_password_key, "
    "exchange_password_server"
)
VALUES = (
    "id, last_name, first_name, username, coalesce(method, ''), coalesce(address, '') <> '', "
    "coalesce(exchange_username, '') <> '', coalesce(substr(exchange_password, 1, 12), ''), "
    "coalesce(exchange_password_server, '')"
)
WORDS = "first_name || ' ' || last_name || ' ' || username || ' ' || coalesce(address, '')"
FILTERS = ["method", "has_address", "has_exchange_username", "exchange_password_key", "exchange_password_server"]
USERS = "users_user LEFT JOIN users_emailsettings ON user_id = id"

# --- SQLite ---------------------------------------------------------------------------------------------------------


def sqlite_copy(user: str) -> str:
    return f"INSERT OR REPLACE INTO users_listing ({COLUMNS}) SELECT {VALUES} FROM {USERS} WHERE id = {user}"


def sqlite_index(user: str) -> str:
    return f"INSERT OR REPLACE INTO users_searchwords (rowid, words) SELECT id, {WORDS} FROM {USERS} WHERE id = {user}"


def sqlite_change(*columns: str) -> str:
    old, new = (", ".join(f"{row}.{column}" for column in columns) for row in ("OLD", "NEW"))
    return f"UPDATE OF {', '.join(columns)} ON {{table}} WHEN ({old}) IS NOT ({new})"


SQLITE_TRIGGERS = {
    "users_user_added": (
        "INSERT ON users_user",
        [sqlite_copy("NEW.id"), sqlite_index("NEW.id")],
    ),
    "users_user_renamed": (
        sqlite_change("first_name", "last_name", "username").format(table="users_user"),
        [sqlite_copy("NEW.id"), sqlite_index("NEW.id")],
    ),
    "users_user_removed": (
        "DELETE ON users_user",
        ["DELETE FROM users_listing WHERE user_id = OLD.id", "DELETE FROM users_searchwords WHERE rowid = OLD.id"],
    ),
    "users_emailsettings_added": (
        "INSERT ON users_emailsettings",
        [sqlite_copy("NEW.user_id")],
    ),
    "users_emailsettings_added_with_address": (
        "INSERT ON users_emailsettings WHEN NEW.address <> ''",
        [sqlite_index("NEW.user_id")],
    ),
    "users_emailsettings_changed": (
        sqlite_change(
            "method", "address", "exchange_username", "exchange_password", "exchange_password_server"
        ).format(table="users_emailsettings"),
        [sqlite_copy("NEW.user_id")],
    ),
    "users_emailsettings_moved": (
        sqlite_change("address").format(table="users_emailsettings"),
        [sqlite_index("NEW.user_id")],
    ),
    "users_emailsettings_removed": (
        "DELETE ON users_emailsettings",
        [sqlite_copy("OLD.user_id"), sqlite_index("OLD.user_id")],
    ),
}
SQLITE_TABLE = """
    CREATE VIRTUAL TABLE IF NOT EXISTS users_searchwords
    USING fts5(words, tokenize = 'unicode61 remove_diacritics 2', prefix = '1 2 3 4')
"""
SQLITE = [
    SQLITE_TABLE,
    *(
        f"CREATE TRIGGER IF NOT EXISTS {name} AFTER {event} BEGIN {'; '.join(statements)}; END"
        for name, (event, statements) in SQLITE_TRIGGERS.items()
    ),
    f"INSERT OR REPLACE INTO users_listing ({COLUMNS}) SELECT {VALUES} FROM {USERS}",
    f"INSERT OR REPLACE INTO users_searchwords (rowid, words) SELECT id, {WORDS} FROM {USERS}",
]
SQLITE_REMOVE = [*(f"DROP TRIGGER IF EXISTS {name}" for name in SQLITE_TRIGGERS), "DROP TABLE users_searchwords"]

# --- PostgreSQL -----------------------------------------------------------------------------------------------------

NEW_VALUES = ", ".join(f"EXCLUDED.{column}" for column in COLUMNS.split(", "))
OLD_VALUES = ", ".join(f"users_listing.{column}" for column in COLUMNS.split(", "))
COPY = f"""
    INSERT INTO users_listing ({COLUMNS}) SELECT {VALUES} FROM {USERS} WHERE id = changed
    ON CONFLICT (user_id) DO UPDATE SET ({COLUMNS}) = ROW ({NEW_VALUES})
    WHERE ({OLD_VALUES}) IS DISTINCT FROM ({NEW_VALUES});
    INSERT INTO users_searchwords (rowid, words) SELECT id, users_words({WORDS}) FROM {USERS} WHERE id = changed
    ON CONFLICT (rowid) DO UPDATE SET words = EXCLUDED.words WHERE users_searchwords.words <> EXCLUDED.words;
"""
POSTGRESQL_TABLE = [
    "CREATE TABLE users_searchwords (rowid bigint PRIMARY KEY, words tsvector NOT NULL)",
    "CREATE INDEX users_searchwords_words ON users_searchwords USING gin (words) WITH (fastupdate = off)",
    # Accents are taken off before the letters become small, so that it works in the locale C too.
    r"""
    CREATE FUNCTION users_words(texts text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT array_to_tsvector(array_remove(string_to_array(lower(regexp_replace(
            regexp_replace(normalize(texts, NFKD), '[\u0300-\u036f]', '', 'g'),
            '[\u0001-/:-@[-`{-\u00bf\u2000-\u206f]+', ' ', 'g')), ' '), ''))
    $$
    """,
]
POSTGRESQL = [
    *POSTGRESQL_TABLE,
    f"""
    CREATE FUNCTION users_keep_listing() RETURNS trigger LANGUAGE plpgsql AS $$
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
        {COPY}
        RETURN NULL;
    END
    $$
    """,
    """
    CREATE FUNCTION users_remove_listing() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        DELETE FROM users_listing WHERE user_id = OLD.id;
        DELETE FROM users_searchwords WHERE rowid = OLD.id;
        RETURN NULL;
    END
    $$
    """,
    """
    CREATE TRIGGER users_user_changed AFTER INSERT OR UPDATE OF first_name, last_name, username ON users_user
    FOR EACH ROW EXECUTE FUNCTION users_keep_listing()
    """,
    """
    CREATE TRIGGER users_user_removed AFTER DELETE ON users_user
    FOR EACH ROW EXECUTE FUNCTION users_remove_listing()
    """,
    """
    CREATE TRIGGER users_emailsettings_changed AFTER INSERT OR DELETE OR UPDATE OF
    method, address, exchange_username, exchange_password, exchange_password_server ON users_emailsettings
    FOR EACH ROW EXECUTE FUNCTION users_keep_listing()
    """,
    f"INSERT INTO users_listing ({COLUMNS}) SELECT {VALUES} FROM {USERS}",
    f"INSERT INTO users_searchwords (rowid, words) SELECT id, users_words({WORDS}) FROM {USERS}",
]
POSTGRESQL_REMOVE = [
    "DROP TRIGGER users_user_changed ON users_user",
    "DROP TRIGGER users_user_removed ON users_user",
    "DROP TRIGGER users_emailsettings_changed ON users_emailsettings",
    "DROP FUNCTION users_keep_listing",
    "DROP FUNCTION users_remove_listing",
    "DROP FUNCTION users_words",
    "DROP TABLE users_searchwords",
]

# --- The migration --------------------------------------------------------------------------------------------------


def create(apps, schema_editor):
    _execute(schema_editor, sqlite=SQLITE, postgresql=POSTGRESQL)


def remove(apps, schema_editor):
    _execute(schema_editor, sqlite=SQLITE_REMOVE, postgresql=POSTGRESQL_REMOVE)


def _execute(schema_editor, **statements):
    for statement in statements[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("users", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Listing",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="listing",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("last_name", models.CharField(editable=False, max_length=150)),
                ("first_name", models.CharField(editable=False, max_length=150)),
                ("username", models.CharField(editable=False, max_length=150)),
                ("method", models.CharField(editable=False, max_length=20)),
                ("has_address", models.BooleanField(editable=False)),
                ("has_exchange_username", models.BooleanField(editable=False)),
                ("exchange_password_key", models.TextField(editable=False)),
                ("exchange_password_server", models.TextField(editable=False)),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(fields=["last_name", "first_name", "user", *FILTERS], name="users_listing_name"),
                    models.Index(fields=["username", "user", *FILTERS], name="users_listing_username"),
                ],
            },
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(create, remove)],
            state_operations=[
                migrations.CreateModel(
                    name="SearchWords",
                    fields=[
                        (
                            "listing",
                            models.OneToOneField(
                                db_column="rowid",
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                primary_key=True,
                                related_name="+",
                                serialize=False,
                                to="users.listing",
                            ),
                        ),
                        ("words", users.models.search_words.WordsField(editable=False)),
                    ],
                    options={"default_permissions": ()},
                ),
            ],
        ),
    ]
