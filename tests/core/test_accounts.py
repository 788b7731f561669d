"""Log-ins of staff: passwords, and when a session ends. Django does it; here stands what we count on (docs/asvs.md)."""

import pytest
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.test import Client

pytestmark = pytest.mark.django_db
PASSWORD = "a long password of hers"
NEWER = "another long one, with spaces"


@pytest.fixture(autouse=True)
def _password_alone(settings) -> None:
    settings.SECOND_FACTOR = False


@pytest.fixture
def carol() -> User:
    return User.objects.create_superuser("carol", password=PASSWORD)


def logged_in() -> Client:
    client = Client()
    assert client.post("/admin/login/", {"username": "carol", "password": PASSWORD}).status_code == 302
    return client


def is_in(client: Client) -> bool:
    return client.get("/admin/").status_code == 200


@pytest.mark.parametrize("password", ["elevenchars", "administrator", "carolinagriffin"])
def test_passwords_that_are_short_common_or_ones_own_name_are_refused(password):
    with pytest.raises(ValidationError):
        validate_password(password, User(username="carolinagriffin"))


@pytest.mark.parametrize("password", ["onlysmallletters", "twelve words, and blanks", "пароль из кириллицы", "x7" * 60])
def test_any_character_and_any_length_will_do(password):
    validate_password(password, User(username="carol"))


def test_a_password_is_judged_exactly_as_typed(carol):
    for other in (PASSWORD.upper(), f"{PASSWORD} ", PASSWORD[:-1]):
        assert Client().post("/admin/login/", {"username": "carol", "password": other}).status_code == 200
    assert is_in(logged_in())


def test_changing_it_asks_for_the_old_one_and_ends_the_other_sessions(carol):
    here, elsewhere = logged_in(), logged_in()
    typed = {"new_password1": NEWER, "new_password2": NEWER}
    assert here.post("/admin/password_change/", {**typed, "old_password": "a guess"}).status_code == 200
    assert is_in(elsewhere)
    assert here.post("/admin/password_change/", {**typed, "old_password": PASSWORD}).status_code == 302
    assert (is_in(here), is_in(elsewhere)) == (True, False)


def test_who_is_switched_off_is_out_at_once(carol):
    client = logged_in()
    User.objects.update(is_active=False)
    assert not is_in(client)


def test_a_session_that_was_ended_opens_nothing_any_more(carol):
    client = logged_in()
    key = client.cookies["sessionid"].value
    assert client.post("/admin/logout/").status_code in {200, 302}
    assert not Session.objects.filter(pk=key).exists()
    client.cookies["sessionid"] = key
    assert not is_in(client)


def test_logging_in_makes_a_new_key(carol):
    client = Client()
    client.cookies["sessionid"] = "a" * 32
    client.post("/admin/login/", {"username": "carol", "password": PASSWORD})
    key = client.cookies["sessionid"].value
    assert (key == "a" * 32, len(key)) == (False, 32)


def test_the_way_out_is_on_every_page(carol):
    client = logged_in()
    for page in ("/admin/", "/admin/petitions/statement/", "/admin/set-up/"):
        assert 'action="/admin/logout/"' in client.get(page).content.decode(), page


def test_staff_without_a_session_have_none(carol):
    """Looking at the page that asks for a password begins no session."""
    Client().get("/admin/login/")
    assert not Session.objects.exists()
