"""Names on paper are counted apart; a meeting has a poster. What its code does is in test_crowds.py."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from petitions.models import Meeting, Sheet, SheetLine, Statement
from petitions.signatures import paper
from tests.factories import StatementFactory
from tests.staff import log

pytestmark = pytest.mark.django_db
SHEETS = "/admin/petitions/sheet/"


def stored(statement: Statement) -> int:
    return Statement.objects.get(pk=statement.pk).paper


def test_a_sheet_is_counted_apart_and_once(statement):
    before = statement.changed_at
    sheet = paper.type_in(statement=statement, number=1, lines=[("Amina ", "e1 1aa"), ("", "E2"), ("Bo", "")])
    assert list(sheet.lines.values_list("name", "postcode")) == [("Amina", "E1 1AA"), ("Bo", "")]
    with pytest.raises(paper.SheetTyped):
        paper.type_in(statement=statement, number=1, lines=[("Amina", "")])
    with pytest.raises(paper.NothingTyped):
        paper.type_in(statement=statement, number=2, lines=[(" ", "")])
    assert (stored(statement), paper.recount(statement)) == (2, (2, 2))
    assert Statement.objects.get(pk=statement.pk).changed_at > before


def test_a_sheet_is_withdrawn(statement):
    sheet = paper.type_in(statement=statement, number=7, lines=[("Amina", ""), ("Bo", "")])
    paper.tear_up(sheet=sheet, by=User.objects.create_user("carol"))
    assert (stored(statement), SheetLine.objects.count()) == (0, 0)
    assert log() == ["Took sheet 7 back with 2 names."]


def grid(number: int, *names: str) -> dict[str, str]:
    typed = {"number": str(number), "line-TOTAL_FORMS": str(len(names)), "line-INITIAL_FORMS": "0"}
    return typed | {f"line-{place}-name": name for place, name in enumerate(names)}


def test_the_grid_keeps_a_sheet_and_opens_the_next(carol, statement):
    done = carol.post(f"{SHEETS}add/", {**grid(4, "Amina", "", "Bo"), "statement": statement.pk})
    assert done.url == f"{SHEETS}add/?statement={statement.pk}"
    page = carol.get(done.url)
    assert page.context["form"].initial == {"statement": str(statement.pk), "number": 5}
    beside = carol.get(f"{SHEETS}add/", {"_changelist_filters": f"of={statement.pk}"})
    assert beside.context["form"].initial == page.context["form"].initial
    again = carol.post(f"{SHEETS}add/", {**grid(4, "Cy"), "statement": statement.pk})
    assert again.context["form"].errors == {"number": ["This sheet has been typed in already."]}
    assert 'value="Cy"' in again.content.decode()
    empty = carol.post(f"{SHEETS}add/", {**grid(5, ""), "statement": statement.pk})
    assert empty.context["form"].non_field_errors() == ["There is no name on this sheet yet."]
    assert (stored(statement), Sheet.objects.get().typed_by.username) == (2, "carol")
    carol.post(f"{SHEETS}{Sheet.objects.get().pk}/delete/", {"post": "yes"})
    assert stored(statement) == 0


def test_nobody_types_under_a_draft(carol):
    draft = StatementFactory(published_at=None)
    page = carol.post(f"{SHEETS}add/", {**grid(1, "Amina"), "statement": draft.pk})
    assert list(page.context["form"].errors) == ["statement"]


def test_the_public_page_says_how_many_are_on_paper(client, settings, statement):
    settings.NUMBERS_FROM = 0
    paper.type_in(statement=statement, number=1, lines=[(f"Person {n}", "") for n in range(80)])
    assert ", and 80 on paper" in client.get(statement.get_absolute_url()).content.decode()


def test_names_on_paper_are_forgotten_when_the_others_are(statement, settings):
    paper.type_in(statement=statement, number=1, lines=[("Amina", "E1 1AA")])
    assert paper.forget() == 0
    ended = timezone.now() - timedelta(days=settings.ANONYMISE_AFTER_CLOSING_DAYS + 1)
    Statement.objects.update(published_at=ended - timedelta(days=9), closed_at=ended)
    assert (paper.forget(), paper.forget()) == (1, 0)
    assert list(SheetLine.objects.values_list("name", "postcode")) == [("", "")]
    assert stored(statement) == 1


def test_opening_a_meeting_and_its_poster(carol, statement):
    typed = {"place": "Mill Hall", "statement": statement.pk, "expected": "120"}
    typed |= {"starts_at_0": "2026-05-01", "starts_at_1": "18:00", "ends_at_0": "2026-05-01", "ends_at_1": "21:00"}
    assert carol.post("/admin/petitions/meeting/add/", typed).status_code == 302
    opened = Meeting.objects.get()
    page = carol.get(f"/admin/petitions/meeting/{opened.pk}/poster/").content.decode()
    assert f"/statements/{statement.slug}/sign/?via={opened.code}" in page
    assert (opened.created_by.username, len(opened.code)) == ("carol", 8)
    assert carol.get("/admin/petitions/meeting/").context["cl"].result_list[0].number == 0
