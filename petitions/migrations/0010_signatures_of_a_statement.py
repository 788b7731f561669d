"""What staff of an old statement read among ten million rows; built while people go on signing."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models

ODD = ["held", "removed", "withdrawn"]


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("petitions", "0009_update_mailings_and_hand_in")]
    operations = [
        migrations.RunSQL("SET statement_timeout = 0", "SET statement_timeout = 0"),
        migrations.RunSQL("SET lock_timeout = 0", "SET lock_timeout = 0"),
        AddIndexConcurrently("signature", models.Index(fields=["statement", "id"], name="signature_statement")),
        AddIndexConcurrently(
            "signature", models.Index(fields=["via", "id"], name="signature_via", condition=~models.Q(via=""))
        ),
        AddIndexConcurrently(
            "signature",
            models.Index(fields=["channel", "id"], name="signature_channel", condition=~models.Q(channel="web")),
        ),
        RemoveIndexConcurrently("signature", "signature_odd"),
        AddIndexConcurrently(
            "signature",
            models.Index(models.F("state"), models.F("id"), name="signature_odd", condition=models.Q(state__in=ODD)),
        ),
        migrations.RunSQL("RESET statement_timeout", "RESET statement_timeout"),
        migrations.RunSQL("RESET lock_timeout", "RESET lock_timeout"),
    ]
