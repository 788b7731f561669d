"""Webhooks on the desk."""

import re

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from core.models import AuditEntry
from integrations import endpoints
from integrations.models import Cursor, Endpoint, WebhookEvent
from mail.models import AllowedHost, OutgoingRequest

pytestmark = pytest.mark.django_db
LIST = "admin:integrations_endpoint_changelist"


def messages_of(answer):
    return [str(message) for message in get_messages(answer.wsgi_request)]


def add(client, **typed):
    asked = {
        "url": "https://hooks.example.org/a",
        "recipient": "Lantern Union",
        "events": ["signature.agreed", "statement.closed"],
        **typed,
    }
    return client.post(reverse("admin:integrations_endpoint_add"), asked)


def test_the_secret_is_shown_once(admin_client, admin_user):
    AllowedHost.objects.create(host="hooks.example.org", why="Our list")
    said = " ".join(messages_of(add(admin_client)))
    secret = re.search(r"whsec_[A-Za-z0-9+/=]{44}", said)[0]
    made = Endpoint.objects.get()
    assert (endpoints.secrets_of(made), made.made_by, made.may_have_mailbox) == ([secret], admin_user, False)
    assert set(Cursor.objects.values_list("type", flat=True)) == {"signature.agreed", "statement.closed"}
    address = reverse("admin:integrations_endpoint_change", args=[made.pk])
    admin_client.get(address)  # where the message is shown
    page = admin_client.get(address).content.decode()
    assert (made.url in page, "whsec_" in page, made.secret in page) == (True, False, False)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (
            {},
            "hooks.example.org is not allowed yet. An administrator adds it under “Hosts we may send to”",
        ),
        ({"url": "http://hooks.example.org/"}, "Only https:// addresses can be asked."),
        ({"url": "https://169.254.169.254/latest"}, "169.254.169.254 is not allowed yet."),
        ({"url": "nonsense"}, "Write the address with a host and without a log-in in it."),
        ({"url": "https://ada:x@hooks.example.org/"}, "Write the address with a host and without a log-in in it."),
    ],
)
def test_an_address_that_may_not_be_asked_is_refused_with_a_sentence(admin_client, typed, said):
    errors = add(admin_client, **typed).context["adminform"].form.errors
    assert list(errors) == ["url"]
    assert errors["url"][0].startswith(said)
    assert Endpoint.objects.count() == 0


@pytest.mark.parametrize("of", ["admin:integrations_endpoint_add", "admin:mail_allowedhost_add"])
def test_a_new_row_shows_nothing_that_only_the_machine_writes(admin_client, of):
    page = admin_client.get(reverse(of))
    assert [name for fieldset in page.context["adminform"] for name in fieldset.fields] in (
        ["url", "recipient", "events", "may_have_mailbox"],
        ["host", "why"],
    )
    assert "DatabaseDefault" not in page.text


def test_who_listens_to_nothing_is_refused(admin_client):
    AllowedHost.objects.create(host="hooks.example.org", why="Our list")
    errors = add(admin_client, events=[]).context["adminform"].form.errors
    assert dict(errors) == {"events": ["This field is required."]}


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"recipient": " "}, "This field is required."),
        (
            {"may_have_mailbox": "on"},
            "Whoever has mailboxes must hear who withdraws: choose “a signature was withdrawn” as well.",
        ),
    ],
)
def test_who_receives_is_named_and_hears_who_withdraws(admin_client, typed, said):
    AllowedHost.objects.create(host="hooks.example.org", why="Our list")
    errors = add(admin_client, **typed).context["adminform"].form.errors
    assert [error for field in errors.values() for error in field] == [said]
    assert Endpoint.objects.count() == 0


def test_a_machine_next_door_may_have_one_word(admin_client, settings):
    settings.OUTBOUND_PRIVATE_HOSTS = ["http://listmonk:9000"]
    add(admin_client, url="http://listmonk:9000/hook")
    assert Endpoint.objects.get().url == "http://listmonk:9000/hook"


def act(client, name, row, **typed):
    asked = {"action": name, "_selected_action": [row.pk], "confirmed": "1", **typed}
    of = f"admin:integrations_{row._meta.model_name}_changelist"
    return client.post(reverse(of), asked)


def test_off_and_on_again_with_a_reason_in_the_record(admin_client, endpoint):
    act(admin_client, "switch_off", endpoint, reason="It is being moved")
    endpoint.refresh_from_db()
    assert (endpoint.is_on, endpoint.off_why) == (False, "It is being moved")
    act(admin_client, "switch_on", endpoint)
    endpoint.refresh_from_db()
    assert (endpoint.is_on, endpoint.off_why) == (True, "")
    old = endpoint.secret
    assert "whsec_" in " ".join(messages_of(act(admin_client, "rotate", endpoint)))
    endpoint.refresh_from_db()
    assert endpoint.old_secret == old
    assert list(AuditEntry.objects.order_by("id").values_list("what", "why")) == [
        ("Switched off", "It is being moved"),
        ("Switched on again", ""),
        ("Made a new secret", ""),
    ]


def test_events_are_sent_again(admin_client, endpoint):
    event = WebhookEvent.objects.create(type="signature.agreed", key="x", statement_id=7, happened_at=timezone.now())
    act(admin_client, "replay", event)
    act(admin_client, "replay", event)
    assert [row.context for row in OutgoingRequest.objects.all()] == [{"endpoint": endpoint.pk, "event": event.pk}] * 2
