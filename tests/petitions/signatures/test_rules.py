"""Removing many by rule: counted first, in batches, stopped and undone, and the public number is right throughout."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from core.addresses import domain_key, masked
from core.sealed import seal, what_of
from petitions.models import Rule, Signature, Statement
from petitions.signatures import rules, signing
from petitions.statements import counting
from submissions.models import Decision
from tests.asking import agree, ask, sign
from tests.factories import SignatureFactory, StatementFactory
from tests.staff import log, logged_in, staff

pytestmark = pytest.mark.django_db
URL = "/admin/petitions/rule/"


def crowd(statement: Statement, number: int, domain: str = "mill.example", state: str = "confirmed") -> None:
    """Many rows in one go, as a script would have signed."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO petitions_signature (statement_id, version_id, name, email, state,
                channel, mailbox_key, address_key, domain_key, confirmed_at, created_at)
            SELECT %s, %s, 'Person ' || n, %s, %s, 'import', decode(md5(address), 'hex'),
                decode(md5(address), 'hex'), %s, now(), now()
            FROM generate_series(1, %s) n, LATERAL (SELECT 'p' || n || '@' || %s AS address) typed""",
            [
                statement.pk,
                statement.version.pk,
                seal(f"p@{domain}", what_of(Signature, "email")),
                state,
                domain_key(domain),
                number,
                domain,
            ],
        )
    counting.recount(statement=statement, repair=True)


def started(**lines) -> Rule:
    return rules.start(rule=Rule(reason="A script", **lines))


def people(statement: Statement) -> int:
    return counting.numbers([statement])[statement.pk].people


def removed_by(rule: Rule) -> QuerySet:
    """The signatures against which the rule's decisions stand."""
    bars = Decision.objects.filter(source="rule", source_id=rule.pk, lifted_at=None)
    return Signature.objects.filter(mailbox_key__in=bars.values("subject"), state="removed").order_by("pk")


def run() -> int:
    """Let the rules run to their end; returns how many signatures that were, without the one that says the end."""
    total, ends = 0, Rule.objects.filter(state__in=["running", "undoing"]).count()
    while done := rules.run_batch():
        total += done
    return total - ends


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
    rule = started(domain="mill.example", statement=statement)
    run()
    assert people(other) == 2
    assert list(removed_by(rule).values_list("email", flat=True)) == ["confirmed@mill.example", "held@mill.example"]
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
    assert Signature.objects.exclude(removed_reason="", removed_at=None).count() == removed_by(rule).count() == 0


def test_what_cannot_be_is_refused(statement):
    rule = started(domain="mill.example")
    with pytest.raises(rules.NotNow):
        rules.undo(rule=rule)
    run()
    with pytest.raises(rules.NotNow):
        rules.cancel(rule=rule)


def test_undoing_brings_back_each_to_where_it_was_and_leaves_what_people_decided(statement):
    fine = SignatureFactory(statement=statement, email="a@mill.example")
    held = SignatureFactory(statement=statement, email="b@mill.example", state="held", held_reason="Odd")
    fake = SignatureFactory(statement=statement, email="c@mill.example")
    gone = SignatureFactory(statement=statement, email="d@mill.example")
    counting.recount(statement=statement, repair=True)
    rule = started(domain="mill.example")
    run()
    gone.delete()
    signing.restore(signature_id=fake.pk)
    signing.remove(signature_id=fake.pk, reason="Looked at it")
    rules.undo(rule=rule)
    assert run() == 3
    states = {pk: (state, held or removed) for pk, state, held, removed in Signature.objects.values_list(
        "pk", "state", "held_reason", "removed_reason")}  # fmt: skip
    assert states == {fine.pk: ("confirmed", ""), held.pk: ("held", "Odd"), fake.pk: ("removed", "Looked at it")}
    assert Decision.objects.filter(source="rule", lifted_at=None).count() == 0
    assert counting.recount(statement=statement).agrees


def test_each_removal_is_a_decision_that_names_the_rule_and_its_author(statement, carol):
    author = User.objects.get(username="carol")
    one = SignatureFactory(statement=statement, email="a@mill.example")
    rule = rules.start(rule=Rule(reason="A script", domain="mill.example"), by=author)
    run()
    made = Decision.objects.get()
    assert (made.makes, made.kind, made.scope, bytes(made.subject), made.position) == (
        "remove", "signature", statement.pk, bytes(one.mailbox_key), 1
    )  # fmt: skip
    assert (made.reason, made.source, made.source_id, made.by, made.submission) == (
        "A script", "rule", rule.pk, author, one.submission_id
    )  # fmt: skip


def test_what_a_hand_restores_while_it_runs_is_not_removed_again(statement, monkeypatch):
    monkeypatch.setattr(rules, "BATCH", 1)
    first, second = (SignatureFactory(statement=statement, email=f"{name}@mill.example") for name in "ab")
    started(domain="mill.example")
    assert rules.run_batch() == 1
    signing.restore(signature_id=first.pk)
    run()
    assert dict(Signature.objects.values_list("pk", "state")) == {first.pk: "confirmed", second.pk: "removed"}


def test_who_was_removed_and_signs_again_stays_removed(statement):
    first = sign(statement, "ann@mill.example")
    rule = started(domain="mill.example")
    run()
    assert agree(ask(statement, "ann@mill.example", name="Ann Again")).state == "removed"
    assert (people(statement), Signature.objects.get().name) == (0, "Ann Again")
    Signature.objects.filter(pk=first.pk).delete()  # as if its owner had been forgotten
    counting.recount(statement=statement, repair=True)
    assert agree(ask(statement, "ann@mill.example")).state == "removed"
    rules.undo(rule=rule)
    run()
    assert (people(statement), Signature.objects.get().state) == (1, "confirmed")


def test_a_removal_under_another_statement_stays_and_is_not_counted_as_undone(statement, monkeypatch):
    other = StatementFactory()
    for email in ("ann@mill.example", "bo@mill.example"):
        sign(statement, email, via="poster")
        signing.remove(signature_id=sign(other, email).pk, reason="Looked at it")
    rule = started(via="poster")
    run()
    rules.undo(rule=rule)
    monkeypatch.setattr(rules, "BATCH", 1)
    rules.run_batch()
    rule.refresh_from_db()
    assert rule.handled == 1
    run()
    assert people(statement) == 2
    assert list(other.signatures.values_list("state", flat=True)) == ["removed", "removed"]


def test_the_second_person_of_a_mailbox_is_judged_by_their_own_signature(statement):
    sign(statement, "ann@mill.example", via="poster")
    agree(ask(statement, "ann@mill.example", name="Bo"), "second")
    started(via="poster")
    run()
    states = Signature.objects.order_by("mailbox_position").values_list("name", "state")
    assert list(states) == [("Amina Yusuf", "removed"), ("Bo", "confirmed")]


@pytest.mark.whole
@pytest.mark.django_db(transaction=True)
def test_thousands_are_removed_in_batches_and_brought_back(statement):
    crowd(statement, 12_000)
    crowd(statement, 500, domain="honest.example")
    connection.cursor().execute("ANALYZE petitions_signature")  # as autovacuum does
    rule = started(domain="mill.example")
    assert rule.expected == 12_000
    assert ([rules.run_batch() for _ in range(10)], people(statement)) == ([1000] * 10, 2_500)
    assert run() == 2_000
    assert counting.recount(statement=statement) == counting.Recount(stored=(500, 0, 12_000), rows=(500, 0, 12_000))
    rules.undo(rule=rule)
    assert run() == 12_000
    assert counting.recount(statement=statement) == counting.Recount(stored=(12_500, 0, 0), rows=(12_500, 0, 0))


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
    run()
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
