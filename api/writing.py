"""What programs ask for and write: signatures to be confirmed, events, news; through the verbs of pages and desk."""

from collections.abc import Collection
from typing import Annotated, Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest
from django.utils.text import slugify
from ninja import Path, Status

from api import callers, shapes
from api.callers import Bearer, Caller
from api.models import Scope
from api.problems import FieldError, Refused, invalid, of_fields, of_model
from api.reading import Slug, event_as_data, found, news_as_data, router
from core import audit
from core.forms import NameField
from core.network import ip_key
from petitions.actions import events
from petitions.models import Event, Signature, Statement, Update
from petitions.news import updates
from petitions.signatures import consent, signing
from petitions.signatures.forms import SignForm
from submissions.asking import codes_of
from submissions.forms import WORK

EventSlug = Annotated[
    str, Path(pattern="^[-a-zA-Z0-9_]+$", max_length=80, description="The last part of the event's address.")
]
NewsSlug = Annotated[
    str, Path(pattern="^[-a-zA-Z0-9_]+$", max_length=80, description="The last part of the news' address.")
]
EVENTS = Bearer(Scope.EVENTS_WRITE, "petitions.add_event", "petitions.change_event")
NEWS = Bearer(Scope.NEWS_WRITE, "petitions.add_update", "petitions.change_update")
AddedEvent = {201: shapes.Event}
AddedNews = {201: shapes.News}


@router.post(
    "/statements/{slug:slug}/signatures",
    response={202: shapes.Asked},
    auth=Bearer(Scope.SIGNATURES_WRITE),
    tags=["Signing"],
    summary="Ask somebody to confirm a signature",
)
def sign(request: HttpRequest, slug: Slug, sent: shapes.NewSignature) -> Status:
    """Writes down that a person wants to sign, and mails them. It counts once they confirm it in that mail.

    Only for somebody who has just read the statement and the words of `GET …/consent` and asked for it themselves.
    """
    statement = _own(callers.of(request), slug)
    _refuse_unseen(statement, sent)
    form = SignForm(sent.typed, statement=statement)
    if not form.is_valid():
        raise of_fields(form.errors.as_data())
    typed = {**form.typed, "signals": codes_of(_signals(form))}
    try:
        asked = signing.sign(statement=statement, ip_key=ip_key(request), channel=Signature.Channel.API, **typed)
    except signing.StatementClosed as error:
        raise Refused(409, "This statement takes no signatures now.") from error
    return Status(202, shapes.Asked(reference=asked.reference))


def _own(caller: Caller, slug: str) -> Statement:
    """A public statement of the token's publisher. Signing asks for nothing that its owner looks after."""
    statement = found(slug)
    if statement.publisher_id != caller.token.publisher_id:
        raise Refused(403, f"This token is for statements of {caller.token.publisher}, and this is another's.")
    return statement


def _refuse_unseen(statement: Statement, sent: shapes.NewSignature) -> None:
    """Nobody agrees to words that they were not shown. Raises Refused (422)."""
    errors = []
    if sent.consent != consent.words(statement).sha256:
        words = "These are not the words of now. Show those of GET …/consent, and send their sha256."
        errors.append(FieldError(field="consent", code="outdated", detail=words))
    version = statement.version
    if version is None or sent.version != version.number:
        words = "This is not the version that is signed now. Show the newest, and send its number."
        errors.append(FieldError(field="version", code="outdated", detail=words))
    if errors:
        raise invalid(errors)


def _signals(form: forms.Form) -> set[str]:
    """What is odd about the name, and that no work was done, where it is asked for. The traps are for pages."""
    named = form.fields["name"]
    odd = named.oddities(form.cleaned_data["name"]) if isinstance(named, NameField) else set()
    return odd | {WORK}


def _given(sent: shapes.Sent) -> dict[str, Any]:
    """What was sent, without what was left out. null empties what may be empty, such as `ends_at`."""
    return sent.model_dump(exclude_unset=True)


def _fill(row: models.Model, given: dict[str, Any]) -> None:
    """Write it into the row. Raises Refused (422) for what its columns can't hold."""
    for name, value in given.items():
        empty = "" if isinstance(row._meta.get_field(name), (models.CharField, models.TextField)) else None
        setattr(row, name, empty if value is None else value)
    try:
        row.full_clean()
    except ValidationError as error:
        raise of_model(error) from error


def _slugged(given: dict[str, Any], longest: int) -> dict[str, Any]:
    """With an address made of the title, where none was sent."""
    return {"slug": slugify(given["title"])[:longest].strip("-") or "n", **given}


@router.post(
    "/statements/{slug:slug}/events", response=AddedEvent, auth=EVENTS, tags=["Events"], summary="Add an event"
)
def add_event(request: HttpRequest, slug: Slug, sent: shapes.NewEvent) -> Status:
    """Everybody sees it at once, if its statement is public."""
    caller = callers.of(request)
    event = Event(statement=caller.statement(slug))
    _fill(event, _slugged(_given(sent), 80))
    with caller.through:
        events.save_event(event=event, by=caller.by)
        audit.record(by=caller.by, on=event, what="Added")
    return Status(201, event_as_data(event))


@router.patch("/events/{slug:slug}", response=shapes.Event, auth=EVENTS, tags=["Events"], summary="Change an event")
def change_event(request: HttpRequest, slug: EventSlug, sent: shapes.EventChange) -> shapes.Event:
    """What is left out stays. A change of time, place or status is told to calendars; to call it off, set `status`."""
    caller = callers.of(request)
    event = caller.own(Event.objects.filter(slug=slug), "statement").select_related("statement").first()
    if event is None:
        raise Refused(404, "Among the statements that this token is for, none has an event that is called that.")
    _fill(event, _given(sent))
    with caller.through:
        events.save_event(event=event, by=caller.by)
        if others := _given(sent).keys() - set(events.PLANS):  # of which the verb writes down nothing
            audit.record(by=caller.by, on=event, what=_changed(others))
    return event_as_data(event)


def _changed(names: Collection[str]) -> str:
    return f"Changed {', '.join(sorted(names)) or 'nothing'}".replace("_", " ")


@router.post("/statements/{slug:slug}/news", response=AddedNews, auth=NEWS, tags=["News"], summary="Write news")
def add_news(request: HttpRequest, slug: Slug, sent: shapes.NewNews) -> Status:
    """A draft, or with `published_at` published from then on. Nobody is mailed: that is done at the desk."""
    caller = callers.of(request)
    update = Update(statement=caller.statement(slug))
    _fill(update, _slugged(_given(sent), 80))
    _save(caller, update, "Added")
    return Status(201, news_as_data(update))


@router.patch(
    "/statements/{slug:slug}/news/{slug:news}", response=shapes.News, auth=NEWS, tags=["News"], summary="Change news"
)
def change_news(request: HttpRequest, slug: Slug, news: NewsSlug, sent: shapes.NewsChange) -> shapes.News:
    """What is left out stays. Once news are on their way by mail, title and text stay as they are (409)."""
    caller = callers.of(request)
    update = Update.objects.filter(slug=news, statement=caller.statement(slug)).select_related("statement").first()
    if update is None:
        raise Refused(404, "This statement has no news that are called that.")
    _fill(update, _given(sent))
    _save(caller, update, _changed(_given(sent)))
    return news_as_data(update)


def _save(caller: Caller, update: Update, what: str) -> None:
    with caller.through:
        try:
            updates.save_update(update=update)
        except updates.WordsKept as error:
            raise Refused(409, str(error)) from error
        audit.record(by=caller.by, on=update, what=what)
