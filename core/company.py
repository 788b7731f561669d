"""Who else is at a page of the desk, so that two do not do the same work.

A page that is being looked at says so once a minute (static/js/forms.js), and stops after ten idle minutes. No GET
writes, so without JavaScript one sees others and is not seen.
"""

from datetime import timedelta

from django.contrib.auth.models import User
from django.db import connection
from django.db.models.functions import Now
from django.utils.translation import ngettext

from core.models import Looking

HERE = timedelta(minutes=2)  # since the last sign of life
MOST_NAMED = 5

_SEEN = """
INSERT INTO core_looking (user_id, model, object_id, seen_at) VALUES (%s, %s, %s, statement_timestamp())
ON CONFLICT ON CONSTRAINT looking_once DO UPDATE SET seen_at = excluded.seen_at
"""


def arrive(*, user: User, model: str, object_id: str = "") -> None:
    """Somebody is at the page of a row, or of the list where `object_id` is empty."""
    with connection.cursor() as cursor:
        cursor.execute(_SEEN, [user.pk, model, object_id])


def others(*, user: User, model: str, object_id: str = "") -> str:
    """Who else is there, in a sentence, those who came last first, at most MOST_NAMED; empty when nobody is."""
    here = Looking.objects.filter(model=model, object_id=object_id, seen_at__gt=Now() - HERE).exclude(user=user)
    found = here.select_related("user").order_by("-seen_at")[:MOST_NAMED]
    names = [one.user.get_full_name() or one.user.get_username() for one in found]
    if not names:
        return ""
    said = ngettext("%(names)s is here, too.", "%(names)s are here, too.", len(names))
    return said % {"names": ", ".join(names)}
