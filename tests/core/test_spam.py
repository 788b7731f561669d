"""Stamps say when a form was made, to the machine that made it and to nobody else."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import spam

ROUND = 1_800_000_000  # a multiple of ROUNDED_SECONDS


@pytest.fixture
def clock(monkeypatch):
    """Sets the time of day, in seconds since 1970."""

    def set_to(moment):
        monkeypatch.setattr(time, "time", lambda: moment)

    set_to(ROUND)
    return set_to


@pytest.mark.parametrize(
    ("age", "verdict"),
    [(0, "too_fast"), (1.9, "too_fast"), (2, ""), (599, ""), (86_400, ""), (31_536_000, ""), (-1, "forged_stamp")],
)
def test_a_stamp_is_judged_by_its_age(clock, age, verdict):
    stamp = spam.stamp("sign.1")
    clock(ROUND + age)
    assert spam.judge("sign.1", stamp) == verdict


def test_everybody_in_the_same_ten_minutes_gets_the_same_stamp(clock):
    first = spam.stamp("sign.1")
    clock(ROUND + 599.9)
    second = spam.stamp("sign.1")
    clock(ROUND + 600)
    assert (first == second, first == spam.stamp("sign.1")) == (True, False)


def test_a_stamp_is_good_for_its_own_form_only(clock):
    stamp = spam.stamp("sign.1")
    clock(ROUND + 60)
    assert [spam.judge(scope, stamp) for scope in ("sign.1", "sign.2", "comment.1")] == [
        "",
        "forged_stamp",
        "forged_stamp",
    ]


def test_no_stamp_is_no_evidence():
    assert spam.judge("sign.1", "") == ""


def test_a_stamp_that_was_touched_is_forged(clock):
    stamp = spam.stamp("sign.1")
    clock(ROUND + 60)
    touched = [
        stamp[:place] + ("a" if stamp[place] != "a" else "b") + stamp[place + 1 :] for place in range(len(stamp))
    ]
    assert {spam.judge("sign.1", one) for one in touched} == {"forged_stamp"}


@given(st.text(max_size=80).filter(bool))
def test_whatever_is_sent_gets_a_verdict(junk):
    assert spam.judge("sign.1", junk) == "forged_stamp"
