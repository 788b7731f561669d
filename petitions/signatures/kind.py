"""Signing as a kind of submission: where it can be asked, what it says, and what agreeing does."""

from collections.abc import Sequence
from typing import TypedDict

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import switches
from petitions.signatures import agreeing, optional, signing, thanking, whose_news
from petitions.signatures.models import Signature, SignatureSubmission
from petitions.statements import availability
from submissions.kinds import Agreed, Choice, Details, Kind, Row, Words, register

SECOND = "second"
State = Signature.State
GONE = (State.WITHDRAWN, State.ANONYMISED)


@register
class SignatureKind(Kind[SignatureSubmission]):
    """A person's name under a statement. Its sameness is the statement and the mailbox."""

    name, number, model = signing.KIND, 1, SignatureSubmission
    label = gettext_lazy("Signature")
    heading = gettext_lazy("Confirm your signature")
    button = gettext_lazy("Confirm my signature")
    done = gettext_lazy("You've already signed. Thank you.")
    mine = gettext_lazy("See or change your signature")

    source = "petitions_signaturesubmission s JOIN petitions_statement st ON st.id = s.statement_id"
    placed = ("statement_id", "version_id")
    place = f"""
        SELECT st.id AS statement_id, v.id AS version_id FROM petitions_statement st
        JOIN LATERAL (
            SELECT id FROM petitions_version WHERE statement_id = st.id AND published_at IS NOT NULL
            ORDER BY number = %(seen)s DESC, number DESC LIMIT 1
        ) v ON true
        WHERE st.id = %(statement)s AND {availability.OPEN_SQL} AND {availability.TAKES_PEOPLE_SQL}
            AND NOT {switches.is_off("signing")}"""
    reachable = availability.PUBLIC_SQL
    in_time = availability.in_grace_sql("s.mailed_at")
    ends = availability.ends_sql("coalesce(s.mailed_at, statement_timestamp())")
    publisher = "coalesce(s.asked_by_id, st.publisher_id)"
    superseded = """EXISTS (SELECT 1 FROM petitions_signature sig WHERE sig.mailbox_key = s.mailbox_key
        AND sig.statement_id = s.statement_id AND sig.state <> 'withdrawn'
        AND (sig.agreed_at >= s.created_at OR (s.unless_signed AND sig.import_id IS NULL)))"""

    def details(self, submissions: Sequence[SignatureSubmission]) -> dict[int, Details]:
        found = SignatureSubmission.objects.select_related("statement", "version").in_bulk([s.pk for s in submissions])
        return {pk: _details(submission) for pk, submission in found.items()}

    def agree(self, submission_id: int, choice: str) -> Agreed | None:
        moved = agreeing.agree(submission_id=submission_id, position=2 if choice == SECOND else 1)
        if moved is None:
            return None
        return Agreed(moved.id, moved.state, thanking.url_of(moved.statement_id, moved.id))

    def url(self, result_id: int, *, is_reader: bool) -> str:
        signature = Signature.objects.select_related("statement").filter(pk=result_id).first()
        return thanking.url(signature, is_reader=is_reader) if signature else ""

    def needs_page(self, submission: SignatureSubmission) -> bool:
        return any(one.import_id is None for one in signing.already(submission))


def _details(submission: SignatureSubmission) -> Details:
    statement = submission.statement
    rows = [Row(_("Name"), submission.name)]
    rows += [Row(field.label, field.said(getattr(submission, field.name))) for field in optional.asked(statement)]
    rows.append(Row(_("On the public list"), _yes(submission.show_name)))
    rows.append(Row(_("News by email"), whose_news.said(submission)))
    if submission.version.number > 1 or _is_older(submission):
        rows.append(Row(_("Version of the text"), str(submission.version.number)))
    return Details(rows=rows, **_ways(submission))


def _is_older(submission: SignatureSubmission) -> bool:
    newest = submission.statement.version
    return newest is not None and newest.pk != submission.version_id


def _yes(value: bool) -> str:
    return _("Yes") if value else _("No")


class Ways(TypedDict, total=False):
    """The buttons for a page of Details, and the notice above them."""

    choices: Sequence[Choice]
    note: Words


def _ways(submission: SignatureSubmission) -> Ways:
    """The buttons: one, or two where this mailbox has signed and it may be somebody else who shares it."""
    # Who was brought in with a list has agreed to nothing here yet: this is their own first signature.
    signed = [one for one in signing.already(submission) if one.import_id is None]
    if not signed:
        return {"choices": [Choice(_("Confirm my signature"))]}
    if bytes(signed[0].address_key) != bytes(submission.address_key):
        return {"note": _("This mailbox has already signed, with its address written in another way.")}
    there = [one for one in signed if one.state not in GONE]
    if not there:
        return {"choices": [Choice(_("Confirm my signature"), _at(signed[0].mailbox_position))]}
    first, *second = there
    if first.state == State.REMOVED:
        note = _("A person checked this signature and took it off the list. If that was a mistake, write to us.")
        own = Choice(_("Correct my details"), _at(first.mailbox_position))
        return {"note": note, "choices": [own, *map(_correct_second, second)]}
    correct = Choice(_("Correct my signature (%(name)s)") % {"name": first.name}, _at(first.mailbox_position))
    is_same = submission.name.casefold() == first.name.casefold()
    others = [] if is_same else [_correct_second(second[0]) if second else _sign_second(first)]
    return {"choices": [correct, *others], "note": _("This mailbox has already signed.")}


def _correct_second(second: Signature) -> Choice:
    return Choice(_("Correct the second signature (%(name)s)") % {"name": second.name}, _at(second.mailbox_position))


def _sign_second(first: Signature) -> Choice:
    """A second person may share the mailbox; there is never a third."""
    return Choice(_("Sign as a second person who shares this mailbox"), _at(3 - first.mailbox_position))


def _at(position: int) -> str:
    """The value that a button sends; of two who shared a mailbox either may have left."""
    return SECOND if position == 2 else ""
