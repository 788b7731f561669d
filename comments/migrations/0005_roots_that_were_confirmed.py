from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("comments", "0004_keys_belong_to_every_queue")]

    operations = [
        migrations.RemoveIndex(model_name="comment", name="comment_roots"),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(
                fields=["thread", "created_at", "id"],
                name="comment_roots",
                condition=Q(parent=None, confirmed_at__isnull=False),
            ),
        ),
    ]
