"""Ceilings hold floods and leave crowds alone: simulated with a seeded generator, then rule by rule."""

import random
from collections import Counter
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from core import addresses, roles
from mail.models import OutgoingEmail
from petitions.models import Signature, SignatureSubmission
from petitions.signatures import agreeing, ceilings, signing
from petitions.signatures.signing import State
from petitions.statements import assigning
from submissions import limits
from submissions.asking import reference_of
from submissions.models import Decision, KnownDomain
from tests.asking import people
from tests.factories import SignatureFactory, StatementFactory
from tests.staff import logged_in, superuser

pytestmark = pytest.mark.django_db
FREE = ["gmail.com", "outlook.com", "yahoo.co.uk", "icloud.com"]
UNIVERSITY = "eastside.ac.example"


class World:
    """Signers with an address, a network and a time, agreed to in the order of their times."""

    def __init__(self, statement, seed: int) -> None:
        self.statement, self.random = statement, random.Random(seed)
        self.rows: list[tuple[str, SignatureSubmission]] = []

    def ask(self, who: str, address: str, network: str, minutes_ago: float) -> None:
        at, digest = timezone.now() - timedelta(minutes=minutes_ago), self.random.randbytes(16)
        row = SignatureSubmission(
            statement=self.statement, version=self.statement.version, name="Amina", email=address, digest=digest,
            address_key=addresses.address_key(address),
            mailbox_key=addresses.mailbox_key(address), domain_key=addresses.domain_key(address), created_at=at,
            mailed_at=at, ip_key=network, reference=reference_of(digest),
        )  # fmt: skip
        self.rows.append((who, row))

    def honest(self) -> None:
        """A university behind one network, 400 an hour; thirty friends in one hall; everybody else at home."""
        for number in range(400):
            domain = self.random.choices([*FREE, UNIVERSITY, f"home-{number}.example"], [12, 12, 12, 12, 48, 4])[0]
            self.ask("university", f"person{number}@{domain}", "university", self.random.uniform(0, 59))
        for number in range(30):
            self.ask("hall", f"friend{number}@{self.random.choice(FREE)}", "hall", self.random.uniform(20, 30))
        for number in range(300):
            domain = self.random.choices([*FREE, f"own-{number % 60}.example"], [22, 22, 22, 22, 12])[0]
            self.ask("elsewhere", f"reader{number}@{domain}", f"home-{number}", self.random.uniform(0, 600))

    def attack(self) -> None:
        for number in range(300):
            self.ask("one domain", f"x{number}@flood.example", f"net-{number % 10}", self.random.uniform(0, 50))
        for number in range(200):
            self.ask("one network", f"y@bulk-{number}.example", "one network", self.random.uniform(5, 14))
        for number in range(120):
            self.ask("plus", f"drip+{number}@slow.example", "slow", self.random.uniform(60, 8000))
        for number in range(180):
            self.ask("drip", f"d{number}@catchall.example", f"slow-{number}", self.random.uniform(60, 8000))

    def agree(self) -> Counter:
        """Everybody confirms; returns how many of each were refused a place of their own."""
        SignatureSubmission.objects.bulk_create([row for _, row in self.rows])
        refused = Counter()
        for who, row in sorted(self.rows, key=lambda one: one[1].created_at):
            refused[who] += agreeing.agree(submission_id=row.pk) is None
        for _, row in self.rows:  # as if they had pressed the button when they asked
            Signature.objects.filter(submission_id=row.pk).update(confirmed_at=row.created_at)
        return +refused

    def counts(self, state: str) -> Counter:
        who = {row.pk: who for who, row in self.rows}
        found = Signature.objects.filter(statement=self.statement, state=state, submission_id__in=who)
        return Counter(who[pk] for pk in found.values_list("submission_id", flat=True))


def history(statement, domain: str, number: int, days: int) -> None:
    for one in range(number):
        SignatureFactory(
            statement=statement, email=f"old{one}@{domain}", confirmed_at=timezone.now() - timedelta(days=days)
        )


HONEST = {"university": 400, "hall": 30, "elsewhere": 300}


def test_honest_crowds_lose_nothing_and_floods_are_held(statement):
    history(StatementFactory(), UNIVERSITY, 10, 30)
    ceilings.learn()
    world = World(statement, seed=15)
    world.honest()
    world.attack()
    # Plus-addresses are one mailbox: the first counts, another spelling of it is asked to correct that one.
    assert world.agree() == {"plus": 119}
    ceilings.watch()
    held, confirmed = world.counts(State.HELD), world.counts(State.CONFIRMED)
    assert {who: confirmed[who] for who in HONEST} == HONEST
    assert {who: held[who] for who in HONEST} == dict.fromkeys(HONEST, 0)
    caught = {who: held[who] for who in ("one domain", "one network", "drip", "plus")}
    assert caught == {"one domain": 300, "one network": 140, "drip": 180, "plus": 0}
    # Of what is held everything is an attack's; of 680 forged signatures that had a place of their own 620 are held.
    precision, recall = sum(caught.values()) / sum(held.values()), sum(caught.values()) / 681
    assert (precision, round(recall, 2)) == (1.0, 0.91)
    assert people(statement)[0] == sum(confirmed.values())


def test_a_domain_that_nobody_has_seen_is_held_whole_and_released_for_good(statement):
    history(statement, "new.example", 50, 0)
    assert ceilings.watch() == 0
    history(statement, "fresh.example", 51, 0)
    assert ceilings.watch() == 51
    row = Signature.objects.filter(state=State.HELD).earliest("pk")
    assert (row.held_reason, ceilings.watch()) == ("ceiling_domain", 0)
    signing.release(signature_id=row.pk, by=User.objects.create_user("mo"))
    assert (ceilings.watch(), Signature.objects.get(pk=row.pk).state) == (0, State.CONFIRMED)
    assert set(Decision.objects.filter(makes="hold").values_list("source", flat=True)) == {"limit"}


def test_imports_and_known_domains_are_no_flood(statement):
    for number in range(60):
        SignatureFactory(statement=statement, email=f"a{number}@gmail.com")
        SignatureFactory(statement=statement, email=f"a{number}@list.example", channel="import")
    ceilings.learn()
    assert ceilings.watch() == 0


def test_beyond_the_ceiling_of_the_site_only_new_domains_wait(statement, settings):
    settings.CEILING_SITE_HOUR = 9
    ceilings.learn()
    for number in range(5):
        SignatureFactory(statement=statement, email=f"a{number}@gmail.com")
        SignatureFactory(statement=statement, email=f"a@b{number}.example")
    assert ceilings.watch() == 5
    assert set(Signature.objects.filter(state=State.HELD).values_list("held_reason", flat=True)) == {"ceiling_site"}
    assert Signature.objects.filter(state=State.CONFIRMED, domain_key=addresses.domain_key("gmail.com")).count() == 5


@pytest.mark.parametrize(("number", "days", "known"), [(10, 15, 1), (9, 15, 0), (10, 13, 0)])
def test_a_domain_is_known_once_enough_have_signed_long_enough_ago(statement, number, days, known):
    ceilings.learn()
    history(statement, "club.example", number, days)
    assert ceilings.learn() == known
    assert KnownDomain.objects.filter(domain_key=addresses.domain_key("x@club.example")).count() == known


def test_a_domain_that_floods_now_does_not_become_known(statement):
    ceilings.learn()
    history(statement, "sleeper.example", 10, 20)
    history(StatementFactory(), "sleeper.example", 151, 1)
    assert ceilings.learn() == 0


def test_home_shows_the_flood_in_red_with_the_rule_that_removes_it(statement):
    history(statement, "flood.example", 51, 0)
    other = StatementFactory()
    history(other, "flood.example", 3, 0)
    ceilings.watch()
    carol = superuser("carol")
    page = carol.get("/admin/")
    (tile,) = [one for one in page.context["tiles"] if one.tile.label == "Too many at once, held"]
    assert (tile.number, tile.light) == (54, "red")
    assert len(carol.get(tile.url).context["cl"].result_list) == 50  # a page of them
    assert "Look at these 54 at flood.example" in page.content.decode()
    roles.establish()
    mo = User.objects.create_user("mo", is_staff=True)
    mo.groups.add(*roles.Group.objects.filter(name=roles.MODERATOR))
    assigning.assign(statement=statement, user=mo)
    html = logged_in(mo).get("/admin/").content.decode()
    rule = f"/admin/petitions/rule/add/?domain=flood.example&amp;reason=Flood&amp;statement={statement.pk}"
    assert ("Look at these 51 at flood.example" in html, rule in html) == (True, True)
    form = logged_in(mo).get(rule.replace("&amp;", "&")).context["form"]
    assert (form["domain"].value(), form["statement"].value()) == ("flood.example", str(statement.pk))


def test_mail_to_new_domains_from_one_network_slows_and_known_ones_go_first(statement, settings):
    settings.CEILING_NETWORK_MAILS = 5
    ceilings.learn()
    for number in range(8):
        signing.sign(statement=statement, name="A", email=f"a{number}@new-{number}.example", ip_key="k" * 22)

    def judged() -> dict[str, str]:
        rows = list(OutgoingEmail.objects.filter(kind="signature_confirm", state="queued").order_by("pk"))
        verdicts = limits.judge(rows)
        return {row.recipient: verdicts[row.pk].outcome if row.pk in verdicts else "goes" for row in rows}

    assert set(judged().values()) == {"goes"}
    SignatureSubmission.objects.update(mailed_at=timezone.now())
    OutgoingEmail.objects.all().delete()
    for address in ("late@another.example", "late@gmail.com"):
        signing.sign(statement=statement, name="A", email=address, ip_key="k" * 22)
    signing.sign(statement=statement, name="A", email="far@away.example", ip_key="f" * 22)
    slowly = "later: many first mails to new domains from one network"
    assert judged() == {"late@another.example": slowly, "late@gmail.com": "goes", "far@away.example": "goes"}
