"""Days and times that somebody types, at the ends of what can be reckoned with."""

from datetime import UTC, date, datetime

import pytest
from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from core import moments
from petitions.admin.aiming import AimForm
from petitions.models import Event, Mailing, Statement, Update
from petitions.statements import publishing
from tests.core.test_objects_of_others import filled_in
from tests.factories import EventFactory, StatementFactory
from tests.staff import superuser

pytestmark = pytest.mark.django_db

TOO_FAR = ["0001-01-01", "0999-12-31", "1899-12-31", "2200-01-01", "9999-12-31"]
NEAR = [datetime(1900, 1, 1, tzinfo=UTC), datetime(2199, 12, 31, 23, 59, 59, tzinfo=UTC)]


@pytest.fixture
def statement():
    return StatementFactory(slug="libraries")


@pytest.fixture
def carol():
    return superuser("carol")


@pytest.mark.parametrize("near", [*NEAR, *(moment.date() for moment in NEAR)])
def test_a_near_day_or_time_is_taken(near):
    assert moments.within_reach(near) is None


def settled(client, path, **typed):
    """The answer to the form of a page as it stands, with these fields typed over."""
    return client.post(path, filled_in(client.get(path).content.decode()) | typed)


@pytest.mark.parametrize("clock", ["00:00", "23:59"])
@pytest.mark.parametrize("day", TOO_FAR)
def test_a_closing_time_that_is_too_far_is_refused_in_words(carol, statement, day, clock):
    path = f"/admin/petitions/statement/{statement.pk}/settings/"
    answer = settled(carol, path, closes_at_0=day, closes_at_1=clock)
    assert (answer.status_code, "Write a day from 1900 to 2199" in answer.content.decode()) == (422, True)
    assert Statement.objects.get().closes_at is None


@pytest.mark.parametrize("whole_days", [{}, {"whole_days": "on"}], ids=["times", "whole days"])
@pytest.mark.parametrize("name", ["starts_at", "ends_at"])
@pytest.mark.parametrize("day", TOO_FAR)
def test_an_event_that_is_too_far_is_refused_in_words(carol, statement, day, name, whole_days):
    event = EventFactory(statement=statement)
    typed = {f"{name}_0": day, f"{name}_1": "" if whole_days else "10:00", **whole_days}
    answer = settled(carol, f"/admin/petitions/event/{event.pk}/change/", **typed)
    assert (answer.status_code, "Write a day from 1900 to 2199" in answer.content.decode()) == (422, True)
    assert Event.objects.get().starts_at == event.starts_at


@pytest.mark.parametrize("at", [datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)])
def test_the_database_refuses_it_to_every_writer(statement, at):
    event = EventFactory(statement=statement)
    for row, name in ((event, "starts_at"), (statement, "closes_at")):
        with pytest.raises(IntegrityError), transaction.atomic():
            type(row).objects.filter(pk=row.pk).update(**{name: at})


@pytest.mark.parametrize("last", NEAR[1:])
def test_the_last_time_that_is_taken_breaks_no_page(client, statement, last):
    EventFactory(statement=statement, slug="last", starts_at=last)
    Statement.objects.filter(pk=statement.pk).update(closes_at=last)
    pages = ["/", "/statements/", "/statements/libraries/", "/events/", "/events/last/", "/events/last.ics"]
    pages += ["/events.ics", "/statements/libraries.json"]
    assert {page: client.get(page).status_code for page in pages} == dict.fromkeys(pages, 200)


def test_a_day_to_hand_it_in_is_near(carol, statement):
    publishing.close(statement=statement)
    path = f"/admin/petitions/statement/{statement.pk}/hand_in/"
    answer = carol.post(path, {"handed_in_on": "0001-01-01", "handed_in_to": "The council"})
    assert "Write a day from 1900 to 2199" in answer.content.decode()
    assert Statement.objects.get().handed_in_on is None


def test_what_the_database_refuses_is_said_on_the_form(carol, statement):
    """The time of publishing is not in the form, so the form can't see that closing comes before it."""
    path = f"/admin/petitions/statement/{statement.pk}/settings/"
    earlier = timezone.localtime(statement.published_at).date() - (date(2026, 1, 3) - date(2026, 1, 1))
    answer = settled(carol, path, closes_at_0=earlier.isoformat(), closes_at_1="10:00", goal="700")
    page = answer.content.decode()
    assert (answer.status_code, "The closing time must be after the publishing time." in page) == (422, True)
    assert 'value="700"' in page, "nothing typed is lost"
    statement.refresh_from_db()
    assert (statement.closes_at, statement.goal) == (None, None)


# Columns that a form could ask for by their kind, and none does; a token's end is bounded by a rule of its own.
SET_BY_US = """
    api.Token.expires_at core.AddressKey.day exchange.Inquiry.answered_at exchange.Inquiry.mailed_at
    exchange.Inquiry.queued_at integrations.Inbox.failing_since integrations.Post.announced_at integrations.Post.at
    integrations.Post.changed_at integrations.Post.gone_at integrations.WebhookEvent.happened_at
    mail.OutgoingEmail.claimed_until mail.OutgoingEmail.finished_at mail.OutgoingRequest.claimed_until
    mail.OutgoingRequest.finished_at petitions.AskedDay.day petitions.CountRoot.day petitions.Mailing.paused_at
    petitions.Mailing.queued_at petitions.Mailing.stopped_at petitions.PlaceCount.counted_at
    petitions.SignedHour.hour petitions.SumsCount.counted_at submissions.WrongCodes.day
""".split()


def test_every_day_that_somebody_types_is_near():
    """A new column is one of the two kinds, or is named above."""
    far = [
        f"{field.model._meta.label}.{field.name}"
        for model in apps.get_models()
        if model._meta.app_label in {name.partition(".")[0] for name in SET_BY_US} | {"comments", "organisations"}
        for field in model._meta.local_concrete_fields
        if field.editable and isinstance(field, models.DateField) and not field.has_db_default()
        if not isinstance(field, (moments.MomentField, moments.DayField))
    ]
    assert sorted(far) == SET_BY_US


@pytest.mark.parametrize("day", TOO_FAR)
def test_whom_a_mail_is_for_is_chosen_by_near_days(statement, day):
    update = Update.objects.create(statement=statement, title="News", slug="news", body="<p>News.</p>")
    form = AimForm({"signed_from": day}, update=update, mailing=Mailing(update=update))
    assert form.errors.get("signed_from") == [str(moments.SENTENCE)]
