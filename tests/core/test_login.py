"""Guessing a password of the staff locks the pair of log-in name and address (SAFETY T20)."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

pytestmark = pytest.mark.django_db
LOGIN = "/admin/login/"
RIGHT = "a long password of hers"


def tries(password: str, address: str = "203.0.113.9") -> int:
    typed = {"username": "carol", "password": password}
    return Client().post(LOGIN, typed, REMOTE_ADDR=address).status_code


@pytest.fixture(autouse=True)
def _carol():
    User.objects.create_superuser("carol", password=RIGHT)


def test_after_ten_guesses_not_even_the_right_one_opens():
    answers = [tries(f"guess {number}") for number in range(50)]
    assert (set(answers[:9]), set(answers[10:])) == ({200}, {429})
    assert tries(RIGHT) == 429
    assert tries(RIGHT, address="198.51.100.7") == 302


def test_cookies_of_staff_stay_with_staff():
    client = Client()
    client.post(LOGIN, {"username": "carol", "password": RIGHT})
    cookie = client.cookies["sessionid"]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Strict", 12 * 3600)
    answer = client.get("/admin/")
    assert ("no-store" in answer["Cache-Control"], answer["X-Frame-Options"]) == (True, "DENY")
    assert "'unsafe-inline'" not in answer["Content-Security-Policy"]
