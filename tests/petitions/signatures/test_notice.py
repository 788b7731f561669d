"""The privacy notice says what is lived by: each of the times that the register follows, and no other number."""

import re

import pytest
from django.conf import settings as lived_by
from django.template.loader import render_to_string

from core import register, richtext
from petitions.signatures import consent

pytestmark = pytest.mark.django_db  # which knows whom the notice names

# The register says it in words: the row of a signature that was withdrawn goes as a whole.
BESIDE_THE_REGISTER = {"WITHDRAWN_MINUTES", "BACKUP_DAYS"}
LAWS = r"Article \d+\(\d\)\(a\)"


def times() -> list[str]:
    """The settings that say how long something is kept."""
    named = {name for _, _, entry in register.personal_columns() for name in entry.until.settings}
    return sorted(named | BESIDE_THE_REGISTER)


def numbers() -> list[int]:
    """Each number in the notice, in order of size and once."""
    text = richtext.plain_text(render_to_string("petitions/privacy_notice.jinja", {"notice": consent.notice()}))
    return sorted({int(number) for number in re.findall(r"\d+", re.sub(LAWS, "", text))})


def test_the_notice_says_each_time_that_the_register_follows_and_nothing_else(settings):
    for value, name in enumerate(times(), start=7001):
        setattr(settings, name, value)
    assert numbers() == list(range(7001, 7001 + len(times())))


def test_the_numbers_of_a_fresh_site():
    assert {name: getattr(lived_by, name) for name in times()} == {
        "AGREED_STUB_DAYS": 180,
        "API_REPLAY_DAYS": 1,
        "ARCHIVE_DAYS": 7,
        "ATTENDANCE_DAYS": 30,
        "ANONYMISE_AFTER_CLOSING_DAYS": 180,
        "BACKUP_DAYS": 35,
        "COMMENT_BIN_DAYS": 30,
        "COMMENT_EMAIL_DAYS": 30,
        "COMMENT_EMAIL_LONGEST_DAYS": 365,
        "DECLINED_DAYS": 30,
        "FORM_DRAFT_DAYS": 14,
        "IMPORT_ROWS_DAYS": 30,
        "INVITATION_KEPT_DAYS": 30,
        "LOOKING_DAYS": 2,
        "IP_KEY_DAYS": 7,
        "OUTBOUND_LOG_DAYS": 30,
        "LOG_IN_TRIES_DAYS": 7,
        "LONGEST_DAYS": 730,
        "REMOVED_DAYS": 30,
        "REPORT_DAYS": 30,
        "SENT_MAIL_DAYS": 7,
        "STAFF_LOG_DAYS": 90,
        "UNCONFIRMED_DAYS": 14,
        "UNDECIDED_DAYS": 180,
        "UNREACHABLE_DAYS": 365,
        "UNMAILED_DAYS": 28,
        "WEBHOOK_EVENT_DAYS": 30,
        "WITHDRAWN_MINUTES": 10,
        "WRITTEN_TO_DAYS": 60,
        "WRONG_CODES_DAYS": 2,
    }
