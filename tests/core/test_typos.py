"""A slip of the finger is spotted; an honest address is left alone."""

import pytest

from core.typos import suggest_address


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("amina@gmial.com", "amina@gmail.com"),
        ("amina@gamil.com", "amina@gmail.com"),
        ("amina@gmail.con", "amina@gmail.com"),
        ("amina@gmail.co", "amina@gmail.com"),
        ("amina@gmaill.com", "amina@gmail.com"),
        ("Amina.Y@GMIAL.com", "Amina.Y@gmail.com"),
        ("bob@hotmial.co.uk", "bob@hotmail.co.uk"),
        ("bob@hotmal.com", "bob@hotmail.com"),
        ("bob@yaho.co.uk", "bob@yahoo.co.uk"),
        ("bob@outlok.com", "bob@outlook.com"),
        ("bob@icoud.com", "bob@icloud.com"),
        ("bob@btinternt.con", "bob@btinternet.com"),
        ("a+b@gmial.com", "a+b@gmail.com"),
    ],
)
def test_slips_get_a_suggestion(typed, meant):
    assert suggest_address(typed) == meant


@pytest.mark.parametrize(
    "typed",
    [
        "amina@gmail.com",
        "amina@GMAIL.com",
        "amina@ymail.com",
        "amina@mail.com",
        "amina@email.com",
        "amina@me.com",
        "amina@my.com",
        "amina@gmx.de",
        "amina@mail.ru",
        "amina@hotmail.fr",
        "amina@hotmail.co.jp",
        "amina@yahoo.co.in",
        "amina@live.nl",
        "amina@example.org",
        "amina@eastside-library.org.uk",
        "amina@bücher.example",
        "nobody",
        "@gmial.com",
        "",
    ],
)
def test_honest_addresses_are_left_alone(typed):
    assert suggest_address(typed) is None
