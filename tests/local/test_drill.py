"""The judge of the fault drill: each promise is broken by what breaks it, and by nothing else."""

from typing import Any

import pytest

from local.drill.ledgers import Ledgers, promises

KEPT: dict[str, Any] = {
    "acknowledged": {"a", "b"},
    "unknown": {"c", "d"},
    "pressed": {"a"},
    "unsure": {"c"},
    "mails": {"a": ["<1>"], "b": ["<2>", "<2>"], "c": ["<3>"]},
    "rows": {"a": "confirmed", "b": "pending", "c": "confirmed"},
    "back": [0.4, 5.0],
}


def broken(**changed: Any) -> dict[str, list[str]]:
    table = promises(Ledgers(**{**KEPT, **changed}))
    return {promise.words: promise.broken for promise in table if promise.broken}


def test_all_is_kept():
    table = promises(Ledgers(**KEPT))
    assert broken() == {}
    assert [str(promise).rpartition(" ")[2] for promise in table] == ["kept"] * 10
    assert [promise.figure for promise in table if promise.figure] == [
        "2 acknowledged, 2 unknown", "3 rows", "1 pressed", "2 confirmed", "3 people wrote to", "1 came twice",
        "5.0 s at the longest",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "words", "why"),
    [
        (
            {"rows": {"a": "confirmed", "c": "confirmed"}, "mails": {"a": ["<1>"], "b": ["<2>"]}},
            ["P1 What was answered “check your email” is there", "P3 No mail without a row"],
            ["b"],
        ),
        ({"rows": {**KEPT["rows"], "e": "pending"}}, ["P1 Nothing is there that nobody sent"], ["e"]),
        ({"pressed": {"a", "b"}}, ["P2 Pressed is confirmed, and nothing else is"], ["b"]),
        ({"unsure": set()}, ["P2 Pressed is confirmed, and nothing else is"], ["c"]),
        ({"agrees": False}, ["P2 The public number is that of the rows"], ["manage.py recount"]),
        ({"mails": {"a": ["<1>"]}}, ["P3 Whoever was acknowledged got the mail"], ["b"]),
        ({"mails": {**KEPT["mails"], "d": ["<4>"]}}, ["P3 No mail without a row"], ["d"]),
        ({"mails": {**KEPT["mails"], "b": ["<2>", "<5>"]}}, ["P3 A mail that came twice is the same mail"], ["b"]),
        ({"claimed": 7}, ["P3 No mail is left claimed"], ["7 rows"]),
        ({"odd": ["500 for /x"]}, ["P4 No error but 503 with Retry-After"], ["500 for /x"]),
        ({"back": [5.2]}, ["P4 Back 5 s after the database"], ["5.2 s"]),
    ],
)
def test_each_is_broken_by_its_own(changed, words, why):
    assert broken(**changed) == dict.fromkeys(words, why)
