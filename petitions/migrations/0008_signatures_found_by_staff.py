"""Indexes for staff, built while people go on signing; a large table takes longer than a page may."""

import django.contrib.postgres.indexes
import django.db.models.functions.text
import petitions.models.signatures
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("petitions", "0007_staff_desk")]
    operations = [
        migrations.RunSQL("SET statement_timeout = 0", "SET statement_timeout = 0"),
        migrations.RunSQL("SET lock_timeout = 0", "SET lock_timeout = 0"),
        AddIndexConcurrently(
            model_name='signature',
            index=models.Index(condition=models.Q(('rule__isnull', False)), fields=['rule'], name='signature_rule'),
        ),
        AddIndexConcurrently(
            model_name='signature',
            index=models.Index(condition=models.Q(('confirmed_at__isnull', False)), fields=['statement', 'confirmed_at'], name='signature_when'),
        ),
        AddIndexConcurrently(
            model_name='signature',
            index=models.Index(models.F('state'), models.F('id'), condition=models.Q(('state__in', ['held', 'removed'])), name='signature_odd'),
        ),
        AddIndexConcurrently(
            model_name='signature',
            index=models.Index(petitions.models.signatures.Domain('email_canonical'), models.F('id'), name='signature_domain'),
        ),
        AddIndexConcurrently(
            model_name='signature',
            index=models.Index(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper('name'), 'text_pattern_ops'), name='signature_name'),
        ),
        AddIndexConcurrently(
            model_name='signature',
            index=django.contrib.postgres.indexes.BrinIndex(autosummarize=True, fields=['created_at'], name='signature_created'),
        ),
        migrations.RunSQL("RESET statement_timeout", "RESET statement_timeout"),
        migrations.RunSQL("RESET lock_timeout", "RESET lock_timeout"),
    ]
