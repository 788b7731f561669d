"""The organisations of the demo: 64 on the wall, eight first, a queue with something in every state."""

from collections import Counter

import pytest

from organisations import wall
from organisations.models import Endorsement, EndorsementSubmission, Organisation
from petitions.models import Statement
from seeds import logos
from seeds.world import read


@pytest.fixture
def libraries(seeded):
    return Statement.objects.get(slug="keep-our-libraries-open")


def test_the_wall_has_64_organisations_and_the_initial_ones_in_the_order_of_their_file(libraries):
    first = [row["name"] for row in read("organisations")["organisations"] if row.get("initial")]
    shown = wall.wall(libraries)
    assert [tile.name for tile in shown.initial] == first
    assert (shown.total, len(shown.others)) == (64, 16)


def test_the_queue_has_something_in_every_state(libraries):
    states = Counter(libraries.endorsements.values_list("state", flat=True))
    assert states == {"listed": 64, "waiting": 4, "declined": 2, "withdrawn": 1}
    assert EndorsementSubmission.objects.filter(agreed_at=None).count() == 1
    assert Endorsement.objects.to_check().count() == 4


def test_twenty_have_a_logo_of_at_most_four_kilobytes(libraries):
    with_logo = Organisation.objects.filter(logo__isnull=False).select_related("logo")
    sizes = [len(organisation.logo.data) for organisation in with_logo]
    assert len(sizes) == 20
    assert max(sizes) <= 4096


def test_logos_are_the_same_every_time_and_differ_from_each_other():
    assert logos.logo("Lantern Union") == logos.logo("Lantern Union")
    assert logos.logo("Lantern Union").data != logos.logo("Threshold Teachers’ Union").data


def test_branches_belong_to_their_unions(libraries):
    lantern = Organisation.objects.get(name="Lantern Union")
    assert {branch.kind for branch in lantern.branches.all()} == {"union_branch"}
    assert lantern.branches.count() >= 3


def test_one_organisation_stands_behind_several_statements(libraries):
    campaign = Organisation.objects.get(name="Eastside Campaign")
    assert campaign.endorsements.listed().count() == 3
