"""Team: one step invites, the link works once, and nobody gives away more than they have."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from core import roles
from mail.models import OutgoingEmail
from petitions import emails
from petitions.admin import checklist
from petitions.models import Invitation
from petitions.statements import assigning, inviting
from tests.factories import StatementFactory
from tests.petitions.test_admin_place import person

pytestmark = pytest.mark.django_db
PASSWORD = "a-very-long-password"


def link(invitation: Invitation) -> str:
    return f"/admin/invitation/{inviting.token(invitation)}/"


def typed(**more: str) -> dict[str, str]:
    return {"first_name": "Lena", "username": "lena", "password1": PASSWORD, "password2": PASSWORD, **more}


@pytest.fixture
def mine():
    return StatementFactory(title="Save the baths")


def test_a_campaigner_invites_in_one_step_and_the_invited_comes_in_once(mine):
    campaigner = person("Campaigner", mine)
    team = f"/admin/petitions/statement/{mine.pk}/team/"
    form = {"invite": "1", "email": "lena@example.org", "role": "Moderator", "statements": [mine.pk], "note": "Please"}
    assert campaigner.post(team, form).status_code == 302
    invitation = Invitation.objects.get()
    message = emails.invitation(OutgoingEmail.objects.get(kind="staff_invitation"))
    assert message.to == "lena@example.org"
    path = re.sub(r"^https?://[^/]+", "", message.context["invitation_url"])
    assert (path, message.context["statements"]) == (link(invitation), ["Save the baths"])
    guest = Client()
    assert guest.get(path).status_code == 200
    assert guest.post(path, typed(password2="other")).status_code == 422
    done = guest.post(path, typed())
    assert (done.status_code, done.url) == (302, f"/admin/petitions/statement/{mine.pk}/")
    lena = User.objects.get(username="lena")
    assert (lena.email, lena.is_staff, [group.name for group in lena.groups.all()]) == (
        "lena@example.org", True, ["Moderator"],
    )  # fmt: skip
    assert [one.user for one in mine.assignments.order_by("pk")][-1] == lena
    assert guest.get(done.url).status_code == 200
    again = Client().post(path, typed(username="mallory"))
    assert (again.status_code, "has been used" in again.content.decode()) == (410, True)
    assert User.objects.filter(username="mallory").count() == 0


def test_second_factor_comes_before_anything_else(mine, settings):
    settings.SECOND_FACTOR = True
    roles.establish()
    root = User.objects.create_superuser("root")
    invitation = inviting.invite(email="lena@example.org", role=roles.AUDITOR, statements=[mine], by=root)
    guest = Client()
    done = guest.post(link(invitation), typed(), follow=True)
    assert done.redirect_chain[-1][0].startswith("/admin/second-factor/set-up/")


@pytest.mark.parametrize("change", ["expires", "back", "again", "garbled"])
def test_a_link_that_is_over_lets_nobody_in(mine, change):
    roles.establish()
    root = User.objects.create_superuser("root")
    invitation = inviting.invite(email="lena@example.org", role=roles.MODERATOR, statements=[mine], by=root)
    path = link(invitation)
    if change == "expires":
        Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    elif change == "back":
        inviting.take_back(invitation=invitation, by=root)
    elif change == "again":
        inviting.send_again(invitation=invitation, by=root)
    else:
        path = path.replace("staff-invitation", "staff-invitatian")
    assert Client().get(path).status_code in (404, 410)
    assert Client().post(path, typed()).status_code in (404, 410)
    assert User.objects.count() == 1
    if change == "again":
        invitation.refresh_from_db()
        assert Client().get(link(invitation)).status_code == 200


def test_nobody_gives_away_more_than_they_have(mine):
    other = StatementFactory()
    campaigner, team = person("Campaigner", mine), f"/admin/petitions/statement/{mine.pk}/team/"
    form = {"invite": "1", "email": "lena@example.org", "role": "Moderator", "statements": [mine.pk]}
    for wrong in ({"role": "Auditor"}, {"role": "Administrator"}, {"statements": [other.pk]}, {"statements": []}):
        assert campaigner.post(team, {**form, **wrong}).status_code == 422
    moderator = person("Moderator", mine)
    assert moderator.post(team, form).status_code == 403
    assert moderator.get(team).status_code == 403
    assert campaigner.post(f"/admin/petitions/statement/{other.pk}/team/", form).status_code in (302, 403, 404)
    assert Invitation.objects.count() == 0
    root = User.objects.create_superuser("root")
    wide = inviting.invite(email="lena@example.org", role=roles.CAMPAIGNER, statements=[mine, other], by=root)
    campaigner.post(team, {"back": wide.pk})
    wide.refresh_from_db()
    assert wide.taken_back_at is None


def test_who_has_a_log_in_is_put_to_work_at_once(mine):
    campaigner = person("Campaigner", mine)
    known = User.objects.create_user("lena", email="Lena@example.org", is_staff=True)
    form = {
        "email": "lena@example.org",
        "role": "Campaigner",
        "moderates": "on",
        "statements": [mine.pk],
        "invite": "1",
    }
    campaigner.post(f"/admin/petitions/statement/{mine.pk}/team/", {**form, "statements": [mine.pk]})
    assert Invitation.objects.count() == 0
    assert {group.name for group in known.groups.all()} == {"Campaigner", "Moderator"}
    assert mine.assignments.filter(user=known).exists()


def test_nobody_moderates_until_somebody_is_let(mine):
    campaigner, team = person("Campaigner", mine), f"/admin/petitions/statement/{mine.pk}/team/"
    draft = StatementFactory(published_at=None)
    me = User.objects.get(username="campaigner")
    assigning.assign(statement=draft, user=me)

    def said() -> list[str]:
        return [f"{one.light} {one.label} {one.advice}" for one in checklist.checks(draft) if "oderates" in one.label]

    assert said() == ["amber Moderates comments: 0 Nobody moderates comments here. Invite somebody under Team."]
    assert "Nobody moderates comments here." in campaigner.get(team).content.decode()
    stranger = User.objects.create_user("stranger", is_staff=True)
    campaigner.post(team, {"moderate": stranger.pk})
    assert stranger.groups.count() == 0
    assert campaigner.post(team, {"moderate": me.pk}).status_code == 302
    assert me.has_perm("comments.change_comment") or User.objects.get(pk=me.pk).has_perm("comments.change_comment")
    assert "Nobody moderates" not in campaigner.get(team).content.decode()
    assert said() == ["green Moderates comments: 1 "]
