"""What the database itself refuses, whoever asks."""

import pytest
from django.db import IntegrityError, connection, transaction

from petitions.models import SignatureSubmission
from petitions.signatures import optional, signing
from submissions import schema
from tests.asking import agree, ask, sign
from tests.factories import StatementFactory

pytestmark = pytest.mark.django_db
TABLE = SignatureSubmission._meta.db_table

OTHER = "decode(repeat('00', 40), 'hex')"
TYPED = {
    "id": "id + 1000", "reference": "'A2A'", "digest": "'\\x00'", "email": OTHER, "postcode": OTHER,
    "address_key": "'\\x00'", "mailbox_key": "'\\x00'", "domain_key": "'\\x00'",
    "consent_id": "1", "language": "'de'", "via": "'x'", "channel": "'embed'", "ip_key": "'other'",
    "signals": "'honeypot'", "created_at": "created_at - interval '1 day'", "statement_id": "statement_id + 1",
    "version_id": "version_id + 1", "unless_signed": "true", "name": "'Mallory'",
    "show_name": "true", "email_updates": "true", "asked_by_id": "1", "news_of": "ARRAY[1]",
    **{field.name: "true" if field.is_choice else "'X'" for field in optional.FIELDS if not field.what},
}  # fmt: skip
LATER = {"mailed_at", "agreed_at", "ended_at", "result_id", "code_tries"}


@pytest.fixture
def submission():
    return ask(StatementFactory(), mailed=False, ip_key="home")


def refused(submission, change):
    """The constraint that an UPDATE of this row breaks; empty when it is allowed."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE {TABLE} SET {change} WHERE id = %s", [submission.pk])
            assert cursor.rowcount == 1
    except IntegrityError as error:
        return error.__cause__.diag.constraint_name
    return ""


def test_every_column_is_either_typed_or_set_later():
    assert {field.column for field in SignatureSubmission._meta.concrete_fields} == set(TYPED) | LATER


@pytest.mark.parametrize("column", sorted(TYPED))
def test_what_was_typed_is_never_changed(submission, column):
    assert refused(submission, f"{column} = {TYPED[column]}") == "submission_written_once"


@pytest.mark.parametrize("column", sorted(TYPED))
def test_nor_after_it_was_agreed_to(submission, column):
    agree(submission)
    assert refused(submission, f"{column} = {TYPED[column]}") == "submission_written_once"


@pytest.mark.parametrize("column", ["email", "name"])
def test_words_are_emptied_only_once_it_is_over(submission, column):
    assert refused(submission, f"{column} = ''") == "submission_written_once"
    assert refused(submission, f"{column} = '', ended_at = now()") == ""


@pytest.mark.parametrize("column", ["show_name", "email_updates", "personal_capacity"])
def test_choices_are_emptied_only_once_it_is_over(column):
    submission = ask(StatementFactory(), **{column: True})
    assert refused(submission, f"{column} = false") == "submission_written_once"
    assert refused(submission, f"{column} = false, agreed_at = now()") == ""


def test_the_network_may_be_forgotten(submission):
    assert refused(submission, "ip_key = ''") == ""
    assert refused(submission, "ip_key = 'home'") == "submission_written_once"


@pytest.mark.parametrize("column", ["mailed_at", "agreed_at", "ended_at"])
def test_it_is_mailed_agreed_and_ended_once(submission, column):
    assert refused(submission, f"{column} = now()") == ""
    assert refused(submission, f"{column} = now() + interval '1 second'") == "submission_written_once"
    assert refused(submission, f"{column} = NULL") == "submission_written_once"


def test_its_result_is_written_once(submission):
    assert refused(submission, "result_id = 7, agreed_at = now()") == ""
    assert refused(submission, "result_id = 8") == "submission_written_once"


def test_it_is_agreed_or_ended_and_never_both(submission):
    assert refused(submission, "agreed_at = now(), ended_at = now()") == "signaturesubmission_agreed_or_ended"
    assert refused(submission, "ended_at = now()") == ""
    assert refused(submission, "agreed_at = now()") == "signaturesubmission_agreed_or_ended"


@pytest.mark.parametrize(("change", "constraint"), [("+ 1", ""), ("+ 2", "submission_written_once"),
                                                    ("- 1", "submission_written_once")])  # fmt: skip
def test_tries_are_counted_one_by_one(submission, change, constraint):
    assert refused(submission, "code_tries = code_tries + 1") == ""
    assert refused(submission, f"code_tries = code_tries {change}") == constraint


STATES = ("confirmed", "held", "removed", "withdrawn", "anonymised")


@pytest.mark.parametrize("old", STATES)
@pytest.mark.parametrize("new", STATES)
def test_a_signature_goes_only_where_the_table_of_moves_lets_it(old, new):
    signature = sign(StatementFactory())
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE petitions_signature SET state = %s, held_reason = 'x'", [old])
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
    allowed = old == new or new in {str(state) for state in signing.MOVES[old]}
    change = "UPDATE petitions_signature SET state = %s WHERE id = %s"
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(change, [new, signature.pk])
        constraint = ""
    except IntegrityError as error:
        constraint = error.__cause__.diag.constraint_name
    assert constraint == ("" if allowed else "signature_allowed_moves")


def test_a_move_that_the_table_does_not_have_is_refused_by_the_trigger_itself():
    """A state that no table knows, from one that it does."""
    sign(StatementFactory())
    refusal = pytest.raises(IntegrityError, match="It cannot go from there to there")
    with refusal, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE petitions_signature SET state = 'pending'")


def test_the_triggers_name_only_what_they_guard():
    sql = schema.append_only("app_rsvp", fixed=["event_id"], texts=["name"], optional=["guests"])
    assert "NEW.event_id IS NOT DISTINCT FROM OLD.event_id" in sql
    assert "NEW.guests IS NULL" in sql
    assert "show_name" not in sql
