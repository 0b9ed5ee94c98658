"""Users' connections to Microsoft 365, and what lists know of them.

The triggers of the list are those of the migration before, with two more columns, and with one more table that they
watch.
"""
# ruff: noqa: S608  (the statements are put together from the constants below)

from __future__ import annotations

from importlib import import_module

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import users.models.fields
import users.models.microsoft_connection

before = import_module("users.migrations.0002_listing")

MATCH = (
    "FROM users_microsoftconnection AS connection WHERE connection.user_id = users_user.id "
    "AND NOT connection.has_ended AND connection.address = users_emailsettings.address"
)
COLUMNS = f"{before.COLUMNS}, connection_key, connection_registration"
VALUES = (
    f"{before.VALUES}, coalesce((SELECT substr(connection.token_cache, 1, 12) {MATCH}), ''), "
    f"coalesce((SELECT connection.registration {MATCH}), '')"
)
FILTERS = [*before.FILTERS, "connection_key", "connection_registration"]
WATCHED = "address, registration, token_cache, has_ended"


def widened(statement: str) -> str:
    """The same statement with the new columns."""
    for old, new in (
        (before.COLUMNS, COLUMNS),
        (before.VALUES, VALUES),
        (before.NEW_VALUES, NEW_VALUES),
        (before.OLD_VALUES, OLD_VALUES),
    ):
        statement = statement.replace(old, new)
    return statement


NEW_VALUES = ", ".join(f"EXCLUDED.{column}" for column in COLUMNS.split(", "))
OLD_VALUES = ", ".join(f"users_listing.{column}" for column in COLUMNS.split(", "))

# --- SQLite ---------------------------------------------------------------------------------------------------------


def sqlite_copy(user: str) -> str:
    return widened(before.sqlite_copy(user))


def sqlite_values(row: str) -> str:
    """What lists know of a connection: a renewed one that needs the same key is the same to them."""
    return f"{row}.address, {row}.registration, substr({row}.token_cache, 1, 12), {row}.has_ended"


SQLITE_TRIGGERS = {
    name: (event, [widened(statement) for statement in statements])
    for name, (event, statements) in before.SQLITE_TRIGGERS.items()
} | {
    "users_microsoftconnection_added": ("INSERT ON users_microsoftconnection", [sqlite_copy("NEW.user_id")]),
    "users_microsoftconnection_changed": (
        f"UPDATE OF {WATCHED} ON users_microsoftconnection WHEN ({sqlite_values('OLD')}) IS NOT ({sqlite_values('NEW')})",
        [sqlite_copy("NEW.user_id")],
    ),
    "users_microsoftconnection_removed": ("DELETE ON users_microsoftconnection", [sqlite_copy("OLD.user_id")]),
}
SQLITE = [
    *(
        f"CREATE TRIGGER IF NOT EXISTS {name} AFTER {event} BEGIN {'; '.join(statements)}; END"
        for name, (event, statements) in SQLITE_TRIGGERS.items()
    ),
    widened(f"INSERT OR REPLACE INTO users_listing ({before.COLUMNS}) SELECT {before.VALUES} FROM {before.USERS}"),
    f"INSERT OR REPLACE INTO users_searchwords (rowid, words) SELECT id, {before.WORDS} FROM {before.USERS}",
]

# --- PostgreSQL -----------------------------------------------------------------------------------------------------

FUNCTION = next(each for each in before.POSTGRESQL if "CREATE FUNCTION users_keep_listing" in each)
POSTGRESQL = [
    widened(FUNCTION).replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"),
    f"""
    CREATE TRIGGER users_microsoftconnection_changed AFTER INSERT OR DELETE OR UPDATE OF {WATCHED}
    ON users_microsoftconnection FOR EACH ROW EXECUTE FUNCTION users_keep_listing()
    """,
]
POSTGRESQL_REMOVE = [
    "DROP TRIGGER users_microsoftconnection_changed ON users_microsoftconnection",
    FUNCTION.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"),
]

# --- The migration --------------------------------------------------------------------------------------------------


def drop_old(apps, schema_editor):
    """SQLite would not let the list's table be made anew while triggers name it."""
    _execute(schema_editor, sqlite=[f"DROP TRIGGER IF EXISTS {name}" for name in before.SQLITE_TRIGGERS], postgresql=[])


def create_old(apps, schema_editor):
    _execute(schema_editor, sqlite=before.SQLITE, postgresql=[])


def create(apps, schema_editor):
    _execute(schema_editor, sqlite=SQLITE, postgresql=POSTGRESQL)


def remove(apps, schema_editor):
    _execute(
        schema_editor,
        sqlite=[f"DROP TRIGGER IF EXISTS {name}" for name in SQLITE_TRIGGERS],
        postgresql=POSTGRESQL_REMOVE,
    )


def _execute(schema_editor, **statements):
    for statement in statements[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("users", "0004_signature_pictures")]

    operations = [
        migrations.RunPython(drop_old, create_old),
        migrations.CreateModel(
            name="MicrosoftConnection",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="microsoft_connection",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "address",
                    users.models.fields.AddressField(
                        default="", editable=False, max_length=254, verbose_name="E-mail address"
                    ),
                ),
                ("registration", models.TextField(default="", editable=False)),
                ("account", models.CharField(default="", editable=False, max_length=320, verbose_name="Account")),
                ("account_id", models.CharField(default="", editable=False, max_length=320)),
                ("token_cache", users.models.fields.SealedField(verbose_name="Connection to Microsoft 365")),
                (
                    "token_cache_set_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="Last renewed"),
                ),
                (
                    "token_cache_set_by",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("connected_at", models.DateTimeField(editable=False, null=True, verbose_name="Connected")),
                (
                    "has_ended",
                    models.BooleanField(default=False, editable=False, verbose_name="Has to be connected again"),
                ),
                (
                    "generation",
                    models.BigIntegerField(
                        default=users.models.microsoft_connection.first_generation, editable=False
                    ),
                ),
            ],
            options={
                "verbose_name": "connection to Microsoft 365",
                "verbose_name_plural": "connections to Microsoft 365",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("token_cache", ""),
                            models.Q(("connected_at__isnull", False), ("token_cache_set_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="users_microsoftconnection_has_date",
                    )
                ],
            },
        ),
        migrations.RemoveIndex(model_name="listing", name="users_listing_name"),
        migrations.RemoveIndex(model_name="listing", name="users_listing_username"),
        migrations.AddField(
            model_name="listing", name="connection_key", field=models.TextField(default="", editable=False)
        ),
        migrations.AddField(
            model_name="listing", name="connection_registration", field=models.TextField(default="", editable=False)
        ),
        migrations.AddIndex(
            model_name="listing",
            index=models.Index(
                fields=["last_name", "first_name", "user", *FILTERS], name="users_listing_name"
            ),
        ),
        migrations.AddIndex(
            model_name="listing",
            index=models.Index(fields=["username", "user", *FILTERS], name="users_listing_username"),
        ),
        migrations.RunPython(create, remove),
    ]
