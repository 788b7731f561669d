"""Whether a site is set up well, and whether its mail leaves: the lights, `manage.py doctor`, the red bar."""

from datetime import timedelta
from io import StringIO

import dns.exception
import pytest
from django.contrib.auth.models import Permission, User
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from core import lights, probe
from mail import lights as mail_lights
from mail.models import OutgoingEmail, WorkerHeartbeat
from mail.trouble import trouble
from tests.factories import OutgoingEmailFactory
from tests.mailserver import running
from tests.staff import staff, superuser

pytestmark = pytest.mark.django_db


def doctor() -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("doctor", stdout=out)
    except SystemExit as ended:
        return ended.code, out.getvalue()
    return 0, out.getvalue()


@pytest.fixture
def demo(settings, server):
    """As `make demo` runs: all is well."""
    settings.DEMO, settings.SECRET_KEY = True, "x" * 60
    WorkerHeartbeat.objects.create(name="one")
    staff("mo")


def colours() -> dict[str, str]:
    return {
        judge.__name__: light.light for judge, light in zip(lights.LIGHTS, lights.all_lights(ask=True), strict=True)
    }


def test_everything_is_green_in_the_demo(demo):
    assert set(colours().values()) == {"green"}
    assert doctor()[0] == 0


@pytest.mark.parametrize("fault", ["worker", "mail", "secrets", "https", "sealing", "second_factor", "moderator"])
def test_each_fault_turns_its_own_light(demo, settings, monkeypatch, fault):
    settings.DEMO, settings.DEBUG, settings.SECOND_FACTOR, settings.ORIGIN = False, False, True, "https://x.example"
    settings.DKIM_SELECTOR = "post"
    monkeypatch.setattr(mail_lights, "_texts", lambda name: ["v=spf1 -all", "v=DMARC1; p=none"])
    monkeypatch.setattr(probe, "ask", lambda: probe.Found(settings.TRUSTED_PROXIES, underscores=False, secure=True))
    monkeypatch.setattr(probe, "follow", lambda: None)
    OutgoingEmailFactory(state="sent")
    before = colours()
    assert set(before.values()) == {"green", "amber"}
    if fault == "worker":
        WorkerHeartbeat.objects.all().delete()
        OutgoingEmailFactory(lane=1, **ago(9))
    if fault == "mail":
        OutgoingEmailFactory(attempts=3, outcome="connection refused")
    settings.DEBUG = fault == "secrets"
    settings.HASH_SECRET = "another one" if fault == "sealing" else settings.HASH_SECRET
    settings.SECOND_FACTOR = fault != "second_factor"
    settings.ORIGIN = "http://x.example" if fault == "https" else settings.ORIGIN
    if fault == "moderator":
        User.objects.all().delete()
    after = colours()
    assert {name for name in after if after[name] != before[name]} == {fault}
    assert doctor()[0] == (2 if fault == "moderator" else 1)


DNS = [mail_lights.records, mail_lights.signing_key]
RECORDS = {
    "example.org": ["v=spf1 -all"],
    "_dmarc.example.org": ["v=DMARC1; p=reject"],
    "post._domainkey.example.org": ["v=DKIM1; k=rsa; p=MIIB"],
}


@pytest.fixture
def dns_says(settings, monkeypatch, server):
    settings.EMAIL_SMTPUTF8 = True  # which the server carries
    settings.DEMO, settings.MAIL_FROM, settings.DKIM_SELECTOR = False, "Us <us@example.org>", "post"
    records, asked = dict(RECORDS), []

    def answer(name: str) -> list[str]:
        asked.append(name)
        return records.get(name, [])

    monkeypatch.setattr(mail_lights, "_texts", answer)
    return records, asked


@pytest.mark.parametrize(
    ("gone", "light", "named"),
    [
        ("example.org", mail_lights.records, "SPF"),
        ("_dmarc.example.org", mail_lights.records, "DMARC"),
        ("post._domainkey.example.org", mail_lights.signing_key, "DKIM"),
    ],
)
def test_missing_records_are_named(dns_says, gone, light, named):
    records, _ = dns_says
    assert {judge(True).light for judge in DNS} == {"green"}
    records[gone] = ["v=DKIM1; p="]  # a key that was taken back
    assert (light(True).light, light(True).advice.split(";")[0]) == ("red", f"Publish a TXT record for {named}")


def test_nobody_is_asked_before_somebody_wants_to_know(dns_says, settings):
    _, asked = dns_says
    carol = superuser("carol")
    html = carol.get("/admin/set-up/").content.decode()
    assert (asked, html.count("Not known")) == ([], 5)
    carol.get("/admin/set-up/?look-up=1")
    assert sorted(asked) == sorted(RECORDS)
    settings.DKIM_SELECTOR = ""
    assert mail_lights.signing_key(True).light == "unknown"


def test_silent_name_servers_are_no_fault_of_ours(dns_says, monkeypatch):
    def silence(name: str) -> list[str]:
        raise dns.exception.Timeout

    monkeypatch.setattr(mail_lights, "_texts", silence)
    assert [judge(True).light for judge in DNS] == ["unknown", "unknown"]


@pytest.mark.parametrize(
    ("carries", "taken", "light"),
    [(True, True, "green"), (True, False, "amber"), (False, False, "green"), (False, True, "red")],
)
def test_other_letters_are_taken_just_where_the_mail_server_carries_them(settings, carries, taken, light):
    settings.DEMO, settings.EMAIL_SMTPUTF8 = False, taken
    with running(settings, enable_SMTPUTF8=carries):
        assert mail_lights.letters(True).light == light
        assert mail_lights.letters().light == "unknown"
    assert mail_lights.letters(True).light == "unknown"  # it is away now
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert mail_lights.letters(True).light == "unknown"


def ago(minutes: int) -> dict:
    return {
        "created_at": timezone.now() - timedelta(minutes=minutes),
        "due_at": timezone.now() - timedelta(minutes=minutes),
    }


REFUSED = {"attempts": 3, "outcome": "535 wrong password", "lane": 1}


@pytest.mark.parametrize(
    ("mails", "words"),
    [
        ([], None),
        ([{"lane": 1, "minutes": 4}], None),
        ([{"lane": 1, "minutes": 9}], "Nobody is sending it."),
        ([{"lane": 2, "minutes": 9}], "Nobody is sending it."),
        ([{"lane": 3, "minutes": 9}], None),
        ([{"lane": 1, "minutes": 9, "state": "sent"}], None),
        ([{"lane": 1, "minutes": -9}], None),
        ([{"state": "sent", "attempts": 1}, REFUSED], "The mail server says: 535 wrong password."),
        ([REFUSED, {"state": "sent", "attempts": 1}], None),
        ([{**REFUSED, "attempts": 2}], None),
    ],
)
def test_a_red_bar_on_every_page_when_mail_does_not_leave(mails, words):
    for mail in mails:
        made = OutgoingEmailFactory(**{name: value for name, value in mail.items() if name != "minutes"})
        if "minutes" in mail:  # told from now on, not from when the tests were collected
            OutgoingEmail.objects.filter(pk=made.pk).update(**ago(mail["minutes"]))
    found = trouble()
    assert (found and found.words) == words
    carol, mo = superuser("carol"), staff("mo")
    for path in ("/admin/", "/admin/petitions/signature/"):
        assert carol.get(path).content.decode().count("Mail is not going out") == bool(words)
    User.objects.get(username="mo").user_permissions.remove(Permission.objects.get(codename="view_switch"))
    assert ("Tell whoever runs this site." in mo.get("/admin/").content.decode()) == bool(words)
    assert "Mail is not going out" not in Client().get("/admin/login/").content.decode()


def test_the_set_up_page_sends_a_test():
    carol = superuser("carol")
    page = carol.get("/admin/set-up/")
    assert len(page.context["lights"]) == len(lights.LIGHTS)
    carol.post("/admin/set-up/test-mail/")
    assert OutgoingEmail.objects.count() == 0
    User.objects.update(email="carol@example.org")
    carol.post("/admin/set-up/test-mail/")
    assert list(OutgoingEmail.objects.values_list("kind", "recipient")) == [("staff_test", "carol@example.org")]
