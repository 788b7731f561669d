"""The rules that hold until somebody sets others."""

from django.db import migrations

SET = """
INSERT INTO comments_siterules (id, approve, trusted_after, links_allowed, depth, per_page, "order", close_after_days,
    reports_hide)
VALUES (1, 'first_timers', 1, 0, 2, 50, 'oldest', 0, 3) ON CONFLICT (id) DO NOTHING
"""


class Migration(migrations.Migration):
    dependencies = [("comments", "0002_a_thread_for_every_statement")]
    operations = [migrations.RunSQL(SET, migrations.RunSQL.noop)]
