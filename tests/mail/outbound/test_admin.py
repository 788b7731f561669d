"""The list of hosts and the log on the desk."""

import pytest
from django.urls import reverse
from django.utils import timezone

from core.models import AuditEntry
from mail.models import AllowedHost, OutgoingRequest

pytestmark = pytest.mark.django_db
ADD = "admin:mail_allowedhost_add"


@pytest.fixture
def failed():
    return OutgoingRequest.objects.create(
        kind="test", host="hooks.example.org", state="failed", finished_at=timezone.now(), outcome="It answered 404."
    )


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("hooks.example.org", "hooks.example.org"),
        (" https://Hooks.Example.org/a?b=c ", "hooks.example.org"),
        ("hooks.example.org:8443", "hooks.example.org:8443"),
        ("https://hooks.example.org:443", "hooks.example.org"),
        ("bücher.example", "xn--bcher-kva.example"),
    ],
)
def test_a_host_is_allowed_however_it_was_pasted(admin_client, admin_user, typed, kept):
    admin_client.post(reverse(ADD), {"host": typed, "why": "Our newsletter list"})
    row = AllowedHost.objects.get()
    assert (row.host, row.why, row.added_by) == (kept, "Our newsletter list", admin_user)
    assert list(AuditEntry.objects.values_list("model", "label", "by_name")) == [
        ("mail.allowedhost", kept, admin_user.username)
    ]


@pytest.mark.parametrize(
    ("typed", "why", "said"),
    [
        ("127.0.0.1", "x", "Write the name of the host alone: no https://, no path, no IP address."),
        ("localhost", "x", "Write the name of the host alone: no https://, no path, no IP address."),
        ("hooks.example.org:99999", "x", "This is no address of the web."),
        ("hooks.example.org", " ", "This field is required."),
        ("old.example.org", "x", "This host is on the list already."),
    ],
)
def test_anything_else_is_refused_with_a_sentence(admin_client, typed, why, said):
    AllowedHost.objects.create(host="old.example.org", why="Long ago")
    answer = admin_client.post(reverse(ADD), {"host": typed, "why": why})
    errors = answer.context["adminform"].form.errors
    assert [error for field in errors.values() for error in field] == [said]
    assert AllowedHost.objects.count() == 1


def test_taking_a_host_off_the_list_is_in_the_record(admin_client):
    row = AllowedHost.objects.create(host="old.example.org", why="Long ago")
    admin_client.post(reverse("admin:mail_allowedhost_delete", args=[row.pk]), {"post": "yes"})
    assert (AllowedHost.objects.count(), AuditEntry.objects.get().what) == (0, "Deleted")


def test_the_log_shows_what_fails_and_sends_it_again(admin_client, failed):
    sent = OutgoingRequest.objects.create(kind="test", host="ok.example.org", state="sent", finished_at=timezone.now())
    address = reverse("admin:mail_outgoingrequest_changelist")
    assert list(admin_client.get(address).context["cl"].result_list) == [failed]
    assert list(admin_client.get(address, {"state": "all", "q": "OK.ex"}).context["cl"].result_list) == [sent]
    acted = {"action": "try_again", "_selected_action": [failed.pk], "confirmed": "1"}
    admin_client.post(address, acted)
    failed.refresh_from_db()
    assert (failed.state, failed.attempts, failed.outcome) == ("queued", 0, "")
