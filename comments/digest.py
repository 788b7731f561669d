"""Mail to moderators when something waits: counts and links, at most once an hour, and no word of what was written."""

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from comments.models import Comment, Preference
from core import desk
from mail import outbox
from publishers import staffing

MANAGE = "digest-manage"
AGAIN_AFTER = "24 hours"  # while something still waits, though nothing new came

# Claims the moderators who are due by changing their rows, so that two workers never write to one twice.
_TAKE = f"""
UPDATE comments_preference p SET digested_at = now()
WHERE p.user_id = ANY(%(users)s) AND p.digest
    AND coalesce(p.digested_at < now() - interval '1 hour', true)
    AND (coalesce(p.digested_at < now() - interval '{AGAIN_AFTER}', true)
        OR EXISTS (SELECT 1 FROM comments_comment c WHERE c.state = 'waiting' AND c.confirmed_at > p.digested_at)
        OR EXISTS (SELECT 1 FROM comments_comment c WHERE c.state = 'published' AND c.hidden_at > p.digested_at))
RETURNING p.user_id
"""


def queue_of_today(user: User | None = None) -> dict[str, int]:
    """How many comments wait, and how many readers' reports have hidden; where several publish, of those of `user`."""
    queues = {"waiting": Comment.objects.waiting(), "reported": Comment.objects.reported()}
    narrowed = user is not None and staffing.are_several()
    return {name: (desk.seen_by(user, rows) if user and narrowed else rows).count() for name, rows in queues.items()}


def moderators() -> QuerySet[User]:
    """Staff who may decide about comments and have an address."""
    users = get_user_model().objects
    able = users.with_perm("comments.change_comment", backend="django.contrib.auth.backends.ModelBackend")
    return able.filter(is_staff=True, is_active=True).exclude(email="")


def send_due() -> int:
    """Queue a digest for each moderator who is due one; returns how many that was."""
    if not any(queue_of_today().values()):
        return 0
    people = {person.pk: person.email for person in moderators()}
    Preference.objects.bulk_create([Preference(user_id=pk) for pk in people], ignore_conflicts=True)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_TAKE, {"users": list(people)})
        due = [row[0] for row in cursor.fetchall()]
        for pk in due:
            outbox.queue(kind="comment_digest", recipient=people[pk], context={"user": pk})
    return len(due)


def stop(*, user_id: int) -> None:
    """Write to this moderator no more."""
    if get_user_model().objects.filter(pk=user_id).exists():
        Preference.objects.update_or_create(user_id=user_id, defaults={"digest": False})


def wants(user_id: int) -> bool:
    """Whether this moderator still wants the mail; who never chose does."""
    refused = Preference.objects.filter(user=OuterRef("pk"), digest=False)
    return get_user_model().objects.filter(Q(pk=user_id) & ~Exists(refused)).exists()
