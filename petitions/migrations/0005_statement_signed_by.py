from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("petitions", "0003_statement_staff_permissions")]
    operations = [
        migrations.AddField(
            model_name="statement",
            name="signed_by",
            field=models.CharField(
                choices=[
                    ("both", "people and organisations"),
                    ("people", "people only"),
                    ("organisations", "organisations only"),
                ],
                db_default="both",
                default="both",
                help_text="Who is asked to put their name to it.",
                max_length=13,
            ),
        ),
    ]
