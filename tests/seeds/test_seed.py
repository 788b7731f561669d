"""`manage.py seed`: everything or nothing, only in the demo, and no change the second time."""

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command

from petitions.models import Statement
from seeds.management.commands import seed as command
from tests.seeds.conftest import seed


def everything() -> dict[str, list]:
    """Every row of every table, as the database has it."""
    return {
        model._meta.label: list(model._base_manager.order_by("pk").values())
        for model in apps.get_models()
        if model._meta.managed
    }


def test_it_says_what_it_added(seeded):
    assert (
        seeded
        == "Added: staff log-ins (4), pages (1), statements (5), endorsements (78), comments (32), assignments (10).\n"
    )


def test_a_second_run_changes_nothing(seeded):
    before = everything()
    assert seed() == "The demo world is already there.\n"
    assert everything() == before


def test_a_second_run_brings_back_only_what_is_missing(seeded):
    Statement.objects.get(slug="a-warm-room-in-every-ward").delete()
    assert seed() == "Added: statements (1), assignments (2).\n"
    assert Statement.objects.count() == 5


def test_outside_the_demo_it_is_refused_before_anything_is_loaded(settings, monkeypatch):
    loaded = []
    monkeypatch.setattr(command, "LOADERS", {"rows": loaded.append})
    settings.DEMO = False
    with pytest.raises(CommandError, match="This is not a demo, so nothing was loaded"):
        call_command(command.Command())
    assert loaded == []


def test_a_loader_that_fails_leaves_nothing_behind(seeded, monkeypatch):
    def fail(clock):
        raise RuntimeError(clock)

    Statement.objects.get(slug="a-warm-room-in-every-ward").delete()
    monkeypatch.setattr(command, "LOADERS", {**command.LOADERS, "failures": fail})
    with pytest.raises(RuntimeError):
        seed()
    assert not Statement.objects.filter(slug="a-warm-room-in-every-ward").exists()
