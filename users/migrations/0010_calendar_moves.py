from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('users', '0009_feed_limits'),
    ]

    operations = [
        migrations.AlterField(
            model_name='activityexport',
            name='state',
            field=models.CharField(choices=[('waiting', 'On its way to the calendar'), ('written', 'In the calendar'), ('gone', 'Removed in the calendar program'), ('changed', 'Its time was changed in the calendar program'), ('failed', 'Refused by the calendar'), ('withdrawn', 'Taken out of the calendar'), ('left', 'In a calendar that is no longer used')], default='waiting', max_length=10, verbose_name='state'),
        ),
        migrations.AddField(
            model_name='activityexport',
            name='when_sent',
            field=models.TextField(default=''),
        ),
        migrations.AddField(
            model_name='systemsettings',
            name='calendars_seen_to',
            field=models.BigIntegerField(default=None, editable=False, null=True),
        ),
    ]
