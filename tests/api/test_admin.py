"""Tokens on the desk: made with a reason, seen once, revoked, never changed."""

import re
from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from api.models import Token
from core.models import AuditEntry
from publishers.models import Publisher
from tests.api.conftest import Program
from tests.staff import staff, superuser

pytestmark = pytest.mark.django_db
ADD, LIST = reverse("admin:api_token_add"), reverse("admin:api_token_changelist")


def add(client, **typed):
    expires = timezone.localtime() + typed.pop("lives", timedelta(days=30))
    asked = {
        "publisher": Publisher.objects.first().pk,
        "name": "Members' list",
        "owner": client.get("/admin/").wsgi_request.user.pk,
        "scopes": ["names:read"],
        "reason": "The list of members",
        "expires_at_0": expires.date().isoformat(),
        "expires_at_1": "12:00",
        **typed,
    }
    return client.post(ADD, asked)


def test_a_token_is_seen_once_and_works(statement):
    carol = superuser("carol")
    said = " ".join(map(str, get_messages(add(carol).wsgi_request)))
    secret = re.search(r"us_[\w-]{43}", said)[0]
    token = Token.objects.get()
    assert (token.scopes, token.made_by.username, token.hint) == (["names:read"], "carol", secret[-4:])
    assert Program(secret).read(f"statements/{statement.slug}/names").status_code == 200
    for page in (LIST, reverse("admin:api_token_change", args=[token.pk])):
        carol.get(page)  # where the message is shown
        shown = carol.get(page).text
        assert (secret in shown, token.digest in shown, "Members" in shown) == (False, False, True)
    assert AuditEntry.objects.order_by("pk").values_list("by_name", "what", "why")[0] == (
        "carol", "Made a token for names:read", "The list of members",
    )  # fmt: skip


def test_the_only_publisher_is_chosen_and_of_two_neither(statement):
    carol = superuser("carol")
    assert carol.get(ADD).context["adminform"].form.initial["publisher"] == Publisher.objects.get().pk
    Publisher.objects.create(name="Another", slug="another", legal_name="Another", contact_email="a@example.org")
    assert "publisher" not in carol.get(ADD).context["adminform"].form.initial


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"lives": timedelta(days=400)}, "expires_at"),
        ({"lives": -timedelta(days=2)}, "expires_at"),
        ({"reason": ""}, "reason"),
        ({"scopes": []}, "scopes"),
        ({"name": " "}, "name"),
        ({"owner": 999}, "owner"),
    ],
)
def test_what_a_token_needs(typed, field):
    answer = add(superuser("carol"), **typed)
    assert (list(answer.context["adminform"].form.errors), Token.objects.count()) == ([field], 0)


def test_a_revoked_one_does_nothing_and_the_record_says_why(statement):
    carol = superuser("carol")
    secret = re.search(r"us_[\w-]{43}", " ".join(map(str, get_messages(add(carol).wsgi_request))))[0]
    asked = {"action": "revoke", "_selected_action": [Token.objects.get().pk]}
    carol.post(LIST, asked)
    assert Token.objects.get().state == "valid"
    carol.post(LIST, {**asked, "confirmed": "yes", "reason": "The laptop was lost"})
    assert Token.objects.get().state == "revoked"
    assert Program(secret).read(f"statements/{statement.slug}/names").status_code == 401
    assert AuditEntry.objects.filter(what="Revoked", why="The laptop was lost").count() == 1


def test_who_may_only_look_makes_none_and_ends_none():
    add(superuser("carol"))
    looks = staff("dora")
    assert (looks.get(ADD).status_code, looks.get(LIST).status_code) == (403, 200)
    looks.post(LIST, {"action": "revoke", "_selected_action": [Token.objects.get().pk], "confirmed": "yes"})
    assert Token.objects.get().state == "valid"
    change = reverse("admin:api_token_change", args=[Token.objects.get().pk])
    assert superuser("eve").post(change, {"name": "Other"}).status_code == 403
