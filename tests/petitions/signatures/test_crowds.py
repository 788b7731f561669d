"""Many signatures from one network are held for a look, each judged by itself, and nobody learns who had signed."""

from datetime import timedelta

import pytest
from django.utils import timezone

from petitions.models import Meeting, Signature, SignatureSubmission, Statement
from petitions.signatures import agreeing, signing
from submissions.models import Decision
from tests.asking import agree, ask, later, mail_all, sign
from tests.factories import StatementFactory

pytestmark = pytest.mark.django_db


def crowd(statement: Statement, people: int, via: str = "", ip_key: str = "hall") -> list[int]:
    """Everybody asks from one network; their submissions."""
    return [
        signing.sign(
            statement=statement, name=f"P{number}", email=f"p{number}@example.org", ip_key=ip_key, via=via
        ).submission_id
        for number in range(people)
    ]


def held(submissions: list[int]) -> int:
    """Everybody agrees; how many of them are then held."""
    mail_all()
    return [agreeing.agree(submission_id=pk).state for pk in submissions].count("held")


def test_a_hall_full_of_people_counts_and_the_sixty_first_is_held(statement, settings):
    assert settings.SIGNATURES_PER_ADDRESS == 60
    assert held(crowd(statement, 61)) == 1
    odd = Signature.objects.get(state="held")
    assert (odd.name, odd.held_reason) == ("P60", "crowd")
    made = Decision.objects.get()
    assert (made.makes, made.source, made.reason, made.submission) == ("hold", "form", "crowd", odd.submission_id)


def test_it_does_not_matter_in_which_order_they_agree(statement, settings):
    settings.SIGNATURES_PER_ADDRESS = 5
    assert held(crowd(statement, 8)[::-1]) == 3
    assert sorted(Signature.objects.filter(state="held").values_list("name", flat=True)) == ["P0", "P1", "P2"]


def test_another_network_another_time_and_none_are_no_crowd(statement, settings):
    settings.SIGNATURES_PER_ADDRESS = 5
    assert held(crowd(statement, 5)) == 0
    others = [ask(statement, f"at-{ip}@example.org", ip_key=ip) for ip in ("home", "")]
    later(minutes=settings.SIGNATURES_PER_ADDRESS_MINUTES, seconds=1)
    others.append(ask(statement, "late@example.org", ip_key="hall"))
    assert [agree(one).state for one in others] == ["confirmed"] * 3


def test_one_mailbox_posted_a_hundred_times_is_no_crowd(statement, settings):
    settings.SIGNATURES_PER_ADDRESS = 5
    for number in range(20):
        signing.sign(statement=statement, name=f"Flood {number}", email=f"bo+{number}@example.org", ip_key="hall")
    assert agree(ask(statement, ip_key="hall")).state == "confirmed"


def test_posts_that_nobody_agrees_to_hold_nobody_before_or_after_them(statement, settings):
    """Or whoever shares a network could have all its people held by typing addresses."""
    settings.SIGNATURES_PER_ADDRESS = 5
    first = sign(statement, ip_key="hall")
    crowd(statement, 20)
    assert agree(ask(statement, "bo@example.org", ip_key="hall")).state == "confirmed"
    first.refresh_from_db()
    assert (first.state, Decision.objects.count()) == ("confirmed", 0)


def test_reasons_of_the_form_and_of_the_crowd_stand_together(statement, settings):
    settings.SIGNATURES_PER_ADDRESS = 5
    assert held(crowd(statement, 5)) == 0
    agree(ask(statement, ip_key="hall", signals="honeypot"))
    assert Signature.objects.get(state="held").held_reason == "honeypot crowd"


# A meeting that is on


def meeting(statement: Statement, **more) -> Meeting:
    now = timezone.now()
    times = {"starts_at": now - timedelta(hours=1), "ends_at": now + timedelta(hours=1)}
    return Meeting.objects.create(statement=statement, place="Mill Hall", **{**times, **more})


@pytest.fixture
def _small(settings):
    settings.SIGNATURES_PER_ADDRESS = 5


@pytest.mark.usefixtures("_small")
class TestMeetings:
    """With a limit of five."""

    def test_without_one_a_full_hall_is_held(self, statement):
        assert held(crowd(statement, 20)) == 15

    def test_with_its_code_nobody_is_held_and_all_are_tagged(self, statement):
        code = meeting(statement).code
        assert held(crowd(statement, 20, code)) == 0
        assert set(Signature.objects.values_list("via", flat=True)) == {code}

    def test_who_agrees_after_it_was_in_it_all_the_same(self, statement):
        asked = crowd(statement, 20, meeting(statement).code)
        Meeting.objects.update(ends_at=timezone.now())
        assert held(asked) == 0

    def test_beyond_what_it_expects_the_limit_is_back(self, statement):
        assert held(crowd(statement, 20, meeting(statement, expected=10).code)) == 5

    @pytest.mark.parametrize("hours", [-3, 3])
    def test_its_code_is_worth_nothing_before_and_after(self, statement, hours):
        start = timezone.now() + timedelta(hours=hours)
        code = meeting(statement, starts_at=start, ends_at=start + timedelta(hours=1)).code
        assert held(crowd(statement, 20, code)) == 15

    def test_nor_under_another_statement(self, statement):
        assert held(crowd(statement, 20, meeting(StatementFactory()).code)) == 15

    def test_nor_is_a_code_that_is_none(self, statement):
        assert held(crowd(statement, 20, "m-nosuch")) == 15


def test_the_network_s_key_stays_with_the_stub(statement):
    """And with the signature, or whoever agrees quickly would be no part of the crowd."""
    asked = ask(statement, ip_key="hall")
    agree(asked)
    assert (SignatureSubmission.objects.get().ip_key, Signature.objects.get().ip_key) == ("hall", "hall")
