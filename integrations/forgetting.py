"""What was kept to be told goes when its person takes it back, whether or not anybody listens still."""

from django.db.models import Exists, OuterRef

from comments.models import Comment
from integrations.models import EventType, WebhookEvent
from petitions.models import Signature


def forget_withdrawn() -> int:
    """Delete what is told of signatures that were withdrawn; they are rows for ten minutes more. Returns how many."""
    gone = Signature.objects.filter(state=Signature.State.WITHDRAWN).values("pk")
    return WebhookEvent.objects.filter(type=EventType.SIGNATURE_AGREED, subject_id__in=gone).delete()[0]


def forget_gone() -> int:
    """Delete what is told of signatures that stand no longer: removed, anonymised or erased. Returns how many."""
    standing = Signature.objects.filter(state__in=[Signature.State.CONFIRMED, Signature.State.HELD])
    is_standing = Exists(standing.filter(pk=OuterRef("subject_id")))
    return WebhookEvent.objects.filter(~is_standing, type=EventType.SIGNATURE_AGREED).delete()[0]


def forget_comments() -> int:
    """Delete what is told of comments that nobody can read any more; returns how many that was."""
    told = WebhookEvent.objects.filter(type=EventType.COMMENT_PUBLISHED)
    shown = Comment.objects.filter(state=Comment.State.PUBLISHED, hidden_at=None, pk__in=told.values("subject_id"))
    return told.exclude(subject_id__in=shown.values("pk")).delete()[0]
