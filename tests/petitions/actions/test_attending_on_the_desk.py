"""Who comes, as staff see it: the list for the door, as a page and as a table, and taking somebody off."""

import csv
import io

import pytest
from django.contrib.auth.models import Group, User

from core import roles
from core.models import AuditEntry
from petitions.models import Attendance
from petitions.statements import assigning
from tests.factories import EventFactory
from tests.petitions.actions.making import ask, come
from tests.staff import logged_in, superuser

pytestmark = pytest.mark.django_db


@pytest.fixture
def event():
    event = EventFactory(takes_names=True, capacity=2, slug="protest")
    come(event, "zoe@example.org", "Zoë Larsen")
    come(event, "amina@example.org", "=HYPERLINK(1)")
    come(event, "wei@example.org", "Wei <b>Chen</b>")
    ask(event, "late@example.org", "Not yet")
    return event


def test_the_list_for_the_door_has_names_by_the_alphabet_and_no_address(event):
    page = superuser("carol").get(f"/admin/petitions/event/{event.pk}/coming/")
    assert [row.name for row in page.context["coming"]] == ["=HYPERLINK(1)", "Zoë Larsen"]
    assert ([row.name for row in page.context["waiting"]], page.context["asked"]) == (["Wei <b>Chen</b>"], 1)
    html = page.content.decode()
    assert ("example.org" in html, "Wei &lt;b&gt;" in html, "Not yet" in html) == (False, True, False)
    assert "no-store" in page["Cache-Control"].split(", ")
    assert AuditEntry.objects.filter(why="the list for the door").count() == 1


def test_the_same_as_a_table_with_guarded_cells(event):
    file = superuser("carol").get(f"/admin/petitions/event/{event.pk}/coming.csv")
    rows = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))))
    assert rows == [
        ["Name", "Place"],
        ["'=HYPERLINK(1)", "coming"],
        ["Zoë Larsen", "coming"],
        ["Wei <b>Chen</b>", "on the waiting list"],
    ]
    assert 'filename="protest-' in file["Content-Disposition"]


def test_taking_somebody_off_makes_room_and_is_on_record(event):
    carol = superuser("carol")
    zoe = Attendance.objects.get(name="Zoë Larsen")
    assert carol.post(f"/admin/petitions/attendance/{zoe.pk}/delete/", {"post": "yes"}).status_code == 302
    assert dict(event.attendances.values_list("name", "state")) == {
        "=HYPERLINK(1)": "coming",
        "Wei <b>Chen</b>": "coming",
    }
    event.refresh_from_db()
    assert event.coming == 2
    assert AuditEntry.objects.filter(what="Took somebody off the list of those who come").count() == 1


def test_the_list_masks_addresses_and_finds_names(event):
    html = superuser("carol").get("/admin/petitions/attendance/?q=zoe").content.decode()
    assert ("Zoë Larsen" in html, "zoe@example.org" in html, "HYPERLINK" in html) == (True, False, False)


def test_an_event_with_people_on_its_list_is_called_off_and_not_deleted(event):
    superuser("carol").post(f"/admin/petitions/event/{event.pk}/delete/", {"post": "yes"})
    assert event.attendances.count() == 3


def test_who_may_not_see_people_sees_none(event):
    roles.establish()
    user = User.objects.create_user("mo", is_staff=True)
    user.groups.add(Group.objects.get(name=roles.MODERATOR))
    assigning.assign(statement=event.statement, user=user)
    reader = logged_in(user)
    for path in ("coming/", "coming.csv"):
        assert reader.get(f"/admin/petitions/event/{event.pk}/{path}").status_code == 403
