"""Verbs of those who speak for organisations. Those of whoever decides about them stand in moderators.py."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from organisations import endorsing
from organisations.models import Endorsement, EndorsementSubmission
from submissions import status
from tests.walks.model import CODE_TRIES, WRONG_A_DAY, address_of, mailbox_of
from tests.walks.signatures import ADDRESS, PICK
from tests.walks.world import Letter, Walk

ENDORSEMENT = 2  # its number in links
ROLE, HOW, AGREED_DAYS_AGO = "Secretary", "committee", 3
NAMES = st.sampled_from(["Lantern Union", "lantern union", "Mill Tenants", "Weavers' Club"])
SAYS = st.fixed_dictionaries(
    {
        "contact_name": st.sampled_from(["Winsome Nembhard", "Bo <b>Li</b>"]),
        "publish_contact": st.booleans(),
        "message": st.sampled_from(["", "We need it.", "Three of us meet there."]),
    }
)


def key_of(name: str) -> str:
    """What the spellings of one name here share."""
    return name.lower()


@dataclass
class Offer:
    """A submission: what a representative typed."""

    id: int
    place: int
    typed: str
    name: str
    says: dict[str, Any]
    version: int
    created: float
    waits_at: str
    mailed: float | None = None
    code: str = ""
    tries: int = 0
    agreed: float | None = None
    ended: float | None = None
    unless_signed: bool = False
    seen: int = 0  # which version the form said was on the screen; equal posts name the same one

    @property
    def who(self) -> tuple[int, str, str]:
        return self.place, address_of(self.typed), key_of(self.name)

    @property
    def said(self) -> tuple:
        return *self.who, self.name, self.seen, tuple(sorted(self.says.items()))


@dataclass
class Stand:
    """How an endorsement stands, and what visitors read of it."""

    state: str
    organisation: int | None = None
    message: str = ""
    contact: str = ""
    listed: float | None = None
    edited: int = 0  # which of the representative's edits nobody has looked at


@dataclass
class Behind:
    """An endorsement: what its representative agreed to last, and how it stands."""

    pk: int
    name: str
    says: dict[str, Any]
    version: int
    submission: int
    agreed: float
    stand: Stand
    initial: bool = False
    was: Stand | None = None
    renamed: tuple[int, str, str] | None = None  # by the last approval: the organisation, its name before and after

    @property
    def contact(self) -> str:
        return f"{self.says['contact_name']}, {ROLE}" if self.says["publish_contact"] else ""

    @property
    def to_check(self) -> bool:
        return self.stand.state == "waiting" or (self.stand.state == "listed" and self.stand.edited > 0)

    @property
    def edition(self) -> tuple[int, int]:
        return self.submission, self.stand.edited

    def silence(self) -> None:
        """What the representative takes away is gone at once."""
        self.stand.contact = self.stand.contact if self.says["publish_contact"] else ""
        self.stand.message = self.stand.message if self.says["message"] else ""


class Endorsing(Walk):
    """Ask, agree, disown, revise, withdraw; approve, decline, ask, undo, put first, merge."""

    def begin(self) -> None:
        super().begin()
        self.offers: dict[int, Offer] = {}
        self.behind: dict[tuple[int, str, str], Behind] = {}
        self.names: dict[int, str] = {}  # of the organisations that there are
        self.edits = 0

    def pass_time(self, seconds: int) -> None:
        super().pass_time(seconds)
        by = timedelta(seconds=seconds)
        times = ("created_at", "confirmed_at", "agreed_at", "changed_at", "asked_at", "listed_at", "decided_at")
        kept = "".join(
            f", '{{row,{name}}}', coalesce(to_jsonb((was->'row'->>'{name}')::timestamptz - %(by)s), 'null'))"
            for name in ("changed_at", "listed_at", "decided_at")
        )
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE organisations_endorsement SET {', '.join(f'{name} = {name} - %(by)s' for name in times)},"
                f" was = jsonb_set(jsonb_set(jsonb_set(was{kept}",
                {"by": by},
            )

    @rule(pick=PICK, typed=ADDRESS, name=NAMES, says=SAYS, seen=st.integers(0, 3))
    def an_organisation_asks(self, pick: int, typed: str, name: str, says: dict[str, Any], seen: int) -> None:
        self.tick()
        place = self.place(pick)
        sent = {key: "on" if value is True else value for key, value in says.items() if value is not False}
        on = timezone.localdate() - timedelta(days=AGREED_DAYS_AGO)
        answer = self.client.post(
            f"/statements/{self.statement(place).slug}/endorse/form/",
            {
                **sent, "organisation": name, "kind": "union_branch", "town": "Eastside", "contact_role": ROLE,
                "contact_email": typed, "agreed_how": HOW, "agreed_on": on.isoformat(), "version": str(seen),
                "email_choice": "keep",
            },
        )  # fmt: skip
        if place.hidden or place.closed is not None:
            assert answer.status_code == (410 if place.hidden else 409)
            return
        assert answer.status_code == 303
        pk = EndorsementSubmission.objects.latest("pk").pk
        version = seen if 1 <= seen <= place.version else place.version
        self.offers[pk] = Offer(pk, place.id, typed, name, says, version, self.model.now, answer["Location"], seen=seen)

    @property
    def endorsing_letters(self) -> list[Letter]:
        return [letter for letter in self.letters if self._of_kind(letter, ENDORSEMENT)]

    def _keep(self, message: Any) -> None:
        before = len(self.letters)
        super()._keep(message)
        for letter in self.letters[before:]:
            for pair, code in zip(letter.lists, letter.codes, strict=True):
                if pair[0] == ENDORSEMENT:
                    offer = self.offers[pair[1]]
                    assert address_of(offer.typed) == address_of(letter.to)
                    offer.code = code
                    offer.mailed = self.model.now if offer.mailed is None else offer.mailed

    def _see_what_was_mailed(self) -> None:
        super()._see_what_was_mailed()
        for pk in EndorsementSubmission.objects.filter(mailed_at__isnull=False).values_list("pk", flat=True):
            offer = self.offers[pk]
            if offer.mailed is None:
                offer.code = next(one.code for one in self.offers.values() if one.said == offer.said and one.code)
                offer.mailed = self.model.now

    def _stands(self, offer: Offer) -> str:
        """Where it stands: as for a signature, but what supersedes it is the same organisation's newer answer."""
        behind = self.behind.get(offer.who)
        superseded = behind and behind.stand.state != "withdrawn" and behind.agreed >= offer.created
        if offer.agreed is None and offer.ended is None and superseded:
            return "superseded"
        return self.model.stands_alone(offer)

    def _block(self, offer: Offer) -> dict[str, str]:
        on, yes = timezone.localdate() - timedelta(days=AGREED_DAYS_AGO), {True: "Yes", False: "No"}
        rows = {
            "Organisation or branch": offer.name, "Type": "Union branch", "Town or area": "Eastside",
            "Website": "None", "Your name": offer.says["contact_name"], "Your role": ROLE,
            "How it was agreed": "The committee", "Date agreed": f"{on.day} {on:%B %Y}",
            "Your name and role are public": yes[offer.says["publish_contact"]],
            "Message of support": offer.says["message"] or "None", "Logo": "None",
        }  # fmt: skip
        several = self.model.places[offer.place].version > 1
        return rows | ({"Version of the text": str(offer.version)} if several else {})

    @precondition(lambda self: self.endorsing_letters)
    @rule(pick=PICK, which=PICK)
    def agrees_to_an_endorsement(self, pick: int, which: int) -> None:
        """What the page shows is what was typed, and agreeing records just that."""
        self.tick()
        letter = self.endorsing_letters[-1 - pick % len(self.endorsing_letters)]
        pairs = self._of_kind(letter, ENDORSEMENT)
        offer = self.offers[pairs[which % len(pairs)][1]]
        value, stands = f"{ENDORSEMENT}.{offer.id:x}", self._stands(offer)
        if stands == "waiting":
            block = self.page(letter.link)[value]
            assert (block.rows, len(block.buttons)) == (self._block(offer), 1)
        answer = self.client.post(letter.link, {"agree": value})
        assert (answer.status_code == 303) is (stands == "waiting")
        if stands == "waiting":
            self._agreed_to(offer)
            assert self.client.get(answer["Location"]).status_code in {200, 303}

    def _agreed_to(self, offer: Offer) -> None:
        behind = self.behind.get(offer.who)
        if behind is None:
            pk = Endorsement.objects.latest("pk").pk
            behind = Behind(pk, "", {}, 0, 0, 0, Stand("waiting"))
            self.behind[offer.who] = behind
        elif behind.stand.state in {"declined", "withdrawn"}:
            behind.stand.state, behind.was = "waiting", None
        elif behind.stand.state == "listed":
            behind.stand.edited = self._edit()
        behind.name, behind.says, behind.version = offer.name, dict(offer.says), offer.version
        behind.submission, behind.agreed, offer.agreed = offer.id, self.model.now, self.model.now
        behind.silence()
        self.model.letters[mailbox_of(offer.typed)] = []

    def _edit(self) -> int:
        self.edits += 1
        return self.edits

    @precondition(lambda self: self.offers)
    @rule(pick=PICK, right=st.booleans())
    def types_a_representatives_code(self, pick: int, right: bool) -> None:
        self.tick()
        offer = list(self.offers.values())[-1 - pick % len(self.offers)]
        mailbox, stands = mailbox_of(offer.typed), self._stands(offer)
        if self.wrong.get(mailbox, 0) >= WRONG_A_DAY or (right and not offer.code):
            return
        code = offer.code if right else ("000 000" if offer.code != "000 000" else "111111")
        answer = self.client.post(offer.waits_at, {"action": "code", "code": code})
        if self.model.places[offer.place].hidden:
            assert answer.status_code == 410
            return
        there = EndorsementSubmission.objects.filter(pk=offer.id).exists()
        usable = there and offer.mailed is not None and offer.tries < CODE_TRIES
        offer.tries += usable
        if not (right and usable):
            self.wrong[mailbox] = self.wrong.get(mailbox, 0) + there
            assert answer.status_code == 422
        elif stands == "waiting":
            self._agreed_to(offer)
            assert "/thanks/" in answer["Location"]
        else:
            assert "/confirm/" in answer["Location"], "the truth is on the page that confirms"

    @precondition(lambda self: self.endorsing_letters)
    @rule(pick=PICK, which=PICK)
    def disowns_an_endorsement(self, pick: int, which: int) -> None:
        self.tick()
        letter = self.endorsing_letters[-1 - pick % len(self.endorsing_letters)]
        pairs = self._of_kind(letter, ENDORSEMENT)
        offer = self.offers[pairs[which % len(pairs)][1]]
        assert self.client.post(letter.link, {"disown": f"{ENDORSEMENT}.{offer.id:x}"}).status_code in {200, 404}
        if offer.agreed is None and offer.ended is None and EndorsementSubmission.objects.filter(pk=offer.id).exists():
            offer.ended = self.model.now

    def _one(self, pick: int) -> Behind:
        return list(self.behind.values())[pick % len(self.behind)]

    @precondition(lambda self: self.behind)
    @rule(pick=PICK, says=SAYS, withdraws=st.sampled_from([False, False, True]))
    def a_representative_thinks_again(self, pick: int, says: dict[str, Any], withdraws: bool) -> None:
        self.tick()
        behind = self._one(pick)
        verb, more = (endorsing.withdraw, {}) if withdraws else (endorsing.revise, says)
        refused = self.refused(verb, endorsing.NotThere, endorsement_id=behind.pk, **more)
        assert refused is (behind.stand.state not in {"waiting", "listed"})
        if refused:
            return
        if withdraws:
            behind.stand, behind.was = Stand("withdrawn", behind.stand.organisation), None
        else:
            behind.says, behind.stand.edited = dict(says), self._edit()
            behind.silence()

    def kinds_hold(self) -> None:
        super().kinds_hold()
        self.endorsements_are_as_predicted()
        self.offers_add_up()

    def endorsements_are_as_predicted(self) -> None:
        """The words agreed to, those that visitors read, and the stored number of who is listed, by a new count."""
        with connection.cursor() as cursor:
            cursor.execute(
                """SELECT e.id, e.name, e.contact_name, e.publish_contact, e.message, v.number, e.submission_id,
                    e.is_initial, e.state, e.organisation_id, e.public_message, e.public_contact,
                    e.listed_at IS NOT NULL, e.changed_at IS NOT NULL
                FROM organisations_endorsement e JOIN petitions_version v ON v.id = e.version_id"""
            )
            found = {pk: tuple(rest) for pk, *rest in cursor.fetchall()}
            # Ten minutes after it was withdrawn a chore may delete it.
            gone = [who for who, one in self.behind.items() if one.pk not in found and one.stand.state == "withdrawn"]
            for who in gone:
                del self.behind[who]
            cursor.execute("SELECT id, organisations FROM petitions_statement")
            numbers = dict(cursor.fetchall())
        expected, listed = {}, dict.fromkeys(self.model.places, 0)
        for (place, _, _), one in self.behind.items():
            stand = one.stand
            expected[one.pk] = (
                one.name, one.says["contact_name"], one.says["publish_contact"], one.says["message"], one.version,
                one.submission, one.initial, stand.state, stand.organisation, stand.message, stand.contact,
                stand.listed is not None, stand.edited > 0,
            )  # fmt: skip
            listed[place] += stand.state == "listed"
        assert found == expected
        assert numbers == listed

    def offers_add_up(self) -> None:
        """Each is waiting, agreed, ended, superseded or expired, as predicted; none vanished that still waits."""
        there = {one.id: one for one in status.of([(ENDORSEMENT, pk) for pk in self.offers])}
        for pk, offer in self.offers.items():
            stands = self._stands(offer)
            if pk in there:
                assert (there[pk].state, there[pk].mailed_at is None) == (stands, offer.mailed is None)
            else:
                assert stands in {"agreed", "ended", "superseded", "expired"}
        assert EndorsementSubmission.objects.count() == len(there)
        emptied = EndorsementSubmission.objects.filter(agreed_at__isnull=False)
        kept = emptied.exclude(name="", email="", contact_name="", message="", publish_contact=False)
        assert kept.count() == 0, "agreed words live in the endorsement alone"
