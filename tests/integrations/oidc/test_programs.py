"""Log-ins with providers that others wrote: `oidc-provider` (npm) and `oidc-provider-mock` (PyPI), as programs here."""

import re

import pytest
from django.contrib.auth.models import Group, User

from core import roles
from integrations.models import Identity
from tests.integrations.oidc.programs import BACK, CLIENT, OUT, SECRET, Mock, Strict
from tests.mail.outbound.hosts import LOOPBACK
from tests.staff import Desk

pytestmark = [pytest.mark.django_db, pytest.mark.whole]
START = "/admin/oidc/"


@pytest.fixture
def ours(settings):
    """How the operator sets a provider up."""

    def set_up(program):
        settings.OUTBOUND_PRIVATE_HOSTS = [f"http://{LOOPBACK}"]
        settings.OIDC_ISSUER, settings.OIDC_NAME = program.issuer, "a program"
        settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = CLIENT, SECRET
        settings.OIDC_SCOPES = "openid profile email"
        roles.establish()
        ada = User.objects.create_user("ada", is_staff=True)
        Identity.objects.create(issuer=program.issuer, subject="ada-1", calls_itself="", user=ada)
        return ada

    return set_up


@pytest.fixture(params=["strict", "mock"])
def program(request):
    return request.getfixturevalue("strict") if request.param == "strict" else Mock()


def log_in(program, as_whom="ada-1", browser=None):
    """The whole way through a browser: the browser, and what the button answers."""
    browser = browser or Desk()
    where = browser.get(START)
    assert where.status_code == 302, where.content.decode()
    back = program.log_in(where["Location"], as_whom)
    assert browser.get(BACK, back).status_code == 200
    return browser, browser.post(BACK, back)


def who(browser):
    number = browser.session.get("_auth_user_id")
    return User.objects.get(pk=number).username if number else None


def said(answer):
    found = re.search(r'role="alert">(.*?)</p>', answer.content.decode(), re.DOTALL)
    return found[1].replace("&#x27;", "'") if found else ""


def test_one_logs_in_and_out(program, ours, settings):
    ours(program)
    settings.SECOND_FACTOR = False
    with program.runs():
        browser, answer = log_in(program)
        assert (who(browser), answer.status_code, said(answer)) == ("ada", 302, "")
        browser.post("/admin/logout/")
        assert program.log_out(browser.get("/admin/oidc/out/")["Location"]) == OUT


def test_who_is_not_linked_is_written_down_as_the_account_calls_itself(program, ours):
    ours(program)
    program.people["bo-2"] = {"name": "Bo", "email": "bo@example.org"}
    with program.runs():
        browser, answer = log_in(program, "bo-2")
    identity = Identity.objects.get(subject="bo-2")
    assert (who(browser), answer.status_code, identity.calls_itself) == (None, 403, "Bo bo@example.org")


def test_groups_give_roles(program, ours, settings):
    ada = ours(program)
    settings.OIDC_ROLES = [("mods", roles.MODERATOR), ("web", roles.CAMPAIGNER)]
    if isinstance(program, Strict):
        settings.OIDC_SCOPES = "openid profile email groups"
    ada.groups.add(Group.objects.get(name=roles.CAMPAIGNER))
    with program.runs():
        log_in(program)
    assert list(ada.groups.values_list("name", flat=True)) == [roles.MODERATOR]


def test_a_code_is_good_once_and_only_with_its_proof(strict, ours):
    """The mock knows neither; the certified one takes back what it gave for a code that comes twice."""
    ours(strict)
    with strict.runs():
        browser = Desk()
        back = strict.log_in(browser.get(START)["Location"])
        cookie = browser.cookies["oidc"].value
        browser.post(BACK, back)
        again = Desk()
        again.cookies["oidc"] = cookie
        answer = again.post(BACK, back)
        assert (who(browser), who(again), answer.status_code) == ("ada", None, 502)
        another = Desk()
        state = another.get(START)["Location"]
        mine = strict.log_in(state)
        stolen = strict.log_in(Desk().get(START)["Location"])
        answer = another.post(BACK, {**mine, "code": stolen["code"]})
        assert (who(another), answer.status_code) == (None, 502)


@pytest.mark.parametrize("way", ["client_secret_basic", "client_secret_post"])
def test_our_secret_is_told_in_the_way_that_the_provider_takes(strict, ours, way):
    ours(strict)
    with strict.runs(token_endpoint_auth_method=way, options={"clientAuthMethods": [way]}):
        assert who(log_in(strict)[0]) == "ada"


def test_a_wrong_secret_is_a_sentence(strict, ours, settings):
    ours(strict)
    settings.OIDC_CLIENT_SECRET = "another"
    with strict.runs():
        browser, answer = log_in(strict)
    assert (who(browser), answer.status_code) == (None, 502)
    assert said(answer) == "The provider answered 401. Whoever runs this site sees to it."


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated via RFC 9864")  # that is what providers still call it
@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256", "EdDSA", "Ed25519"])
def test_it_may_sign_in_any_of_these_ways(strict, ours, algorithm):
    ours(strict)
    with strict.runs(algorithm=algorithm):
        browser, answer = log_in(strict)
        assert (who(browser), said(answer)) == ("ada", "")


@pytest.mark.parametrize(
    ("proved", "is_asked"), [({"amr": ["pwd", "otp"]}, False), ({"amr": ["pwd"]}, True), ({}, True)]
)
def test_how_they_proved_it_is_asked_for_and_believed(strict, ours, settings, proved, is_asked):
    ours(strict)
    settings.SECOND_FACTOR, settings.OIDC_SECOND_FACTOR = True, "amr=mfa,otp"
    with strict.runs(proved=proved):
        browser, _ = log_in(strict)
        answer = browser.get("/admin/")
        assert ("second-factor" in answer.get("Location", "")) is is_asked


def test_who_goes_back_at_the_provider_reads_so(strict, ours):
    ours(strict)
    with strict.runs():
        browser = Desk()
        back = strict.log_in(browser.get(START)["Location"], "")
        answer = browser.get(BACK, back)
    assert (who(browser), answer.status_code, back["error"]) == (None, 403, "access_denied")
    assert said(answer) == "The provider did not let you in, or you went back. Try again."


def test_a_provider_that_went_away_is_a_sentence(program, ours):
    ours(program)
    browser = Desk()
    with program.runs():
        back = program.log_in(browser.get(START)["Location"])
    answer = browser.post(BACK, back)
    assert (who(browser), answer.status_code) == (None, 502)
    assert said(answer) == "It cannot be reached (ConnectionRefusedError)."
