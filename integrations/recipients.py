"""Recipients of personal data, for the privacy notice (petitions/signatures/consent.py)."""

from integrations.models import Endpoint, EventType, Newsletter
from petitions.signatures import consent

ABOUT_PEOPLE = [
    EventType.SIGNATURE_AGREED,
    EventType.SIGNATURE_WITHDRAWN,
    EventType.ENDORSEMENT_LISTED,
    EventType.COMMENT_PUBLISHED,
]


@consent.named_by
def of_webhooks() -> consent.Recipients:
    """The recipients of webhooks that are switched on and hear of people; one query."""
    listening = Endpoint.objects.filter(off_at=None, events__overlap=ABOUT_PEOPLE)
    found = list(listening.values_list("recipient", "may_have_mailbox", "events"))
    gets = {name for name, may, events in found if may and EventType.SIGNATURE_AGREED in events}
    return consent.Recipients(tuple(gets), tuple({name for name, _, _ in found} - gets))


@consent.named_by
def of_newsletters() -> consent.Recipients:
    """Those that are not switched off, from before they get anybody."""
    named = Newsletter.objects.exclude(state=Newsletter.State.OFF).values_list("publisher", "recipient")
    return consent.Recipients(of_newsletters=tuple(set(named)))
