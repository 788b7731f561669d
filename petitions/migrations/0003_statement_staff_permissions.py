from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("petitions", "0002_version_locked_once_published")]
    operations = [
        migrations.AlterModelOptions(
            name="statement",
            options={
                "ordering": ["-published_at", "-id"],
                "permissions": [
                    ("publish_statement", "Can publish, close and reopen statements"),
                    ("correct_statement", "Can correct the text of published statements"),
                    ("hide_statement", "Can hide statements"),
                ],
            },
        ),
    ]
