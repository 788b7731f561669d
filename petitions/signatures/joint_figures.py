"""How many came by the pages of each who publish a joint statement, and how many want the news of each.

Their sum is the one count: everybody signs once, whosever page they came by.
"""

from dataclasses import dataclass

from django.db import connection

from core import identity
from core.identity import Identity
from petitions.statements import counting
from petitions.statements.models import Statement

_ASKED_BY = """
SELECT asked_by_id, count(*) FROM petitions_signature
WHERE statement_id = %(statement)s AND asked_by_id IS NOT NULL AND state = 'confirmed' GROUP BY asked_by_id
"""
_NEWS_OF = """
SELECT publisher, count(*) FROM petitions_signature sig, unnest(sig.news_of) publisher
WHERE sig.statement_id = %(statement)s AND sig.news_of <> '{}' AND sig.state = 'confirmed' GROUP BY publisher
"""
_OWN_NEWS = """
SELECT count(*) FROM petitions_signature
WHERE statement_id = %(statement)s AND state = 'confirmed' AND email_updates
"""


@dataclass(frozen=True)
class Share:
    """One publisher's: who signed on its pages, and who wants its news, in people that count."""

    publisher: Identity
    signed_here: int
    want_news: int


def of(statement: Statement) -> list[Share]:
    """Of its own publisher first, then of all who publish or published it together, in the order they came."""
    with connection.cursor() as cursor:
        found = []
        for select in (_ASKED_BY, _NEWS_OF):
            cursor.execute(select, {"statement": statement.pk})
            found.append(dict(cursor.fetchall()))
        cursor.execute(_OWN_NEWS, {"statement": statement.pk})
        own_news = cursor.fetchone()[0]
    signed, news = found
    numbers = counting.numbers([statement])[statement.pk]
    others = statement.copublishers.exclude(accepted_at=None)
    pks = list(dict.fromkeys(others.order_by("position", "pk").values_list("publisher", flat=True)))
    own = numbers.people + numbers.brought_in - sum(signed.values())
    first = Share(identity.publisher(statement.publisher_id), own, own_news)
    return [first, *(Share(identity.publisher(pk), signed.get(pk, 0), news.get(pk, 0)) for pk in pks)]
