from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("petitions", "0010_signatures_of_a_statement")]
    operations = [
        migrations.AlterModelOptions(
            name="statement",
            options={
                "ordering": ["-published_at", "-id"],
                "permissions": [
                    ("publish_statement", "Can publish, close and reopen statements"),
                    ("correct_statement", "Can correct the text of published statements"),
                    ("hide_statement", "Can hide statements"),
                    ("export_signatures", "Can download the names for delivery"),
                    ("export_contacts", "Can download the addresses of those who asked for news"),
                    ("view_every_statement", "Can see every statement, not only those assigned to them"),
                ],
            },
        ),
    ]
