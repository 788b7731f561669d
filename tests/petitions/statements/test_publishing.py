"""Publishing, correcting, closing, hiding and moving a statement."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.utils import timezone

from core import redirects
from core.models import Redirect
from petitions.models import Statement, Tally, Version
from petitions.signatures import signing
from petitions.statements import promise, publishing
from tests.factories import StatementFactory

TITLE = "Keep nine libraries open"
TEXT = "<p>We ask the council to keep all nine libraries open.</p>"
NEW = "<p>We ask the council to keep all ten libraries open.</p>"


@pytest.fixture
def moderator(db) -> User:
    return User.objects.create_user("carol", is_staff=True)


@pytest.fixture
def draft(db) -> Statement:
    return StatementFactory(
        published_at=None, title=TITLE, addressed_to="Eastside Council", body=TEXT, slug="libraries"
    )


@pytest.fixture
def statement(draft) -> Statement:
    publishing.publish(statement=draft)
    return draft


def log() -> list[tuple[str, str]]:
    return [(entry.user.username, entry.change_message) for entry in LogEntry.objects.order_by("pk")]


def promised(version: Version) -> tuple[str, str, str]:
    return version.title, version.addressed_to, version.body


def copied(statement: Statement) -> tuple[str, str]:
    return Statement.objects.values_list("title", "addressed_to").get(pk=statement.pk)


def test_publishing_locks_title_addressee_and_text_as_version_one(draft):
    version = publishing.publish(statement=draft)
    assert (version.number, *promised(version), version.note) == (1, TITLE, "Eastside Council", TEXT, "")
    assert version.sha256 == promise.fingerprint(title=TITLE, addressed_to="Eastside Council", body=TEXT)
    assert version.published_at == draft.published_at
    assert draft.status == "open"
    assert list(Statement.objects.open()) == [draft]
    assert Tally.objects.filter(statement=draft).count() == Tally.SLOTS


def test_scheduling_locks_the_text_now_and_shows_it_later(draft):
    tomorrow = timezone.now() + timedelta(days=1)
    version = publishing.publish(statement=draft, at=tomorrow)
    assert version.published_at < timezone.now()
    assert (draft.published_at, draft.status) == (tomorrow, "scheduled")
    assert list(Statement.objects.public()) == []
    with pytest.raises(publishing.AlreadyPublished):
        publishing.write_draft(statement=draft, body=NEW)


def test_what_is_scheduled_can_be_moved_and_published_at_once(draft):
    first = publishing.publish(statement=draft, at=timezone.now() + timedelta(days=1))
    assert publishing.publish(statement=draft) == first
    assert list(Statement.objects.public()) == [draft]
    assert draft.versions.count() == 1


def test_a_past_date_is_that_of_the_version_too(draft):
    day = timezone.now() - timedelta(days=30)
    assert publishing.publish(statement=draft, at=day).published_at == day


def test_publishing_twice_is_refused(statement):
    with pytest.raises(publishing.AlreadyPublished, match="locked"):
        publishing.publish(statement=statement)


@pytest.mark.parametrize("body", ["", "<p></p>", "<p>&nbsp;</p>", "<script>alert(1)</script>"])
def test_an_empty_text_is_not_published(draft, body):
    publishing.write_draft(statement=draft, body=body)
    with pytest.raises(publishing.NoText):
        publishing.publish(statement=draft)
    assert Statement.objects.get(pk=draft.pk).published_at is None


def test_without_a_draft_nothing_is_published(draft):
    draft.versions.all().delete()
    with pytest.raises(publishing.NoText):
        publishing.publish(statement=draft)


def test_closing_before_opening_is_refused_and_leaves_the_draft(draft):
    Statement.objects.filter(pk=draft.pk).update(closes_at=timezone.now() + timedelta(days=1))
    with pytest.raises(publishing.ClosesTooEarly):
        publishing.publish(statement=draft, at=timezone.now() + timedelta(days=2))
    publishing.write_draft(statement=draft, body=NEW)
    assert list(draft.versions.values_list("body", "published_at")) == [(NEW, None)]


def test_a_draft_is_written_over(draft):
    publishing.write_draft(statement=draft, body=NEW)
    assert list(draft.versions.values_list("number", "body")) == [(1, NEW)]
    assert copied(draft) == (TITLE, "Eastside Council")
    publishing.write_draft(statement=draft, title="Keep them open", addressed_to="")
    assert copied(draft) == (draft.title, draft.addressed_to) == ("Keep them open", "")
    assert promised(publishing.publish(statement=draft)) == ("Keep them open", "", NEW)


def test_what_is_published_is_the_draft_as_it_is_stored_not_as_somebody_still_has_it(draft):
    publishing.write_draft(statement=Statement.objects.get(pk=draft.pk), title="Keep them open")
    assert publishing.publish(statement=draft).title == "Keep them open"


def test_a_published_title_is_no_draft(statement):
    with pytest.raises(publishing.AlreadyPublished):
        publishing.write_draft(statement=statement, title="Close them all")
    assert copied(statement) == (TITLE, "Eastside Council")


def test_without_a_title_nothing_is_published(draft):
    publishing.write_draft(statement=draft, title=" ")
    with pytest.raises(publishing.NoTitle):
        publishing.publish(statement=draft)
    assert draft.versions.get().published_at is None


def test_closing_and_reopening(statement):
    publishing.close(statement=statement)
    assert list(Statement.objects.closed()) == [statement]
    with pytest.raises(publishing.AlreadyDone):
        publishing.close(statement=statement)
    publishing.reopen(statement=statement)
    assert list(Statement.objects.open()) == [statement]
    with pytest.raises(publishing.AlreadyDone):
        publishing.reopen(statement=statement)


@pytest.mark.parametrize(("days", "kept"), [(1, True), (-1, False)])
def test_reopening_keeps_a_closing_time_that_is_still_to_come(draft, days, kept):
    publishing.publish(statement=draft, at=timezone.now() - timedelta(days=9))
    closes = timezone.now() + timedelta(days=days)
    Statement.objects.filter(pk=draft.pk).update(closes_at=closes, closed_at=timezone.now())
    publishing.reopen(statement=draft)
    assert draft.closes_at == (closes if kept else None)
    assert list(Statement.objects.open()) == [draft]


def test_hiding_and_showing_again(statement, moderator):
    with pytest.raises(publishing.NoReason):
        publishing.hide(statement=statement, reason=" ", by=moderator)
    publishing.hide(statement=statement, reason="Names a private person", by=moderator)
    assert list(Statement.objects.public()) == []
    with pytest.raises(publishing.AlreadyDone):
        publishing.hide(statement=statement, reason="Again", by=moderator)
    publishing.unhide(statement=statement, by=moderator)
    assert list(Statement.objects.public()) == [statement]
    with pytest.raises(publishing.AlreadyDone):
        publishing.unhide(statement=statement, by=moderator)
    assert log() == [("carol", "Hidden: Names a private person"), ("carol", "Shown again.")]


@pytest.mark.parametrize("verb", ["close", "reopen", "record_outcome", "hide"])
def test_drafts_are_not_closed_or_hidden(draft, verb):
    typed = {"record_outcome": {"outcome": "<p>Won</p>"}, "hide": {"reason": "Why", "by": None}}.get(verb, {})
    with pytest.raises(publishing.NotPublished):
        getattr(publishing, verb)(statement=draft, **typed)


def test_an_old_address_is_kept_for_redirecting(statement):
    publishing.rename_slug(statement=statement, slug="nine-libraries")
    publishing.rename_slug(statement=statement, slug="ten-libraries")
    assert statement.slug == "ten-libraries"
    assert set(redirects.to(statement.get_absolute_url())) == {"/statements/libraries", "/statements/nine-libraries"}


def test_a_statement_may_take_back_its_own_old_address(statement):
    publishing.rename_slug(statement=statement, slug="nine-libraries")
    publishing.rename_slug(statement=statement, slug="libraries")
    assert list(Redirect.objects.values_list("path", "target")) == [
        ("/statements/nine-libraries", "/statements/libraries/")
    ]


def test_an_address_nobody_saw_is_not_kept(draft):
    publishing.rename_slug(statement=draft, slug="nine-libraries")
    assert (draft.slug, Redirect.objects.count()) == ("nine-libraries", 0)


@pytest.mark.parametrize("slug", ["market", "tuesday-market"])
def test_an_address_that_leads_elsewhere_is_refused(statement, slug):
    other = StatementFactory(slug="tuesday-market")
    publishing.rename_slug(statement=other, slug="market")
    with pytest.raises(publishing.SlugTaken):
        publishing.rename_slug(statement=statement, slug=slug)
    assert Statement.objects.get(pk=statement.pk).slug == "libraries"


def test_the_outcome_is_cleaned_and_recorded(statement, moderator):
    publishing.record_outcome(statement=statement, outcome="<p>We won.<script>1</script></p>", by=moderator)
    assert Statement.objects.get(pk=statement.pk).outcome == "<p>We won.</p>"
    assert log() == [("carol", "Recorded the outcome.")]


@pytest.mark.parametrize(
    ("verb", "typed"),
    [
        ("correct", {"body": NEW, "note": "Ten"}),
        ("correct", {"title": "Keep ten open", "note": "Ten"}),
        ("close", {}),
        ("hide", {"reason": "Why"}),
        ("rename_slug", {"slug": "elsewhere"}),
        ("record_outcome", {"outcome": "<p>Won</p>"}),
    ],
)
def test_each_verb_drops_kept_pages_and_is_written_down(statement, moderator, verb, typed):
    before = statement.changed_at
    getattr(publishing, verb)(statement=statement, by=moderator, **typed)
    assert statement.changed_at > before
    assert [name for name, _ in log()] == ["carol"]


def test_publishing_is_written_down_with_its_time(draft, moderator):
    at = timezone.localtime() + timedelta(days=1)
    publishing.publish(statement=draft, at=at, by=moderator)
    assert log() == [("carol", f"Published for {at:%-d %B %Y at %H:%M %Z}.")]


def together(count: int, work) -> list[str]:
    """Run `work(number)` in that many threads at the same moment; returns what each made of it."""
    start = Barrier(count)

    def run(number: int) -> str:
        start.wait()
        try:
            work(number)
        except publishing.PublishingError as error:
            return type(error).__name__
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(count) as pool:
        return sorted(pool.map(run, range(count)))


@pytest.mark.django_db(transaction=True)
def test_of_many_who_publish_at_once_one_does(draft):
    results = together(8, lambda number: publishing.publish(statement=Statement(pk=draft.pk)))
    assert results == ["AlreadyPublished"] * 7 + ["done"]
    assert list(draft.versions.values_list("number", flat=True)) == [1]


@pytest.mark.django_db(transaction=True)
def test_of_many_who_correct_the_same_version_one_does(statement):
    def work(number: int) -> None:
        body = f"<p>We ask to keep {number} libraries open.</p>"
        publishing.correct(statement=Statement(pk=statement.pk), body=body, note="Recounted", replaces=1)

    assert together(8, work) == ["Outdated"] * 7 + ["done"]
    assert Version.objects.filter(statement=statement).count() == 2


@pytest.mark.django_db(transaction=True)
def test_signers_do_not_wait_for_the_staff(statement):
    def work(number: int) -> None:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '300ms'")
            signing.sign(statement=statement, name="Alice", email="alice@example.org")

    with transaction.atomic():
        publishing._lock(statement)
        assert together(1, work) == ["done"]


@pytest.mark.django_db
def test_a_hand_in_counts_the_days_until_there_is_an_outcome(client):
    statement = StatementFactory()
    day = timezone.localdate() - timedelta(days=12)
    publishing.hand_in(statement=statement, handed_in_on=day, handed_in_to="the mayor")
    page = client.get(statement.get_absolute_url()).content.decode()
    assert "to <bdi>the mayor</bdi>" in page
    assert "No answer for 12 days." in page
    publishing.record_outcome(statement=statement, outcome="<p>They stay open.</p>")
    assert "No answer" not in client.get(statement.get_absolute_url()).content.decode()
