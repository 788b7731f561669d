"""People who come to events, for tests."""

from petitions.actions import attending
from petitions.models import Attendance, AttendanceSubmission
from submissions import agreeing
from tests.asking import mail_all

AMINA = "amina@example.org"


def ask(event, email=AMINA, name="Amina Yusuf"):
    """A submission to come, as if its mail had been accepted."""
    asked = attending.come(event=event, name=name, email=email)
    mail_all()
    return AttendanceSubmission.objects.get(pk=asked.submission_id)


def come(event, email=AMINA, name="Amina Yusuf"):
    """Somebody who has agreed to come, or who waits for a place."""
    agreed = agreeing.agree(attending.NUMBER, ask(event, email, name).pk)
    return Attendance.objects.get(pk=agreed.result_id)
