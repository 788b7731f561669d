"""Organisations that a campaigner enters: in one go, before publishing, without a mailbox, and marked so."""

import pytest

from mail.models import OutgoingEmail
from organisations import entering
from organisations.models import Endorsement, Kind
from petitions.models import Statement, Version
from petitions.statements import publishing
from tests.factories import StatementFactory
from tests.staff import log, staff

pytestmark = pytest.mark.django_db
NAMES = ["Eastside Campaign", "Lantern Union", "Saltgate Readers’ Circle"]


def test_a_draft_has_them_and_publishing_shows_them_in_order_and_marked(client):
    statement = StatementFactory(published_at=None)
    done = entering.enter(statement=statement, names=[*NAMES, NAMES[0]], kind=Kind.OTHER, initial=True)
    assert [one.name for one in done.listed] == NAMES
    assert OutgoingEmail.objects.count() == 0
    publishing.publish(statement=statement)
    kept = Endorsement.objects.order_by("position")
    assert [(one.position, one.source, one.version.published_at is None) for one in kept] == [
        (1, "staff", False), (2, "staff", False), (3, "staff", False),
    ]  # fmt: skip
    html = client.get(Statement.objects.get().get_absolute_url()).content.decode()
    assert "Initial supporting organisations include:" in html
    places = [html.index(f"<bdi>{name}</bdi></a> *") for name in NAMES]
    assert places == sorted(places)
    again = entering.enter(statement=statement, names=[NAMES[1], "Harbour Tenants"], kind=Kind.OTHER, initial=True)
    assert ([one.position for one in again.listed], again.there) == ([5], [NAMES[1]])


def test_without_a_text_there_is_nothing_to_stand_behind():
    statement = StatementFactory(published_at=None)
    Version.objects.all().delete()
    with pytest.raises(entering.NoText):
        entering.enter(statement=statement, names=NAMES, kind=Kind.OTHER, initial=True)


def test_the_desk_takes_a_pasted_list_and_says_what_it_cannot_take():
    statement, desk = StatementFactory(), staff("carol", "change_endorsement")
    path = f"/admin/organisations/endorsement/enter/{statement.pk}/"
    typed = {"names": "• Eastside Campaign\n\n- Lantern Union\n", "kind": "other", "initial_ones": "on"}
    unsure = desk.post(path, typed)
    assert (unsure.status_code, list(unsure.context["form"].errors)) == (422, ["agreed"])
    assert "Lantern Union" in unsure.content.decode()
    assert desk.post(path, {**typed, "agreed": "on"}).status_code == 302
    assert [one.name for one in Endorsement.objects.order_by("position")] == ["Eastside Campaign", "Lantern Union"]
    assert log()[-1] == "Entered organisations: 2."
    long = desk.post(path, {**typed, "agreed": "on", "names": "x" * 500})
    assert (long.status_code, list(long.context["form"].errors)) == (422, ["names"])
    assert staff("eve").get(path).status_code == 403
