"""The thread under a statement and what people write there. Names of fields and states are a contract (DESIGN 4)."""

from comments.models.comments import LONGEST, Comment, CommentSubmission, Report
from comments.models.preferences import Preference
from comments.models.rules import Approve, Order, Rules, SiteRules
from comments.models.threads import Thread

__all__ = [
    "LONGEST",
    "Approve",
    "Comment",
    "CommentSubmission",
    "Order",
    "Preference",
    "Report",
    "Rules",
    "SiteRules",
    "Thread",
]
