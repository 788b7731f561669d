"""Removing many by rule: counted first, in batches, stopped and undone, and the public number is right throughout."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from core.addresses import masked
from petitions.models import Rule, Signature, Statement
from petitions.signatures import counting, rules, signing
from tests.factories import SignatureFactory, StatementFactory
from tests.staff import log, logged_in, staff

pytestmark = pytest.mark.django_db
URL = "/admin/petitions/rule/"


@pytest.fixture
def statement() -> Statement:
    return StatementFactory()


def crowd(statement: Statement, number: int, domain: str = "mill.example", state: str = "confirmed") -> None:
    """Many rows in one go, as a script would have signed."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO petitions_signature (statement_id, version_id, name, email, email_canonical, state,
                confirmed_at, created_at)
            SELECT %s, %s, 'Person ' || n, 'p' || n || '@' || %s, 'p' || n || '@' || %s, %s, now(), now()
            FROM generate_series(1, %s) n""",
            [statement.pk, statement.version.pk, domain, domain, state, number],
        )
    counting.recount(statement=statement, repair=True)


def started(**lines) -> Rule:
    return rules.start(rule=Rule(reason="A script", **lines))


def people(statement: Statement) -> int:
    return counting.numbers([statement])[statement.pk].people


def run() -> int:
    total = 0
    while done := rules.run_batch():
        total += done
    return total


def test_it_counts_first_and_shows_some(statement):
    crowd(statement, 12)
    crowd(statement, 3, domain="honest.example")
    found = rules.preview(Rule(reason="A script", domain=" @MILL.example "))
    assert (found.number, len(found.sample), people(statement)) == (12, 10, 15)
    assert {signature.email.partition("@")[2] for signature in found.sample} == {"mill.example"}


@pytest.mark.parametrize("lines", [{}, {"domain": " @ "}, {"via": " "}])
def test_an_empty_rule_is_refused(statement, lines):
    crowd(statement, 3)
    for verb in (rules.preview, lambda rule: rules.start(rule=rule)):
        with pytest.raises(ValidationError, match="This rule is empty"):
            verb(Rule(reason="A script", statement=statement, **lines))
    assert (Rule.objects.count(), people(statement)) == (0, 3)


def test_the_database_refuses_an_empty_rule_too(statement):
    with pytest.raises(IntegrityError, match="rule_says_something"), transaction.atomic():
        Rule.objects.create(reason="A script", statement=statement)


def test_a_rule_needs_a_reason_and_time_that_runs_forwards():
    now = timezone.now()
    with pytest.raises(ValidationError, match="reason"):
        rules.preview(Rule(domain="mill.example"))
    with pytest.raises(ValidationError, match="The end must be after the start"):
        rules.preview(Rule(reason="x", signed_from=now, signed_until=now - timedelta(hours=1)))


@pytest.mark.parametrize(
    ("lines", "removed"),
    [
        ({"domain": "mill.example"}, ["Ann", "Bo"]),
        ({"domain": "mill.example", "signed_until": timedelta(minutes=-30)}, ["Ann"]),
        ({"signed_from": timedelta(minutes=-30)}, ["Bo", "Cy"]),
        ({"via": "poster"}, ["Cy"]),
        ({"ip_key": "network"}, ["Ann", "Cy"]),
        ({"domain": "ill.example"}, []),
    ],
)
def test_every_line_must_fit(statement, lines, removed):
    hour = timezone.now() - timedelta(hours=1)
    for name, more in [
        ("Ann", {"email": "ann@mill.example", "created_at": hour, "ip_key": "network"}),
        ("Bo", {"email": "bo@mill.example"}),
        ("Cy", {"email": "cy@else.example", "via": "poster", "ip_key": "network"}),
    ]:
        SignatureFactory(statement=statement, state="confirmed", name=name, **more)
    started(**{key: timezone.now() + value if isinstance(value, timedelta) else value for key, value in lines.items()})
    run()
    assert list(Signature.objects.filter(state="removed").order_by("name").values_list("name", flat=True)) == removed


def test_only_what_counts_or_could_and_only_under_its_statement(statement):
    other = StatementFactory()
    crowd(other, 2)
    for state in Signature.State.values:
        SignatureFactory(statement=statement, state=state, email=f"{state}@mill.example")
    started(domain="mill.example", statement=statement)
    run()
    assert people(other) == 2
    assert Signature.objects.filter(rule__isnull=False).count() == 3
    assert counting.recount(statement=statement).agrees


def test_who_signs_later_is_not_touched(statement):
    crowd(statement, 2)
    started(domain="mill.example")
    SignatureFactory(statement=statement, state="confirmed", email="new@mill.example")
    run()
    assert Signature.objects.get(email="new@mill.example").state == "confirmed"


def test_it_is_stopped_within_one_batch_and_undone(statement, monkeypatch):
    monkeypatch.setattr(rules, "BATCH", 10)
    crowd(statement, 35)
    rule = started(domain="mill.example")
    assert (rules.run_batch(), people(statement)) == (10, 25)
    rules.cancel(rule=rule)
    assert (rules.run_batch(), people(statement)) == (0, 25)
    rule.refresh_from_db()
    assert (rule.state, rule.handled, rule.expected) == ("cancelled", 10, 35)
    rules.undo(rule=rule)
    assert (run(), people(statement)) == (10, 35)
    rule.refresh_from_db()
    assert (rule.state, rule.handled) == ("undone", 0)
    assert Signature.objects.exclude(removed_reason="").count() == Signature.objects.exclude(rule=None).count() == 0


def test_what_cannot_be_is_refused(statement):
    rule = started(domain="mill.example")
    with pytest.raises(rules.NotNow):
        rules.undo(rule=rule)
    run()
    with pytest.raises(rules.NotNow):
        rules.cancel(rule=rule)


def test_undoing_brings_back_each_to_where_it_was_and_leaves_what_people_decided(statement):
    pending = SignatureFactory(statement=statement, email="a@mill.example")
    held = SignatureFactory(statement=statement, email="b@mill.example", state="held", held_reason="Odd")
    fake = SignatureFactory(statement=statement, email="c@mill.example", state="confirmed")
    rule = started(domain="mill.example")
    run()
    signing.restore(signature_id=fake.pk)
    signing.remove(signature_id=fake.pk, reason="Looked at it")
    rules.undo(rule=rule)
    run()
    states = dict(Signature.objects.values_list("pk", "state"))
    assert states == {pending.pk: "pending", held.pk: "held", fake.pk: "removed"}


def test_a_hundred_thousand_are_removed_in_batches_and_brought_back(statement, monkeypatch):
    crowd(statement, 100_000)
    crowd(statement, 500, domain="honest.example")
    connection.cursor().execute("ANALYZE petitions_signature")  # as autovacuum does once they are committed
    rule = started(domain="mill.example")
    assert rule.expected == 100_000
    assert ([rules.run_batch() for _ in range(10)], people(statement)) == ([1000] * 10, 90_500)
    monkeypatch.setattr(rules, "BATCH", 30_000)
    assert run() == 90_000
    assert counting.recount(statement=statement) == counting.Recount(stored=(500, 0, 100_000), rows=(500, 0, 100_000))
    rules.undo(rule=rule)
    assert run() == 100_000
    assert counting.recount(statement=statement) == counting.Recount(stored=(100_500, 0, 0), rows=(100_500, 0, 0))


@pytest.fixture
def carol():
    return logged_in(User.objects.create_superuser("carol", password="a long password of hers"))


LINES = {"domain": "mill.example", "reason": "A script"}


def test_in_the_staff_pages_it_is_counted_then_confirmed_with_the_password(carol, statement):
    crowd(statement, 12)
    page = carol.post(f"{URL}add/", LINES)
    assert (page.context["found"].number, Rule.objects.count()) == (12, 0)
    html, signer = page.content.decode(), page.context["found"].sample[0]
    assert ("12 would be removed" in html, signer.email in html, masked(signer.email) in html) == (True, False, True)
    wrong = carol.post(f"{URL}add/", {**LINES, "confirmed": "1", "password": "a guess"})
    assert (wrong.context["ask"].errors, Rule.objects.count()) == ({"password": ["This is not your password."]}, 0)
    done = carol.post(f"{URL}add/", {**LINES, "confirmed": "1", "password": "a long password of hers"})
    rule = Rule.objects.get()
    assert (done.url, rule.created_by.username, people(statement)) == (f"{URL}{rule.pk}/change/", "carol", 12)
    rules.run_batch()
    assert "12 of 12 removed" in carol.get(done.url).content.decode()
    carol.post(f"{URL}{rule.pk}/undo/")
    run()
    assert people(statement) == 12
    assert log() == ["Started a rule that removes 12: A script", "Undid the rule."]


def test_an_empty_form_is_an_error_on_the_page(carol):
    page = carol.post(f"{URL}add/", {"reason": "x"})
    assert page.context["form"].non_field_errors()[0].startswith("This rule is empty")


def test_nobody_removes_under_a_statement_they_do_not_look_after(statement):
    crowd(statement, 2)
    mo = staff("mo", "add_rule", "change_rule")
    user = User.objects.get(username="mo")
    user.user_permissions.remove(*user.user_permissions.filter(codename="view_every_statement"))
    page = mo.post(f"{URL}add/", LINES)
    assert page.context["form"].errors == {"statement": ["This field is required."]}
    page = mo.post(f"{URL}add/", {**LINES, "statement": statement.pk})
    assert list(page.context["form"].errors) == ["statement"]


def test_a_viewer_starts_and_stops_nothing(statement, viewer):
    crowd(statement, 2)
    rule = started(domain="mill.example")
    assert viewer.post(f"{URL}add/", LINES).status_code == 403
    assert viewer.post(f"{URL}{rule.pk}/stop/").status_code == 403
    assert viewer.get(f"{URL}{rule.pk}/change/").context["can_stop"] is False
