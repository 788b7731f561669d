from django.db import migrations

# Before this, undoing put every decision back in the queue and off the list.
IN_THE_QUEUE = {
    "state": "waiting",
    "public_message": "",
    "public_contact": "",
    "listed_at": None,
    "changed_at": None,
    "decided_by_id": None,
    "decided_at": None,
    "decided_reason": "",
}


def keep_decisions_undoable(apps, schema_editor):
    decided = apps.get_model("organisations", "Endorsement").objects.filter(decided_at__isnull=False)
    decided.filter(state__in=["listed", "declined"]).update(was={"row": IN_THE_QUEUE})


class Migration(migrations.Migration):
    dependencies = [
        ("organisations", "0002_endorsement_was"),
    ]

    operations = [
        migrations.RunPython(keep_decisions_undoable, migrations.RunPython.noop, elidable=True),
    ]
