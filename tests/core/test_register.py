"""The register of personal columns: nothing is left out, nothing is made up, and what it promises is done."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from core import register, retention
from core.models import KeysOn
from core.register import Erase, Personal, Until, Whose
from petitions.models import Signature, SignatureSubmission
from submissions.models import Submission

PAGE = Path(__file__).parents[2] / "docs" / "personal-data.md"
OURS = {
    "core",
    "mail",
    "submissions",
    "publishers",
    "petitions",
    "organisations",
    "comments",
    "integrations",
    "exchange",
}
SOME = Personal(Whose.SIGNATORY, "to know", Until("for {}", ("IP_KEY_DAYS",)), Erase.EMPTY)


@pytest.fixture
def entries(monkeypatch):
    """The register, to be changed by a test."""
    register.everything()
    monkeypatch.setattr(register, "_declared", {model: dict(all_) for model, all_ in register._declared.items()})
    return register._declared


def ids(model):
    return [(mistake.id, mistake.msg) for mistake in register.mistakes_of(model)]


def test_every_column_of_every_model_of_ours_has_an_entry():
    models_of_ours = [model for model, _ in register.everything() if model._meta.app_label in OURS]
    assert {model._meta.app_label for model in models_of_ours} == OURS
    assert [mistake for model in models_of_ours for mistake in register.mistakes_of(model)] == []
    assert register.every_column_is_declared() == []


def test_a_column_without_an_entry_and_an_entry_without_a_column_fail_the_build(entries):
    del entries[Signature]["name"]
    entries[Signature]["nickname"] = SOME
    expected = [
        ("core.E010", "name has no entry in the register."),
        ("core.E011", "The register names nickname, which is no column."),
    ]
    assert ids(Signature) == expected
    assert [(mistake.id, mistake.msg) for mistake in register.every_column_is_declared()] == expected


def test_a_model_that_nobody_declared_has_nothing_but_mistakes(entries):
    del entries[KeysOn]
    assert ids(KeysOn) == [("core.E010", "user has no entry in the register.")]


def test_what_an_abstract_model_declares_stands_for_those_that_inherit(entries):
    inherited = register.columns_of(SignatureSubmission)["email"]
    assert inherited.whose == Whose.SIGNATORY
    assert entries[Submission]["email"].whose == Whose.ASKER
    del entries[Submission]["email"]
    assert ids(SignatureSubmission) == [("core.E010", "email has no entry in the register.")]


def test_nobody_is_left_as_whoever_asks():
    assert [column for _, column, entry in register.personal_columns() if entry.whose == Whose.ASKER] == []


@pytest.mark.parametrize(
    ("columns", "rest"), [({"user": SOME}, "user"), ({}, "user user")], ids=["personal and not", "twice"]
)
def test_a_column_is_declared_once(entries, columns, rest):
    del entries[KeysOn]
    with pytest.raises(ValueError, match=r"core\.KeysOn"):
        register.register(KeysOn, columns, rest=rest)


def test_a_model_is_declared_once(entries):
    with pytest.raises(ValueError, match=r"core\.KeysOn"):
        register.register(KeysOn, rest="user")


def test_how_long_is_said_with_the_days_of_the_settings(settings):
    settings.IP_KEY_DAYS = 3
    assert str(SOME.until) == "for 3 days"


def test_every_setting_that_is_named_is_a_number_of_days(settings):
    named = {name for _, _, entry in register.personal_columns() for name in entry.until.settings}
    assert {name for name in named if not isinstance(getattr(settings, name), int)} == set()
    assert named > {"IP_KEY_DAYS", "SENT_MAIL_DAYS", "ANONYMISE_AFTER_CLOSING_DAYS"}


def test_what_follows_a_setting_is_forgotten_by_a_step():
    assert retention.unreached() == []


def test_a_personal_column_that_no_step_reaches_is_found(entries):
    entries[Signature]["via"] = SOME
    assert retention.unreached() == ["petitions.Signature.via: IP_KEY_DAYS"]


def test_every_step_empties_columns_that_the_register_knows_as_personal():
    personal = {(model, name) for model, name, _ in register.personal_columns()}
    emptied = {(step.model, name) for step in retention.steps() for name in step.empties}
    assert emptied - personal == set()


def test_the_documentation_says_the_same():
    """Write it again with: make manage c=personal > docs/personal-data.md"""
    page = StringIO()
    call_command("personal", stdout=page)
    assert PAGE.read_text() == page.getvalue()
