from django.db import migrations


def keep_keys(apps, schema_editor):
    switched_on = apps.get_model("comments", "Preference").objects.filter(keys=True).values_list("user_id", flat=True)
    keys_on = apps.get_model("core", "KeysOn")
    keys_on.objects.bulk_create([keys_on(user_id=pk) for pk in switched_on], ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [
        ("comments", "0003_rules_of_the_site"),
        ("core", "0005_keys_on"),
    ]

    operations = [
        migrations.RunPython(keep_keys, migrations.RunPython.noop, elidable=True),
        migrations.RemoveField(model_name="preference", name="keys"),
    ]
