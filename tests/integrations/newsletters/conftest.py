"""A newsletter on this machine, running, and people who agreed to it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.models import Newsletter
from integrations.newsletters import connectors, handing, keeping, parting
from mail.models import OutgoingRequest
from mail.outbound import sending
from publishers.models import Publisher
from submissions.models import ConsentText
from tests.factories import SignatureFactory
from tests.integrations.newsletters.programs import PLAYED


@pytest.fixture(params=PLAYED)
def program(request, other):
    """One program after the other; `only` of a test names those it is about."""
    played = PLAYED[request.param]()
    played.name = request.param
    other.answer = lambda own: played.answer(own, other.heard[-1])
    return played


@pytest.fixture
def newsletter(program, other, admin_user):
    """It runs."""
    made = Newsletter(
        publisher=Publisher.objects.get(),
        recipient="Lantern Union",
        program=program.name,
        url=other.url,
        username="api",
        list_id=program.list_id,
        mapping=dict(connectors.of(program.name).mapping),
        state="running",
        made_at=timezone.now() - timedelta(days=900),
    )
    keeping.save(newsletter=made, key=program.key, by=admin_user)
    return made


@pytest.fixture
def named():
    """What those agreed to whom the notice told that Lantern Union sends a newsletter."""
    return ConsentText.objects.create(text="I agree.", notice="…", sha256="n", newsletters=["Lantern Union"])


@pytest.fixture
def wants(statement, named):
    """Somebody who signed and wants news."""

    def one(email="amina@example.org", **values):
        return SignatureFactory(
            **{"statement": statement, "name": "Amina Yusuf", "email": email, "email_updates": True, "consent": named}
            | values
        )

    return one


@pytest.fixture
def work(db):
    """What the worker does until nothing is left, whatever asks to be tried later."""

    def all_of_it():
        for _ in range(8):
            found = [handing.find(), parting.part(), handing.ask()]
            if not any(found) and not OutgoingRequest.objects.filter(state="queued").exists():
                break
            later = timezone.now() - timedelta(seconds=1)
            OutgoingRequest.objects.filter(state="queued").update(due_at=later)
            sending.send_what_is_due()

    return all_of_it
