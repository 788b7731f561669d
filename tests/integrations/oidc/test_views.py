"""Staff log in with an account elsewhere: proved, linked by an administrator, and nobody else."""

import re
from io import StringIO

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.urls import reverse
from joserfc.jwk import OctKey, RSAKey

from core import passwords, roles, switches
from core.models import AuditEntry
from integrations.models import Identity
from integrations.oidc import identities, provider
from mail.outbound import door
from tests.integrations.oidc.players import CLIENT, SECRET, Provider
from tests.mail.outbound.hosts import good
from tests.staff import Desk, superuser

pytestmark = pytest.mark.django_db
START, BACK = "/admin/oidc/", "/admin/oidc/back/"


@pytest.fixture
def elsewhere(other, settings):
    played = Provider(other)
    settings.OIDC_ISSUER = played.issuer
    settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = CLIENT, SECRET
    settings.OIDC_NAME = "Nextcloud"
    return played


@pytest.fixture
def linked(elsewhere):
    """Ada, whose account it is; what it calls its address is Carol's."""
    User.objects.create_superuser("carol", email="carol@example.org")
    ada = User.objects.create_user("ada", is_staff=True, is_superuser=True, password="correct horse battery")
    Identity.objects.create(issuer=elsewhere.issuer, subject="ada-1", calls_itself="ada", user=ada)
    return ada


def log_in(elsewhere, browser=None, **brought):
    """The whole way; the browser and the last answer."""
    browser = browser or Desk()
    where = browser.get(START)
    assert where.status_code == 302, where.content
    back = {**elsewhere.log_in(where["Location"]), **brought}
    page = browser.get(BACK, back)
    assert page.status_code == 200
    return browser, browser.post(BACK, back)


def who(browser):
    number = browser.session.get("_auth_user_id")
    return User.objects.get(pk=number).username if number else None


def test_whoever_is_linked_is_let_in_by_one_press(elsewhere, linked, settings):
    settings.SECOND_FACTOR = False
    browser, answer = log_in(elsewhere)
    assert (who(browser), answer.status_code, answer["Location"]) == ("ada", 302, "/admin/")
    assert browser.get("/admin/").status_code == 200
    assert Identity.objects.get().used_at is not None
    assert User.objects.count() == 2


def test_what_is_asked_there_has_state_nonce_and_proof(elsewhere):
    browser = Desk()
    answer = browser.get(START)
    asked = dict(re.findall(r"[?&]([^=&]+)=([^&]*)", answer["Location"]))
    assert answer["Location"].startswith("https://id.example.org/authorize?")
    assert (asked["code_challenge_method"], asked["scope"]) == ("S256", "openid+profile+email")
    assert asked["redirect_uri"] == "http%3A%2F%2Ftestserver%2Fadmin%2Foidc%2Fback%2F"
    assert [len(asked[name]) for name in ("state", "nonce", "code_challenge")] == [43, 43, 43]
    cookie = browser.cookies["oidc"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == ("/admin/oidc/", True, "Strict")
    assert asked["state"] not in cookie.value


def test_coming_back_alone_lets_nobody_in(elsewhere, linked):
    browser = Desk()
    back = elsewhere.log_in(browser.get(START)["Location"])
    for _ in range(2):
        assert browser.get(BACK, back).status_code == 200
    assert (who(browser), "/token" in elsewhere.asked) == (None, False)


def said(answer):
    return re.search(r'role="alert">(.*?)</p>', answer.content.decode(), re.DOTALL)[1].replace("&#x27;", "'")


@pytest.mark.parametrize("how", ["another state", "no cookie", "another browser's cookie"])
def test_a_log_in_that_was_begun_elsewhere_is_refused(elsewhere, linked, how):
    browser = Desk()
    back = elsewhere.log_in(browser.get(START)["Location"])
    if how == "another state":
        back["state"] = "x" * 43
    else:
        browser = Desk()
        if how == "another browser's cookie":
            browser.get(START)
    answer = browser.post(BACK, back)
    assert (who(browser), answer.status_code) == (None, 403)
    assert said(answer).startswith("This log-in was not begun in this browser")
    assert "/token" not in elsewhere.asked


def test_after_ten_minutes_it_is_begun_anew(elsewhere, linked, monkeypatch):
    monkeypatch.setattr("integrations.oidc.views.MINUTES", -1)
    browser, answer = log_in(elsewhere)
    assert (who(browser), answer.status_code) == (None, 403)


FORGED = {
    "another nonce": {"nonce": "x"},
    "another issuer": {"iss": "https://evil.example"},
    "for another site": {"aud": "other"},
    "over": {"exp": 1},
    "for another party": {"azp": "other"},
    "nobody": {"sub": ""},
}


@pytest.mark.parametrize("more", FORGED.values(), ids=FORGED)
def test_what_does_not_fit_is_not_believed(elsewhere, linked, more):
    elsewhere.more = more
    browser, answer = log_in(elsewhere)
    assert (who(browser), answer.status_code, Identity.objects.count()) == (None, 502, 1)


@pytest.mark.parametrize("how", ["another key", "our own secret"])
def test_what_somebody_else_signed_is_not_believed(elsewhere, linked, how):
    if how == "another key":
        elsewhere.signs_with = RSAKey.generate_key(2048, {"kid": "a"})
    else:
        elsewhere.signs_with, elsewhere.algorithm = OctKey.import_key(SECRET * 8), "HS256"
    browser, answer = log_in(elsewhere)
    assert (who(browser), answer.status_code) == (None, 502)
    assert said(answer).startswith("What the provider says can't be trusted")


def test_new_keys_are_fetched_when_they_are_needed(elsewhere, linked):
    assert who(log_in(elsewhere)[0]) == "ada"
    elsewhere.turn_keys()
    assert who(log_in(elsewhere)[0]) == "ada"


def test_a_code_is_good_once(elsewhere, linked):
    browser = Desk()
    back = elsewhere.log_in(browser.get(START)["Location"])
    cookie = browser.cookies["oidc"].value
    browser.post(BACK, back)
    again = Desk()
    again.cookies["oidc"] = cookie
    assert (again.post(BACK, back).status_code, who(again)) == (502, None)


FAULTS = {
    "down": (good(status="503 Away"), "The provider answered 503."),
    "moved": (good(status="302 Found", Location="http://169.254.169.254/"), "The provider answered 302."),
    "no JSON": (good(b"<html>"), "The provider's answer is no JSON."),
    "half": (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", "Its answer broke off in the middle."),
    "another": (good(b'{"issuer": "https://evil.example"}'), "The provider calls itself https://evil.example:"),
    "too long": (good(b"x" * (door.MOST_READ + 1)), "Its answer is longer than 256 KB."),
}


@pytest.mark.parametrize(("fault", "words"), FAULTS.values(), ids=FAULTS)
def test_a_provider_in_trouble_is_a_sentence(elsewhere, fault, words):
    elsewhere.fault = fault
    answer = Desk().get(START)
    assert (answer.status_code, said(answer)[: len(words)]) == (502, words)


def test_where_its_keys_are_must_be_allowed_and_public(elsewhere, linked):
    elsewhere.facts = {"jwks_uri": "http://169.254.169.254/keys"}
    browser, answer = log_in(elsewhere)
    assert (who(browser), said(answer)) == (None, "Only https:// addresses can be asked.")


def test_the_switch_for_emergencies_holds_here_too(elsewhere):
    switches.turn_off(name="outbound")
    assert said(Desk().get(START)).startswith("Requests to other hosts are switched off")


def test_who_is_not_linked_waits_for_an_administrator_whatever_address_they_claim(elsewhere):
    carol = superuser("carol")
    User.objects.filter(username="carol").update(email="carol@example.org")
    browser, answer = log_in(elsewhere)
    identity = Identity.objects.get()
    assert (who(browser), answer.status_code, identity.user) == (None, 403, None)
    assert f"link account {identity.pk} to your log-in" in said(answer)
    log_in(elsewhere)
    assert (Identity.objects.count(), User.objects.count()) == (1, 1)
    ada = User.objects.create_user("ada", is_staff=True)
    carol.post(reverse("admin:integrations_identity_change", args=[identity.pk]), {"user": ada.pk})
    identity.refresh_from_db()
    assert (identity.user, identity.linked_by.username) == (ada, "carol")
    what = AuditEntry.objects.order_by("id").values_list("what", flat=True)
    assert "Linked an account elsewhere to ada" in list(what)
    assert who(log_in(elsewhere)[0]) == "ada"
    elsewhere.claims = {**elsewhere.claims, "sub": "ada-2"}
    assert who(log_in(elsewhere)[0]) is None


@pytest.mark.parametrize("off", ["is_active", "is_staff"])
def test_who_is_switched_off_here_is_out(elsewhere, linked, off):
    User.objects.filter(pk=linked.pk).update(**{off: False})
    assert who(log_in(elsewhere)[0]) is None


def test_groups_give_and_take_roles_and_nothing_more(elsewhere, linked, settings):
    settings.OIDC_ROLES = [("mods", roles.MODERATOR), ("web", roles.CAMPAIGNER)]
    roles.establish()
    User.objects.filter(pk=linked.pk).update(is_superuser=False)
    linked.groups.add(Group.objects.get(name=roles.CAMPAIGNER), Group.objects.get(name=roles.AUDITOR))
    elsewhere.claims["groups"] = ["mods", "admins"]
    log_in(elsewhere)
    linked.refresh_from_db()
    assert sorted(linked.groups.values_list("name", flat=True)) == [roles.AUDITOR, roles.MODERATOR]
    assert linked.is_superuser is False


@pytest.fixture
def besides(elsewhere, linked, settings):
    """It tells of Ada only when it is asked."""
    settings.OIDC_ROLES = [("mods", roles.MODERATOR)]
    roles.establish()
    elsewhere.claims = {"sub": "ada-1"}
    elsewhere.facts = {"userinfo_endpoint": f"{elsewhere.issuer}/userinfo"}
    elsewhere.userinfo = {"sub": "ada-1", "groups": ["mods"], "name": "Ada", "amr": ["mfa"]}
    return elsewhere


def test_groups_may_be_told_besides_but_not_how_it_was_proved(besides, linked, settings):
    settings.SECOND_FACTOR, settings.OIDC_SECOND_FACTOR = True, "amr=mfa"
    browser, _ = log_in(besides)
    assert list(linked.groups.values_list("name", flat=True)) == [roles.MODERATOR]
    assert "second-factor" in browser.get("/admin/")["Location"]


@pytest.mark.parametrize("how", ["of somebody else", "not at all", "with a broken token"])
def test_what_is_told_besides_must_be_of_who_logged_in(besides, linked, how):
    if how == "of somebody else":
        besides.userinfo["sub"] = "bo-2"
    elif how == "not at all":
        besides.userinfo = {}
    else:
        besides.access_token = "x\r\nX-Evil: 1"
    linked.groups.add(Group.objects.get(name=roles.AUDITOR))
    browser, answer = log_in(besides)
    entered = "ada" if how == "with a broken token" else None
    assert (who(browser), answer.status_code) == (entered, 302 if entered else 502)
    assert list(linked.groups.values_list("name", flat=True)) == [roles.AUDITOR]


def test_nobody_is_asked_about_who_is_told_of_already(besides, linked):
    besides.claims |= {"groups": ["mods"], "name": "Ada"}
    assert who(log_in(besides)[0]) == "ada"
    assert "/userinfo" not in besides.asked


@pytest.mark.parametrize(
    ("wanted", "claims", "is_asked"),
    [
        ("", {"amr": ["mfa"]}, True),
        ("amr=mfa,otp", {"amr": ["pwd"]}, True),
        ("amr=mfa,otp", {}, True),
        ("amr=mfa,otp", {"amr": ["pwd", "otp"]}, False),
        ("acr=https://refeds.org/profile/mfa", {"acr": "https://refeds.org/profile/mfa"}, False),
    ],
)
def test_the_second_factor_is_theirs_where_the_operator_says_so_else_ours(
    elsewhere, linked, settings, wanted, claims, is_asked
):
    settings.SECOND_FACTOR, settings.OIDC_SECOND_FACTOR = True, wanted
    elsewhere.claims |= claims
    browser, _ = log_in(elsewhere)
    answer = browser.get("/admin/")
    assert (answer.status_code, "second-factor" in answer.get("Location", "")) == (302 if is_asked else 200, is_asked)


def test_one_is_led_to_where_one_wanted_and_nowhere_else(elsewhere, linked):
    for wanted, led in [
        ("/admin/keys/", "/admin/keys/"),
        ("https://evil.example/", "/admin/"),
        ("/privacy/", "/admin/"),
    ]:
        browser = Desk()
        back = elsewhere.log_in(browser.get(START, {"next": wanted})["Location"])
        assert browser.post(BACK, back)["Location"] == led


def test_logging_out_leads_on_to_the_provider(elsewhere, linked):
    browser, _ = log_in(elsewhere)
    page = browser.post("/admin/logout/").content.decode()
    assert (who(browser), "Log out of Nextcloud, too" in page) == (None, True)
    assert browser.get("/admin/oidc/out/")["Location"] == (
        "https://id.example.org/logout?client_id=undersigned"
        "&post_logout_redirect_uri=http%3A%2F%2Ftestserver%2Fadmin%2Flogin%2F"
    )


def by_password(browser=None):
    browser = browser or Desk()
    browser.post("/admin/login/", {"username": "ada", "password": "correct horse battery"})
    return who(browser)


def test_passwords_are_off_only_while_an_administrator_can_come_in_the_other_way(elsewhere, linked):
    switches.turn_off(name="passwords")
    assert by_password() == "ada"  # nobody has come in the other way yet
    log_in(elsewhere)
    assert (by_password(), passwords.are_off()) == (None, True)
    page = Desk().get("/admin/login/").content.decode()
    assert [words in page for words in ("Log in with Nextcloud", "Passwords are switched off", 'name="password"')] == [
        True, True, False
    ]  # fmt: skip
    switches.turn_off(name="outbound")
    assert by_password() == "ada"
    switches.turn_on(name="outbound")
    User.objects.filter(pk=linked.pk).update(is_active=False)
    assert passwords.are_off() is False
    User.objects.filter(pk=linked.pk).update(is_active=True)
    out = StringIO()
    call_command("passwords", "on", stdout=out)
    assert (by_password(), out.getvalue()) == ("ada", "Passwords are on.\n")


def test_without_a_provider_there_is_no_button_and_passwords_go_on(linked, settings):
    settings.OIDC_ISSUER = ""
    switches.turn_off(name="passwords")
    assert (by_password(), Desk().get(START)["Location"]) == ("ada", "/admin/login/")
    assert "Log in with Nextcloud" not in Desk().get("/admin/login/").content.decode()


def test_who_has_just_come_in_need_not_type_a_password_they_do_not_have(elsewhere, linked):
    browser, _ = log_in(elsewhere)
    request = type("Request", (), {"session": browser.session})
    assert passwords.proved_lately(request)
    request.session[passwords.PROVED] -= passwords.LATELY
    assert not passwords.proved_lately(request)


def test_who_may_do_everything_here_is_not_who_says_so_there(elsewhere):
    assert (identities.administrators(), provider.is_set_up()) == (False, True)
