"""Verbs of staff, of rules, imports and the clock."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from core import chores
from petitions.signatures import importers, rules, signing, undo
from petitions.signatures.models import Rule
from petitions.statements import publishing
from tests.walks.model import DAY, Signed, Who, address_of, mailbox_of
from tests.walks.signatures import ADDRESS, PICK, WORDS, Signing
from tests.walks.world import Walk

DOMAIN = "mill.example"
SPANS = st.sampled_from([11, 127, 661, 3607, 26003, 90001, 691201])


class Running(Walk):
    """Correct, close, reopen, hide, show; the clock and its chores."""

    @rule(pick=PICK)
    def corrects(self, pick: int) -> None:
        self.tick()
        place = self.place(pick)
        publishing.correct(
            statement=self.statement(place), body=f"<p>We ask for {place.version + 1} libraries.</p>", note="A slip.",
            by=self.staff,
        )  # fmt: skip
        place.version += 1

    @rule(
        pick=PICK,
        verb=st.sampled_from(["close", "reopen", "reopen", "reopen", "hide", "unhide", "unhide", "unhide", "unhide"]),
    )
    def opens_and_shuts(self, pick: int, verb: str) -> None:
        self.tick()
        place = self.place(pick)
        done = {
            "close": place.closed is not None, "reopen": place.closed is None,
            "hide": place.hidden, "unhide": not place.hidden,
        }[verb]  # fmt: skip
        more = {"reason": "A complaint"} if verb == "hide" else {}
        refused = self.refused(
            getattr(publishing, verb), publishing.AlreadyDone, statement=self.statement(place), by=self.staff, **more
        )
        assert refused is done
        if not refused:
            place.closed = {"close": self.model.now, "reopen": None}.get(verb, place.closed)
            place.hidden = {"hide": True, "unhide": False}.get(verb, place.hidden)

    @rule(seconds=SPANS, chore=st.booleans())
    def time_passes(self, seconds: int, chore: bool) -> None:
        self.pass_time(seconds)
        if seconds > DAY:
            self.wrong.clear()
        if chore:
            self.chores()

    @rule()
    def chores(self) -> None:
        self.tick()
        chores.run_all()
        self.chores_ran()

    def chores_ran(self) -> None:
        """What a kind makes of it."""
        self.model.forget()


class Deciding(Signing):
    """Hold, release, remove, restore, and undo of the last of them."""

    def begin(self) -> None:
        super().begin()
        self.last: tuple[Who, str, dict[str, Any], dict[str, Any], int] | None = None

    @precondition(lambda self: self.model.signed)
    @rule(pick=PICK, verb=st.sampled_from(["hold", "release", "remove", "restore"]))
    def decides(self, pick: int, verb: str) -> None:
        self.tick()
        who = list(self.model.signed)[pick % len(self.model.signed)]
        row, more = self.row(who), {"reason": "Looks odd"} if verb in {"hold", "remove"} else {}
        was = undo.snapshot(row)
        refused = self.refused(getattr(signing, verb), signing.NotThere, signature_id=row.pk, by=self.staff, **more)
        assert refused is not self.model.decide(who, verb)
        if not refused:
            self.last = who, verb, was, undo.snapshot(row), row.pk

    @precondition(lambda self: self.last and self.last[0] in self.model.signed)
    @rule()
    def undoes(self) -> None:
        self.tick()
        who, verb, was, left, pk = self.last
        row = self.row(who)
        if row.pk != pk:  # gone, and somebody came anew
            return
        stands = undo.snapshot(row)
        refused = self.refused(undo.undo_last, undo.DecidedSince, signature=row, was=was, left=left, by=self.staff)
        assert refused is (stands != left)
        if not refused:
            self._turn_back(who, verb)
            self.last = None

    def _turn_back(self, who: Who, verb: str) -> None:
        mine = [bar for bar in self.model.bars if bar.who == who]
        if verb in {"hold", "remove"}:
            [bar for bar in mine if bar.makes == verb][-1].live = False
        else:
            self.model.bar(who, {"release": "hold", "restore": "remove"}[verb])
        self.model.look(who)


class Ruling(Signing):
    """Start, run, stop and undo a rule that removes many at once."""

    def begin(self) -> None:
        super().begin()
        self.rules: dict[int, tuple[str, int | None, int]] = {}  # its state, its statement, the last row it looks at

    @rule(pick=PICK, everywhere=st.booleans())
    def starts_a_rule(self, pick: int, everywhere: bool) -> None:
        self.tick()
        place = None if everywhere else self.statement(self.place(pick))
        made = rules.start(rule=Rule(statement=place, domain=DOMAIN, reason="Invented"), by=self.staff)
        self.rules[made.pk] = "running", place and place.pk, made.last

    @precondition(lambda self: self.rules)
    @rule(pick=PICK, verb=st.sampled_from(["cancel", "undo", "undo"]))
    def stops_or_undoes_a_rule(self, pick: int, verb: str) -> None:
        self.tick()
        pk = list(self.rules)[pick % len(self.rules)]
        state, *rest = self.rules[pk]
        refused = self.refused(getattr(rules, verb), rules.NotNow, rule=Rule.objects.get(pk=pk), by=self.staff)
        assert refused is (state not in {"cancel": {"running"}, "undo": {"done", "cancelled"}}[verb])
        if not refused:
            self.rules[pk] = {"cancel": "cancelled", "undo": "undoing"}[verb], *rest

    @rule()
    def rules_run(self) -> None:
        self.tick()
        while rules.run_batch():
            pass
        self._rules_ran()

    def _rules_ran(self) -> None:
        for pk, (state, place, last) in self.rules.items():
            if state == "running":
                self._rule_removes(pk, place, last)
            elif state == "undoing":
                for bar in [bar for bar in self.model.bars if bar.rule == pk and bar.live]:
                    bar.live = False
                    self.model.look(bar.who)
            self.rules[pk] = {"running": "done", "undoing": "undone"}.get(state, state), place, last

    def _rule_removes(self, pk: int, place: int | None, last: int) -> None:
        for who, signed in self.model.signed.items():
            mine = who[1].endswith("@" + DOMAIN) and place in (None, who[0]) and self.row(who).pk <= last
            if mine and signed.state in {"confirmed", "held"}:
                self.model.bar(who, "remove", pk)
                self.model.look(who)


def brought_in(typed: str, at: datetime, words: dict[str, Any]) -> importers.Row:
    """What somebody said elsewhere, as an import has it."""
    answers = {name: words[name] for name in ("affiliation", "postcode")}
    rest = {name: said for name, said in words.items() if name not in answers}
    return importers.Row(email=typed, signed_at=at, answers=answers, **rest)


class Publishing(Ruling, Running):
    """What is published and what becomes of it, for those who sign: the rules run with the chores; imports."""

    def chores_ran(self) -> None:
        self.rules_run()
        super().chores_ran()

    @rule(pick=PICK, rows=st.lists(st.tuples(ADDRESS, WORDS), min_size=1, max_size=2))
    def imports(self, pick: int, rows: list[tuple[str, dict[str, Any]]]) -> None:
        self.tick()
        place = self.place(pick)
        at = timezone.now() - timedelta(days=1)
        new = importers.load(
            statement=self.statement(place),
            rows=[brought_in(typed, at, words) for typed, words in rows],
        )
        counted = 0
        for typed, words in rows:
            mailbox, address = mailbox_of(typed), address_of(typed)
            who = place.id, mailbox, 1
            if who not in self.model.signed and who not in self.model.left:
                state = self.model.by_decisions(who)
                counted += state == "confirmed"
                self.model.signed[who] = Signed(address, words, place.version, state, self.model.now - DAY)
        assert new == counted
