"""Whom a mail is for: only those who asked for news, of them only whom staff chose, and the number says who gets it."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from mail.models import OutgoingEmail, UnreachableMailbox
from mail.suppression import suppress
from petitions.models import Mailing, Signature, SignedPlace, Update
from petitions.news import segments, updates
from petitions.signatures import sums
from tests.factories import StatementFactory
from tests.petitions.news.making import begin, queue_all, signers

pytestmark = pytest.mark.django_db
LONDON = ZoneInfo("Europe/London")


@pytest.fixture
def statement():
    return StatementFactory(slug="libraries", title="Keep our libraries open", ask_country=True, ask_postcode=True)


def news(statement, title="Handed in"):
    published = timezone.now() - timedelta(hours=1)
    body = "<p>We handed it in.</p>"
    return Update.objects.create(statement=statement, title=title, slug=title[:2], body=body, published_at=published)


@pytest.fixture
def update(statement):
    return news(statement)


def at(day, hour=12):
    return datetime(2026, 10, day, hour, tzinfo=LONDON)


CASES = {
    "country": ({"country": "GB"}, {"country": "IE"}, {"countries": ["GB"]}),
    "area": ({"postcode": "E1 6AN"}, {"postcode": "E17 3AA"}, {"areas": ["E1"]}),
    "no postcode": ({"postcode": "E1 6AN"}, {"postcode": ""}, {"areas": ["E1"]}),
    "link": ({"via": "blog"}, {"via": "blog2"}, {"sources": ["via:blog"]}),
    "own page": ({"via": ""}, {"via": "blog"}, {"sources": ["page"]}),
    "embedded form": ({"channel": "embed"}, {"channel": "web"}, {"sources": ["embed"]}),
    "language": ({"language": "cy"}, {"language": "en"}, {"languages": ["cy"]}),
    "from a day on": ({"confirmed_at": (5, 0)}, {"confirmed_at": (4, 23)}, {"signed_from": date(2026, 10, 5)}),
    "until a day": ({"confirmed_at": (5, 23)}, {"confirmed_at": (6, 0)}, {"signed_until": date(2026, 10, 5)}),
}


@pytest.mark.parametrize("case", CASES)
def test_only_whom_staff_chose_gets_it_and_the_number_said_so(statement, update, case):
    meant, other, chosen = CASES[case]
    for values, address in ((meant, "amina@example.org"), (other, "bo@example.org")):
        answers = {name: at(*value) if name == "confirmed_at" else value for name, value in values.items()}
        signers(statement, 1, email=address, **answers)
        signers(statement, 1, email=f"no-news-{address}", email_updates=False, **answers)
        signers(StatementFactory(), 1, email=f"elsewhere-{address}", **answers)
    mailing = updates.aim(update=update, **chosen)
    assert segments.audience(statement, mailing) == segments.Audience(gets=1, without=2, silent=0, gone=0, others=1)
    begin(update)
    queue_all()
    assert list(OutgoingEmail.objects.filter(lane=3).values_list("recipient", flat=True)) == ["amina@example.org"]


def test_who_has_had_a_mail_can_be_left_out(statement, update):
    first, second = signers(statement, 2)
    begin(update)
    queue_all()
    OutgoingEmail.objects.filter(recipient_key=first.mailbox_key).update(state="sent")
    OutgoingEmail.objects.filter(recipient_key=second.mailbox_key, lane=3).update(state="skipped")
    (third,) = signers(statement, 1)
    later = news(statement, "We meet on Monday")
    updates.aim(update=later, unless_sent=update)
    begin(later)
    queue_all()
    found = OutgoingEmail.objects.filter(lane=3, context__update=later.pk).values_list("recipient", flat=True)
    assert sorted(found) == sorted([second.email, third.email])


def test_what_was_forgotten_by_the_clock_still_counts_as_had(statement, update):
    signers(statement, 1)
    begin(update)
    queue_all()
    OutgoingEmail.objects.filter(lane=3).delete()
    later = news(statement, "We meet on Monday")
    assert segments.audience(statement, updates.aim(update=later, unless_sent=update)).gets == 0


def test_everybody_is_counted_in_one_of_the_numbers(statement):
    one, two, three, _four = signers(statement, 4, country="GB")
    signers(statement, 1, country="IE")
    signers(statement, 1, email_updates=False)
    suppress(one.email)
    UnreachableMailbox.objects.create(mailbox_key=two.mailbox_key, fate="bounced", is_dead=True)
    UnreachableMailbox.objects.create(mailbox_key=three.mailbox_key, fate="bounced", is_dead=False)
    found = segments.audience(statement, Mailing(countries=["GB"]))
    assert found == segments.Audience(gets=2, without=1, silent=1, gone=1, others=1)
    assert sum(vars(found).values()) == Signature.objects.count()


def test_whom_it_is_for_stands_still_once_it_has_started(statement, update):
    signers(statement, 1)
    mailing = begin(update)
    with pytest.raises(updates.AlreadyStarted):
        updates.aim(update=update, countries=["IE"])
    with pytest.raises(IntegrityError, match="Whom a mail is for stands still"), transaction.atomic():
        Mailing.objects.filter(pk=mailing.pk).update(reply_to="other@example.org")
    assert Mailing.objects.values_list("countries", "reply_to").get() == ([], "")


def test_another_place_for_answers_needs_another_test(statement, update):
    updates.send_test(update=update, to="carol@example.org")
    updates.aim(update=update, reply_to="press@example.org")
    with pytest.raises(updates.NotTested):
        updates.start(update=update)
    assert begin(update).started_at is not None


def test_no_mailing_knows_of_anything_else(update):
    with pytest.raises(TypeError, match="A mailing has no countrys"):
        updates.aim(update=update, countrys=["GB"])


def test_the_days_come_in_their_order(update):
    with pytest.raises(IntegrityError, match="mailing_from_before_until"), transaction.atomic():
        Mailing.objects.create(update=update, signed_from=date(2026, 10, 5), signed_until=date(2026, 10, 4))


def test_staff_choose_see_the_number_and_what_they_chose_is_kept(carol, statement, update):
    User.objects.update(email="carol@example.org")
    for code in ("cy", "en"):
        signers(statement, 2 if code == "cy" else 1, language=code)
    sums.count_next()
    SignedPlace.objects.create(statement=statement, field="country", place="GB", people=12)
    page = f"/admin/petitions/update/{update.pk}/mail/"
    form = carol.get(page).context["aim"]
    fields = form.fields
    assert form["reply_to"].value() == ""
    assert list(fields) == ["languages", "signed_from", "signed_until", "reply_to"]
    assert fields["languages"].choices == [("cy", "Welsh"), ("en", "English")]
    counted = carol.get(f"{page}count/", {"languages": ["cy"]})
    assert counted.json() == {
        "words": "This will go to 2 people. 1 more asked for news and are left out by your choice. "
        "0 signers did not ask for email and will not get it.",
        "people": "2 people",
    }
    assert counted["Cache-Control"].startswith("no-store")
    assert not Mailing.objects.exists()
    carol.post(page, {"action": "test", "languages": ["cy"], "reply_to": "press@example.org"})
    found = carol.get(page)
    assert "Answers go to press@example.org" in found.content.decode()
    assert "Send to 2 people</span>" in found.content.decode()
    carol.post(page, {"action": "start", "languages": ["cy"], "reply_to": "press@example.org"})
    assert queue_all() == [2]


def test_a_choice_that_makes_no_sense_is_said_beside_its_field(carol, update):
    page = f"/admin/petitions/update/{update.pk}/mail/"
    typed = {"action": "aim", "signed_from": "2026-10-05", "signed_until": "2026-10-04", "languages": ["xx"]}
    answer = carol.post(page, typed)
    assert answer.context["aim"].errors == {"signed_until": ["The last day comes before the first."]}
    assert carol.get(f"{page}count/", typed).json() == {"words": "The last day comes before the first."}


def test_who_may_not_send_mail_counts_nobody(viewer, update):
    assert viewer.get(f"/admin/petitions/update/{update.pk}/mail/count/").status_code == 403
