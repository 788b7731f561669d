"""`manage.py seed`: everything or nothing, only in the demo, and no change the second time."""

from datetime import timedelta
from io import StringIO

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, User
from django.core.management import CommandError, call_command
from django.db.models import Count
from django.utils import timezone

from core.models import OutgoingEmail
from petitions import counting
from petitions.models import Event, Signature, Statement
from seeds import staff
from seeds.management.commands.seed import Command
from seeds.world import read

LIBRARIES = "keep-our-libraries-open"


def seed() -> str:
    out = StringIO()
    call_command(Command(), stdout=out)
    return out.getvalue()


def everything() -> dict[str, list]:
    """Every row of every table, as the database has it."""
    return {
        model._meta.label: list(model._base_manager.order_by("pk").values())
        for model in apps.get_models()
        if model._meta.managed
    }


@pytest.fixture
def demo(settings):
    settings.DEMO = True


@pytest.fixture
def seeded(db, demo):
    return seed()


def of(slug: str) -> Statement:
    return Statement.objects.get(slug=slug)


def numbers(slug: str) -> counting.Numbers:
    statement = of(slug)
    return counting.numbers([statement])[statement.pk]


def test_it_says_what_it_added(seeded):
    assert seeded == "Added 4 staff log-ins, 5 statements.\n"


def test_a_second_run_changes_nothing(seeded):
    before = everything()
    assert seed() == "The demo world is already there.\n"
    assert everything() == before


def test_a_second_run_brings_back_only_what_is_missing(seeded):
    Statement.objects.get(slug="a-warm-room-in-every-ward").delete()
    assert seed() == "Added 1 statements.\n"


@pytest.mark.django_db
def test_outside_the_demo_it_is_refused_and_nothing_is_loaded(settings):
    settings.DEMO = False
    with pytest.raises(CommandError, match="This is not a demo, so nothing was loaded"):
        seed()
    assert (User.objects.count(), Statement.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("slug", "status", "counted"),
    [
        (LIBRARIES, "open", (1284, 1019, 12)),
        ("safe-crossing-on-mill-lane", "open", (86, 61, 1)),
        ("save-the-tuesday-market", "closed", (412, 331, 3)),
        ("an-interpreter-at-every-appointment", "open", (53, 38, 0)),
        ("a-warm-room-in-every-ward", "draft", (0, 0, 0)),
    ],
)
def test_statements_stand_as_written(seeded, slug, status, counted):
    found = numbers(slug)
    assert (of(slug).status, (found.people, found.shown, found.removed)) == (status, counted)


def test_the_numbers_on_the_pages_are_those_of_the_rows(seeded):
    assert all(counting.recount(statement=statement).agrees for statement in Statement.objects.all())


def test_265_people_stay_private(seeded):
    assert numbers(LIBRARIES).private == 265


def test_every_state_of_a_signature_is_there_to_be_moderated(seeded):
    states = of(LIBRARIES).signatures.values_list("state").annotate(Count("pk")).order_by()
    assert dict(states) == {"confirmed": 1284, "pending": 3, "held": 6, "removed": 12, "withdrawn": 9}


def test_a_handful_of_mails_wait_and_no_more(seeded):
    pending = Signature.objects.filter(state="pending")
    mails = OutgoingEmail.objects.filter(kind="signature_confirm")
    assert OutgoingEmail.objects.count() == mails.count() == 5
    assert set(mails.values_list("recipient", flat=True)) == set(pending.values_list("email", flat=True))


def test_the_protest_is_on_a_saturday_to_come_at_noon_by_the_clocks_of_the_place(seeded):
    protest = Event.objects.get(statement__slug=LIBRARIES)
    local = timezone.localtime(protest.starts_at)
    assert (local.strftime("%A %H:%M"), protest.timezone) == ("Saturday 12:00", "Europe/London")
    assert timedelta(days=13) < protest.starts_at - timezone.now() < timedelta(days=21)
    assert "at 12 noon" in protest.summary


def test_the_text_of_the_petition_was_corrected_and_earlier_signers_stay_under_the_first(seeded):
    petition = of("safe-crossing-on-mill-lane")
    assert list(petition.versions.values_list("number", flat=True)) == [1, 2]
    assert set(petition.signatures.filter(state="confirmed").values_list("version__number", flat=True)) == {1}


def test_the_closed_letter_tells_its_outcome_and_when_it_ended(seeded):
    letter = of("save-the-tuesday-market")
    assert "The market stays." in letter.outcome
    assert timezone.now() - letter.ended_at > timedelta(days=44)


def test_the_arabic_letter_runs_from_right_to_left(seeded):
    assert of("an-interpreter-at-every-appointment").direction == "rtl"


def test_updates_lie_in_the_past(seeded):
    news = of(LIBRARIES).updates.values_list("published_at", flat=True)
    assert [time < timezone.now() for time in news] == [True, True]


@pytest.mark.parametrize("username", ["admin", "campaigner", "moderator", "auditor"])
def test_staff_can_log_in(seeded, username):
    user = User.objects.get(username=username)
    assert user.check_password("undersigned-demo")
    assert (user.is_staff, user.is_superuser) == (True, username == "admin")


def test_roles_may_do_their_work_and_no_more(seeded):
    moderator, auditor = (User.objects.get(username=name) for name in ("moderator", "auditor"))
    assert moderator.has_perm("petitions.change_signature")
    assert not moderator.has_perm("petitions.change_statement")
    assert {perm.partition(".")[2].partition("_")[0] for perm in auditor.get_all_permissions()} == {"view"}


def test_every_permission_of_an_installed_app_exists(seeded):
    for person in read("staff")["staff"]:
        for name in person.get("permissions", []):
            if apps.is_installed(name.partition(".")[0]):
                assert staff.permission(name).codename == name.partition(".")[2]


def test_a_password_that_was_changed_stays_changed(seeded):
    admin = User.objects.get(username="admin")
    admin.set_password("something else entirely")
    admin.save()
    seed()
    assert User.objects.get(username="admin").check_password("something else entirely")


def test_one_group_for_each_role(seeded):
    assert set(Group.objects.values_list("name", flat=True)) == {"campaigner", "moderator", "auditor"}
