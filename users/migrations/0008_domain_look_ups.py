"""How often somebody has looked up where the mail of a domain lives."""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("users", "0007_activities")]

    operations = [
        migrations.CreateModel(
            name="DomainLookUps",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="domain_look_ups",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("times", models.JSONField(default=list)),
            ],
            options={"default_permissions": ()},
        ),
    ]
