"""Six digits prove that whoever types them reads the mail and holds this page; guessing them does not pay."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.db.models.functions import Now

from core.addresses import mailbox_key
from petitions.models import SignatureSubmission
from submissions import agreeing, codes, status
from submissions.codes import Tried
from submissions.kinds import named
from submissions.models import WrongCodes
from tests.asking import agree, ask, codes_in, mail_all, mails_to
from tests.factories import StatementFactory
from tests.mailserver import running

pytestmark = pytest.mark.django_db
AMINA = "amina@example.org"
OLD, NEW = "o" * 60, "n" * 60


def found(submission):
    return status.of([(1, submission.pk)])[0]


def attempt(submission, typed, ip_key="net"):
    return codes.attempt(named("signature"), found(submission), typed, ip_key=ip_key)


def right(submission):
    return codes.code_of(1, bytes(submission.digest))


def wrong(submission):
    return "000000" if right(submission) != "000000" else "111111"


def counted():
    return dict(WrongCodes.objects.values_list("key", "number"))


M = f"m{mailbox_key(AMINA).hex()}"


def test_the_code_is_the_one_in_the_mail_and_of_this_submission_only(statement, settings):
    with running(settings) as server:
        submission = ask(statement, mailed=False)
        (message,) = mails_to(server, AMINA)
    assert codes_in(message) == [codes.spaced(right(submission))]
    others = [ask(statement, name="A. Yusuf"), ask(StatementFactory()), ask(statement, "bo@example.org")]
    assert len({right(one) for one in (submission, *others)}) == 4
    assert codes.code_of(2, bytes(submission.digest)) != right(submission)


def test_it_works_once_a_mail_with_it_was_accepted(statement):
    submission = ask(statement, mailed=False)
    assert attempt(submission, right(submission)) is Tried.WRONG
    submission.refresh_from_db()
    assert submission.code_tries == 0
    mail_all()
    assert attempt(submission, right(submission)) is Tried.RIGHT


def test_there_are_five_tries(statement):
    submission = ask(statement)
    assert [attempt(submission, wrong(submission)) for _ in range(5)] == [Tried.WRONG] * 5
    assert attempt(submission, right(submission)) is Tried.WRONG
    submission.refresh_from_db()
    assert submission.code_tries == 5


def test_the_fifth_try_may_be_the_right_one(statement):
    submission = ask(statement)
    tried = [attempt(submission, typed) for typed in [*[wrong(submission)] * 4, right(submission)]]
    assert tried == [Tried.WRONG] * 4 + [Tried.RIGHT]


@pytest.mark.parametrize("over", ["agreed_at", "ended_at"])
def test_of_what_is_over_it_is_right_all_the_same_five_times_and_agrees_nothing(statement, over):
    """A right code gets the truth, which the page of the link says."""
    submission = ask(statement)
    SignatureSubmission.objects.update(**{over: Now()})
    tried = [attempt(submission, right(submission)) for _ in range(6)]
    assert tried == [Tried.RIGHT] * 5 + [Tried.WRONG]
    with pytest.raises(agreeing.NotAgreed):
        agree(submission)


def test_wrong_codes_count_for_the_mailbox_and_the_network_and_right_ones_for_neither(statement):
    submission = ask(statement)
    attempt(submission, wrong(submission))
    attempt(submission, right(submission))
    assert counted() == {M: 1, "nnet": 1}


def test_a_mailbox_has_twenty_wrong_ones_a_day_over_all_its_submissions(statement):
    """In whatever spelling, and for whatever was sent; the link goes on working."""
    submissions = [ask(statement, f"amina+{number}@example.org", name=f"N{number}") for number in range(6)]
    tried = [attempt(one, wrong(one), ip_key=str(one.pk)) for one in submissions for _ in range(4)]
    assert tried == [Tried.WRONG] * 20 + [Tried.TOO_MANY] * 4
    assert attempt(submissions[5], right(submissions[5]), ip_key="") is Tried.TOO_MANY
    other = ask(statement, "bo@example.org")
    assert attempt(other, right(other)) is Tried.RIGHT


def test_a_network_has_two_hundred_wrong_ones_a_day(statement):
    submission = ask(statement)
    WrongCodes.objects.create(key="nnet", day=connection_day(), number=199)
    assert attempt(submission, wrong(submission)) is Tried.WRONG
    assert attempt(submission, right(submission)) is Tried.TOO_MANY
    assert attempt(submission, right(submission), ip_key="elsewhere") is Tried.RIGHT


def connection_day():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_date")
        return cursor.fetchone()[0]


def test_a_new_day_begins_anew(statement):
    submission = ask(statement)
    for key in (M, "nnet"):
        WrongCodes.objects.create(key=key, day=connection_day().replace(year=2020), number=999)
    assert attempt(submission, right(submission)) is Tried.RIGHT


@pytest.mark.parametrize("write", [
    str, codes.spaced, "-".join, lambda code: f" {code}\n",
    lambda code: code.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")),
    lambda code: code.translate(str.maketrans("0123456789", "०१२३४५६७८९")),
])  # fmt: skip
def test_it_may_be_written_as_people_write(statement, write):
    submission = ask(statement)
    assert attempt(submission, write(right(submission))) is Tried.RIGHT


@pytest.mark.parametrize("typed", ["", "²" * 6, "abcdef", "1" * 7, "12345", "é"])
def test_what_is_no_code_is_wrong(statement, typed):
    assert attempt(ask(statement), typed) is Tried.WRONG


def test_codes_sent_before_the_key_was_changed_still_work(statement, settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = OLD, []
    submission = ask(statement)
    old = right(submission)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [OLD]
    assert right(submission) != old
    assert [attempt(submission, old), attempt(submission, right(submission))] == [Tried.RIGHT] * 2
    settings.SECRET_KEY_FALLBACKS = []
    assert attempt(submission, old) is Tried.WRONG


@pytest.mark.django_db(transaction=True)
def test_fifty_at_once_get_no_more_looks_than_the_budget():
    """Each a submission of its own, so that only the mailbox's budget stands in the way."""
    statement = StatementFactory()
    submissions = [ask(statement, name=f"Forger {number}", mailed=False) for number in range(50)]
    mail_all()
    barrier = Barrier(10)

    def work(mine):
        try:
            barrier.wait(timeout=20)
            return [attempt(one, wrong(one)) for one in mine]
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        tried = [one for each in pool.map(work, [submissions[start::10] for start in range(10)]) for one in each]
    assert tried.count(Tried.WRONG) == 20
    assert tried.count(Tried.TOO_MANY) == 30
    assert SignatureSubmission.objects.filter(code_tries=1).count() == 20


@pytest.mark.django_db(transaction=True)
def test_fifty_at_once_at_one_submission_get_five_tries():
    submission = ask(StatementFactory())
    barrier = Barrier(10)

    def work(_):
        try:
            barrier.wait(timeout=20)
            return [attempt(submission, wrong(submission), ip_key="") for _ in range(5)]
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        tried = [one for each in pool.map(work, range(10)) for one in each]
    assert (tried.count(Tried.WRONG), tried.count(Tried.TOO_MANY)) == (20, 30)
    submission.refresh_from_db()
    assert submission.code_tries == 5


def test_a_million_guesses_do_not_pay(statement):
    """However many are posted and typed, twenty a day are looked at: the odds stay at one in 50,000 for a day."""
    odds = codes.WRONG_A_DAY / 1_000_000
    assert odds == 1 / 50_000
    assert 1 - (1 - odds) ** 365 < 0.0073, "a year of it, every day"
    submission = ask(statement)
    WrongCodes.objects.create(key=M, day=connection_day(), number=1_000_000)
    assert attempt(submission, right(submission)) is Tried.TOO_MANY


def test_codes_are_spread_evenly():
    made = [codes.code_of(1, number.to_bytes(16)) for number in range(20_000)]
    assert {len(code) for code in made} == {6}
    firsts = [sum(code[0] == digit for code in made) for digit in "0123456789"]
    assert max(abs(number - 2000) for number in firsts) < 250
