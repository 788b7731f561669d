from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("organisations", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="endorsement",
            name="was",
            field=models.JSONField(editable=False, null=True),
        ),
    ]
