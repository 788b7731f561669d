"""What the worker does once a minute for comments."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Now

from comments import digest
from comments import retention as forgetting
from comments.models import Comment, Report
from comments.retention import EMPTIED, FORGOTTEN, empty_bin, forget_writers
from core import retention
from core.chores import chore

chore("tell moderators what waits")(digest.send_due)

retention.step(
    "forget who wrote comments",
    Comment,
    empties=" ".join(FORGOTTEN),
    follows="COMMENT_EMAIL_DAYS COMMENT_EMAIL_LONGEST_DAYS",
)(forget_writers)
retention.step("empty the bin of comments", Comment, empties=" ".join(EMPTIED), follows="COMMENT_BIN_DAYS")(empty_bin)
retention.step("delete withdrawn comments", Comment)(forgetting.delete_withdrawn)
retention.step("delete undecided comments", Comment, follows="UNDECIDED_DAYS")(forgetting.delete_undecided)
retention.step("forget reports", Report, empties="words", follows="REPORT_DAYS UNDECIDED_DAYS")(
    forgetting.forget_reports
)

# With the key that made it (core/retention.py).
forget_networks = retention.empties(
    "forget networks of comments",
    Comment,
    lambda: ~Q(ip_key="") & Q(created_at__lt=Now() - timedelta(days=settings.IP_KEY_DAYS)),
    follows="IP_KEY_DAYS",
    ip_key="",
)
