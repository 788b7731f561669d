"""Verbs of the public and of staff from six threads at once: no deadlock, no surprise, and the numbers are right.

The ordinary run takes a few seconds of it; `--fuzz-seconds 60` the whole.
"""

import random
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.utils import timezone

from comments import moderation
from comments.models import Comment
from core import audit, chores
from organisations import deciding
from petitions.models import SignatureSubmission
from petitions.signatures import importers, rules, signing, undo
from petitions.signatures.models import Rule, Signature
from petitions.statements import publishing
from submissions import agreeing, status
from tests.asking import mail_all
from tests.factories import CommentFactory, EndorsementFactory, StatementFactory
from tests.mailserver import deliver
from tests.races import other_verbs
from tests.races.meeting_many import at_once
from tests.races.other_verbs import OtherVerbs
from tests.races.test_agreeing import settled

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.whole]

THREADS = 6
MAILBOXES = [
    f"{name}@{domain}" for name in ("amina", "amina+x", "bo", "cy") for domain in ("mill.example", "b.example")
]
# What a verb may answer when somebody else was quicker.
REFUSALS = (
    signing.SigningError, agreeing.NotAgreed, publishing.PublishingError, rules.NotNow, undo.DecidedSince,
    Signature.DoesNotExist, other_verbs.Nothing, *other_verbs.REFUSALS,
)  # fmt: skip


class Fuzz(OtherVerbs):
    """What one thread may do, drawn by chance; the other kinds have their verbs in other_verbs.py."""

    def __init__(self, seed: int, statements: list, staff: User) -> None:
        self.chance, self.statements, self.staff = random.Random(seed), statements, staff
        self.verbs: list[Callable[[], object]] = [
            self.ask, self.ask, self.ask, self.agree, self.agree, self.agree, self.disown, self.decide, self.decide,
            self.undo_last, self.withdraw, self.choose, self.rule, self.run_rules, self.correct, self.open_or_shut,
            self.load, self.mail, self.send, self.chores, *self.other_verbs,
        ]  # fmt: skip

    def step(self) -> str:
        verb = self.chance.choice(self.verbs)
        verb()
        return verb.__name__

    def statement(self):
        return self.chance.choice(self.statements)

    def signature(self):
        found = list(Signature.objects.order_by("?")[:1])
        if not found:
            raise Signature.DoesNotExist
        return found[0]

    def ask(self):
        signing.sign(
            statement=self.statement(), name=self.chance.choice(["Amina", "Bo"]), email=self.chance.choice(MAILBOXES),
            show_name=self.chance.random() < 0.5, signals=self.chance.choice(["", "", "", "honeypot"]),
            seen_version=self.chance.randrange(4), ip_key=self.chance.choice(["", "hall"]),
        )  # fmt: skip

    def submission(self) -> int:
        pks = SignatureSubmission.objects.filter(agreed_at=None, ended_at=None).order_by("?")
        return pks.values_list("pk", flat=True).first() or 0

    def agree(self):
        agreeing.agree(1, self.submission(), self.chance.choice(["", "", "second"]))

    def disown(self):
        agreeing.disown(1, self.submission())

    def decide(self):
        verb = self.chance.choice([signing.hold, signing.release, signing.remove, signing.restore])
        why = {"reason": "Odd"} if verb in (signing.hold, signing.remove) else {}
        verb(signature_id=self.signature().pk, by=self.staff, **why)

    def undo_last(self):
        signature = self.signature()
        with transaction.atomic():
            was = undo.snapshot(signature)
        signing.remove(signature_id=signature.pk, reason="Slip", by=self.staff)
        with transaction.atomic():
            left = undo.snapshot(signature)
        undo.undo_last(signature=signature, was=was, left=left, by=self.staff)

    def withdraw(self):
        signing.withdraw(signature_id=self.signature().pk)

    def choose(self):
        signing.choose(signature_id=self.signature().pk, show_name=self.chance.random() < 0.5)

    def rule(self):
        if self.chance.random() < 0.5:
            statement = self.chance.choice([None, self.statement()])
            rules.start(rule=Rule(statement=statement, domain="mill.example", reason="Invented"), by=self.staff)
        elif rule := Rule.objects.order_by("?").first():
            self.chance.choice([rules.undo, rules.cancel])(rule=rule, by=self.staff)

    def run_rules(self):
        with transaction.atomic():
            rules.run_batch()

    def correct(self):
        text = f"<p>We ask for {self.chance.randrange(10**9)} libraries.</p>"
        publishing.correct(statement=self.statement(), body=text, note="A slip.", by=self.staff)

    def open_or_shut(self):
        verb = self.chance.choice([publishing.close, publishing.reopen, publishing.reopen])
        verb(statement=self.statement(), by=self.staff)

    def load(self):
        at = timezone.now() - timedelta(days=1)
        rows = [importers.Row(name="Im Port", email=email, signed_at=at) for email in self.chance.sample(MAILBOXES, 3)]
        importers.load(statement=self.statement(), rows=rows)

    def mail(self):
        mail_all()

    def send(self):
        deliver()

    def chores(self):
        chores.run_all()


def race(fuzzes: list[Fuzz], seconds: float) -> tuple[Counter, list[str]]:
    """Let each draw verbs in a thread of its own; what was done how often, and what nobody expected."""
    done, wrong, until = Counter(), [], time.monotonic() + seconds

    def run(fuzz: Fuzz) -> None:
        try:
            while time.monotonic() < until and not wrong:
                try:
                    done[fuzz.step()] += 1
                except REFUSALS as refusal:
                    done[type(refusal).__name__] += 1
        except Exception as error:  # noqa: BLE001 - whatever it is, nobody expected it
            wrong.append(f"{type(error).__name__}: {error}" + "\n" + "".join(traceback.format_exception(error)[-6:]))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[fuzz]) for fuzz in fuzzes]
    connection.close()  # the pool has one for each thread, and none to spare
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return done, wrong


def test_six_threads_of_all_verbs(request, settings, caplog):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.SIGNATURES_PER_ADDRESS = 3
    statements = [StatementFactory(), StatementFactory(), StatementFactory()]
    staff = User.objects.create_user("moderator")
    fuzzes = [Fuzz(seed, statements, staff) for seed in range(THREADS)]
    done, wrong = race(fuzzes, request.config.getoption("fuzz_seconds"))
    assert wrong == []
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []
    assert min(done[verb] for verb in ("agree", "agree_to_comment", "agree_to_endorsement", "moderate", "judge")) > 0
    for statement in statements:
        settled(statement)
    with connection.cursor() as cursor:
        cursor.execute("""SELECT count(*) FROM petitions_signature s JOIN submissions_decision d
            ON d.subject IN (s.mailbox_key, s.domain_key) AND d.kind = 'signature' AND d.lifted_at IS NULL
            AND d.makes IN ('hold', 'remove') AND (d.scope IS NULL OR d.scope = s.statement_id)
            AND (d.position IS NULL OR d.position = s.mailbox_position) WHERE s.state = 'confirmed'""")
        assert cursor.fetchone() == (0,)
        cursor.execute(
            "SELECT count(*) FROM petitions_signature s WHERE state = 'confirmed' AND channel <> 'import'"
            " AND NOT EXISTS (SELECT FROM petitions_signaturesubmission a WHERE a.id = s.submission_id"
            " AND a.agreed_at IS NOT NULL AND a.result_id = s.id AND a.address_key = s.address_key)"
        )
        assert cursor.fetchone() == (0,)
    others_hold()
    assert audit.verify().holds
    assert status.of([(1, pk) for pk in SignatureSubmission.objects.values_list("pk", flat=True)])


def others_hold() -> None:
    """The stored numbers of both kinds are those of the rows, and no page shows words of what is not listed."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT st.id, st.organisations, th.published,
                (SELECT count(*) FROM organisations_endorsement e WHERE e.statement_id = st.id AND e.state = 'listed'),
                (SELECT count(*) FROM comments_comment c WHERE c.thread_id = th.id AND c.state = 'published'
                    AND c.hidden_at IS NULL)
            FROM petitions_statement st JOIN comments_thread th ON th.statement_id = st.id"""
        )
        numbers = cursor.fetchall()
        assert [(row[1], row[2]) for row in numbers] == [(row[3], row[4]) for row in numbers]


def test_a_comment_let_in_and_an_endorsement_put_first_wait_in_no_circle(request):
    """The record's lock was between the two: 31 deadlocks in ten seconds (docs/decisions/0020)."""
    statement, until = StatementFactory(), time.monotonic() + min(10, request.config.getoption("fuzz_seconds"))
    comment, endorsement = CommentFactory(statement=statement, state="waiting"), EndorsementFactory(statement=statement)
    staff = [User.objects.create_user("moderator"), User.objects.create_user("campaigner")]

    def moderate() -> int:
        rounds = 0
        while time.monotonic() < until:
            moderation.approve(comment=Comment.objects.get(pk=comment.pk), by=staff[0])
            moderation.unapprove(comment=Comment.objects.get(pk=comment.pk), by=staff[0])
            rounds += 1
        return rounds

    def arrange() -> int:
        rounds = 0
        while time.monotonic() < until:
            deciding.make_initial(endorsement=endorsement, initial=True, by=staff[1])
            deciding.make_initial(endorsement=endorsement, initial=False, by=staff[1])
            rounds += 1
        return rounds

    rounds = at_once(moderate, arrange)
    assert [number for number in rounds if not isinstance(number, int) or number == 0] == []
    assert audit.verify().lines == 2 * sum(rounds)
    assert audit.verify().holds
