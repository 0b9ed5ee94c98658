"""What the list of users says of checks that failed."""

from __future__ import annotations

from django.db import migrations, models

from users.listing_triggers import drop_triggers

KIND = [
    "method",
    "has_address",
    "has_exchange_username",
    "exchange_password_key",
    "exchange_password_server",
    "connection_key",
    "connection_registration",
    "check_passed_with",
    "check_failed_with",
]


class Migration(migrations.Migration):
    dependencies = [("users", "0011_check_rounds")]

    operations = [
        migrations.RunPython(drop_triggers, migrations.RunPython.noop),
        migrations.RemoveConstraint(model_name="listingkind", name="users_listingkind_unique"),
        migrations.AddField(
            model_name="listingkind",
            name="check_failed_with",
            field=models.TextField(default="", editable=False),
        ),
        migrations.AddConstraint(
            model_name="listingkind",
            constraint=models.UniqueConstraint(fields=KIND, name="users_listingkind_unique"),
        ),
        migrations.RunPython(migrations.RunPython.noop, drop_triggers),
    ]
