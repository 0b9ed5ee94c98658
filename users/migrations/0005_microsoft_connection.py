"""Users' connections to Microsoft 365, and what lists know of them."""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import users.models.fields
import users.models.microsoft_connection
from users.listing_triggers import drop_triggers

KIND = ["method", "has_address", "has_exchange_username", "exchange_password_key", "exchange_password_server"]


class Migration(migrations.Migration):
    dependencies = [("users", "0004_listing_speed")]

    operations = [
        migrations.RunPython(drop_triggers, migrations.RunPython.noop),
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
        migrations.RemoveConstraint(model_name="listingkind", name="users_listingkind_unique"),
        migrations.AddField(
            model_name="listingkind", name="connection_key", field=models.TextField(default="", editable=False)
        ),
        migrations.AddField(
            model_name="listingkind",
            name="connection_registration",
            field=models.TextField(default="", editable=False),
        ),
        migrations.AddConstraint(
            model_name="listingkind",
            constraint=models.UniqueConstraint(
                fields=[*KIND, "connection_key", "connection_registration"], name="users_listingkind_unique"
            ),
        ),
        migrations.RunPython(migrations.RunPython.noop, drop_triggers),
    ]
