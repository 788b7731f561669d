"""What the worker does once a minute for comments."""

from comments import akismet, digest, retention
from core.chores import chore

chore("ask the spam service")(akismet.check_next)
chore("tell moderators what waits")(digest.send_due)
chore("forget who wrote comments")(retention.forget_writers)
chore("empty the bin of comments")(retention.empty_bin)
