"""The benchmark's mail server, which must answer a real client as a real one does."""

import asyncio
import smtplib
import threading
from email.message import EmailMessage

import pytest

from bench.sink import Sink


async def ended(server: asyncio.Server) -> None:
    """Close it, and give the loop the time to close what its client has left."""
    server.close()
    await server.wait_closed()
    await asyncio.sleep(0.1)


@pytest.fixture
def port():
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(loop.create_server(Sink, "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield server.sockets[0].getsockname()[1]
    asyncio.run_coroutine_threadsafe(ended(server), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def test_it_takes_one_message_after_the_other(port):
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "post@example.org", "amina@example.org", "Confirm"
    message.set_content(".\nA line with a dot before it, and a long one: " + "x" * 200_000)
    with smtplib.SMTP("127.0.0.1", port) as client:
        for _ in range(3):
            assert client.send_message(message) == {}
        assert client.noop() == (250, b"OK")
