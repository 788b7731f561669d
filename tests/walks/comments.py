"""Verbs of people who comment, and of those who moderate them."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from comments import moderation, posting, threads
from comments.models import Comment, CommentSubmission
from submissions import status
from tests.walks.model import LONGEST, VALID, address_of, mailbox_of
from tests.walks.signatures import ADDRESS, NAMES, PICK, Signing

COMMENT = 3  # its number in links
BODIES = st.sampled_from(["I learnt to read there.", "Keep it open, please.", "See https://spam.example now"])


class Commenting(Signing):
    """Post, agree, approve, bin, undo. Public words were approved, or their writer was let in before."""

    def begin(self) -> None:
        super().begin()
        self.said: dict[int, tuple[str, str, str, int]] = {}  # submissions: as typed, name, words, statement
        self.written: dict[int, float] = {}  # when
        self.spoken: set[int] = set()  # what was agreed to
        self.denied: set[int] = set()  # what was disowned
        self.approved: set[int] = set()  # comments that staff let in
        self.known: set[str] = set()  # mailboxes that staff let in once

    @rule(pick=PICK, typed=ADDRESS, name=NAMES, body=BODIES, also=st.booleans())
    def comments(self, pick: int, typed: str, name: str, body: str, also: bool) -> None:
        self.tick()
        place = self.place(pick)
        thread = threads.of(self.statement(place))
        try:
            asked = posting.post(thread=thread, name=name, email=typed, body=body, also_sign=also)
        except (posting.ThreadClosed, posting.signing.StatementClosed):
            assert place.hidden or place.closed is not None
            return
        self.said[asked.submission_id] = typed, name, body, place.id
        self.written[asked.submission_id] = self.model.now
        if also:
            (signed,) = posting.signing.SignatureSubmission.objects.order_by("-pk")[:1]
            words = {"name": name, "show_name": False, "email_updates": False, "affiliation": "", "postcode": ""}
            self._asked(place, typed, words, signed.pk, 0, unless_signed=True)

    @precondition(lambda self: any(self._of_kind(letter, COMMENT) for letter in self.letters))
    @rule(pick=PICK, which=PICK)
    def agrees_to_a_comment(self, pick: int, which: int) -> None:
        """What the page shows is what was typed, and agreeing records just that."""
        self.tick()
        letters = [letter for letter in self.letters if self._of_kind(letter, COMMENT)]
        letter = letters[-1 - pick % len(letters)]
        number, pk = self._of_kind(letter, COMMENT)[which % len(self._of_kind(letter, COMMENT))]
        typed, name, body, place = self.said[pk]
        block, before = self.page(letter.link).get(f"{number}.{pk:x}"), Comment.objects.count()
        answer = self.client.post(letter.link, {"agree": f"{number}.{pk:x}"})
        if answer.status_code != 303:
            assert Comment.objects.count() == before
            return
        self.model.letters[mailbox_of(typed)] = []
        self.spoken.add(pk)
        assert block is not None
        assert (block.rows["Name"], block.rows["Comment"]) == (name, body)
        if Comment.objects.count() > before:
            comment = Comment.objects.latest("pk")
            assert (comment.author_name, comment.body, comment.author_email.lower()) == (name, body, address_of(typed))
            assert (comment.submission_id, comment.thread.statement_id) == (pk, place)

    @precondition(lambda self: any(self._of_kind(letter, COMMENT) for letter in self.letters))
    @rule(pick=PICK, which=PICK)
    def disowns_a_comment(self, pick: int, which: int) -> None:
        self.tick()
        letters = [letter for letter in self.letters if self._of_kind(letter, COMMENT)]
        letter = letters[-1 - pick % len(letters)]
        number, pk = self._of_kind(letter, COMMENT)[which % len(self._of_kind(letter, COMMENT))]
        self.client.post(letter.link, {"disown": f"{number}.{pk:x}"})
        if pk not in self.spoken and CommentSubmission.objects.filter(pk=pk).exists():
            self.denied.add(pk)

    @precondition(lambda self: Comment.objects.exists())
    @rule(pick=PICK, verb=st.sampled_from(["approve", "approve", "unapprove", "spam", "bin", "undo"]))
    def moderates(self, pick: int, verb: str) -> None:
        self.tick()
        comment = list(Comment.objects.order_by("-pk"))[pick % Comment.objects.count()]
        refused = self.refused(getattr(moderation, verb), moderation.ModerationError, comment=comment, by=self.staff)
        comment.refresh_from_db()
        if not refused and comment.state == "published":
            self.approved.add(comment.pk)
            self.known.add(bytes(comment.mailbox_key))

    def kinds_hold(self) -> None:
        super().kinds_hold()
        rows = Comment.objects.filter(source="form")
        for comment in rows:
            said = self.said[comment.submission_id]
            assert (said[1], said[2]) == (comment.author_name, comment.body)
            if comment.state == "published":
                assert comment.pk in self.approved or bytes(comment.mailbox_key) in self.known
        agreed = list(rows.values_list("submission_id", flat=True))
        assert len(agreed) == len(set(agreed)), "one submission, one comment"
        self.what_was_said_adds_up()
        for place in self.model.places.values():
            thread = threads.of(self.statement(place))
            assert thread.published == rows.filter(thread=thread, state="published", hidden_at=None).count()

    def what_was_said_adds_up(self) -> None:
        """Each is waiting, agreed, ended or expired; none vanished that still waits. A comment is only its own same."""
        there = {one.id: one for one in status.of([(COMMENT, pk) for pk in self.said])}
        for pk, (*_, place) in self.said.items():
            if pk not in there:
                assert pk in self.spoken | self.denied or self.written[pk] <= self.model.now - VALID
                continue
            one, over = there[pk], {"agreed": self.spoken, "ended": self.denied}
            assert [state for state, those in over.items() if pk in those] == [one.state] * (one.state in over)
            if one.state not in over:
                first = self.written[pk] + (LONGEST if one.mailed_at is None else VALID)
                is_here = {"hidden"} if self.model.places[place].hidden else {"waiting"}
                assert one.state in is_here | ({"expired"} if first <= self.model.now else set())
        assert CommentSubmission.objects.count() == len(there)
        kept = CommentSubmission.objects.filter(agreed_at__isnull=False)
        assert kept.exclude(author_name="", email="", body="").count() == 0
