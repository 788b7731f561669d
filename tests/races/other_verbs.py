"""What those who comment and those who speak for organisations may do at once, and whoever decides about them."""

import random
from datetime import timedelta

from django.contrib.auth.models import User
from django.utils import timezone

from comments import moderation, posting, reporting, threads
from comments.models import Comment, CommentSubmission, SiteRules
from organisations import deciding, directory, endorsing
from organisations.models import Endorsement, EndorsementSubmission, Organisation
from petitions.models import Statement
from submissions import agreeing

MAILBOXES = [f"{name}@{domain}" for name in ("amina", "amina+x", "bo") for domain in ("mill.example", "b.example")]
NAMES = ["Lantern Union", "lantern union", "Mill Tenants", "Weavers' Club"]
REFUSALS = (
    posting.ThreadClosed, moderation.ModerationError, threads.ThreadError, endorsing.EndorsingError,
    deciding.DecidingError, directory.DirectoryError,
)  # fmt: skip


class Nothing(Exception):
    """There is no such row yet."""


class OtherVerbs:
    """Verbs of comments and endorsements, drawn by chance."""

    chance: random.Random
    staff: User
    statements: list[Statement]

    @property
    def other_verbs(self) -> list:
        return [
            self.post, self.post, self.agree_to_comment, self.agree_to_comment, self.moderate, self.moderate,
            self.moderate, self.report, self.take_comment_back, self.thread, self.thread_rules, self.answer,
            self.endorse, self.endorse, self.agree_to_endorsement, self.agree_to_endorsement, self.speak, self.judge,
            self.judge, self.judge, self.put_first, self.merge,
        ]  # fmt: skip

    def _some(self, rows):
        found = rows.order_by("?").first()
        if found is None:
            raise Nothing
        return found

    def post(self):
        statement = Statement.objects.get(pk=self.chance.choice(self.statements).pk)
        parent = Comment.objects.filter(thread=statement.thread, parent=None).order_by("?").first()
        posting.post(
            thread=threads.of(statement), name="Bo", email=self.chance.choice(MAILBOXES),
            body=self.chance.choice(["Yes.", "Keep it.", "See https://spam.example"]),
            parent=self.chance.choice([None, parent]), also_sign=self.chance.random() < 0.5,
        )  # fmt: skip

    def agree_to_comment(self):
        agreeing.agree(3, self._some(CommentSubmission.objects.filter(agreed_at=None)).pk)

    def moderate(self):
        comment, verb = self._some(Comment.objects), self.chance.choice(["approve", "approve", "unapprove", "spam",
                                                                         "bin", "decline", "undo", "edit"])  # fmt: skip
        more = {"decline": {"reason": "it is not about this", "tell": True}, "edit": {"name": "B", "body": "No."}}
        getattr(moderation, verb)(comment=comment, by=self.staff, **more.get(verb, {}))

    def answer(self):
        moderation.reply(comment=self._some(Comment.objects), body="Thanks.", name="The campaign", by=self.staff)

    def report(self):
        comment = self._some(Comment.objects)
        if self.chance.random() < 0.5:
            reporting.report(comment=comment, reason="rude", ip_key=str(self.chance.randrange(5)))
        else:
            reporting.keep(comment=comment, by=self.staff)

    def take_comment_back(self):
        posting.withdraw(comment_id=self._some(Comment.objects).pk)

    def thread(self):
        verb = self.chance.choice([threads.close, threads.reopen, threads.reopen, threads.hide])
        verb(thread=self.chance.choice(self.statements).thread, by=self.staff)

    def thread_rules(self):
        """Of one thread, or of all: this drops the kept pages of every statement at once."""
        if self.chance.random() < 0.5:
            thread = self.chance.choice(self.statements).thread
            thread.refresh_from_db()
            thread.approve = self.chance.choice(["first_timers", "everybody", "links"])
            threads.keep_rules(thread=thread, by=self.staff)
        else:
            rules = SiteRules.objects.first() or SiteRules()
            rules.per_page = self.chance.choice([20, 50])
            threads.keep_site_rules(rules=rules, by=self.staff)

    def endorse(self):
        endorsing.endorse(
            statement=self.chance.choice(self.statements), organisation=self.chance.choice(NAMES), kind="union_branch",
            contact_name="Winsome", contact_role="Secretary", contact_email=self.chance.choice(MAILBOXES),
            agreed_how="committee", agreed_on=timezone.localdate() - timedelta(days=3), town="Eastside",
            publish_contact=self.chance.random() < 0.5, message=self.chance.choice(["", "We meet there."]),
        )  # fmt: skip

    def agree_to_endorsement(self):
        agreeing.agree(2, self._some(EndorsementSubmission.objects.filter(agreed_at=None)).pk)

    def speak(self):
        pk = self._some(Endorsement.objects).pk
        if self.chance.random() < 0.3:
            endorsing.withdraw(endorsement_id=pk)
        else:
            endorsing.revise(endorsement_id=pk, message=self.chance.choice(["", "Otherwise."]))

    def judge(self):
        endorsement, chance = self._some(Endorsement.objects), self.chance.random()
        if chance < 0.5:
            which = {"organisation": Organisation.objects.order_by("?").first()} if chance < 0.1 else {}
            deciding.approve(endorsement=endorsement, by=self.staff, **which)
        elif chance < 0.65:
            deciding.decline(endorsement=endorsement, reason="Unknown to us", by=self.staff)
        elif chance < 0.75:
            deciding.ask(endorsement=endorsement, question="Which branch?", by=self.staff)
        elif chance < 0.8:
            deciding.withdraw_question(endorsement=endorsement, by=self.staff)
        else:
            deciding.undo(endorsement=endorsement, by=self.staff)

    def put_first(self):
        endorsement = self._some(Endorsement.objects)
        deciding.make_initial(endorsement=endorsement, initial=self.chance.random() < 0.7, by=self.staff)
        order = list(Endorsement.objects.filter(statement=endorsement.statement_id).values_list("pk", flat=True))
        deciding.arrange(statement=endorsement.statement, order=order, by=self.staff)

    def merge(self):
        keep, gone = self._some(Organisation.objects), self._some(Organisation.objects)
        if self.chance.random() < 0.5:
            directory.describe(
                organisation=keep, name=keep.name, kind=keep.kind, town=keep.town, parent=gone, by=self.staff
            )
        else:
            directory.merge(keep=keep, gone=gone, by=self.staff)
