"""Newsletters on the desk."""

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from core.models import AuditEntry
from integrations.models import Newsletter, Subscriber
from integrations.newsletters import keeping
from mail.models import AllowedHost, OutgoingRequest
from publishers.models import Publisher
from submissions.models import ConsentText
from tests.staff import superuser

pytestmark = pytest.mark.django_db
ADD = "admin:integrations_newsletter_add"
CHANGE = "admin:integrations_newsletter_change"


@pytest.fixture
def ada():
    return superuser("ada")


@pytest.fixture
def allowed():
    AllowedHost.objects.create(host="lists.example.org", why="Our newsletter")


def typed(**more):
    return {
        "publisher": Publisher.objects.get().pk,
        "recipient": "Lantern Union",
        "program": "listmonk",
        "url": "https://lists.example.org",
        "username": "api",
        "new_key": "s3cret",
        "list_id": "7",
        "mapping": "",
        **more,
    }


def test_a_new_one_is_paused_and_its_key_never_shown(ada, allowed):
    ada.post(reverse(ADD), typed())
    made = Newsletter.objects.get()
    assert (made.state, made.made_by.username, keeping.key_of(made)) == ("paused", "ada", "s3cret")
    assert made.mapping == {
        "language": "language", "agreed_at": "agreed_at", "consent": "consent", "statement": "statement"
    }  # fmt: skip
    page = ada.get(reverse(CHANGE, args=[made.pk])).text
    assert ("s3cret" in page, made.key in page, "Nobody" in page) == (False, False, False)
    ada.post(reverse(CHANGE, args=[made.pk]), typed(new_key="", mapping="name = first"))
    made.refresh_from_db()
    assert (keeping.key_of(made), made.mapping) == ("s3cret", {"name": "first"})


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"new_key": ""}, "Write the key that the program gave you."),
        ({"username": ""}, "listmonk asks for the name of the API user as well."),
        ({"list_id": "abc"}, "Here a list is a number."),
        ({"list_id": "a b", "program": "mailchimp"}, "The list is its number or id there, without blanks."),
        ({"url": "http://169.254.169.254/"}, "Only https:// addresses can be asked."),
        ({"url": "https://other.example.org/"}, "other.example.org is not allowed yet."),
        ({"mapping": "name FNAME"}, "“name FNAME” is not like name = FNAME."),
        ({"mapping": "phone = PHONE"}, "“phone = PHONE” is not like name = FNAME."),
        ({"recipient": " "}, "This field is required."),
    ],
)
def test_what_is_wrong_is_said_and_kept(ada, allowed, wrong, said):
    form = ada.post(reverse(ADD), typed(**wrong)).context["adminform"].form
    (error,) = [error for errors in form.errors.values() for error in errors]
    assert (error[: len(said)], Newsletter.objects.count()) == (said, 0)


@pytest.mark.parametrize("program", ["civicrm"], indirect=True)
def test_the_page_says_who_would_be_handed_over_masked_and_how_far_it_is(ada, program, newsletter, wants, statement):
    wants()
    wants("before@example.org", consent=ConsentText.objects.create(text="x", notice="…", sha256="o"))
    Subscriber.objects.create(newsletter=newsletter, mailbox_key=b"x" * 16, email="on@example.org", state="there")
    page = ada.get(reverse(CHANGE, args=[newsletter.pk]))
    run = page.context["dry_run"]
    assert (run.opted_in, run.unnamed, run.silent, run.known, run.new) == (2, 1, 0, 0, 1)
    assert run.first == [("a…@example.org", "A…")]
    assert [(str(label), number) for label, number in page.context["progress"]] == [("handed over", 1)]
    assert [words in page.text for words in ("amina@", "Amina", "on@example.org")] == [False] * 3


@pytest.mark.parametrize("program", ["civicrm"], indirect=True)
def test_what_people_agreed_to_cannot_be_changed_under_them(ada, program, newsletter, wants):
    Subscriber.objects.create(newsletter=newsletter, mailbox_key=b"x" * 16, email="on@example.org", state="there")
    change = typed(
        program="civicrm", url=newsletter.url, list_id="7", recipient="Somebody else", mapping="name = first_name"
    )
    errors = ada.post(reverse(CHANGE, args=[newsletter.pk]), change).context["adminform"].form.errors
    assert list(errors) == ["recipient"]
    assert ada.post(reverse("admin:integrations_newsletter_delete", args=[newsletter.pk])).status_code == 403


@pytest.mark.parametrize("program", ["civicrm"], indirect=True)
def test_the_buttons(ada, program, newsletter):
    def press(name):
        answer = ada.post(reverse(f"admin:integrations_newsletter_{name}", args=[newsletter.pk]))
        newsletter.refresh_from_db()
        return newsletter.state, [str(message) for message in get_messages(answer.wsgi_request)][-1]

    assert press("pause")[0] == "paused"
    assert press("pause") == ("paused", "It is so already.")
    assert press("start")[0] == "running"
    assert press("off")[0] == "off"
    assert press("try")[0] == "off"
    assert list(OutgoingRequest.objects.values_list("kind", flat=True)) == ["newsletter_try"]
    assert list(AuditEntry.objects.order_by("id").values_list("what", flat=True)) == [
        "Paused", "Started", "Switched off", "Tried it"
    ]  # fmt: skip
    assert ada.get(reverse("admin:integrations_newsletter_start", args=[newsletter.pk])).status_code == 405
