from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("petitions", "0005_statement_signed_by")]
    operations = [
        migrations.AddField(
            model_name="statement",
            name="organisations",
            field=models.PositiveIntegerField(db_default=0, default=0, editable=False),
        ),
    ]
