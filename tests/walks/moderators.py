"""Verbs of those who decide which organisations stand on a list, and of those who make two of them one."""

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from organisations import deciding, directory
from organisations.models import Endorsement, Organisation
from tests.walks.organisations import NAMES, SAYS, Behind, Endorsing, Stand, key_of
from tests.walks.signatures import ADDRESS, PICK


class Judging(Endorsing):
    """Approve, decline with a reason, ask, undo, put first, merge."""

    def begin(self) -> None:
        super().begin()
        self.looked: dict[int, tuple[str, dict[str, Any], tuple[int, int]]] = {}  # what a moderator has on the screen
        self.let_in: dict[int, set[tuple[str, str]]] = {}  # endorsements: messages and names that somebody approved

    def pass_time(self, seconds: int) -> None:
        super().pass_time(seconds)
        self.looked.clear()  # the clock of a walk changes the times that editions are made of

    @rule(pick=PICK, typed=ADDRESS, name=NAMES, says=SAYS, approve=st.booleans())
    def an_organisation_endorses(self, pick: int, typed: str, name: str, says: dict[str, Any], approve: bool) -> None:
        """As most do it: ask, read the mail, press; then somebody looks at it."""
        before = len(self.endorsing_letters)
        self.an_organisation_asks(pick=pick, typed=typed, name=name, says=says, seen=0)
        self.pass_time(11)
        self.turn()
        if len(self.endorsing_letters) > before:
            self.agrees_to_an_endorsement(pick=0, which=-1)
            if approve and self.behind:
                agreed = [one.agreed for one in self.behind.values()]
                self.a_moderator_approves(pick=agreed.index(max(agreed)), stale=False)

    @precondition(lambda self: self.behind)
    @rule(pick=PICK, says=SAYS)
    def a_representative_sends_it_anew(self, pick: int, says: dict[str, Any]) -> None:
        """With other words: those that were approved stay public until somebody has looked."""
        offer = self.offers[self._one(pick).submission]
        place = list(self.model.places).index(offer.place)
        self.an_organisation_endorses(pick=place, typed=offer.typed, name=offer.name, says=says, approve=False)

    @precondition(lambda self: self.behind)
    @rule(pick=PICK)
    def a_moderator_opens_one(self, pick: int) -> None:
        behind = self._one(pick)
        edition = Endorsement.objects.get(pk=behind.pk).edition
        self.looked[behind.pk] = edition, dict(behind.says), behind.edition

    @precondition(lambda self: self.behind)
    @rule(pick=PICK, stale=st.booleans())
    def a_moderator_approves(self, pick: int, stale: bool) -> None:
        self._decide(self._one(pick), "approve", stale)

    @precondition(lambda self: self.behind)
    @rule(pick=PICK, stale=st.booleans())
    def a_moderator_declines(self, pick: int, stale: bool) -> None:
        self._decide(self._one(pick), "decline", stale, reason="We do not know this branch")

    @precondition(lambda self: self.behind)
    @rule(pick=PICK)
    def a_moderator_asks(self, pick: int) -> None:
        self._decide(self._one(pick), "ask", question="Which branch is it?")

    @precondition(lambda self: self.behind)
    @rule(pick=PICK)
    def a_moderator_undoes(self, pick: int) -> None:
        decided = [one for one in self.behind.values() if one.was] or list(self.behind.values())
        self._decide(decided[pick % len(decided)], "undo")

    def _decide(self, behind: Behind, verb: str, stale: bool = False, **more: str) -> None:
        """Decide about what is there, or (`stale`) about what was on the screen a while ago."""
        self.tick()
        edition, says = behind.edition, behind.says
        if stale and behind.pk in self.looked:
            more["seen"], says, edition = self.looked[behind.pk]
        row = Endorsement.objects.get(pk=behind.pk)
        refused = self.refused(getattr(deciding, verb), deciding.DecidingError, endorsement=row, by=self.staff, **more)
        assert refused is not getattr(self, f"_{verb}s")(behind, edition)
        assert refused or verb != "approve" or says == behind.says, "somebody has read just these words"

    def _place_of(self, behind: Behind) -> int:
        return next(who[0] for who, one in self.behind.items() if one is behind)

    def _on_the_list(self, behind: Behind, organisation: int | None) -> bool:
        """Whether another one of this organisation stands there already."""
        return organisation is not None and any(
            one is not behind and who[0] == self._place_of(behind)
            and (one.stand.state, one.stand.organisation) == ("listed", organisation)
            for who, one in self.behind.items()
        )  # fmt: skip

    def _called(self, name: str, but: int | None = None) -> int | None:
        """The organisation that goes by this name, other than `but`."""
        return next((pk for pk, known in self.names.items() if key_of(known) == key_of(name) and pk != but), None)

    def _approves(self, behind: Behind, edition: tuple[int, int]) -> bool:
        organisation = behind.stand.organisation or self._called(behind.name)
        if not behind.to_check or edition != behind.edition or self._on_the_list(behind, organisation):
            return False
        if organisation is not None and self._called(behind.name, but=organisation):
            return False
        behind.was, behind.renamed = behind.stand, None
        if organisation is None:
            organisation = Organisation.objects.latest("pk").pk
            assert organisation not in self.names
        else:
            behind.renamed = organisation, self.names[organisation], behind.name
        self.names[organisation] = behind.name
        listed = self.model.now if behind.stand.listed is None else behind.stand.listed
        behind.stand = Stand("listed", organisation, behind.says["message"], behind.contact, listed)
        self.let_in.setdefault(behind.pk, set()).add((behind.stand.message, behind.stand.contact))
        return True

    def _declines(self, behind: Behind, edition: tuple[int, int]) -> bool:
        if behind.stand.state not in {"waiting", "listed"} or edition != behind.edition:
            return False
        behind.was, behind.renamed = behind.stand, None
        behind.stand = Stand("declined", behind.stand.organisation)
        return True

    def _asks(self, behind: Behind, _edition: tuple[int, int]) -> bool:
        return behind.to_check

    def _undos(self, behind: Behind, _edition: tuple[int, int]) -> bool:
        """Everything as it was, but for what the representative has changed since, or taken away."""
        if behind.stand.state not in {"listed", "declined"} or behind.was is None:
            return False
        now, was = behind.stand, replace(behind.was)
        if was.organisation and was.organisation not in self.names:
            was.organisation = now.organisation
        name = self._old_name(behind)
        if name and (self._called(name, but=now.organisation)):
            return False
        if was.state == "listed" and self._on_the_list(behind, was.organisation):
            return False
        if name:
            self.names[now.organisation] = name
        was.edited = now.edited or was.edited
        behind.stand, behind.was, behind.renamed = was, None, None
        behind.silence()
        return True

    def _old_name(self, behind: Behind) -> str:
        """What the organisation was called before the last approval, if that and nobody since has renamed it."""
        organisation, before, after = behind.renamed or (None, "", "")
        if organisation is None or organisation != behind.stand.organisation:
            return ""
        return before if self.names[organisation] == after != before else ""

    @precondition(lambda self: self.behind)
    @rule(pick=PICK, initial=st.booleans())
    def puts_first(self, pick: int, initial: bool) -> None:
        self.tick()
        behind = self._one(pick)
        deciding.make_initial(endorsement=Endorsement.objects.get(pk=behind.pk), initial=initial, by=self.staff)
        behind.initial = initial

    @precondition(lambda self: len(self.names) > 1)
    @rule(pick=PICK, other=PICK)
    def merges(self, pick: int, other: int) -> None:
        self.tick()
        keep, gone = list(self.names)[pick % len(self.names)], list(self.names)[other % len(self.names)]
        rows = Organisation.objects.in_bulk([keep, gone])
        named = {"keep": rows[keep], "gone": Organisation.objects.get(pk=gone), "by": self.staff}
        assert self.refused(directory.merge, directory.SameOrganisation, **named) is (keep == gone)
        if keep == gone:
            return
        for place in self.model.places:
            mine = [one for who, one in self.behind.items() if who[0] == place and one.stand.state == "listed"]
            twins = [one for one in mine if one.stand.organisation in {keep, gone}]
            for twin in sorted(twins, key=lambda one: (not one.initial, one.stand.listed, one.pk))[1:]:
                twin.stand, twin.was = Stand("withdrawn", twin.stand.organisation), None
        for one in self.behind.values():
            one.stand.organisation = keep if one.stand.organisation == gone else one.stand.organisation
        del self.names[gone]

    def kinds_hold(self) -> None:
        super().kinds_hold()
        assert dict(Organisation.objects.values_list("pk", "name")) == self.names
        public = Endorsement.objects.exclude(public_message="", public_contact="")
        for pk, state, message, contact in public.values_list("pk", "state", "public_message", "public_contact"):
            assert state == "listed"
            assert message in {"", *(said for said, _ in self.let_in[pk])}
            assert contact in {"", *(said for _, said in self.let_in[pk])}
