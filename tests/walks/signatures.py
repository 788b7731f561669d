"""Verbs of people who sign: asking, agreeing, disowning, changing their mind."""

from typing import Any

from django.conf import settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from core.addresses import mailbox_key
from petitions.models import SignatureSubmission
from petitions.signatures import signing, thanking
from tests.walks.model import CODE_TRIES, MAILBOXES, SPELLINGS, WRONG_A_DAY, Asked, Place, mailbox_of
from tests.walks.world import SIGNATURE, Letter, Walk

PICK = st.integers(0, 30)
NAMES = st.sampled_from(["Amina Yusuf", "amina yusuf", "Bo <b>Li</b>", "Cy O’Hara"])
WORDS = st.fixed_dictionaries(
    {
        "name": NAMES,
        "show_name": st.booleans(),
        "email_updates": st.booleans(),
        "affiliation": st.sampled_from(["", "Nurse"]),
        "postcode": st.sampled_from(["", "E1 4QY"]),
    }
)
ADDRESS = st.sampled_from(SPELLINGS)


class Signing(Walk):
    """Ask, agree, disown, stop and start mail, withdraw, choose."""

    def begin(self) -> None:
        super().begin()
        self.own_pages: dict[str, str] = {}

    def _asked(self, place: Place, typed: str, words: dict[str, Any], pk: int, seen: int, **more: Any) -> Asked:
        version = seen if 1 <= seen <= place.version else place.version
        one = Asked(pk, place.id, typed, words, version, self.model.now, **more)
        self.model.asked[pk] = one
        return one

    def _takes(self, place: Place) -> bool:
        return not place.hidden and place.closed is None

    @rule(pick=PICK, typed=ADDRESS, words=WORDS, seen=st.integers(0, 3))
    def asks_on_the_page(self, pick: int, typed: str, words: dict[str, Any], seen: int) -> None:
        self.tick()
        place = self.place(pick)
        statement = self.statement(place)
        sent = {name: "on" if value is True else value for name, value in words.items() if value is not False}
        answer = self.client.post(
            f"/statements/{statement.slug}/sign/",
            {**sent, "email": typed, "version": str(seen), "email_choice": "keep"},
        )
        if place.hidden:
            assert answer.status_code == 410
        elif place.closed is not None:
            assert answer.status_code == 409
        else:
            assert answer.status_code == 303
            if not place.asks:
                words = {**words, "affiliation": "", "postcode": ""}
            row = SignatureSubmission.objects.latest("pk")
            waits_at = answer["Location"]
            self._asked(place, typed, words, row.pk, seen, signals=row.signals, network="web", waits_at=waits_at)

    @rule(
        pick=PICK, typed=ADDRESS, words=WORDS, unless=st.booleans(),
        signals=st.sampled_from(["", "", "", "honeypot", "honeypot too_fast"]),
        network=st.sampled_from(["", "", "hall"]),
    )  # fmt: skip
    def asks(self, pick: int, typed: str, words: dict[str, Any], unless: bool, signals: str, network: str) -> None:
        self.tick()
        place = self.place(pick)
        try:
            asked = signing.sign(
                statement=self.statement(place),
                email=typed,
                unless_signed=unless,
                signals=signals,
                ip_key=network,
                **words,
            )
        except signing.StatementClosed:
            assert not self._takes(place)
            return
        assert self._takes(place)
        more = {"unless_signed": unless, "signals": signals, "network": network}
        self._asked(place, typed, words, asked.submission_id, 0, **more)

    @rule(pick=PICK, typed=ADDRESS, words=WORDS, choice=st.integers(0, 1), flagged=st.booleans())
    def signs(self, pick: int, typed: str, words: dict[str, Any], choice: int, flagged: bool) -> None:
        """As most people do it: ask, read the mail, press."""
        signals, before = "honeypot" if flagged and choice else "", len(self.signing_letters)
        self.asks(pick=pick, typed=typed, words=words, unless=False, signals=signals, network="")
        self.pass_time(11)
        self.turn()
        if len(self.signing_letters) > before:
            self.agrees_by_link(pick=0, which=-1, choice=choice, stale=False)

    @rule(pick=PICK, typed=ADDRESS, words=WORDS, seen=st.integers(0, 3))
    def signs_by_code(self, pick: int, typed: str, words: dict[str, Any], seen: int) -> None:
        """As others do it: ask on the page, read the mail, type its code."""
        self.asks_on_the_page(pick=pick, typed=typed, words=words, seen=seen)
        self.pass_time(11)
        self.turn()
        if self.signing_letters and any(one.waits_at for one in self.model.asked.values()):
            self.types_a_code(pick=0, right=True)

    @property
    def signing_letters(self) -> list[Letter]:
        return [letter for letter in self.letters if self._of_kind(letter)]

    def _letter(self, pick: int) -> Letter:
        return self.signing_letters[-1 - pick % len(self.signing_letters)]

    def _open_letter(self, pick: int) -> Letter:
        """One of the letters that still have something to agree to, if there are any."""
        waiting = [letter for letter in self.signing_letters if any(
            self.model.stands(self.model.asked[pk]) == "waiting" for number, pk in letter.lists if number == SIGNATURE
        )]  # fmt: skip
        return waiting[-1 - pick % len(waiting)] if waiting else self._letter(pick)

    def _shown(self, one: Asked) -> dict[str, str]:
        words, asks = one.words, self.model.places[one.place].asks
        yes = {True: "Yes", False: "No"}
        shown = {"Name": words["name"]}
        if asks:
            shown |= {"Organisation or job": words["affiliation"] or "None", "In a personal capacity": "No"}
            shown |= {"Postcode": words["postcode"] or "None"}
        news = f"Yes, from {settings.SITE_NAME}" if words["email_updates"] else "No"
        shown |= {"On the public list": yes[words["show_name"]], "News by email": news}
        several = self.model.places[one.place].version > 1
        return shown | ({"Version of the text": str(one.version)} if several else {})

    def _read(self, letter: Letter) -> dict[int, list[str]]:
        """Open the link: all that it shows is what was typed, and its buttons are those it ought to have."""
        found = self.page(letter.link)
        buttons = {}
        for number, pk in letter.lists:
            if number != SIGNATURE or pk not in self.model.asked:
                continue
            one, block = self.model.asked[pk], found.get(f"{number}.{pk:x}")
            if block is None:
                assert self.model.stands(one) in {"agreed", "ended", "superseded", "expired"}
            elif self.model.stands(one) == "waiting":
                assert block.rows == self._shown(one)
                assert len(block.buttons) == len(self.model.choices(one))
                buttons[pk] = block.buttons
            else:
                assert block.buttons == []
        return buttons

    @precondition(lambda self: self.signing_letters)
    @rule(pick=PICK)
    def reads(self, pick: int) -> None:
        self._read(self._letter(pick))

    @precondition(lambda self: self.signing_letters)
    @rule(pick=PICK, which=PICK, choice=st.integers(0, 1), stale=st.booleans())
    def agrees_by_link(self, pick: int, which: int, choice: int, stale: bool) -> None:
        """Press a button that the page has, or (`stale`) one that it may have had."""
        self.tick()
        letter = self._letter(pick) if stale else self._open_letter(pick)
        buttons = self._read(letter)
        number, pk = self._of_kind(letter)[which % len(self._of_kind(letter))]
        one = self.model.asked[pk]
        if pk in buttons and buttons[pk] and not stale:
            value = buttons[pk][choice % len(buttons[pk])]
            position = list(self.model.choices(one))[choice % len(buttons[pk])]
        else:
            value, position = f"{number}.{pk:x}" + (".second" if choice else ""), 2 if choice else 1
        answer = self.client.post(letter.link, {"agree": value})
        state = self._agreed(one, position)
        if state is None:
            assert answer.status_code in {200, 409}
        else:
            assert answer.status_code == 303
            assert self.client.get(answer["Location"]).status_code in {200, 410}

    def _agreed(self, one: Asked, position: int) -> str | None:
        return self.model.agree(one, position)

    @precondition(lambda self: any(one.waits_at for one in self.model.asked.values()))
    @rule(pick=PICK, right=st.booleans())
    def types_a_code(self, pick: int, right: bool) -> None:
        self.tick()
        asked = [one for one in self.model.asked.values() if one.waits_at]
        one = asked[-1 - pick % len(asked)]
        if self.wrong.get(one.mailbox, 0) >= WRONG_A_DAY or (right and not one.code):
            return
        code = one.code if right else ("000 000" if one.code != "000 000" else "111111")
        answer = self.client.post(one.waits_at, {"action": "code", "code": code})
        if self.model.places[one.place].hidden:
            assert answer.status_code == 410
            return
        if not SignatureSubmission.objects.filter(pk=one.id).exists():
            assert (answer.status_code, "no longer here" in answer.content.decode()) == (422, True)
            return
        usable = one.mailed is not None and one.tries < CODE_TRIES
        one.tries += usable
        if not (right and usable):
            self.wrong[one.mailbox] = self.wrong.get(one.mailbox, 0) + 1
            assert answer.status_code == 422
            return
        assert answer.status_code == 303
        if self.model.people(one.place, one.mailbox) or self._agreed(one, 1) is None:
            assert answer["Location"].partition("/confirm/")[1], "the truth is on the page that confirms"

    @precondition(lambda self: any(one.waits_at for one in self.model.asked.values()))
    @rule(pick=PICK, poll=st.booleans())
    def looks_at_the_waiting_page(self, pick: int, poll: bool) -> None:
        asked = [one for one in self.model.asked.values() if one.waits_at]
        one = asked[-1 - pick % len(asked)]
        answer = self.client.get(one.waits_at, headers={"accept": "application/json"} if poll else {})
        if self.model.places[one.place].hidden:
            assert answer.status_code == 410
        elif poll:
            assert (answer.json()["next"] is not None) <= (one.agreed is not None)
        else:
            assert answer.status_code == 200 or (answer.status_code == 303 and one.agreed is not None)

    @precondition(lambda self: any(one.waits_at for one in self.model.asked.values()))
    @rule(pick=PICK)
    def asks_for_the_mail_again(self, pick: int) -> None:
        self.tick()
        asked = [one for one in self.model.asked.values() if one.waits_at]
        answer = self.client.post(asked[-1 - pick % len(asked)].waits_at, {"action": "resend"})
        assert answer.status_code in {200, 303, 410}

    @precondition(lambda self: self.signing_letters)
    @rule(pick=PICK, which=PICK)
    def disowns(self, pick: int, which: int) -> None:
        self.tick()
        letter = self._letter(pick)
        number, pk = self._of_kind(letter)[which % len(self._of_kind(letter))]
        assert self.client.post(letter.link, {"disown": f"{number}.{pk:x}"}).status_code in {200, 404}
        one = self.model.asked[pk]
        if one.agreed is None and one.ended is None and SignatureSubmission.objects.filter(pk=pk).exists():
            one.ended = self.model.now

    @precondition(lambda self: self.signing_letters)
    @rule(pick=PICK)
    def stops_mail(self, pick: int) -> None:
        self.tick()
        letter = self._letter(pick)
        answer = self.client.post(letter.link, {"stop": "1"})
        if answer.status_code == 200:
            self.model.silent.add(mailbox_of(letter.to))

    @precondition(lambda self: self.model.silent)
    @rule(pick=PICK)
    def starts_mail_again(self, pick: int) -> None:
        """Ask for the own page, which a mail leads to once in thirty days; the press lifts, the mail does not."""
        self.tick()
        mailbox = sorted(self.model.silent)[pick % len(self.model.silent)]
        typed = next(typed for typed, (own, _) in MAILBOXES.items() if own == mailbox)
        assert self.client.post("/mine/", {"email": typed, "email_choice": "keep"}).status_code == 200
        for message in self.turn():
            if "/manage/" in message.body and mailbox_of(message.to[0]) == mailbox:
                self.own_pages[mailbox] = "/manage/" + message.body.partition("/manage/")[2].split()[0]
        if page := self.own_pages.get(mailbox):
            assert self.client.get(page).status_code == 200
            self.worker_sends(times=1)
            assert self.client.post(page, {"act": "start"}).status_code == 200
            self.model.silent.discard(mailbox)

    @precondition(lambda self: self.model.signed)
    @rule(pick=PICK, action=st.sampled_from(["withdraw", "withdraw", "show", "hide", "updates_on", "updates_off"]))
    def changes_their_mind(self, pick: int, action: str) -> None:
        self.tick()
        who = list(self.model.signed)[pick % len(self.model.signed)]
        signed = self.model.signed[who]
        row = self.row(who)
        assert self.client.post(thanking.manage_url(row), {"action": action}).status_code == 200
        if signed.state not in {"confirmed", "held"}:
            return
        if action == "withdraw":
            signed.state, signed.withdrawn = "withdrawn", self.model.now
        else:
            name, value = {
                "show": ("show_name", True),
                "hide": ("show_name", False),
                "updates_on": ("email_updates", True),
                "updates_off": ("email_updates", False),
            }[action]
            signed.words = {**signed.words, name: value}

    def row(self, who: tuple[int, str, int]) -> Any:
        """The signature of somebody in the model."""
        statement, mailbox, position = who
        return self.statement(self.model.places[statement]).signatures.get(
            mailbox_key=mailbox_key(mailbox), mailbox_position=position
        )
