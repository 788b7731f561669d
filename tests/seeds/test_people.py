"""The crowd: exact in number, different people, always the same ones."""

from collections import Counter
from datetime import UTC, datetime

import pytest
from django.core.validators import validate_email

from petitions.signatures import optional
from seeds import people, world
from seeds.world import Clock

CLOCK = Clock(datetime(2026, 3, 4, 12, 0, tzinfo=UTC))
SIGNED = [written for written in world.statements() if "crowd" in written]


@pytest.fixture(scope="module")
def libraries():
    return next(written for written in SIGNED if written["slug"] == "keep-our-libraries-open")


@pytest.fixture(scope="module")
def crowd(libraries):
    return people.crowd(libraries, CLOCK)


def test_as_many_as_the_file_says(libraries, crowd):
    fates = Counter(person.fate for person in crowd)
    assert fates == {"public": 1019, "private": 265, "held": 6, "removed": 12, "withdrawn": 9}
    assert Counter(person.channel for person in crowd)["paper"] == libraries["crowd"]["paper"]


def test_only_public_signers_show_their_name(crowd):
    assert {person.fate for person in crowd if person.row.show_name} == {"public"}


def test_the_same_people_every_time(libraries, crowd):
    assert people.crowd(libraries, CLOCK) == crowd


@pytest.mark.parametrize("written", SIGNED, ids=lambda written: written["slug"])
def test_nobody_signs_twice(written):
    rows = [person.row for person in people.crowd(written, CLOCK)]
    assert len({row.name for row in rows}) == len(rows)
    assert len({row.email for row in rows}) == len(rows)


@pytest.mark.parametrize("written", SIGNED, ids=lambda written: written["slug"])
def test_everybody_signs_while_the_statement_is_open(written):
    times = [person.row.signed_at for person in people.crowd(written, CLOCK)]
    assert times == sorted(times)
    assert CLOCK.ago(written["published_days_ago"]) < times[0]
    assert times[-1] < CLOCK.ago(written.get("closed_days_ago", 0))


def test_addresses_are_valid_and_reserved(crowd):
    for person in crowd:
        validate_email(person.row.email)
    assert {person.row.email.partition("@")[2] for person in crowd} == {"example.org", "example.net", "example.com"}


def test_the_latest_are_the_ones_written_by_hand(crowd):
    latest = [person.row.name for person in reversed(crowd[-20:])]
    assert latest == [signer["name"] for signer in world.read("signers")["signers"]]


def test_names_that_break_pages_are_among_the_latest(crowd):
    latest = [person.row.name for person in crowd[-20:]]
    assert {"ليلى حدّاد", "谢晓梅", "Þóra Ketilsdóttir"} <= set(latest)
    assert max(len(name) for name in latest) == 60
    assert max(len(word) for name in latest for word in name.split()) == 40


def test_answers_are_given_where_the_statement_asks():
    for written in SIGNED:
        answers = [person.row.answers for person in people.crowd(written, CLOCK)]
        for field in optional.FIELDS:
            asks = written.get(field.asked_if, False)
            assert any(answer.get(field.name) for answer in answers) == asks, (written["slug"], field.name)
        assert all(answer.get("affiliation") for answer in answers if answer.get("personal_capacity")), written["slug"]


def test_a_statement_may_have_its_own_shares_of_origins():
    drawn = people.names(salt="test", count=20, shares={"Arabic script": 1})
    assert [name for name in drawn if not "\u0600" <= name[0] <= "\u06ff"] == []
