"""A flood in many spellings of one mailbox does not bury what its owner asked for."""

import pytest

from mail.models import OutgoingEmail
from tests.asking import listed, rest, want

pytestmark = pytest.mark.django_db
AMINA = "amina@example.org"


@pytest.mark.parametrize("first", ["flood", "owner"])
def test_the_owner_is_written_to_within_a_day_of_a_flood_in_other_spellings(statement, server, first):
    """Each spelling has its own mail, and all of them share what one mailbox gets."""
    mine = want(statement, ip_key="home") if first == "owner" else None
    for number in range(40):
        want(statement, f"Forger {number}", f"amina+{number}@example.org", ip_key="elsewhere")
    rest(seconds=11)
    mine = mine or want(statement, ip_key="home")
    for _ in range(3):
        rest(hours=12)
    assert [mine.reference] in listed(server)
    assert OutgoingEmail.objects.filter(state="sent").count() <= 7
