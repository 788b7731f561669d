"""What waits for a moderator, and decisions about it; through the desk's verbs, in the name of the token's owner."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from ninja import Path

from api import callers, shapes
from api.callers import Bearer, Caller
from api.models import Scope
from api.problems import FieldError, Refused, invalid
from api.reading import JSON, After, Limit, page_of, router
from comments import moderation
from comments.models import Comment
from core import audit
from organisations import deciding
from organisations.models import Endorsement
from petitions.models import Signature
from petitions.signatures import signing

Row = Annotated[int, Path(ge=1, lt=2**63, description="The number of the row.")]
COMMENTS = Bearer(Scope.MODERATE, "comments.change_comment")
ENDORSEMENTS = Bearer(Scope.MODERATE, "organisations.change_endorsement")
SIGNATURES = Bearer(Scope.MODERATE, "petitions.change_signature")
NO_REASON = "Say why."

TAGS = ["Moderation"]


def _queue(
    request: HttpRequest, rows: QuerySet, since: str, limit: int, say: Callable[[Any], dict[str, Any]]
) -> HttpResponse:
    shown, following = page_of(request, rows, (since, "id"), limit)
    data = [shapes.Waiting(id=one.pk, since=getattr(one, since), **say(one)) for one in shown]
    return HttpResponse(shapes.Queue(data=data, next=following).model_dump_json(), content_type=JSON)


@router.get("/moderation/comments", response=shapes.Queue, auth=COMMENTS, tags=TAGS, summary="Comments that wait")
def waiting_comments(request: HttpRequest, limit: Limit = 20, after: After = "") -> HttpResponse:
    """Those under statements of the token's publisher that its owner looks after; the oldest first."""
    rows = callers.of(request).own(Comment.objects.waiting(), "thread__statement")

    def say(one: Comment) -> dict[str, Any]:
        words = {"name": one.author_name, "text": one.body, "why": one.held_reason}
        return {"statement": one.thread.statement.slug, "seen": str(one.submission_id or ""), "words": words}

    return _queue(request, rows.select_related("thread__statement"), "confirmed_at", limit, say)


@router.get(
    "/moderation/endorsements", response=shapes.Queue, auth=ENDORSEMENTS, tags=TAGS, summary="Endorsements that wait"
)
def waiting_endorsements(request: HttpRequest, limit: Limit = 20, after: After = "") -> HttpResponse:
    """New ones, and listed ones whose details were changed; the oldest first."""
    rows = callers.of(request).own(Endorsement.objects.to_check(), "statement")

    def say(one: Endorsement) -> dict[str, Any]:
        words = {name: getattr(one, name) for name in ("name", "kind", "town", "website", "message", "contact")}
        return {"statement": one.statement.slug, "seen": one.edition, "words": words}

    return _queue(request, rows.select_related("statement"), "confirmed_at", limit, say)


@router.get(
    "/moderation/signatures", response=shapes.Queue, auth=SIGNATURES, tags=TAGS, summary="Signatures that are held"
)
def held_signatures(request: HttpRequest, limit: Limit = 20, after: After = "") -> HttpResponse:
    """With the reason; without the address, which only the desk shows."""
    held = Signature.objects.filter(state=Signature.State.HELD)
    rows = callers.of(request).own(held, "statement")

    def say(one: Signature) -> dict[str, Any]:
        words = {"name": one.name, "why": one.held_reason}
        return {"statement": one.statement.slug, "seen": str(one.submission_id or ""), "words": words}

    return _queue(request, rows.select_related("statement"), "confirmed_at", limit, say)


def _one(caller: Caller, rows: QuerySet, path: str, pk: int) -> Any:
    row = caller.own(rows.filter(pk=pk), path).first()
    if row is None:
        raise Refused(404, "Under the statements that this token is for, there is none of this number.")
    return row


@contextmanager
def _refusing(*errors: type[Exception]) -> Iterator[None]:
    """What a verb refuses is 409, in its own words."""
    try:
        yield
    except (moderation.NoReason, deciding.NoReason) as error:
        raise _needs_reason(str(error)) from error
    except errors as error:
        raise Refused(409, str(error)) from error


def _needs_reason(words: str = NO_REASON) -> Refused:
    return invalid([FieldError(field="reason", code="missing", detail=words)])


@router.post(
    "/comments/{int:pk}/decision", response=shapes.Decided, auth=COMMENTS, tags=TAGS, summary="Decide about a comment"
)
def decide_comment(request: HttpRequest, pk: Row, sent: shapes.CommentDecision) -> shapes.Decided:
    """Its writer is told by mail of an approval, and of a decline if `tell` says so; the mail waits a minute."""
    caller = callers.of(request)
    comment = _one(caller, Comment.objects.all(), "thread__statement", pk)
    with caller.through, _refusing(moderation.ModerationError):
        if sent.decision == "approve":
            done = moderation.approve(comment=comment, by=caller.by)
        elif sent.decision == "decline":
            done = moderation.decline(comment=comment, reason=sent.reason, tell=sent.tell, by=caller.by)
        else:
            done = moderation.bin(comment=comment, reason=sent.reason, by=caller.by)
    return shapes.Decided(id=done.pk, state=done.state)


@router.post(
    "/endorsements/{int:pk}/decision",
    response=shapes.Decided,
    auth=ENDORSEMENTS,
    tags=TAGS,
    summary="Decide about an endorsement",
)
def decide_endorsement(request: HttpRequest, pk: Row, sent: shapes.EndorsementDecision) -> shapes.Decided:
    """Its representative is told by mail. Newer words than those of `seen` are left for a look (409)."""
    caller = callers.of(request)
    endorsement = _one(caller, Endorsement.objects.all(), "statement", pk)
    with caller.through, _refusing(deciding.DecidingError):
        if sent.decision == "list":
            done = deciding.approve(endorsement=endorsement, by=caller.by, seen=sent.seen or "none")
        else:
            done = deciding.decline(endorsement=endorsement, reason=sent.reason, by=caller.by, seen=sent.seen or "none")
    return shapes.Decided(id=done.pk, state=done.state)


@router.post(
    "/signatures/{int:pk}/decision",
    response=shapes.Decided,
    auth=SIGNATURES,
    tags=TAGS,
    summary="Decide about a signature",
)
def decide_signature(request: HttpRequest, pk: Row, sent: shapes.SignatureDecision) -> shapes.Decided:
    """Release one that is held, or remove a duplicate or a fake. Newer words than those of `seen` are left (409)."""
    caller = callers.of(request)
    signature = _one(caller, Signature.objects.all(), "statement", pk)
    if sent.decision == "remove" and not sent.reason.strip():
        raise _needs_reason()
    seen = sent.seen or "none"
    with caller.through:
        try:
            if sent.decision == "release":
                moved = signing.release(signature_id=pk, by=caller.by, seen=seen)
            else:
                moved = signing.remove(signature_id=pk, reason=sent.reason.strip(), by=caller.by, seen=seen)
        except signing.NewerWords as error:
            raise Refused(409, "Its owner has agreed to newer words since. Look at them, then decide.") from error
        except signing.NotThere as error:
            raise Refused(409, f"It is {error.state}, so this does not apply to it.") from error
        what = "Released" if sent.decision == "release" else "Removed"
        audit.record(by=caller.by, on=signature, what=what, why=sent.reason, label=f"Signature {pk}")
    return shapes.Decided(id=moved.id, state=moved.state)
