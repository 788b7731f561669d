"""What everybody may read, without a token: the same bytes for all, with an ETag. And names, with one."""

import hashlib
from collections.abc import Callable, Iterable
from typing import Annotated, Any

from django.db.models import QuerySet
from django.db.models.functions import Now
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from ninja import Path, Query, Router, Schema

from api import callers, shapes
from api.callers import Bearer
from api.models import Scope
from api.problems import FieldError, Refused, invalid
from comments import threads
from comments.models import Comment
from core import identity, redirects
from core.http import public
from core.paging import after
from core.speed import kept
from organisations.models import Endorsement
from petitions.models import Attendance, Event, Signature, Statement, Update
from petitions.signatures import consent, optional, public_numbers
from petitions.statements import finding, sharing

JSON = "application/json"
MOST = 100
Limit = Annotated[int, Query(ge=1, le=MOST, description=f"How many at once, at most {MOST}.")]
After = Annotated[str, Query(max_length=200, description="Where the page begins; take it from `next`.")]
Slug = Annotated[
    str, Path(pattern="^[-a-zA-Z0-9_]+$", max_length=80, description="The last part of the statement's address.")
]

router = Router(tags=["Reading"])


def found(slug: str) -> Statement:
    """The public statement of that slug. Raises Refused: 410 for a hidden one, 404 with where an old one leads."""
    try:
        return finding.find(slug)
    except Http404 as error:
        raise gone(slug) from error


def gone(slug: str) -> Refused:
    """410 for a hidden statement, 301 for an old slug, else 404."""
    if Statement.objects.filter(slug=slug, hidden_at__isnull=False, published_at__isnull=False).exists():
        return Refused(410, "This statement was taken off the site.")
    now = redirects.ends(f"/statements/{slug}/").rpartition("/")[2]
    if now != slug and Statement.objects.at_home().filter(slug=now).exists():
        return Refused(404, f"This statement is called “{now}” now: ask for that.")
    return Refused(404, "No statement here is called that. GET /api/v1/statements lists them all.")


def kept_as(request: HttpRequest, slug: str, name: str, say: Callable[[], Schema]) -> HttpResponse:
    """An answer about one statement, kept until what it says changes."""
    try:
        return kept.keep(
            request,
            key=f"api.{name}.{slug}",
            stamp=lambda: finding.stamp(slug),
            render=lambda: say().model_dump_json(),
            content_type=JSON,
        )
    except Http404 as error:
        raise gone(slug) from error


def said(request: HttpRequest, answer: Schema) -> HttpResponse:
    """An answer that is the same for everybody, with its tag."""
    return public(kept.give(request, answer.model_dump_json(), content_type=JSON))


def page_of(request: HttpRequest, rows: QuerySet, order: tuple[str, str], limit: int) -> tuple[list[Any], str | None]:
    """One page of rows, and the whole address of the next. Raises Refused for a beginning that leads nowhere."""
    page = after(rows, request, order=order, size=limit)
    if request.GET.get("after") and page.first_url is None:
        words = "This is no beginning of a page. Take the whole address in `next`, or leave `after` out."
        raise invalid([FieldError(field="after", code="unreadable", detail=words)])
    return page.rows, page.next_url and identity.origin() + page.next_url


@router.get("/statements", response=shapes.Statements, summary="All statements")
def statements(request: HttpRequest, limit: Limit = 20, after: After = "") -> HttpResponse:
    """Those that everybody may read, the newest first."""
    rows, following = page_of(request, Statement.objects.at_home(), ("-published_at", "-id"), limit)
    return said(request, shapes.Statements(data=_as_data(rows), next=following))


@router.get("/statements/{slug:slug}", response=shapes.StatementInFull, summary="One statement")
def statement(request: HttpRequest, slug: Slug) -> HttpResponse:
    """With its text, all versions of it, and the numbers."""
    return kept_as(request, slug, "statement", lambda: _in_full(finding.find(slug)))


@router.get("/statements/{slug:slug}/numbers", response=shapes.Numbers, summary="Its numbers")
def numbers(request: HttpRequest, slug: Slug) -> HttpResponse:
    """How many have signed, and how many organisations stand behind it."""
    return kept_as(request, slug, "numbers", lambda: _numbers(found := finding.find(slug), _tally(found)))


@router.get("/statements/{slug:slug}/consent", response=shapes.Consent, summary="What a signer agrees to")
def consent_words(request: HttpRequest, slug: Slug) -> HttpResponse:
    """The words that a person must have read before their signature is sent; send the hash back with it."""
    statement = found(slug)
    version, words = statement.version, consent.words(statement)
    answer = shapes.Consent(
        sha256=words.sha256,
        text=words.sentence,
        choices=words.choices,
        notice=words.notice,
        version=version.number if version else 0,
    )
    return said(request, answer)


@router.get("/statements/{slug:slug}/organisations", response=shapes.Organisations, summary="Organisations behind it")
def organisations(request: HttpRequest, slug: Slug, limit: Limit = 20, after: After = "") -> HttpResponse:
    """Those that a moderator has listed."""
    rows = Endorsement.objects.listed().filter(statement=found(slug)).select_related("organisation")
    shown, following = page_of(request, rows, ("-listed_at", "-id"), limit)
    return said(request, shapes.Organisations(data=list(map(_organisation, shown)), next=following))


@router.get("/statements/{slug:slug}/comments", response=shapes.Comments, summary="Comments under it")
def comments(request: HttpRequest, slug: Slug, limit: Limit = 20, after: After = "") -> HttpResponse:
    """Those that are published; none where the thread is hidden."""
    look = threads.look(found(slug))
    rows = Comment.objects.visible().filter(thread=look.thread) if look.state != "hidden" else Comment.objects.none()
    shown, following = page_of(request, rows, ("-published_at", "-id"), limit)
    for one in shown:
        one.thread = look.thread
    return said(request, shapes.Comments(data=list(map(_comment, shown)), next=following))


@router.get("/statements/{slug:slug}/events", response=shapes.Events, summary="Its events")
def events_of(request: HttpRequest, slug: Slug, limit: Limit = 20, after: After = "") -> HttpResponse:
    """What is on, what was, and what was called off."""
    return _events(request, Event.objects.filter(statement=found(slug)), limit)


@router.get("/events", response=shapes.Events, summary="All events")
def events(request: HttpRequest, limit: Limit = 20, after: After = "") -> HttpResponse:
    """Those of every statement that everybody may read."""
    return _events(request, Event.objects.filter(statement__in=Statement.objects.at_home()), limit)


@router.get("/statements/{slug:slug}/news", response=shapes.NewsPage, summary="Its news")
def news(request: HttpRequest, slug: Slug, limit: Limit = 20, after: After = "") -> HttpResponse:
    """What was published."""
    rows = Update.objects.filter(statement=found(slug), published_at__lte=Now()).select_related("statement")
    shown, following = page_of(request, rows, ("-published_at", "-id"), limit)
    return said(request, shapes.NewsPage(data=list(map(news_as_data, shown)), next=following))


@router.get(
    "/statements/{slug:slug}/names",
    response=shapes.Names,
    auth=Bearer(Scope.NAMES_READ, "petitions.view_signature"),
    tags=["Names"],
    summary="Names of signers",
)
def names(request: HttpRequest, slug: Slug, limit: Limit = 100, after: After = "") -> HttpResponse:
    """Of those who signed and want their name to be read, under a statement of the token's publisher."""
    rows = Signature.objects.named().filter(statement=callers.of(request).statement(slug))
    shown, following = page_of(request, rows, ("-confirmed_at", "-id"), limit)
    data = [
        shapes.Name(
            name=one.name,
            affiliation=one.affiliation,
            personal_capacity=one.personal_capacity,
            signed_at=one.confirmed_at,
        )
        for one in shown
    ]
    text = shapes.Names(data=data, next=following).model_dump_json()
    # Kept by nobody on the way, and a program that has it is told so all the same.
    tag = quote_etag(hashlib.sha256(text.encode()).hexdigest()[:24])
    response = HttpResponse(text, content_type=JSON, headers={"ETag": tag})
    return get_conditional_response(request, etag=tag, response=response) or response


@router.get(
    "/events/{slug:slug}/attendances",
    response=shapes.Attendances,
    auth=Bearer(Scope.ATTENDANCES_READ, "petitions.view_attendance"),
    tags=["Events"],
    summary="Who comes",
)
def attendances(request: HttpRequest, slug: Slug, limit: Limit = 100, after: After = "") -> HttpResponse:
    """The list for the door of an event under a statement of the token's publisher, without mailboxes."""
    event = callers.of(request).own(Event.objects.filter(slug=slug), "statement").first()
    if event is None:
        raise Refused(404, "Among the statements that this token is for, none has an event that is called that.")
    rows = event.attendances.exclude(state=Attendance.State.WITHDRAWN)
    shown, following = page_of(request, rows, ("agreed_at", "id"), limit)
    data = [shapes.Attendance(name=one.name, state=one.state) for one in shown]
    return HttpResponse(shapes.Attendances(data=data, next=following).model_dump_json(), content_type=JSON)


def _tally(statement: Statement) -> dict[str, Any]:
    return public_numbers.tally_of(statement)


def _numbers(statement: Statement, tally: dict[str, Any]) -> shapes.Numbers:
    number = public_numbers.exact_number(tally)
    return shapes.Numbers(
        signatures=number,
        organisations=tally["organisations"],
        goal=None if number is None else tally["goal"],  # it follows the number, so it tells it
        open=statement.is_open,
    )


def _as_data(rows: Iterable[Statement]) -> list[shapes.Statement]:
    shown = list(rows)
    tallies = public_numbers.tallies_of(shown) if shown else {}
    return [shapes.Statement(**_facts(one, tallies[one.pk])) for one in shown]


def _in_full(statement: Statement) -> shapes.StatementInFull:
    columns = ("number", "title", "addressed_to", "body", "note", "published_at", "sha256")
    versions = statement.versions.filter(published_at__isnull=False).values(*columns)
    listed = [shapes.Version(**one) for one in versions]
    return shapes.StatementInFull(**_facts(statement, _tally(statement)), outcome=statement.outcome, versions=listed)


def _facts(statement: Statement, tally: dict[str, Any]) -> dict[str, Any]:
    who = statement.who
    same = ("slug", "kind", "title", "headline", "summary", "addressed_to", "language", "published_at", "closes_at")
    return {
        **{name: getattr(statement, name) for name in (*same, "signed_by")},
        "url": sharing.address(statement),
        "publisher": shapes.Who(name=who.name, url=identity.origin() + who.page if who.page else None),
        "open": statement.is_open,
        "asks": [field.name for field in optional.asked(statement)],
        "numbers": _numbers(statement, tally),
    }


def _organisation(one: Endorsement) -> shapes.Organisation:
    named = one.organisation
    if named is None or one.listed_at is None:
        raise LookupError(f"Endorsement {one.pk} is listed without an organisation.")  # the database sees to it
    return shapes.Organisation(
        name=named.name,
        kind=named.kind,
        town=named.town,
        website=named.website,
        message=one.public_message,
        contact=one.public_contact,
        url=identity.origin() + named.get_absolute_url(),
        initial=one.is_initial,
        listed_at=one.listed_at,
    )


def _comment(one: Comment) -> shapes.Comment:
    if one.published_at is None:
        raise LookupError(f"Comment {one.pk} is published without a time.")  # the database sees to it
    return shapes.Comment(
        id=one.pk,
        parent=one.parent_id,
        author=one.author_name,
        organiser=one.is_organiser,
        text=one.body,
        published_at=one.published_at,
        edited=one.edited_at is not None,
        url=identity.origin() + one.get_absolute_url(),
    )


def _events(request: HttpRequest, rows: QuerySet[Event], limit: int) -> HttpResponse:
    shown, following = page_of(request, rows.select_related("statement"), ("starts_at", "id"), limit)
    return said(request, shapes.Events(data=list(map(event_as_data, shown)), next=following))


EVENT = (
    "slug", "sequence", "title", "summary", "starts_at", "ends_at", "timezone", "whole_days", "venue", "address",
    "online_url", "details_url", "accessibility", "status", "takes_names", "capacity",
)  # fmt: skip


def event_as_data(event: Event) -> shapes.Event:
    """An event as programs read it."""
    return shapes.Event(
        **{name: getattr(event, name) for name in EVENT},
        uid=str(event.uid),
        url=identity.origin() + event.get_absolute_url(),
        statement=event.statement.slug,
        coming=event.public_number,
    )


def news_as_data(update: Update) -> shapes.News:
    """News as programs read them."""
    return shapes.News(
        **{name: getattr(update, name) for name in ("slug", "title", "body", "published_at")},
        url=identity.origin() + update.get_absolute_url(),
        statement=update.statement.slug,
    )
