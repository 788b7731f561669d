"""Endorsing as a kind of submission: where it can be asked, what it says, and what agreeing does."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from organisations import endorsing, logos, thanking
from organisations.models import Endorsement, EndorsementSubmission
from petitions.statements import availability
from submissions.kinds import Agreed, Choice, Details, Kind, Row, register

State = Endorsement.State


@register
class EndorsementKind(Kind[EndorsementSubmission]):
    """An organisation behind a statement. Its sameness is the statement, the address as typed and the name."""

    name, number, model = endorsing.KIND, endorsing.NUMBER, EndorsementSubmission
    label = gettext_lazy("Endorsement")
    heading = gettext_lazy("Confirm your organisation's support")
    button = gettext_lazy("Confirm our support")
    done = gettext_lazy("You've already confirmed this. Thank you.")
    mine = gettext_lazy("See or change what you sent")
    not_digested = ("logo_id",)  # the same picture twice is two rows; the digest is made of the picture instead

    source = "organisations_endorsementsubmission s JOIN petitions_statement st ON st.id = s.statement_id"
    placed = ("statement_id", "version_id")
    place = f"""
        SELECT st.id AS statement_id, v.id AS version_id FROM petitions_statement st
        JOIN LATERAL (
            SELECT id FROM petitions_version WHERE statement_id = st.id AND published_at IS NOT NULL
            ORDER BY number = %(seen)s DESC, number DESC LIMIT 1
        ) v ON true
        WHERE st.id = %(statement)s AND {availability.OPEN_SQL} AND {availability.TAKES_ORGANISATIONS_SQL}"""
    reachable = availability.PUBLIC_SQL
    in_time = f"{availability.in_grace_sql('s.mailed_at')} AND {availability.TAKES_ORGANISATIONS_SQL}"
    superseded = """EXISTS (SELECT 1 FROM organisations_endorsement e WHERE e.address_key = s.address_key
        AND e.statement_id = s.statement_id AND e.name_key = s.name_key AND e.agreed_at >= s.created_at
        AND e.state <> 'withdrawn')"""

    def details(self, submissions: Sequence[EndorsementSubmission]) -> dict[int, Details]:
        found = _with_what_they_show(submissions)
        known = _known(list(found.values()))
        return {pk: _details(submission, known.get(_same(submission))) for pk, submission in found.items()}

    def typed(self, submissions: Sequence[EndorsementSubmission]) -> dict[int, Details]:
        """Without the logo that came before, which would tell a stranger that this organisation has endorsed."""
        return {pk: _details(submission, None) for pk, submission in _with_what_they_show(submissions).items()}

    def agree(self, submission_id: int, choice: str) -> Agreed | None:
        endorsement = endorsing.agree(submission_id=submission_id)
        if endorsement is None:
            return None
        return Agreed(endorsement.pk, endorsement.state, thanking.url(endorsement))

    def url(self, result_id: int, *, is_reader: bool) -> str:
        found = Endorsement.objects.select_related("statement").filter(pk=result_id).first()
        return thanking.url(found, is_reader=is_reader) if found else ""

    def needs_page(self, submission: EndorsementSubmission) -> bool:
        return _same(submission) in _known([submission])


Same = tuple[int, bytes, str]


def _same(row: EndorsementSubmission | Endorsement) -> Same:
    return row.statement_id, bytes(row.address_key), row.name_key


def _with_what_they_show(submissions: Sequence[EndorsementSubmission]) -> dict[int, EndorsementSubmission]:
    related = EndorsementSubmission.objects.select_related("logo", "version", "statement")
    return related.in_bulk([submission.pk for submission in submissions])


def _known(submissions: list[EndorsementSubmission]) -> dict[Same, Endorsement]:
    """Earlier endorsements by the same representatives for the same organisations."""
    any_of = Q(pk=None)
    for statement, address, name in map(_same, submissions):
        any_of |= Q(statement=statement, address_key=address, name_key=name)
    return {_same(one): one for one in Endorsement.objects.filter(any_of).select_related("logo")}


def _details(submission: EndorsementSubmission, known: Endorsement | None) -> Details:
    logo = submission.logo or (known.logo if known else None)
    none = _("None")
    rows = [
        Row(_("Organisation or branch"), submission.name),
        Row(_("Type"), capfirst(submission.get_kind_display())),
        Row(_("Town or area"), submission.town or none),
        Row(_("Website"), submission.website or none),
        Row(_("Your name"), submission.contact_name),
        Row(_("Your role"), submission.contact_role),
        Row(_("How it was agreed"), capfirst(submission.get_agreed_how_display())),
        Row(_("Date agreed"), date_format(submission.agreed_on, "j F Y") if submission.agreed_on else none),
        Row(_("Your name and role are public"), _("Yes") if submission.publish_contact else _("No")),
        Row(_("Message of support"), submission.message or none),
        Row(_("Logo"), _("As shown below") if logo else none),
    ]
    newest = submission.statement.version
    if submission.version.number > 1 or (newest is not None and newest.pk != submission.version_id):
        rows.append(Row(_("Version of the text"), str(submission.version.number)))
    return Details(
        rows=rows,
        choices=[Choice(EndorsementKind.button)],
        template="organisations/preview.jinja",
        shown=shown(submission, logo),
        note=_note(known),
    )


def shown(words: EndorsementSubmission | Endorsement, logo: Any = None) -> dict[str, Any]:
    """The preview of the tile. The logo is not approved yet, so it has no public address."""
    return {"words": words, "logo": logos.inline(logo) if logo else ""}


def _note(known: Endorsement | None) -> str:
    """The effect of the button on an earlier endorsement."""
    if known is None:
        return _("A person checks it then, usually within 2 days, and emails you.")
    if known.state == State.LISTED:
        return _(
            "This organisation is listed already. The list shows what was approved until a person has looked at this; "
            "what you leave out (the message, your name and role) goes at once."
        )
    if known.state == State.WAITING:
        return _("We have this organisation's support already and are checking it. This replaces what you sent before.")
    return _("A person checks it anew, usually within 2 days, and emails you.")
