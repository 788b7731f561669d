"""Notable signatories: in the campaigner's order, if they show their names; nobody else stands first."""

import pytest

from petitions.models import Signature
from petitions.signatures import notable, signing
from tests.factories import SignatureFactory, StatementFactory
from tests.staff import staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def statement():
    return StatementFactory()


def people(statement, *names: str, **more: object) -> list[Signature]:
    return [SignatureFactory(statement=statement, name=name, show_name=True, **more) for name in names]


def test_they_stand_first_with_what_they_are(client, statement):
    ada, bo, _cy = people(statement, "Ada", "Bo", "Cy", affiliation="Poet")
    notable.arrange(statement=statement, order={bo.pk: 1, ada.pk: 2})
    html = client.get(statement.get_absolute_url()).content.decode()
    listed = html.partition('<ul class="notable">')[2].partition("</ul>")[0]
    assert [listed.index(name) for name in ("Bo", "Ada")] == sorted(listed.index(name) for name in ("Bo", "Ada"))
    assert ("Poet" in listed, "Cy" in listed) == (True, False)
    signing.remove(signature_id=bo.pk, reason="Fake")
    assert notable.of(statement.pk) == [("Ada", "Poet", False)]
    notable.arrange(statement=statement, order={})
    assert notable.of(statement.pk) == []


def test_who_does_not_show_their_name_or_signed_something_else_cannot(statement):
    private = SignatureFactory(statement=statement, name="Di")
    other = people(StatementFactory(), "Ed")[0]
    for pk in (private.pk, other.pk):
        with pytest.raises(notable.NotShown):
            notable.arrange(statement=statement, order={pk: 1})
    with pytest.raises(notable.TooMany):
        notable.arrange(statement=statement, order=dict.fromkeys(range(notable.MOST + 1), 1))


def test_the_desk_finds_a_name_and_gives_it_a_place(statement):
    ada, _bo = people(statement, "Ada Long", "Bo Short")
    desk, path = staff("carol", "change_statement"), f"/admin/petitions/statement/{statement.pk}/notable/"
    assert "Nobody stands first yet" in desk.get(path).content.decode()
    found = desk.get(f"{path}?q=ada")
    assert list(found.context["form"].fields) == [str(ada.pk)]
    assert desk.post(f"{path}?q=ada", {str(ada.pk): "1"}).status_code == 302
    assert notable.of(statement.pk) == [("Ada Long", "", False)]
    assert desk.post(path, {str(ada.pk): "first"}).status_code == 422
    assert staff("eve").get(path).status_code == 403
