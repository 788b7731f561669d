"""Endorsements of the joint statement: listed ones, and a queue with every state."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User

from mail.models import OutgoingEmail
from organisations import deciding, endorsing, importers
from organisations.models import Endorsement, EndorsementSubmission, Organisation
from petitions.models import Statement
from seeds import logos
from seeds.world import Clock, read

MODERATOR = "moderator"


def load(clock: Clock) -> int:
    """Add the organisations that are missing, in the order of their file. Returns how many endorsements that were."""
    written = read("organisations")
    statement = Statement.objects.get(slug=written["statement"])
    if statement.endorsements.exists():
        return 0
    rows = written["organisations"]
    listed = [row for row in rows if "state" not in row]
    for place, row in enumerate(listed, start=1):
        importers.bring_in(statement=statement, row=_row(row, clock, place))
    _join_branches(rows)
    waiting = [row for row in rows if "state" in row]
    for row in waiting:
        _queue(statement, row, clock)
    _keep_quiet()
    return len(listed) + len(waiting) + _elsewhere(listed, clock)


def _row(written: dict[str, Any], clock: Clock, place: int = 0) -> importers.Row:
    initial = bool(place) and written.get("initial", False)
    return importers.Row(
        listed_at=clock.ago(written["sent_days_ago"]),
        is_initial=initial,
        position=place if initial else 0,
        logo=logos.logo(written["name"]) if written["logo"] else None,
        **_typed(written, clock),
    )


def _typed(written: dict[str, Any], clock: Clock) -> dict[str, Any]:
    name, role, email = written["contact"]
    return {
        "name": written["name"],
        "kind": written["kind"],
        "town": written["town"],
        "website": written["website"],
        "contact_name": name,
        "contact_role": role,
        "contact_email": email,
        "publish_contact": written.get("publish_contact", False),
        "agreed_how": written["agreed_how"],
        "agreed_on": clock.ago(written["agreed_days_ago"]).date(),
        "message": written.get("message", ""),
    }


def _join_branches(rows: list[dict[str, Any]]) -> None:
    """A branch may stand before its union in the file, so they are joined once all are there."""
    for row in rows:
        parent = Organisation.objects.filter(name=row.get("parent", "")).first()
        if parent is not None:
            Organisation.objects.filter(name=row["name"]).update(parent=parent)


def _queue(statement: Statement, written: dict[str, Any], clock: Clock) -> None:
    """Send the form as a representative does, and let happen to it what its file says; `asked` waits for its mail."""
    typed = _typed(written, clock)
    asked = endorsing.endorse(statement=statement, organisation=typed.pop("name"), **typed)
    if written["state"] == "asked":
        return
    endorsement = endorsing.agree(submission_id=asked.submission_id)
    if endorsement is None:
        raise RuntimeError(f"{written['name']} could not be agreed to.")
    if written["state"] == "declined":
        moderator = User.objects.get(username=MODERATOR)
        deciding.decline(endorsement=endorsement, reason=written["reason"], by=moderator)
    elif written["state"] == "withdrawn":
        endorsing.withdraw(endorsement_id=endorsement.pk)
    _date_back(endorsement, clock.ago(written["sent_days_ago"]))


def _date_back(endorsement: Endorsement, sent_at: datetime) -> None:
    """Give it the time that its file says; the verbs go by the database's clock, as they must."""
    agreed_at = sent_at + timedelta(minutes=9)
    Endorsement.objects.filter(pk=endorsement.pk).update(
        created_at=sent_at, confirmed_at=agreed_at, agreed_at=agreed_at
    )


def _keep_quiet() -> None:
    """Let only the mail go out that still needs an answer."""
    waiting = EndorsementSubmission.objects.filter(agreed_at=None).values_list("pk", flat=True)
    mails = OutgoingEmail.objects.filter(kind__startswith="endorsement_")
    mails.exclude(kind="endorsement_confirm", context__submission__in=list(waiting)).delete()


def _elsewhere(rows: list[dict[str, Any]], clock: Clock) -> int:
    """Some stand behind other statements, too: an organisation is one, whatever it endorses."""
    also = [(slug, row) for row in rows for slug in row.get("also", [])]
    for slug, row in also:
        importers.bring_in(statement=Statement.objects.get(slug=slug), row=_row({**row, "message": ""}, clock))
    return len(also)
