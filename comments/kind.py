"""Commenting as a kind of submission: where it can be asked, what it says, and what agreeing does."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comments import pages, posting, threads
from comments.models import Comment, CommentSubmission
from core import tokens
from petitions.statements import availability
from submissions import own_links
from submissions.kinds import Agreed, Choice, Details, Kind, Row, register


@register
class CommentKind(Kind[CommentSubmission]):
    """A person's words in a thread. Its sameness is only itself: who writes three comments writes three."""

    name, number, model = posting.KIND, 3, CommentSubmission
    label = gettext_lazy("Comment")
    heading = gettext_lazy("Post your comment")
    button = gettext_lazy("Post my comment")
    done = gettext_lazy("You've already posted this comment")
    mine = gettext_lazy("See how it stands")

    source = """comments_commentsubmission s JOIN comments_thread th ON th.id = s.thread_id
        JOIN petitions_statement st ON st.id = th.statement_id"""
    placed = ("thread_id", "parent_id")
    # FOR SHARE waits for whoever is closing the thread at this moment and then sees it closed.
    place = f"""
        SELECT th.id AS thread_id, %(parent)s::bigint AS parent_id
        FROM comments_thread th JOIN petitions_statement st ON st.id = th.statement_id
        WHERE th.id = %(thread)s AND {threads.OPEN}
            AND (%(parent)s::bigint IS NULL OR EXISTS (
                SELECT 1 FROM comments_comment p WHERE p.id = %(parent)s::bigint AND p.thread_id = th.id
                    AND p.parent_id IS NULL AND p.state = 'published' AND p.hidden_at IS NULL))
        FOR SHARE OF th"""
    reachable = f"({availability.PUBLIC_SQL} AND th.mode <> 'hidden')"
    in_time = "true"  # after closing, a moderator decides

    def details(self, submissions: Sequence[CommentSubmission]) -> dict[int, Details]:
        found = CommentSubmission.objects.select_related("thread__statement").in_bulk([s.pk for s in submissions])
        return {pk: _details(submission) for pk, submission in found.items()}

    def agree(self, submission_id: int, choice: str) -> Agreed | None:
        comment = posting.agree(submission_id=submission_id)
        if comment is None:
            return None
        return Agreed(comment.pk, comment.state, self.url(comment.pk, is_reader=True))

    def url(self, result_id: int, *, is_reader: bool) -> str:
        """The writer's own page; who may only have typed the address gets one that names and opens nothing."""
        known = Comment.objects.filter(pk=result_id).only("link_number").first() if is_reader else None
        own = own_links.on_page(posting.MANAGE, known) if known else ""
        return own or reverse("manage", args=[tokens.make_token(posting.MANAGE, result_id, 0)])

    def needs_page(self, submission: CommentSubmission) -> bool:
        return bool(_notice(submission, posting.answered(submission))[0])


def _details(submission: CommentSubmission) -> Details:
    statement, parent = submission.thread.statement, posting.answered(submission)
    rows = [Row(_("Name"), submission.author_name), Row(_("Comment"), submission.body)]
    if submission.parent_id:
        whom = parent.author_name if parent and parent.is_visible else _("A comment that is no longer here")
        rows.append(Row(_("In reply to"), whom))
    rows.append(Row(_("Under"), statement.title))
    note, is_sent = _notice(submission, parent)
    preview = Comment(author_name=submission.author_name, body=submission.body, created_at=submission.created_at)
    return Details(
        rows=rows,
        choices=[Choice(_("Post my comment"))] if is_sent else [],
        template="comments/preview.jinja",
        shown={"comments": [pages.Shown(preview, [])], "statement": statement},
        note=note,
    )


def _notice(submission: CommentSubmission, parent: Comment | None) -> tuple[str, bool]:
    """What must be told before agreeing, if anything, and whether there is a button all the same."""
    before = posting.said_before(submission, parent)
    if before and not posting.is_same_address(before, submission):
        return _("This comment is here already, sent with its address written in another way."), False
    if before:
        return _("You have said this here already. Nothing is added."), True
    if not threads.is_open(submission.thread):
        note = _("Comments have closed since you wrote this. You can still send it: a moderator decides about it.")
        return note, True
    if submission.parent_id and not (parent and parent.is_visible):
        return _("What you answer is gone since. You can still send it: a moderator decides about it."), True
    return "", True
