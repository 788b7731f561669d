"""What other hosts do, and what becomes of it: within the time, within the size, and never half."""

import time
from contextlib import suppress

import pytest

from mail.outbound import door, guard, kinds
from tests.mail.outbound.hosts import good

pytestmark = pytest.mark.django_db


def words_of(other, body=b""):
    with pytest.raises(door.NoAnswer) as refused:
        door.send(kinds.Request(other.url, body=body))
    return str(refused.value)


def dripping(*parts, pause=0.1):
    """Some bytes at a time, each well within any time limit of a step."""

    def answer(own):
        with suppress(OSError):
            for part in parts:
                own.sendall(part)
                time.sleep(pause)

    return answer


HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n"


@pytest.mark.parametrize(
    "answer",
    [
        lambda own: own.recv(1),  # says nothing and waits
        dripping(*[bytes([letter]) for letter in HEAD + b"x" * 40]),
        dripping(HEAD, *[b"x"] * 40),
        dripping(HEAD[:-2], *[b"X-Y: z\r\n"] * 40),
        dripping(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", *[b"1\r\nx\r\n"] * 40),
        dripping(*[b"HTTP/1.1 100 Continue\r\n\r\n"] * 40),
    ],
    ids=["silent", "head", "body", "headers", "chunks", "continue"],
)
def test_all_of_it_is_over_in_time(other, hurry, answer):
    other.answer = answer
    assert words_of(other) == "It did not answer within 0.5 seconds."


def test_a_host_that_reads_slowly_is_left_in_time(other, hurry, monkeypatch):
    monkeypatch.setattr(door, "MOST_SENT", 64 * 1024 * 1024)
    monkeypatch.setattr("tests.mail.outbound.hosts._read", lambda own: time.sleep(2))
    assert words_of(other, b"x" * 32 * 1024 * 1024) == "It did not answer within 0.5 seconds."


def test_name_servers_that_do_not_answer_are_left_in_time(other, hurry, monkeypatch):
    monkeypatch.setattr(guard, "resolver", lambda name, port: time.sleep(2) or [])
    assert words_of(other) == "The name servers did not answer about 127.0.0.1."


TOO_LONG = "Its answer is longer than 256 KB."


def test_what_is_just_small_enough_is_read(other):
    other.answer = lambda own: own.sendall(good(b"x" * door.MOST_READ))
    assert len(door.send(kinds.Request(other.url)).body) == door.MOST_READ


@pytest.mark.parametrize(
    "answer",
    [
        good(b"x" * (door.MOST_READ + 1)),
        b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * (door.MOST_READ + 1),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        + b"8000\r\n"
        + b"x" * 0x8000
        + b"\r\n" * 1
        + b"".join(b"8000\r\n" + b"x" * 0x8000 + b"\r\n" for _ in range(9))
        + b"0\r\n\r\n",
    ],
    ids=["length", "until it closes", "chunks"],
)
def test_what_is_longer_is_not_read(other, answer):
    other.answer = lambda own: own.sendall(answer)
    assert words_of(other) == TOO_LONG


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nha",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X-Y: z\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX-Y: " + b"z" * 70000 + b"\r\n\r\n",
    ],
)
def test_half_an_answer_is_none(other, answer):
    other.answer = lambda own: own.sendall(answer)
    assert words_of(other)


def test_a_request_that_is_too_long_is_not_sent(other):
    with pytest.raises(guard.Refused, match="more than 256 KB"):
        door.send(kinds.Request(other.url, body=b"x" * (door.MOST_SENT + 1)))
    assert other.heard == []


def test_nothing_can_start_another_header(other):
    with pytest.raises(ValueError, match="Invalid header value"):
        door.send(kinds.Request(other.url, headers={"X-A": "b\r\nX-C: d"}))
    door.send(kinds.Request(other.url + "a b\r\nX-C: d?ü"))
    assert [request.splitlines()[0] for request in other.heard] == [b"POST /a%20bX-C:%20d?%C3%BC HTTP/1.1"]


def test_who_is_not_there_is_said_so(other, settings):
    with pytest.raises(door.NoAnswer, match=r"It cannot be reached \(ConnectionRefusedError\)\."):
        door.send(kinds.Request("http://127.0.0.1:1/"))
