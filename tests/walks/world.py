"""The site under a walk, and what must be true of it after every step."""

import html
import logging
import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.core import mail
from django.db import connection, transaction
from django.test import Client
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from core import audit, tokens
from core.addresses import canonical
from core.sealed import mailboxes, unseal, what_of
from petitions.models import SignatureSubmission, Statement
from submissions import status
from submissions.confirm_views import CONFIRM
from tests import asking
from tests.factories import StatementFactory
from tests.mailserver import deliver
from tests.walks.model import DAY, MAILS_FIRST_DAY, Place, World, address_of, mailbox_of

SIGNATURE = 1  # its number in links
SLACK = 120  # seconds that a walk itself may take


def opened(row: tuple, canonically: int, small: int, code: int | None = None) -> tuple:
    """A row with its sealed cells open: a canonical address, one in small letters, a postcode."""
    cells = list(row)
    cells[canonically] = canonical(unseal(row[canonically], *mailboxes()))
    cells[small] = unseal(row[small], *mailboxes()).lower()
    if code is not None:
        cells[code] = unseal(row[code], what_of(SignatureSubmission, "postcode"))
    return tuple(cells)


@dataclass
class Letter:
    """A mail that asked to confirm: for whom, where its link leads, what it lists."""

    to: str
    link: str
    lists: list[tuple[int, int]]
    codes: list[str]


@dataclass
class Block:
    """One submission as the confirm page shows it."""

    rows: dict[str, str]
    buttons: list[str]
    differs: set[str] = field(default_factory=set)


class Errors(logging.Handler):
    """Whatever was logged as an error: an exception that somebody swallowed."""

    def __init__(self) -> None:
        super().__init__(level=logging.ERROR)
        self.seen: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.seen.append(record.getMessage())


class Walk(RuleBasedStateMachine):
    """The world, its clock and its invariants; the verbs are mixed in (test_walks.py)."""

    def __init__(self) -> None:
        super().__init__()
        self.own = transaction.atomic()
        self.own.__enter__()
        self.errors = Errors()
        logging.getLogger().addHandler(self.errors)
        mail.outbox = []
        self.client, self.model = Client(raise_request_exception=True), World()
        self.staff = User.objects.create_superuser("walker")  # who looks after every statement
        self.letters: list[Letter] = []
        for asks in (True, False):
            place = StatementFactory(ask_affiliation=asks, ask_postcode=asks)
            self.model.places[place.pk] = Place(place.pk, asks)
        self.begin()

    def begin(self) -> None:
        """What the verbs need to remember; each mixin extends it."""
        self.wrong: dict[str, int] = {}  # codes that were typed today, by the mailbox

    def teardown(self) -> None:
        logging.getLogger().removeHandler(self.errors)
        transaction.set_rollback(True)
        self.own.__exit__(None, None, None)

    # What verbs use

    def tick(self) -> None:
        """A moment passes: what is done next is done later than what was done before."""
        self.model.now += 0.001

    def place(self, pick: int) -> Place:
        return list(self.model.places.values())[pick % len(self.model.places)]

    def statement(self, place: Place) -> Statement:
        return Statement.objects.get(pk=place.id)

    def refused(self, verb: Any, *errors: type[Exception], **named: Any) -> bool:
        """Do something that may be refused, as a request of its own does it; whether it was."""
        try:
            with transaction.atomic():
                verb(**named)
        except errors:
            return True
        return False

    def pass_time(self, seconds: int) -> None:
        """Let the clock run, by making everything older."""
        by = timedelta(seconds=seconds)
        with transaction.atomic(), connection.cursor() as cursor:
            asking.later(seconds=seconds)
            cursor.execute(
                "UPDATE petitions_statement SET closed_at = closed_at - %s, published_at = published_at - %s", [by, by]
            )
            cursor.execute("UPDATE submissions_decision SET created_at = created_at - %s", [by])
            if seconds > DAY:
                cursor.execute("UPDATE submissions_wrongcodes SET day = day - %s", [seconds // DAY + 1])
        self.model.now += seconds

    def turn(self) -> list[Any]:
        """A worker sends what is due; the mails that came, of which those that ask to confirm are kept."""
        seen = len(mail.outbox)
        deliver()
        came = mail.outbox[seen:]
        for message in came:
            self._keep(message)
        self._see_what_was_mailed()
        return came

    @rule(times=st.integers(1, 2))
    def worker_sends(self, times: int) -> None:
        self.tick()
        for _ in range(times):
            self.turn()

    def _of_kind(self, letter: Letter, number: int = SIGNATURE) -> list[tuple[int, int]]:
        return [pair for pair in letter.lists if pair[0] == number]

    def _keep(self, message: Any) -> None:
        found = asking.CONFIRM_LINK.search(message.body)
        if not found:
            return
        (to,) = message.to
        token = found.group().rstrip("/").rpartition("/")[2]
        ids = tokens.read_token(CONFIRM, token)
        codes = re.findall(r": (\d{3} \d{3})\s*$", message.body, re.MULTILINE)
        letter = Letter(to, "/confirm/" + token + "/", list(zip(ids[::2], ids[1::2], strict=True)), codes)
        assert len(codes) == len(letter.lists) <= 10
        self.letters.append(letter)
        self._bound(mailbox_of(to))
        for (number, pk), code in zip(letter.lists, codes, strict=True):
            if number == SIGNATURE:
                one = self.model.asked[pk]
                assert one.address == address_of(to), "a mail lists only what was asked with its own address"
                one.code = code
                if one.mailed is None:
                    one.mailed = self.model.now

    def _bound(self, mailbox: str) -> None:
        """An unanswered mailbox gets five the first day, then one a day, then one a week; a silent one gets none."""
        assert mailbox not in self.model.silent
        before, now = self.model.letters.setdefault(mailbox, []), self.model.now
        if before:
            since = now - before[0]
            if since < DAY - SLACK:
                assert len(before) < MAILS_FIRST_DAY
            else:
                assert now - before[-1] > min(DAY if since < 7 * DAY - SLACK else 7 * DAY, since) - DAY * 0.1
        before.append(now)

    def _see_what_was_mailed(self) -> None:
        """Nothing is marked as mailed but what a mail lists, or what was pressed twice."""
        listed = {one.said for one in self.model.asked.values() if one.mailed is not None}
        rows = SignatureSubmission.objects.filter(mailed_at__isnull=False).values_list("pk", flat=True)
        for pk in rows:
            one = self.model.asked[pk]
            if one.mailed is None:
                assert one.said in listed, "marked as mailed, and no mail lists it"
                one.mailed, one.code = self.model.now, self._twin(one).code

    def _twin(self, one: Any) -> Any:
        return next(o for o in self.model.asked.values() if o.said == one.said and o.code)

    def page(self, link: str) -> dict[str, Block]:
        """The confirm page, read as a person reads it: what waits, what it says, which buttons it has."""
        response = self.client.get(link)
        assert response.status_code == 200
        _, *sections = re.split(r'<section class="submission[^"]*" id="s-', response.content.decode())
        found = {}
        for opened in sections:
            value, rest = opened.split('"', 1)
            section = rest.partition("</section>")[0]
            rows = re.findall(r"<dt>(.*?)</dt>\s*<dd>(?:<mark>)?<bdi>(.*?)</bdi>", section, re.DOTALL)
            buttons = re.findall(r'name="agree" value="(.*?)"', section)
            found[value] = Block({html.unescape(k): html.unescape(v) for k, v in rows}, buttons)
        return found

    # What must be true after every step

    @invariant()
    def the_promises_hold(self) -> None:
        self.signatures_are_as_predicted()
        self.what_counts_was_agreed()
        self.numbers_equal_a_recount()
        self.submissions_add_up()
        self.the_record_is_whole()
        self.kinds_hold()

    def kinds_hold(self) -> None:
        """What else a kind promises; each mixin extends it."""

    def signatures_are_as_predicted(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                """SELECT s.statement_id, s.email, s.mailbox_position, s.email, s.name, s.show_name,
                    s.email_updates, s.affiliation, s.postcode, v.number, s.state, s.held_reason, s.removed_reason,
                    s.channel, s.submission_id
                FROM petitions_signature s JOIN petitions_version v ON v.id = s.version_id"""
            )
            rows = [opened(row, 1, 3, code=8) for row in cursor.fetchall()]
        found = {row[:3]: row[3:11] for row in rows if row[1]}
        expected = {
            who: (s.address, *(s.words[n] for n in ("name", "show_name", "email_updates", "affiliation", "postcode")),
                  s.version, s.state)
            for who, s in self.model.signed.items()
        }  # fmt: skip
        assert found == expected
        for (
            *who,
            _address,
            _name,
            _show,
            _news,
            _job,
            _code,
            _version,
            state,
            held,
            removed,
            channel,
            submission,
        ) in rows:
            assert held or state != "held", "held has a reason"
            assert bool(removed) == (state == "removed"), "removed has a reason, and nothing else has"
            assert state != "confirmed" or not held
            if who[1]:
                assert submission == self.model.signed[tuple(who)].submission
                assert submission is not None or channel == "import"

    def what_counts_was_agreed(self) -> None:
        """By its own mailbox, or came from paper or an import; and nothing counts that is held."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, statement_id, email, mailbox_position, submission_id, email"
                " FROM petitions_signature WHERE state = 'confirmed' AND channel NOT IN ('paper', 'import')"
            )
            counted = [opened(row, 2, 5) for row in cursor.fetchall()]
            cursor.execute("""SELECT count(*) FROM petitions_signature s JOIN submissions_decision d
                ON d.subject IN (s.mailbox_key, s.domain_key) AND d.kind = 'signature' AND d.lifted_at IS NULL
                AND d.makes IN ('hold', 'remove') AND (d.scope IS NULL OR d.scope = s.statement_id)
                AND (d.position IS NULL OR d.position = s.mailbox_position) WHERE s.state = 'confirmed'""")
            (barred,) = cursor.fetchone()
        for _pk, statement, mailbox, position, submission, address in counted:
            one = self.model.asked[submission]
            assert one.agreed is not None
            assert (one.address, one.result) == (address, (statement, mailbox, position))
        assert barred == 0

    def numbers_equal_a_recount(self) -> None:
        """The stored ones, the rows' and the prediction's; by version too, and no slot is off by more than its own."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT statement_id, version_id, sum(confirmed), sum(shown), sum(removed)"
                " FROM petitions_tally GROUP BY 1, 2 HAVING sum(confirmed) + sum(shown) + sum(removed) <> 0"
            )
            stored = {row[:2]: row[2:] for row in cursor.fetchall()}
            cursor.execute("SELECT statement_id, version_id, state, show_name FROM petitions_signature")
            rows: dict[tuple[int, int], list[int]] = {}
            for statement, version, state, shows in cursor.fetchall():
                numbers = rows.setdefault((statement, version), [0, 0, 0])
                if state == "confirmed":
                    numbers[0] += 1
                    numbers[1] += 1 if shows else 0
                elif state == "anonymised":
                    numbers[0] += 1
                elif state == "removed":
                    numbers[2] += 1
        assert stored == {where: tuple(numbers) for where, numbers in rows.items() if any(numbers)}
        for place in self.model.places:
            mine = [numbers for (statement, _), numbers in stored.items() if statement == place]
            assert tuple(map(sum, zip((0, 0, 0), *mine, strict=True))) == self.model.numbers(place)

    def submissions_add_up(self) -> None:
        """Each is waiting, agreed, ended, superseded or expired, as predicted; none vanished that still waits."""
        there = {one.id: one for one in status.of([(SIGNATURE, pk) for pk in self.model.asked])}
        for pk, one in self.model.asked.items():
            stands = self.model.stands(one)
            if pk in there:
                assert (there[pk].state, there[pk].mailed_at is None) == (stands, one.mailed is None)
            else:
                assert stands in {"agreed", "ended", "superseded", "expired"}
        assert SignatureSubmission.objects.count() == len(there)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM petitions_signaturesubmission WHERE agreed_at IS NOT NULL"
                " AND (name, email, affiliation, postcode) <> ('', '', '', '')"
            )
            assert cursor.fetchone() == (0,), "agreed words live in the signature alone"

    def the_record_is_whole(self) -> None:
        assert audit.verify().holds
        assert self.errors.seen == []
