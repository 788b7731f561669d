"""The tabs of a statement's place that this app knows, in the order people work; other apps register theirs."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.desk import Staff
from petitions.admin import duties
from petitions.admin.place import part, tab
from petitions.statements.models import Statement

SEES, SIGNATURES = "petitions.view_statement", "petitions.view_signature"


def _text(user: Staff, statement: Statement) -> str:
    version = statement.versions.last()
    words = version.words if version else 0
    counted = ngettext("%(number)s word", "%(number)s words", words) % {"number": words}
    if version and version.published_at:
        return _("%(version)s, locked: %(words)s") % {"version": version, "words": counted}
    return _("Draft: %(words)s") % {"words": counted}


def _actions(user: Staff, statement: Statement) -> str:
    events = statement.events.count()
    return ngettext("%(number)s event", "%(number)s events", events) % {"number": events}


def _people(user: Staff, statement: Statement) -> str:
    paper = _("%(number)s on paper, counted apart") % {"number": f"{statement.paper:,}"}
    return paper if statement.paper else _("Who signed, who has not answered yet, paper, meetings")


def _news(user: Staff, statement: Statement) -> str:
    number = statement.updates.count()
    return ngettext("%(number)s piece of news", "%(number)s pieces of news", number) % {"number": number}


def _settings(user: Staff, statement: Statement) -> str:
    said = [
        _("picture set") if statement.image_id else _("no picture"),
        _("closes by itself") if statement.closes_at else _("no closing time"),
    ]
    return ", ".join(said).capitalize()


def _team(user: Staff, statement: Statement) -> str:
    people = statement.assignments.count()
    said = ngettext("%(number)s person", "%(number)s people", people) % {"number": people}
    return ". ".join([said, *(str(duty.nobody) for duty in duties.neglected(statement))])


tab("overview", gettext_lazy("Overview"), 0)
steps = "publish schedule close reopen hand_in outcome ask_again hide unhide preview history delete copy"
part(
    "overview",
    gettext_lazy("Overview"),
    address="petitions_statement_overview",
    permission=SEES,
    is_list=False,
    pages=" ".join(f"petitions_statement_{step}" for step in steps.split()),
)
tab("text", gettext_lazy("Text"), 10, _text)
part(
    "text",
    gettext_lazy("Text"),
    address="petitions_statement_change",
    permission=SEES,
    is_list=False,
    pages="petitions_statement_correct",
)
tab("actions", gettext_lazy("Actions"), 20, _actions)
part(
    "actions",
    gettext_lazy("What readers can do"),
    address="petitions_statement_calls",
    permission="petitions.change_statement",
    is_list=False,
)
part("actions", gettext_lazy("Events"), address="petitions_event", permission="petitions.view_event")
part("actions", gettext_lazy("Who comes"), address="petitions_attendance", permission="petitions.view_attendance")
part(
    "actions",
    gettext_lazy("Not confirmed yet"),
    address="petitions_attendancesubmission",
    permission="petitions.view_attendancesubmission",
)
tab("people", gettext_lazy("People"), 60, _people)
part("people", gettext_lazy("Signatures"), address="petitions_signature", permission=SIGNATURES)
for words, state in [
    (gettext_lazy("Held for review"), "held"),
    (gettext_lazy("Removed"), "removed"),
]:
    part("people", words, address="petitions_signature", permission=SIGNATURES, query=f"?state__exact={state}")
part(
    "people",
    gettext_lazy("Not confirmed yet"),
    address="petitions_signaturesubmission",
    permission="petitions.view_signaturesubmission",
)
part(
    "people",
    gettext_lazy("Who stands first"),
    address="petitions_statement_notable",
    permission="petitions.change_statement",
    is_list=False,
)
part("people", gettext_lazy("On paper"), address="petitions_sheet", permission="petitions.view_sheet")
part("people", gettext_lazy("Meetings"), address="petitions_meeting", permission="petitions.view_meeting")
part("people", gettext_lazy("Removal rules"), address="petitions_rule", permission="petitions.view_rule")
tab("news", gettext_lazy("News and mail"), 70, _news)
part("news", gettext_lazy("News"), address="petitions_update", permission="petitions.view_update")
part("news", gettext_lazy("Saved texts"), address="petitions_savedtext", permission="petitions.view_savedtext")
part("news", gettext_lazy("Mail that failed"), address="mail_outgoingemail", permission="mail.view_outgoingemail")
tab("numbers", gettext_lazy("Numbers"), 80)
part("numbers", gettext_lazy("Numbers"), address="petitions_statement_numbers", permission=SEES, is_list=False)
part(
    "numbers",
    gettext_lazy("Where signers live"),
    address="petitions_statement_places",
    permission=SEES,
    is_list=False,
    pages="petitions_statement_export",
)
tab("team", gettext_lazy("Team"), 90, _team)
part(
    "team",
    gettext_lazy("Team"),
    address="petitions_statement_team",
    permission="petitions.view_assignment",
    is_list=False,
)
part(
    "team",
    gettext_lazy("Publish together"),
    address="petitions_statement_together",
    permission="petitions.publish_statement",
    is_list=False,
)
tab("settings", gettext_lazy("Settings"), 100, _settings)
part("settings", gettext_lazy("Settings"), address="petitions_statement_settings", permission=SEES, is_list=False)
