"""Lines of the log: as text, or as JSON for programs that read them; in neither stands who somebody is.

Django writes the path of a request that failed, a database what stood in the row that it refused, a mail server whom it
did not take. The keys of links and the names of mailboxes are taken out of whatever is written, tracebacks too: who has
the link of a mail can act for its recipient.
"""

import json
import logging
import re
from datetime import UTC, datetime

# The first words of paths that have a key in them, as core/urls.py says; the proxies' logs mask the same (deploy/).
KEYED = ("confirm", "manage", "unsubscribe")
_LINK = re.compile(rf"/({'|'.join(KEYED)}|admin/welcome)/[^\s\"'?#]+")
_MAILBOX = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@(?=[\w-]+\.[\w.-]*\w)")
_QUERY = re.compile(r"(?<=[/\w])\?[^\s\"']+")


def without_people(text: str) -> str:
    """The text with `/confirm/…` for a link with a key in it, `…@example.org` for a mailbox, and no query strings."""
    return _MAILBOX.sub("…@", _LINK.sub(r"/\1/…", _QUERY.sub("?…", text)))


class Text(logging.Formatter):
    """One line for people."""

    def format(self, record: logging.LogRecord) -> str:
        """The message, and the traceback below it."""
        return without_people(super().format(record))


class Json(logging.Formatter):
    """One JSON object in a line: `at` (UTC), `level`, `logger`, `message`, and `traceback` where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        said = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "process": record.process,
            "message": without_people(record.getMessage()),
        }
        if record.exc_info:
            said["traceback"] = without_people(self.formatException(record.exc_info))
        return json.dumps(said, ensure_ascii=False)
