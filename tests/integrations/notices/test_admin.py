"""Notices on the desk."""

import pytest
from django.urls import reverse

from core.models import AuditEntry
from integrations.models import Notice
from integrations.notices import keeping
from mail.models import AllowedHost, OutgoingRequest
from tests.staff import superuser

pytestmark = pytest.mark.django_db
LIST, ADD, CHANGE = (f"admin:integrations_notice_{name}" for name in ("changelist", "add", "change"))
SLACK = "https://hooks.example.org/services/T0/B0/x"


@pytest.fixture
def ada():
    AllowedHost.objects.create(host="hooks.example.org", why="Our chat")
    return superuser("ada")


def typed(**more):
    return {"name": "Desk", "chat": "slack", "where": SLACK, "token": "", "about": ["waiting"], "per_hour": "4", **more}


def test_the_address_is_sealed_and_never_shown(ada):
    ada.post(reverse(ADD), typed())
    made = Notice.objects.get()
    assert (keeping.address_of(made), made.host, made.made_by.username) == ((SLACK, ""), "hooks.example.org", "ada")
    page = ada.get(reverse(CHANGE, args=[made.pk])).text
    assert ("T0/B0" in page, made.secret in page, "T0/B0" in str(Notice.objects.values())) == (False, False, False)
    ada.post(reverse(CHANGE, args=[made.pk]), typed(where="", per_hour="2"))
    made.refresh_from_db()
    assert (keeping.address_of(made), made.per_hour) == ((SLACK, ""), 2)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"where": ""}, "Write the address."),
        ({"where": "https://other.example.org/x"}, "other.example.org is not allowed yet."),
        ({"where": "https://hooks.example.org/"}, "Paste the whole address of the incoming webhook."),
        ({"where": "https://hooks.example.org/", "chat": "ntfy"}, "For ntfy: the address of the topic"),
        ({"where": "https://hooks.example.org/#/room/x", "chat": "matrix", "token": "t"}, "For Matrix: the address"),
        ({"where": "https://hooks.example.org/!a:b", "chat": "matrix"}, "For Matrix: the address"),
        ({"where": SLACK, "chat": "email"}, "Enter a valid email address."),
        ({"about": []}, "This field is required."),
        ({"per_hour": "0"}, "From 1 to 60 times an hour."),
    ],
)
def test_what_is_wrong_is_said(ada, wrong, said):
    form = ada.post(reverse(ADD), typed(**wrong)).context["adminform"].form
    (error,) = [error for errors in form.errors.values() for error in errors]
    assert (error[: len(said)], Notice.objects.count()) == (said, 0)


def test_try_off_and_on(ada):
    ada.post(reverse(ADD), typed())
    made = Notice.objects.get()

    def act(name, **more):
        ada.post(reverse(LIST), {"action": name, "_selected_action": [made.pk], "confirmed": "1", **more})
        made.refresh_from_db()
        return made.is_on, made.off_why

    act("try_it")
    assert [row.context["lines"] for row in OutgoingRequest.objects.all()] == [
        ["This is a test from the desk, by ada."]
    ]
    assert act("switch_off", reason="Moved") == (False, "Moved")
    act("try_it")
    assert OutgoingRequest.objects.count() == 1
    assert act("switch_on") == (True, "")
    what = list(AuditEntry.objects.order_by("id").values_list("what", flat=True))
    assert what[-2:] == ["Switched off", "Switched on again"]
