"""The log-ins of the demo: each may do its work and no more."""

import pytest
from django.contrib.auth.models import Group, User

from petitions.models import Assignment, Statement
from tests.seeds.conftest import seed


@pytest.mark.parametrize("username", ["admin", "campaigner", "moderator", "auditor"])
def test_staff_can_log_in(seeded, username):
    user = User.objects.get(username=username)
    assert user.check_password("undersigned-demo")
    assert (user.is_staff, user.is_superuser) == (True, username == "admin")


def test_roles_may_do_their_work_and_no_more(seeded):
    moderator, auditor = (User.objects.get(username=name) for name in ("moderator", "auditor"))
    assert moderator.has_perm("petitions.change_signature")
    assert not moderator.has_perm("petitions.change_statement")
    assert {perm.partition(".")[2].partition("_")[0] for perm in auditor.get_all_permissions()} == {"view"}


def test_a_password_that_was_changed_stays_changed(seeded):
    admin = User.objects.get(username="admin")
    admin.set_password("something else entirely")
    admin.save()
    seed()
    assert User.objects.get(username="admin").check_password("something else entirely")


def test_one_group_for_each_role(seeded):
    held = Group.objects.values_list("name", "user__username")
    assert sorted(held) == [
        ("Administrator", "admin"),
        ("Auditor", "auditor"),
        ("Campaigner", "campaigner"),
        ("Moderator", "moderator"),
    ]


def test_the_campaigner_and_the_moderator_look_after_every_statement(seeded):
    for name in ("campaigner", "moderator"):
        assert Assignment.objects.filter(user__username=name).count() == Statement.objects.count()
