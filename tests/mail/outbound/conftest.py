"""A host of the operator's own on this machine, and a kind of request that asks it."""

import pytest

from core import switches
from mail.outbound import door, guard, kinds
from mail.outbound.models import OutgoingRequest
from mail.outbound.queue import queue
from tests.mail.outbound.hosts import LOOPBACK, host


@pytest.fixture
def other(settings):
    """It speaks plain HTTP, which its operator allows."""
    settings.OUTBOUND_PRIVATE_HOSTS = [f"http://{LOOPBACK}"]
    with host() as found:
        yield found


@pytest.fixture
def hurry(monkeypatch):
    """Half a second instead of five: slow hosts are slow by that."""
    monkeypatch.setattr(door, "SECONDS", 0.5)


@pytest.fixture
def trust(monkeypatch):
    """Have a certificate trusted, as an operator does: by SSL_CERT_FILE."""

    def use(path):
        monkeypatch.setenv("SSL_CERT_FILE", str(path))
        door.tls.cache_clear()

    yield use
    monkeypatch.undo()
    door.tls.cache_clear()


class Names:
    """A resolver: of a name its answers, one after the other, the last for ever."""

    def __init__(self):
        self.answers: dict[str, list[list[str]]] = {}
        self.asked: list[str] = []

    def ask(self, name, port):
        self.asked.append(name)
        answers = self.answers.get(name, [[]])
        return answers.pop(0) if len(answers) > 1 else answers[0]


@pytest.fixture
def names(monkeypatch):
    """Names and what they lead to."""
    known = Names()
    monkeypatch.setattr(guard, "resolver", known.ask)
    return known


class Told:
    """What the kind `test` was told."""

    def __init__(self, url):
        self.url, self.answers, self.failures = url, [], []
        self.error, self.throws = None, False

    def build(self, row):
        return kinds.Request(self.url, body=b'{"a": 1}', headers={"X-Id": str(row.uuid)})

    def answered(self, row, answer):
        if self.error:
            raise self.error
        self.answers.append((row.context, answer.body))
        if self.throws:
            switches.turn_off(name="outbound")

    def failed(self, row):
        self.failures.append(row.context)


@pytest.fixture
def told(other, monkeypatch):
    """A kind `test` that asks the host."""
    found = Told(other.url)
    kinds.load()
    kind = kinds.Kind(found.build, found.answered, found.failed, 3, kinds.timedelta(0), None)
    monkeypatch.setitem(kinds._kinds, "test", kind)
    return found


@pytest.fixture
def ask(other):
    """Queue a request of the kind `test`."""

    def one(number=1, **options):
        queue(kind="test", host=f"{LOOPBACK}:{other.port}", context={"number": number}, **options)
        return OutgoingRequest.objects.last()

    return one
