"""Spellings of one mailbox are one person, and two people never become one."""

import pytest

from core.addresses import canonical, in_ascii, masked


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("amina@example.org", "amina@example.org"),
        (" Amina@EXAMPLE.org ", "amina@example.org"),
        ("amina+news@example.org", "amina@example.org"),
        ("amina+a+b@example.org", "amina@example.org"),
        ("a.yusuf@example.org", "a.yusuf@example.org"),
        ("A.Yusuf+x@gmail.com", "ayusuf@gmail.com"),
        ("a.y.usuf@googlemail.com", "ayusuf@gmail.com"),
        ("+news@example.org", "+news@example.org"),
        ("...@gmail.com", "...@gmail.com"),
        ("Þóra@Dæmi.is", "þóra@xn--dmi-yla.is"),
        ("þóra@xn--dmi-yla.is", "þóra@xn--dmi-yla.is"),
        ("amina@example.org.", "amina@example.org"),
        ("amina＠example.org", "amina@example.org"),
        ("no address", "no address"),
        ("", ""),
    ],
)
def test_spellings(typed, key):
    assert canonical(typed) == key


def test_a_mail_server_gets_the_domain_in_ascii_and_the_rest_as_it_was_typed():
    assert in_ascii("Amina+x@dæmi.is") == "Amina+x@xn--dmi-yla.is"
    assert in_ascii("Amina+x@Example.org") == "Amina+x@Example.org"


def test_canonical_is_its_own_canonical():
    for typed in ["A.B+c@GoogleMail.com", "straße@straße.de", "x@" + "ß" * 200]:
        assert canonical(canonical(typed)) == canonical(typed)


def test_it_always_fits_its_column():
    long = "ß" * 200 + "@example.org"
    assert len(canonical(long)) == 64
    assert canonical(long) != canonical("ß" + long)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("amina@example.org", "a…@example.org"),
        ("am@example.org", "a…@example.org"),
        ("a@example.org", "…@example.org"),
        ('"a@b"@example.org', '"…@example.org'),
        ("þóra@dæmi.is", "þ…@dæmi.is"),
        ("", ""),
    ],
)
def test_a_masked_address_tells_no_more_than_a_letter_and_the_domain(address, shown):
    assert masked(address) == shown
