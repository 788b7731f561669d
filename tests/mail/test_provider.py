"""Mail by a provider's API: set up by the environment alone, and its refusals mean what a mail server's mean."""

from base64 import b64encode
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from mail import checks
from mail.carrier import ServerAway
from mail.models import OutgoingEmail
from tests import mailprovider
from tests.factories import OutgoingEmailFactory
from tests.mailprovider import Answer
from tests.mailserver import deliver
from tests.staff import superuser
from undersigned import environment

pytestmark = pytest.mark.django_db
AMINA, BO, CAROL = "amina@example.org", "bo@example.org", "carol@example.org"


@pytest.fixture
def set_up(settings, monkeypatch):
    """Settings as `undersigned/settings.py` makes them of an environment."""

    def set_up(backend: str, **values: str) -> None:
        for name, value in values.items():
            monkeypatch.setenv(f"ANYMAIL_{name}", value)
        settings.EMAIL_BACKEND = f"anymail.backends.{backend}.EmailBackend"
        settings.ANYMAIL = environment.provider(20)

    return set_up


@pytest.fixture
def provider(set_up):
    with mailprovider.running() as found:
        set_up(
            "mailgun",
            MAILGUN_API_KEY="k3y",
            MAILGUN_SENDER_DOMAIN="mail.example.org",
            MAILGUN_API_URL=f"http://127.0.0.1:{found.port}/v3",
        )
        yield found


def three() -> list[OutgoingEmail]:
    return [OutgoingEmailFactory(kind="staff_test", recipient=recipient) for recipient in (AMINA, BO, CAROL)]


def fate_of(row: OutgoingEmail) -> tuple[str, int, str]:
    row.refresh_from_db()
    return row.state, row.attempts, row.outcome


def test_a_mail_goes_out_by_the_api_with_its_own_id(provider):
    carol = superuser("carol")
    User.objects.update(email=CAROL)
    carol.post("/admin/set-up/test-mail/")
    assert (checks.backend(), deliver()) == ([], 1)
    row = OutgoingEmail.objects.get()
    (mail,) = provider.received
    names = ("path", "key", "to", "from", "h:reply-to", "h:message-id", "h:auto-submitted", "h:x-outbox-id")
    assert {name: mail[name] for name in names} == {
        "path": "/v3/mail.example.org/messages",
        "key": f"Basic {b64encode(b'api:k3y').decode()}",
        "to": CAROL,
        "from": "Eastside Campaign <post@example.org>",
        "h:reply-to": "post@example.org",
        "h:message-id": f"<{row.uuid}@example.org>",
        "h:auto-submitted": "auto-generated",
        "h:x-outbox-id": str(row.pk),
    }
    assert (bool(mail["text"]), bool(mail["html"]), bool(mail["subject"])) == (True, True, True)
    assert fate_of(row) == ("sent", 1, "")


IN_TWO_HOURS = "in two hours"  # a date, told when the test runs


@pytest.mark.parametrize(
    ("said", "outcome", "minutes"),
    [
        (Answer(429, {"message": "Slow down, bo@example.org"}), "429 Slow down, the recipient", 1),
        (Answer(429, {"error": "Slow down"}, {"Retry-After": "600"}), "429 Slow down", 10),
        (Answer(429, "", {"Retry-After": "5"}), "429 Too Many Requests", 1),
        (Answer(429, "", {"Retry-After": "999999999999"}), "429 Too Many Requests", 240),
        (Answer(429, "", {"Retry-After": "soon"}), "429 Too Many Requests", 1),
        (Answer(503, "<h1>Later</h1>", {"Retry-After": IN_TWO_HOURS}), "503 <h1>Later</h1>", 120),
        (Answer(500, "{not JSON"), "500 {not JSON", 1),
        (Answer(502, ["odd"]), "502 ['odd']", 1),
        (Answer(402, {"message": "Pay us"}), "402 Pay us", 1),
        (Answer(400, {"message": "'from' parameter is not valid"}), "400 'from' parameter is not valid", 1),
        (Answer(404, {"message": "Domain not found"}), "404 Domain not found", 1),
        (Answer(200, "Mailgun Magnificent API"), "200 Mailgun Magnificent API", 1),
        (Answer(200, {"odd": 1}), "200 {'odd': 1}", 1),
        (Answer(0), None, 1),
    ],
)
def test_what_may_pass_is_tried_again_and_holds_nobody_up(provider, said, outcome, minutes):
    _, bo, _ = three()
    provider.says[BO] = said
    if said.headers.get("Retry-After") == IN_TWO_HOURS:
        said.headers["Retry-After"] = format_datetime(datetime.now(UTC) + timedelta(hours=2), usegmt=True)
    before = timezone.now()
    assert deliver() == 2
    assert [mail["to"] for mail in provider.received] == [AMINA, CAROL]
    state, attempts, words = fate_of(bo)
    assert (state, attempts) == ("queued", 1)
    assert words == (outcome or words)
    assert timedelta(minutes=minutes, seconds=-60) < bo.due_at - before < timedelta(minutes=minutes, seconds=60)

    provider.says.clear()
    OutgoingEmail.objects.update(due_at=before)
    assert (deliver(), fate_of(bo)) == (1, ("sent", 2, ""))


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        (
            Answer(400, {"message": "to parameter is not a valid address: BO@example.org"}),
            "400 to parameter is not a valid address: the recipient",
        ),
        (Answer(422, {"detail": "bo@example.org: no"}), "422 the recipient: no"),
        (Answer(413, "Too large"), "413 Too large"),
    ],
)
def test_what_is_for_ever_fails_at_once(provider, said, outcome):
    _, bo, _ = three()
    provider.says[BO] = said
    assert (deliver(), fate_of(bo)) == (2, ("failed", 1, outcome))


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_is_not_taken_holds_all_mail_and_costs_no_try(provider, status):
    rows = three()
    provider.says = dict.fromkeys((AMINA, BO, CAROL), Answer(status, {"message": "Invalid private key"}))
    with pytest.raises(ServerAway, match=f"^{status} Invalid private key$"):
        deliver()
    assert provider.asked == [AMINA]
    assert [fate_of(row) for row in rows] == [("queued", 0, "")] * 3

    provider.says.clear()
    assert deliver() == 3


def test_an_api_that_cannot_be_reached_holds_all_mail_and_costs_no_try(set_up):
    with mailprovider.running() as gone:
        pass
    url = f"http://127.0.0.1:{gone.port}/v3"
    set_up("mailgun", MAILGUN_API_KEY="k3y", MAILGUN_SENDER_DOMAIN="x.example", MAILGUN_API_URL=url)
    rows = three()
    with pytest.raises(ServerAway, match=r"^ConnectionError: Error posting to http://127\.0\.0\.1:"):
        deliver()
    assert [fate_of(row) for row in rows] == [("queued", 0, "")] * 3


def told() -> list[tuple[str, str, str]]:
    return [(found.id, found.msg, found.hint) for found in checks.backend()]


def test_a_setting_that_the_backend_lacks_is_named(set_up):
    set_up("mailgun", MAILGUN_SENDER_DOMAIN="x.example")
    lacks = "EMAIL_BACKEND=anymail.backends.mailgun.EmailBackend lacks a setting."
    assert told() == [("mail.E001", lacks, "Set ANYMAIL_MAILGUN_API_KEY.")]


def test_a_setting_that_the_backend_does_not_know_is_named(set_up):
    set_up("postmark", POSTMARK_SERVER_TOKEN="t", POSTMARK_MESAGE_STREAM="s")
    ((number, words, hint),) = told()
    assert (number, words) == (
        "mail.E002",
        "ANYMAIL_POSTMARK_MESAGE_STREAM is set, but anymail.backends.postmark.EmailBackend knows no such setting.",
    )
    assert "ANYMAIL_POSTMARK_MESSAGE_STREAM" in hint.removeprefix("It knows ").removesuffix(".").split(", ")


def test_a_backend_that_does_not_exist_is_told(set_up):
    set_up("mailgunn")
    ((number, words, _),) = told()
    assert (number, words.partition(":")[0]) == (
        "mail.E001",
        "EMAIL_BACKEND=anymail.backends.mailgunn.EmailBackend can't be had",
    )


def test_a_providers_setting_without_a_provider_is_told(settings, monkeypatch):
    monkeypatch.setenv("ANYMAIL_MAILGUN_API_KEY", "k3y")
    settings.EMAIL_BACKEND, settings.ANYMAIL = "mail.smtp.EmailBackend", environment.provider(20)
    ((number, words, hint),) = told()
    assert (number, words, hint) == (
        "mail.E002",
        "ANYMAIL_MAILGUN_API_KEY is set, but mail.smtp.EmailBackend knows no such setting.",
        "It knows none, since it is no provider's.",
    )
