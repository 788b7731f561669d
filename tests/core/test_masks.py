"""Lists of staff mask addresses; the page of one row, whose opening is recorded, has the whole one (SAFETY F17)."""

import pytest

from core.models import AuditEntry
from tests.factories import CommentFactory, EndorsementFactory, OutgoingEmailFactory, SignatureFactory
from tests.staff import superuser

pytestmark = pytest.mark.django_db
CANARY = "kanarienvogel@example.org"
LISTS = {
    "petitions/signature": (lambda: SignatureFactory(email=CANARY), ""),
    "comments/comment": (lambda: CommentFactory(author_email=CANARY), "state=all"),
    "organisations/endorsement": (lambda: EndorsementFactory(contact_email=CANARY), "state=all"),
    "mail/outgoingemail": (lambda: OutgoingEmailFactory(recipient=CANARY, outcome=f"550 <{CANARY}>: no"), "state=all"),
}


@pytest.mark.parametrize("where", LISTS)
def test_a_list_masks_addresses_finds_whole_ones_and_leads_to_them(where):
    make, query = LISTS[where]
    carol, row, address = superuser("carol"), make(), f"/admin/{where}/"
    shown = carol.get(f"{address}?{query}").content.decode()
    assert (f"{row.pk}/change/" in shown, CANARY in shown, "kanarienvogel" in shown) == (True, False, False)
    found = carol.get(f"{address}?{query}&q={CANARY}")
    assert [one.pk for one in found.context["cl"].result_list] == [row.pk]
    assert list(carol.get(f"{address}?{query}&q=other@example.org").context["cl"].result_list) == []
    page = carol.get(f"{address}{row.pk}/change/").content.decode()
    assert (CANARY in page, AuditEntry.objects.latest("pk").what) == (True, "Looked at")
