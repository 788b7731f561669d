"""Publishing together on the desk: one asks, another answers, each sees its own part."""

import re

import pytest
from django.contrib.auth.models import User

from core import roles
from petitions.models import Copublisher, Statement
from petitions.statements import assigning, copublishing
from tests.asking import sign
from tests.factories import StatementFactory
from tests.publishers.several import second
from tests.staff import Desk, logged_in, superuser

pytestmark = pytest.mark.django_db


@pytest.fixture
def mill():
    return second()


@pytest.fixture
def statement(mill) -> Statement:
    made = StatementFactory(slug="libraries", title="Keep the libraries open")
    made.refresh_from_db()
    return made


@pytest.fixture
def campaigner(statement) -> Desk:
    roles.establish()
    user = User.objects.create_user("carl", email="carl@example.org", is_staff=True)
    user.groups.add(roles.Group.objects.get(name=roles.CAMPAIGNER))
    assigning.assign(statement=statement, user=user)
    return logged_in(user)


def shown(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_one_asks_and_takes_it_back(campaigner, statement, mill):
    place = f"/admin/petitions/statement/{statement.pk}/together/"
    assert "Nobody yet." in shown(campaigner.get(place))
    assert campaigner.post(place, {"invite": "1"}).status_code == 422
    typed = {"invite": "1", "publisher": mill.publisher.pk, "note": "Join us."}
    assert campaigner.post(place, typed).status_code == 302
    page = campaigner.get(place)
    assert "has not answered" in shown(page)
    assert page.context["form"] is None  # there is nobody else to ask
    row = Copublisher.objects.get()
    assert (row.publisher, row.note, row.invited_by.username) == (mill.publisher, "Join us.", "carl")
    assert campaigner.post(place, {"withdraw": "999"}).status_code == 404
    assert campaigner.post(place, {"withdraw": row.pk}).status_code == 302
    row.refresh_from_db()
    assert row.ended == "withdrawn"
    page = shown(campaigner.post(place, {"withdraw": row.pk}, follow=True))
    assert "This invitation has been answered or withdrawn." in page


def test_the_other_reads_answers_and_writes_its_own_words(statement, mill):
    row = copublishing.invite(statement=statement, publisher=mill.publisher, note="You know it best.")
    assert "1 publisher asks you to publish a statement together." in shown(mill.desk.get("/admin/"))
    assert "Waits for your answer." in shown(mill.desk.get("/admin/joint/"))
    place = f"/admin/joint/{row.pk}/"
    page = shown(mill.desk.get(place))
    assert ("Our libraries belong to all of us." in page, "You know it best." in page) == (True, True)
    assert mill.desk.get(f"{place}contacts/").status_code == 404  # nothing is theirs yet
    too_long = mill.desk.post(place, {"accept": "1", "headline": "x" * 161, "preface": ""})
    assert (too_long.status_code, Statement.objects.get().joint_with) == (422, [])
    typed = {"accept": "1", "headline": "We are proud to sign", "preface": "<p>From the mill.</p>"}
    assert mill.desk.post(place, typed).url == place
    row.refresh_from_db()
    assert (row.is_joined, row.headline, str(row.preface)) == (True, "We are proud to sign", "<p>From the mill.</p>")
    assert mill.desk.post(place, {"keep": "1", "headline": "Prouder", "preface": ""}).status_code == 302
    assert Copublisher.objects.get().headline == "Prouder"
    assert mill.desk.post(place, {"leave": "1"}).url == "/admin/joint/"
    assert "You left on" in shown(mill.desk.get("/admin/joint/"))


def test_declining_takes_it_off_the_list(statement, mill):
    row = copublishing.invite(statement=statement, publisher=mill.publisher)
    assert mill.desk.post(f"/admin/joint/{row.pk}/", {"decline": "1"}).url == "/admin/joint/"
    assert "Nobody has asked you yet." in shown(mill.desk.get("/admin/joint/"))
    assert mill.desk.get(f"/admin/joint/{row.pk}/").status_code == 404


def test_each_sees_its_own_part_and_the_other_no_people(statement, mill, campaigner):
    row = copublishing.accept(
        copublisher=copublishing.invite(statement=statement, publisher=mill.publisher), by=mill.administrator
    )
    statement.refresh_from_db()
    one = sign(statement, "amina@example.org", news_of=[mill.publisher.pk])
    page = shown(mill.desk.get(f"/admin/joint/{row.pk}/"))
    assert ("0 people signed on your pages." in page, "1 wants your news." in page) == (True, True)
    assert mill.desk.get(f"/admin/petitions/signature/{one.pk}/change/").status_code == 302
    assert "Amina" not in mill.desk.get("/admin/petitions/signature/").content.decode()
    table = "Publisher Signed on its pages Want its news Eastside Campaign 1 0 Mill Road Tenants 0 1"
    assert table in shown(campaigner.get(f"/admin/petitions/statement/{statement.pk}/together/"))
    numbers = superuser("root").get(f"/admin/petitions/statement/{statement.pk}/numbers/?of=publishers&as=csv")
    assert numbers.content.decode("utf-8-sig").splitlines()[1:] == [
        '"Eastside Campaign","1","0"', '"Mill Road Tenants","0","1"',
    ]  # fmt: skip


def test_addresses_are_given_with_password_and_reason_and_on_record(statement, mill):
    row = copublishing.accept(
        copublisher=copublishing.invite(statement=statement, publisher=mill.publisher), by=mill.administrator
    )
    mill.administrator.set_password("a-very-long-password")
    mill.administrator.save()
    desk, place = mill.desk, f"/admin/joint/{row.pk}/contacts/"
    assert "those who ticked your own box" in shown(desk.get(place))
    wrong = desk.post(place, {"reason": "News", "password": "another"})
    assert (wrong.status_code, "This is not your password." in shown(wrong)) == (200, True)
    given = desk.post(place, {"reason": "News", "password": "a-very-long-password"})
    assert given["Content-Type"] == "text/csv; charset=utf-8"


def test_nobody_else_answers(statement, mill, campaigner):
    row = copublishing.invite(statement=statement, publisher=mill.publisher)
    for address in ("/admin/joint/", f"/admin/joint/{row.pk}/"):
        assert campaigner.get(address).status_code == 403
    assert mill.desk.get(f"/admin/petitions/statement/{statement.pk}/together/").status_code in {403, 404}
