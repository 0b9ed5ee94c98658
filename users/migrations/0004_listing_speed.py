"""Kinds of users: all that lists filter by, once for all users who have the same in it.

What lists read is made anew from users and settings, by ``users/listing_triggers.py`` at the end of
``manage.py migrate``; so the rows of before are removed first.
"""

from __future__ import annotations

from importlib import import_module

import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models

from users.listing_triggers import drop_triggers

before = import_module("users.migrations.0002_listing")
DERIVED = {"default_manager_name": "dumped", "default_permissions": ()}
MANAGERS = [("dumped", django.db.models.manager.Manager())]
KIND = ["method", "has_address", "has_exchange_username", "exchange_password_key", "exchange_password_server"]
# A beginning that many words share, where each of these words is rare, is a rare one to PostgreSQL, unless the beginning
# is a word of its own: then its statistics tell how common it is. The other words are those of before.
WORDS_WITH_BEGINNINGS = r"""
    CREATE OR REPLACE FUNCTION users_words(texts text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT array_to_tsvector(coalesce(array_agg(left(word, letters)), '{}'))
        FROM unnest(string_to_array(lower(regexp_replace(
            regexp_replace(normalize(texts, NFKD), '[\u0300-\u036f]', '', 'g'),
            '[\u0001-/:-@[-`{-\u00bf\u2000-\u206f]+', ' ', 'g')), ' ')) AS word,
            unnest(ARRAY[2, 4, 6, length(word)]) AS letters
        WHERE word <> ''
    $$
"""
TABLES = {
    "sqlite": [before.SQLITE_TABLE.replace("1 2 3 4", "1 2 3 4 5 6")],
    "postgresql": [
        *before.POSTGRESQL_TABLE,
        "ALTER TABLE users_searchwords ADD COLUMN kind_id bigint NOT NULL",
        WORDS_WITH_BEGINNINGS,
    ],
}

FUNCTIONS = ("users_keep_listing", "users_remove_listing", "users_words")


def empty(apps, schema_editor):
    before.remove(apps, schema_editor)
    schema_editor.execute("DELETE FROM users_listing")


def make_tables(apps, schema_editor):
    for statement in TABLES[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


def remove_tables(apps, schema_editor):
    drop_triggers(apps, schema_editor)
    for function in FUNCTIONS if schema_editor.connection.vendor == "postgresql" else ():
        schema_editor.execute(f"DROP FUNCTION IF EXISTS {function} CASCADE")
    schema_editor.execute("DROP TABLE users_searchwords")
    schema_editor.execute("DELETE FROM users_listing")


class Migration(migrations.Migration):
    dependencies = [("users", "0004_signature_pictures")]

    operations = [
        migrations.RunPython(empty, before.create),
        migrations.CreateModel(
            name="ListingKind",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("method", models.CharField(editable=False, max_length=20)),
                ("has_address", models.BooleanField(editable=False)),
                ("has_exchange_username", models.BooleanField(editable=False)),
                ("exchange_password_key", models.TextField(editable=False)),
                ("exchange_password_server", models.TextField(editable=False)),
            ],
            options=DERIVED
            | {
                "abstract": False,
                "constraints": [models.UniqueConstraint(fields=KIND, name="users_listingkind_unique")],
            },
            managers=MANAGERS,
        ),
        *(migrations.AlterModelOptions(name=name, options=DERIVED) for name in ("listing", "searchwords")),
        *(migrations.AlterModelManagers(name=name, managers=MANAGERS) for name in ("listing", "searchwords")),
        migrations.RemoveIndex(model_name="listing", name="users_listing_name"),
        migrations.RemoveIndex(model_name="listing", name="users_listing_username"),
        *(migrations.RemoveField(model_name="listing", name=name) for name in KIND),
        migrations.AddField(
            model_name="listing",
            name="kind",
            field=models.ForeignKey(
                # The table is empty.
                default=None,
                editable=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="users.listingkind",
            ),
            preserve_default=False,
        ),
        migrations.AddIndex(
            model_name="listing",
            index=models.Index(fields=["last_name", "first_name", "user", "kind"], name="users_listing_name"),
        ),
        migrations.AddIndex(
            model_name="listing",
            index=models.Index(fields=["username", "user", "kind"], name="users_listing_username"),
        ),
        migrations.RunPython(make_tables, remove_tables),
    ]
