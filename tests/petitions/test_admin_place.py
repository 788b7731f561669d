"""A statement as a place: tabs that lists of other apps stand under, counts for who may see them, and the next step."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.utils import timezone

from core import roles
from petitions.statements import assigning
from tests.factories import CommentFactory, EndorsementFactory, EventFactory, SignatureFactory, StatementFactory
from tests.staff import logged_in, superuser

pytestmark = pytest.mark.django_db
LABELS = [
    "Overview", "Text", "Actions", "Supporters", "Comments", "People", "News and mail", "Numbers", "Hand over", "Team",
    "Settings",
]  # fmt: skip


def person(role: str, *statements):
    roles.establish()
    user = User.objects.create_user(role.lower(), is_staff=True, email=f"{role}@example.org")
    user.groups.add(Group.objects.get(name=role))
    for statement in statements:
        assigning.assign(statement=statement, user=user)
    return logged_in(user)


def test_every_tab_stands_on_every_page_of_the_statement_and_says_where_one_is():
    mine, other = StatementFactory(), StatementFactory()
    event = EventFactory(statement=mine)
    for statement in (mine, other):
        SignatureFactory(statement=statement, state="held")
        CommentFactory(statement=statement, state="waiting")
    carol = superuser("carol")
    place = carol.get(f"/admin/petitions/statement/{mine.pk}/").context["place"]
    assert [str(tab.label) for tab in place.tabs] == LABELS
    assert {str(tab.label): tab.waiting for tab in place.tabs if tab.waiting} == {"Comments": 1, "People": 1}
    found = {str(part.label): part.url for tab in place.tabs for part in tab.parts}
    for tab in place.tabs:
        for part in tab.parts:
            there = carol.get(part.url).context["place"]
            assert (there.statement, str(there.here.label)) == (mine, str(tab.label)), part.url
    lists = {
        label: carol.get(found[label]).context["cl"].result_list for label in ("Events", "Signatures", "To moderate")
    }
    assert {label: [row.pk for row in rows] for label, rows in lists.items()} == {
        "Events": [event.pk],
        "Signatures": [mine.signatures.get().pk],
        "To moderate": [mine.thread.comments.get().pk],
    }
    assert (other, f"/admin/petitions/statement/{other.pk}/") in place.others


def test_saving_stays_in_the_place():
    statement = StatementFactory()
    carol = superuser("carol")
    add = carol.get(f"/admin/petitions/event/?of={statement.pk}").content.decode()
    assert f"?_changelist_filters=of%3D{statement.pk}" in add
    page = carol.get(f"/admin/petitions/event/add/?_changelist_filters=of%3D{statement.pk}")
    assert page.context["adminform"].form["statement"].value() == str(statement.pk)
    event = EventFactory(statement=statement)
    saved = carol.post(f"/admin/petitions/event/{event.pk}/change/", {
        "statement": statement.pk, "title": "Rally", "slug": "rally", "status": "scheduled",
        "timezone": "Europe/London", "starts_at_0": "2031-05-01", "starts_at_1": "12:00",
    })  # fmt: skip
    assert (saved.status_code, saved.url) == (302, f"/admin/petitions/event/?of={statement.pk}")


def test_the_tab_of_settings_shows_and_keeps_settings_alone():
    statement = StatementFactory()
    carol, url = superuser("carol"), f"/admin/petitions/statement/{statement.pk}/settings/"
    page = carol.get(url)
    assert {"title", "slug", "preface"} & set(page.context["adminform"].form.fields) == set()
    typed = {"signed_by": "people", "ask_country": "on", "goal": "500", "_opened": page.context["opened"]}
    saved = carol.post(url, typed)
    statement.refresh_from_db()
    assert (saved.status_code, saved.url, statement.goal, statement.ask_country) == (302, url, 500, True)
    assert (statement.slug, statement.signed_by) != ("", "both")


def test_tabs_and_counts_are_those_of_the_reader():
    mine, other = StatementFactory(), StatementFactory()
    SignatureFactory(statement=mine, state="held")
    CommentFactory(statement=mine, state="waiting")
    EndorsementFactory(statement=mine)
    moderator = person("Moderator", mine)
    tabs = moderator.get(f"/admin/petitions/statement/{mine.pk}/").context["place"].tabs
    assert "Team" not in {str(tab.label) for tab in tabs}
    assert {str(tab.label): tab.waiting for tab in tabs if tab.waiting} == {"Supporters": 1, "Comments": 1, "People": 1}
    assert moderator.get(f"/admin/petitions/statement/{other.pk}/").status_code in (302, 403, 404)
    assert "place" not in moderator.get(f"/admin/petitions/event/?of={other.pk}").context
    assert list(moderator.get(f"/admin/petitions/signature/?of={other.pk}").context["cl"].result_list) == []
    for garbled in ("x", "9" * 30, "²"):
        assert moderator.get("/admin/petitions/event/", {"of": garbled}).status_code == 200


def test_the_next_step_is_one_sentence():
    carol = superuser("carol")

    def step(statement):
        return carol.get(f"/admin/petitions/statement/{statement.pk}/").context["next"]

    empty = StatementFactory(published_at=None, body="")
    assert step(empty).url.endswith("/change/")
    draft = StatementFactory(published_at=None)
    assert step(draft).url.endswith("/publish/")
    scheduled = StatementFactory(published_at=timezone.now() + timedelta(days=1))
    assert "publishes itself" in step(scheduled).words
    open_ = StatementFactory()
    assert step(open_).label == "Write news"
    CommentFactory(statement=open_, state="waiting", confirmed_at=timezone.now() - timedelta(days=5))
    assert (step(open_).label, "Comments waiting: 1" in step(open_).words) == ("Look at them", True)
    closed = StatementFactory(closed_at=timezone.now())
    assert step(closed).url.endswith("/hand_in/")
    closed.handed_in_on = timezone.localdate() - timedelta(days=3)
    closed.save()
    assert (step(closed).url.endswith("/outcome/"), "3 days ago" in step(closed).words) == (True, True)
    hidden = StatementFactory(hidden_at=timezone.now())
    assert step(hidden).url.endswith("/unhide/")


def test_what_is_dangerous_stands_apart_and_the_address_of_a_step_is_the_same_from_everywhere():
    statement = StatementFactory()
    place = superuser("carol").get(f"/admin/petitions/event/?of={statement.pk}").context["place"]
    assert [step.name for step in place.dangerous_steps] == ["close", "hide"]
    assert place.step_root == f"/admin/petitions/statement/{statement.pk}/"
