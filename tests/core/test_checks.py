import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection

from core import checks

pytestmark = pytest.mark.django_db


def switch_off(name):
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL {name} = off")


def test_a_safe_database_passes():
    assert checks.unsafe_settings() == []
    assert checks.durability(databases=["default"]) == []


def test_a_database_that_forgets_is_refused_with_the_way_to_mend_it():
    switch_off("synchronous_commit")
    (error,) = run_checks(databases=["default"], tags=["database"])
    assert error.id == "core.E001"
    assert error.msg == (
        "PostgreSQL runs with synchronous_commit = off: the last signatures before a crash are lost although people "
        "were thanked for them."
    )
    assert error.hint.startswith("As a database administrator: ALTER SYSTEM SET synchronous_commit = on;")


def test_every_command_that_checks_its_database_stops_there():
    switch_off("synchronous_commit")
    with pytest.raises(SystemCheckError, match=r"core\.E001"):
        call_command("check", databases=["default"])


def test_the_deploy_check_asks_the_database_unasked():
    switch_off("synchronous_commit")
    assert "core.E001" in {message.id for message in run_checks(include_deployment_checks=True)}


def test_a_plain_check_leaves_the_database_alone(django_assert_num_queries):
    with django_assert_num_queries(0):
        run_checks()
