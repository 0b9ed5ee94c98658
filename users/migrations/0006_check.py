"""What is kept of a check, and what the list of users says of it."""

from __future__ import annotations

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
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
]


class Migration(migrations.Migration):
    dependencies = [("users", "0005_microsoft_connection")]

    operations = [
        migrations.RunPython(drop_triggers, migrations.RunPython.noop),
        migrations.AddField(
            model_name="emailsettings",
            name="check_outcome",
            field=models.JSONField(db_default={}, default=dict, editable=False),
        ),
        migrations.AddField(
            model_name="emailsettings",
            name="checked_address",
            field=models.CharField(db_default="", default="", editable=False, max_length=320),
        ),
        migrations.AddField(
            model_name="emailsettings",
            name="checked_password_set_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="emailsettings",
            name="checked_username",
            field=models.CharField(db_default="", default="", editable=False, max_length=254),
        ),
        migrations.RemoveConstraint(model_name="listingkind", name="users_listingkind_unique"),
        migrations.AddField(
            model_name="listingkind",
            name="check_passed_with",
            field=models.TextField(default="", editable=False),
        ),
        migrations.AddConstraint(
            model_name="listingkind",
            constraint=models.UniqueConstraint(fields=KIND, name="users_listingkind_unique"),
        ),
        migrations.CreateModel(
            name="SignInAttempts",
            fields=[
                ("mailbox", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("under_way", models.JSONField(default=dict)),
                ("refused_at", models.JSONField(default=list)),
                ("paused_until", models.DateTimeField(null=True)),
                ("refused_password", models.CharField(default="", max_length=64)),
                ("accepted_password", models.CharField(default="", max_length=64)),
            ],
            options={"default_permissions": ()},
        ),
        migrations.CreateModel(
            name="CheckRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("subject", models.CharField(editable=False, max_length=60)),
                ("started_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("finished_at", models.DateTimeField(editable=False, null=True)),
                ("is_of_saved", models.BooleanField(default=True, editable=False)),
                ("note", models.TextField(default="", editable=False)),
                ("fields", models.JSONField(default=dict, editable=False)),
                ("steps", models.JSONField(default=list, editable=False)),
                ("results", models.JSONField(default=list, editable=False)),
                (
                    "started_by",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="check_runs",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("finished_at__isnull", True)),
                        fields=("subject",),
                        name="users_checkrun_one_at_a_time",
                    )
                ],
            },
        ),
        migrations.RunPython(migrations.RunPython.noop, drop_triggers),
    ]
