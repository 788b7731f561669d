"""Home: what waits, how old it is in words and colour, and only what one looks after."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from core import desk
from mail.models import OutgoingEmail, OutgoingRequest
from petitions.models import Assignment, SignedHour, Update
from petitions.signatures import statistics
from petitions.statements import counting
from tests.asking import ask
from tests.factories import (
    CommentFactory,
    EndorsementFactory,
    OrganisationFactory,
    OutgoingEmailFactory,
    SignatureFactory,
    StatementFactory,
)
from tests.staff import logged_in, staff, superuser

pytestmark = pytest.mark.django_db

LABELS = ["Comments waiting", "Mail that failed", "Organisations waiting", "Reported by readers"]
LABELS += ["Requests to other hosts that fail", "Held for review", "Too many at once, held"]


def tiles(client) -> dict[str, tuple[int, str, str]]:
    found = client.get("/admin/").context["tiles"]
    return {one.tile.label: (one.number, one.light, one.words) for one in found}


def ago(**length: float):
    return timezone.now() - timedelta(**length)


def fail_to_reach_others() -> None:
    """One request that was given up, one that is tried in vain, one that was tried once, and one that left."""
    for state, attempts in [("failed", 1), ("queued", 3), ("queued", 1), ("sent", 1)]:
        OutgoingRequest.objects.create(
            kind="test", host="hooks.example.org", state=state, attempts=attempts, created_at=ago(hours=1)
        )


def test_every_queue_has_a_tile_that_says_when_nothing_waits():
    assert tiles(superuser("carol")) == dict.fromkeys(sorted(LABELS), (0, "green", "Nothing waiting"))


def test_tiles_count_what_waits_and_judge_the_oldest():
    statement = StatementFactory()
    for hours_old in (1, 30):
        SignatureFactory(statement=statement, state="held", confirmed_at=ago(hours=hours_old))
    SignatureFactory(statement=statement, state="confirmed", confirmed_at=ago(days=9))
    EndorsementFactory(statement=statement, confirmed_at=ago(days=5))
    CommentFactory(statement=statement, state="waiting", confirmed_at=ago(hours=3))
    CommentFactory(statement=statement, hidden_at=ago(hours=1))
    OutgoingEmailFactory(state="failed", finished_at=ago(hours=2))
    fail_to_reach_others()
    assert tiles(superuser("carol")) == {
        "Comments waiting": (1, "green", "oldest 3\xa0hours: in good time"),
        "Reported by readers": (1, "green", "oldest 1\xa0hour: in good time"),
        "Mail that failed": (1, "amber", "oldest 2\xa0hours: due soon"),
        "Organisations waiting": (1, "red", "oldest 5\xa0days: overdue"),
        "Requests to other hosts that fail": (2, "red", "oldest 1\xa0hour: overdue"),
        "Held for review": (2, "amber", "oldest 1\xa0day: due soon"),
        "Too many at once, held": (0, "green", "Nothing waiting"),
    }


def test_a_tile_counts_so_far_and_no_further(monkeypatch):
    monkeypatch.setattr(desk, "MOST_COUNTED", 2)
    statement = StatementFactory()
    for hours_old in (1, 30, 5, 2):
        SignatureFactory(statement=statement, state="held", confirmed_at=ago(hours=hours_old))
    found = {one.tile.label: one for one in superuser("carol").get("/admin/").context["tiles"]}
    held = found["Held for review"]
    assert (held.shown, held.words) == ("2+", "oldest 1\xa0day: due soon")
    assert found["Comments waiting"].shown == "0"


def test_a_tile_leads_to_exactly_what_it_counts():
    statement = StatementFactory()
    SignatureFactory(statement=statement, state="held")
    SignatureFactory(statement=statement, state="held", held_reason="ceiling_domain")
    SignatureFactory(statement=statement, state="confirmed")
    EndorsementFactory(statement=statement)
    CommentFactory(statement=statement, state="waiting")
    CommentFactory(statement=statement, hidden_at=ago(hours=1))
    OutgoingEmailFactory(state="failed", finished_at=ago(hours=2))
    fail_to_reach_others()
    carol = superuser("carol")
    for waiting in carol.get("/admin/").context["tiles"]:
        listed = carol.get(waiting.url).context["cl"].result_list
        twice = {"Held for review", "Requests to other hosts that fail"}
        expected = 2 if waiting.tile.label in twice else 1
        assert (waiting.tile.label, waiting.number, len(listed)) == (waiting.tile.label, expected, expected)


def test_home_shows_only_what_one_may_see():
    nobody = User.objects.create_user("nobody", is_staff=True)
    page = logged_in(nobody).get("/admin/")
    assert (page.context["tiles"], page.context["panels"]) == ([], [])


def test_a_moderator_sees_the_queues_of_assigned_statements():
    mine, other = StatementFactory(), StatementFactory()
    for statement in (mine, other, other):
        SignatureFactory(statement=statement, state="held")
        CommentFactory(statement=statement, state="waiting")
    mo = staff("mo")
    mo_himself = User.objects.get(username="mo")
    assert tiles(mo)["Comments waiting"][0] == 3
    mo_himself.user_permissions.remove(*mo_himself.user_permissions.filter(codename="view_every_statement"))
    assert tiles(mo)["Comments waiting"][0] == 0
    Assignment.objects.create(statement=mine, user=mo_himself)
    shown = tiles(mo)
    assert (shown["Comments waiting"][0], shown["Held for review"][0]) == (1, 1)
    page = mo.get("/admin/")
    (plots,) = [shown["plots"] for _, shown in page.context["panels"] if "plots" in shown]
    assert [plot.statement for plot in plots] == [mine]
    assert [row.statement for row in mo.get("/admin/petitions/signature/").context["cl"].result_list] == [mine]


def test_rows_that_belong_to_no_statement_are_everybodys():
    organisation, nobody = OrganisationFactory(), User.objects.create_user("nobody")
    assert list(desk.seen_by(nobody, type(organisation).objects.all())) == [organisation]


def mail_about(statement) -> dict[str, OutgoingEmail]:
    """One of each kind of mail about what is under a statement."""
    asked, comment = ask(statement), CommentFactory(statement=statement)
    OutgoingEmail.objects.filter(context={"submission": asked.pk}).delete()
    endorsement, update = (
        EndorsementFactory(statement=statement),
        Update.objects.create(statement=statement, slug="n", title="News"),
    )
    said = {
        "signature_confirm": {"submission": asked.pk},
        "signature_reminder": {"submission": asked.pk},
        "signature_receipt": {"signature": SignatureFactory(statement=statement).pk},
        "update": {"update": update.pk, "signature": None},
        "endorsement_listed": {"statement": statement.pk, "endorsement": endorsement.pk},
        "endorsement_meeting": {"statement": statement.pk, "met": "2027-01-01"},
        "comment_published": {"comment": comment.pk},
    }
    return {kind: OutgoingEmailFactory(kind=kind, context=context) for kind, context in said.items()}


def test_mail_is_seen_by_those_who_look_after_what_it_is_about():
    mine, other = StatementFactory(), StatementFactory()
    of_mine, of_others = mail_about(mine), mail_about(other)
    for context in ({"correspondence": 1}, {"signature": "x"}, {"signature": None}, {}, {"signature": 10**30}):
        OutgoingEmailFactory(kind="signature_receipt", context=context)
    OutgoingEmailFactory(kind="mine_link", context={"correspondence": 1})
    mo, carol = User.objects.create_user("mo"), User.objects.create_superuser("carol")
    Assignment.objects.create(statement=mine, user=mo)
    every = OutgoingEmail.objects.all()
    assert set(desk.seen_by(mo, every)) == set(of_mine.values())
    assert set(desk.seen_by(carol, every)) == set(every) > set(of_others.values())


def test_home_asks_few_questions(django_assert_max_num_queries):
    carol = superuser("carol")
    for _ in range(12):
        SignatureFactory(state="held")
    with django_assert_max_num_queries(16):
        carol.get("/admin/")


def signed(statement, *times) -> None:
    for time in times:
        SignatureFactory(statement=statement, state="confirmed", confirmed_at=time)
    counting.recount(statement=statement, repair=True)


def plot_of(statement) -> statistics.Plot:
    return statistics.plots([statement])[0]


def test_a_young_statement_is_plotted_by_the_hour():
    statement = StatementFactory(published_at=ago(hours=10))
    signed(statement, ago(hours=9), ago(hours=9), ago(seconds=0))  # the newest hour may be a minute old
    statistics.roll_up()
    plot = plot_of(statement)
    assert (plot.unit, len(plot.bars), plot.most, plot.people) == ("hour", 11, 2, 3)
    assert [bar.number for bar in plot.bars if bar.number] == [2, 1]
    assert plot.words == "Signatures per hour: at most 2, 1 in the newest."


def test_an_older_one_by_the_day_and_an_old_one_by_several():
    month, year = (StatementFactory(published_at=ago(days=days)) for days in (30, 400))
    signed(month, ago(days=20), ago(days=20), ago(days=1))
    signed(year, ago(days=399))
    statistics.roll_up()
    assert (plot_of(month).unit, sum(bar.number for bar in plot_of(month).bars)) == ("day", 3)
    assert (plot_of(year).unit, len(plot_of(year).bars) <= statistics.MOST_BARS) == ("4 days", True)
    assert plot_of(year).bars[0].number == 1


def test_rolling_up_follows_what_happens_meanwhile_and_costs_nothing_when_nothing_does():
    statement = StatementFactory(published_at=ago(days=5))
    signed(statement, ago(days=3), timezone.now())
    assert statistics.roll_up() == 2
    assert statistics.roll_up() == 0
    signed(statement, timezone.now())
    assert statistics.roll_up() == 1
    assert sorted(SignedHour.objects.values_list("confirmed", flat=True)) == [1, 2]
    signed(statement, ago(days=4))
    statistics.rebuild(statement)
    assert sum(SignedHour.objects.values_list("confirmed", flat=True)) == 4


def test_the_plot_is_drawn_without_a_style_and_told_in_a_table():
    statement = StatementFactory(published_at=ago(hours=5), title="Keep “A & B” open")
    signed(statement, ago(hours=2))
    statistics.roll_up()
    html = superuser("carol").get("/admin/").content.decode()
    assert len(re.findall(r"<rect x=\"[\d.]+\" y=\"[\d.]+\" width=\"[\d.]+\" height=\"[\d.]+\">", html)) == 1
    assert " style=" not in html.partition('<main id="content-start"')[2].partition("</main>")[0]
    assert len(re.findall(r"<tr><th scope=\"row\">[^<]+</th><td>1</td></tr>", html)) == 1
