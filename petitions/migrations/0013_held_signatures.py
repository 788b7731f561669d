"""The oldest of those that wait for a look, however many an attack has left behind; built while people go on signing."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("petitions", "0012_tally_by_version")]
    operations = [
        migrations.RunSQL("SET statement_timeout = 0", "SET statement_timeout = 0"),
        migrations.RunSQL("SET lock_timeout = 0", "SET lock_timeout = 0"),
        AddIndexConcurrently(
            "signature",
            models.Index(fields=["confirmed_at"], name="signature_held", condition=models.Q(state="held")),
        ),
        migrations.RunSQL("RESET statement_timeout", "RESET statement_timeout"),
        migrations.RunSQL("RESET lock_timeout", "RESET lock_timeout"),
    ]
