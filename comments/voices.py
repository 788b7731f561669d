"""Comments that the campaigner chose to stand near the form: of those that everybody reads, and as long as they do."""

from typing import Any

from django.db import transaction
from django.db.models import Subquery
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from markupsafe import Markup

from comments import moderation, threads
from comments.models import Comment, Thread
from core import components
from core.audit import Staff
from core.speed.prepared import PreparedTuples
from petitions.models import Statement

SHOWN = 4
LONGEST = 320  # characters of one near the form; the whole stands in the thread
_of = PreparedTuples(
    lambda statement: (
        Comment.objects.visible()
        .filter(
            thread_id=Subquery(Thread.objects.filter(statement=statement).values("pk")[:1]), chosen_at__isnull=False
        )
        .order_by("-chosen_at", "pk")
        .values_list("pk", "author_name", "body")[:SHOWN]
    ),
    int,
)


class NotPublic(moderation.ModerationError):
    """Only what everybody reads can be shown elsewhere."""

    message = _("Only a comment that everybody can read can be chosen.")


@transaction.atomic
def choose(*, comment: Comment, by: Staff = None) -> Comment:
    """Show it near the form, before those chosen earlier. Raises NotPublic."""
    thread = moderation.lock_thread(comment)
    if not comment.is_visible:
        raise NotPublic
    return _set(comment, thread, Now(), "Chosen to stand near the form", by)


@transaction.atomic
def leave_out(*, comment: Comment, by: Staff = None) -> Comment:
    """Show it in the thread alone."""
    return _set(comment, moderation.lock_thread(comment), None, "No longer near the form", by)


def _set(comment: Comment, thread: Any, chosen_at: Any, said: str, by: Staff) -> Comment:
    Comment.objects.filter(pk=comment.pk).update(chosen_at=chosen_at)
    comment.refresh_from_db()
    comment.thread = thread
    threads.recount(thread)
    moderation.write_down(comment, by, said)
    return comment


def section(statement: Statement, site: dict[str, Any]) -> Markup:
    """Those of a statement as a part of its page; nothing where none was chosen."""
    rows = _of(statement.pk)
    return components.draw("voices", site, voices=rows, longest=LONGEST) if rows else Markup()
