"""What is forgotten, and when. The privacy notice prints the same settings (GDPR Art. 5(1)(e))."""

from datetime import timedelta

from django.conf import settings

from petitions.signatures import counting
from petitions.statements import availability

BATCH = 1000

# Every row of a statement that closed long enough ago, whatever its state, so that one odd row stops no other.
_DUE = f"""sig.id = ANY(ARRAY(
    SELECT due.id FROM petitions_signature due JOIN petitions_statement st ON st.id = due.statement_id
    WHERE due.anonymised_at IS NULL AND {availability.ENDED_SQL} < statement_timestamp() - %(after)s
    LIMIT {BATCH} FOR UPDATE OF due SKIP LOCKED
))"""

_FORGET = """
    state = CASE sig.state WHEN 'confirmed' THEN 'anonymised' ELSE sig.state END,
    name = '', email = '', email_canonical = '', postcode = '', affiliation = '', ip_key = '',
    mailbox_key = decode(lpad(to_hex(sig.id), 32, '0'), 'hex'), address_key = '', domain_key = '',
    held_reason = CASE sig.state WHEN 'held' THEN 'Forgotten' ELSE '' END,
    show_name = false, email_updates = false, anonymised_at = statement_timestamp()
"""


def anonymise() -> int:
    """Forget who signed statements that closed ANONYMISE_AFTER_CLOSING_DAYS ago; the count stays.

    One batch of at most 1,000; returns how many rows it was, so the caller goes on until it is 0.
    """
    after = timedelta(days=settings.ANONYMISE_AFTER_CLOSING_DAYS)
    return len(counting.move(where=_DUE, change=_FORGET, values={"after": after}, many=True))
