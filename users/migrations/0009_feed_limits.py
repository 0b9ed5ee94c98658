import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('users', '0008_domain_look_ups'),
    ]

    operations = [
        migrations.AddField(
            model_name='calendarfeed',
            name='counted_from',
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False),
        ),
        migrations.AddField(
            model_name='calendarfeed',
            name='reads',
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
    ]
