"""An account that is on, and a server elsewhere whose people follow it."""

import pytest
from django.utils import timezone

from integrations.fediverse import keeping, publishing
from integrations.models import Actor
from mail.models import OutgoingRequest
from mail.outbound import door, guard, sending
from publishers.models import Publisher
from tests.integrations.fediverse.instance import Instance
from tests.mail.outbound.conftest import Names
from tests.mail.outbound.hosts import LOOPBACK, certificate, host

INBOX = "/fediverse/eastside/inbox/"


@pytest.fixture(scope="session")
def pem(tmp_path_factory):
    """The certificate of every server that is played."""
    return certificate(tmp_path_factory.mktemp("tls"), "social.example", "other.example")


@pytest.fixture
def names(monkeypatch, pem):
    """Names of the internet that lead to this machine, over TLS that is trusted, on whatever port."""
    known = Names()
    known.answers = {name: [[LOOPBACK]] for name in ("social.example", "other.example")}
    monkeypatch.setattr(guard, "resolver", known.ask)
    monkeypatch.setattr(guard, "may_connect", lambda address: str(address) == LOOPBACK)
    monkeypatch.setattr(guard, "STRANGERS_PORTS", range(1, 2**16))
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    door.tls.cache_clear()
    yield known
    monkeypatch.undo()
    door.tls.cache_clear()


@pytest.fixture
def instance(names, pem, client, actor):
    """It has looked us up."""
    with host(pem) as own:
        made = Instance(own, client)
        made.get_to_know("eastside@testserver")
        yield made


@pytest.fixture
def actor(db, admin_user):
    made = Actor(publisher=Publisher.objects.get(), name="eastside")
    keeping.save(actor=made, by=admin_user)
    keeping.switch_on(actor=made, by=admin_user)
    made.refresh_from_db()
    return made


@pytest.fixture
def work(db):
    """What the worker does until nothing is left, whatever asks to be tried later."""

    def all_of_it(rounds=4):
        for _ in range(rounds):
            publishing.find()
            while publishing.tell():
                pass
            OutgoingRequest.objects.filter(state="queued").update(due_at=timezone.now())
            sending.send_what_is_due()

    return all_of_it
