"""Numbers are kept for each version, so that the history of a text counts no rows."""

import django.db.models.deletion
from django.db import migrations, models

# From the rows, which are the truth. Slots that are not there yet are made when somebody counts.
RECOUNT = """
LOCK TABLE petitions_tally IN EXCLUSIVE MODE;
DELETE FROM petitions_tally;
INSERT INTO petitions_tally (statement_id, version_id, slot, confirmed, shown, removed)
SELECT statement_id, version_id, 0, count(*) FILTER (WHERE state IN ('confirmed', 'anonymised')),
    count(*) FILTER (WHERE state = 'confirmed' AND show_name), count(*) FILTER (WHERE state = 'removed')
FROM petitions_signature GROUP BY statement_id, version_id
"""


class Migration(migrations.Migration):
    dependencies = [("petitions", "0011_export_permissions")]
    operations = [
        migrations.RunSQL("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0", migrations.RunSQL.noop),
        migrations.RemoveConstraint("tally", "tally_unique_slot"),
        migrations.AddField(
            "tally",
            "version",
            models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="tallies",
                to="petitions.version",
            ),
        ),
        migrations.RunSQL(RECOUNT, migrations.RunSQL.noop),
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.AlterField(
            "tally",
            "version",
            models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="tallies",
                to="petitions.version",
            ),
        ),
        migrations.AddConstraint(
            "tally", models.UniqueConstraint(fields=("statement", "version", "slot"), name="tally_unique_slot")
        ),
    ]
