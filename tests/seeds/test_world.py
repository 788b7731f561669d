"""The written world: complete, believable in its numbers, and harmless."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core import richtext
from seeds import world
from seeds.world import DATA, Clock

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)  # a Wednesday


def statement(slug):
    return next(written for written in world.statements() if written["slug"] == slug)


@pytest.fixture
def libraries():
    return statement("keep-our-libraries-open")


def test_the_joint_statement_has_the_shape_of_the_fixture(libraries):
    body = libraries["versions"][0]["body"]
    text = richtext.plain_text(body)
    assert text.startswith("We, the undersigned, ")
    assert 570 <= richtext.words(body) <= 630
    assert 110 <= richtext.words(libraries["preface"]) <= 130
    assert body.count("<li>") == 5
    assert body.count("<p>") == 9
    assert "“rationalising the physical estate”" in text
    assert "proud signatory" in richtext.plain_text(libraries["preface"])
    assert len(libraries["updates"]) == 2
    assert libraries["goal"] == 2000


def test_the_crowd_of_the_joint_statement_makes_1284(libraries):
    assert (libraries["crowd"]["public"], libraries["crowd"]["private"]) == (1019, 265)


def test_the_protest_is_at_12_noon():
    protest = next(event for event in world.read("events")["events"] if event["statement"] == "keep-our-libraries-open")
    assert protest["time"] == "12:00"
    assert "at 12 noon" in protest["summary"]


def test_every_statement_reads_well_in_lists():
    for written in world.statements():
        assert len(written["title"]) <= 80, written["slug"]
        assert 0 < len(written["summary"]) <= 200, written["slug"]
        assert "undersigned" in written["versions"][0]["body"] or written["language"] != "en", written["slug"]


def test_rich_text_is_already_clean():
    """What the cleaner would drop must not be written in the first place; it may only add rel to links."""
    for written in world.statements():
        texts = [written.get("preface", ""), written.get("outcome", "")]
        texts += [part["body"] for part in (*written["versions"], *written.get("updates", []))]
        for html in texts:
            assert richtext.clean_html(html).replace(' rel="noopener nofollow"', "") == html, written["slug"]


def test_64_organisations_are_listed_of_which_8_are_initial_and_20_have_a_logo():
    listed = [one for one in world.read("organisations")["organisations"] if one.get("state", "listed") == "listed"]
    assert len(listed) == 64
    assert [one.get("initial", False) for one in listed] == [True] * 8 + [False] * 56
    assert sum(one["logo"] for one in listed) == 20
    assert max(len(one["name"]) for one in listed) == 60
    assert len({one["kind"] for one in listed}) == 9


def test_organisations_are_told_apart():
    everybody = world.read("organisations")["organisations"]
    names = {one["name"] for one in everybody}
    assert len(names) == len(everybody)
    assert len({one["contact"][2] for one in everybody}) == len(everybody)
    assert {one["parent"] for one in everybody if "parent" in one} <= names
    assert max(len(one.get("message", "")) for one in everybody) <= 300


def test_organisations_agreed_before_they_sent_the_form():
    everybody = world.read("organisations")["organisations"]
    assert [one["name"] for one in everybody if one["agreed_days_ago"] <= one["sent_days_ago"]] == []


def test_the_queue_of_organisations_has_something_in_every_state():
    states = Counter(one.get("state", "listed") for one in world.read("organisations")["organisations"])
    assert states == {"listed": 64, "waiting": 4, "declined": 2, "asked": 1, "withdrawn": 1}


def test_18_comments_in_a_closed_thread():
    thread = world.read("comments")["threads"][0]
    bodies = [comment["body"].strip() for comment in thread["comments"]]
    assert (thread["mode"], len(bodies)) == ("closed", 18)
    assert sum(comment.get("organiser", False) for comment in thread["comments"]) == 2
    assert sum("\n\n" in body for body in bodies) >= 5
    assert sum(bool(re.search(r"^> ", body, re.M)) for body in bodies) == 4
    assert sum(bool(re.search(r"^1\. .*\n2\. ", body, re.M)) for body in bodies) == 3


def test_the_open_thread_has_a_comment_in_every_state():
    thread = world.read("comments")["threads"][1]
    states = Counter(comment.get("state", "published") for comment in thread["comments"])
    assert (thread["mode"], states) == (
        "open",
        {"published": 8, "waiting": 2, "asked": 1, "spam": 1, "binned": 1},
    )


def test_replies_answer_a_comment_of_their_thread_one_level_deep():
    for thread in world.read("comments")["threads"]:
        top = {comment["key"] for comment in thread["comments"] if "to" not in comment}
        assert {comment["to"] for comment in thread["comments"] if "to" in comment} <= top
        assert [comment["days_ago"] for comment in thread["comments"] if "state" not in comment] == sorted(
            (comment["days_ago"] for comment in thread["comments"] if "state" not in comment), reverse=True
        )


@pytest.mark.parametrize("path", sorted(DATA.rglob("*.toml")), ids=lambda path: path.stem)
def test_every_address_is_on_a_reserved_domain(path):
    """RFC 2606 reserves example.com, example.net and example.org: nothing here can reach anybody."""
    hosts = re.findall(r"(?:@|https?://)([\w.-]*\w)", path.read_text())
    assert [host for host in hosts if not re.search(r"(^|\.)example\.(com|net|org)$", host)] == []


@pytest.mark.parametrize(
    ("weeks", "weekday", "day"),
    [(0, "wednesday", 4), (0, "saturday", 7), (1, "saturday", 14), (2, "tuesday", 24), (1, "wednesday", 11)],
)
def test_a_coming_day_is_the_first_such_weekday_that_many_weeks_ahead(weeks, weekday, day):
    coming = Clock(NOON).coming(weeks=weeks, weekday=weekday, at="12:00", zone="Europe/London")
    assert coming == datetime(2026, 3, day, 12, 0, tzinfo=ZoneInfo("Europe/London"))


def test_a_coming_time_is_by_the_clocks_of_the_place_even_when_they_change():
    summer = Clock(NOON).coming(weeks=4, weekday="saturday", at="12:00", zone="Europe/London")
    assert summer.astimezone(UTC) == datetime(2026, 4, 4, 11, 0, tzinfo=UTC)


def test_ago_counts_days_back_from_the_seeding():
    assert Clock(NOON).ago(1.5) == NOON - timedelta(hours=36)


def test_dice_fall_the_same_way_everywhere():
    """A changed number here means that every demo in the world gets other people."""
    assert world.dice("Eastside", 1) == 2562991795799292298
    assert "".join(world.shuffled("abcdef", "salt")) == "afdbec"
