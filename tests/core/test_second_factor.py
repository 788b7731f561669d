"""The second factor of staff: asked for once a session, set up by oneself, replaced by a recovery code."""

import re

import pytest
from django.contrib.auth.models import User
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from core import second_factor
from tests.staff import log, logged_in, superuser

pytestmark = pytest.mark.django_db
ASK, ENROL = "/admin/second-factor/", "/admin/second-factor/set-up/"


@pytest.fixture(autouse=True)
def _asked_for(settings):
    settings.SECOND_FACTOR = True


def code(key: str) -> str:
    return f"{TOTP(bytes.fromhex(key)).token():06d}"


def key_on(page) -> str:
    return second_factor._key(page.context["key"])


def enrolled(client) -> list[str]:
    """Set it up as a person does; the recovery codes."""
    page = client.get(ENROL)
    done = client.post(ENROL, {"key": page.context["key"], "code": code(key_on(page))})
    return done.context["codes"]


@pytest.mark.parametrize(
    "path", ["/admin/", "/admin/petitions/signature/", "/admin/no-such-page/", "/admin/auth/user/"]
)
def test_a_password_alone_opens_nothing(path):
    carol = superuser("carol")
    assert carol.get(path).url.startswith(f"{ASK}?next=")
    assert carol.post(path, {"action": "remove"}).status_code == 302
    assert carol.get(ASK).url == ENROL


def test_setting_it_up_lets_one_in_and_shows_ten_codes_once():
    carol = superuser("carol")
    assert len(enrolled(carol)) == len(set(StaticToken.objects.values_list("token", flat=True))) == 10
    assert carol.get("/admin/").status_code == 200
    assert log() == ["Set up a second factor."]


def test_looking_at_the_page_keeps_nothing_and_a_wrong_code_neither():
    carol = superuser("carol")
    page = carol.get(ENROL)
    assert page.context["picture"].startswith("data:image/svg+xml")
    wrong = carol.post(ENROL, {"key": page.context["key"], "code": "000 000"})
    assert wrong.context["form"].errors == {"code": ["This code does not fit. Wait for the next one and try again."]}
    assert key_on(wrong) == key_on(page)
    assert carol.post(ENROL, {"key": "made up", "code": "123456"}).context["form"].errors
    assert TOTPDevice.objects.count() == 0


def test_a_new_session_is_asked_again_and_led_to_where_it_wanted():
    enrolled(superuser("carol"))
    carol = logged_in(User.objects.get(username="carol"))
    wanted = carol.get("/admin/petitions/event/?q=x").url
    assert carol.get(ENROL).url == ASK
    assert carol.post(wanted, {"code": "999999"}).context["form"].errors
    device = TOTPDevice.objects.get()
    TOTPDevice.objects.update(last_t=-1, throttling_failure_count=0, throttling_failure_timestamp=None)
    assert carol.post(wanted, {"code": code(device.key)}).url == "/admin/petitions/event/?q=x"
    assert carol.get("/admin/").status_code == 200


def test_nobody_is_led_elsewhere():
    codes = enrolled(superuser("carol"))
    carol = logged_in(User.objects.get(username="carol"))
    assert carol.post(f"{ASK}?next=https://evil.example/", {"code": codes[0]}).url == "/admin/"


def test_a_recovery_code_opens_once():
    codes = enrolled(superuser("carol"))
    user = User.objects.get(username="carol")
    assert logged_in(user).post(ASK, {"code": codes[0].upper()}).url == "/admin/"
    assert logged_in(user).post(ASK, {"code": codes[0]}).context["form"].errors
    assert StaticToken.objects.count() == 9


def test_guessing_is_slowed_down():
    enrolled(superuser("carol"))
    carol = logged_in(User.objects.get(username="carol"))
    carol.post(ASK, {"code": "000001"})
    TOTPDevice.objects.update(last_t=-1)
    right = code(TOTPDevice.objects.get().key)
    assert carol.post(ASK, {"code": right}).context["form"].errors


def test_a_lost_one_is_taken_away_by_an_administrator_and_recorded(settings):
    enrolled(superuser("carol"))
    settings.SECOND_FACTOR = False
    User.objects.create_superuser("alex", password="alex has a long one")
    alex, carol = logged_in(User.objects.get(username="alex")), User.objects.get(username="carol")
    typed = {"action": "forget_second_factor", "_selected_action": [carol.pk], "confirmed": "1"}
    asked = alex.post("/admin/auth/user/", {**typed, "password": "a guess"})
    assert asked.context["form"].errors == {"password": ["This is not your password."]}
    assert TOTPDevice.objects.count() == 1
    assert alex.post("/admin/auth/user/", {**typed, "password": "alex has a long one"}).status_code == 302
    assert (TOTPDevice.objects.count(), StaticToken.objects.count()) == (0, 0)
    assert log()[-1] == "Took the second factor away."


def test_the_secrets_have_no_staff_page(settings):
    settings.SECOND_FACTOR = False
    page = superuser("carol").get("/admin/").content.decode()
    assert re.findall(r"/admin/otp_\w+/", page) == []


def test_where_it_is_off_a_password_is_enough(settings):
    settings.SECOND_FACTOR = False
    assert superuser("carol").get("/admin/").status_code == 200
